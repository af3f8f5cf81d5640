//! The order of `mod` lines in core/src/lib.rs is the reading order: a file uses only modules above
//! its own.
//!
//! Submodules count as their parent. Test modules may use anything. A path `crate::Name` that goes
//! through a re-export is a finding too: it hides which module is meant.

use crate::Findings;
use crate::rust_text::{code, code_without_tests, line_of, words};
use crate::tree::{self, File};
use std::error::Error;

const SRC: &str = "core/src/";

pub fn run() -> Result<Findings, Box<dyn Error>> {
    Ok(findings(&tree::read("core/src/lib.rs")?, &tree::files("core/src", &["rs"])?))
}

fn findings(lib: &str, files: &[File]) -> Findings {
    let order = modules(lib);
    let place = |module: &str| order.iter().position(|name| name == module);
    let mut found = Findings::new();
    for file in files {
        let inner = file.path.strip_prefix(SRC).unwrap_or(&file.path);
        let own = inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs");
        if own == "lib" {
            continue;
        }
        let Some(own_place) = place(own) else {
            found.push(format!("{}: no `mod {own}` in core/src/lib.rs", file.path));
            continue;
        };
        // `super::` leaves the module only from a file that is a whole top-level module.
        let top_level = !inner.contains('/') || inner.ends_with("/mod.rs");
        let code = code_without_tests(&file.text);
        for (offset, used) in used_modules(&code, top_level) {
            let problem = match place(&used) {
                Some(used_place) if used_place <= own_place => continue,
                // An item of the file that an inline module of its own names.
                None if code[offset..].starts_with("super") => continue,
                Some(_) => "stands below it in lib.rs",
                None => "is no module of lib.rs: name the module it comes from",
            };
            let line = line_of(&code, offset);
            found.push(format!("{}:{line}: `{own}` uses `{used}`, which {problem}", file.path));
        }
    }
    found
}

/// The modules that lib.rs declares, in order.
fn modules(lib: &str) -> Vec<String> {
    let code = code(lib);
    let mut names = Vec::new();
    let mut previous = "";
    for (_, word) in words(&code) {
        if previous == "mod" {
            names.push(word.to_string());
        }
        previous = word;
    }
    names
}

/// The first segment of every path that starts at the crate's root, with its offset.
fn used_modules(code: &str, top_level: bool) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for (offset, word) in words(code) {
        let rooted = word == "crate" || (top_level && word == "super");
        if !rooted || code[..offset].ends_with('$') {
            continue;
        }
        let Some(rest) = code[offset + word.len()..].trim_start().strip_prefix("::") else {
            continue;
        };
        let rest = rest.trim_start();
        let names = if rest.starts_with('{') { group_heads(rest) } else { first_word(rest) };
        used.extend(names.into_iter().map(|name| (offset, name)));
    }
    used
}

fn first_word(text: &str) -> Vec<String> {
    words(text).next().map(|(_, word)| word.to_string()).into_iter().collect()
}

/// `{a, b::{c, d}, e}`: a, b, e.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => {
                depth += 1;
                if depth == 1 {
                    start = at + 1;
                }
            }
            '}' | ',' if depth == 1 => {
                heads.extend(first_word(&group[start..at]));
                if c == '}' {
                    return heads;
                }
                start = at + 1;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    heads
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "//! mod comment;\nmod bytes;\npub(crate) mod aead;\npub mod block;\n";

    fn check(path: &str, text: &str) -> Findings {
        findings(LIB, &[File { path: path.into(), text: text.into() }])
    }

    #[test]
    fn using_what_stands_above_is_fine() {
        assert_eq!(modules(LIB), ["bytes", "aead", "block"]);
        for text in [
            "use crate::bytes::Reader;",
            "use crate::{bytes::{Reader, Writer}, aead};",
            "// use crate::late;\nuse super::bytes;",
            "#[cfg(test)]\nmod tests { use crate::late::X; }",
            "mod label { use super::Label; }",
            "macro_rules! m { () => { $crate::block::f() } }",
        ] {
            assert_eq!(check("core/src/block.rs", text), Findings::new(), "{text}");
        }
        assert_eq!(check("core/src/aead/x86.rs", "use super::portable;"), Findings::new());
    }

    #[test]
    fn using_what_stands_below_is_found() {
        for (path, text) in [
            ("core/src/bytes.rs", "use crate::block::Block;"),
            ("core/src/bytes.rs", "fn f() { super::aead::g() }"),
            ("core/src/aead/x86.rs", "use crate::{bytes, block};"),
            ("core/src/block.rs", "use crate::Error;"),
            ("core/src/stray.rs", ""),
        ] {
            assert_eq!(check(path, text).len(), 1, "{path}: {text}");
        }
    }
}
