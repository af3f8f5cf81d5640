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
    wipe_stack();
    done
}

#[inline(never)]
fn run(body: impl FnOnce() -> Result<()>) -> coffre_status {
    status(body)
}

/// How much of the stack below its caller a body is taken to use; tests/c/stack_residue.c holds it
/// where there is an operating system, docs/FOOTPRINT.md has what bodies use elsewhere.
const STACK: usize = if cfg!(feature = "os-random") {
    24 << 10
} else {
    let narrow = if cfg!(feature = "public-key") { 8192 } else { 4096 };
    // A little is the caller's, within tests/stack_bounds.txt.
    let wide = if cfg!(target_pointer_width = "64") { narrow + 4096 } else { narrow };
    wide - 256
};

#[inline(never)]
fn wipe_stack() {
    let mut area = [0u8; STACK];
    // The compiler has to believe that somebody reads the zeroes.
    core::hint::black_box(&mut area);
}
