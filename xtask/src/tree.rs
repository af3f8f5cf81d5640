//! The files of the source tree, as (path from the root, text).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One text file; `path` is relative to the root, with `/` between its parts.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// The workspace's root: the directory above this crate.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file below `dir` (from the root) whose extension is one of `extensions`, in a stable
/// order. Build output and hidden directories are left out; a directory that does not exist holds
/// no files.
pub fn files(dir: &str, extensions: &[&str]) -> io::Result<Vec<File>> {
    let mut found = Vec::new();
    collect(&root(), dir, extensions, &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// One file's text, by its path from the root.
pub fn read(path: &str) -> io::Result<String> {
    fs::read_to_string(root().join(path))
        .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))
}

fn collect(root: &Path, dir: &str, extensions: &[&str], found: &mut Vec<File>) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(root.join(dir)) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if dir.is_empty() { name.clone() } else { format!("{dir}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !name.starts_with('.')
                && !matches!(name.as_str(), "target" | "build" | "__pycache__")
            {
                collect(root, &path, extensions, found)?;
            }
        } else if kind.is_file() && extensions.iter().any(|e| name.ends_with(&format!(".{e}"))) {
            let text = read(&path)?;
            found.push(File { path, text });
        }
    }
    Ok(())
}
