//! Two slots for a record that is rewritten in place (FORMAT.md 4.3): a cut of the power in the
//! middle of a write leaves the other one.
//!
//! A reader takes the newest valid record and says what is the matter with the other. A writer
//! writes to the slot that is not in use, then to the other. Where slots lie is the product's
//! matter: two sectors of flash, a file and a database row.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::object::Id;
use crate::policy::Policy;
use crate::recipient::Identity;
use crate::record::{Record, RecordKeys};
use crate::wrap::Scope;

/// What a reader demands of both slots.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Type of the record, and restore point or instance id.
    pub scope: Scope,
    /// The installation.
    pub instance_id: Id,
}

/// What was found, whatever the result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Report {
    /// The slot whose record is used.
    pub used: Option<usize>,
    /// The slot to write next: the other one than the one in use, or, when neither opens, one that
    /// is empty or damaged. `None` if it may be worth keeping: a whole record under another key,
    /// of another scope or version, about which a person has to decide.
    pub write_next: Option<usize>,
    /// What is the matter with each slot; [`Error::NotFound`] for an empty one. A slot that is
    /// older than the one in use is not opened, only read.
    pub slots: [Result<()>; 2],
    /// The generation that each slot claims, if it can be read.
    pub generations: [Option<u64>; 2],
    /// The other slot may have been newer: it claims so, or cannot be read. FORMAT.md \[S2\].
    pub fell_back: bool,
    /// Both hold the same bytes: a change or removal is done. FORMAT.md \[S5\].
    pub settled: bool,
}

impl Default for Report {
    fn default() -> Self {
        Report {
            used: None,
            write_next: None,
            slots: [Err(Error::NotFound); 2],
            generations: [None; 2],
            fell_back: false,
            settled: false,
        }
    }
}

/// Opens the newest valid record of two slots.
///
/// # Errors
/// - [`Error::NotFound`]: both are empty.
/// - [`Error::Conflict`]: both are valid and of one generation, and they differ.
/// - [`Error::Rollback`]: the newest valid one is older than the policy's lowest generation.
/// - Otherwise neither is valid: what is the matter with the one that claims to be newer. Those of
///   [`Record::parse`] and [`Record::open`]; [`Error::Foreign`]: a record of another scope or
///   instance.
///
/// FORMAT.md \[S1\] to \[S4\].
pub fn open<'a>(
    context: &Context,
    policy: &Policy,
    identity: &Identity,
    wanted: &Wanted,
    areas: [&'a [u8]; 2],
    report: &mut Report,
) -> Result<(Record<'a>, RecordKeys)> {
    *report = Report::default();
    let records = areas.map(|area| read(area, wanted));
    for (slot, record) in records.iter().enumerate() {
        report.slots[slot] = record.as_ref().map(drop).map_err(|error| *error);
        report.generations[slot] = record.as_ref().ok().map(|record| record.generation);
    }
    let lost = |record: &Result<Record>| {
        matches!(record, Err(Error::NotFound | Error::Damaged | Error::Malformed))
    };
    report.write_next = records.iter().position(lost);
    let settled = matches!(&records, [Ok(a), Ok(b)] if a.bytes() == b.bytes());
    report.settled = settled;
    let newer = usize::from(report.generations[1] > report.generations[0]);
    let tied = report.generations[0] == report.generations[1] && !settled;
    // Rollback is judged of the record in use, not of each slot.
    let any_generation = policy.any_generation();
    let mut attempt = |slot: usize| {
        let record = records[slot].clone()?;
        let opened = record.open(context, &any_generation, identity);
        report.slots[slot] = opened.as_ref().map(drop).map_err(|error| *error);
        opened.map(|keys| (slot, record, keys))
    };
    let (used, record, keys) = match attempt(newer) {
        Ok(found) if tied => match attempt(1 - newer) {
            Ok(_) => return Err(Error::Conflict),
            Err(Error::Callback) => return Err(Error::Callback),
            Err(_) => found,
        },
        Ok(found) => found,
        Err(error) if settled => {
            report.slots = [Err(error); 2];
            return Err(error);
        }
        Err(Error::Callback) => return Err(Error::Callback),
        // When the newer one cannot be read, neither can be: it may also be empty.
        Err(error) => attempt(1 - newer).map_err(|other| match error {
            Error::NotFound => other,
            _ if other == Error::Callback => other,
            _ => error,
        })?,
    };
    report.used = Some(used);
    // The mask tells the compiler that there are two.
    let other = (1 - used) & 1;
    // What another key, installation or version can read is not ours to overwrite.
    let expendable = match report.slots[other] {
        Ok(()) | Err(Error::NotFound | Error::Damaged | Error::Malformed) => true,
        Err(error) => matches!(error, Error::NotAuthentic | Error::OtherStorageKey),
    };
    report.write_next = expendable.then_some(other);
    report.fell_back = match report.slots[other] {
        Ok(()) => false,
        Err(error) => error != Error::NotFound,
    };
    if record.generation < policy.lowest_generation {
        return Err(Error::Rollback);
    }
    Ok((record, keys))
}

/// What stands in a slot, without any key. FORMAT.md \[S1\].
fn read<'a>(area: &'a [u8], wanted: &Wanted) -> Result<Record<'a>> {
    if is_empty(area) {
        return Err(Error::NotFound);
    }
    let record = Record::parse_front(area)?;
    if record.scope() != wanted.scope || record.instance_id != wanted.instance_id {
        return Err(Error::Foreign);
    }
    Ok(record)
}

/// Flash that was erased, or memory that nobody wrote. FORMAT.md 4.3.
fn is_empty(area: &[u8]) -> bool {
    let front = area.get(..16).unwrap_or(area);
    front.iter().all(|byte| *byte == 0) || front.iter().all(|byte| *byte == 0xff)
}
