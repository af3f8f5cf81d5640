//! The stripes of `long.rs` word by word, for any processor, made for size.

use super::long::{self, PRIME32_1, STRIPES, Stripe};
use super::xxh3::word;
use crate::cpu::Cpu;

/// Adds stripes of a block, of which the first is number `number`.
pub fn add_stripes(_: Cpu, accumulators: &mut [u64; 8], stripes: &[Stripe], number: usize) {
    for (i, stripe) in stripes.iter().enumerate() {
        add(accumulators, stripe, long::key(number + i));
    }
}

/// Adds whole blocks, and scrambles after each.
pub fn add_blocks(cpu: Cpu, accumulators: &mut [u64; 8], blocks: &[[Stripe; STRIPES]]) {
    for block in blocks {
        add_stripes(cpu, accumulators, block, 0);
        scramble(cpu, accumulators);
    }
}

/// Adds the input's last stripe.
pub fn add_last(_: Cpu, accumulators: &mut [u64; 8], last: &Stripe) {
    add(accumulators, last, long::last_key());
}

/// Scrambles at a block's end.
pub fn scramble(_: Cpu, accumulators: &mut [u64; 8]) {
    for (i, to) in accumulators.iter_mut().enumerate() {
        *to = (*to ^ *to >> 47 ^ word(long::key(STRIPES), 8 * i)).wrapping_mul(PRIME32_1);
    }
}

#[inline(never)]
fn add(accumulators: &mut [u64; 8], stripe: &Stripe, key: &Stripe) {
    let mut words = [0; 8];
    for (i, to) in accumulators.iter_mut().enumerate() {
        let own = word(stripe, 8 * i);
        let keyed = own ^ word(key, 8 * i);
        *to = to.wrapping_add((keyed & 0xffff_ffff).wrapping_mul(keyed >> 32));
        // For the neighbour.
        words[(i ^ 1) & 7] = own;
    }
    accumulators.iter_mut().zip(words).for_each(|(to, word)| *to = to.wrapping_add(word));
}
