//! Every numbered rule of docs/FORMAT.md (`**[B1]**`) is named as `[B1]` by a test.
//!
//! Tests are what lies in tests/, the tests/ directories of the crates, and what stands below the
//! first `#[cfg(test)]` of a Rust file.

use crate::Findings;
use crate::tree::{self, File};
use std::collections::BTreeSet;
use std::error::Error;

pub fn run() -> Result<Findings, Box<dyn Error>> {
    let mut tests = tree::files("tests", &["rs", "c", "h", "py", "sh", "json", "txt"])?;
    for dir in ["core", "ffi"] {
        tests.extend(tree::files(dir, &["rs"])?.into_iter().map(test_part));
    }
    Ok(findings(&tree::read("docs/FORMAT.md")?, &tests))
}

fn test_part(mut file: File) -> File {
    if !file.path.contains("/tests/") && file.name() != "tests.rs" {
        let start = file.text.find("#[cfg(test)]").unwrap_or(file.text.len());
        file.text.drain(..start);
    }
    file
}

fn findings(format: &str, tests: &[File]) -> Findings {
    let rules = numbered(format);
    if rules.is_empty() {
        return vec!["docs/FORMAT.md has no numbered rule".into()];
    }
    rules
        .iter()
        .filter(|rule| !tests.iter().any(|file| file.text.contains(&format!("[{rule}]"))))
        .map(|rule| format!("[{rule}] of docs/FORMAT.md is named by no test"))
        .collect()
}

/// The identifiers between `**[` and `]**`.
fn numbered(format: &str) -> BTreeSet<String> {
    format
        .split("**[")
        .skip(1)
        .filter_map(|rest| rest.split_once("]**"))
        .map(|(rule, _)| rule.to_string())
        .filter(|rule| rule.len() < 8 && rule.ends_with(|c: char| c.is_ascii_digit()))
        .collect::<BTreeSet<_>>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_without_a_test_is_found() {
        let test = |text: &str| [File { path: "tests/a.py".into(), text: text.into() }];
        let format = "- **[B1]** MUST a\n- **[B2]** MUST b";
        assert_eq!(findings(format, &test("# [B1] and [B2]")), Findings::new());
        assert_eq!(findings(format, &test("# [B1] and B2, [B21]")).len(), 1);
        let file = File { path: "core/src/a.rs".into(), text: "[B1]\n#[cfg(test)]\n[B2]".into() };
        assert_eq!(
            findings(format, &[test_part(file)]),
            ["[B1] of docs/FORMAT.md is named by no test"]
        );
        assert_eq!(findings("no rules", &test("")).len(), 1);
    }
}
