//! The start-up check: do the keys at hand open what this installation writes? (FORMAT.md 7)
//!
//! The same check runs against a challenge and against a key record, so that an operator learns
//! before a restore destroys anything which keys a backup needs. It finds mistakes, not attackers:
//! who has a public key can write a challenge.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::object::{Id, ObjectType};
use crate::out::Out;
use crate::policy::Policy;
use crate::random::{Random, RandomSource};
use crate::recipient::{Identity, Recipient};
use crate::record::{HEAD, Record, TAIL};
use crate::record_writer::RecordWriter;
use crate::wrap::Scope;

/// What a check saw, whatever its verdict; what could not be read is `None`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Type of the record.
    pub object: Option<ObjectType>,
    /// The key that the record expects: its first recipient's.
    pub expected_key_id: Option<Id>,
    /// The key at hand.
    pub found_key_id: Option<Id>,
    /// The installation that wrote the record.
    pub instance_id: Option<Id>,
    /// The record's generation.
    pub generation: Option<u64>,
}

/// Writes a challenge for `recipient` to `out`, which is empty.
///
/// # Errors
/// [`Error::InvalidArgument`]: generation 0. [`Error::BufferTooSmall`]; those of [`Random::draw`].
pub fn create<S: RandomSource>(
    context: &Context,
    random: &mut Random<S>,
    recipient: &Recipient,
    instance_id: &Id,
    generation: u64,
    out: &mut Out,
) -> Result<()> {
    let scope = Scope { object: ObjectType::Challenge, id: *instance_id };
    out.reserve(HEAD + recipient.stanza_len() + TAIL)?;
    let mut writer = RecordWriter::create(random, scope, instance_id, generation, out.take())?;
    let added = writer.add_recipient(context, random, recipient);
    let done = added.and_then(|()| writer.finish().map(drop));
    *out = writer.into_out();
    if done.is_err() {
        out.truncate(0);
    }
    done
}

/// Checks `identity` against a challenge, key record or repository record. `Ok` is the verdict
/// *match*.
///
/// `report` is filled in as far as the record could be read, for a match and for every other
/// verdict.
///
/// # Errors
/// In the order of the checks: [`Error::Malformed`], [`Error::Damaged`]: corrupt.
/// [`Error::UnsupportedVersion`], [`Error::UnsupportedSuite`]: unsupported. [`Error::Foreign`]:
/// another instance's. [`Error::Stale`]: its generation is below `lowest_generation`.
/// [`Error::WrongKey`]: wrong key; the report has both ids. [`Error::NotAuthentic`]: corrupt, for
/// the key id fits; [`Error::OtherStorageKey`]: as well. [`Error::WrongPassword`]: wrong key.
/// [`Error::Callback`]: not checked; the key service or token could not be asked.
///
/// FORMAT.md 7.
pub fn check(
    context: &Context,
    identity: &Identity,
    instance_id: &Id,
    lowest_generation: u64,
    record: &[u8],
    report: &mut Report,
) -> Result<()> {
    *report = Report { found_key_id: Some(identity.id()), ..Report::default() };
    let record = Record::parse(record)?;
    report.object = Some(record.object);
    report.expected_key_id = record.stanzas().next().map(|stanza| stanza.id);
    report.instance_id = Some(record.instance_id);
    report.generation = Some(record.generation);
    if record.instance_id != *instance_id {
        return Err(Error::Foreign);
    }
    let policy = Policy { lowest_generation, ..Policy::default() };
    record.open(context, &policy, identity)?;
    report.expected_key_id = report.found_key_id;
    Ok(())
}
