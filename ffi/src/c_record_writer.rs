//! Records, written.

use coffre_core::error::Error;
use coffre_core::out::Out;
use coffre_core::record::{ENTRY, HEAD, TAIL};
use coffre_core::record_writer::RecordWriter;

use crate::c_context::coffre_context;
use crate::c_keys::coffre_recipient;
use crate::c_record::{coffre_record, read_scope, spans_of};
use crate::c_record_keys::coffre_record_keys;
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

/// The size of a record.
///
/// @param stanzas_len  the sum of coffre_recipient_stanza_size over its recipients.
/// @param entries      session keys and id keys.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_record_size(stanzas_len: usize, entries: usize) -> usize {
    entries.saturating_mul(ENTRY).saturating_add(stanzas_len).saturating_add(HEAD + TAIL)
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
    raw::status_of_keys(move || {
        let spans = Spans::default().writes(context, 1).reads(instance_id, 16);
        let spans = spans.reads(scope_id, 16).writes(buffer, buffer_len);
        spans.writes(writer, 1).disjoint()?;
        // SAFETY: the caller's contract: the buffer stays lent until the writer is finished or
        // wiped.
        unsafe {
            raw::create(writer, || {
                let random = &mut raw::get_mut(context)?.random;
                let (scope, id) = read_scope(object_type, instance_id, scope_id)?;
                let lent = Lent::of(buffer, buffer_len);
                let out = Out::uninit(raw::output(buffer, buffer_len)?);
                let writer = RecordWriter::create(random, scope, &id, generation, out)?;
                Ok(Writing { writer, buffer: lent })
            })
        }
    })
}

/// Begins with a copy of an opened record, to be changed: same storage key, higher generation.
///
/// @param keys        the record's, from coffre_record_open.
/// @param generation  above the record's.
/// @param buffer      `buffer_len` bytes, lent until the writer is finished or wiped.
/// @param writer      written; zeroed on an error.
/// @retval COFFRE_ERR_STALE             the generation is not above the record's.
/// @retval COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_OTHER_STORAGE_KEY  the keys are not the record's.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  the record does not fit.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_edit(
    context: *const coffre_context,
    keys: *const coffre_record_keys,
    record: *const coffre_record,
    generation: u64,
    buffer: *mut u8,
    buffer_len: usize,
    writer: *mut coffre_record_writer,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(record) }.reads(context, 1).reads(keys, 1);
        spans.writes(buffer, buffer_len).writes(writer, 1).disjoint()?;
        // SAFETY: the caller's contract: the buffer stays lent until the writer is finished or
        // wiped.
        unsafe {
            raw::create(writer, || {
                raw::get(context)?;
                let keys = raw::get(keys)?;
                let record = raw::get(record)?;
                let lent = Lent::of(buffer, buffer_len);
                let out = Out::uninit(raw::output(buffer, buffer_len)?);
                let writer = RecordWriter::edit(keys, record, generation, out)?;
                Ok(Writing { writer, buffer: lent })
            })
        }
    })
}

/// Begins with the keys of an opened record under a new storage key, without recipients: add all
/// that shall open it. No session key and no block changes.
///
/// Whoever opened the record before, and kept its storage key, cannot open the new one; what he
/// could read he may have kept: rotating is not revoking.
///
/// @param context     exclusive; random bytes are drawn.
/// @param keys        the record's, from coffre_record_open.
/// @param generation  above the record's.
/// @param buffer      `buffer_len` bytes, lent until the writer is finished or wiped.
/// @param writer      written; zeroed on an error.
/// @retval COFFRE_ERR_STALE                the generation is not above the record's.
/// @retval COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_OTHER_STORAGE_KEY  the keys are not the record's,
///         or an entry is forged.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION  it has an entry of an unknown type, which would be lost.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL     the record does not fit.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_rotate(
    context: *mut coffre_context,
    keys: *const coffre_record_keys,
    record: *const coffre_record,
    generation: u64,
    buffer: *mut u8,
    buffer_len: usize,
    writer: *mut coffre_record_writer,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(record) }.writes(context, 1).reads(keys, 1);
        spans.writes(buffer, buffer_len).writes(writer, 1).disjoint()?;
        // SAFETY: the buffer stays lent until the writer is finished or wiped.
        unsafe {
            raw::create(writer, || {
                let random = &mut raw::get_mut(context)?.random;
                let (keys, record) = (raw::get(keys)?, raw::get(record)?);
                let lent = Lent::of(buffer, buffer_len);
                let out = Out::uninit(raw::output(buffer, buffer_len)?);
                let writer = RecordWriter::rotate(random, keys, record, generation, out)?;
                Ok(Writing { writer, buffer: lent })
            })
        }
    })
}

/// Lets a recipient open the record.
///
/// @param context  exclusive; random bytes are drawn for a public key and an external key.
/// @retval COFFRE_ERR_DUPLICATE         it can already, or it is a second password.
/// @retval COFFRE_ERR_CALLBACK          the key service did not wrap.
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
    raw::status_of_keys(move || {
        let spans = Spans::default().writes(context, 1).writes(writer, 1);
        spans.reads(recipient, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let state = raw::get_mut(context)?;
            let writing = raw::get_mut(writer)?;
            writing.spans().writes(context, 1).reads(recipient, 1).disjoint()?;
            let (context, random) = (&state.context, &mut state.random);
            let writer = &mut writing.writer;
            raw::get(recipient)?.with(|recipient| writer.add_recipient(context, random, recipient))
        }
    })
}

/// Puts a recipient in the place of another one, or of itself to wrap anew: all or nothing.
///
/// @param context  exclusive; random bytes may be drawn.
/// @param old_id   16 bytes: the recipient id of the one that goes.
/// @retval COFFRE_ERR_NOT_FOUND         the record has no such recipient.
/// @retval COFFRE_ERR_DUPLICATE         the new one is there already, or is a second password.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  both together do not fit; the record is unchanged.
/// @retval COFFRE_ERR_CALLBACK          the key service did not wrap.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[old_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_replace_recipient(
    context: *mut coffre_context,
    writer: *mut coffre_record_writer,
    old_id: *const u8,
    recipient: *const coffre_recipient,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().writes(context, 1).writes(writer, 1);
        spans.reads(old_id, 16).reads(recipient, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let state = raw::get_mut(context)?;
            let writing = raw::get_mut(writer)?;
            let spans = writing.spans().writes(context, 1).reads(recipient, 1);
            spans.reads(old_id, 16).disjoint()?;
            let (context, random) = (&state.context, &mut state.random);
            let (old, writer) = (raw::array(old_id)?, &mut writing.writer);
            raw::get(recipient)?
                .with(|recipient| writer.replace_recipient(context, random, old, recipient))
        }
    })
}

/// Takes a recipient out. Copies of the record from before it still opens: re-wrapping is not
/// revoking.
///
/// @param recipient_id  16 bytes.
/// @retval COFFRE_ERR_NOT_FOUND  the record has no such recipient.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[recipient_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_record_remove_recipient(
    writer: *mut coffre_record_writer,
    recipient_id: *const u8,
) -> coffre_status {
    raw::status(move || {
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
    raw::status_of_keys(move || {
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
    raw::status(move || {
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
    raw::status_of_keys(move || {
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
    let done = raw::status_of_keys(move || {
        let spans = Spans::default().writes(writer, 1).writes(keys, 1);
        if spans.touch(record_len) {
            return Err(Error::Overlap);
        }
        // SAFETY: the caller's contract.
        unsafe {
            let writing = raw::get_mut(writer);
            if let Ok(writing) = &writing {
                writing.spans().writes(record_len, 1).writes(keys, 1).disjoint()?;
            }
            raw::store(record_len, 0)?;
            spans.disjoint()?;
            raw::optional_output(keys)?;
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
