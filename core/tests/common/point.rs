//! A restore point's keys and manifest, whole.

use coffre_core::error::{Error, Result};
use coffre_core::manifest::{Entry, HEADER, Info, TRAILER, Whole};
use coffre_core::manifest_reader::ManifestReader;
use coffre_core::manifest_writer::ManifestWriter;
use coffre_core::object::Id;
use coffre_core::object::ObjectType;
use coffre_core::origin::{Evidence, Report};
use coffre_core::policy::Policy;
use coffre_core::record::{Record, RecordKeys};
use coffre_core::secret::Key;

use super::forge::RawRecord;

/// The key record of a restore point with a known metakey.
pub fn raw_record(metakey: &Key, restore_point_id: &Id, instance_id: &Id) -> RawRecord {
    let kek = super::key("kek of a point");
    let mut record = RawRecord::new(ObjectType::KeyRecord, &kek);
    record.metakey = metakey.clone();
    record.scope_id = *restore_point_id;
    record.instance_id = *instance_id;
    record.stanzas = vec![record.kek_stanza(&kek)];
    record
}

/// Its keys.
pub fn keys(metakey: &Key, restore_point_id: &Id, instance_id: &Id) -> RecordKeys {
    let bytes = raw_record(metakey, restore_point_id, instance_id).to_bytes();
    let identity = super::kek("kek of a point");
    Record::parse(&bytes).unwrap().open(super::context(), &Policy::default(), &identity).unwrap()
}

/// Writes a manifest in memory.
pub fn write(keys: &RecordKeys, info: &Info, entries: &[Entry]) -> Result<Vec<u8>> {
    write_whole(keys, info, entries).map(|(bytes, _)| bytes)
}

/// The same, with what an origin key signs.
pub fn write_whole(keys: &RecordKeys, info: &Info, entries: &[Entry]) -> Result<(Vec<u8>, Whole)> {
    let mut bytes = vec![];
    let mut sink = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok(())
    };
    let mut writer = ManifestWriter::begin(keys, info, &mut sink)?;
    for entry in entries {
        writer.add(entry, &mut sink)?;
    }
    let whole = writer.finish(&mut sink)?;
    Ok((bytes, whole))
}

/// Reads a whole manifest: header, size, segments in order, root.
pub fn read(policy: &Policy, keys: &RecordKeys, bytes: &[u8]) -> Result<(Info, Vec<Entry>)> {
    read_judged(policy, keys, bytes, &Evidence::default(), &mut Report::default())
}

/// The same, and its origin.
pub fn read_judged(
    policy: &Policy,
    keys: &RecordKeys,
    bytes: &[u8],
    evidence: &Evidence,
    report: &mut Report,
) -> Result<(Info, Vec<Entry>)> {
    let (header, mut rest) = bytes.split_first_chunk::<HEADER>().ok_or(Error::Malformed)?;
    let mut reader = ManifestReader::open(policy, keys, header)?;
    if bytes.len() as u64 != reader.info().total_len() {
        return Err(Error::Malformed);
    }
    let mut entries = vec![];
    for segment in 0..reader.info().segment_count() {
        let (bytes, after) = rest.split_at(reader.info().segment_len(segment));
        reader.segment(segment, bytes)?;
        for index in 0..reader.info().segment_entries(segment) {
            entries.push(reader.entry(segment, bytes, index as usize)?);
        }
        rest = after;
    }
    let info = *reader.info();
    let trailer = rest.first_chunk::<TRAILER>().ok_or(Error::Malformed)?;
    reader.close(trailer, evidence, report)?;
    Ok((info, entries))
}

/// Closes a reader that has no origin key.
pub fn close(reader: &ManifestReader, trailer: &[u8; TRAILER]) -> Result<()> {
    reader.close(trailer, &Evidence::default(), &mut Report::default())
}
