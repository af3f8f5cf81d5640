//! The keys of an opened record.

use coffre_core::record::RecordKeys;

use crate::c_context::coffre_context;
use crate::c_keys::coffre_identity;
use crate::c_policy::{self, coffre_policy};
use crate::c_record::{coffre_record, spans_of};
use crate::c_session::{coffre_id_key, coffre_session};
use crate::c_status::coffre_status;
use crate::raw::{self, Spans, opaque};

/// The keys of an opened record. Caller-owned; may be moved; wipe them.
#[repr(C)]
pub struct coffre_record_keys {
    opaque: [u64; 32],
}
opaque!(coffre_record_keys, RecordKeys, b"coffrkey", pinned: false);

/// Says which installation and restore point an opened record belongs to; both are proven.
///
/// The caller compares them with those that he expects: another restore point's record opens just
/// as well.
///
/// @param instance_id  16 bytes.
/// @param scope_id     16 bytes: the restore point of a key record; otherwise the instance id
///         again.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4, R8.
///
/// cbindgen:ptrs-as-arrays=[[instance_id; 16], [scope_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_keys_scope(
    keys: *const coffre_record_keys,
    instance_id: *mut u8,
    scope_id: *mut u8,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(keys, 1).writes(instance_id, 16);
        spans.writes(scope_id, 16).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let keys = raw::get(keys)?;
            raw::output(instance_id, 16)?;
            raw::store_array(scope_id, *keys.scope_id())?;
            raw::store_array(instance_id, *keys.instance_id())
        }
    })
}

/// Opens a record with an identity, and proves all of it.
///
/// @param policy    NULL for the strict defaults.
/// @param identity  a key of one of its recipients.
/// @param keys      written; zeroed on an error.
/// @retval COFFRE_ERR_WRONG_KEY         no recipient has the identity's key id.
/// @retval COFFRE_ERR_WRONG_PASSWORD    the password is not the one that it was wrapped for.
/// @retval COFFRE_ERR_NOT_AUTHENTIC     one has, but the record is not what its owner wrote.
/// @retval COFFRE_ERR_OTHER_STORAGE_KEY one has, but was given another storage key than the
///         record's: forged.
/// @retval COFFRE_ERR_CALLBACK          the key service or token could not be asked.
/// @retval COFFRE_ERR_STALE             the generation is below the policy's lowest.
/// @retval COFFRE_ERR_POLICY_RECIPIENT  the policy does not allow this kind of recipient.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_open(
    context: *const coffre_context,
    policy: *const coffre_policy,
    identity: *const coffre_identity,
    record: *const coffre_record,
    keys: *mut coffre_record_keys,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(record) }.reads(context, 1).reads(policy, 1);
        spans.reads(identity, 1).writes(keys, 1).disjoint()?;
        unsafe {
            raw::create(keys, || {
                let context = &raw::get(context)?.context;
                let policy = c_policy::read(policy)?;
                let record = raw::get(record)?;
                raw::get(identity)?.with(|identity| record.open(context, &policy, identity))
            })
        }
    })
}

/// Finds a session key in an opened record. What it gives is proven by itself.
///
/// @param record      the record that was opened.
/// @param session_id  16 bytes, as a block or a manifest names them.
/// @param session     written; zeroed on an error.
/// @retval COFFRE_ERR_MISSING_KEY    the record holds no key of that session.
/// @retval COFFRE_ERR_NOT_AUTHENTIC  what it holds is not that session's key.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[session_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_session(
    context: *const coffre_context,
    keys: *const coffre_record_keys,
    record: *const coffre_record,
    session_id: *const u8,
    session: *mut coffre_session,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(record) }.reads(context, 1).reads(keys, 1);
        spans.reads(session_id, 16).writes(session, 1).disjoint()?;
        unsafe {
            raw::create(session, || {
                raw::get(context)?;
                let record = raw::get(record)?;
                raw::get(keys)?.session(record, raw::array(session_id)?)
            })
        }
    })
}

/// Finds the id key of an epoch in an opened repository record.
///
/// @param record  the record that was opened.
/// @param id_key  written; zeroed on an error.
/// @retval COFFRE_ERR_MISSING_KEY, COFFRE_ERR_NOT_AUTHENTIC  as for coffre_record_session.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_id_key(
    context: *const coffre_context,
    keys: *const coffre_record_keys,
    record: *const coffre_record,
    epoch: u64,
    id_key: *mut coffre_id_key,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(record) }.reads(context, 1).reads(keys, 1);
        spans.writes(id_key, 1).disjoint()?;
        unsafe {
            raw::create(id_key, || {
                raw::get(context)?;
                let record = raw::get(record)?;
                raw::get(keys)?.id_key(record, epoch)
            })
        }
    })
}

/// Ends the keys of a record and zeroes their memory. NULL and zeroed ones are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_keys_wipe(keys: *mut coffre_record_keys) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(keys) }
}
