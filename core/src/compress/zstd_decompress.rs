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

#[cfg_attr(feature = "fast-software", path = "zstd_pieces.rs")]
#[cfg_attr(not(feature = "fast-software"), path = "zstd_pieces_small.rs")]
mod pieces;

pub use pieces::Pieces;

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

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::compress::{Frame, Workspace};

    /// Opens a frame of `plain_len` bytes that comes in pieces of `piece` bytes.
    fn open(frame: &[u8], window: usize, plain_len: usize, piece: usize) -> Result<Vec<u8>> {
        // No byte more than is asked for.
        let mut memory = vec![MaybeUninit::uninit(); Workspace::for_pieces(window, 0)];
        let mut plain = vec![0; plain_len];
        let mut workspace = Workspace::new(&mut memory);
        let (mut pieces, _) = workspace.decompressor(window, 0)?;
        let mut out = Out::new(&mut plain);
        for part in frame.chunks(piece) {
            assert!(!pieces.finished());
            pieces.step(part, &mut out, 0, plain_len)?;
        }
        let whole = pieces.finished() && out.len() == plain_len;
        if whole { Ok(plain) } else { Err(Error::BadFrame) }
    }

    fn block_header(last: bool, kind: usize, size: usize) -> [u8; 3] {
        let [a, b, c, ..] = (usize::from(last) | kind << 1 | size << 3).to_le_bytes();
        [a, b, c]
    }

    /// Blocks of no bytes, one as it is, a run, and more of none.
    fn plain_blocks() -> (Vec<u8>, Vec<u8>) {
        let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x60, 0xF4, 0];
        let empty = || block_header(false, 0, 0).repeat(500);
        frame.extend(empty());
        frame.extend(block_header(false, 0, 200));
        frame.extend(0..200);
        frame.extend(block_header(false, 1, 300));
        frame.push(7);
        frame.extend(empty());
        frame.extend(block_header(true, 0, 0));
        (frame, (0..200).chain([7; 300]).collect())
    }

    #[test]
    fn pieces_of_any_length_give_the_content() {
        let (frame, plain) = plain_blocks();
        assert_eq!(Frame::parse(&frame), Ok(Frame { content_size: 500, window: 500 }));
        for piece in (4..300).chain([frame.len() - 1, frame.len()]) {
            assert_eq!(open(&frame, 500, 500, piece).as_ref(), Ok(&plain), "{piece}");
        }
    }

    #[test]
    fn pieces_that_are_wrong_are_refused() {
        let (frame, _) = plain_blocks();
        let longer = [&frame[..], &[0]].concat();
        let two = [&frame[..], &frame].concat();
        let much = frame.len() - 3;
        let full = [&frame[..much], &block_header(true, 0, 1), &[1]].concat();
        let reserved = [&frame[..much], &block_header(true, 3, 1), &[1]].concat();
        for piece in [5, 128, 1 << 20] {
            for (what, bytes) in [
                ("byte after the end", &longer[..]),
                ("second frame", &two),
                ("not the end", &frame[..much]),
                ("within a header", &frame[..frame.len() - 1]),
                ("more content", &full),
                ("reserved block", &reserved),
            ] {
                let got = open(bytes, 500, 500, piece);
                assert_eq!(got, Err(Error::BadFrame), "{what}, {piece}");
            }
        }
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn pieces_of_compressed_blocks_give_the_content() {
        use crate::compress::{Settings, bound, compress};

        let mut state = 1_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        // Text of few letters, noise and a run: compressed, raw and run-length blocks.
        let mut plain: Vec<u8> = (0..300_000).map(|_| b'a' + noise() % 7).collect();
        plain.extend((0..200_000).map(|_| noise()));
        plain.extend([9; 300_000]);
        for small in [false, true] {
            let settings = Settings { level: 1, small };
            let mut memory = vec![MaybeUninit::uninit(); settings.workspace(plain.len()).unwrap()];
            let mut frame = vec![0; bound(plain.len())];
            let mut workspace = Workspace::new(&mut memory);
            let mut compressor = workspace.compressor(settings, plain.len()).unwrap();
            let mut out = Out::new(&mut frame);
            compress(&mut compressor, &plain, settings, bound(plain.len()), &mut out).unwrap();
            let frame = out.written();
            let window = Frame::parse(frame).unwrap().window as usize;
            for piece in [100, 1021, 65_536, 140_000, frame.len()] {
                let opened = open(frame, window, plain.len(), piece);
                assert!(opened.as_ref() == Ok(&plain), "small {small}, {piece}");
            }
            let mut spoilt = frame.to_vec();
            let at = spoilt.len() / 9;
            spoilt[at..at + 64].fill(0xFF);
            for piece in [1021, frame.len()] {
                assert!(open(&spoilt, window, plain.len(), piece) != Ok(plain.clone()));
            }
        }
    }
}
