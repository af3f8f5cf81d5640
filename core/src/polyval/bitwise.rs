//! POLYVAL, and the multiplication in GHASH's field (SP 800-38D 6.3), bit by bit: without tables
//! and without multiplications, which some small processors do faster for some numbers than for
//! others.
//!
//! A block is one number, its first byte the highest, so that bit 127 is the coefficient of x^0.

use core::hint::black_box;

/// As [`super::of`]. RFC 8452 appendix A: GHASH of reversed blocks under a key that was reversed
/// and multiplied by x.
pub fn of(key: &[u8; 16], bytes: &[u8]) -> [u8; 16] {
    let key = times_x(u128::from_le_bytes(*key));
    let sum = bytes.chunks(16).fold(0, |sum, part| {
        let mut block = [0; 16];
        block.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
        multiply(sum ^ u128::from_le_bytes(block), key)
    });
    sum.to_le_bytes()
}

/// A product in GHASH's field. SP 800-38D 6.3, algorithm 1.
#[inline(never)]
pub fn multiply(mut x: u128, mut y: u128) -> u128 {
    let mut product = 0;
    for _ in 0..128 {
        let mask = u128::from(all_if((x >> 127) as u32));
        product ^= y & (mask << 96 | mask << 64 | mask << 32 | mask);
        x <<= 1;
        y = times_x(y);
    }
    product
}

#[inline(always)]
fn times_x(y: u128) -> u128 {
    y >> 1 ^ u128::from(0xe100_0000 & all_if(y as u32 & 1)) << 96
}

/// All bits one for 1, zero for 0; the compiler may not know that, or it would branch.
#[inline(always)]
fn all_if(bit: u32) -> u32 {
    black_box(bit.wrapping_neg())
}
