//! What surrounds a call's body: its status, and the stack that it leaves.

use coffre_core::error::Result;

use crate::c_status::{COFFRE_OK, coffre_status};

/// Runs a call's body and turns its result into a status.
pub fn status(body: impl FnOnce() -> Result<()>) -> coffre_status {
    match body() {
        Ok(()) => COFFRE_OK,
        Err(error) => error.code(),
    }
}

/// As [`status`], for calls that make, open, move or use keys: wipes the stack that the body used,
/// because a moved key leaves its bytes behind.
pub fn status_of_keys(body: impl FnOnce() -> Result<()>) -> coffre_status {
    let done = run(body);
    wipe_stack::<OF_KEYS>();
    done
}

/// As [`status_of_keys`], for calls that open a block piece by piece, which never do P-256: on a
/// small device the memory that is lent to them leaves little for the stack.
pub fn status_of_pieces(body: impl FnOnce() -> Result<()>) -> coffre_status {
    let done = run(body);
    wipe_stack::<OF_PIECES>();
    done
}

#[inline(never)]
fn run(body: impl FnOnce() -> Result<()>) -> coffre_status {
    status(body)
}

const OF_KEYS: usize = if cfg!(feature = "public-key") { below(8192) } else { OF_PIECES };
const OF_PIECES: usize = below(4096);

/// How much of the stack below its caller a body is taken to use; tests/c/stack_residue.c holds it
/// where there is an operating system, docs/FOOTPRINT.md has what bodies use elsewhere.
const fn below(narrow: usize) -> usize {
    if cfg!(feature = "os-random") {
        return 24 << 10;
    }
    // A little is the frames' between, within tests/stack_bounds.txt.
    if cfg!(target_pointer_width = "64") { narrow + 4096 - 256 } else { narrow - 224 }
}

#[inline(never)]
fn wipe_stack<const BYTES: usize>() {
    let mut area = [0u8; BYTES];
    // The compiler has to believe that somebody reads the zeroes.
    core::hint::black_box(&mut area);
}
