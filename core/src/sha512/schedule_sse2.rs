//! SHA-512's message schedule on x86-64, two words in a register: SSE2, which all of them have.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use zeroize::Zeroize;

use super::{BLOCK, WORDS};

/// Pairs of words in a block.
const PAIRS: usize = WORDS / 2;

/// Sixteen words of the schedule, the first of a pair in the lower half.
pub struct Schedule([__m128i; PAIRS]);

impl Schedule {
    /// The words of a block.
    #[inline(always)]
    pub fn of(block: &[u8; BLOCK]) -> Self {
        let (words, _) = block.as_chunks::<8>();
        let mut schedule = Schedule([pair([0; 2]); PAIRS]);
        for (to, [a, b]) in schedule.0.iter_mut().zip(words.as_chunks().0) {
            *to = pair([u64::from_be_bytes(*a), u64::from_be_bytes(*b)]);
        }
        schedule
    }

    /// The next sixteen words. FIPS 180-4 6.4.2 step 1.
    #[inline(always)]
    pub fn step(&mut self) {
        // SAFETY: SSE2 is part of the target.
        unsafe { step(&mut self.0) }
    }

    /// The sums of words and constants.
    #[inline(always)]
    pub fn with(&self, keys: &[u64; WORDS]) -> [u64; WORDS] {
        let mut sums = [0; WORDS];
        let places = sums.as_chunks_mut().0.iter_mut();
        for ((place, words), keys) in places.zip(&self.0).zip(keys.as_chunks().0) {
            // SAFETY: SSE2 is part of the target.
            *place = unsafe { sum_of(*words, pair(*keys)) };
        }
        sums
    }

    /// Forgets the words.
    #[inline(always)]
    pub fn wipe(&mut self) {
        self.0.zeroize();
    }
}

#[inline(always)]
fn pair([low, high]: [u64; 2]) -> __m128i {
    // SAFETY: SSE2 is part of the target.
    unsafe { _mm_set_epi64x(high as i64, low as i64) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn sum_of(a: __m128i, b: __m128i) -> [u64; 2] {
    let sum = _mm_add_epi64(a, b);
    let high = _mm_unpackhi_epi64(sum, sum);
    [_mm_cvtsi128_si64(sum) as u64, _mm_cvtsi128_si64(high) as u64]
}

#[inline]
#[target_feature(enable = "sse2")]
fn step(words: &mut [__m128i; PAIRS]) {
    for t in 0..PAIRS {
        let a = between(words[t], words[(t + 1) % PAIRS]);
        let b = words[(t + 7) % PAIRS];
        let sigma_0 = xor(xor(rotate::<1, 63>(a), rotate::<8, 56>(a)), _mm_srli_epi64::<7>(a));
        let sigma_1 = xor(xor(rotate::<19, 45>(b), rotate::<61, 3>(b)), _mm_srli_epi64::<6>(b));
        let c = between(words[(t + 4) % PAIRS], words[(t + 5) % PAIRS]);
        words[t] = _mm_add_epi64(_mm_add_epi64(words[t], sigma_0), _mm_add_epi64(c, sigma_1));
    }
}

#[inline]
#[target_feature(enable = "sse2")]
fn xor(a: __m128i, b: __m128i) -> __m128i {
    _mm_xor_si128(a, b)
}

/// The upper word of one pair and the lower word of the next.
#[inline]
#[target_feature(enable = "sse2")]
fn between(a: __m128i, b: __m128i) -> __m128i {
    let (a, b) = (_mm_castsi128_pd(a), _mm_castsi128_pd(b));
    _mm_castpd_si128(_mm_shuffle_pd::<1>(a, b))
}

/// Both words, rotated to the right by `RIGHT`; `LEFT` is 64 - `RIGHT`.
#[inline]
#[target_feature(enable = "sse2")]
fn rotate<const RIGHT: i32, const LEFT: i32>(words: __m128i) -> __m128i {
    _mm_or_si128(_mm_srli_epi64::<RIGHT>(words), _mm_slli_epi64::<LEFT>(words))
}
