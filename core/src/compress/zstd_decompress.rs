//! Decompression by libzstd.

#![allow(unsafe_code)]

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use zstd_safe::zstd_sys as sys;

use super::lent::{ALIGNMENT, aligned};
use super::zstd::{SESSION_AND_PARAMETERS, checked};
use crate::error::{Error, Result};
use crate::out::{Out, Scratch};

/// libzstd's context, where it stands.
pub(super) type Placed = NonNull<sys::ZSTD_DCtx>;

/// Appends the content of `frame`, which is `plain_len` bytes, to `out`; on an error nothing stays
/// there.
///
/// The caller has parsed the frame, so that nothing but its blocks can be wrong.
///
/// # Errors
/// [`Error::BufferTooSmall`]: nothing was written. [`Error::BadFrame`]: a block of the frame is
/// corrupt, or there is more or less content than stated.
pub fn decompress(
    decompressor: Decompressor,
    frame: &[u8],
    plain_len: usize,
    out: &mut Out,
) -> Result<()> {
    out.reserve(plain_len)?;
    let context = decompressor.context.as_ptr();
    let space = out.spare();
    // SAFETY: as in `compress`; decompressDCtx writes at most `plain_len` bytes, which are within
    // `space`. When it fails it may have written some of them: all are overwritten before that
    // memory is forgotten.
    unsafe {
        let (to, from) = (space.as_mut_ptr().cast(), frame.as_ptr().cast());
        let written = sys::ZSTD_decompressDCtx(context, to, plain_len, from, frame.len());
        if sys::ZSTD_isError(written) != 0 || written != plain_len {
            space.get_mut(..plain_len).unwrap_or_default().fill(MaybeUninit::new(0));
            return Err(Error::BadFrame);
        }
        out.advance(written);
    }
    Ok(())
}

/// A decompressor at the beginning of a frame, which comes whole or piece by piece.
///
/// Its state lies in lent memory.
pub struct Decompressor<'w> {
    context: Placed,
    finished: bool,
    memory: PhantomData<Scratch<'w>>,
}

impl<'w> Decompressor<'w> {
    /// The memory to decompress a whole frame into one buffer.
    pub(super) fn state() -> usize {
        // SAFETY: only computes.
        unsafe { sys::ZSTD_estimateDCtxSize() }
    }

    /// The memory to decompress in pieces into one buffer, which serves as the window.
    pub(super) fn state_into(window: usize) -> usize {
        // libzstd keeps one compressed block, of at most 128 KiB or the window.
        Self::state() + window.clamp(4, 128 << 10)
    }

    /// The memory to decompress in pieces, with a window of its own.
    pub fn workspace(window: usize) -> usize {
        // SAFETY: only computes.
        unsafe { sys::ZSTD_estimateDStreamSize(window) }.saturating_add(ALIGNMENT)
    }

    /// Prepares for one frame that [`Decompressor::step`] will take.
    ///
    /// # Errors
    /// [`Error::WorkspaceTooSmall`]: smaller than [`Decompressor::workspace`].
    pub fn new(memory: Scratch<'w>, window: usize) -> Result<Self> {
        if memory.len() < Self::workspace(window) {
            return Err(Error::WorkspaceTooSmall);
        }
        let (start, len) = aligned(memory.as_mut_ptr().cast(), memory.len());
        // SAFETY: within `memory`, which is lent exclusively for 'w.
        unsafe {
            let context = Self::place(start, len)?;
            Self::at(context)
        }
    }

    /// Places a context at the front of `len` bytes; `None` if they are too few.
    ///
    /// # Safety
    /// As [`Compressor::place`].
    pub(super) unsafe fn place(start: *mut u8, len: usize) -> Result<Placed> {
        // SAFETY: our caller's promise; libzstd writes within the length.
        let placed = unsafe { sys::ZSTD_initStaticDCtx(start.cast(), len) };
        NonNull::new(placed).ok_or(Error::WorkspaceTooSmall)
    }

    /// Takes a context that was placed, whatever it did before, to the beginning of a frame.
    ///
    /// # Errors
    /// None for a context that was placed.
    ///
    /// # Safety
    /// As [`Compressor::at`].
    pub(super) unsafe fn at(context: Placed) -> Result<Self> {
        // SAFETY: our caller's promise.
        checked(unsafe { sys::ZSTD_DCtx_reset(context.as_ptr(), SESSION_AND_PARAMETERS) })?;
        Ok(Decompressor { context, finished: false, memory: PhantomData })
    }

    /// Makes the output the window: every [`Decompressor::step_into`] gets the same buffer.
    pub(super) fn into_one_buffer(self) -> Result<Self> {
        let stable_output = sys::ZSTD_dParameter::ZSTD_d_experimentalParam2;
        // SAFETY: the decompressor has the context's memory for itself.
        let set = unsafe { sys::ZSTD_DCtx_setParameter(self.context.as_ptr(), stable_output, 1) };
        checked(set).map(|_| self)
    }

    /// Decompresses from the front of `input` into `output`; returns how much of each was used.
    ///
    /// # Errors
    /// [`Error::BadFrame`]: corrupt, or bytes after the frame's end.
    pub fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize)> {
        let to =
            sys::ZSTD_outBuffer { dst: output.as_mut_ptr().cast(), size: output.len(), pos: 0 };
        // SAFETY: a live slice of this length.
        unsafe { self.run(input, to) }
    }

    /// Decompresses all of `input` to the end of `out`. The frame's content began at byte `start`,
    /// and has `plain_len` bytes for which space was reserved.
    ///
    /// # Errors
    /// [`Error::BadFrame`]: corrupt, bytes after the frame's end, or more content than stated.
    pub fn step_into(
        &mut self,
        mut input: &[u8],
        out: &mut Out,
        start: usize,
        plain_len: usize,
    ) -> Result<()> {
        while !input.is_empty() {
            let pos = out.len() - start;
            let dst = out.region(start, plain_len)?.as_mut_ptr().cast();
            let to = sys::ZSTD_outBuffer { dst, size: plain_len, pos };
            // SAFETY: `dst` is the same region in every call; libzstd reads only what it wrote, and
            // has written the bytes up to the position that it reports.
            let (used, end) = unsafe { self.run(input, to) }?;
            // SAFETY: as above.
            unsafe { out.advance(end - pos) };
            input = input.get(used..).unwrap_or_default();
            if used == 0 && end == pos && !input.is_empty() {
                return Err(Error::BadFrame);
            }
        }
        Ok(())
    }

    /// Whether the frame's end was reached.
    pub fn finished(&self) -> bool {
        self.finished
    }

    /// One call of decompressStream: returns how much input was used, and the output's new
    /// position.
    ///
    /// # Safety
    /// `to` describes memory that may be written.
    unsafe fn run(&mut self, input: &[u8], mut to: sys::ZSTD_outBuffer) -> Result<(usize, usize)> {
        if self.finished {
            return Err(Error::BadFrame);
        }
        let src = input.as_ptr().cast();
        let mut from = sys::ZSTD_inBuffer { src, size: input.len(), pos: 0 };
        // SAFETY: the context's memory is lent for 'w, `input` is live, and our caller vouches for
        // `to`.
        let left = unsafe { sys::ZSTD_decompressStream(self.context.as_ptr(), &mut to, &mut from) };
        // SAFETY: only computes.
        if unsafe { sys::ZSTD_isError(left) } != 0 {
            return Err(Error::BadFrame);
        }
        self.finished = left == 0;
        Ok((from.pos, to.pos))
    }
}
