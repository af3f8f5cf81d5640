//! AES-NI and PCLMULQDQ: one block a vector, eight a stride.
//!
//! The vocabulary of `kernel.rs`, which has the implementation notes. AVX is asked for, because its
//! three-operand forms save a third of the instructions.

use core::arch::x86_64::*;

use super::block128::{self, RoundKeys, hidden, load, opaque, store};
use super::kernel::{fused_kernel, vocabulary};
use super::partial;
use super::powers::{Powers, products};
use super::strides::{Kept, whole_strides};
use super::two_rounds::{Table, WINDOW, WRAPPED, tables};
use crate::aead::{NONCE, Nonce, Span};
use crate::secret::Key;

type V = __m128i;
const LANES: usize = 1;

fused_kernel!("aes,pclmulqdq,avx", xmm_reg);

vocabulary! { "aes,pclmulqdq,avx":
    fn zero() -> V {
        _mm_setzero_si128()
    }

    fn xor(a: V, b: V) -> V {
        _mm_xor_si128(a, b)
    }

    fn add32(a: V, b: V) -> V {
        _mm_add_epi32(a, b)
    }

    fn shuffle8(a: V, order: V) -> V {
        _mm_shuffle_epi8(a, order)
    }

    fn swap_halves(a: V) -> V {
        _mm_shuffle_epi32::<0x4e>(a)
    }

    fn low_halves(a: V, b: V) -> V {
        _mm_unpacklo_epi64(a, b)
    }

    fn high_halves(a: V, b: V) -> V {
        _mm_unpackhi_epi64(a, b)
    }

    fn aesenc(a: V, key: V) -> V {
        _mm_aesenc_si128(a, key)
    }

    fn aesenclast(a: V, key: V) -> V {
        _mm_aesenclast_si128(a, key)
    }

    fn clmul<const SELECT: i32>(a: V, b: V) -> V {
        _mm_clmulepi64_si128::<SELECT>(a, b)
    }

    fn broadcast(a: __m128i) -> V {
        a
    }

    fn widen(a: __m128i) -> V {
        a
    }

    fn fold(a: V) -> __m128i {
        a
    }

    fn first_lane(a: V) -> V {
        a
    }

    fn last_two(a: V) -> V {
        a
    }

    fn first_powers(h: __m128i) -> V {
        h
    }

    fn counters(first: i32, _step: i32) -> V {
        _mm_set_epi32(first, 0, 0, 0)
    }
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
