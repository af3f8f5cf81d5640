//! AES-NI: one row a vector. AVX is asked for, because its three-operand forms save instructions.
//!
//! The vocabulary of `wrap_kernel.rs`, which has the implementation notes.

use core::arch::x86_64::*;

use super::wrap_kernel::wrap_kernel;
use super::{Group, IV, InverseKeys, RoundKeys, block128, opaque_memory};
use crate::aead::x86::block128::{load, store};
use crate::aead::x86::vocabulary;

type V = __m128i;
const LANES: usize = 1;

wrap_kernel!("aes,avx");

vocabulary! { "aes,avx":
    fn xor(a: V, b: V) -> V {
        _mm_xor_si128(a, b)
    }

    fn exchange(lower: V, upper: V) -> V {
        _mm_blend_epi16::<0xf0>(lower, upper)
    }

    fn aesenc(a: V, key: V) -> V {
        _mm_aesenc_si128(a, key)
    }

    fn aesenclast(a: V, key: V) -> V {
        _mm_aesenclast_si128(a, key)
    }

    fn aesdec(a: V, key: V) -> V {
        _mm_aesdec_si128(a, key)
    }

    fn aesdeclast(a: V, key: V) -> V {
        _mm_aesdeclast_si128(a, key)
    }

    fn broadcast(a: __m128i) -> V {
        a
    }
}
