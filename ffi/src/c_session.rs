//! Session keys, and the repository's id key.

use coffre_core::session::{IdKey, Session};

use crate::c_context::coffre_context;
use crate::c_status::coffre_status;
use crate::raw::{self, Spans, opaque};

/// The key of one job session. Caller-owned; may be moved; wipe it.
#[repr(C)]
pub struct coffre_session {
    opaque: [u64; 32],
}
opaque!(coffre_session, Session, b"coffrses", pinned: false);
/// The repository's key for block ids. Caller-owned; may be moved; wipe it.
#[repr(C)]
pub struct coffre_id_key {
    opaque: [u64; 8],
}
opaque!(coffre_id_key, IdKey, b"coffridk", pinned: false);

/// Generates a session key. Add it to a key record before its first block is written.
///
/// @param context  exclusive.
/// @param session  written; zeroed on an error.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_session_generate(
    context: *mut coffre_context,
    session: *mut coffre_session,
) -> coffre_status {
    raw::status_of_keys(move || {
        Spans::default().writes(context, 1).writes(session, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::create(session, || Session::generate(&mut raw::get_mut(context)?.random)) }
    })
}

/// The session id: derived from the key, and carried by every block under it.
///
/// @param id  16 bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_session_id(
    session: *const coffre_session,
    id: *mut u8,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(session, 1).writes(id, 16).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::store_array(id, *raw::get(session)?.id()) }
    })
}

/// Ends a session and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_session_wipe(session: *mut coffre_session) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(session) }
}

/// Generates the repository's id key, once; keep it in the repository record.
///
/// @param context  exclusive.
/// @param epoch    the number under which the record keeps it.
/// @param id_key   written; zeroed on an error.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_id_key_generate(
    context: *mut coffre_context,
    epoch: u64,
    id_key: *mut coffre_id_key,
) -> coffre_status {
    raw::status_of_keys(move || {
        Spans::default().writes(context, 1).writes(id_key, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(id_key, || IdKey::generate(&mut raw::get_mut(context)?.random, epoch))
        }
    })
}

/// Ends an id key and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_id_key_wipe(id_key: *mut coffre_id_key) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(id_key) }
}
