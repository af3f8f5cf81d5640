//! Vectors of x86-64 for `long.rs`: one text, three widths.
//!
//! All `unsafe` of checksums is here. It rests on one promise: a [`Cpu`] has the instructions that
//! it says.

#![allow(unsafe_code)]

use super::long::{STRIPES, Stripe};
use crate::cpu::Cpu;

/// Calls a function of the widest vectors that `$cpu` has.
macro_rules! widest {
    ($cpu:ident, $call:ident($($arg:expr),*)) => {
        // SAFETY: below: `Cpu`'s invariant; SSE2 is part of the target.
        if $cpu.has_vpclmul512() {
            unsafe { w512::$call($($arg),*) }
        } else if $cpu.has_avx2() {
            unsafe { w256::$call($($arg),*) }
        } else {
            unsafe { w128::$call($($arg),*) }
        }
    };
}

/// Adds stripes of a block, of which the first is number `number`.
pub fn add_stripes(cpu: Cpu, accumulators: &mut [u64; 8], stripes: &[Stripe], number: usize) {
    widest!(cpu, add_stripes(accumulators, stripes, number))
}

/// Adds whole blocks, and scrambles after each.
pub fn add_blocks(cpu: Cpu, accumulators: &mut [u64; 8], blocks: &[[Stripe; STRIPES]]) {
    widest!(cpu, add_blocks(accumulators, blocks))
}

/// Adds the input's last stripe.
pub fn add_last(cpu: Cpu, accumulators: &mut [u64; 8], last: &Stripe) {
    widest!(cpu, add_last(accumulators, last))
}

/// Scrambles at a block's end.
pub fn scramble(cpu: Cpu, accumulators: &mut [u64; 8]) {
    widest!(cpu, scramble_in_memory(accumulators))
}

/// The functions above, over `V`, `PARTS` (vectors of a stripe), `zero`, `load`, `store`, `xor`,
/// `add`, `multiply` (the lower halves of words), `high` (to lower halves), `up` (to upper ones),
/// `shift47`, `swap` (neighbouring words), `set`, `end`.
macro_rules! xxh3 {
    ($features:literal) => {
        type Sums = ([V; PARTS], [V; PARTS]);

        #[target_feature(enable = $features)]
        pub fn add_stripes(accumulators: &mut [u64; 8], stripes: &[Stripe], number: usize) {
            let (mut to, mut sums) = (read(accumulators), none());
            for (i, stripe) in stripes.iter().enumerate() {
                add_stripe(&mut sums, stripe, long::key(number + i));
            }
            merge(&mut to, &sums);
            write(accumulators, &to);
            end();
        }

        #[target_feature(enable = $features)]
        pub fn add_last(accumulators: &mut [u64; 8], last: &Stripe) {
            let (mut to, mut sums) = (read(accumulators), none());
            add_stripe(&mut sums, last, long::last_key());
            merge(&mut to, &sums);
            write(accumulators, &to);
            end();
        }

        #[target_feature(enable = $features)]
        pub fn add_blocks(accumulators: &mut [u64; 8], blocks: &[[Stripe; STRIPES]]) {
            let mut to = read(accumulators);
            for block in blocks {
                let mut sums = none();
                for (i, stripe) in block.iter().enumerate() {
                    add_stripe(&mut sums, stripe, long::key(i));
                }
                merge(&mut to, &sums);
                scramble(&mut to);
            }
            write(accumulators, &to);
            end();
        }

        #[target_feature(enable = $features)]
        pub fn scramble_in_memory(accumulators: &mut [u64; 8]) {
            let mut to = read(accumulators);
            scramble(&mut to);
            write(accumulators, &to);
            end();
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn add_stripe((products, words): &mut Sums, stripe: &Stripe, key: &Stripe) {
            for i in 0..PARTS {
                // SAFETY: PARTS vectors are a stripe.
                let (word, key) = unsafe {
                    (
                        load(stripe.as_ptr().cast::<V>().add(i)),
                        load(key.as_ptr().cast::<V>().add(i)),
                    )
                };
                let keyed = xor(word, key);
                products[i] = add(products[i], multiply(keyed, high(keyed)));
                words[i] = add(words[i], word);
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn merge(to: &mut [V; PARTS], (products, words): &Sums) {
            for i in 0..PARTS {
                to[i] = add(to[i], add(products[i], swap(words[i])));
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn scramble(to: &mut [V; PARTS]) {
            let prime = set(long::PRIME32_1 as i64);
            for i in 0..PARTS {
                // SAFETY: PARTS vectors are a stripe.
                let key = unsafe { load(long::key(STRIPES).as_ptr().cast::<V>().add(i)) };
                let mixed = xor(xor(to[i], shift47(to[i])), key);
                to[i] = add(multiply(mixed, prime), up(multiply(high(mixed), prime)));
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn none() -> Sums {
            ([zero(); PARTS], [zero(); PARTS])
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn read(accumulators: &[u64; 8]) -> [V; PARTS] {
            // SAFETY: PARTS vectors are eight words.
            core::array::from_fn(|i| unsafe { load(accumulators.as_ptr().cast::<V>().add(i)) })
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn write(accumulators: &mut [u64; 8], from: &[V; PARTS]) {
            for (i, part) in from.iter().enumerate() {
                // SAFETY: PARTS vectors are eight words.
                unsafe { store(accumulators.as_mut_ptr().cast::<V>().add(i), *part) };
            }
        }
    };
}

/// Gives small functions the attributes that let LLVM make one instruction of them.
macro_rules! vocabulary {
    ($features:literal: $(fn $name:ident($($arg:ident: $t:ty),*) $(-> $r:ty)? $body:block)*) => {
        $(
            #[inline]
            #[target_feature(enable = $features)]
            fn $name($($arg: $t),*) $(-> $r)? $body
        )*
        /// # Safety
        /// A vector of readable memory.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn load(at: *const V) -> V {
            // SAFETY: the caller's promise.
            unsafe { at.read_unaligned() }
        }

        /// # Safety
        /// A vector of writable memory.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn store(at: *mut V, a: V) {
            // SAFETY: the caller's promise.
            unsafe { at.write_unaligned(a) }
        }
    };
}

mod w512 {
    use super::super::long::{self, STRIPES, Stripe};
    use core::arch::x86_64::*;

    type V = __m512i;
    const PARTS: usize = 1;

    xxh3!("avx2,avx512f");

    vocabulary! { "avx2,avx512f":
        fn zero() -> V { _mm512_setzero_si512() }
        fn xor(a: V, b: V) -> V { _mm512_xor_si512(a, b) }
        fn add(a: V, b: V) -> V { _mm512_add_epi64(a, b) }
        fn multiply(a: V, b: V) -> V { _mm512_mul_epu32(a, b) }
        fn high(a: V) -> V { _mm512_srli_epi64::<32>(a) }
        fn up(a: V) -> V { _mm512_slli_epi64::<32>(a) }
        fn shift47(a: V) -> V { _mm512_srli_epi64::<47>(a) }
        fn swap(a: V) -> V { _mm512_shuffle_epi32::<0x4e>(a) }
        fn set(a: i64) -> V { _mm512_set1_epi64(a) }
        // Dirty upper halves slow legacy SSE code ten times, and LLVM does not always clean them.
        fn end() { _mm256_zeroupper() }
    }
}

mod w256 {
    use super::super::long::{self, STRIPES, Stripe};
    use core::arch::x86_64::*;

    type V = __m256i;
    const PARTS: usize = 2;

    xxh3!("avx2");

    vocabulary! { "avx2":
        fn zero() -> V { _mm256_setzero_si256() }
        fn xor(a: V, b: V) -> V { _mm256_xor_si256(a, b) }
        fn add(a: V, b: V) -> V { _mm256_add_epi64(a, b) }
        fn multiply(a: V, b: V) -> V { _mm256_mul_epu32(a, b) }
        fn high(a: V) -> V { _mm256_srli_epi64::<32>(a) }
        fn up(a: V) -> V { _mm256_slli_epi64::<32>(a) }
        fn shift47(a: V) -> V { _mm256_srli_epi64::<47>(a) }
        fn swap(a: V) -> V { _mm256_shuffle_epi32::<0x4e>(a) }
        fn set(a: i64) -> V { _mm256_set1_epi64x(a) }
        fn end() { _mm256_zeroupper() }
    }
}

mod w128 {
    use super::super::long::{self, STRIPES, Stripe};
    use core::arch::x86_64::*;

    type V = __m128i;
    const PARTS: usize = 4;

    xxh3!("sse2");

    vocabulary! { "sse2":
        fn zero() -> V { _mm_setzero_si128() }
        fn xor(a: V, b: V) -> V { _mm_xor_si128(a, b) }
        fn add(a: V, b: V) -> V { _mm_add_epi64(a, b) }
        fn multiply(a: V, b: V) -> V { _mm_mul_epu32(a, b) }
        fn high(a: V) -> V { _mm_srli_epi64::<32>(a) }
        fn up(a: V) -> V { _mm_slli_epi64::<32>(a) }
        fn shift47(a: V) -> V { _mm_srli_epi64::<47>(a) }
        fn swap(a: V) -> V { _mm_shuffle_epi32::<0x4e>(a) }
        fn set(a: i64) -> V { _mm_set1_epi64x(a) }
        fn end() {}
    }
}
