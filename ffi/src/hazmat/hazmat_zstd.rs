//! zstd, as strictly as the format has it.

use core::mem::MaybeUninit;

use coffre_core::compress::Workspace;
use coffre_core::legacy;
use coffre_core::policy::Policy;

use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// More than libzstd needs, which refuses to begin where it is not.
const WORKSPACE: usize = 64 << 10;

/// Decompresses exactly one frame. Runs what decompresses blocks of version 1: the frame is walked
/// first (docs/FORMAT.md B9, L3), its limits are the default policy's (L4), then libzstd works in
/// 64 KiB of the stack.
///
/// @param frame    `len` bytes.
/// @param out      at least as large as the content; unchanged or zeroed on an error.
/// @param out_len  the content's size, or the size needed.
/// @retval COFFRE_ERR_BAD_FRAME   no frame, more than one, a skippable one or other bytes beside
///         it, no content size, a dictionary id, a reserved bit, corrupt, or of another content
///         size than stated.
/// @retval COFFRE_ERR_OVER_LIMIT  the content size or the window is above 64 MiB.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_zstd_decompress(
    frame: *const u8,
    len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(frame, len);
        let mut memory = [MaybeUninit::uninit(); WORKSPACE];
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                let frame = raw::input(frame, len)?;
                let mut workspace = Workspace::new(&mut memory);
                let (decompressor, _) = workspace.frame_decompressor(0)?;
                legacy::v1_decompress(&Policy::default(), decompressor, frame, out)
            })
        }
    })
}
