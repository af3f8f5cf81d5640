//! Registers of 128 bits for the portable engine's AES: SSE2, which every x86-64 has.

use core::arch::x86_64::*;
use core::ops::{BitAnd, BitXor};

use zeroize::Zeroize;

use crate::aead::portable::Row;

macro_rules! sse2 {
    ($call:expr) => {
        // SAFETY: SSE2 is part of the target: `aead/mod.rs` leaves this module out where it is not.
        unsafe { $call }
    };
}

/// 128 bits: a column is a dword, and has a bit of 32 blocks.
#[derive(Clone, Copy)]
pub struct Sse2Row(__m128i);

impl BitAnd for Sse2Row {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Sse2Row(sse2!(_mm_and_si128(self.0, other.0)))
    }
}

impl BitXor for Sse2Row {
    type Output = Self;
    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        Sse2Row(sse2!(_mm_xor_si128(self.0, other.0)))
    }
}

impl Zeroize for Sse2Row {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Row for Sse2Row {
    const BLOCKS: usize = 32;
    #[inline(always)]
    fn zero() -> Self {
        Sse2Row(sse2!(_mm_setzero_si128()))
    }
    #[inline(always)]
    fn columns(bytes: [u8; 4]) -> Self {
        let [a, b, c, d] = bytes.map(|byte| i32::from_ne_bytes([byte; 4]));
        Sse2Row(sse2!(_mm_set_epi32(d, c, b, a)))
    }
    #[inline(always)]
    fn last_column(bits: u32) -> Self {
        Sse2Row(sse2!(_mm_set_epi32(bits as i32, 0, 0, 0)))
    }
    #[inline(always)]
    fn bytes(self) -> [u8; 16] {
        let low = sse2!(_mm_cvtsi128_si64(self.0)) as u64;
        let high = sse2!(_mm_cvtsi128_si64(_mm_unpackhi_epi64(self.0, self.0))) as u64;
        (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
    }
    #[inline(always)]
    fn rotate(self, count: usize) -> Self {
        Sse2Row(match count % 4 {
            0 => self.0,
            1 => sse2!(_mm_shuffle_epi32::<0b00_11_10_01>(self.0)),
            2 => sse2!(_mm_shuffle_epi32::<0b01_00_11_10>(self.0)),
            _ => sse2!(_mm_shuffle_epi32::<0b10_01_00_11>(self.0)),
        })
    }
    #[inline(always)]
    fn up(self, distance: usize) -> Self {
        Sse2Row(sse2!(_mm_sll_epi64(self.0, _mm_cvtsi32_si128(distance as i32))))
    }
    #[inline(always)]
    fn down(self, distance: usize) -> Self {
        Sse2Row(sse2!(_mm_srl_epi64(self.0, _mm_cvtsi32_si128(distance as i32))))
    }
}
