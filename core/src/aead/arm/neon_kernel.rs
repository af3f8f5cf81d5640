//! The fused kernel: AES in counter mode and GHASH in one pass, eight blocks at a time.
//!
//! # Implementation notes
//! A *stride* is 8 blocks, as many as it takes to hide the latency of AESE and AESMC. While the AES
//! rounds of a stride run, a stride of ciphertext is hashed: when opening the same one, when
//! sealing the one before. The products of a stride are summed and reduced once:
//!
//! ```text
//! Y' = (Y ^ C1)·H^8 ^ C2·H^7 ^ … ^ C8·H
//! ```
//!
//! What is left after the strides is fewer than 8 blocks, and the same sum with fewer of them; the
//! last one is read and written as far as the message goes, and zeros are hashed in its place.
//!
//! AESE and AESMC on the same register stand side by side: most processors make one operation of
//! such a pair. `fence` costs no instruction; it pins the states and sums in registers between two
//! rounds, and so keeps LLVM from pulling AES and PMULL apart.
//!
//! Round keys are read from memory in each round, through a pointer that LLVM knows nothing of: it
//! would otherwise hoist them out of the loop and spill them to the stack, which nobody wipes.
//!
//! Left out, for nobody measured it on Arm: two rounds that up to 256 counters share, made once;
//! three-way XOR (EOR3), which processors with SHA-3 have, and which takes a second kernel.

use core::arch::aarch64::*;

use super::neon_block::{
    Parts, Prepared, STRIDE_BLOCKS, add_products, add_products_with, complete, encrypt, finish,
    hash_padded, pre_counter_block, reduce, reduce_high, reduce_low,
};
use super::neon_vector::*;
use crate::aead::{Nonce, Span};

type V = uint8x16_t;

/// Bytes of a block, and of a stride.
const BLOCK: usize = 16;
const STRIDE: usize = STRIDE_BLOCKS * BLOCK;

/// What is still to be done, and the state to do it with.
///
/// Invariant: `len` readable bytes at `src`, as many writable ones at `dst`; equal or disjoint.
struct Rest {
    src: *const u8,
    dst: *mut u8,
    len: usize,
    /// The next counter block, its words in the processor's order.
    counter: uint32x4_t,
    y: V,
}

/// Seals or opens a message, and returns its tag. SP 800-38D 7.1, 7.2.
///
/// # Safety
/// [`Span`]'s promises hold.
#[target_feature(enable = "aes")]
pub unsafe fn message<const SEAL: bool>(
    prepared: &Prepared,
    nonce: Nonce,
    aad: &[u8],
    span: &Span,
) -> [u8; BLOCK] {
    let (src, dst, len) = (span.source(), span.destination(), span.len());
    let h = prepared.parts().h();
    let y = hash_padded(zero(), aad, h);
    let j0 = pre_counter_block(nonce, h);
    let mask = encrypt(prepared, j0);
    let mut counter = vreinterpretq_u32_u8(vrev32q_u8(j0));
    count(&mut counter);
    // SAFETY: the caller's promise.
    let y = unsafe { crypt::<SEAL>(prepared, Rest { src, dst, len, counter, y }) };
    // Not the one from above, which would have waited on the stack.
    let h = prepared.parts().h();
    finish(y, aad.len(), span.len(), h, mask)
}

/// Encrypts or decrypts, and returns GHASH's state after the ciphertext.
///
/// # Safety
/// [`Rest`]'s invariant.
#[inline]
#[target_feature(enable = "aes")]
unsafe fn crypt<const SEAL: bool>(prepared: &Prepared, mut rest: Rest) -> V {
    if rest.len >= STRIDE {
        // SAFETY: a stride is left.
        unsafe { strides::<SEAL>(prepared, &mut rest) };
    }
    if rest.len > 0 {
        // SAFETY: less than a stride is left.
        unsafe { last_blocks::<SEAL>(prepared.parts(), &mut rest) };
    }
    rest.y
}

/// Encrypts or decrypts whole strides, and hashes their ciphertext.
///
/// # Safety
/// A stride is left, or more.
#[inline]
#[target_feature(enable = "aes")]
unsafe fn strides<const SEAL: bool>(prepared: &Prepared, rest: &mut Rest) {
    // What is sealed and still to be hashed.
    let mut sealed: *const u8 = core::ptr::null();
    // SAFETY: in all of the function: a stride is left at the begin of each turn.
    unsafe {
        while rest.len >= STRIDE {
            let parts = prepared.parts();
            let mut s: [V; STRIDE_BLOCKS] = start(&mut rest.counter);
            let hashed = if SEAL { sealed } else { rest.src };
            if SEAL && hashed.is_null() {
                rounds(&mut s, parts, 1, 13);
            } else {
                let mut sums = [zero(); 3];
                round_and_hash::<0>(&mut s, &mut sums, parts, hashed, rest.y);
                round_and_hash::<1>(&mut s, &mut sums, parts, hashed, zero());
                round_and_hash::<2>(&mut s, &mut sums, parts, hashed, zero());
                round_and_hash::<3>(&mut s, &mut sums, parts, hashed, zero());
                round_and_hash::<4>(&mut s, &mut sums, parts, hashed, zero());
                round_and_hash::<5>(&mut s, &mut sums, parts, hashed, zero());
                round_and_hash::<6>(&mut s, &mut sums, parts, hashed, zero());
                round_and_hash::<7>(&mut s, &mut sums, parts, hashed, zero());
                rounds(&mut s, parts, 9, 9);
                sums = reduce_high(complete(sums));
                fence(&mut s, &mut sums);
                rounds(&mut s, parts, 10, 10);
                rest.y = reduce_low(sums);
                rounds(&mut s, parts, 11, 13);
            }
            for (i, s) in s.iter_mut().enumerate() {
                *s = last_round(*s, parts, load(rest.src.add(i * BLOCK)));
            }
            for (i, s) in s.iter().enumerate() {
                store(rest.dst.add(i * BLOCK), *s);
            }
            sealed = rest.dst;
            rest.advance(STRIDE);
        }
        if SEAL {
            rest.y = hash_stride(prepared.parts(), sealed, rest.y);
        }
    }
}

/// The new `y`, when the stride at `hashed` was hashed.
///
/// # Safety
/// It is there.
#[inline]
#[target_feature(enable = "aes")]
unsafe fn hash_stride(parts: Parts, hashed: *const u8, mut y: V) -> V {
    let mut sums = [zero(); 3];
    for i in 0..STRIDE_BLOCKS {
        // SAFETY: the caller's promise; there are as many powers.
        let (x, h) = unsafe { (load(hashed.add(i * BLOCK)), load(parts.powers.add(i * BLOCK))) };
        sums = add_products(sums, xor(reflect(x), y), h);
        y = zero();
    }
    reduce(complete(sums))
}

/// Encrypts or decrypts less than a stride, hashes its ciphertext, and reduces.
///
/// # Safety
/// A byte is left, and less than a stride.
#[inline]
#[target_feature(enable = "aes")]
unsafe fn last_blocks<const SEAL: bool>(parts: Parts, rest: &mut Rest) {
    let mut sums = [zero(); 3];
    // SAFETY: in all of the function: there are powers for fewer blocks than a stride has, and so
    // many are left as each line says.
    unsafe {
        let mut power = parts.powers.add(STRIDE - BLOCK * rest.len.div_ceil(BLOCK));
        if rest.len >= 4 * BLOCK {
            blocks::<SEAL, 4>(parts, rest, &mut sums, &mut power);
        }
        if rest.len >= 2 * BLOCK {
            blocks::<SEAL, 2>(parts, rest, &mut sums, &mut power);
        }
        if rest.len >= BLOCK {
            blocks::<SEAL, 1>(parts, rest, &mut sums, &mut power);
        }
        if rest.len > 0 {
            let mut s: [V; 1] = start(&mut rest.counter);
            rounds(&mut s, parts, 1, 13);
            let text = load_part(rest.src, rest.len);
            let result = last_round(s[0], parts, text);
            let written = store_part(rest.dst, rest.len, result);
            let x = reflect(if SEAL { written } else { text });
            sums = add_products(sums, xor(x, rest.y), load(power));
        }
    }
    rest.y = reduce(complete(sums));
}

/// Encrypts or decrypts `N` whole blocks, and adds their products to `sums`.
///
/// # Safety
/// They are left, and as many powers at `power`.
#[inline]
#[target_feature(enable = "aes")]
unsafe fn blocks<const SEAL: bool, const N: usize>(
    parts: Parts,
    rest: &mut Rest,
    sums: &mut [V; 3],
    power: &mut *const u8,
) {
    let mut s: [V; N] = start(&mut rest.counter);
    // SAFETY: in all of the function: the caller's promises.
    unsafe {
        rounds(&mut s, parts, 1, 13);
        for s in s {
            let text = load(rest.src);
            let result = last_round(s, parts, text);
            store(rest.dst, result);
            let x = reflect(if SEAL { result } else { text });
            *sums = add_products(*sums, xor(x, rest.y), load(*power));
            rest.y = zero();
            *power = power.add(BLOCK);
            rest.advance(BLOCK);
        }
    }
}

impl Rest {
    /// # Safety
    /// So many bytes are left, and are done.
    #[inline(always)]
    unsafe fn advance(&mut self, bytes: usize) {
        // SAFETY: the caller's promise.
        (self.src, self.dst) = unsafe { (self.src.add(bytes), self.dst.add(bytes)) };
        self.len -= bytes;
    }
}

/// Counts up. SP 800-38D 6.2: the last word alone, and it wraps.
#[inline]
#[target_feature(enable = "aes")]
fn count(counter: &mut uint32x4_t) {
    *counter = vaddq_u32(*counter, vsetq_lane_u32::<3>(1, vdupq_n_u32(0)));
}

/// The next counter blocks.
#[inline]
#[target_feature(enable = "aes")]
fn start<const N: usize>(counter: &mut uint32x4_t) -> [V; N] {
    let mut s = [zero(); N];
    for s in &mut s {
        *s = vrev32q_u8(vreinterpretq_u8_u32(*counter));
        count(counter);
    }
    s
}

/// Rounds of FIPS 197, which counts from 1, but for the addition of their keys: that is the next
/// round's, see `neon_block.rs`.
///
/// # Safety
/// Rounds of 1 to 13.
#[inline]
#[target_feature(enable = "aes")]
unsafe fn rounds<const N: usize>(s: &mut [V; N], parts: Parts, first: usize, last: usize) {
    for round in first..=last {
        // SAFETY: there are 15 round keys.
        let key = unsafe { load(parts.rounds.add(BLOCK * (round - 1))) };
        for s in s.iter_mut() {
            *s = vaesmcq_u8(vaeseq_u8(*s, key));
        }
    }
}

/// What is left of a block's rounds, and `text`, added.
#[inline]
#[target_feature(enable = "aes")]
fn last_round(s: V, parts: Parts, text: V) -> V {
    // SAFETY: there are 15 round keys.
    let (key, last) =
        unsafe { (load(parts.rounds.add(BLOCK * 13)), load(parts.rounds.add(BLOCK * 14))) };
    xor(vaeseq_u8(s, key), xor(last, text))
}

/// Round `I` + 1 of a stride, and the products of block `I` of another one; `y` is added to it.
///
/// # Safety
/// A stride is at `hashed`; `I` is less than 8.
#[inline]
#[target_feature(enable = "aes")]
unsafe fn round_and_hash<const I: usize>(
    s: &mut [V; STRIDE_BLOCKS],
    sums: &mut [V; 3],
    parts: Parts,
    hashed: *const u8,
    y: V,
) {
    // SAFETY: below: the caller's promise; there are 8 powers, and half as many blocks of sums.
    unsafe { rounds(s, parts, I + 1, I + 1) };
    fence(s, sums);
    let x = xor(reflect(unsafe { load(hashed.add(I * BLOCK)) }), y);
    let h = unsafe { load(parts.powers.add(I * BLOCK)) };
    let h_sums = unsafe { load(parts.sums.add(I / 2 * BLOCK)) };
    *sums = if I % 2 == 0 {
        add_products_with::<false>(*sums, x, h, h_sums)
    } else {
        add_products_with::<true>(*sums, x, h, h_sums)
    };
    fence(s, sums);
}

/// Keeps what stands before it before, and what stands after it after.
#[inline]
#[target_feature(enable = "aes")]
fn fence(s: &mut [V; STRIDE_BLOCKS], sums: &mut [V; 3]) {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = s;
    let [lo, mid, hi] = sums;
    // SAFETY: no instruction.
    unsafe {
        core::arch::asm!(
            "/* {0:v} {1:v} {2:v} {3:v} {4:v} {5:v} {6:v} {7:v} {8:v} {9:v} {10:v} */",
            inout(vreg) * s0,
            inout(vreg) * s1,
            inout(vreg) * s2,
            inout(vreg) * s3,
            inout(vreg) * s4,
            inout(vreg) * s5,
            inout(vreg) * s6,
            inout(vreg) * s7,
            inout(vreg) * lo,
            inout(vreg) * mid,
            inout(vreg) * hi,
            options(nomem, nostack, preserves_flags)
        );
    }
}
