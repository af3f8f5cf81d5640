//! Every error code of the header is provoked by a C test: it stands first in an `EXPECT...(` of
//! tests/c.

use crate::Findings;
use crate::tree::{self, File};
use std::collections::BTreeSet;
use std::error::Error;

pub fn run() -> Result<Findings, Box<dyn Error>> {
    let header = tree::read("include/coffre.h")?;
    Ok(findings(&header, &tree::files("tests/c", &["c"])?))
}

fn findings(header: &str, tests: &[File]) -> Findings {
    let codes = defined(header);
    if codes.is_empty() {
        return vec!["include/coffre.h defines no COFFRE_ERR_*".into()];
    }
    let tested: BTreeSet<String> =
        tests.iter().flat_map(|file| expected(&without_comments(&file.text))).collect();
    codes
        .iter()
        .filter(|code| !tested.contains(*code))
        .map(|code| format!("{code} is provoked by no EXPECT({code}, ...) in tests/c"))
        .collect()
}

/// The names in `#define COFFRE_ERR_X` and in enumerators `COFFRE_ERR_X =`.
fn defined(header: &str) -> BTreeSet<String> {
    without_comments(header)
        .lines()
        .filter_map(|line| {
            let line = line.trim();
            let name = line.strip_prefix("#define ").unwrap_or(line).trim_start();
            let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
            let constant =
                line.starts_with("#define ") || name[end..].trim_start().starts_with('=');
            (constant && name.starts_with("COFFRE_ERR_")).then(|| name[..end].to_string())
        })
        .collect()
}

/// The first argument of each call whose name begins with EXPECT.
fn expected(code: &str) -> Vec<String> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices("EXPECT")
        .filter(|(at, _)| !code[..*at].ends_with(word))
        .filter_map(|(at, _)| {
            let arguments = code[at..].trim_start_matches(word).trim_start().strip_prefix('(')?;
            let name = arguments.trim_start();
            Some(name[..name.find(|c| !word(c)).unwrap_or(name.len())].to_string())
        })
        .collect()
}

/// C source without its comments.
fn without_comments(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find('/') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let end = match tail.as_bytes().get(1) {
            Some(b'/') => tail.find('\n').unwrap_or(tail.len()),
            Some(b'*') => tail[2..].find("*/").map_or(tail.len(), |n| n + 4),
            _ => {
                out.push('/');
                1
            }
        };
        rest = &tail[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "/* COFFRE_ERR_X = 1 */\n#define COFFRE_ERR_A -1\n#define COFFRE_ERR_B ((int32_t)-2)\n";

    fn check(test: &str) -> Findings {
        findings(HEADER, &[File { path: "tests/c/errors.c".into(), text: test.into() }])
    }

    #[test]
    fn provoked_codes_are_fine() {
        let test = "EXPECT(COFFRE_ERR_A, f());\nEXPECT_STATUS( COFFRE_ERR_B,\n g(1));";
        assert_eq!(check(test), Findings::new());
    }

    #[test]
    fn a_code_without_a_test_is_found() {
        for test in [
            "EXPECT(COFFRE_ERR_A, f());",
            "EXPECT(COFFRE_ERR_A, f()); // EXPECT(COFFRE_ERR_B, g());",
            "EXPECT(COFFRE_ERR_A, f()); /* EXPECT(COFFRE_ERR_B, g()); */",
            "EXPECT(COFFRE_ERR_A, f()); puts(\"COFFRE_ERR_B\"); NOEXPECT(COFFRE_ERR_B, 1);",
            "EXPECT(COFFRE_ERR_A, f()); EXPECT(COFFRE_ERR_B_MORE, f());",
        ] {
            assert_eq!(check(test).len(), 1, "{test}");
        }
        assert_eq!(findings("#define COFFRE_OK 0\n", &[]).len(), 1);
    }
}
