//! What is sealed: a corpus of this machine's files, and random bytes.

#![allow(dead_code)] // each program uses a part

use std::fs;
use std::path::PathBuf;

use crate::measure;

pub const KIB: usize = 1 << 10;
pub const MIB: usize = 1 << 20;

/// Sizes of messages.
pub const MESSAGES: [usize; 5] = [256, 4 * KIB, 64 * KIB, MIB, 4 * MIB];
/// Sizes of blocks: the usual range.
pub const SIZES: [usize; 4] = [4 * KIB, 64 * KIB, MIB, 4 * MIB];

/// Of random bytes.
const RANDOM: usize = 32 * MIB;

/// One kind of bytes, and the file that has them.
pub struct Data {
    pub name: &'static str,
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

impl Data {
    /// What benches/corpus.py made; another machine has another corpus. `BENCH_CORPUS` names
    /// another file.
    pub fn corpus() -> Data {
        let made = || measure::root().join("build/corpus.bin");
        let path = std::env::var_os("BENCH_CORPUS").map_or_else(made, PathBuf::from);
        let bytes = fs::read(&path).expect("the corpus: benches/corpus.py build/corpus.bin");
        assert!(bytes.len() >= 8 * MIB, "the corpus is too small");
        Data { name: "corpus", path, bytes }
    }

    /// Bytes that don't compress.
    pub fn random() -> Data {
        let mut bytes = vec![0; RANDOM];
        getrandom::fill(&mut bytes).unwrap();
        let path = measure::directory().join("random.bin");
        fs::write(&path, &bytes).expect("a file of random bytes");
        Data { name: "random", path, bytes }
    }
}

/// "64 KiB".
pub fn size_name(size: usize) -> String {
    match size {
        MIB.. => format!("{} MiB", size / MIB),
        KIB.. => format!("{} KiB", size / KIB),
        _ => format!("{size} B"),
    }
}
