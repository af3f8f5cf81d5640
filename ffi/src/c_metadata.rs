//! Metadata of a restore point.

use coffre_core::metadata;

use crate::c_context::coffre_context;
use crate::c_policy::{self, coffre_policy};
use crate::c_record_keys::coffre_record_keys;
use crate::c_status::coffre_status;
use crate::c_workspace::{coffre_workspace, spans_of, with_workspace};
use crate::raw;

/// Seals whatever a product keeps with a restore point, as an object of its own type.
///
/// @param context    exclusive; random bytes are drawn.
/// @param keys       of the restore point's key record.
/// @param plain      `plain_len` bytes, 0 to COFFRE_BLOCK_MAX.
/// @param workspace  of at least coffre_seal_workspace(plain_len, NULL) bytes; exclusive.
/// @param out        at least coffre_block_sealed_max(plain_len) bytes; unchanged or zeroed on an
///         error.
/// @param out_len    the object's size, or the size needed.
/// @param digest     32 bytes: SHA-256 of the object, for the manifest; zeroed on an error.
/// @retval COFFRE_ERR_TOO_LARGE, COFFRE_ERR_BUFFER_TOO_SMALL, COFFRE_ERR_WORKSPACE_TOO_SMALL  as
///         for coffre_block_seal.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
/// @retval COFFRE_ERR_CALLBACK  the caller's engine failed.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 5.
///
/// cbindgen:ptrs-as-arrays=[[digest; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_metadata_seal(
    context: *mut coffre_context,
    keys: *const coffre_record_keys,
    plain: *const u8,
    plain_len: usize,
    workspace: *mut coffre_workspace,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
    digest: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(workspace) };
        let spans = spans.writes(context, 1).reads(keys, 1).reads(plain, plain_len);
        let spans = spans.writes(digest, 32);
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                raw::store_array(digest, [0; 32])?;
                let state = raw::get_mut(context)?;
                let (context, random) = (&state.context, &mut state.random);
                let (keys, plain) = (raw::get(keys)?, raw::input(plain, plain_len)?);
                let sealed = with_workspace(workspace, |workspace| {
                    metadata::seal(context, random, keys, plain, workspace, out)
                })?;
                raw::store_array(digest, sealed)
            })
        }
    })
}

/// Opens the metadata of a restore point, all or nothing.
///
/// @param policy     NULL for the strict defaults.
/// @param keys       of the restore point's key record.
/// @param object     `object_len` bytes.
/// @param workspace  of at least coffre_open_workspace() bytes; exclusive. NULL will do for an
///         object that is not compressed.
/// @param out        what was sealed; unchanged or zeroed on an error.
/// @param out_len    its size, or the size needed.
/// @param digest     32 bytes: SHA-256 of the object; compare it with the manifest's. Zeroed on an
///         error.
/// @retval COFFRE_ERR_UNEXPECTED_BLOCK  another restore point's.
/// @retval COFFRE_ERR_WRONG_KEY         the same restore point's, but under another metakey.
/// @retval COFFRE_ERR_DAMAGED, COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_BAD_FRAME,
///         COFFRE_ERR_OVER_LIMIT, COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE, COFFRE_ERR_BUFFER_TOO_SMALL,
///         COFFRE_ERR_WORKSPACE_TOO_SMALL, COFFRE_ERR_CALLBACK  as for coffre_block_open.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 5.
///
/// cbindgen:ptrs-as-arrays=[[digest; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_metadata_open(
    context: *const coffre_context,
    policy: *const coffre_policy,
    keys: *const coffre_record_keys,
    object: *const u8,
    object_len: usize,
    workspace: *mut coffre_workspace,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
    digest: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(workspace) };
        let spans = spans.reads(context, 1).reads(policy, 1).reads(keys, 1);
        let spans = spans.reads(object, object_len).writes(digest, 32);
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                raw::store_array(digest, [0; 32])?;
                let context = &raw::get(context)?.context;
                let policy = c_policy::read(policy)?;
                let (keys, object) = (raw::get(keys)?, raw::input(object, object_len)?);
                let opened = with_workspace(workspace, |workspace| {
                    metadata::open(context, &policy, keys, object, workspace, out)
                })?;
                raw::store_array(digest, opened)
            })
        }
    })
}
