//! Two slots for a record that is rewritten in place.

use coffre_core::error::{Error, Result};
use coffre_core::slots::{self, Report, Wanted};

use crate::c_context::coffre_context;
use crate::c_keys::coffre_identity;
use crate::c_policy::{self, coffre_policy};
use crate::c_record::{coffre_record, read_scope};
use crate::c_record_keys::coffre_record_keys;
use crate::c_status::{COFFRE_OK, coffre_status};
use crate::raw::{self, Spans};

/// coffre_slots_report.used and write_next: neither slot.
pub const COFFRE_SLOT_NONE: u32 = 2;

/// What coffre_slots_open found.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_slots_report {
    /// The slot whose record is used: 0, 1, or COFFRE_SLOT_NONE.
    pub used: u32,
    /// The slot to write next: the other one than the one in use; when neither opens, one that is
    /// empty or damaged. COFFRE_SLOT_NONE if it may be worth keeping: a whole record under another
    /// key, of another installation, restore point or version, about which a person has to decide.
    pub write_next: u32,
    /// 1 if the other slot may have been newer: it claims so, or cannot be read. One that was
    /// erased says nothing: where both were written once, `settled` tells.
    pub fell_back: u32,
    /// 1 if both slots hold the same bytes: a change, or the removal of a recipient, is done.
    pub settled: u32,
    /// What is the matter with each slot; COFFRE_ERR_NOT_FOUND for an empty one. An older slot is
    /// not opened, only read.
    pub status: [coffre_status; 2],
    /// The generation that each slot claims; 0 if it cannot be read.
    pub generation: [u64; 2],
}

/// Opens the newest valid record of two slots.
///
/// A slot is memory that begins with a record; what follows it is ignored, and erased memory (all
/// zeros or all ones) is empty. To change the record write the new one to slot `write_next`, make
/// it durable, then write it to the other: only when both carry it does the change count as done.
///
/// @param policy       NULL for the strict defaults; its lowest generation decides about rollback.
/// @param object_type  COFFRE_KEY_RECORD, COFFRE_CHALLENGE or COFFRE_REPOSITORY_RECORD.
/// @param instance_id  16 bytes: the installation whose record it must be.
/// @param scope_id     16 bytes for a key record: its restore point; otherwise NULL.
/// @param slot_0       `slot_0_len` bytes, lent to `record`; (NULL, 0) for one that cannot be read.
/// @param slot_1       the same.
/// @param record       written: the record in use; zeroed on an error.
/// @param keys         written: its keys; zeroed on an error.
/// @param report       NULL, or what was found; filled in on errors too.
/// @retval COFFRE_ERR_NOT_FOUND  both slots are empty.
/// @retval COFFRE_ERR_CONFLICT   both are valid and of one generation, and they differ.
/// @retval COFFRE_ERR_ROLLBACK   the newest valid one is below the policy's lowest generation.
/// @retval COFFRE_ERR_FOREIGN    another installation's or restore point's record.
/// @retval COFFRE_ERR_WRONG_KEY, COFFRE_ERR_WRONG_PASSWORD, COFFRE_ERR_NOT_AUTHENTIC,
///         COFFRE_ERR_OTHER_STORAGE_KEY, COFFRE_ERR_POLICY_RECIPIENT, COFFRE_ERR_CALLBACK  neither
///         opens; see coffre_record_open.
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_DAMAGED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE  neither can be read.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4.3.
///
/// cbindgen:ptrs-as-arrays=[[instance_id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_slots_open(
    context: *const coffre_context,
    policy: *const coffre_policy,
    identity: *const coffre_identity,
    object_type: u32,
    instance_id: *const u8,
    scope_id: *const u8,
    slot_0: *const u8,
    slot_0_len: usize,
    slot_1: *const u8,
    slot_1_len: usize,
    record: *mut coffre_record,
    keys: *mut coffre_record_keys,
    report: *mut coffre_slots_report,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(policy, 1).reads(identity, 1);
        let spans = spans.reads(instance_id, 16).reads(scope_id, 16);
        let spans = spans.reads(slot_0, slot_0_len).reads(slot_1, slot_1_len);
        spans.writes(record, 1).writes(keys, 1).writes(report, 1).disjoint()?;
        let mut found = Report::default();
        // SAFETY: the caller's contract; the slots stay lent until the record is wiped.
        unsafe {
            let opened = (|| {
                raw::wipe(record);
                raw::wipe(keys);
                let context = &raw::get(context)?.context;
                let policy = c_policy::read(policy)?;
                let (scope, instance_id) = read_scope(object_type, instance_id, scope_id)?;
                let wanted = Wanted { scope, instance_id };
                let areas = [raw::input(slot_0, slot_0_len)?, raw::input(slot_1, slot_1_len)?];
                raw::get(identity)?.with(|identity| {
                    slots::open(context, &policy, identity, &wanted, areas, &mut found)
                })
            })();
            if !report.is_null() {
                raw::store(report, write_report(&found))?;
            }
            let (opened, opened_keys) = opened?;
            raw::create(record, || Ok(opened))?;
            raw::create(keys, || Ok(opened_keys)).inspect_err(|_| raw::wipe(record))
        }
    })
}

fn write_report(found: &Report) -> coffre_slots_report {
    let status = |result: Result<()>| result.map_or_else(Error::code, |()| COFFRE_OK);
    coffre_slots_report {
        used: found.used.map_or(COFFRE_SLOT_NONE, |slot| slot as u32),
        write_next: found.write_next.map_or(COFFRE_SLOT_NONE, |slot| slot as u32),
        fell_back: found.fell_back.into(),
        settled: found.settled.into(),
        status: found.slots.map(status),
        generation: found.generations.map(|generation| generation.unwrap_or(0)),
    }
}
