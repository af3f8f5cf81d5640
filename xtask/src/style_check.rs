//! Lines of at most 100 columns, files of a readable length, and file names that are unique in the
//! tree.

use crate::Findings;
use crate::tree::{self, File};
use std::collections::BTreeMap;
use std::error::Error;

const COLUMNS: usize = 100;
/// Longer files of the library are named, but fail nothing: about 300 lines is the aim.
const LONG_FILE: usize = 400;
/// Names that a directory gives its meaning to.
const COMMON_NAMES: [&str; 6] =
    ["lib.rs", "main.rs", "mod.rs", "main.c", "__init__.py", "conftest.py"];

pub fn run() -> Result<Findings, Box<dyn Error>> {
    let files = tree::files("", &["rs", "c", "h", "py", "sh"])?;
    for file in files.iter().filter(|file| is_library(&file.path)) {
        let lines = file.text.lines().count();
        if lines > LONG_FILE {
            println!("style: note: {} has {lines} lines", file.path);
        }
    }
    Ok(findings(&files))
}

fn is_library(path: &str) -> bool {
    path.starts_with("core/src/") || path.starts_with("ffi/src/")
}

fn findings(files: &[File]) -> Findings {
    let mut found = Findings::new();
    let mut names: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for file in files {
        for (n, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > COLUMNS {
                found.push(format!("{}:{}: {columns} columns", file.path, n + 1));
            }
        }
        if !COMMON_NAMES.contains(&file.name()) {
            names.entry((file.name(), file.extension())).or_default().push(&file.path);
        }
    }
    for ((name, _), paths) in names.iter().filter(|(_, paths)| paths.len() > 1) {
        found.push(format!("{name} is the name of {}", paths.join(" and ")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.into(), text: text.into() }
    }

    #[test]
    fn long_lines_and_twin_names_are_found() {
        let ok = "é".repeat(COLUMNS);
        let fine = [file("core/src/lib.rs", &ok), file("ffi/src/lib.rs", "")];
        assert_eq!(findings(&fine), Findings::new());
        assert_eq!(findings(&[file("a.rs", &"x".repeat(COLUMNS + 1))]).len(), 1);
        assert_eq!(findings(&[file("a/b.c", ""), file("c/b.c", "")]).len(), 1);
    }
}
