//! Where results go: a caller's buffer, which may be uninitialised memory.
//!
//! [`Out`] is the only type in core that touches memory nobody wrote yet. It counts what was
//! written, hands out initialised slices alone, and remembers how much space a refused result would
//! have needed.

use core::mem::MaybeUninit;

use zeroize::Zeroize;

use crate::error::{Error, Result};

/// Scratch memory lent by the caller; its contents mean nothing before and after a call.
pub type Scratch<'a> = &'a mut [MaybeUninit<u8>];

/// A growing result in the caller's fixed memory.
///
/// Invariant: `space[..len]` is initialised.
pub struct Out<'a> {
    space: &'a mut [MaybeUninit<u8>],
    len: usize,
    needed: usize,
}

impl<'a> Out<'a> {
    /// A result in memory that may be uninitialised.
    pub fn uninit(space: &'a mut [MaybeUninit<u8>]) -> Self {
        Out { space, len: 0, needed: 0 }
    }

    /// A result in an ordinary slice.
    pub fn new(space: &'a mut [u8]) -> Self {
        Self::uninit(as_scratch(space))
    }

    /// The bytes written so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The whole size that was asked for when a call ended with [`Error::BufferTooSmall`].
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// Hands the whole result over, to be put back by the one who took it.
    pub(crate) fn take(&mut self) -> Out<'a> {
        core::mem::replace(self, Out::uninit(&mut []))
    }

    /// Makes sure that `more` bytes fit, before any work is done.
    pub fn reserve(&mut self, more: usize) -> Result<()> {
        let needed = self.len.checked_add(more).ok_or(Error::TooLarge)?;
        if needed > self.space.len() {
            self.needed = needed;
            return Err(Error::BufferTooSmall);
        }
        Ok(())
    }

    /// Appends `bytes` and returns where they now stand.
    pub fn push(&mut self, bytes: &[u8]) -> Result<&mut [u8]> {
        let (space, end) = self.next(bytes.len())?;
        let space = space.get_mut(..bytes.len()).ok_or(Error::BadState)?;
        *end += bytes.len();
        // SAFETY: both have this length, and `space` is borrowed exclusively; then it is written.
        Ok(unsafe {
            core::ptr::copy_nonoverlapping(bytes.as_ptr(), space.as_mut_ptr().cast(), bytes.len());
            space.assume_init_mut()
        })
    }

    /// Appends `count` zero bytes and returns where they stand.
    pub fn push_zeros(&mut self, count: usize) -> Result<&mut [u8]> {
        let (space, end) = self.next(count)?;
        space.fill(MaybeUninit::new(0));
        *end += count;
        // SAFETY: just written.
        Ok(unsafe { space.assume_init_mut() })
    }

    /// Appends `count` bytes: `write` gets the memory for them, and gives it back written.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`]; whatever `write` returns, and nothing is appended then.
    pub(crate) fn push_with<T>(
        &mut self,
        count: usize,
        write: impl FnOnce(Scratch<'_>) -> Result<(&mut [u8], T)>,
    ) -> Result<T> {
        let (space, end) = self.next(count)?;
        let start = space.as_ptr();
        let (written, made) = write(space)?;
        if !core::ptr::eq(written.as_ptr(), start.cast()) || written.len() != count {
            return Err(Error::BadState);
        }
        *end += count;
        Ok(made)
    }

    /// The next `count` bytes of the space, and the length, which the caller raises.
    fn next(&mut self, count: usize) -> Result<(&mut [MaybeUninit<u8>], &mut usize)> {
        self.reserve(count)?;
        let rest = self.space.get_mut(self.len..).unwrap_or_default();
        let space = rest.get_mut(..count).ok_or(Error::BufferTooSmall)?;
        Ok((space, &mut self.len))
    }

    /// What was written.
    pub fn written(&self) -> &[u8] {
        // SAFETY: the type's invariant: these bytes are initialised.
        unsafe { self.space.get(..self.len).unwrap_or_default().assume_init_ref() }
    }

    /// What was written, to be changed.
    pub fn written_mut(&mut self) -> &mut [u8] {
        // SAFETY: the type's invariant: these bytes are initialised.
        unsafe { self.space.get_mut(..self.len).unwrap_or_default().assume_init_mut() }
    }

    /// What was written from byte `start` on.
    pub fn written_from(&self, start: usize) -> &[u8] {
        self.written().get(start..).unwrap_or_default()
    }

    /// What was written from byte `start` on, to be changed.
    pub fn written_from_mut(&mut self, start: usize) -> &mut [u8] {
        self.written_mut().get_mut(start..).unwrap_or_default()
    }

    /// The memory that nobody wrote yet.
    pub(crate) fn spare(&mut self) -> &mut [MaybeUninit<u8>] {
        self.space.get_mut(self.len..).unwrap_or_default()
    }

    /// The `len` bytes from `start` on, written or not, as one piece of memory.
    pub(crate) fn region(&mut self, start: usize, len: usize) -> Result<Scratch<'_>> {
        self.space
            .get_mut(start..)
            .and_then(|rest| rest.get_mut(..len))
            .ok_or(Error::BufferTooSmall)
    }

    /// Takes the next `count` bytes of [`Out::spare`] for written.
    ///
    /// # Safety
    /// The caller has initialised them, and they are within the space.
    pub(crate) unsafe fn advance(&mut self, count: usize) {
        self.len += count;
    }

    /// Cuts what was written to `len` bytes; the rest is zeroed.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len {
            self.written_from_mut(len).zeroize();
            self.len = len;
        }
    }

    /// Forgets what was written, to write over it: for scratch memory, whose contents the lender
    /// wipes if he cares.
    pub(crate) fn rewind(&mut self) {
        self.len = 0;
    }

    /// Runs `work`; if it fails, zeroes whatever it wrote.
    pub(crate) fn or_wipe<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let start = self.len;
        let result = work(self);
        if result.is_err() {
            self.truncate(start);
        }
        result
    }

    /// Reserves `most` bytes and runs `work`; if it fails, zeroes all of them, for libzstd may have
    /// written more than it said.
    pub(crate) fn or_wipe_all<T>(
        &mut self,
        most: usize,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.reserve(most)?;
        let start = self.len;
        let result = work(self);
        if result.is_err() {
            self.truncate(start);
            self.spare().get_mut(..most).unwrap_or_default().zeroize();
        }
        result
    }
}

/// `count` values in scratch memory, if they fit; the lender wipes what stays there.
pub fn values<T: Copy + Default>(scratch: Scratch<'_>, count: usize) -> Option<&mut [T]> {
    // SAFETY: a MaybeUninit<T> asks of its bytes nothing but the alignment, which align_to_mut
    // sees to.
    let (_, places, _) = unsafe { scratch.align_to_mut::<MaybeUninit<T>>() };
    let places = places.get_mut(..count)?;
    for place in places.iter_mut() {
        place.write(T::default());
    }
    // SAFETY: all of them were just written.
    Some(unsafe { places.assume_init_mut() })
}

/// An initialised slice, seen as scratch memory.
pub fn as_scratch(bytes: &mut [u8]) -> Scratch<'_> {
    let (start, len) = (bytes.as_mut_ptr(), bytes.len());
    // SAFETY: same memory, same length, same lifetime, exclusive. In this crate only `Out` writes
    // through such a slice, and zstd uses it as scratch; both write whole bytes, never
    // uninitialised ones.
    unsafe { core::slice::from_raw_parts_mut(start.cast(), len) }
}
