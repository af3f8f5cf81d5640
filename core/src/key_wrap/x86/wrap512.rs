//! VAES on 512 bits: four rows a vector.
//!
//! The vocabulary of `wrap_kernel.rs`, which has the implementation notes.

use core::arch::x86_64::*;

use super::wrap_kernel::wrap_kernel;
use super::{Group, IV, InverseKeys, RoundKeys, block128, opaque_memory};
use crate::aead::x86::vocabulary;

type V = __m512i;
const LANES: usize = 4;

wrap_kernel!("aes,avx2,vaes,avx512f");

vocabulary! { "aes,avx2,vaes,avx512f":
    fn xor(a: V, b: V) -> V {
        _mm512_xor_si512(a, b)
    }

    fn exchange(lower: V, upper: V) -> V {
        _mm512_mask_blend_epi64(0b1010_1010, lower, upper)
    }

    fn aesenc(a: V, key: V) -> V {
        _mm512_aesenc_epi128(a, key)
    }

    fn aesenclast(a: V, key: V) -> V {
        _mm512_aesenclast_epi128(a, key)
    }

    fn aesdec(a: V, key: V) -> V {
        _mm512_aesdec_epi128(a, key)
    }

    fn aesdeclast(a: V, key: V) -> V {
        _mm512_aesdeclast_epi128(a, key)
    }

    fn broadcast(a: __m128i) -> V {
        _mm512_broadcast_i32x4(a)
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
