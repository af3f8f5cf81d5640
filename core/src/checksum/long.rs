//! XXH3-64 of more than 240 bytes (xxHash specification, "XXH3 algorithm for long inputs"), for any
//! width of vector; `stripes_x86.rs` has the vectors.
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

use super::stripes_x86 as x86;
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
        x86::add_blocks(self.cpu, &mut self.accumulators, blocks);
        self.absorb_some(rest);
    }

    /// Absorbs stripes up to the end of a block.
    fn absorb_some(&mut self, stripes: &[Stripe]) {
        x86::add_stripes(self.cpu, &mut self.accumulators, stripes, self.taken);
        self.taken += stripes.len();
        if self.taken == STRIPES {
            x86::scramble(self.cpu, &mut self.accumulators);
            self.taken = 0;
        }
    }

    /// The hash of `len` bytes, of which `rest` was not absorbed; `last` is the last stripe,
    /// absorbed or not.
    pub fn finish(&self, rest: &[u8], last: &Stripe, len: u64) -> u64 {
        let mut end = self.clone();
        let whole = rest.len().saturating_sub(1) / STRIPE;
        end.absorb(rest.as_chunks().0.get(..whole).unwrap_or_default());
        x86::add_last(self.cpu, &mut end.accumulators, last);
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
        let product = u128::from(a) * u128::from(b);
        sum = sum.wrapping_add(product as u64 ^ (product >> 64) as u64);
    }
    sum = (sum ^ (sum >> 37)).wrapping_mul(0x1656_6791_9e37_79f9);
    sum ^ (sum >> 32)
}

/// What scrambling multiplies by.
pub const PRIME32_1: u64 = 0x9e37_79b1;
const PRIME32_2: u64 = 0x85eb_ca77;
const PRIME32_3: u64 = 0xc2b2_ae3d;
const PRIME64_1: u64 = 0x9e37_79b1_85eb_ca87;
const PRIME64_2: u64 = 0xc2b2_ae3d_27d4_eb4f;
const PRIME64_3: u64 = 0x1656_67b1_9e37_79f9;
const PRIME64_4: u64 = 0x85eb_ca77_c2b2_ae63;
const PRIME64_5: u64 = 0x27d4_eb2f_1656_67c5;

const START: [u64; 8] =
    [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1];

/// The specification's default secret.
#[rustfmt::skip]
const SECRET: [u8; 192] = [
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
];
