//! VAES on 256 bits: two rows a vector.
//!
//! The vocabulary of `wrap_kernel.rs`, which has the implementation notes.

use core::arch::x86_64::*;

use super::wrap_kernel::wrap_kernel;
use super::{Group, IV, InverseKeys, RoundKeys, block128, opaque_memory};
use crate::aead::x86::vocabulary;

type V = __m256i;
const LANES: usize = 2;

wrap_kernel!("aes,avx2,vaes");

vocabulary! { "aes,avx2,vaes":
    fn xor(a: V, b: V) -> V {
        _mm256_xor_si256(a, b)
    }

    fn exchange(lower: V, upper: V) -> V {
        _mm256_blend_epi32::<0b1100_1100>(lower, upper)
    }

    fn aesenc(a: V, key: V) -> V {
        _mm256_aesenc_epi128(a, key)
    }

    fn aesenclast(a: V, key: V) -> V {
        _mm256_aesenclast_epi128(a, key)
    }

    fn aesdec(a: V, key: V) -> V {
        _mm256_aesdec_epi128(a, key)
    }

    fn aesdeclast(a: V, key: V) -> V {
        _mm256_aesdeclast_epi128(a, key)
    }

    fn broadcast(a: __m128i) -> V {
        _mm256_broadcastsi128_si256(a)
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
