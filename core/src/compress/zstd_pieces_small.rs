//! A frame in pieces to one buffer, block by block: what libzstd's streaming is made of, without
//! what a frame that was read strictly does not need of it. That is 4 KB of flash.
//!
//! libzstd calls these functions hard to use, and means to make them its own: whoever can spare
//! the flash builds `zstd_pieces.rs` with the feature `fast-software`.

use zstd_safe::zstd_sys as sys;

use super::Decompressor;
use crate::compress::zstd::checked;
use crate::error::{Error, Result};
use crate::out::{Out, Scratch};

/// Decompresses a frame that comes in pieces into one buffer, which serves as the window.
pub struct Pieces<'w> {
    decompressor: Decompressor<'w>,
    /// What libzstd wants next, if it came in parts: a header or a block.
    parts: Scratch<'w>,
    held: usize,
}

impl<'w> Pieces<'w> {
    /// Of `memory` bytes, those that the context takes.
    pub fn state(_: usize) -> usize {
        Decompressor::state()
    }

    /// With a context at the beginning of a frame, and the rest of the memory.
    ///
    /// # Errors
    /// None for a context that was placed.
    pub fn new(decompressor: Decompressor<'w>, parts: Scratch<'w>) -> Result<Self> {
        // SAFETY: the decompressor has the context's memory for itself.
        checked(unsafe { sys::ZSTD_decompressBegin(decompressor.context.as_ptr()) })?;
        Ok(Pieces { decompressor, parts, held: 0 })
    }

    /// Decompresses all of `input` to the end of `out`. The frame's content began at byte `start`,
    /// and has `plain_len` bytes for which space was reserved; `out` is the same in every call.
    ///
    /// # Errors
    /// [`Error::BadFrame`]: corrupt, bytes after the frame's end, or more content than stated.
    pub fn step(
        &mut self,
        mut input: &[u8],
        out: &mut Out,
        start: usize,
        plain_len: usize,
    ) -> Result<()> {
        while !input.is_empty() {
            let wanted = self.wanted();
            if wanted == 0 {
                return Err(Error::BadFrame);
            }
            let missing = wanted.saturating_sub(self.held);
            let (part, rest) = input.split_at(missing.min(input.len()));
            input = rest;
            let whole = if part.len() == wanted {
                part.as_ptr()
            } else {
                let end = self.held + part.len();
                let space = self.parts.get_mut(self.held..end).ok_or(Error::BadFrame)?;
                space.write_copy_of_slice(part);
                self.held = end;
                if end < wanted {
                    return Ok(());
                }
                self.held = 0;
                self.parts.as_ptr().cast()
            };
            // SAFETY: `part`, or as many bytes as were written to `parts`.
            unsafe { self.take((whole, wanted), out, start, plain_len) }?;
        }
        Ok(())
    }

    /// Whether the frame's end was reached.
    pub fn finished(&self) -> bool {
        self.wanted() == 0
    }

    /// The bytes that libzstd wants next: none at the frame's end.
    fn wanted(&self) -> usize {
        // SAFETY: only reads the context.
        unsafe { sys::ZSTD_nextSrcSizeToDecompress(self.decompressor.context.as_ptr()) }
    }

    /// Gives libzstd the `len` bytes from `from` that it wants.
    ///
    /// # Safety
    /// They can be read, and `out` is as [`Pieces::step`] says.
    unsafe fn take(
        &mut self,
        (from, len): (*const u8, usize),
        out: &mut Out,
        start: usize,
        plain_len: usize,
    ) -> Result<()> {
        let pos = out.len() - start;
        let space = out.region(start, plain_len)?.get_mut(pos..).unwrap_or_default();
        let (to, room) = (space.as_mut_ptr().cast(), space.len());
        // SAFETY: our caller's promise. libzstd writes at most `room` bytes, and reads of the
        // buffer what it wrote before: the same memory lies in front of `to`.
        unsafe {
            let context = self.decompressor.context.as_ptr();
            let made = sys::ZSTD_decompressContinue(context, to, room, from.cast(), len);
            if sys::ZSTD_isError(made) != 0 {
                return Err(Error::BadFrame);
            }
            out.advance(made);
        }
        Ok(())
    }
}
