//! Compression by libzstd.

#![allow(unsafe_code)]

use core::ffi::c_int;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use zstd_safe::zstd_sys::{self as sys, ZSTD_cParameter as Parameter};

use super::lent::ALIGNMENT;
use super::settings::Settings;
use super::zstd::{SESSION_AND_PARAMETERS, checked};
use crate::error::{Error, Result};
use crate::limits::SMALL_WINDOW_LOG;
use crate::out::{Out, Scratch};

/// Entries in a compressor's tables in profile `small`, as a logarithm: one for each position of
/// the window. More find no more, and take a microcontroller's memory.
const SMALL_TABLE_LOG: u32 = SMALL_WINDOW_LOG;

/// libzstd's context, where it stands.
pub(super) type Placed = NonNull<sys::ZSTD_CCtx>;

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
            // Here 0 would be an unknown length, for which other parameters are chosen.
            let mut parameters = sys::ZSTD_getCParams(self.level, plain_len.max(1) as u64, 0);
            if self.small {
                parameters.windowLog = parameters.windowLog.min(SMALL_WINDOW_LOG);
                parameters.hashLog = parameters.hashLog.min(SMALL_TABLE_LOG);
                parameters.chainLog = parameters.chainLog.min(SMALL_TABLE_LOG);
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
    context: Placed,
    memory: PhantomData<Scratch<'w>>,
}

impl Compressor<'_> {
    /// Places a context at the front of `len` bytes; `None` if they are too few.
    ///
    /// # Safety
    /// Nobody else uses the memory as long as the context is used, and it does not move.
    pub(super) unsafe fn place(start: *mut u8, len: usize) -> Option<Placed> {
        // SAFETY: our caller's promise; libzstd writes within the length.
        NonNull::new(unsafe { sys::ZSTD_initStaticCCtx(start.cast(), len) })
    }

    /// Takes a context that was placed.
    ///
    /// # Safety
    /// It stands in memory that is lent for as long as the result lives, and nobody else uses it.
    pub(super) unsafe fn at(context: Placed) -> Self {
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
            set(Parameter::ZSTD_c_hashLog, SMALL_TABLE_LOG as c_int)?;
            set(Parameter::ZSTD_c_chainLog, SMALL_TABLE_LOG as c_int)?;
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
