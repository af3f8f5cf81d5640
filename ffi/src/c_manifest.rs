//! The manifest of a restore point: writing it, and what its header says.

use core::ffi::c_void;

use coffre_core::error::Error;
use coffre_core::manifest::{self, Info};
use coffre_core::manifest_writer::ManifestWriter;
use coffre_core::origin::Report;

use crate::c_context::coffre_context;
use crate::c_manifest_types::{
    coffre_manifest_entry, coffre_manifest_info, coffre_manifest_whole, read_entry, read_info,
    write_info, write_whole,
};
use crate::c_record_keys::coffre_record_keys;
use crate::c_status::{COFFRE_OK, coffre_status};
use crate::c_stream::{coffre_sink_fn, sink_of};
use crate::raw::{self, Spans, opaque};

/// A manifest in the making. Caller-owned; must stay where it is; wipe it.
#[repr(C)]
pub struct coffre_manifest_writer {
    opaque: [u64; 256],
}
opaque!(coffre_manifest_writer, ManifestWriter, b"coffrmfw", pinned: true);

/// Begins the manifest of a restore point, and gives its header to `sink`.
///
/// @param keys    of the restore point's key record.
/// @param info    flags, block_size, image_size, generation, metadata_digest are read; the rest is
///         set.
/// @param sink    takes the manifest's bytes, in order.
/// @param writer  written; zeroed on an error.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: block size 0, generation 0, unknown flags, not a key
///         record's keys.
/// @retval COFFRE_ERR_TOO_LARGE         the geometry is beyond the format.
/// @retval COFFRE_ERR_CALLBACK          the sink returned non-zero.
/// @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 6.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_begin(
    context: *const coffre_context,
    keys: *const coffre_record_keys,
    info: *mut coffre_manifest_info,
    sink: coffre_sink_fn,
    user: *mut c_void,
    writer: *mut coffre_manifest_writer,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(keys, 1);
        spans.writes(info, 1).writes(writer, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create_in_place(writer, ManifestWriter::blank, |blank| {
                raw::get(context)?;
                let wanted = read_info(raw::structure(info.cast_const())?)?;
                blank.start(raw::get(keys)?, &wanted, &mut sink_of(sink, user)?)?;
                raw::store(info, write_info(blank.info()))
            })
        }
    })
}

/// Adds what stands at the next position, and gives it to `sink`.
///
/// @param entry  kind, version, id, session_id, commitment, digest are read.
/// @retval COFFRE_ERR_BAD_STATE         the image has no further position, or the writer is not
///         live.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: fields that the format does not allow together.
/// @retval COFFRE_ERR_CALLBACK          the sink returned non-zero; the writer can only be wiped.
/// @retval COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_add(
    writer: *mut coffre_manifest_writer,
    entry: *const coffre_manifest_entry,
    sink: coffre_sink_fn,
    user: *mut c_void,
) -> coffre_status {
    let done = raw::status_of_keys(move || {
        Spans::default().writes(writer, 1).reads(entry, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let entry = read_entry(raw::structure(entry)?)?;
            raw::get_mut(writer)?.add(&entry, &mut sink_of(sink, user)?)
        }
    });
    if done == Error::Callback.code() {
        // SAFETY: the caller's contract.
        unsafe { raw::wipe(writer) };
    }
    done
}

/// Gives root and checksum to `sink`. Ends the writer when it succeeds.
///
/// @param whole  NULL, or what coffre_origin_sign takes; its origin is unverified. Unchanged on an
///         error.
/// @retval COFFRE_ERR_BAD_STATE  positions are missing, or the writer is not live.
/// @retval COFFRE_ERR_CALLBACK   the sink returned non-zero; the writer can only be wiped.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_finish(
    writer: *mut coffre_manifest_writer,
    sink: coffre_sink_fn,
    user: *mut c_void,
    whole: *mut coffre_manifest_whole,
) -> coffre_status {
    let done = raw::status_of_keys(move || {
        Spans::default().writes(writer, 1).writes(whole, 1).disjoint()?;
        raw::optional_output(whole)?;
        // SAFETY: the caller's contract.
        unsafe {
            let finished = raw::get_mut(writer)?.finish(&mut sink_of(sink, user)?)?;
            if !whole.is_null() {
                let seen = Report { whole: Some(finished), ..Report::default() };
                raw::store(whole, write_whole(&seen))?;
            }
        }
        Ok(())
    });
    if done == COFFRE_OK || done == Error::Callback.code() {
        // SAFETY: the caller's contract.
        unsafe { raw::wipe(writer) };
    }
    done
}

/// Ends a writer and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_writer_wipe(writer: *mut coffre_manifest_writer) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(writer) }
}

/// Reads what a manifest's header says. No key; nothing is proven.
///
/// @param header  COFFRE_MANIFEST_HEADER_SIZE bytes.
/// @param info    written; unchanged on an error.
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[header; COFFRE_MANIFEST_HEADER_SIZE]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_inspect(
    header: *const u8,
    info: *mut coffre_manifest_info,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(header, manifest::HEADER).writes(info, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::store(info, write_info(&Info::parse(raw::array(header)?)?)) }
    })
}

/// The number of segments of a manifest.
///
/// @param info  as coffre_manifest_inspect gives it; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_segment_count(info: *const coffre_manifest_info) -> u64 {
    // SAFETY: the caller's contract.
    let info = unsafe { raw::structure(info) }.and_then(read_info);
    info.map_or(0, |info| info.segment_count())
}

/// The size of a segment with its MAC; 0 past the end.
///
/// @param info  as coffre_manifest_inspect gives it; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_manifest_segment_size(
    info: *const coffre_manifest_info,
    segment: u64,
) -> usize {
    // SAFETY: the caller's contract.
    let info = unsafe { raw::structure(info) }.and_then(read_info);
    info.map_or(0, |info| info.segment_len(segment))
}
