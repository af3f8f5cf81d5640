//! AES-256 and GHASH on single blocks, with AES-NI and PCLMULQDQ: what surrounds every kernel.
//!
//! # Implementation notes
//! GHASH reads the bits of a block in an order of its own. Here the bytes of a block are reversed,
//! and every H is multiplied by x once, when it is made; so a carry-less product of reversed blocks
//! is the product that GHASH means. RFC 8452 appendix A states the relation of GHASH and POLYVAL on
//! which this rests. Reduction is two more carry-less multiplications, by the upper half of
//! x^128 + x^127 + x^126 + x^121 + 1 (`poly`).

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use super::partial;
use crate::aead::Nonce;
use crate::secret::Key;

/// AES-256 has 14 rounds. FIPS 197 5. Wiped on drop.
///
/// Made by [`expand`]; before that there are none, and nobody may use them.
pub struct RoundKeys(pub [MaybeUninit<__m128i>; 15]);

impl RoundKeys {
    #[inline(always)]
    pub fn none() -> Self {
        RoundKeys([MaybeUninit::uninit(); 15])
    }
}

impl Drop for RoundKeys {
    fn drop(&mut self) {
        self.0 = [MaybeUninit::new(none()); 15];
        zeroize::optimization_barrier(&self.0);
    }
}

/// The round keys, behind a pointer that the optimiser knows nothing of.
#[inline(always)]
pub fn opaque(rounds: &RoundKeys) -> *const u8 {
    hidden(rounds.0.as_ptr().cast())
}

/// The same pointer, of which the optimiser does not know that it is the same.
#[inline(always)]
pub fn hidden(mut at: *const u8) -> *const u8 {
    // SAFETY: no instruction.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) at, options(readonly, nostack, preserves_flags));
    }
    at
}

/// A block of zeros.
#[inline(always)]
pub fn none() -> __m128i {
    // SAFETY: SSE2 is part of the target: `aead/mod.rs` leaves this module out where it is not.
    unsafe { _mm_setzero_si128() }
}

/// # Safety
/// 16 readable bytes.
#[inline]
#[target_feature(enable = "avx")]
pub unsafe fn load(at: *const u8) -> __m128i {
    // SAFETY: the caller's promise.
    unsafe { _mm_loadu_si128(at.cast()) }
}

/// # Safety
/// 16 writable bytes.
#[inline]
#[target_feature(enable = "avx")]
pub unsafe fn store(at: *mut u8, block: __m128i) {
    // SAFETY: the caller's promise.
    unsafe { _mm_storeu_si128(at.cast(), block) }
}

/// Reverses the bytes of a block.
#[inline]
#[target_feature(enable = "avx")]
pub fn reverse_mask() -> __m128i {
    _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
}

/// Reverses the last dword of a block: the counter, which SP 800-38D 6.2 wants big-endian.
#[inline]
#[target_feature(enable = "avx")]
pub fn counter_mask() -> __m128i {
    _mm_set_epi8(12, 13, 14, 15, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
}

#[inline]
#[target_feature(enable = "avx")]
pub fn poly() -> __m128i {
    _mm_set_epi64x(0xc2 << 56, 1)
}

/// Expands `key`, and returns H, multiplied by x. FIPS 197 5.2, SP 800-38D 7.1 step 1.
///
/// H is a block of zeros, encrypted with each round key as soon as there is one.
#[inline]
#[target_feature(enable = "aes,avx")]
pub fn expand(key: &Key, rounds: &mut RoundKeys) -> __m128i {
    let (low, high) = key.expose().split_at(16);
    // SAFETY: 16 bytes each.
    let (mut even, mut odd) = unsafe { (load(low.as_ptr()), load(high.as_ptr())) };
    rounds.0[0].write(even);
    rounds.0[1].write(odd);
    let mut h = _mm_aesenc_si128(even, odd);
    // AESENCLAST of a block of four equal dwords: ShiftRows moves nothing, SubBytes is left.
    let rot_word = _mm_set1_epi32(0x0c0f_0e0d);
    let mut rcon = _mm_set1_epi32(1);
    for pair in 1..8 {
        let word = _mm_aesenclast_si128(_mm_shuffle_epi8(odd, rot_word), rcon);
        even = _mm_xor_si128(prefix_sums(even), word);
        rcon = _mm_slli_epi32::<1>(rcon);
        rounds.0[2 * pair].write(even);
        if pair < 7 {
            let word = _mm_aesenclast_si128(_mm_shuffle_epi32::<0xff>(even), none());
            odd = _mm_xor_si128(prefix_sums(odd), word);
            rounds.0[2 * pair + 1].write(odd);
            h = _mm_aesenc_si128(_mm_aesenc_si128(h, even), odd);
        }
    }
    times_x(_mm_shuffle_epi8(_mm_aesenclast_si128(h, even), reverse_mask()))
}

/// Doubles: the carry between the halves, and the reduction if a bit falls out; no branch.
#[inline]
#[target_feature(enable = "avx")]
fn times_x(h: __m128i) -> __m128i {
    let carries = _mm_srai_epi32::<31>(_mm_shuffle_epi32::<0xd3>(h));
    let reduction = _mm_set_epi64x((0xc2 << 56) | 1, 1);
    _mm_xor_si128(_mm_add_epi64(h, h), _mm_and_si128(carries, reduction))
}

/// Each dword plus all before it.
#[inline]
#[target_feature(enable = "avx")]
fn prefix_sums(x: __m128i) -> __m128i {
    let x = _mm_xor_si128(x, _mm_slli_si128::<4>(x));
    _mm_xor_si128(x, _mm_slli_si128::<8>(x))
}

/// Encrypts one block, here and not later: what the optimiser puts off, it keeps on the stack.
/// FIPS 197 5.1.
///
/// # Safety
/// `rounds` are made.
#[inline]
#[target_feature(enable = "aes,avx")]
pub unsafe fn encrypt(rounds: &RoundKeys, block: __m128i) -> __m128i {
    let keys = opaque(rounds);
    let key = |r: usize| {
        // SAFETY: the caller's promise: there are 15.
        unsafe { load(keys.add(16 * r)) }
    };
    let mut state = _mm_xor_si128(block, key(0));
    for r in 1..14 {
        state = _mm_aesenc_si128(state, key(r));
    }
    state = _mm_aesenclast_si128(state, key(14));
    // SAFETY: no instruction.
    unsafe {
        core::arch::asm!("/* {0} */", inout(xmm_reg) state,
            options(nomem, nostack, preserves_flags));
    }
    state
}

/// A product in GHASH's field.
#[inline]
#[target_feature(enable = "pclmulqdq,avx")]
pub fn multiply(x: __m128i, h: __m128i) -> __m128i {
    let lo = _mm_clmulepi64_si128::<0x00>(x, h);
    let hi = _mm_clmulepi64_si128::<0x11>(x, h);
    let cross =
        _mm_xor_si128(_mm_clmulepi64_si128::<0x01>(x, h), _mm_clmulepi64_si128::<0x10>(x, h));
    let mid = _mm_xor_si128(cross, fold_up(lo));
    _mm_xor_si128(hi, fold_up(mid))
}

/// The lower half of `x` times `poly`, plus `x` with its halves swapped.
#[inline]
#[target_feature(enable = "pclmulqdq,avx")]
fn fold_up(x: __m128i) -> __m128i {
    _mm_xor_si128(_mm_shuffle_epi32::<0x4e>(x), _mm_clmulepi64_si128::<0x01>(poly(), x))
}

/// GHASH of `bytes`, zero-padded to whole blocks, block by block. SP 800-38D 6.4.
#[inline]
#[target_feature(enable = "pclmulqdq,avx")]
pub fn hash_padded(mut y: __m128i, bytes: &[u8], h: __m128i) -> __m128i {
    for chunk in bytes.chunks(16) {
        // SAFETY: the chunk's bytes; the result has a block's size.
        let block = unsafe { load(partial::read::<16>(chunk.as_ptr(), chunk.len()).as_ptr()) };
        let x = _mm_shuffle_epi8(block, reverse_mask());
        y = multiply(_mm_xor_si128(y, x), h);
    }
    y
}

/// GHASH's last block: lengths in bits. SP 800-38D 7.1 step 5.
#[inline]
#[target_feature(enable = "pclmulqdq,avx")]
fn hash_lengths(y: __m128i, first: usize, second: usize, h: __m128i) -> __m128i {
    let lengths = _mm_set_epi64x((first as i64) << 3, (second as i64) << 3);
    multiply(_mm_xor_si128(y, lengths), h)
}

/// J0. SP 800-38D 7.1 step 2.
#[inline]
#[target_feature(enable = "pclmulqdq,avx")]
pub fn pre_counter_block(nonce: Nonce, h: __m128i) -> __m128i {
    match nonce {
        Nonce::Short(nonce) => {
            let at = nonce.as_ptr();
            // SAFETY: 12 bytes, as 8 and 4; not through memory, which would be slow to read back.
            let (low, high) =
                unsafe { (_mm_loadu_si64(at), at.add(8).cast::<i32>().read_unaligned()) };
            _mm_insert_epi32::<3>(_mm_insert_epi32::<2>(low, high), 1_i32.to_be())
        }
        Nonce::Long(nonce) => {
            let y = hash_lengths(hash_padded(none(), nonce, h), 0, nonce.len(), h);
            _mm_shuffle_epi8(y, reverse_mask())
        }
    }
}

/// `j0` with its last dword in the processor's order, to be counted up.
#[inline]
#[target_feature(enable = "avx")]
pub fn counter_of(j0: __m128i) -> __m128i {
    _mm_shuffle_epi8(j0, counter_mask())
}

/// The tag of a message that was hashed to `y`; `mask` is J0, encrypted. SP 800-38D 7.1 step 6.
#[inline]
#[target_feature(enable = "pclmulqdq,avx")]
pub fn finish(y: __m128i, aad: usize, len: usize, h: __m128i, mask: __m128i) -> [u8; 16] {
    let y = hash_lengths(y, aad, len, h);
    let mut tag = [0; 16];
    // SAFETY: 16 bytes.
    unsafe {
        store(tag.as_mut_ptr(), _mm_xor_si128(_mm_shuffle_epi8(y, reverse_mask()), mask));
    }
    tag
}
