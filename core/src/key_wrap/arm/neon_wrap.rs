//! The kernel: a group of rows through RFC 3394, step by step, a vector a row.
//!
//! # Implementation notes
//! A step's AES block takes A and an R, and gives both anew: what it gives is stored where the R
//! was, and goes on as the A of the next step, for which only the upper half of each vector is
//! exchanged.
//!
//! AESE and AESD begin with the addition of a round key, and the last one of a block is left to be
//! added by hand (see `aead/arm/neon_block.rs`). It stays to be added between steps, as does the
//! number t of the step: the next step's first round key does all three. So all of a group is kept
//! with the last round key added once too often, or too seldom, which is the same.
//!
//! ```text
//! wrap    A | R = AES(A | R) ^ t            first round key: k0 ^ k14 ^ (t - 1)
//! unwrap  A | R = AES^-1((A ^ t) | R)       first round key: k14 ^ k0 ^ t
//! ```
//!
//! Each R is read and written in each step, and round keys are read in each round, through pointers
//! that LLVM knows nothing of: it would otherwise keep them in registers and spill them to the
//! stack, which nobody wipes.

use core::arch::aarch64::*;
use core::arch::asm;

use super::{Group, InverseKeys, RoundKeys};
use crate::aead::arm::neon_vector::{load, store, xor};
use crate::key_wrap::group::IV;

const BLOCK: usize = 16;

/// Wraps a group. RFC 3394 2.2.1, index based.
#[target_feature(enable = "aes")]
pub fn wrap<const ROWS: usize>(rounds: &RoundKeys, group: &mut Group<ROWS>) {
    run::<true, ROWS>(rounds, group);
}

/// Unwraps a group; the check is the caller's. RFC 3394 2.2.2, index based.
#[target_feature(enable = "aes")]
pub fn unwrap<const ROWS: usize>(rounds: &InverseKeys, group: &mut Group<ROWS>) {
    run::<false, ROWS>(&rounds.0, group);
}

/// Runs the 24 steps.
#[inline]
#[target_feature(enable = "aes")]
fn run<const WRAP: bool, const ROWS: usize>(rounds: &RoundKeys, group: &mut Group<ROWS>) {
    let mut keys = rounds.hidden();
    let mut blocks: *mut u8 = group.blocks.as_mut_ptr().cast();
    // SAFETY: in all of the function: there are 15 round keys, 4 · ROWS blocks, and ROWS checks.
    unsafe {
        let last = load(keys.add(BLOCK * 14));
        add_to_all(last, blocks, 4 * ROWS);
        let mut a = [xor(iv(), last); ROWS];
        if !WRAP {
            for (row, a) in a.iter_mut().enumerate() {
                *a = load(blocks.add(BLOCK * row));
            }
        }
        for passed in 0..24 {
            let t = if WRAP { passed + 1 } else { 24 - passed };
            let r = blocks.add((t - 1) % 4 * ROWS * BLOCK);
            for (row, a) in a.iter_mut().enumerate() {
                *a = exchange(*a, load(r.add(BLOCK * row)));
            }
            let ends = xor(load(keys), load(keys.add(BLOCK * 14)));
            let mut key = xor(ends, number(if WRAP { t - 1 } else { t }));
            for next in 1..14 {
                for a in &mut a {
                    *a = if WRAP {
                        vaesmcq_u8(vaeseq_u8(*a, key))
                    } else {
                        vaesimcq_u8(vaesdq_u8(*a, key))
                    };
                }
                key = load(keys.add(BLOCK * next));
            }
            for (row, a) in a.iter_mut().enumerate() {
                *a = if WRAP { vaeseq_u8(*a, key) } else { vaesdq_u8(*a, key) };
                store(r.add(BLOCK * row), *a);
            }
            keys = rounds.hidden();
            blocks = hidden(blocks);
        }
        // The number is A's alone: in the lower halves, of which the others are of no use.
        let last = xor(load(keys.add(BLOCK * 14)), number(if WRAP { 24 } else { 0 }));
        add_to_all(last, blocks, 4 * ROWS);
        if !WRAP {
            let checks: *mut u8 = group.checks.as_mut_ptr().cast();
            for (row, a) in a.iter().enumerate() {
                store(checks.add(BLOCK * row), xor(*a, last));
            }
        }
    }
}

/// Adds `key` to each of `count` blocks.
///
/// # Safety
/// They are there.
#[inline]
#[target_feature(enable = "aes")]
unsafe fn add_to_all(key: uint8x16_t, blocks: *mut u8, count: usize) {
    for i in 0..count {
        // SAFETY: the caller's promise.
        unsafe {
            let at = blocks.add(BLOCK * i);
            store(at, xor(load(at), key));
        }
    }
}

/// The lower half of one, the upper half of another.
#[inline]
#[target_feature(enable = "aes")]
fn exchange(lower: uint8x16_t, upper: uint8x16_t) -> uint8x16_t {
    let (lower, upper) = (vreinterpretq_u64_u8(lower), vreinterpretq_u64_u8(upper));
    vreinterpretq_u8_u64(vcopyq_laneq_u64::<1, 1>(lower, upper))
}

#[inline]
#[target_feature(enable = "aes")]
fn iv() -> uint8x16_t {
    vreinterpretq_u8_u64(vdupq_n_u64(u64::from_ne_bytes(IV)))
}

/// A step's number, to be added to A. RFC 3394 2.2.1: big-endian.
#[inline]
#[target_feature(enable = "aes")]
fn number(t: usize) -> uint8x16_t {
    vreinterpretq_u8_u64(vsetq_lane_u64::<0>((t as u64) << 56, vdupq_n_u64(0)))
}

/// The same memory, behind a pointer that the optimiser knows nothing of.
#[inline(always)]
fn hidden(mut at: *mut u8) -> *mut u8 {
    // SAFETY: no instruction.
    unsafe {
        asm!("/* {0} */", inout(reg) at, options(nostack, preserves_flags));
    }
    at
}
