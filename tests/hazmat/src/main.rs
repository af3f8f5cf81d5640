//! Published test vectors through build/hazmat/libcoffre_hazmat.so, on every AES engine.
//!
//! Usage: coffre-hazmat-tests LIBRARY   (scripts/run-tests.sh calls it)
//!
//! Read `hazmat_library.rs` (the calls), `tally.rs` (how cases are counted), then
//! `wycheproof_files.rs` and `known_answers.rs`. A table is printed and compared with the numbers
//! that stand beside each file, so that a file that runs no case fails.

mod hazmat_library;
mod known_answers;
mod tally;
mod wycheproof_files;

use std::process::ExitCode;

use hazmat_library::Library;
use tally::{Counts, Tally};

/// A file of cases, or a set of our own.
struct Set {
    name: &'static str,
    /// Whether it is run on every engine, or once.
    on_engines: bool,
    run: fn(&Library, i32, &mut Tally),
    /// What has to be counted.
    expected: Counts,
}

/// The numbers are those of crate wycheproof 0.7.0, counted apart from this program.
#[rustfmt::skip]
const SETS: [Set; 13] = [
    set("aes_gcm", true, wycheproof_files::aes_gcm, [316, 105, 47]),
    set("aes_wrap", true, wycheproof_files::aes_wrap, [165, 68, 64]),
    set("c2sp_chunked_aes_256_gcm", true, wycheproof_files::chunked, [35, 33, 23]),
    set("hmac_sha256", false, wycheproof_files::hmac, [174, 174, 108]),
    set("hkdf_sha256", false, wycheproof_files::hkdf, [86, 86, 3]),
    set("pbkdf2_hmacsha256", false, wycheproof_files::pbkdf2, [60, 60, 0]),
    set("ecdh_secp256r1", false, wycheproof_files::ecdh_spki, [612, 612, 282]),
    set("ecdh_secp256r1_ecpoint", false, wycheproof_files::ecdh_point, [355, 355, 25]),
    set("ecdsa_secp256r1_sha256", false, wycheproof_files::ecdsa, [484, 484, 310]),
    set("our blocks' frames", true, known_answers::frames, [29, 29, 20]),
    set("zstd limits", false, known_answers::frame_limits, [4, 4, 2]),
    set("HPKE, RFC 9180", false, known_answers::hpke, [1, 1, 0]),
    set("passwords", false, known_answers::passwords, [9, 9, 0]),
];

const fn set(
    name: &'static str,
    on_engines: bool,
    run: fn(&Library, i32, &mut Tally),
    [cases, run_cases, refused]: [usize; 3],
) -> Set {
    Set { name, on_engines, run, expected: Counts { cases, run: run_cases, refused } }
}

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: coffre-hazmat-tests LIBRARY");
        return ExitCode::from(2);
    };
    let library = match Library::load(&path) {
        Ok(library) => library,
        Err(message) => {
            eprintln!("{path}: {message}");
            return ExitCode::FAILURE;
        }
    };
    let engines = known_answers::engines(&library);
    println!("engines: {}", engines.join(", "));
    println!(
        "{:26} {:12} {:>5} {:>5} {:>6} {:>7}",
        "file", "engine", "cases", "run", "passed", "refused"
    );
    let (mut passed, mut failed) = (0, 0);
    for set in SETS {
        let numbers = if set.on_engines { 0..engines.len() } else { 0..1 };
        for number in numbers {
            let mut tally = Tally::default();
            // Where the engine is no matter, the interface's own choice is taken.
            let (engine, name) =
                if set.on_engines { (number as i32, &engines[number][..]) } else { (-1, "-") };
            (set.run)(&library, engine, &mut tally);
            tally.print(set.name, name);
            passed += tally.passed;
            failed += tally.failures(&set.expected);
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 && !engines.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
