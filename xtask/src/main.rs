//! The house's checks, run as `cargo run -p xtask -- NAME`.
//!
//! Read `rust_text.rs` first (source text without comments and strings), then the checks in any
//! order: each is a function from file texts to a list of findings, so that its unit test can show
//! it a bad sample. Nothing here is part of the library.

mod c_header;
mod errors_check;
mod layers_check;
mod musts_check;
mod rust_text;
mod style_check;
mod tree;
mod unsafe_check;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- NAME...
  header           writes include/coffre.h and include/coffre_hazmat.h from ffi/
  header --check   says whether they are what ffi/ gives
  layers           a file of core/src uses only modules declared above it in lib.rs
  unsafe           where `unsafe` may stand, and that each says why it is sound
  errors           every COFFRE_ERR_* is provoked by a test in tests/c
  musts            every numbered MUST of docs/FORMAT.md is named by a test
  style            line and file lengths, unique file names";

/// What a check returns: one line a finding, empty when all is well.
type Findings = Vec<String>;

fn main() -> ExitCode {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let check_only = names.iter().any(|name| name == "--check");
    names.retain(|name| name != "--check");
    if names.is_empty() {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    let mut failed = false;
    for name in &names {
        let result = match name.as_str() {
            "header" if check_only => c_header::check(),
            "header" => c_header::write(),
            "layers" => layers_check::run(),
            "unsafe" => unsafe_check::run(),
            "errors" => errors_check::run(),
            "musts" => musts_check::run(),
            "style" => style_check::run(),
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        };
        let findings = result.unwrap_or_else(|error| vec![error.to_string()]);
        for finding in &findings {
            println!("{name}: {finding}");
        }
        if findings.is_empty() {
            println!("{name}: ok");
        } else {
            println!("{name}: {} found", findings.len());
            failed = true;
        }
    }
    ExitCode::from(u8::from(failed))
}
