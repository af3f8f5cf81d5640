//! GHASH (SP 800-38D 6.4) by integer multiplication with holes.
//!
//! # Implementation notes
//! If only every fourth bit of two numbers is set, no more than 15 products meet in one place of
//! their integer product, and no carry reaches the next place that counts: under a mask it is the
//! carry-less product. Sixteen such multiplications give all of it. The idea is BearSSL's
//! (ghash_ctmul64, ghash_ctmul32; bearssl.org/constanttime.html#ghash-for-gcm). The 64-bit form
//! here takes both halves of each product from one multiplication, and so needs half as many. With
//! 16 bits in a number 16 products could meet: the upper four of one factor go another way.
//!
//! Processors whose multiplication takes longer for some numbers than for others are not
//! constant-time here. The 32-bit form takes the lower half of products only, which is safe on more
//! of them (Cortex-M3).
//!
//! A block is one number, its first byte the highest, so that bit 127 is the coefficient of x^0. A
//! product is then reversed as well, and one bit short: it moves up by one before it is reduced by
//! x^128 + x^7 + x^2 + x + 1.

use zeroize::Zeroize;

/// A running hash; wiped on drop.
pub struct Ghash {
    h: u128,
    y: u128,
}

impl Ghash {
    pub fn new(h: &[u8; 16]) -> Self {
        Ghash { h: u128::from_be_bytes(*h), y: 0 }
    }

    /// Absorbs `bytes`, zero-padded to whole blocks.
    pub fn update_padded(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<16>();
        for block in blocks {
            self.absorb(u128::from_be_bytes(*block));
        }
        if !rest.is_empty() {
            let mut block = [0; 16];
            block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.absorb(u128::from_be_bytes(block));
        }
    }

    /// Absorbs the lengths of two strings, in bytes, and ends.
    pub fn finish(mut self, first: usize, second: usize) -> [u8; 16] {
        self.absorb((first as u128) << 67 | (second as u128) << 3);
        self.y.to_be_bytes()
    }

    #[inline(always)]
    fn absorb(&mut self, block: u128) {
        self.y = multiply(self.y ^ block, self.h);
    }
}

impl Drop for Ghash {
    fn drop(&mut self) {
        self.h.zeroize();
        self.y.zeroize();
    }
}

/// A product in GHASH's field: Karatsuba's three products, then the reduction.
#[inline(always)]
fn multiply(x: u128, h: u128) -> u128 {
    let (x1, x0) = ((x >> 64) as u64, x as u64);
    let (h1, h0) = ((h >> 64) as u64, h as u64);
    let (low, high) = (carryless(x0, h0), carryless(x1, h1));
    let middle = carryless(x0 ^ x1, h0 ^ h1) ^ low ^ high;
    let (low, high) = (low ^ middle << 64, high ^ middle >> 64);
    let (low, high) = (low << 1, high << 1 | low >> 127);
    // What the lower half stands for is beyond x^127. Its own lower half reaches into it again.
    let low = low ^ low << 127 ^ low << 126 ^ low << 121;
    high ^ low ^ low >> 1 ^ low >> 2 ^ low >> 7
}

#[cfg(not(target_pointer_width = "64"))]
use narrow_carryless as carryless;
#[cfg(target_pointer_width = "64")]
use wide_carryless as carryless;

/// For processors that multiply 64 bits to 128.
#[allow(dead_code)] // where `narrow_carryless` is used
#[inline(always)]
fn wide_carryless(x: u64, y: u64) -> u128 {
    const HOLES: u64 = 0x1111_1111_1111_1111;
    const WIDE: u128 = u128::MAX / 15;
    let x_parts: [u128; 4] =
        core::array::from_fn(|i| (x & 0x0fff_ffff_ffff_ffff & HOLES << i).into());
    let y_parts: [u128; 4] = core::array::from_fn(|i| (y & HOLES << i).into());
    let mut sum = 0;
    for place in 0..4 {
        // Bits i and j of a hole meet at i + j, modulo the hole's size.
        let products = (0..4).fold(0, |sum, i| sum ^ (x_parts[i] * y_parts[(4 + place - i) % 4]));
        sum |= products & WIDE << place;
    }
    for bit in 60..64 {
        let mask = (x >> bit & 1).wrapping_neg();
        sum ^= u128::from(y & mask) << bit;
    }
    sum
}

/// For processors that multiply 32 bits.
#[allow(dead_code)] // where `wide_carryless` is used
#[inline(always)]
fn narrow_carryless(x: u64, y: u64) -> u128 {
    let (x1, x0) = ((x >> 32) as u32, x as u32);
    let (y1, y0) = ((y >> 32) as u32, y as u32);
    let (low, high) = (carryless32(x0, y0), carryless32(x1, y1));
    let middle = carryless32(x0 ^ x1, y0 ^ y1) ^ low ^ high;
    u128::from(low) ^ u128::from(middle) << 32 ^ u128::from(high) << 64
}

/// The upper half is the lower half of the reversed numbers' product, reversed.
#[inline(always)]
fn carryless32(x: u32, y: u32) -> u64 {
    let high = lower_half(x.reverse_bits(), y.reverse_bits()).reverse_bits();
    u64::from(high) << 31 | u64::from(lower_half(x, y))
}

/// At most eight products meet in one place.
#[inline(always)]
fn lower_half(x: u32, y: u32) -> u32 {
    const HOLES: u32 = 0x1111_1111;
    let x_parts: [u32; 4] = core::array::from_fn(|i| x & HOLES << i);
    let y_parts: [u32; 4] = core::array::from_fn(|i| y & HOLES << i);
    (0..4).fold(0, |sum, place| {
        let products =
            (0..4).fold(0, |sum, i| sum ^ x_parts[i].wrapping_mul(y_parts[(4 + place - i) % 4]));
        sum | products & HOLES << place
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both forms against the definition, also where most products meet.
    #[test]
    fn carryless_products() {
        let mut numbers = std::vec![0, 1, u64::MAX, 1 << 63, 0x1111_1111_1111_1111];
        let mut state = 1_u64;
        for _ in 0..200 {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            numbers.push(state ^ state >> 29);
        }
        for &x in &numbers {
            for &y in &numbers {
                let defined = (0..64)
                    .fold(0, |sum, bit| sum ^ ((u128::from(x) << bit) * u128::from(y >> bit & 1)));
                assert_eq!(wide_carryless(x, y), defined, "{x:x} {y:x}");
                assert_eq!(narrow_carryless(x, y), defined, "{x:x} {y:x}");
            }
        }
    }
}
