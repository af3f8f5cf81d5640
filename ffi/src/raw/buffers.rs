//! Buffers and plain structures.

use core::ffi::c_char;
use core::mem::MaybeUninit;

use coffre_core::error::{Error, Result};
use coffre_core::out::Out;

use super::spans::Spans;

/// Whether `len` values at `ptr` can be: not NULL unless there are none, aligned, and not wrapping.
pub(super) fn check<T>(ptr: *const T, len: usize) -> Result<()> {
    if len == 0 && ptr.is_null() {
        return Ok(());
    }
    let bytes = len.checked_mul(size_of::<T>()).ok_or(Error::InvalidArgument)?;
    let end = ptr.addr().checked_add(bytes);
    let fits = !ptr.is_null() && ptr.is_aligned() && end.is_some() && bytes <= isize::MAX as usize;
    if fits { Ok(()) } else { Err(Error::InvalidArgument) }
}

/// A buffer that the call reads.
///
/// # Safety
/// `ptr` is NULL, or readable for `len` bytes for as long as the result lives.
pub unsafe fn input<'a>(ptr: *const u8, len: usize) -> Result<&'a [u8]> {
    check(ptr, len)?;
    if len == 0 {
        return Ok(&[]);
    }
    // SAFETY: not NULL, not wrapping; the caller promises the rest.
    Ok(unsafe { core::slice::from_raw_parts(ptr, len) })
}

/// A buffer that the call writes; its contents may be uninitialised.
///
/// # Safety
/// `ptr` is NULL, or writable for `len` bytes, by nobody else, for as long as the result lives.
pub unsafe fn output<'a>(ptr: *mut u8, len: usize) -> Result<&'a mut [MaybeUninit<u8>]> {
    check(ptr, len)?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: as above; MaybeUninit needs no initialised memory.
    Ok(unsafe { core::slice::from_raw_parts_mut(ptr.cast(), len) })
}

/// A buffer that the call reads and writes over.
///
/// # Safety
/// `ptr` is NULL, or readable and writable for `len` bytes, by nobody else, for as long as the
/// result lives.
#[cfg(feature = "hazmat")]
pub unsafe fn in_place<'a>(ptr: *mut u8, len: usize) -> Result<&'a mut [u8]> {
    check(ptr, len)?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: not NULL, not wrapping; the caller promises the rest.
    Ok(unsafe { core::slice::from_raw_parts_mut(ptr, len) })
}

/// An array of plain structures that the call writes.
///
/// # Safety
/// As [`output`], for `len` structures.
pub unsafe fn outputs<'a, T: Copy>(ptr: *mut T, len: usize) -> Result<&'a mut [MaybeUninit<T>]> {
    check(ptr, len)?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: as above.
    Ok(unsafe { core::slice::from_raw_parts_mut(ptr.cast(), len) })
}

/// A fixed array that the call reads.
///
/// # Safety
/// As [`input`], for `N` bytes.
pub unsafe fn array<'a, const N: usize>(ptr: *const u8) -> Result<&'a [u8; N]> {
    // SAFETY: the caller's promise.
    unsafe { input(ptr, N) }?.first_chunk().ok_or(Error::InvalidArgument)
}

/// A plain structure that the call reads.
///
/// # Safety
/// `ptr` is NULL, or points to a live `T` for as long as the result lives.
pub unsafe fn structure<'a, T: Copy>(ptr: *const T) -> Result<&'a T> {
    check(ptr, 1)?;
    // SAFETY: not NULL, aligned; the caller promises the rest.
    Ok(unsafe { &*ptr })
}

/// A plain structure that may be left out.
///
/// # Safety
/// As [`structure`].
pub unsafe fn optional<'a, T: Copy>(ptr: *const T) -> Result<Option<&'a T>> {
    if ptr.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { structure(ptr) }.map(Some)
}

/// The bytes of a C string before its NUL, of which there are at most `max`.
///
/// # Errors
/// [`Error::InvalidArgument`]: NULL. [`Error::TooLarge`]: longer.
///
/// # Safety
/// `ptr` is NULL, or readable up to a NUL or for `max + 1` bytes for as long as the result lives.
pub unsafe fn string<'a>(ptr: *const c_char, max: usize) -> Result<&'a [u8]> {
    let ptr: *const u8 = ptr.cast();
    check(ptr, 1)?;
    for len in 0..=max {
        // SAFETY: the caller's promise: no NUL stands before this byte.
        if unsafe { ptr.add(len).read() } == 0 {
            // SAFETY: as above, for all bytes before it.
            return unsafe { input(ptr, len) };
        }
    }
    Err(Error::TooLarge)
}

/// Writes a plain result; what was there is not read.
///
/// # Safety
/// `ptr` is NULL, or writable for a `T`.
pub unsafe fn store<T: Copy>(ptr: *mut T, value: T) -> Result<()> {
    check(ptr, 1)?;
    // SAFETY: not NULL, aligned; the caller promises the rest.
    unsafe { ptr.write(value) };
    Ok(())
}

/// Writes a fixed array.
///
/// # Safety
/// As [`store`], for `N` bytes.
pub unsafe fn store_array<const N: usize>(ptr: *mut u8, value: [u8; N]) -> Result<()> {
    // SAFETY: the caller's promise; an array of bytes needs no alignment.
    unsafe { store(ptr.cast(), value) }
}

/// Whether `ptr` can take a result that may be left out; asked before there is one.
pub fn optional_output<T>(ptr: *mut T) -> Result<()> {
    if ptr.is_null() { Ok(()) } else { check(ptr, 1) }
}

/// Runs `body` on the output triplet of the conventions chapter, and keeps its promises about
/// overlaps and `*out_len`. `spans` is what else the call reads and writes.
///
/// # Safety
/// `out` and `out_len` as [`output`] and [`store`] demand.
pub unsafe fn fill(
    spans: Spans,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
    body: impl FnOnce(&mut Out) -> Result<()>,
) -> Result<()> {
    let spans = spans.writes(out, out_cap);
    if spans.touch(out_len) {
        return Err(Error::Overlap);
    }
    // SAFETY: the caller's promise, here and below.
    unsafe { store(out_len, 0) }?;
    spans.disjoint()?;
    let mut result = Out::uninit(unsafe { output(out, out_cap) }?);
    let done = body(&mut result);
    let len = match done {
        Ok(()) => result.len(),
        Err(Error::BufferTooSmall) => result.needed(),
        Err(_) => 0,
    };
    unsafe { store(out_len, len) }?;
    done
}
