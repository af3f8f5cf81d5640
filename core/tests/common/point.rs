//! A restore point's keys and manifest, whole.

use coffre_core::error::{Error, Result};
use coffre_core::manifest::{Entry, HEADER, Info, TRAILER};
use coffre_core::manifest_reader::ManifestReader;
use coffre_core::manifest_writer::ManifestWriter;
use coffre_core::object::Id;
use coffre_core::object::ObjectType;
use coffre_core::policy::Policy;
use coffre_core::record::{Record, RecordKeys};
use coffre_core::secret::Key;

use super::forge::RawRecord;

/// The keys of a restore point with a known metakey.
pub fn keys(metakey: &Key, restore_point_id: &Id, instance_id: &Id) -> RecordKeys {
    let kek = super::key("kek of a point");
    let mut record = RawRecord::new(ObjectType::KeyRecord, &kek);
    record.metakey = metakey.clone();
    record.scope_id = *restore_point_id;
    record.instance_id = *instance_id;
    record.stanzas = vec![record.kek_stanza(&kek)];
    let bytes = record.to_bytes();
    let identity = super::kek("kek of a point");
    Record::parse(&bytes).unwrap().open(super::context(), &Policy::default(), &identity).unwrap()
}

/// Writes a manifest in memory.
pub fn write(keys: &RecordKeys, info: &Info, entries: &[Entry]) -> Result<Vec<u8>> {
    let mut bytes = vec![];
    let mut sink = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok(())
    };
    let mut writer = ManifestWriter::begin(keys, info, &mut sink)?;
    for entry in entries {
        writer.add(entry, &mut sink)?;
    }
    writer.finish(&mut sink)?;
    Ok(bytes)
}

/// Reads a whole manifest: header, size, segments in order, root.
pub fn read(policy: &Policy, keys: &RecordKeys, bytes: &[u8]) -> Result<(Info, Vec<Entry>)> {
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
    reader.close(rest.first_chunk::<TRAILER>().ok_or(Error::Malformed)?)?;
    Ok((info, entries))
}
