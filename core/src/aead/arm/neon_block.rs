//! AES-256 and GHASH on single blocks, with AES and PMULL instructions: what surrounds the kernel.
//!
//! # Implementation notes
//! AESE adds a round key, substitutes and shifts rows; AESMC mixes columns. So a round of FIPS 197
//! begins in one AESE and ends in the next: there are 14 AESE with 13 AESMC between them, and the
//! last round key is added by hand.
//!
//! GHASH calls the first bit of a byte what arithmetic calls the last. RBIT reverses the bits of
//! each byte, and the block is then the polynomial that GHASH means, lowest coefficient first. A
//! product of 256 bits is `lo + mid·x^64 + hi·x^128`; x^128 = x^7 + x^2 + x + 1 folds its highest
//! quarter down, then the next.

use core::arch::aarch64::*;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::neon_vector::*;
use crate::aead::Nonce;
use crate::secret::Key;

/// Blocks of a stride of the kernel.
pub const STRIDE_BLOCKS: usize = 8;

/// AES-256 has 14 rounds. FIPS 197 5. Wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RoundKeys(pub [uint8x16_t; 15]);

/// What a key is made into; wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Prepared {
    rounds: RoundKeys,
    /// H^8, H^7, …, H.
    powers: [uint8x16_t; STRIDE_BLOCKS],
    /// The sums of the halves of these, two in a block.
    sums: [uint8x16_t; STRIDE_BLOCKS / 2],
}

/// Where the parts of a [`Prepared`] begin.
#[derive(Clone, Copy)]
pub struct Parts {
    pub rounds: *const u8,
    pub powers: *const u8,
    pub sums: *const u8,
}

impl Prepared {
    /// No key yet.
    #[inline(always)]
    pub fn blank() -> Self {
        let (powers, sums) = ([none(); STRIDE_BLOCKS], [none(); STRIDE_BLOCKS / 2]);
        Prepared { rounds: RoundKeys::blank(), powers, sums }
    }

    /// Its parts, behind pointers that the optimiser knows nothing of: it would otherwise load them
    /// early and keep copies on the stack, which nobody wipes.
    #[inline(always)]
    pub fn parts(&self) -> Parts {
        // SAFETY: it is still `self`.
        let hidden = unsafe { &*hidden(self) };
        Parts {
            rounds: hidden.rounds.0.as_ptr().cast(),
            powers: hidden.powers.as_ptr().cast(),
            sums: hidden.sums.as_ptr().cast(),
        }
    }
}

impl RoundKeys {
    /// No key yet.
    #[inline(always)]
    pub fn blank() -> Self {
        RoundKeys([none(); 15])
    }

    /// Where they begin, as in [`Prepared::parts`].
    #[inline(always)]
    pub fn hidden(&self) -> *const u8 {
        // SAFETY: it is still `self`.
        unsafe { &*hidden(self) }.0.as_ptr().cast()
    }
}

#[inline(always)]
fn hidden<T>(keys: &T) -> *const T {
    let mut at: *const T = keys;
    // SAFETY: no instruction.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) at, options(readonly, nostack, preserves_flags));
    }
    at
}

/// A block of zeros.
#[inline(always)]
fn none() -> uint8x16_t {
    // SAFETY: zeros are a vector.
    unsafe { core::mem::zeroed() }
}

impl Parts {
    #[inline]
    #[target_feature(enable = "aes")]
    pub fn h(self) -> uint8x16_t {
        // SAFETY: it is the last of the powers.
        unsafe { load(self.powers.add(16 * (STRIDE_BLOCKS - 1))) }
    }
}

/// Makes `key` ready.
#[target_feature(enable = "aes")]
pub fn prepare(key: &Key, prepared: &mut Prepared) {
    expand(key, &mut prepared.rounds);
    let h = reflect(encrypt(prepared, zero()));
    let h2 = multiply(h, h);
    let (h3, h4) = (multiply(h2, h), multiply(h2, h2));
    let (h5, h6) = (multiply(h4, h), multiply(h4, h2));
    let (h7, h8) = (multiply(h4, h3), multiply(h4, h4));
    prepared.powers = [h8, h7, h6, h5, h4, h3, h2, h];
    prepared.sums =
        [pair_of_sums(h8, h7), pair_of_sums(h6, h5), pair_of_sums(h4, h3), pair_of_sums(h2, h)];
}

/// The sum of the halves of `low` in the lower half, of `high` in the upper one.
#[inline]
#[target_feature(enable = "aes")]
fn pair_of_sums(low: uint8x16_t, high: uint8x16_t) -> uint8x16_t {
    vextq_u8::<8>(sum_of_halves(low), sum_of_halves(high))
}

/// Expands `key`. FIPS 197 5.2.
#[inline]
#[target_feature(enable = "aes")]
pub fn expand(key: &Key, rounds: &mut RoundKeys) {
    let (low, high) = key.expose().split_at(16);
    // SAFETY: 16 bytes each.
    let (mut even, mut odd) = unsafe { (load(low.as_ptr()), load(high.as_ptr())) };
    (rounds.0[0], rounds.0[1]) = (even, odd);
    let mut rcon = 1;
    for pair in 1..8 {
        // RotWord of four equal words is a turn of the whole block.
        let word = substitute_last_word(odd);
        let word = xor(vextq_u8::<1>(word, word), vreinterpretq_u8_u32(vdupq_n_u32(rcon)));
        even = xor(prefix_sums(even), word);
        rcon <<= 1;
        // The masks tell the compiler that there are as many.
        rounds.0[2 * (pair & 7)] = even;
        if pair < 7 {
            odd = xor(prefix_sums(odd), substitute_last_word(even));
            rounds.0[(2 * pair + 1) % 15] = odd;
        }
    }
}

/// SubWord of the last word, four times: AESE of equal words shifts rows into themselves.
#[inline]
#[target_feature(enable = "aes")]
fn substitute_last_word(a: uint8x16_t) -> uint8x16_t {
    let words = vreinterpretq_u32_u8(a);
    vaeseq_u8(vreinterpretq_u8_u32(vdupq_laneq_u32::<3>(words)), zero())
}

/// Each word plus all before it.
#[inline]
#[target_feature(enable = "aes")]
fn prefix_sums(x: uint8x16_t) -> uint8x16_t {
    let x = xor(x, vextq_u8::<12>(zero(), x));
    xor(x, vextq_u8::<8>(zero(), x))
}

/// Encrypts one block. FIPS 197 5.1.
#[inline]
#[target_feature(enable = "aes")]
pub fn encrypt(prepared: &Prepared, mut block: uint8x16_t) -> uint8x16_t {
    let keys = prepared.parts().rounds;
    // SAFETY: below: there are 15 round keys.
    for round in 0..13 {
        block = vaesmcq_u8(vaeseq_u8(block, unsafe { load(keys.add(16 * round)) }));
    }
    let (before_last, last) = unsafe { (load(keys.add(16 * 13)), load(keys.add(16 * 14))) };
    let mut block = xor(vaeseq_u8(block, before_last), last);
    // LLVM would work when the result is wanted, and until then keep the round keys on the stack.
    // SAFETY: no instruction.
    unsafe {
        core::arch::asm!("/* {0:v} */", inout(vreg) block, options(nostack, preserves_flags));
    }
    block
}

/// A product of 256 bits in GHASH's field, made one of 128 bits.
#[inline]
#[target_feature(enable = "aes")]
pub fn reduce([lo, mid, hi]: [uint8x16_t; 3]) -> uint8x16_t {
    reduce_low(reduce_high([lo, mid, hi]))
}

/// The first half of the reduction: folds the highest quarter down. The swap adds it times 1.
#[inline]
#[target_feature(enable = "aes")]
pub fn reduce_high([lo, mid, hi]: [uint8x16_t; 3]) -> [uint8x16_t; 3] {
    [lo, xor(xor(mid, swap_halves(hi)), high_product(hi, poly())), hi]
}

/// The second half.
#[inline]
#[target_feature(enable = "aes")]
pub fn reduce_low([lo, mid, _]: [uint8x16_t; 3]) -> uint8x16_t {
    xor(xor(lo, swap_halves(mid)), high_product(mid, poly()))
}

/// x^7 + x^2 + x, twice.
#[inline]
#[target_feature(enable = "aes")]
fn poly() -> uint8x16_t {
    vreinterpretq_u8_u64(vdupq_n_u64(0x86))
}

/// Adds the products of the halves of `x` and `h` to three sums. The middle is whole after
/// [`complete`]: Karatsuba's way takes one multiplication for it instead of two.
#[inline]
#[target_feature(enable = "aes")]
pub fn add_products(sums: [uint8x16_t; 3], x: uint8x16_t, h: uint8x16_t) -> [uint8x16_t; 3] {
    add_products_with::<false>(sums, x, h, sum_of_halves(h))
}

/// As [`add_products`]; the sum of the halves of `h` is the lower half of `h_sums`, or the upper.
#[inline]
#[target_feature(enable = "aes")]
pub fn add_products_with<const UPPER: bool>(
    [lo, mid, hi]: [uint8x16_t; 3],
    x: uint8x16_t,
    h: uint8x16_t,
    h_sums: uint8x16_t,
) -> [uint8x16_t; 3] {
    let x_sums = sum_of_halves(x);
    let middle = if UPPER { high_product(x_sums, h_sums) } else { low_product(x_sums, h_sums) };
    [xor(lo, low_product(x, h)), xor(mid, middle), xor(hi, high_product(x, h))]
}

/// See [`add_products`].
#[inline]
#[target_feature(enable = "aes")]
pub fn complete([lo, mid, hi]: [uint8x16_t; 3]) -> [uint8x16_t; 3] {
    [lo, xor(mid, xor(lo, hi)), hi]
}

/// A product in GHASH's field. SP 800-38D 6.3.
#[inline]
#[target_feature(enable = "aes")]
pub fn multiply(x: uint8x16_t, h: uint8x16_t) -> uint8x16_t {
    reduce(complete(add_products([zero(); 3], x, h)))
}

/// GHASH of `bytes`, zero-padded to whole blocks, block by block. SP 800-38D 6.4.
#[inline]
#[target_feature(enable = "aes")]
pub fn hash_padded(mut y: uint8x16_t, bytes: &[u8], h: uint8x16_t) -> uint8x16_t {
    for chunk in bytes.chunks(16) {
        // SAFETY: so many bytes has a slice.
        let block = unsafe { load_part(chunk.as_ptr(), chunk.len()) };
        y = multiply(xor(y, reflect(block)), h);
    }
    y
}

/// GHASH's last block: lengths in bits. SP 800-38D 7.1 step 5.
#[inline]
#[target_feature(enable = "aes")]
fn hash_lengths(y: uint8x16_t, first: usize, second: usize, h: uint8x16_t) -> uint8x16_t {
    let lengths = (first as u128) << 67 | (second as u128) << 3;
    multiply(xor(y, reflect(from_bytes(&lengths.to_be_bytes()))), h)
}

/// J0. SP 800-38D 7.1 step 2.
#[inline]
#[target_feature(enable = "aes")]
pub fn pre_counter_block(nonce: Nonce, h: uint8x16_t) -> uint8x16_t {
    match nonce {
        Nonce::Short(nonce) => {
            let mut j0 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
            j0.iter_mut().zip(nonce).for_each(|(to, from)| *to = *from);
            from_bytes(&j0)
        }
        Nonce::Long(nonce) => {
            reflect(hash_lengths(hash_padded(zero(), nonce, h), 0, nonce.len(), h))
        }
    }
}

/// The tag of a message that was hashed to `y`; `mask` is J0, encrypted. SP 800-38D 7.1 step 6.
#[inline]
#[target_feature(enable = "aes")]
pub fn finish(y: uint8x16_t, aad: usize, len: usize, h: uint8x16_t, mask: uint8x16_t) -> [u8; 16] {
    to_bytes(xor(reflect(hash_lengths(y, aad, len, h)), mask))
}
