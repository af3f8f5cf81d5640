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

use zeroize::Zeroize;

use crate::aead::Nonce;
use crate::secret::Key;

/// Powers of H that the widest stride needs.
pub const POWERS: usize = 32;
/// Read beyond the powers by a last vector; multiplied with zeros.
const PADDING: usize = 3;

/// AES-256 has 14 rounds. FIPS 197 5.
pub struct RoundKeys(pub [__m128i; 15]);

/// H, H^2, …, stored from the highest to H itself, each multiplied by x.
///
/// Invariant: the last `count` of the powers are made, and the padding behind them; when `whole`,
/// the sums too. What is not made is not initialised either, so that short messages do not pay.
pub struct Powers {
    table: [MaybeUninit<__m128i>; POWERS + PADDING],
    /// The sums of the halves of a whole stride of powers, two in a block.
    sums: [MaybeUninit<__m128i>; POWERS / 2],
    pub h: __m128i,
    pub count: usize,
    pub whole: bool,
}

impl RoundKeys {
    #[inline(always)]
    pub fn zero() -> Self {
        RoundKeys([none(); 15])
    }
}

impl Powers {
    /// None yet.
    #[inline(always)]
    pub fn none() -> Self {
        let mut table = [MaybeUninit::uninit(); POWERS + PADDING];
        table[POWERS..].fill(MaybeUninit::new(none()));
        let sums = [MaybeUninit::uninit(); POWERS / 2];
        Powers { table, sums, h: none(), count: 0, whole: false }
    }

    /// Where H ends.
    #[inline(always)]
    pub fn end(&self) -> *const u8 {
        self.table.as_ptr().wrapping_add(POWERS).cast()
    }

    #[inline(always)]
    pub fn end_mut(&mut self) -> *mut u8 {
        self.table.as_mut_ptr().wrapping_add(POWERS).cast()
    }

    #[inline(always)]
    pub fn sums(&self) -> *const u8 {
        self.sums.as_ptr().cast()
    }

    #[inline(always)]
    pub fn sums_mut(&mut self) -> *mut u8 {
        self.sums.as_mut_ptr().cast()
    }
}

impl Drop for RoundKeys {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for Powers {
    fn drop(&mut self) {
        self.h.zeroize();
        let made = POWERS.saturating_sub(self.count);
        self.table.iter_mut().skip(made).for_each(Zeroize::zeroize);
        if self.whole {
            self.sums.iter_mut().for_each(Zeroize::zeroize);
        }
    }
}

/// The round keys, behind a pointer that the optimiser knows nothing of.
#[inline(always)]
pub fn opaque(rounds: &RoundKeys) -> *const u8 {
    let mut keys: *const u8 = rounds.0.as_ptr().cast();
    // SAFETY: no instruction.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) keys, options(readonly, nostack, preserves_flags));
    }
    keys
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

#[inline]
#[target_feature(enable = "avx")]
fn from_bytes(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes.
    unsafe { load(bytes.as_ptr()) }
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

/// Expands `key`. FIPS 197 5.2.
#[target_feature(enable = "aes,avx")]
pub fn expand(key: &Key, rounds: &mut RoundKeys) {
    let (low, high) = key.expose().split_at(16);
    // SAFETY: 16 bytes each.
    let (mut even, mut odd) = unsafe { (load(low.as_ptr()), load(high.as_ptr())) };
    (rounds.0[0], rounds.0[1]) = (even, odd);
    // AESENCLAST of a block of four equal dwords: ShiftRows moves nothing, SubBytes is left.
    let rot_word = _mm_set1_epi32(0x0c0f_0e0d);
    let mut rcon = _mm_set1_epi32(1);
    for pair in 1..8 {
        let word = _mm_aesenclast_si128(_mm_shuffle_epi8(odd, rot_word), rcon);
        even = _mm_xor_si128(prefix_sums(even), word);
        rcon = _mm_slli_epi32::<1>(rcon);
        rounds.0[2 * pair] = even;
        if pair < 7 {
            let word = _mm_aesenclast_si128(_mm_shuffle_epi32::<0xff>(even), none());
            odd = _mm_xor_si128(prefix_sums(odd), word);
            rounds.0[2 * pair + 1] = odd;
        }
    }
}

/// Each dword plus all before it.
#[inline]
#[target_feature(enable = "avx")]
fn prefix_sums(x: __m128i) -> __m128i {
    let x = _mm_xor_si128(x, _mm_slli_si128::<4>(x));
    _mm_xor_si128(x, _mm_slli_si128::<8>(x))
}

/// Encrypts one block. FIPS 197 5.1.
#[inline]
#[target_feature(enable = "aes,avx")]
pub fn encrypt(rounds: &RoundKeys, block: __m128i) -> __m128i {
    let [first, middle @ .., last] = &rounds.0;
    let mut state = _mm_xor_si128(block, *first);
    for key in middle {
        state = _mm_aesenc_si128(state, *key);
    }
    _mm_aesenclast_si128(state, *last)
}

/// H, multiplied by x. SP 800-38D 7.1 step 1.
#[inline]
#[target_feature(enable = "aes,avx")]
pub fn hash_key(rounds: &RoundKeys) -> __m128i {
    let h = _mm_shuffle_epi8(encrypt(rounds, none()), reverse_mask());
    // Doubling: the carry between the halves, and the reduction if a bit falls out; no branch.
    let carries = _mm_srai_epi32::<31>(_mm_shuffle_epi32::<0xd3>(h));
    let reduction = _mm_set_epi64x((0xc2 << 56) | 1, 1);
    _mm_xor_si128(_mm_add_epi64(h, h), _mm_and_si128(carries, reduction))
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
        let mut block = [0; 16];
        block.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        let x = _mm_shuffle_epi8(from_bytes(&block), reverse_mask());
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
            let mut j0 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
            j0.iter_mut().zip(nonce).for_each(|(to, from)| *to = *from);
            from_bytes(&j0)
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
