//! Part of a vector, for engines without masked moves.

/// Up to `N` bytes, then zeros.
///
/// # Safety
/// `len` readable bytes.
#[inline(always)]
pub unsafe fn read<const N: usize>(at: *const u8, len: usize) -> [u8; N] {
    let mut bytes = [0; N];
    // SAFETY: the caller's promise; no more than the array has.
    unsafe { core::ptr::copy_nonoverlapping(at, bytes.as_mut_ptr(), len.min(N)) };
    bytes
}

/// Writes the first `len` of `bytes`, and zeroes the others.
///
/// # Safety
/// `len` writable bytes.
#[inline(always)]
pub unsafe fn write<const N: usize>(at: *mut u8, len: usize, bytes: &mut [u8; N]) {
    // SAFETY: the caller's promise; no more than the array has.
    unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), at, len.min(N)) };
    bytes.iter_mut().skip(len).for_each(|byte| *byte = 0);
}
