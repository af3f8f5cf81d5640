//! How everything here is measured: a watch, rounds, figures, and where they are left.
//!
//! Reading order: `clock`, `rounds`, `figures`. Knows nothing of what is measured.

#![allow(dead_code)] // each program uses a part

pub mod clock;
pub mod figures;
pub mod rounds;

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Whether this run only shows that everything works: few rounds, figures that mean nothing.
pub fn quick() -> bool {
    env::var_os("BENCH_QUICK").is_some_and(|value| !value.is_empty() && value != "0")
}

/// The tree's root; where the tree is not, as on a board that got the program alone, the current
/// directory.
pub fn root() -> PathBuf {
    let of_tree = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = of_tree.filter(|directory| directory.join("Cargo.lock").exists()).last();
    found.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where a run leaves its figures: `BENCH_DIR`, or below build.
pub fn directory() -> PathBuf {
    let usual = || root().join("build").join(if quick() { "bench-quick" } else { "bench" });
    let directory = env::var_os("BENCH_DIR").map_or_else(usual, PathBuf::from);
    fs::create_dir_all(&directory).expect("a directory for figures");
    directory
}

/// Whether cargo runs a test of this program instead of the bench; says so.
pub fn only_tested(name: &str) -> bool {
    let tested = !env::args().any(|argument| argument == "--bench");
    if tested {
        println!("{name}: measures under `cargo bench` only");
    }
    tested
}

/// The command line, without what cargo adds.
pub fn arguments() -> Vec<String> {
    env::args().skip(1).filter(|argument| argument != "--bench").collect()
}
