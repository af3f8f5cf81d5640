//! Records, read: key record of a restore point, challenge, repository record.

use coffre_core::error::Error;
use coffre_core::object::ObjectType;
use coffre_core::recipient::kind;
use coffre_core::record::{Record, RecordKeys, entry};

use crate::c_context::coffre_context;
use crate::c_keys::coffre_identity;
use crate::c_policy::{self, coffre_policy};
use crate::c_session::{coffre_id_key, coffre_session};
use crate::c_status::coffre_status;
use crate::raw::{self, Spans, opaque};

/// coffre_record_info.object_type: the key record of a restore point.
pub const COFFRE_KEY_RECORD: u32 = 4;
/// coffre_record_info.object_type: the start-up challenge.
pub const COFFRE_CHALLENGE: u32 = 5;
/// coffre_record_info.object_type: the repository's own record.
pub const COFFRE_REPOSITORY_RECORD: u32 = 6;

/// coffre_record_recipient.type: a 32-byte key-encryption key.
pub const COFFRE_RECIPIENT_KEK: u32 = 1;
/// coffre_record_recipient.type: a P-256 public key.
pub const COFFRE_RECIPIENT_P256: u32 = 2;

/// coffre_record_entry.type: a session key.
pub const COFFRE_ENTRY_SESSION_KEY: u32 = 1;
/// coffre_record_entry.type: the repository's id key.
pub const COFFRE_ENTRY_ID_KEY: u32 = 4;

// The header's numbers are the format's.
const _: () = {
    assert!(COFFRE_KEY_RECORD == ObjectType::KeyRecord as u32);
    assert!(COFFRE_CHALLENGE == ObjectType::Challenge as u32);
    assert!(COFFRE_REPOSITORY_RECORD == ObjectType::RepositoryRecord as u32);
    assert!(COFFRE_RECIPIENT_KEK == kind::KEK as u32);
    assert!(COFFRE_RECIPIENT_P256 == kind::P256 as u32);
    assert!(COFFRE_ENTRY_SESSION_KEY == entry::SESSION_KEY as u32);
    assert!(COFFRE_ENTRY_ID_KEY == entry::ID_KEY as u32);
};

/// What a record says of itself without any key.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_record_info {
    /// COFFRE_KEY_RECORD, COFFRE_CHALLENGE or COFFRE_REPOSITORY_RECORD.
    pub object_type: u32,
    /// Number of recipients.
    pub recipient_count: u32,
    /// Number of entries.
    pub entry_count: u32,
    /// 0.
    pub reserved: u32,
    /// Raised with every rewrite.
    pub generation: u64,
    /// Size of the record.
    pub total_len: u64,
    /// The installation that wrote it.
    pub instance_id: [u8; 16],
    /// The restore point of a key record; otherwise the instance id again.
    pub scope_id: [u8; 16],
}

/// One recipient of a record.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_record_recipient {
    /// COFFRE_RECIPIENT_*, or a type that this version does not know.
    pub r#type: u32,
    /// 0.
    pub reserved: u32,
    /// Its key id.
    pub id: [u8; 16],
}

/// One entry of a record.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_record_entry {
    /// COFFRE_ENTRY_*, or a type that this version does not know.
    pub r#type: u32,
    /// 0.
    pub reserved: u32,
    /// A session id, or an epoch.
    pub id: [u8; 16],
}

/// The keys of an opened record. Caller-owned; may be moved; wipe them.
#[repr(C)]
pub struct coffre_record_keys {
    opaque: [u64; 32],
}
opaque!(coffre_record_keys, RecordKeys, b"coffrkey", pinned: false);

/// Reads what a record says of itself and checks that it is whole. No key; nothing is proven.
///
/// @param record  `record_len` bytes.
/// @param info    written; unchanged on an error.
/// @retval COFFRE_ERR_MALFORMED  not a record, or one that breaks a rule of the format.
/// @retval COFFRE_ERR_DAMAGED    the checksum does not fit.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md section 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_inspect(
    record: *const u8,
    record_len: usize,
    info: *mut coffre_record_info,
) -> coffre_status {
    raw::status(|| {
        Spans::default().reads(record, record_len).writes(info, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let record = Record::parse(raw::input(record, record_len)?)?;
            let found = coffre_record_info {
                object_type: record.object as u32,
                recipient_count: record.stanza_count.into(),
                entry_count: record.entry_count,
                reserved: 0,
                generation: record.generation,
                total_len: record.bytes().len() as u64,
                instance_id: record.instance_id,
                scope_id: record.scope_id,
            };
            raw::store(info, found)
        }
    })
}

/// Names a recipient of a record: who can open it. No key.
///
/// @param index      from 0, in the order in which they were added.
/// @param recipient  written; unchanged on an error.
/// @retval COFFRE_ERR_NOT_FOUND  past the end.
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_DAMAGED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_recipient_at(
    record: *const u8,
    record_len: usize,
    index: usize,
    recipient: *mut coffre_record_recipient,
) -> coffre_status {
    raw::status(|| {
        Spans::default().reads(record, record_len).writes(recipient, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let record = Record::parse(raw::input(record, record_len)?)?;
            let stanza = record.stanzas().nth(index).ok_or(Error::NotFound)?;
            let (r#type, id) = (stanza.kind.into(), stanza.id);
            raw::store(recipient, coffre_record_recipient { r#type, reserved: 0, id })
        }
    })
}

/// Names an entry of a record, such as a session whose key it holds. No key.
///
/// @param index  from 0, in ascending order of type and id.
/// @param entry  written; unchanged on an error.
/// @retval COFFRE_ERR_NOT_FOUND  past the end.
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_DAMAGED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_entry_at(
    record: *const u8,
    record_len: usize,
    index: usize,
    entry: *mut coffre_record_entry,
) -> coffre_status {
    raw::status(|| {
        Spans::default().reads(record, record_len).writes(entry, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let record = Record::parse(raw::input(record, record_len)?)?;
            let found = record.entry(index).ok_or(Error::NotFound)?;
            let (r#type, id) = (found.kind.into(), found.id);
            raw::store(entry, coffre_record_entry { r#type, reserved: 0, id })
        }
    })
}

/// Names many entries of a record at once, in ascending order of type and id. No key.
///
/// @param first        the index to begin with, from 0.
/// @param entries      room for `entries_cap` of them.
/// @param entries_len  how many were written: fewer than `entries_cap` at the end, 0 past it.
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_DAMAGED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE  `*entries_len` is 0.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_entries(
    record: *const u8,
    record_len: usize,
    first: usize,
    entries: *mut coffre_record_entry,
    entries_cap: usize,
    entries_len: *mut usize,
) -> coffre_status {
    raw::status(|| {
        let spans = Spans::default().reads(record, record_len).writes(entries, entries_cap);
        if spans.touch(entries_len) {
            return Err(Error::Overlap);
        }
        // SAFETY: the caller's contract.
        unsafe {
            raw::store(entries_len, 0)?;
            spans.disjoint()?;
            let space = raw::outputs(entries, entries_cap)?;
            let record = Record::parse(raw::input(record, record_len)?)?;
            let mut written = 0;
            for (place, index) in space.iter_mut().zip(first..) {
                let Some(found) = record.entry(index) else { break };
                let (r#type, id) = (found.kind.into(), found.id);
                place.write(coffre_record_entry { r#type, reserved: 0, id });
                written += 1;
            }
            raw::store(entries_len, written)
        }
    })
}

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
    raw::status(|| {
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
/// @param record    `record_len` bytes.
/// @param keys      written; zeroed on an error.
/// @retval COFFRE_ERR_WRONG_KEY         no recipient has the identity's key id.
/// @retval COFFRE_ERR_NOT_AUTHENTIC     one has, but the record is not what its owner wrote.
/// @retval COFFRE_ERR_STALE             the generation is below the policy's lowest.
/// @retval COFFRE_ERR_POLICY_RECIPIENT  the policy does not allow this kind of recipient.
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_DAMAGED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_open(
    context: *const coffre_context,
    policy: *const coffre_policy,
    identity: *const coffre_identity,
    record: *const u8,
    record_len: usize,
    keys: *mut coffre_record_keys,
) -> coffre_status {
    raw::status_of_keys(|| {
        let spans = Spans::default().reads(context, 1).reads(policy, 1).reads(identity, 1);
        spans.reads(record, record_len).writes(keys, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(keys, || {
                let context = &raw::get(context)?.context;
                let policy = c_policy::read(policy)?;
                let record = Record::parse(raw::input(record, record_len)?)?;
                record.open(context, &policy, raw::get(identity)?)
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
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_DAMAGED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[session_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_session(
    context: *const coffre_context,
    keys: *const coffre_record_keys,
    record: *const u8,
    record_len: usize,
    session_id: *const u8,
    session: *mut coffre_session,
) -> coffre_status {
    raw::status_of_keys(|| {
        let spans = Spans::default().reads(context, 1).reads(keys, 1).reads(record, record_len);
        spans.reads(session_id, 16).writes(session, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(session, || {
                raw::get(context)?;
                let record = Record::parse(raw::input(record, record_len)?)?;
                raw::get(keys)?.session(&record, raw::array(session_id)?)
            })
        }
    })
}

/// Finds the id key of an epoch in an opened repository record.
///
/// @param record  the record that was opened.
/// @param id_key  written; zeroed on an error.
/// @retval COFFRE_ERR_MISSING_KEY, COFFRE_ERR_NOT_AUTHENTIC  as for coffre_record_session.
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_DAMAGED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_id_key(
    context: *const coffre_context,
    keys: *const coffre_record_keys,
    record: *const u8,
    record_len: usize,
    epoch: u64,
    id_key: *mut coffre_id_key,
) -> coffre_status {
    raw::status_of_keys(|| {
        let spans = Spans::default().reads(context, 1).reads(keys, 1).reads(record, record_len);
        spans.writes(id_key, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(id_key, || {
                raw::get(context)?;
                let record = Record::parse(raw::input(record, record_len)?)?;
                raw::get(keys)?.id_key(&record, epoch)
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
