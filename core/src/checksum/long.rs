//! XXH3-64 of more than 240 bytes (xxHash specification, "XXH3 algorithm for long inputs"), for any
//! width of vector; `stripes_x86.rs` has the vectors, `stripes_scalar.rs` does without.
//!
//! # Implementation notes
//! The input goes in stripes of 64 bytes, a word to each of eight accumulators; 16 stripes are a
//! block, after which the accumulators are scrambled. At least one byte is left for
//! [`Long::finish`], because whether a stripe is the last one shows only then.
//!
//! A stripe adds, for each of its words, the product of the keyed word's halves to the word's own
//! accumulator, and the word itself to the neighbour's. Sums can be made in any order: here those
//! of a block are made apart from the accumulators, and the words change their places once, when
//! they are summed. So blocks wait for each other only while they scramble.

use super::stripes;
use super::xxh3::{PRIME64_1, PRIME64_2, PRIME64_3, SECRET, avalanche, fold};
use crate::cpu::Cpu;

/// Bytes of a stripe.
pub const STRIPE: usize = 64;
/// Stripes of a block.
pub const STRIPES: usize = 16;

/// A stripe, or the key of one.
pub type Stripe = [u8; STRIPE];

/// The accumulators, and how many stripes of a block they took.
#[derive(Clone)]
pub struct Long {
    accumulators: [u64; 8],
    taken: usize,
    cpu: Cpu,
}

impl Long {
    /// Nothing absorbed; with the instructions of `cpu`.
    pub fn new(cpu: Cpu) -> Self {
        Long { accumulators: START, taken: 0, cpu }
    }

    /// Absorbs whole stripes; the input goes on behind them.
    pub fn absorb(&mut self, stripes: &[Stripe]) {
        let to_end = (STRIPES - self.taken) % STRIPES;
        let (begun, rest) = stripes.split_at(stripes.len().min(to_end));
        self.absorb_some(begun);
        let (blocks, rest) = rest.as_chunks();
        stripes::add_blocks(self.cpu, &mut self.accumulators, blocks);
        self.absorb_some(rest);
    }

    /// Absorbs stripes up to the end of a block.
    fn absorb_some(&mut self, stripes: &[Stripe]) {
        stripes::add_stripes(self.cpu, &mut self.accumulators, stripes, self.taken);
        self.taken += stripes.len();
        if self.taken == STRIPES {
            stripes::scramble(self.cpu, &mut self.accumulators);
            self.taken = 0;
        }
    }

    /// The hash of `len` bytes, of which `rest` was not absorbed; `last` is the last stripe,
    /// absorbed or not.
    pub fn finish(&self, rest: &[u8], last: &Stripe, len: u64) -> u64 {
        let mut end = self.clone();
        let whole = rest.len().saturating_sub(1) / STRIPE;
        end.absorb(rest.as_chunks().0.get(..whole).unwrap_or_default());
        stripes::add_last(self.cpu, &mut end.accumulators, last);
        merge(&end.accumulators, len)
    }
}

/// The key of stripe `i` of a block; the scrambler's is the one behind the last.
#[inline(always)]
pub fn key(i: usize) -> &'static Stripe {
    key_at(8 * i)
}

/// The key of the input's last stripe.
#[inline(always)]
pub fn last_key() -> &'static Stripe {
    key_at(8 * STRIPES - 7)
}

/// A key begins at any byte of the secret, up to the scrambler's.
#[inline(always)]
fn key_at(at: usize) -> &'static Stripe {
    SECRET.get(at..).and_then(|rest| rest.first_chunk()).unwrap_or(&[0; STRIPE])
}

fn merge(accumulators: &[u64; 8], len: u64) -> u64 {
    let (pairs, _) = accumulators.as_chunks::<2>();
    let (keys, _) = key_at(11).as_chunks::<8>();
    let (keys, _) = keys.as_chunks::<2>();
    let mut sum = len.wrapping_mul(PRIME64_1);
    for ([a, b], [key_a, key_b]) in pairs.iter().zip(keys) {
        let (a, b) = (a ^ u64::from_le_bytes(*key_a), b ^ u64::from_le_bytes(*key_b));
        sum = sum.wrapping_add(fold(a, b));
    }
    avalanche(sum)
}

/// What scrambling multiplies by.
pub const PRIME32_1: u64 = 0x9e37_79b1;
const PRIME32_2: u64 = 0x85eb_ca77;
const PRIME32_3: u64 = 0xc2b2_ae3d;
const PRIME64_4: u64 = 0x85eb_ca77_c2b2_ae63;
const PRIME64_5: u64 = 0x27d4_eb2f_1656_67c5;

const START: [u64; 8] =
    [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1];
