//! Writes tests/vectors/format: `cargo run -p coffre-core --example make_vectors -- DIRECTORY`.
//!
//! Everything random comes from a counter, so that the files are the same every time;
//! `core/tests/format_vectors.rs` holds them to it. The compressed ones depend on libzstd's
//! release, which the lock file pins.

#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "generate.rs"]
mod generate;

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let directory = PathBuf::from(std::env::args_os().nth(1).expect("a directory"));
    std::fs::create_dir_all(&directory)?;
    let vectors = generate::vectors();
    for vector in &vectors {
        std::fs::write(directory.join(format!("{}.json", vector.name)), vector.to_json())?;
    }
    std::fs::write(directory.join("README.md"), generate::readme(&vectors))?;
    println!("{} vectors", vectors.len());
    Ok(())
}
