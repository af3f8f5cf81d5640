//! Records, written.

use coffre_core::error::Error;
use coffre_core::object::ObjectType;
use coffre_core::out::Out;
use coffre_core::recipient::{KEK_STANZA, P256_STANZA};
use coffre_core::record::{ENTRY, HEAD, Record, TAIL};
use coffre_core::record_writer::RecordWriter;
use coffre_core::wrap::Scope;

use crate::c_context::coffre_context;
use crate::c_keys::coffre_recipient;
use crate::c_record::{
    COFFRE_CHALLENGE, COFFRE_KEY_RECORD, COFFRE_REPOSITORY_RECORD, coffre_record_keys,
};
use crate::c_session::{coffre_id_key, coffre_session};
use crate::c_status::coffre_status;
use crate::raw::{self, Lent, Spans, opaque};

/// A record in the making, in a buffer lent until it is finished or wiped. Caller-owned; must
/// stay where it is; wipe it.
#[repr(C)]
pub struct coffre_record_writer {
    opaque: [u64; 64],
}
opaque!(coffre_record_writer, Writing, b"coffrwrt", pinned: true);

/// A writer and its buffer.
pub struct Writing {
    writer: RecordWriter<'static>,
    buffer: Lent,
}

impl Writing {
    fn spans(&self) -> Spans {
        Spans::default().lent(&self.buffer)
    }
}

/// The size of a record with that many recipients of each kind and entries.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_record_size(
    kek_recipients: usize,
    p256_recipients: usize,
    entries: usize,
) -> usize {
    let stanzas = kek_recipients
        .saturating_mul(KEK_STANZA)
        .saturating_add(p256_recipients.saturating_mul(P256_STANZA));
    entries.saturating_mul(ENTRY).saturating_add(stanzas).saturating_add(HEAD + TAIL)
}

/// Begins a new record, with a new storage key and metakey, in the caller's buffer.
///
/// The buffer holds a record only after coffre_record_finish; coffre_record_size tells how large it
/// must be.
///
/// @param context      exclusive; random bytes are drawn.
/// @param object_type  COFFRE_KEY_RECORD, COFFRE_CHALLENGE or COFFRE_REPOSITORY_RECORD.
/// @param instance_id  16 bytes: the installation.
/// @param scope_id     16 bytes for a key record: the restore point; otherwise NULL.
/// @param generation   from 1.
/// @param buffer       `buffer_len` bytes, lent until the writer is finished or wiped.
/// @param writer       written; zeroed on an error.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  not even an empty record fits.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4.
///
/// cbindgen:ptrs-as-arrays=[[instance_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_create(
    context: *mut coffre_context,
    object_type: u32,
    instance_id: *const u8,
    scope_id: *const u8,
    generation: u64,
    buffer: *mut u8,
    buffer_len: usize,
    writer: *mut coffre_record_writer,
) -> coffre_status {
    raw::status_of_keys(|| {
        let spans = Spans::default().writes(context, 1).reads(instance_id, 16);
        let spans = spans.reads(scope_id, 16).writes(buffer, buffer_len);
        spans.writes(writer, 1).disjoint()?;
        // SAFETY: the caller's contract: the buffer stays lent until the writer is finished or
        // wiped.
        unsafe {
            raw::create(writer, || {
                let random = &mut raw::get_mut(context)?.random;
                let instance_id = raw::array(instance_id)?;
                let (object, id) = match object_type {
                    COFFRE_KEY_RECORD => (ObjectType::KeyRecord, raw::array(scope_id)?),
                    _ if !scope_id.is_null() => return Err(Error::InvalidArgument),
                    COFFRE_CHALLENGE => (ObjectType::Challenge, instance_id),
                    COFFRE_REPOSITORY_RECORD => (ObjectType::RepositoryRecord, instance_id),
                    _ => return Err(Error::InvalidArgument),
                };
                let lent = Lent::of(buffer, buffer_len);
                let out = Out::uninit(raw::output(buffer, buffer_len)?);
                let scope = Scope { object, id: *id };
                let writer = RecordWriter::create(random, scope, instance_id, generation, out)?;
                Ok(Writing { writer, buffer: lent })
            })
        }
    })
}

/// Begins with a copy of an opened record, to be changed: same storage key, higher generation.
///
/// @param keys        the record's, from coffre_record_open.
/// @param record      `record_len` bytes; only read.
/// @param generation  above the record's.
/// @param buffer      `buffer_len` bytes, lent until the writer is finished or wiped.
/// @param writer      written; zeroed on an error.
/// @retval COFFRE_ERR_STALE             the generation is not above the record's.
/// @retval COFFRE_ERR_NOT_AUTHENTIC     the keys are not the record's.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  the record does not fit.
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_DAMAGED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_edit(
    context: *const coffre_context,
    keys: *const coffre_record_keys,
    record: *const u8,
    record_len: usize,
    generation: u64,
    buffer: *mut u8,
    buffer_len: usize,
    writer: *mut coffre_record_writer,
) -> coffre_status {
    raw::status_of_keys(|| {
        let spans = Spans::default().reads(context, 1).reads(keys, 1).reads(record, record_len);
        spans.writes(buffer, buffer_len).writes(writer, 1).disjoint()?;
        // SAFETY: the caller's contract: the buffer stays lent until the writer is finished or
        // wiped.
        unsafe {
            raw::create(writer, || {
                raw::get(context)?;
                let keys = raw::get(keys)?;
                let record = Record::parse(raw::input(record, record_len)?)?;
                let lent = Lent::of(buffer, buffer_len);
                let out = Out::uninit(raw::output(buffer, buffer_len)?);
                let writer = RecordWriter::edit(keys, &record, generation, out)?;
                Ok(Writing { writer, buffer: lent })
            })
        }
    })
}

/// Lets a recipient open the record.
///
/// @param context  exclusive; random bytes are drawn for a public key.
/// @retval COFFRE_ERR_DUPLICATE         it can already.
/// @retval COFFRE_ERR_TOO_LARGE         as many recipients as a record may have.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  the record is unchanged.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_add_recipient(
    context: *mut coffre_context,
    writer: *mut coffre_record_writer,
    recipient: *const coffre_recipient,
) -> coffre_status {
    raw::status_of_keys(|| {
        let spans = Spans::default().writes(context, 1).writes(writer, 1);
        spans.reads(recipient, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let state = raw::get_mut(context)?;
            let writing = raw::get_mut(writer)?;
            writing.spans().writes(context, 1).reads(recipient, 1).disjoint()?;
            let recipient = raw::get(recipient)?;
            writing.writer.add_recipient(&state.context, &mut state.random, recipient)
        }
    })
}

/// Takes a recipient out. Copies of the record from before it still opens: re-wrapping is not
/// revoking.
///
/// @param recipient_id  16 bytes: its key id.
/// @retval COFFRE_ERR_NOT_FOUND  the record has no such recipient.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[recipient_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_remove_recipient(
    writer: *mut coffre_record_writer,
    recipient_id: *const u8,
) -> coffre_status {
    raw::status(|| {
        Spans::default().writes(writer, 1).reads(recipient_id, 16).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let writing = raw::get_mut(writer)?;
            writing.spans().reads(recipient_id, 16).disjoint()?;
            writing.writer.remove_recipient(raw::array(recipient_id)?)
        }
    })
}

/// Takes a session key in: whoever opens the record opens that session's blocks.
///
/// @retval COFFRE_ERR_DUPLICATE         it is there already.
/// @retval COFFRE_ERR_TOO_LARGE         as many entries as a record may have.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  the record is unchanged.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: a challenge holds no keys.
/// @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_add_session(
    writer: *mut coffre_record_writer,
    session: *const coffre_session,
) -> coffre_status {
    raw::status_of_keys(|| {
        Spans::default().writes(writer, 1).reads(session, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let writing = raw::get_mut(writer)?;
            writing.spans().reads(session, 1).disjoint()?;
            writing.writer.add_session(raw::get(session)?)
        }
    })
}

/// Drops a session key.
///
/// @param session_id  16 bytes.
/// @retval COFFRE_ERR_NOT_FOUND  the record has no such session key.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[session_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_remove_session(
    writer: *mut coffre_record_writer,
    session_id: *const u8,
) -> coffre_status {
    raw::status(|| {
        Spans::default().writes(writer, 1).reads(session_id, 16).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let writing = raw::get_mut(writer)?;
            writing.spans().reads(session_id, 16).disjoint()?;
            writing.writer.remove_session(raw::array(session_id)?)
        }
    })
}

/// Takes the repository's id key in.
///
/// @retval COFFRE_ERR_DUPLICATE, COFFRE_ERR_TOO_LARGE, COFFRE_ERR_BUFFER_TOO_SMALL  as for
///         coffre_record_add_session.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_add_id_key(
    writer: *mut coffre_record_writer,
    id_key: *const coffre_id_key,
) -> coffre_status {
    raw::status_of_keys(|| {
        Spans::default().writes(writer, 1).reads(id_key, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let writing = raw::get_mut(writer)?;
            writing.spans().reads(id_key, 1).disjoint()?;
            writing.writer.add_id_key(raw::get(id_key)?)
        }
    })
}

/// Completes the record: the buffer given at the beginning holds it from its first byte. Ends the
/// writer when it succeeds.
///
/// @param record_len  the record's size, or the size that the buffer needs.
/// @param keys        NULL, or the record's keys, as coffre_record_open would give them; zeroed on
///         an error.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: no recipient was added, so that nobody could open it.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  the buffer holds no record.
/// @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_finish(
    writer: *mut coffre_record_writer,
    record_len: *mut usize,
    keys: *mut coffre_record_keys,
) -> coffre_status {
    let done = raw::status_of_keys(|| {
        let spans = Spans::default().writes(writer, 1).writes(keys, 1);
        if spans.touch(record_len) {
            return Err(Error::Overlap);
        }
        // SAFETY: the caller's contract.
        unsafe {
            raw::store(record_len, 0)?;
            spans.disjoint()?;
            raw::optional_output(keys)?;
            let writing = raw::get_mut(writer);
            if let Ok(writing) = &writing {
                writing.spans().writes(record_len, 1).writes(keys, 1).disjoint()?;
            }
            raw::wipe(keys);
            let writer = &mut writing?.writer;
            let finished = writer.finish();
            let len = match &finished {
                Ok((len, _)) => *len,
                Err(Error::BufferTooSmall) => writer.needed(),
                Err(_) => 0,
            };
            raw::store(record_len, len)?;
            let finished = finished.map(|(_, keys)| keys);
            if keys.is_null() { finished.map(drop) } else { raw::create(keys, || finished) }
        }
    });
    if done == crate::c_status::COFFRE_OK {
        // SAFETY: the caller's contract.
        unsafe { raw::wipe(writer) };
    }
    done
}

/// Gives a record up, zeroes the writer, and gives the buffer back. NULL and a zeroed object are
/// fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_writer_wipe(writer: *mut coffre_record_writer) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(writer) }
}
