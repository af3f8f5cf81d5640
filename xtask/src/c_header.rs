//! `include/coffre.h`: made by cbindgen from ffi/ and ffi/cbindgen.toml, committed, and compared.

use crate::{Findings, tree};
use std::error::Error;
use std::fs;

const HEADER: &str = "include/coffre.h";

/// Writes the header when it changed; no findings.
pub fn write() -> Result<Findings, Box<dyn Error>> {
    let generated = generate()?;
    if tree::read(HEADER).ok().as_deref() != Some(&generated) {
        fs::create_dir_all(tree::root().join("include"))?;
        fs::write(tree::root().join(HEADER), generated)?;
        println!("header: {HEADER} written");
    }
    Ok(Findings::new())
}

/// Compares the committed header with a fresh one.
pub fn check() -> Result<Findings, Box<dyn Error>> {
    Ok(difference(&tree::read(HEADER)?, &generate()?).into_iter().collect())
}

fn generate() -> Result<String, Box<dyn Error>> {
    let crate_dir = tree::root().join("ffi").canonicalize()?;
    let config = cbindgen::Config::from_file(crate_dir.join("cbindgen.toml"))?;
    let mut text = Vec::new();
    cbindgen::Builder::new().with_crate(crate_dir).with_config(config).generate()?.write(&mut text);
    Ok(tidy(&String::from_utf8(text)?))
}

/// No blanks at a line's end and one newline at the file's.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// The first line in which the two differ.
fn difference(committed: &str, generated: &str) -> Option<String> {
    if committed == generated {
        return None;
    }
    let (mut old, mut new) = (committed.lines(), generated.lines());
    for line in 1.. {
        let (was, is) = (old.next(), new.next());
        if was != is || was.is_none() {
            return Some(format!(
                "{HEADER}:{line} is not what ffi/ gives; `make header` writes it\n  \
                 committed: {}\n  generated: {}",
                was.unwrap_or("(end)"),
                is.unwrap_or("(end)"),
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_header_is_found() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert!(difference("a\nb\n", "a\nc\n").is_some_and(|found| found.contains("coffre.h:2 ")));
        assert!(difference("a\n", "a\nc\n").is_some_and(|found| found.contains("(end)")));
        assert!(difference("a", "a\n").is_some());
    }

    #[test]
    fn tidy_ends_lines_and_file() {
        assert_eq!(tidy("\na  \n\nb\n\n"), "a\n\nb\n");
    }
}
