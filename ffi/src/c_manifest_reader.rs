//! The manifest of a restore point: reading it, to the proof that it is whole and of whom it is.

use coffre_core::error::Error;
use coffre_core::limits;
use coffre_core::manifest;
use coffre_core::manifest_reader::ManifestReader;
use coffre_core::origin::{Evidence, Report};

use crate::c_context::coffre_context;
use crate::c_manifest_types::{
    coffre_manifest_entry, coffre_manifest_whole, write_entry, write_whole,
};
use crate::c_origin_key::coffre_origin;
use crate::c_policy::{self, coffre_policy};
use crate::c_record::{coffre_record, spans_of};
use crate::c_record_keys::coffre_record_keys;
use crate::c_status::coffre_status;
use crate::raw::{self, Spans, opaque};

/// A manifest under examination. Caller-owned; must stay where it is; wipe it.
#[repr(C)]
pub struct coffre_manifest_reader {
    opaque: [u64; 256],
}
opaque!(coffre_manifest_reader, ManifestReader, b"coffrmfr", pinned: true);

/// Begins to examine a manifest with its header, which is proven by coffre_manifest_close only.
///
/// @param policy  NULL for the strict defaults.
/// @param keys    of the restore point's key record.
/// @param header  COFFRE_MANIFEST_HEADER_SIZE bytes.
/// @param reader  written; zeroed on an error.
/// @retval COFFRE_ERR_FOREIGN  another restore point's or installation's.
/// @retval COFFRE_ERR_STALE    the generation is below the policy's lowest.
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 6.
///
/// cbindgen:ptrs-as-arrays=[[header; COFFRE_MANIFEST_HEADER_SIZE]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_open(
    context: *const coffre_context,
    policy: *const coffre_policy,
    keys: *const coffre_record_keys,
    header: *const u8,
    reader: *mut coffre_manifest_reader,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(policy, 1).reads(keys, 1);
        spans.reads(header, manifest::HEADER).writes(reader, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(reader, || {
                raw::get(context)?;
                let policy = c_policy::read(policy)?;
                ManifestReader::open(&policy, raw::get(keys)?, raw::array(header)?)
            })
        }
    })
}

/// Checks one segment; its entries may be used after that. Segments checked in order count towards
/// the root.
///
/// @param segment  its index, from 0; any order.
/// @param bytes    `len` bytes, of the size that coffre_manifest_segment_size says.
/// @retval COFFRE_ERR_NOT_AUTHENTIC  none of its entries may be used.
/// @retval COFFRE_ERR_MALFORMED      not a segment's size, or an entry that breaks a rule.
/// @retval COFFRE_ERR_NOT_FOUND      past the end.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_segment(
    reader: *mut coffre_manifest_reader,
    segment: u64,
    bytes: *const u8,
    len: usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        Spans::default().writes(reader, 1).reads(bytes, len).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::get_mut(reader)?.segment(segment, raw::input(bytes, len)?) }
    })
}

/// Checks one segment without counting it towards the root: for random access, and for several
/// threads at once.
///
/// @param segment, bytes, len  as for coffre_manifest_segment.
/// @retval COFFRE_ERR_NOT_AUTHENTIC  none of its entries may be used.
/// @retval COFFRE_ERR_MALFORMED      not a segment's size, or an entry that breaks a rule.
/// @retval COFFRE_ERR_NOT_FOUND      past the end.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_check_segment(
    reader: *const coffre_manifest_reader,
    segment: u64,
    bytes: *const u8,
    len: usize,
) -> coffre_status {
    // SAFETY: the caller's contract; nothing is written.
    raw::status_of_keys(|| unsafe {
        raw::get(reader)?.check_segment(segment, raw::input(bytes, len)?)
    })
}

/// Reads an entry of a segment that coffre_manifest_segment or coffre_manifest_check_segment
/// accepted.
///
/// @param segment, bytes, len  as given there.
/// @param index  of the entry in the segment, from 0.
/// @param entry  written; unchanged on an error.
/// @retval COFFRE_ERR_NOT_FOUND  past the segment's end.
/// @retval COFFRE_ERR_MALFORMED  not an entry of that position.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_entry_at(
    reader: *const coffre_manifest_reader,
    segment: u64,
    bytes: *const u8,
    len: usize,
    index: usize,
    entry: *mut coffre_manifest_entry,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(reader, 1).reads(bytes, len);
        spans.writes(entry, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let reader = raw::get(reader)?;
            let found = reader.entry(segment, raw::input(bytes, len)?, index)?;
            let position = segment * limits::SEGMENT_ENTRIES + index as u64;
            raw::store(entry, write_entry(&found, reader.info(), position))
        }
    })
}

/// Reads the entry of the next position, for who has no memory for a segment: in order, each once,
/// and after a segment's entries its MAC with coffre_manifest_end_segment.
///
/// The entry is provisional until then: undo what it led to if its segment turns out to be forged.
/// Whole segments may go to coffre_manifest_segment in between, but not in the middle of one.
///
/// @param bytes  128 bytes, as they stand in the manifest.
/// @param entry  written; unchanged on an error.
/// @retval COFFRE_ERR_MALFORMED  not an entry of that position: damaged or forged. The right bytes
///         may be given after that.
/// @retval COFFRE_ERR_NOT_FOUND  past the end.
/// @retval COFFRE_ERR_BAD_STATE  the segment's MAC is due, or the reader is not live.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md section 6, M2.
///
/// cbindgen:ptrs-as-arrays=[[bytes; 128]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_provisional_entry(
    reader: *mut coffre_manifest_reader,
    bytes: *const u8,
    entry: *mut coffre_manifest_entry,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().writes(reader, 1).reads(bytes, manifest::ENTRY);
        spans.writes(entry, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            // Asked before the entry counts.
            raw::outputs(entry, 1)?;
            let reader = raw::get_mut(reader)?;
            let position = reader.position();
            let found = reader.provisional_entry(raw::array(bytes)?)?;
            raw::store(entry, write_entry(&found, reader.info(), position))
        }
    })
}

/// Ends a segment that was read entry by entry: its entries are proven, and it counts towards the
/// root.
///
/// @param mac  32 bytes, which follow the segment's entries.
/// @retval COFFRE_ERR_NOT_AUTHENTIC  undo what the segment's entries led to; the reader is wiped.
/// @retval COFFRE_ERR_BAD_STATE      entries are missing, or the reader is not live.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md section 6, M2.
///
/// cbindgen:ptrs-as-arrays=[[mac; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_end_segment(
    reader: *mut coffre_manifest_reader,
    mac: *const u8,
) -> coffre_status {
    let done = raw::status_of_keys(move || {
        Spans::default().writes(reader, 1).reads(mac, manifest::MAC).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::get_mut(reader)?.end_segment(raw::array(mac)?) }
    });
    if done == Error::NotAuthentic.code() {
        // SAFETY: the caller's contract.
        unsafe { raw::wipe(reader) };
    }
    done
}

/// Checks root and checksum after all segments were read in order, which proves the restore point
/// whole, and then who made it. Ends the reader, unless the status is COFFRE_ERR_BAD_STATE,
/// COFFRE_ERR_INVALID_ARGUMENT or COFFRE_ERR_OVERLAP.
///
/// Without an origin key the origin is unverified, which only a policy that demands an origin
/// refuses, whatever signature lies there. With one, anything but a signature of that key is
/// refused. What COFFRE_ERR_DAMAGED,
/// COFFRE_ERR_MALFORMED or COFFRE_ERR_FOREIGN is about, `whole` tells: it is zero unless the
/// manifest is whole.
///
/// @param trailer    COFFRE_MANIFEST_TRAILER_SIZE bytes.
/// @param origin     NULL, or the key that the restore point has to be signed with.
/// @param record     NULL without `origin`; the key record that was opened for this reader.
/// @param signature  NULL, or `signature_len` bytes, as coffre_origin_sign made them; without
///         `origin` only the key id in it is told.
/// @param whole      NULL, or what was found, filled in also when the origin is refused; zeroed if
///         the manifest is not whole; unchanged if the reader did not end.
/// @retval COFFRE_OK                       whole, and of that origin if a key was given.
/// @retval COFFRE_ERR_BAD_STATE            segments are missing, or an object is not live.
/// @retval COFFRE_ERR_INVALID_ARGUMENT     also: `origin` without `record`, or not a key record.
/// @retval COFFRE_ERR_DAMAGED              a checksum does not fit, the manifest's or the
///         signature's.
/// @retval COFFRE_ERR_NOT_AUTHENTIC        the header was altered, or segments of two manifests
///         were mixed; or the record was altered.
/// @retval COFFRE_ERR_OTHER_STORAGE_KEY    the record is not that of the reader's keys.
/// @retval COFFRE_ERR_ORIGIN_UNVERIFIED    no signature, or another key's; without `origin`: the
///         policy demands one.
/// @retval COFFRE_ERR_ORIGIN_FORGED        the signature does not fit, or is another manifest's.
/// @retval COFFRE_ERR_ORIGIN_IS_RECIPIENT  the origin key is one of the record's recipients.
/// @retval COFFRE_ERR_FOREIGN              signature or record are another restore point's or
///         installation's.
/// @retval COFFRE_ERR_MALFORMED            not an origin signature, or one of a manifest without
///         digests.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE  the signature's.
/// @retval COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md sections 6 and 6.1.
///
/// cbindgen:ptrs-as-arrays=[[trailer; COFFRE_MANIFEST_TRAILER_SIZE]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_close(
    reader: *mut coffre_manifest_reader,
    trailer: *const u8,
    origin: *const coffre_origin,
    record: *const coffre_record,
    signature: *const u8,
    signature_len: usize,
    whole: *mut coffre_manifest_whole,
) -> coffre_status {
    let done = raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below; nothing overlaps.
        let spans = unsafe { spans_of(record) }.writes(reader, 1);
        let spans = spans.reads(trailer, manifest::TRAILER).reads(origin, 1);
        spans.reads(signature, signature_len).writes(whole, 1).disjoint()?;
        raw::optional_output(whole)?;
        let mut seen = Report::default();
        let closed = unsafe {
            let evidence = Evidence {
                origin: raw::get_optional(origin)?,
                record: raw::get_optional(record)?,
                signature: Some(raw::input(signature, signature_len)?)
                    .filter(|_| !signature.is_null()),
            };
            raw::get(reader)?.close(raw::array(trailer)?, &evidence, &mut seen)
        };
        if !whole.is_null() && !closed.is_err_and(asks_again) {
            // SAFETY: the caller's contract.
            unsafe { raw::store(whole, write_whole(&seen)) }?;
        }
        closed
    });
    if !Error::from_code(done).is_some_and(asks_again) {
        // SAFETY: the caller's contract.
        unsafe { raw::wipe(reader) };
    }
    done
}

/// Whether the caller may repeat the call that failed.
fn asks_again(error: Error) -> bool {
    matches!(error, Error::BadState | Error::InvalidArgument | Error::Overlap)
}

/// Ends a reader and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_reader_wipe(reader: *mut coffre_manifest_reader) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(reader) }
}
