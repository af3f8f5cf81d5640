//! A block as a vector: read and written whole or in part, added, multiplied by halves.

use core::arch::aarch64::*;

/// # Safety
/// 16 readable bytes.
#[inline]
#[target_feature(enable = "aes")]
pub unsafe fn load(at: *const u8) -> uint8x16_t {
    // SAFETY: the caller's promise.
    unsafe { vld1q_u8(at) }
}

/// # Safety
/// 16 writable bytes.
#[inline]
#[target_feature(enable = "aes")]
pub unsafe fn store(at: *mut u8, block: uint8x16_t) {
    // SAFETY: the caller's promise.
    unsafe { vst1q_u8(at, block) }
}

/// The bytes that are there, at most 16, then zeros. A copy in memory would have to be wiped.
///
/// # Safety
/// `len` readable bytes.
#[inline]
#[target_feature(enable = "aes")]
pub unsafe fn load_part(at: *const u8, len: usize) -> uint8x16_t {
    // SAFETY: below: the caller's promise.
    if len >= 16 {
        return unsafe { load(at) };
    }
    let mut block: u128 = 0;
    for i in (0..len).rev() {
        block = block << 8 | u128::from(unsafe { *at.add(i) });
    }
    vreinterpretq_u8_p128(block)
}

/// Writes the first `len` bytes, and returns them with zeros behind.
///
/// # Safety
/// `len` writable bytes, less than 16.
#[inline]
#[target_feature(enable = "aes")]
pub unsafe fn store_part(at: *mut u8, len: usize, block: uint8x16_t) -> uint8x16_t {
    let block = vreinterpretq_p128_u8(block);
    for i in 0..len {
        // SAFETY: the caller's promise.
        unsafe { *at.add(i) = (block >> (8 * i)) as u8 };
    }
    vreinterpretq_u8_p128(block & ((1 << (8 * len)) - 1))
}

#[inline]
#[target_feature(enable = "aes")]
pub fn from_bytes(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: 16 bytes.
    unsafe { load(bytes.as_ptr()) }
}

#[inline]
#[target_feature(enable = "aes")]
pub fn to_bytes(block: uint8x16_t) -> [u8; 16] {
    let mut bytes = [0; 16];
    // SAFETY: 16 bytes.
    unsafe { store(bytes.as_mut_ptr(), block) };
    bytes
}

#[inline]
#[target_feature(enable = "aes")]
pub fn zero() -> uint8x16_t {
    vdupq_n_u8(0)
}

#[inline]
#[target_feature(enable = "aes")]
pub fn xor(a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
    veorq_u8(a, b)
}

/// From bytes in memory to a polynomial, and back.
#[inline]
#[target_feature(enable = "aes")]
pub fn reflect(a: uint8x16_t) -> uint8x16_t {
    vrbitq_u8(a)
}

#[inline]
#[target_feature(enable = "aes")]
pub fn swap_halves(a: uint8x16_t) -> uint8x16_t {
    vextq_u8::<8>(a, a)
}

/// The sum of the halves, twice.
#[inline]
#[target_feature(enable = "aes")]
pub fn sum_of_halves(a: uint8x16_t) -> uint8x16_t {
    xor(a, swap_halves(a))
}

/// The carry-less product of the lower halves.
#[inline]
#[target_feature(enable = "aes")]
pub fn low_product(a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
    let (a, b) = (vreinterpretq_u64_u8(a), vreinterpretq_u64_u8(b));
    vreinterpretq_u8_p128(vmull_p64(vgetq_lane_u64::<0>(a), vgetq_lane_u64::<0>(b)))
}

/// The carry-less product of the upper halves. Of the intrinsic function LLVM would see the halves,
/// and load and move them one by one.
#[inline]
#[target_feature(enable = "aes")]
pub fn high_product(a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
    let product;
    // SAFETY: PMULL is among the features; registers alone are used.
    unsafe {
        core::arch::asm!(
            "pmull2 {product:v}.1q, {a:v}.2d, {b:v}.2d",
            product = lateout(vreg) product,
            a = in(vreg) a,
            b = in(vreg) b,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    product
}
