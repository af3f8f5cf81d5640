//! VAES and VPCLMULQDQ on 256 bits: two blocks a vector, 16 a stride.
//!
//! The vocabulary of `kernel.rs`, which has the implementation notes.

use core::arch::x86_64::*;

use super::block128::{self, RoundKeys, hidden, opaque};
use super::kernel::{fused_kernel, vocabulary};
use super::partial;
use super::powers::{Powers, products};
use super::strides::{Kept, whole_strides};
use super::two_rounds::{Table, WINDOW, WRAPPED, tables};
use crate::aead::{NONCE, Nonce, Span};
use crate::secret::Key;

type V = __m256i;
const LANES: usize = 2;

fused_kernel!("aes,pclmulqdq,avx2,vaes,vpclmulqdq", ymm_reg);

vocabulary! { "aes,pclmulqdq,avx2,vaes,vpclmulqdq":
    fn zero() -> V {
        _mm256_setzero_si256()
    }

    fn xor(a: V, b: V) -> V {
        _mm256_xor_si256(a, b)
    }

    fn add32(a: V, b: V) -> V {
        _mm256_add_epi32(a, b)
    }

    fn shuffle8(a: V, order: V) -> V {
        _mm256_shuffle_epi8(a, order)
    }

    fn swap_halves(a: V) -> V {
        _mm256_shuffle_epi32::<0x4e>(a)
    }

    fn low_halves(a: V, b: V) -> V {
        _mm256_unpacklo_epi64(a, b)
    }

    fn high_halves(a: V, b: V) -> V {
        _mm256_unpackhi_epi64(a, b)
    }

    fn aesenc(a: V, key: V) -> V {
        _mm256_aesenc_epi128(a, key)
    }

    fn aesenclast(a: V, key: V) -> V {
        _mm256_aesenclast_epi128(a, key)
    }

    fn clmul<const SELECT: i32>(a: V, b: V) -> V {
        _mm256_clmulepi64_epi128::<SELECT>(a, b)
    }

    fn broadcast(a: __m128i) -> V {
        _mm256_broadcastsi128_si256(a)
    }

    fn widen(a: __m128i) -> V {
        _mm256_zextsi128_si256(a)
    }

    fn fold(a: V) -> __m128i {
        _mm_xor_si128(_mm256_castsi256_si128(a), _mm256_extracti128_si256::<1>(a))
    }

    fn first_lane(a: V) -> V {
        _mm256_permute2x128_si256::<0>(a, a)
    }

    fn last_two(a: V) -> V {
        a
    }

    fn first_powers(h: __m128i) -> V {
        _mm256_set_m128i(h, block128::multiply(h, h))
    }

    fn counters(first: i32, step: i32) -> V {
        _mm256_set_epi32(first + step, 0, 0, 0, first, 0, 0, 0)
    }
}

/// # Safety
/// A vector of readable memory.
#[inline]
#[target_feature(enable = "avx")]
unsafe fn load(at: *const u8) -> V {
    // SAFETY: the caller's promise.
    unsafe { _mm256_loadu_si256(at.cast()) }
}

/// # Safety
/// A vector of writable memory.
#[inline]
#[target_feature(enable = "avx")]
unsafe fn store(at: *mut u8, a: V) {
    // SAFETY: the caller's promise.
    unsafe { _mm256_storeu_si256(at.cast(), a) }
}

/// The bytes that are there, then zeros.
///
/// # Safety
/// `len` readable bytes, less than a vector.
#[inline]
#[target_feature(enable = "avx")]
unsafe fn load_part(at: *const u8, len: usize) -> V {
    // SAFETY: the caller's promise; the result has a vector's size.
    unsafe { load(partial::read::<WIDTH>(at, len).as_ptr()) }
}

/// Writes the first `len` bytes, and returns them with zeros behind.
///
/// # Safety
/// `len` writable bytes, less than a vector.
#[inline]
#[target_feature(enable = "avx")]
unsafe fn store_part(at: *mut u8, len: usize, a: V) -> V {
    let mut bytes = [0; WIDTH];
    // SAFETY: the caller's promise; `bytes` has a vector's size.
    unsafe {
        store(bytes.as_mut_ptr(), a);
        load(partial::write(at, len, &bytes).as_ptr())
    }
}
