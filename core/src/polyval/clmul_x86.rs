//! Vectors of x86-64, and `clmul_kernel.rs` over each of them.
//!
//! All `unsafe` of POLYVAL is here and in the kernel's text. It rests on one promise: a [`Cpu`] has
//! the instructions that it says.

use crate::cpu::Cpu;

type Hash = fn(&[u8; 16], &[u8]) -> [u8; 16];

/// The widest that `cpu` runs.
pub fn hash(cpu: Cpu) -> Option<Hash> {
    // SAFETY: below: `Cpu`'s invariant.
    if cpu.has_vpclmul512() {
        Some(|key, bytes| unsafe { clmul512::hash(key, bytes) })
    } else if cpu.has_vpclmul256() {
        Some(|key, bytes| unsafe { clmul256::hash(key, bytes) })
    } else if cpu.has_clmul() {
        Some(|key, bytes| unsafe { clmul128::hash(key, bytes) })
    } else {
        None
    }
}

/// Gives small functions the attributes that let LLVM make one instruction of them.
macro_rules! vocabulary {
    ($features:literal: $(fn $name:ident $(<const $c:ident: $k:ty>)?
        ($($arg:ident: $t:ty),*) -> $r:ty $body:block)*) => {
        $(
            #[inline]
            #[target_feature(enable = $features)]
            fn $name$(<const $c: $k>)?($($arg: $t),*) -> $r $body
        )*
    };
}

mod clmul512 {
    use core::arch::x86_64::*;
    use zeroize::{Zeroize, Zeroizing};

    type V = __m512i;
    const LANES: usize = 4;

    super::super::clmul_kernel::polyval_kernel!("avx2,avx512f,pclmulqdq,vpclmulqdq");

    vocabulary! { "avx2,avx512f,pclmulqdq,vpclmulqdq":
        fn zero() -> V {
            _mm512_setzero_si512()
        }

        fn xor(a: V, b: V) -> V {
            _mm512_xor_si512(a, b)
        }

        fn xor3(a: V, b: V, c: V) -> V {
            _mm512_ternarylogic_epi64::<0x96>(a, b, c)
        }

        fn swap_halves(a: V) -> V {
            _mm512_shuffle_epi32::<0x4e>(a)
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
            let a = _mm256_xor_si256(
                _mm512_castsi512_si256(a),
                _mm512_extracti64x4_epi64::<1>(a),
            );
            _mm_xor_si128(_mm256_castsi256_si128(a), _mm256_extracti128_si256::<1>(a))
        }
    }

    /// # Safety
    /// A vector of readable memory.
    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn load_at(at: *const u8) -> V {
        // SAFETY: the caller's promise.
        unsafe { _mm512_loadu_si512(at.cast()) }
    }
}

mod clmul256 {
    use core::arch::x86_64::*;
    use zeroize::{Zeroize, Zeroizing};

    type V = __m256i;
    const LANES: usize = 2;

    super::super::clmul_kernel::polyval_kernel!("avx2,pclmulqdq,vpclmulqdq");

    vocabulary! { "avx2,pclmulqdq,vpclmulqdq":
        fn zero() -> V {
            _mm256_setzero_si256()
        }

        fn xor(a: V, b: V) -> V {
            _mm256_xor_si256(a, b)
        }

        fn xor3(a: V, b: V, c: V) -> V {
            xor(xor(a, b), c)
        }

        fn swap_halves(a: V) -> V {
            _mm256_shuffle_epi32::<0x4e>(a)
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
    }

    /// # Safety
    /// A vector of readable memory.
    #[inline]
    #[target_feature(enable = "avx")]
    unsafe fn load_at(at: *const u8) -> V {
        // SAFETY: the caller's promise.
        unsafe { _mm256_loadu_si256(at.cast()) }
    }
}

mod clmul128 {
    use core::arch::x86_64::*;
    use zeroize::{Zeroize, Zeroizing};

    type V = __m128i;
    const LANES: usize = 1;

    super::super::clmul_kernel::polyval_kernel!("avx,pclmulqdq");

    vocabulary! { "avx,pclmulqdq":
        fn zero() -> V {
            _mm_setzero_si128()
        }

        fn xor(a: V, b: V) -> V {
            _mm_xor_si128(a, b)
        }

        fn xor3(a: V, b: V, c: V) -> V {
            xor(xor(a, b), c)
        }

        fn swap_halves(a: V) -> V {
            _mm_shuffle_epi32::<0x4e>(a)
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
    }

    /// # Safety
    /// A vector of readable memory.
    #[inline]
    #[target_feature(enable = "avx")]
    unsafe fn load_at(at: *const u8) -> V {
        // SAFETY: the caller's promise.
        unsafe { _mm_loadu_si128(at.cast()) }
    }
}
