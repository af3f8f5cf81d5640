//! The start-up challenge.

use core::ffi::c_char;

use coffre_core::challenge::{self, Report};
use coffre_core::error::Error;

use crate::c_context::coffre_context;
use crate::c_keys::{coffre_identity, coffre_recipient};
use crate::c_status::{COFFRE_OK, coffre_status};
use crate::raw::{self, Spans};

/// What a check saw, whatever its verdict; what could not be read is zero.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_challenge_report {
    /// The key that the record expects: its first recipient's, or the one that matched.
    pub expected_key_id: [u8; 16],
    /// The key at hand.
    pub found_key_id: [u8; 16],
    /// The installation that wrote the record.
    pub instance_id: [u8; 16],
    /// The record's generation.
    pub generation: u64,
    /// COFFRE_CHALLENGE, COFFRE_KEY_RECORD or COFFRE_REPOSITORY_RECORD.
    pub object_type: u32,
    /// 0.
    pub reserved: u32,
}

/// Makes a challenge for a recipient, to be kept beside the keys and checked at every start.
///
/// @param context      exclusive; random bytes are drawn.
/// @param instance_id  16 bytes: this installation.
/// @param generation   from 1; raise it with every new challenge.
/// @param out          the challenge: coffre_record_size(stanza, 0) bytes, with the recipient's
///         coffre_recipient_stanza_size; unchanged or
///         zeroed on an error.
/// @param out_len      its size, or the size needed.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
/// @retval COFFRE_ERR_CALLBACK          the key service did not wrap.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md sections 4 and 7.
///
/// cbindgen:ptrs-as-arrays=[[instance_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_challenge_create(
    context: *mut coffre_context,
    recipient: *const coffre_recipient,
    instance_id: *const u8,
    generation: u64,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().writes(context, 1).reads(recipient, 1);
        let spans = spans.reads(instance_id, 16);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                let state = raw::get_mut(context)?;
                let (context, random) = (&state.context, &mut state.random);
                let id = raw::array(instance_id)?;
                raw::get(recipient)?.with(|recipient| {
                    challenge::create(context, random, recipient, id, generation, out)
                })
            })
        }
    })
}

/// Checks whether the key at hand opens a challenge, a key record or a repository record, before
/// anything depends on it.
///
/// The status is the verdict; coffre_challenge_verdict gives its word. Checks stop at the first
/// that fails, in this order.
///
/// @param instance_id        16 bytes: this installation.
/// @param lowest_generation  0, or the lowest that the caller accepts.
/// @param record             `record_len` bytes.
/// @param report             NULL, or what was seen, filled in for every verdict.
/// @retval COFFRE_OK                 match.
/// @retval COFFRE_ERR_MALFORMED      corrupt: not a record.
/// @retval COFFRE_ERR_DAMAGED        corrupt: the checksum does not fit.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE  unsupported.
/// @retval COFFRE_ERR_FOREIGN        foreign: another installation's.
/// @retval COFFRE_ERR_STALE          stale: the generation is below the lowest.
/// @retval COFFRE_ERR_WRONG_KEY      wrong key: the report has the expected and the found id.
/// @retval COFFRE_ERR_WRONG_PASSWORD wrong key: the password is not the one.
/// @retval COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_OTHER_STORAGE_KEY  corrupt: the key id fits, and
///         yet the record does not open.
/// @retval COFFRE_ERR_CALLBACK       not checked: the key service or token could not be asked.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE  not checked.
///
/// docs/FORMAT.md section 7.
///
/// cbindgen:ptrs-as-arrays=[[instance_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_challenge_check(
    context: *const coffre_context,
    identity: *const coffre_identity,
    instance_id: *const u8,
    lowest_generation: u64,
    record: *const u8,
    record_len: usize,
    report: *mut coffre_challenge_report,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(identity, 1);
        let spans = spans.reads(instance_id, 16).reads(record, record_len);
        spans.writes(report, 1).disjoint()?;
        let mut seen = Report::default();
        // SAFETY: the caller's contract; nothing overlaps.
        let verdict = unsafe {
            let context = &raw::get(context)?.context;
            let identity = raw::get(identity)?;
            let id = raw::array(instance_id)?;
            let record = raw::input(record, record_len)?;
            identity.with(|identity| {
                challenge::check(context, identity, id, lowest_generation, record, &mut seen)
            })
        };
        if !report.is_null() {
            // SAFETY: the caller's contract.
            unsafe { raw::store(report, write_report(&seen)) }?;
        }
        verdict
    })
}

/// The word for a verdict of coffre_challenge_check: "match", "corrupt", "unsupported", "foreign",
/// "stale", "wrong key"; "not checked" for any other status. Static, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_challenge_verdict(status: coffre_status) -> *const c_char {
    let word = match Error::from_code(status) {
        None if status == COFFRE_OK => c"match",
        Some(Error::Malformed | Error::Damaged | Error::NotAuthentic | Error::OtherStorageKey) => {
            c"corrupt"
        }
        Some(Error::UnsupportedVersion | Error::UnsupportedSuite) => c"unsupported",
        Some(Error::Foreign) => c"foreign",
        Some(Error::Stale) => c"stale",
        Some(Error::WrongKey | Error::WrongPassword) => c"wrong key",
        _ => c"not checked",
    };
    word.as_ptr()
}

fn write_report(seen: &Report) -> coffre_challenge_report {
    coffre_challenge_report {
        expected_key_id: seen.expected_key_id.unwrap_or_default(),
        found_key_id: seen.found_key_id.unwrap_or_default(),
        instance_id: seen.instance_id.unwrap_or_default(),
        generation: seen.generation.unwrap_or_default(),
        object_type: seen.object.map_or(0, |object| object as u32),
        reserved: 0,
    }
}
