//! VAES and VPCLMULQDQ on 512 bits: four blocks a vector, 32 a stride.
//!
//! The vocabulary of `kernel.rs`, which has the implementation notes.

use core::arch::x86_64::*;

use super::block128::{self, RoundKeys, hidden, opaque};
use super::kernel::{fused_kernel, vocabulary};
use super::powers::{Powers, products};
use super::strides::{Kept, whole_strides};
use super::two_rounds::{Table, WINDOW, WRAPPED, tables};
use crate::aead::{NONCE, Nonce, Span};
use crate::secret::Key;

type V = __m512i;
const LANES: usize = 4;

fused_kernel!("aes,pclmulqdq,avx2,avx512f,avx512bw,avx512vl,vaes,vpclmulqdq", zmm_reg);

vocabulary! { "aes,pclmulqdq,avx2,avx512f,avx512bw,avx512vl,vaes,vpclmulqdq":
    fn zero() -> V {
        _mm512_setzero_si512()
    }

    fn xor(a: V, b: V) -> V {
        _mm512_xor_si512(a, b)
    }

    fn add32(a: V, b: V) -> V {
        _mm512_add_epi32(a, b)
    }

    fn shuffle8(a: V, order: V) -> V {
        _mm512_shuffle_epi8(a, order)
    }

    fn swap_halves(a: V) -> V {
        _mm512_shuffle_epi32::<0x4e>(a)
    }

    fn low_halves(a: V, b: V) -> V {
        _mm512_unpacklo_epi64(a, b)
    }

    fn high_halves(a: V, b: V) -> V {
        _mm512_unpackhi_epi64(a, b)
    }

    fn aesenc(a: V, key: V) -> V {
        _mm512_aesenc_epi128(a, key)
    }

    fn aesenclast(a: V, key: V) -> V {
        _mm512_aesenclast_epi128(a, key)
    }

    fn clmul<const SELECT: i32>(a: V, b: V) -> V {
        _mm512_clmulepi64_epi128::<SELECT>(a, b)
    }

    fn broadcast(a: __m128i) -> V {
        _mm512_broadcast_i32x4(a)
    }

    fn widen(a: __m128i) -> V {
        _mm512_zextsi128_si512(a)
    }

    fn fold(a: V) -> __m128i {
        let a = _mm256_xor_si256(_mm512_castsi512_si256(a), _mm512_extracti64x4_epi64::<1>(a));
        _mm_xor_si128(_mm256_castsi256_si128(a), _mm256_extracti128_si256::<1>(a))
    }

    fn first_lane(a: V) -> V {
        _mm512_shuffle_i64x2::<0>(a, a)
    }

    fn last_two(a: V) -> V {
        _mm512_maskz_mov_epi64(0xf0, a)
    }

    fn first_powers(h: __m128i) -> V {
        let h2 = block128::multiply(h, h);
        let low = _mm256_set_m128i(h, h2);
        // H^2 · (H^2, H), in the lower half of a vector.
        let factors = _mm512_zextsi256_si512(_mm256_broadcastsi128_si256(h2));
        let high = multiply(_mm512_zextsi256_si512(low), factors, broadcast(block128::poly()));
        _mm512_inserti64x4::<1>(high, low)
    }

    fn counters(first: i32, step: i32) -> V {
        let [a, b, c, d] = [first, first + step, first + 2 * step, first + 3 * step];
        _mm512_set_epi32(d, 0, 0, 0, c, 0, 0, 0, b, 0, 0, 0, a, 0, 0, 0)
    }
}

/// # Safety
/// A vector of readable memory.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load(at: *const u8) -> V {
    // SAFETY: the caller's promise.
    unsafe { _mm512_loadu_si512(at.cast()) }
}

/// # Safety
/// A vector of writable memory.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn store(at: *mut u8, a: V) {
    // SAFETY: the caller's promise.
    unsafe { _mm512_storeu_si512(at.cast(), a) }
}

/// The bytes that are there, then zeros.
///
/// # Safety
/// `len` readable bytes, less than a vector.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
unsafe fn load_part(at: *const u8, len: usize) -> V {
    // SAFETY: the caller's promise; masked bytes are not touched.
    unsafe { _mm512_maskz_loadu_epi8(first_bytes_mask(len), at.cast()) }
}

/// Writes the first `len` bytes, and returns them with zeros behind.
///
/// # Safety
/// `len` writable bytes, less than a vector.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
unsafe fn store_part(at: *mut u8, len: usize, a: V) -> V {
    let mask = first_bytes_mask(len);
    // SAFETY: the caller's promise; masked bytes are not touched.
    unsafe { _mm512_mask_storeu_epi8(at.cast(), mask, a) };
    _mm512_maskz_mov_epi8(mask, a)
}

/// A bit for each of the first `len` bytes; `len` less than 64.
#[inline(always)]
fn first_bytes_mask(len: usize) -> __mmask64 {
    (1_u64 << (len & 63)) - 1
}
