//! Records written, edited, rotated and opened by the library, in one call each.

use coffre_core::error::Result;
use coffre_core::object::ObjectType::{self, KeyRecord};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::recipient::{Identity, Recipient};
use coffre_core::record::{Record, RecordKeys};
use coffre_core::record_writer::RecordWriter;
use coffre_core::wrap::Scope;

use super::{context, id, random};

/// The key record of that restore point; other records have the instance's id.
pub fn scope_of(object: ObjectType, point: &str) -> Scope {
    Scope { object, id: if object == KeyRecord { id(point) } else { id("instance") } }
}

/// What one of these makes: the record, and its keys.
pub type Made = (Vec<u8>, RecordKeys);

/// A key record of generation 5 for these identities, with what `fill` puts in.
pub fn write(
    point: &str,
    identities: &[&Identity],
    fill: impl FnOnce(&mut RecordWriter) -> Result<()>,
) -> Made {
    let recipients: Vec<Recipient> =
        identities.iter().map(|identity| identity.recipient()).collect();
    write_as(scope_of(KeyRecord, point), 5, &recipients, fill).unwrap()
}

/// Any record.
pub fn write_as(
    scope: Scope,
    generation: u64,
    recipients: &[Recipient],
    fill: impl FnOnce(&mut RecordWriter) -> Result<()>,
) -> Result<Made> {
    let mut space = vec![0; 1 << 20];
    let mut random = random(generation);
    let out = Out::new(&mut space);
    let mut writer = RecordWriter::create(&mut random, scope, &id("instance"), generation, out)?;
    for recipient in recipients {
        writer.add_recipient(context(), &mut random, recipient)?;
    }
    fill(&mut writer)?;
    let (len, keys) = writer.finish()?;
    space.truncate(len);
    Ok((space, keys))
}

/// A changed copy of that generation.
pub fn edit(
    made: &Made,
    generation: u64,
    change: impl FnOnce(&mut RecordWriter) -> Result<()>,
) -> Result<Made> {
    let mut space = vec![0; made.0.len() + 20_000];
    let record = Record::parse(&made.0)?;
    let out = Out::new(&mut space);
    let mut writer = RecordWriter::edit(&made.1, &record, generation, out)?;
    change(&mut writer)?;
    let (len, keys) = writer.finish()?;
    space.truncate(len);
    Ok((space, keys))
}

/// The same keys under a new storage key, for these identities.
pub fn rotate(made: &Made, generation: u64, identities: &[&Identity]) -> Result<Made> {
    let mut space = vec![0; made.0.len() + 20_000];
    let record = Record::parse(&made.0)?;
    let mut random = random(generation);
    let out = Out::new(&mut space);
    let mut writer = RecordWriter::rotate(&mut random, &made.1, &record, generation, out)?;
    for identity in identities {
        writer.add_recipient(context(), &mut random, &identity.recipient())?;
    }
    let (len, keys) = writer.finish()?;
    space.truncate(len);
    Ok((space, keys))
}

/// Opens a record under the default policy.
pub fn open(bytes: &[u8], identity: &Identity) -> Result<RecordKeys> {
    Record::parse(bytes)?.open(context(), &Policy::default(), identity)
}
