//! Where a message is read and where it is written, for engines that work on pointers.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

/// A source and a destination of the same length, in one place or in two that don't overlap.
///
/// Invariant: `src` points to `len` initialised bytes, `dst` to `len` writable ones, both for as
/// long as the borrows last. They are equal or disjoint.
pub struct Span<'s, 'm> {
    src: *const u8,
    dst: *mut u8,
    len: usize,
    memory: PhantomData<(&'s [u8], &'m mut [u8])>,
}

impl<'s, 'm> Span<'s, 'm> {
    /// Reads and writes `data`.
    pub fn in_place(data: &'m mut [u8]) -> Self {
        let dst = data.as_mut_ptr();
        Span { src: dst, dst, len: data.len(), memory: PhantomData }
    }

    /// Reads `from`, writes `to`: as far as both reach, which is all of them in this crate.
    pub fn apart(from: &'s [u8], to: &'m mut [MaybeUninit<u8>]) -> Self {
        let len = from.len().min(to.len());
        Span { src: from.as_ptr(), dst: to.as_mut_ptr().cast(), len, memory: PhantomData }
    }

    /// Where [`Span::len`] bytes are to be read.
    pub fn source(&self) -> *const u8 {
        self.src
    }

    /// Where [`Span::len`] bytes are to be written.
    pub fn destination(&self) -> *mut u8 {
        self.dst
    }

    /// The message's length.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the message has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The destination, when it is all written.
    ///
    /// # Safety
    /// All of it was written since the span was made.
    pub unsafe fn written(self) -> &'m mut [u8] {
        // SAFETY: the type's invariant, and the caller's promise.
        unsafe { core::slice::from_raw_parts_mut(self.dst, self.len) }
    }

    /// The message in its destination, to be worked on there.
    pub fn settle(self) -> &'m mut [u8] {
        // SAFETY: the type's invariant; when the two are one, nothing is to be copied.
        unsafe {
            if self.src != self.dst {
                core::ptr::copy_nonoverlapping(self.src, self.dst, self.len);
            }
            self.written()
        }
    }
}
