//! Where a message is read and where it is written, for kernels that work on pointers.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

/// A source and a destination of the same length, in one place or in two that don't overlap.
///
/// Invariant: `src` points to `len` initialised bytes, `dst` to `len` writable ones, both for as
/// long as the borrow lasts. They are equal or disjoint.
pub struct Span<'m> {
    pub src: *const u8,
    pub dst: *mut u8,
    pub len: usize,
    memory: PhantomData<&'m mut [u8]>,
}

impl<'m> Span<'m> {
    /// Reads and writes `data`.
    pub fn in_place(data: &'m mut [u8]) -> Self {
        let dst = data.as_mut_ptr();
        Span { src: dst, dst, len: data.len(), memory: PhantomData }
    }

    /// Reads `from`, writes `to`: as far as both reach, which is all of them in this crate.
    pub fn apart(from: &'m [u8], to: &'m mut [MaybeUninit<u8>]) -> Self {
        let len = from.len().min(to.len());
        Span { src: from.as_ptr(), dst: to.as_mut_ptr().cast(), len, memory: PhantomData }
    }
}

/// Up to `N` bytes, then zeros.
///
/// # Safety
/// `len` readable bytes.
#[inline(always)]
pub unsafe fn read_part<const N: usize>(at: *const u8, len: usize) -> [u8; N] {
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
pub unsafe fn write_part<const N: usize>(at: *mut u8, len: usize, bytes: &mut [u8; N]) {
    // SAFETY: the caller's promise; no more than the array has.
    unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), at, len.min(N)) };
    bytes.iter_mut().skip(len).for_each(|byte| *byte = 0);
}
