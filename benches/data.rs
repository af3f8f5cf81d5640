//! What is sealed: a corpus of this machine's files, and random bytes.

use std::fs;
use std::path::Path;

pub const KIB: usize = 1 << 10;
pub const MIB: usize = 1 << 20;

/// Sizes of blocks: the usual range.
pub const SIZES: [usize; 4] = [4 * KIB, 64 * KIB, MIB, 4 * MIB];

/// Of each data set.
const TOTAL: usize = 64 * MIB;
/// Binaries and text take turns in extents of this size.
const EXTENT: usize = 128 * KIB;
/// Of one file, so that no file is most of the corpus.
const FILE_MAX: usize = 4 * MIB;

const BINARIES: [&str; 2] = ["/usr/bin", "/usr/lib"];
const TEXT: [&str; 2] = ["/usr/share", "/usr/include"];
/// Ends of names of files that are compressed already.
const PACKED: [&str; 8] = [".gz", ".xz", ".zst", ".bz2", ".zip", ".png", ".jpg", ".jar"];

/// One kind of bytes.
pub struct Data {
    pub name: &'static str,
    pub bytes: Vec<u8>,
}

impl Data {
    /// Files of /usr, in the order of their names: extents of binaries and of text by turns.
    /// Another machine has other files.
    pub fn corpus() -> Data {
        let (binaries, text) = (files(&BINARIES), files(&TEXT));
        let mut bytes = Vec::with_capacity(TOTAL);
        for (binary, text) in binaries.chunks_exact(EXTENT).zip(text.chunks_exact(EXTENT)) {
            bytes.extend_from_slice(binary);
            bytes.extend_from_slice(text);
        }
        assert!(bytes.len() >= 8 * MIB, "/usr holds too few files for a corpus");
        Data { name: "corpus", bytes }
    }

    /// Bytes that don't compress.
    pub fn random() -> Data {
        let mut bytes = vec![0; TOTAL];
        getrandom::fill(&mut bytes).unwrap();
        Data { name: "random", bytes }
    }
}

/// "64 KiB".
pub fn size_name(size: usize) -> String {
    if size < MIB { format!("{} KiB", size / KIB) } else { format!("{} MiB", size / MIB) }
}

/// Half of a data set, from the files below these directories.
fn files(directories: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    directories.iter().for_each(|directory| collect(Path::new(directory), &mut bytes));
    bytes.truncate(TOTAL / 2);
    bytes
}

fn collect(directory: &Path, bytes: &mut Vec<u8>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if bytes.len() >= TOTAL / 2 {
            return;
        } else if path.is_symlink() {
            continue;
        } else if path.is_dir() {
            collect(&path, bytes);
        } else if path.is_file() && !is_packed(&path) {
            let content = fs::read(&path).unwrap_or_default();
            bytes.extend_from_slice(&content[..content.len().min(FILE_MAX)]);
        }
    }
}

fn is_packed(path: &Path) -> bool {
    PACKED.iter().any(|end| path.to_string_lossy().ends_with(end))
}
