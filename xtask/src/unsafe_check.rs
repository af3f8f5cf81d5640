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
const CORE_UNSAFE: [&str; 20] = [
    "core/src/aead/arm/",
    "core/src/aead/span.rs",
    "core/src/aead/x86/",
    "core/src/argon2id/argon2_block.rs",
    "core/src/checksum/stripes_x86.rs",
    "core/src/compress/no_compress.rs",
    "core/src/compress/no_decompress.rs",
    "core/src/compress/workspace.rs",
    "core/src/compress/zstd.rs",
    "core/src/compress/zstd_compress.rs",
    "core/src/compress/zstd_decompress.rs",
    "core/src/compress/zstd_pieces.rs",
    "core/src/compress/zstd_pieces_small.rs",
    "core/src/cpu.rs",
    "core/src/key_wrap/arm/",
    "core/src/key_wrap/x86/",
    "core/src/out.rs",
    "core/src/polyval/clmul_kernel.rs",
    "core/src/polyval/clmul_x86.rs",
    "core/src/sha512/schedule_sse2.rs",
];
const FFI_POINTERS: &str = "ffi/src/raw/";
/// What makes a slice of a pointer; the longer name contains the shorter.
const SLICE_MAKERS: [&str; 4] =
    ["from_raw_parts", "from_raw_parts_mut", "slice_from_raw_parts", "slice_from_raw_parts_mut"];

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
        let core_may = CORE_UNSAFE.iter().any(|listed| file.path.starts_with(listed));
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
                    && !file.path.starts_with(FFI_POINTERS) =>
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
    let item = &rest[..rest.find([';', '{']).unwrap_or(rest.len())];
    let mut words = words(item).map(|(_, word)| word).skip_while(|word| *word != "mod");
    words.nth(1).is_some_and(|name| {
        let (file, folder) = (format!("{dir}/{name}.rs"), format!("{dir}/{name}/"));
        CORE_UNSAFE.contains(&file.as_str()) || CORE_UNSAFE.contains(&folder.as_str())
    })
}

/// `unsafe fn(..)` and `unsafe extern "C" fn(..)` without a name are pointer types; what follows
/// `unsafe extern "C"` in braces are declarations, whose calls are unsafe in turn.
fn is_type(rest: &str) -> bool {
    let mut found = words(rest);
    let mut word = found.next();
    if word.is_some_and(|(_, w)| w == "extern") {
        if rest["extern".len()..].trim_start().starts_with('{') {
            return true;
        }
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
/// first lines are walked over. A comment that says "below" holds to the end of its block.
fn has_reason(text: &str, code: &str, offset: usize) -> bool {
    let lines: Vec<(&str, &str)> = text.lines().zip(code.lines()).collect();
    let own = line_of(code, offset) - 1;
    if is_reason(lines[own].0) {
        return true;
    }
    let mut same_statement = true;
    let mut indent = indent_of(lines[own].0);
    for &(raw, code) in lines[..own].iter().rev() {
        let (trimmed, code) = (raw.trim(), code.trim());
        if is_reason(trimmed) {
            let in_block = indent_of(raw) <= indent && trimmed.contains("below");
            if same_statement || in_block {
                return true;
            }
        }
        let attribute = code.starts_with("#[") || code.starts_with("#![");
        let ends_statement = code.ends_with([';', '{', '}', ',']);
        if trimmed.is_empty() || (!code.is_empty() && !attribute && ends_statement) {
            same_statement = false;
        }
        if !code.is_empty() {
            indent = indent.min(indent_of(raw));
        }
        if words(code).any(|(_, word)| word == "fn") && !same_statement {
            return false;
        }
    }
    false
}

fn is_reason(line: &str) -> bool {
    line.contains("SAFETY:") || line.contains("# Safety")
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Findings {
        findings(&[File { path: path.into(), text: text.into() }])
    }

    #[test]
    fn explained_unsafe_in_its_place_is_fine() {
        for (path, text) in [
            ("core/src/out.rs", "// SAFETY: n is in range\nlet a = unsafe { f() };"),
            (
                "core/src/aead/x86/a.rs",
                "/// # Safety\n/// needs AES-NI\n#[inline]\nunsafe fn f() {}",
            ),
            ("core/src/out.rs", "// SAFETY: as above\nlet a =\n    unsafe { f() };"),
            ("core/src/block.rs", "#![forbid(unsafe_code)]\n// unsafe\nlet s = \"unsafe\";"),
            ("ffi/src/block.rs", "#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn coffre_f() {}"),
            ("ffi/src/block.rs", "type Call = unsafe extern \"C\" fn(u8) -> i32;"),
            ("ffi/src/raw/a.rs", "// SAFETY: checked\nunsafe { from_raw_parts(p, n) }"),
        ] {
            assert_eq!(check(path, text), Findings::new(), "{path}: {text}");
        }
    }

    #[test]
    fn core_denies_unsafe() {
        assert!(denies_unsafe("#![no_std]\n#![deny(missing_docs, unsafe_code)]"));
        assert!(!denies_unsafe("#![no_std]\n#![deny(missing_docs)] // unsafe_code"));
        assert!(!denies_unsafe("#![warn(unsafe_code)]"));
    }

    #[test]
    fn misplaced_or_unexplained_unsafe_is_found() {
        for (path, text) in [
            ("core/src/block.rs", "// SAFETY: never here\nlet a = unsafe { f() };"),
            ("core/src/block.rs", "#![allow(unsafe_code)]"),
            ("core/src/lib.rs", "#[allow(unsafe_code)]\nmod block;\nmod out;"),
            ("core/src/out.rs", "let a = unsafe { f() };"),
            ("core/src/out.rs", "// SAFETY: for b\nlet b = 1;\nlet a = unsafe { f() };"),
            ("core/src/out.rs", "fn a() {\n // SAFETY: below\n}\nfn b() {\n unsafe { g() }\n}"),
            ("core/src/out.rs", "unsafe impl Send for A {}"),
            ("core/src/aead/x86/a.rs", "unsafe fn f() {}"),
            ("ffi/src/block.rs", "unsafe extern \"C\" fn inner() {}"),
            ("ffi/src/block.rs", "// SAFETY: no\nunsafe { core::slice::from_raw_parts_mut(p, n) }"),
        ] {
            assert_eq!(check(path, text).len(), 1, "{path}: {text}");
        }
    }
}
