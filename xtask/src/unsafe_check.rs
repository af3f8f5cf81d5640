//! Where `unsafe` may stand, and that each place says why it is sound.
//!
//! In core it stands in the files of [`CORE_UNSAFE`] alone. In ffi, C pointers become slices in
//! [`FFI_POINTERS`] alone. Every `unsafe` block, impl and function has a `// SAFETY:` comment, or a
//! `# Safety` chapter in its doc; the exported C functions are exempt, because their contract is
//! the header's.

use crate::Findings;
use crate::rust_text::{code, line_of, words};
use crate::tree::{self, File};
use std::error::Error;

/// Files, or directories with a `/` at the end.
const CORE_UNSAFE: [&str; 3] = [
    "core/src/aead/",
    "core/src/compress/zstd.rs",
    "core/src/out.rs",
];
const FFI_POINTERS: &str = "ffi/src/raw.rs";
/// What makes a slice of a pointer; the longer name contains the shorter.
const SLICE_MAKERS: [&str; 4] = [
    "from_raw_parts",
    "from_raw_parts_mut",
    "slice_from_raw_parts",
    "slice_from_raw_parts_mut",
];

pub fn run() -> Result<Findings, Box<dyn Error>> {
    let mut files = tree::files("core", &["rs"])?;
    files.extend(tree::files("ffi", &["rs"])?);
    let mut found = findings(&files);
    if !denies_unsafe(&code(&tree::read("core/src/lib.rs")?)) {
        found.push("core/src/lib.rs: no #![deny(unsafe_code)]".into());
    }
    Ok(found)
}

fn denies_unsafe(lib: &str) -> bool {
    lib.split("#![deny(").skip(1).any(|lints| {
        words(&lints[..lints.find(')').unwrap_or(0)]).any(|(_, lint)| lint == "unsafe_code")
    })
}

fn findings(files: &[File]) -> Findings {
    let mut found = Findings::new();
    for file in files {
        let code = code(&file.text);
        let in_core = file.path.starts_with("core/src/");
        let core_may = CORE_UNSAFE
            .iter()
            .any(|listed| file.path.starts_with(listed));
        for (offset, word) in words(&code) {
            let at = format!("{}:{}", file.path, line_of(&code, offset));
            let rest = code[offset + word.len()..].trim_start();
            match word {
                "unsafe_code"
                    if in_core
                        && !core_may
                        && !denied(&code[..offset])
                        && !for_listed_module(&file.path, rest) =>
                {
                    found.push(format!("{at}: unsafe_code may not be allowed in this file"));
                }
                "unsafe" if rest.starts_with('(') => {} // an attribute: #[unsafe(no_mangle)]
                "unsafe" => {
                    if in_core && !core_may {
                        found.push(format!("{at}: `unsafe` may not stand in this file"));
                    }
                    let needs_reason = !is_type(rest) && !is_export(&code[..offset]);
                    if needs_reason && !has_reason(&file.text, &code, offset) {
                        found.push(format!("{at}: `unsafe` without a `// SAFETY:` comment"));
                    }
                }
                _ if SLICE_MAKERS.contains(&word)
                    && file.path.starts_with("ffi/src/")
                    && file.path != FFI_POINTERS =>
                {
                    found.push(format!("{at}: `{word}` belongs into {FFI_POINTERS}"));
                }
                _ => {}
            }
        }
    }
    found
}

/// `deny(unsafe_code)` and `forbid(unsafe_code)` are welcome anywhere.
fn denied(before: &str) -> bool {
    before.ends_with("deny(") || before.ends_with("forbid(")
}

/// `#[allow(unsafe_code)] mod NAME;` is where a listed file gets its permission.
fn for_listed_module(path: &str, rest: &str) -> bool {
    let dir = path.rsplit_once('/').map_or("", |(dir, _)| dir);
    let mut words = words(rest)
        .map(|(_, word)| word)
        .skip_while(|word| *word != "mod");
    let item = &rest[..rest.find([';', '{']).unwrap_or(rest.len())];
    item.contains(" mod ")
        && words.nth(1).is_some_and(|name| {
            let (file, folder) = (format!("{dir}/{name}.rs"), format!("{dir}/{name}/"));
            CORE_UNSAFE.contains(&file.as_str()) || CORE_UNSAFE.contains(&folder.as_str())
        })
}

/// `unsafe fn(..)` and `unsafe extern "C" fn(..)` without a name are pointer types.
fn is_type(rest: &str) -> bool {
    let mut found = words(rest);
    let mut word = found.next();
    if word.is_some_and(|(_, w)| w == "extern") {
        word = found.next();
    }
    word.is_some_and(|(at, w)| w == "fn" && rest[at + 2..].trim_start().starts_with('('))
}

/// The item's attributes hold `no_mangle`: walk back to the end of the item before it.
fn is_export(before: &str) -> bool {
    let start = before.rfind(['}', ';', '{']).map_or(0, |at| at + 1);
    before[start..].contains("no_mangle")
}

/// A comment on the same line, or above the statement: comments, attributes and the statement's
/// first lines are walked over.
fn has_reason(text: &str, code: &str, offset: usize) -> bool {
    let is_reason = |line: &str| line.contains("SAFETY:") || line.contains("# Safety");
    let lines: Vec<(&str, &str)> = text.lines().zip(code.lines()).collect();
    let mut n = line_of(code, offset) - 1;
    if is_reason(lines[n].0) {
        return true;
    }
    while n > 0 {
        n -= 1;
        let (raw, code) = (lines[n].0.trim(), lines[n].1.trim());
        if is_reason(raw) {
            return true;
        }
        let attribute = code.starts_with("#[") || code.starts_with("#![");
        let ends_statement = code.ends_with([';', '{', '}', ',']);
        if raw.is_empty() || (!code.is_empty() && !attribute && ends_statement) {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Findings {
        findings(&[File {
            path: path.into(),
            text: text.into(),
        }])
    }

    #[test]
    fn explained_unsafe_in_its_place_is_fine() {
        for (path, text) in [
            (
                "core/src/out.rs",
                "// SAFETY: n is in range\nlet a = unsafe { f() };",
            ),
            (
                "core/src/aead/x86.rs",
                "/// # Safety\n/// needs AES-NI\n#[inline]\nunsafe fn f() {}",
            ),
            (
                "core/src/out.rs",
                "// SAFETY: as above\nlet a =\n    unsafe { f() };",
            ),
            (
                "core/src/block.rs",
                "#![forbid(unsafe_code)]\n// unsafe\nlet s = \"unsafe\";",
            ),
            (
                "ffi/src/block.rs",
                "#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn coffre_f() {}",
            ),
            (
                "ffi/src/block.rs",
                "type Call = unsafe extern \"C\" fn(u8) -> i32;",
            ),
            (
                "ffi/src/raw.rs",
                "// SAFETY: checked\nunsafe { from_raw_parts(p, n) }",
            ),
        ] {
            assert_eq!(check(path, text), Findings::new(), "{path}: {text}");
        }
    }

    #[test]
    fn core_denies_unsafe() {
        assert!(denies_unsafe(
            "#![no_std]\n#![deny(missing_docs, unsafe_code)]"
        ));
        assert!(!denies_unsafe(
            "#![no_std]\n#![deny(missing_docs)] // unsafe_code"
        ));
        assert!(!denies_unsafe("#![warn(unsafe_code)]"));
    }

    #[test]
    fn misplaced_or_unexplained_unsafe_is_found() {
        for (path, text) in [
            (
                "core/src/block.rs",
                "// SAFETY: never here\nlet a = unsafe { f() };",
            ),
            ("core/src/block.rs", "#![allow(unsafe_code)]"),
            (
                "core/src/lib.rs",
                "#[allow(unsafe_code)]\nmod block;\nmod out;",
            ),
            ("core/src/out.rs", "let a = unsafe { f() };"),
            (
                "core/src/out.rs",
                "// SAFETY: for b\nlet b = 1;\nlet a = unsafe { f() };",
            ),
            ("core/src/out.rs", "unsafe impl Send for A {}"),
            ("core/src/aead/x86.rs", "unsafe fn f() {}"),
            ("ffi/src/block.rs", "unsafe extern \"C\" fn inner() {}"),
            (
                "ffi/src/block.rs",
                "// SAFETY: no\nunsafe { core::slice::from_raw_parts_mut(p, n) }",
            ),
        ] {
            assert_eq!(check(path, text).len(), 1, "{path}: {text}");
        }
    }
}
