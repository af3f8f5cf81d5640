//! A frame in pieces to one buffer, by libzstd's streaming.

use zstd_safe::zstd_sys as sys;

use super::Decompressor;
use crate::compress::zstd::checked;
use crate::error::{Error, Result};
use crate::out::{Out, Scratch};

/// Decompresses a frame that comes in pieces into one buffer, which serves as the window.
pub struct Pieces<'w>(Decompressor<'w>);

impl<'w> Pieces<'w> {
    /// Of `memory` bytes, those that the context takes: libzstd keeps a block that came in parts.
    pub fn state(memory: usize) -> usize {
        memory
    }

    /// With a context at the beginning of a frame, and the rest of the memory.
    ///
    /// # Errors
    /// None for a context that was placed.
    pub fn new(decompressor: Decompressor<'w>, _: Scratch<'w>) -> Result<Self> {
        let stable_output = sys::ZSTD_dParameter::ZSTD_d_experimentalParam2;
        let context = decompressor.context.as_ptr();
        // SAFETY: the decompressor has the context's memory for itself.
        checked(unsafe { sys::ZSTD_DCtx_setParameter(context, stable_output, 1) })?;
        Ok(Pieces(decompressor))
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
            let pos = out.len() - start;
            let dst = out.region(start, plain_len)?.as_mut_ptr().cast();
            let to = sys::ZSTD_outBuffer { dst, size: plain_len, pos };
            // SAFETY: `dst` is the same region in every call; libzstd reads only what it wrote, and
            // has written the bytes up to the position that it reports.
            let (used, end) = unsafe { self.0.run(input, to) }?;
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
        self.0.finished()
    }
}
