//! The portable engine beside RustCrypto's constant-time software, in one process.
//!
//! `RUSTFLAGS='--cfg aes_backend="soft" --cfg polyval_backend="soft"' cargo bench -p
//! coffre-benches-soft`; `make bench` does it, in a target directory of its own. Built otherwise
//! RustCrypto would use the processor's instructions, so it refuses to measure.

#[path = "../parts/aead_part.rs"]
mod aead_part;
#[path = "../data.rs"]
mod data;
#[path = "../machine.rs"]
mod machine;
#[path = "../measure/mod.rs"]
mod measure;
#[path = "../os_random.rs"]
mod os_random;
#[path = "portable_sides.rs"]
mod sides;

use std::process::ExitCode;

use data::MESSAGES;
use measure::figures::Part;
use sides::coffre_side::{self, Gcm};
use sides::rustcrypto_side::RustCrypto;

fn main() -> ExitCode {
    if measure::only_tested("portable") {
        return ExitCode::SUCCESS;
    }
    if !cfg!(all(aes_backend = "soft", polyval_backend = "soft")) {
        eprintln!(r#"portable: RUSTFLAGS='--cfg aes_backend="soft" --cfg polyval_backend="soft"'"#);
        return ExitCode::FAILURE;
    }
    let mut part = Part::begin("portable");
    for size in MESSAGES {
        let portable = Gcm(coffre_side::portable_engine());
        let engines: Vec<aead_part::Named> = vec![("portable", Box::new(portable))];
        let peers: Vec<aead_part::Named> = vec![("rustcrypto", Box::new(RustCrypto))];
        aead_part::measure(&mut part, size, engines, peers);
    }
    part.save();
    ExitCode::SUCCESS
}
