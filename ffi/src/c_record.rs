//! Records, read without any key: key record of a restore point, challenge, repository record.

use core::ffi::c_char;

use coffre_core::error::{Error, Result};
use coffre_core::limits;
use coffre_core::object::{Id, ObjectType};
use coffre_core::password::Kdf;
use coffre_core::record::{Record, entry};
use coffre_core::stanza::{Body, Stanza, kind};
use coffre_core::wrap::Scope;

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
/// coffre_record_recipient.type: a password, by PBKDF2.
pub const COFFRE_RECIPIENT_PBKDF2: u32 = 3;
/// coffre_record_recipient.type: a password, by Argon2id.
pub const COFFRE_RECIPIENT_ARGON2ID: u32 = 4;
/// coffre_record_recipient.type: a key in a key service.
pub const COFFRE_RECIPIENT_EXTERNAL: u32 = 5;
/// Size of a recipient's hint or name, with its NUL.
pub const COFFRE_RECIPIENT_TEXT_SIZE: usize = 129;

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
    assert!(COFFRE_RECIPIENT_PBKDF2 == kind::PBKDF2 as u32);
    assert!(COFFRE_RECIPIENT_ARGON2ID == kind::ARGON2ID as u32);
    assert!(COFFRE_RECIPIENT_EXTERNAL == kind::EXTERNAL as u32);
    assert!(COFFRE_RECIPIENT_TEXT_SIZE == limits::EXTERNAL_NAME + 1);
    assert!(limits::HINT <= limits::EXTERNAL_NAME);
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
    /// Iterations of PBKDF2 or passes of Argon2id; otherwise 0.
    pub iterations: u32,
    /// Memory of Argon2id in KiB; otherwise 0.
    pub memory_kib: u32,
    /// Lanes of Argon2id; otherwise 0.
    pub lanes: u32,
    /// Its recipient id: the key id; of a password random, of an external key its name's.
    pub id: [u8; 16],
    /// A password's hint or an external key's name, printable UTF-8 with a NUL; otherwise empty.
    pub text: [c_char; COFFRE_RECIPIENT_TEXT_SIZE],
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

/// A record that was read. Caller-owned; may be moved; borrows the record's bytes.
#[repr(C)]
pub struct coffre_record {
    opaque: [u64; 48],
}
opaque!(coffre_record, Record<'static>, b"coffrrec", pinned: false);

/// Reads a record: checks everything that needs no key, once for all later calls. Nothing is
/// proven.
///
/// @param bytes   `len` bytes, lent to `record` until it is wiped: they may not change or go away.
/// @param record  written; zeroed on an error.
/// @retval COFFRE_ERR_MALFORMED  not a record, or one that breaks a rule of the format.
/// @retval COFFRE_ERR_DAMAGED    the checksum does not fit.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md section 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_read(
    bytes: *const u8,
    len: usize,
    record: *mut coffre_record,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(bytes, len).writes(record, 1).disjoint()?;
        // SAFETY: the caller's contract: the bytes stay lent until the record is wiped.
        unsafe { raw::create(record, || Record::parse(raw::input(bytes, len)?)) }
    })
}

/// Gives the record's bytes back, and zeroes the object. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_wipe(record: *mut coffre_record) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(record) }
}

/// The spans of a call that reads a record: the object, and the bytes that it borrows.
///
/// # Safety
/// As [`raw::get`].
pub unsafe fn spans_of(record: *const coffre_record) -> Spans {
    let spans = Spans::default().reads(record, 1);
    // SAFETY: the caller's promise.
    match unsafe { raw::get(record) } {
        Ok(read) => spans.reads(read.bytes().as_ptr(), read.bytes().len()),
        Err(_) => spans,
    }
}

/// Says what a record says of itself. No key; nothing is proven.
///
/// @param info  written; unchanged on an error.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_inspect(
    record: *const coffre_record,
    info: *mut coffre_record_info,
) -> coffre_status {
    raw::status(move || {
        // SAFETY: the caller's contract, here and below.
        unsafe { spans_of(record) }.writes(info, 1).disjoint()?;
        unsafe {
            let record = raw::get(record)?;
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
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_recipient_at(
    record: *const coffre_record,
    index: usize,
    recipient: *mut coffre_record_recipient,
) -> coffre_status {
    raw::status(move || {
        // SAFETY: the caller's contract, here and below.
        unsafe { spans_of(record) }.writes(recipient, 1).disjoint()?;
        unsafe {
            let record = raw::get(record)?;
            let stanza = record.stanzas().nth(index).ok_or(Error::NotFound)?;
            raw::store(recipient, write_recipient(&stanza))
        }
    })
}

/// Names an entry of a record, such as a session whose key it holds. No key.
///
/// @param index  from 0, in ascending order of type and id.
/// @param entry  written; unchanged on an error.
/// @retval COFFRE_ERR_NOT_FOUND  past the end.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_entry_at(
    record: *const coffre_record,
    index: usize,
    entry: *mut coffre_record_entry,
) -> coffre_status {
    raw::status(move || {
        // SAFETY: the caller's contract, here and below.
        unsafe { spans_of(record) }.writes(entry, 1).disjoint()?;
        unsafe {
            let record = raw::get(record)?;
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
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_entries(
    record: *const coffre_record,
    first: usize,
    entries: *mut coffre_record_entry,
    entries_cap: usize,
    entries_len: *mut usize,
) -> coffre_status {
    raw::status(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(record) }.writes(entries, entries_cap);
        if spans.touch(entries_len) {
            return Err(Error::Overlap);
        }
        unsafe {
            raw::store(entries_len, 0)?;
            spans.disjoint()?;
            let space = raw::outputs(entries, entries_cap)?;
            let record = raw::get(record)?;
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

/// The scope that a C caller names, and the instance id.
///
/// # Safety
/// Both ids as [`raw::array`]; `scope_id` is NULL for anything but a key record.
pub unsafe fn read_scope(
    object_type: u32,
    instance_id: *const u8,
    scope_id: *const u8,
) -> Result<(Scope, Id)> {
    // SAFETY: the caller's promise, here and below.
    let instance_id: &Id = unsafe { raw::array(instance_id) }?;
    let (object, id) = match object_type {
        COFFRE_KEY_RECORD => (ObjectType::KeyRecord, unsafe { raw::array(scope_id) }?),
        _ if !scope_id.is_null() => return Err(Error::InvalidArgument),
        COFFRE_CHALLENGE => (ObjectType::Challenge, instance_id),
        COFFRE_REPOSITORY_RECORD => (ObjectType::RepositoryRecord, instance_id),
        _ => return Err(Error::InvalidArgument),
    };
    Ok((Scope { object, id: *id }, *instance_id))
}

fn write_recipient(stanza: &Stanza) -> coffre_record_recipient {
    let (mut iterations, mut memory_kib, mut lanes) = (0, 0, 0);
    let mut text = [0; COFFRE_RECIPIENT_TEXT_SIZE];
    let shown: &[u8] = match stanza.known.map(|known| known.body) {
        Some(Body::Password { kdf, hint, .. }) => {
            (iterations, memory_kib, lanes) = match kdf {
                Kdf::Pbkdf2 { iterations } => (iterations, 0, 0),
                Kdf::Argon2id { memory_kib, passes, lanes } => (passes, memory_kib, lanes),
            };
            hint
        }
        Some(Body::External { name, .. }) => name,
        _ => &[],
    };
    // The last byte stays NUL.
    for (to, from) in text[..COFFRE_RECIPIENT_TEXT_SIZE - 1].iter_mut().zip(shown) {
        *to = *from as c_char;
    }
    let (r#type, id) = (stanza.kind.into(), stanza.id);
    coffre_record_recipient { r#type, iterations, memory_kib, lanes, id, text }
}
