//! Checking any object without a key, piece by piece.

use coffre_core::scrub::Scrubber;

use crate::c_status::coffre_status;
use crate::raw::{self, Spans, opaque};

/// An object under examination. Caller-owned; must stay where it is; wipe it.
#[repr(C)]
pub struct coffre_scrubber {
    opaque: [u64; 128],
}
opaque!(coffre_scrubber, Scrubber, b"coffrscr", pinned: true);

/// Begins to examine a block, metadata, manifest or record. No key and no context.
///
/// @param scrubber  written; zeroed on an error.
/// @retval COFFRE_ERR_INVALID_ARGUMENT
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_scrub_begin(scrubber: *mut coffre_scrubber) -> coffre_status {
    // SAFETY: the caller's contract.
    raw::status(|| unsafe { raw::create(scrubber, || Ok(Scrubber::new())) })
}

/// Takes the object's next bytes, in pieces of any size.
///
/// @param bytes  `len` bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_scrub_push(
    scrubber: *mut coffre_scrubber,
    bytes: *const u8,
    len: usize,
) -> coffre_status {
    raw::status(move || {
        Spans::default().writes(scrubber, 1).reads(bytes, len).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::get_mut(scrubber)?.push(raw::input(bytes, len)?) };
        Ok(())
    })
}

/// Says whether the object was whole: its checksum fits. Finds damage, not attacks.
///
/// @param object_type  written: 1 block, 2 metadata, 3 manifest, 4 key record, 5 challenge, 6
///         repository record; unchanged on an error.
/// @retval COFFRE_ERR_MALFORMED  not an object of this format.
/// @retval COFFRE_ERR_DAMAGED    the checksum does not fit.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_scrub_finish(
    scrubber: *const coffre_scrubber,
    object_type: *mut u32,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(scrubber, 1).writes(object_type, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::store(object_type, raw::get(scrubber)?.finish()? as u32) }
    })
}

/// Ends a scrubber and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_scrubber_wipe(scrubber: *mut coffre_scrubber) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(scrubber) }
}
