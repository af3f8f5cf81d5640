//! The calls into libzstd, with static contexts: nothing is allocated.
//!
//! libzstd keeps its whole state in lent memory and refuses (memory_allocation) rather than ask for
//! more. The memory may have any alignment; [`aligned`] gives away up to 7 bytes of it. Where a
//! context stands, and for how long, is `workspace.rs`'s business. Here is what both directions
//! share: `zstd_compress.rs`, `zstd_decompress.rs`.

use zstd_safe::zstd_sys as sys;

use crate::error::{Error, Result};

pub(super) const SESSION_AND_PARAMETERS: sys::ZSTD_ResetDirective =
    sys::ZSTD_ResetDirective::ZSTD_reset_session_and_parameters;

pub(super) fn checked(result: usize) -> Result<usize> {
    // SAFETY: only computes.
    if unsafe { sys::ZSTD_isError(result) } != 0 {
        return Err(Error::InvalidArgument);
    }
    Ok(result)
}
