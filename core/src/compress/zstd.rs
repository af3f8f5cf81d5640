//! The calls into libzstd, with static contexts: nothing is allocated.
//!
//! libzstd keeps its whole state in lent memory and refuses (memory_allocation) rather than ask for
//! more. The memory may have any alignment; [`aligned`] gives away up to 7 bytes of it. Where a
//! context stands, and for how long, is `workspace.rs`'s business.

use core::ffi::c_int;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use zstd_safe::zstd_sys::{self as sys, ZSTD_cParameter as Parameter};

use crate::error::{Error, Result};
use crate::limits::SMALL_WINDOW_LOG;
use crate::out::{Out, Scratch};

/// What libzstd demands of its memory's start.
pub(super) const ALIGNMENT: usize = 8;
const SESSION_AND_PARAMETERS: sys::ZSTD_ResetDirective =
    sys::ZSTD_ResetDirective::ZSTD_reset_session_and_parameters;

/// How to compress.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// zstd's level; 1 is the format's default, negative ones are faster. Up to 3, what looks
    /// incompressible in samples is not tried.
    pub level: i32,
    /// Limit the window to what a microcontroller can hold.
    pub small: bool,
}

impl Settings {
    /// The memory that [`compress`] needs for `plain_len` bytes.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: not a level that libzstd knows.
    pub fn workspace(self, plain_len: usize) -> Result<usize> {
        // SAFETY: both calls only compute.
        let size = unsafe {
            if self.level < sys::ZSTD_minCLevel() || self.level > sys::ZSTD_maxCLevel() {
                return Err(Error::InvalidArgument);
            }
            let mut parameters = sys::ZSTD_getCParams(self.level, plain_len as u64, 0);
            if self.small {
                parameters.windowLog = parameters.windowLog.min(SMALL_WINDOW_LOG);
            }
            sys::ZSTD_estimateCCtxSize_usingCParams(parameters)
        };
        Ok(checked(size)? + ALIGNMENT)
    }
}

/// The most that a frame of `plain_len` bytes can take.
pub fn bound(plain_len: usize) -> usize {
    zstd_safe::compress_bound(plain_len)
}

/// A compressor that stands in lent memory; what it did before has no bearing on what it does.
pub struct Compressor<'w> {
    context: NonNull<sys::ZSTD_CCtx>,
    memory: PhantomData<Scratch<'w>>,
}

impl Compressor<'_> {
    /// Places a context at the front of `len` bytes; `None` if they are too few.
    ///
    /// # Safety
    /// Nobody else uses the memory as long as the context is used, and it does not move.
    pub(super) unsafe fn place(start: *mut u8, len: usize) -> Option<NonNull<sys::ZSTD_CCtx>> {
        // SAFETY: our caller's promise; libzstd writes within the length.
        NonNull::new(unsafe { sys::ZSTD_initStaticCCtx(start.cast(), len) })
    }

    /// Takes a context that was placed.
    ///
    /// # Safety
    /// It stands in memory that is lent for as long as the result lives, and nobody else uses it.
    pub(super) unsafe fn at(context: NonNull<sys::ZSTD_CCtx>) -> Self {
        Compressor { context, memory: PhantomData }
    }
}

/// Appends one frame of `plain` to `out` if it takes at most `limit` bytes, and says whether it
/// did. The same frame from any compressor, new or used.
///
/// # Errors
/// [`Error::WorkspaceTooSmall`], [`Error::InvalidArgument`]: see [`Settings::workspace`].
pub fn compress(
    compressor: &mut Compressor,
    plain: &[u8],
    settings: Settings,
    limit: usize,
    out: &mut Out,
) -> Result<bool> {
    let context = compressor.context.as_ptr();
    let space = out.spare();
    let capacity = space.len().min(limit);
    // SAFETY: the context stands in memory that the compressor has for itself; source and
    // destination are live slices of the lengths given. compress2 writes at most `capacity` bytes
    // and returns their count.
    unsafe {
        // A static context begins without libzstd's defaults, among them the content size in the
        // frame; a used one has the last call's settings, and maybe half a frame.
        checked(sys::ZSTD_CCtx_reset(context, SESSION_AND_PARAMETERS))?;
        let set = |parameter, value: c_int| {
            checked(sys::ZSTD_CCtx_setParameter(context, parameter, value))
        };
        set(Parameter::ZSTD_c_compressionLevel, settings.level)?;
        if settings.small {
            set(Parameter::ZSTD_c_windowLog, SMALL_WINDOW_LOG as c_int)?;
        }
        let (to, from) = (space.as_mut_ptr().cast(), plain.as_ptr().cast());
        let written = sys::ZSTD_compress2(context, to, capacity, from, plain.len());
        if sys::ZSTD_isError(written) != 0 {
            return does_not_fit(written);
        }
        // libzstd works beyond the end of its result; nothing of that stays.
        space.get_mut(written..capacity).unwrap_or_default().fill(MaybeUninit::new(0));
        out.advance(written);
    }
    Ok(true)
}

fn does_not_fit(result: usize) -> Result<bool> {
    // SAFETY: only computes.
    match unsafe { sys::ZSTD_getErrorCode(result) } {
        sys::ZSTD_ErrorCode::ZSTD_error_dstSize_tooSmall => Ok(false),
        _ => Err(Error::WorkspaceTooSmall),
    }
}

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
    context: NonNull<sys::ZSTD_DCtx>,
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
            let context = Self::place(start, len).ok_or(Error::WorkspaceTooSmall)?;
            Self::at(context)
        }
    }

    /// Places a context at the front of `len` bytes; `None` if they are too few.
    ///
    /// # Safety
    /// As [`Compressor::place`].
    pub(super) unsafe fn place(start: *mut u8, len: usize) -> Option<NonNull<sys::ZSTD_DCtx>> {
        // SAFETY: our caller's promise; libzstd writes within the length.
        NonNull::new(unsafe { sys::ZSTD_initStaticDCtx(start.cast(), len) })
    }

    /// Takes a context that was placed, whatever it did before, to the beginning of a frame.
    ///
    /// # Errors
    /// None for a context that was placed.
    ///
    /// # Safety
    /// As [`Compressor::at`].
    pub(super) unsafe fn at(context: NonNull<sys::ZSTD_DCtx>) -> Result<Self> {
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

/// The part of lent memory that starts at an address libzstd accepts.
pub(super) fn aligned(start: *mut u8, len: usize) -> (*mut u8, usize) {
    let skipped = start.align_offset(ALIGNMENT).min(len);
    (start.wrapping_add(skipped), len - skipped)
}

fn checked(result: usize) -> Result<usize> {
    // SAFETY: only computes.
    if unsafe { sys::ZSTD_isError(result) } != 0 {
        return Err(Error::InvalidArgument);
    }
    Ok(result)
}
