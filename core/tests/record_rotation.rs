//! Rotation: a new storage key for the same metakey and the same entries (FORMAT.md 4.2).

#![cfg(all(
    feature = "seal",
    feature = "zstd",
    feature = "public-key",
    feature = "argon2",
    feature = "callbacks"
))]

mod common;

use coffre_core::block::{self, SealOptions};
use coffre_core::error::{Error, Result};
use coffre_core::manifest::{Entry, Info};
use coffre_core::metadata;
use coffre_core::object::ObjectType::{KeyRecord, RepositoryRecord};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::random::{Random, RandomSource};
use coffre_core::record::{Record, RecordKeys};
use coffre_core::record_writer::RecordWriter;
use coffre_core::secret::Key;
use coffre_core::session::IdKey;
use coffre_core::wrap::Purpose;
use common::forge::{RawRecord, entry, fix_checksum};
use common::keyring::{ARGON2ID, Service, password};
use common::rewrite::{Made, edit, open, rotate, scope_of, write, write_as};
use common::*;

/// What a restore point consists of beside its record, sealed under its keys.
struct Point {
    block: Vec<u8>,
    metadata: Vec<u8>,
    manifest: Vec<u8>,
}

impl Point {
    fn seal(keys: &RecordKeys) -> Point {
        let block = seal(&session("one"), &SealOptions::default(), b"a block");
        let mut space = vec![0; block::sealed_max(8)];
        let mut out = Out::new(&mut space);
        let mut lent = memory(SealOptions::default().workspace(8).unwrap());
        let mut workspace = Workspace::new(&mut lent);
        metadata::seal(context(), &mut random(1), keys, b"metadata", &mut workspace, &mut out)
            .unwrap();
        let metadata = out.written().to_vec();
        let info = Info {
            digests: false,
            block_size: 4096,
            restore_point_id: *keys.scope_id(),
            instance_id: *keys.instance_id(),
            generation: 1,
            image_size: 4096,
            metadata_digest: [0; 32],
        };
        let manifest = point::write(keys, &info, &[Entry::Hole]).unwrap();
        Point { block, metadata, manifest }
    }

    /// Opens all of it with what `keys` and `record` give.
    fn open(&self, keys: &RecordKeys, record: &[u8]) {
        let found = keys.session(&Record::parse(record).unwrap(), session("one").id()).unwrap();
        assert_eq!(common::open(&found, &self.block).unwrap(), b"a block");
        let mut space = vec![0; 100];
        let mut out = Out::new(&mut space);
        let mut lent = memory(block::open_workspace());
        let mut workspace = Workspace::new(&mut lent);
        let policy = Policy::default();
        metadata::open(context(), &policy, keys, &self.metadata, &mut workspace, &mut out).unwrap();
        assert_eq!(out.written(), b"metadata");
        assert_eq!(point::read(&policy, keys, &self.manifest).unwrap().1.len(), 1);
    }
}

/// What was sealed before a rotation opens after it; old storage keys are worth nothing for the new
/// record, nor new ones for the old.
#[test]
fn blocks_metadata_and_manifest_stay() {
    let service = Service::new(64);
    let identities =
        [kek("k"), p256("pair"), password("password", ARGON2ID), service.identity("kms:a")];
    let old = write("point", &[&kek("before")], |writer| {
        (0..20).try_for_each(|n| writer.add_session(&session(&format!("session {n}"))))?;
        writer.add_session(&session("one"))
    });
    let point = Point::seal(&old.1);
    let new = rotate(&old, 6, &identities.each_ref()).unwrap();
    point.open(&new.1, &new.0);
    for identity in &identities {
        point.open(&open(&new.0, identity).unwrap(), &new.0);
    }
    // Same head but for generation, stanzas and what depends on the storage key; same entries.
    let (before, after) = (Record::parse(&old.0).unwrap(), Record::parse(&new.0).unwrap());
    assert_eq!((after.object, after.scope_id), (before.object, before.scope_id));
    assert_eq!((after.instance_id, after.generation), (before.instance_id, 6));
    assert_eq!((after.entry_count, after.stanza_count), (21, 4));
    for n in 0..21 {
        let (before, after) = (before.entry(n).unwrap(), after.entry(n).unwrap());
        assert_eq!((before.kind, before.id), (after.kind, after.id));
        assert!(before.body != after.body);
    }
    assert!(old.0[64..96] != new.0[64..96] && old.0[96..136] != new.0[96..136]);
    // Who could open it before, was not taken over.
    assert_eq!(open(&new.0, &kek("before")).err(), Some(Error::WrongKey));
    point.open(&open(&old.0, &kek("before")).unwrap(), &old.0);
    let one = session("one");
    assert_eq!(old.1.session(&after, one.id()).err(), Some(Error::NotAuthentic));
    assert_eq!(new.1.session(&before, one.id()).err(), Some(Error::NotAuthentic));
    assert_eq!(edit(&(new.0, old.1), 7, |_| Ok(())).err(), Some(Error::OtherStorageKey));
}

/// Two rotations of one record have nothing in common, and no source of random bytes is asked for
/// nothing.
#[test]
fn each_rotation_has_its_own_storage_key() {
    let old = write("point", &[&kek("k")], |_| Ok(()));
    let rotated = [6, 7].map(|generation| rotate(&old, generation, &[&kek("k")]).unwrap().0);
    let keys: Vec<_> = rotated.iter().map(|bytes| forge::storage_key(bytes, &kek("k"))).collect();
    assert!(keys[0].expose() != keys[1].expose());
    let metakeys = [0, 1].map(|n| forge::metakey(&rotated[n], &keys[n]));
    let before = forge::metakey(&old.0, &forge::storage_key(&old.0, &kek("k")));
    assert!(metakeys.iter().all(|metakey| metakey.expose() == before.expose()));
    // A source that repeats itself from the very start still gives another storage key.
    let again = with_source(&old, 6, &mut random(5)).unwrap();
    assert!(again.expose() != forge::storage_key(&old.0, &kek("k")).expose());
    // In two records, too: what is already secret goes in.
    let other = write_as(scope_of(KeyRecord, "point"), 4, &[kek("k").recipient()], |_| Ok(()));
    let other = with_source(&other.unwrap(), 6, &mut random(5)).unwrap();
    assert!(other.expose() != again.expose());
    assert_eq!(with_source(&old, 6, &mut failing_after(0)).err(), Some(Error::Random));
}

/// The storage key of a rotation with that source.
fn with_source<S: RandomSource>(
    old: &Made,
    generation: u64,
    random: &mut Random<S>,
) -> Result<Key> {
    let mut space = vec![0; 4096];
    let record = Record::parse(&old.0)?;
    let out = Out::new(&mut space);
    let mut writer = RecordWriter::rotate(random, &old.1, &record, generation, out)?;
    writer.add_recipient(context(), random, &kek("k").recipient())?;
    let (len, _) = writer.finish()?;
    Ok(forge::storage_key(&space[..len], &kek("k")))
}

/// A repository record keeps its id keys, and so its block ids.
#[test]
fn id_keys_stay() {
    let scope = scope_of(RepositoryRecord, "");
    let id_keys = [1, 256, 2].map(|epoch| IdKey::generate(&mut random(epoch), epoch).unwrap());
    let old = write_as(scope, 5, &[kek("k").recipient()], |writer| {
        writer.add_session(&session("one"))?;
        id_keys.iter().try_for_each(|id_key| writer.add_id_key(id_key))
    })
    .unwrap();
    let new = rotate(&old, 6, &[&p256("pair")]).unwrap();
    let (keys, record) = (open(&new.0, &p256("pair")).unwrap(), Record::parse(&new.0).unwrap());
    for id_key in &id_keys {
        let found = keys.id_key(&record, id_key.epoch()).unwrap();
        assert!(found.block_id(b"plain") == id_key.block_id(b"plain"));
    }
    assert!(keys.session(&record, session("one").id()).is_ok());
    assert_eq!(record.object, RepositoryRecord);
    // The epochs stand as bytes, not as numbers. FORMAT.md [R4].
    let epochs =
        (1..4).map(|n| u64::from_le_bytes(record.entry(n).unwrap().id[..8].try_into().unwrap()));
    assert_eq!(epochs.collect::<Vec<_>>(), [256, 1, 2]);
}

/// The error of a rotation of `record` with its own keys.
fn refused(record: &RawRecord) -> Option<Error> {
    let bytes = record.to_bytes();
    let keys = open(&bytes, &kek("k")).unwrap();
    rotate(&(bytes, keys), 6, &[&kek("k")]).err()
}

/// FORMAT.md [R14]: entries of an unknown type would be lost; they are refused. So are those that
/// are not what they say [R7].
#[test]
fn r7_entries_that_cannot_be_wrapped_again() {
    let mut record = RawRecord::new(KeyRecord, &key("k"));
    let scope = record.scope();
    let good = record.session_entry(&key("one"));
    record.entries = vec![good.clone()];
    assert_eq!(refused(&record), None);
    for kind in [0, 2, 3, 5, 0xFFFF] {
        let mut entries = vec![good.clone(), entry(kind, &id("unknown"), &[7; 40])];
        entries.sort_by_key(|entry| u16::from_le_bytes([entry[0], entry[1]]));
        let refused = refused(&RawRecord { entries, ..record.clone() });
        assert_eq!(refused, Some(Error::UnsupportedVersion), "{kind}");
    }
    let claimed = *session("claimed").id();
    let lie = scope.wrap(&record.storage_key, Purpose::SessionKey, &claimed, &key("another"));
    let moved = good[24..].try_into().unwrap();
    for body in [lie, moved, [7; 40]] {
        record.entries = vec![entry(1, &claimed, &body)];
        assert_eq!(refused(&record), Some(Error::NotAuthentic));
    }
    // A session key is no id key.
    let mut epoch = [0; 16];
    epoch[0] = 1;
    let body = scope.wrap(&record.storage_key, Purpose::SessionKey, &epoch, &key("one"));
    record.entries = vec![entry(4, &epoch, &body)];
    assert_eq!(refused(&record), Some(Error::NotAuthentic));
}

/// FORMAT.md [R8]: the generation rises, and only a record that its keys prove is rotated.
#[test]
fn r8_rotations_of_proven_records_alone() {
    let old = write("point", &[&kek("k")], |writer| writer.add_session(&session("one")));
    for generation in [0, 4, 5] {
        assert_eq!(rotate(&old, generation, &[&kek("k")]).err(), Some(Error::Stale));
    }
    assert!(rotate(&old, u64::MAX, &[&kek("k")]).is_ok());
    for (what, at, error) in [
        ("commitment", 64, Error::OtherStorageKey),
        ("metakey", 96, Error::NotAuthentic),
        ("stanza", 170, Error::NotAuthentic),
        ("entry", old.0.len() - 60, Error::NotAuthentic),
        ("MAC", old.0.len() - 40, Error::NotAuthentic),
    ] {
        let mut forged = old.0.clone();
        forged[at] ^= 1;
        fix_checksum(&mut forged);
        let rotated = rotate(&(forged, old.1.clone()), 6, &[&kek("k")]);
        assert_eq!(rotated.err(), Some(error), "{what}");
    }
    let other = write("another point", &[&kek("k")], |_| Ok(()));
    let foreign = rotate(&(other.0, old.1.clone()), 6, &[&kek("k")]);
    assert_eq!(foreign.err(), Some(Error::OtherStorageKey));
    assert_eq!(rotate(&old, 6, &[]).err(), Some(Error::InvalidArgument), "nobody could open it");
}

/// The buffer: as large as the rotated record, or it says how large.
#[test]
fn buffers() {
    let old = write("point", &[&kek("k")], |writer| writer.add_session(&session("one")));
    let (record, need) = (Record::parse(&old.0).unwrap(), old.0.len() - 68);
    for size in [0, 135, need - 1] {
        let mut space = vec![0xA5; size];
        let out = Out::new(&mut space);
        let made = RecordWriter::rotate(&mut random(1), &old.1, &record, 6, out);
        assert_eq!(made.err(), Some(Error::BufferTooSmall), "{size}");
        assert_wiped(&space);
    }
    let mut space = vec![0; need];
    let out = Out::new(&mut space);
    let mut writer = RecordWriter::rotate(&mut random(1), &old.1, &record, 6, out).unwrap();
    let added = writer.add_recipient(context(), &mut random(1), &kek("k").recipient());
    assert_eq!((added, writer.needed()), (Err(Error::BufferTooSmall), need + 68));
}
