//! `include/coffre.h` and `include/coffre_hazmat.h`: made by cbindgen from ffi/ and its
//! configurations, committed, and compared.

use crate::{Findings, tree};
use std::error::Error;
use std::fs;

/// A header, and what it is made of.
struct Header {
    path: &'static str,
    /// cbindgen's configuration, in ffi/.
    config: &'static str,
    /// One module's files; the crate without those that say `cbindgen:ignore` if none is given.
    module: Option<&'static str>,
}

const HEADERS: [Header; 2] = [
    Header { path: "include/coffre.h", config: "cbindgen.toml", module: None },
    Header {
        path: "include/coffre_hazmat.h",
        config: "cbindgen_hazmat.toml",
        module: Some("src/hazmat/mod.rs"),
    },
];

/// Writes the headers that changed; no findings.
pub fn write() -> Result<Findings, Box<dyn Error>> {
    for header in HEADERS {
        let (path, generated) = (header.path, header.generate()?);
        if tree::read(path).ok().as_deref() != Some(&generated) {
            fs::create_dir_all(tree::root().join("include"))?;
            fs::write(tree::root().join(path), generated)?;
            println!("header: {path} written");
        }
    }
    Ok(Findings::new())
}

/// Compares the committed headers with fresh ones.
pub fn check() -> Result<Findings, Box<dyn Error>> {
    let mut found = Findings::new();
    for header in HEADERS {
        found.extend(difference(header.path, &tree::read(header.path)?, &header.generate()?));
    }
    Ok(found)
}

impl Header {
    fn generate(&self) -> Result<String, Box<dyn Error>> {
        let crate_dir = tree::root().join("ffi").canonicalize()?;
        let config = cbindgen::Config::from_file(crate_dir.join(self.config))?;
        let builder = cbindgen::Builder::new().with_config(config);
        let builder = match self.module {
            Some(module) => builder.with_src(crate_dir.join(module)),
            None => builder.with_crate(crate_dir),
        };
        let mut text = Vec::new();
        builder.generate()?.write(&mut text);
        Ok(tidy(&String::from_utf8(text)?))
    }
}

/// No blanks at a line's end and one newline at the file's.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// The first line in which the two differ.
fn difference(path: &str, committed: &str, generated: &str) -> Option<String> {
    if committed == generated {
        return None;
    }
    let (mut old, mut new) = (committed.lines(), generated.lines());
    for line in 1.. {
        let (was, is) = (old.next(), new.next());
        if was != is || was.is_none() {
            return Some(format!(
                "{path}:{line} is not what ffi/ gives; `make header` writes it\n  \
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
        let difference = |old, new| difference("coffre.h", old, new);
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
