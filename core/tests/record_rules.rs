//! Records that break one rule each, written by FORMAT.md's table under the right keys.

#![cfg_attr(not(all(feature = "seal", feature = "public-key")), allow(dead_code, unused_imports))]

mod common;

use coffre_core::error::{Error, Result};
use coffre_core::object::Id;
use coffre_core::object::ObjectType::{Challenge, KeyRecord, RepositoryRecord};
use coffre_core::policy::Policy;
use coffre_core::recipient::{Identity, Recipient};
use coffre_core::record::{Record, RecordKeys};
use coffre_core::session::Session;
use coffre_core::wrap::Purpose;
use common::forge::{RawRecord, entry, fix_checksum, fix_mac, patched, stanza};
use common::*;

fn open(bytes: &[u8], identity: &Identity) -> Result<RecordKeys> {
    Record::parse(bytes)?.open(context(), &Policy::default(), identity)
}

/// A record that KEK "k" opens.
fn good() -> RawRecord {
    RawRecord::new(KeyRecord, &key("k"))
}

/// The error of a record that is good but for what `change` does.
fn refused(change: impl FnOnce(&mut RawRecord)) -> Option<Error> {
    let mut record = good();
    change(&mut record);
    open(&record.to_bytes(), &kek("k")).err()
}

const MALFORMED: Option<Error> = Some(Error::Malformed);

#[cfg(feature = "seal")]
#[test]
fn the_table_is_what_the_library_reads() {
    let mut record = good();
    record.entries = vec![record.session_entry(&key("one"))];
    let bytes = record.to_bytes();
    let keys = open(&bytes, &kek("k")).unwrap();
    let session = session("one");
    let found = keys.session(&Record::parse(&bytes).unwrap(), session.id()).unwrap();
    assert_eq!(common::open(&found, &seal(&session, &STORED, b"x")).unwrap(), b"x");
}

/// FORMAT.md [O1], [O2]: with a checksum that holds.
#[test]
fn o1_o2_prefix() {
    let bytes = good().to_bytes();
    for (offset, byte, error) in [
        (0, b'c', Error::Malformed),
        (4, 0, Error::Malformed),
        (4, 1, Error::Malformed),
        (4, 2, Error::Malformed),
        (4, 3, Error::Malformed),
        (4, 7, Error::Malformed),
        (5, 1, Error::UnsupportedVersion),
        (5, 3, Error::UnsupportedVersion),
        (6, 2, Error::UnsupportedSuite),
        (7, 1, Error::UnsupportedSuite),
    ] {
        let other = patched(&bytes, offset, &[byte]);
        assert_eq!(open(&other, &kek("k")).err(), Some(error), "{offset} {byte}");
    }
    // A record taken for one of another type: the scope tells first, then the key's context.
    assert_eq!(open(&patched(&bytes, 4, &[5]), &kek("k")).err(), MALFORMED);
    let mut repository = RawRecord::new(RepositoryRecord, &key("k")).to_bytes();
    repository[4] = 4;
    fix_checksum(&mut repository);
    assert_eq!(open(&repository, &kek("k")).err(), Some(Error::NotAuthentic));
}

/// FORMAT.md [O4]: flags and reserved fields.
#[test]
fn o4_reserved() {
    assert_eq!(refused(|record| record.flags = 1), MALFORMED);
    assert_eq!(refused(|record| record.flags = 1 << 31), MALFORMED);
    assert_eq!(refused(|record| record.reserved = 0x100), MALFORMED);
    for byte in 2..8 {
        let reserved = refused(|record| {
            let mut entry = record.session_entry(&key("one"));
            entry[byte] = 1;
            record.entries = vec![entry];
        });
        assert_eq!(reserved, MALFORMED, "{byte}");
    }
}

/// FORMAT.md [O5], [R1]: total length, counts and contents fit exactly.
#[test]
fn r1_lengths() {
    for error in [-64, -1, 1, 64] {
        assert_eq!(refused(|record| record.length_error = error), MALFORMED);
    }
    for surplus in [1, 28, 40, 64] {
        assert_eq!(refused(|record| record.surplus = vec![0; surplus]), MALFORMED);
    }
    let two = |record: &mut RawRecord| {
        let entries = ["one", "two"].map(|name| record.session_entry(&key(name)));
        record.entries = entries.to_vec();
        record.entries.sort();
    };
    assert_eq!(refused(two), None);
    for count in [0, 1, 3, 4, 1 << 20] {
        let counted = |record: &mut RawRecord| {
            two(record);
            record.entry_count = Some(count);
        };
        assert_eq!(refused(counted), MALFORMED, "{count}");
    }
    assert_eq!(refused(|record| record.stanza_count = Some(2)), MALFORMED);
    // A stanza whose body runs out of the record.
    for len in [41, 4096, 16_384] {
        let longer = |record: &mut RawRecord| {
            record.stanzas[0][24..28].copy_from_slice(&u32::to_le_bytes(len));
        };
        assert_eq!(refused(longer), MALFORMED, "{len}");
    }
    for len in 16..good().to_bytes().len() {
        let mut cut = good().to_bytes()[..len].to_vec();
        fix_checksum(&mut cut);
        assert_eq!(open(&cut, &kek("k")).err(), MALFORMED, "{len}");
    }
    let mut longer = [good().to_bytes(), vec![0; 8]].concat();
    fix_checksum(&mut longer);
    assert_eq!(open(&longer, &kek("k")).err(), MALFORMED);
}

/// A stanza of an unknown type.
fn unknown(n: usize, body: usize) -> Vec<u8> {
    stanza([9, 1, 2, 3], &id(&format!("unknown {n}")), &vec![7; body])
}

/// FORMAT.md [R2]: counts, lengths, scope, generation.
#[test]
fn r2_limits() {
    let with =
        |count: usize| refused(|record| record.stanzas.extend((1..count).map(|n| unknown(n, 0))));
    assert_eq!((with(1), with(64), with(65)), (None, None, MALFORMED));
    assert_eq!(refused(|record| record.stanzas.clear()), MALFORMED);
    let body = |len| refused(|record| record.stanzas.push(unknown(0, len)));
    assert_eq!((body(16_384), body(16_385)), (None, MALFORMED));
    assert_eq!(refused(|record| record.entry_count = Some((1 << 20) + 1)), MALFORMED);
    assert_eq!(refused(|record| record.entry_count = Some(u32::MAX)), MALFORMED);
    assert_eq!(refused(|record| record.generation = 0), MALFORMED);
    for object in [Challenge, RepositoryRecord] {
        let mut record = RawRecord::new(object, &key("k"));
        assert!(open(&record.to_bytes(), &kek("k")).is_ok());
        record.entries = vec![record.session_entry(&key("one"))];
        let expected = if object == Challenge { MALFORMED } else { None };
        assert_eq!(open(&record.to_bytes(), &kek("k")).err(), expected);
        record.entries.clear();
        record.scope_id = id("restore point");
        record.stanzas = vec![record.kek_stanza(&key("k"))];
        assert_eq!(open(&record.to_bytes(), &kek("k")).err(), MALFORMED);
    }
}

/// FORMAT.md [R2]: 2^20 entries, and not one more.
#[test]
fn r2_entry_limit() {
    let with = |count: u32| {
        refused(|record| {
            let entries = (0..count).flat_map(|n| {
                let mut id: Id = [0; 16];
                id[..4].copy_from_slice(&n.to_be_bytes());
                entry(2, &id, &[0; 40])
            });
            record.surplus = entries.collect();
            record.entry_count = Some(count);
        })
    };
    assert_eq!(with(1 << 20), None);
    assert_eq!(with((1 << 20) + 1), MALFORMED);
}

/// FORMAT.md [R3]: recipients once; known types as the table has them; unknown types skipped, but
/// MACed.
#[test]
fn r3_stanzas() {
    let id_k = kek("k").id();
    let with = |stanza: Vec<u8>| refused(|record| record.stanzas.push(stanza));
    assert_eq!(with(good().kek_stanza(&key("k"))), MALFORMED);
    assert_eq!(with(stanza([9, 0, 0, 0], &id_k, b"")), MALFORMED);
    for (what, fields, len) in [
        ("kem", [1, 1, 1, 0], 40),
        ("kdf", [1, 0, 2, 0], 40),
        ("aead", [1, 0, 1, 2], 40),
        ("empty", [1, 0, 1, 0], 0),
        ("shorter", [1, 0, 1, 0], 39),
        ("longer", [1, 0, 1, 0], 41),
        ("P-256 kem", [2, 0x11, 1, 2], 153),
        ("P-256 kdf", [2, 0x10, 2, 2], 153),
        ("P-256 aead", [2, 0x10, 1, 1], 153),
        ("P-256 shorter", [2, 0x10, 1, 2], 152),
        ("P-256 longer", [2, 0x10, 1, 2], 154),
        ("KEK with P-256's", [1, 0x10, 1, 2], 153),
    ] {
        assert_eq!(with(stanza(fields, &id("other"), &vec![0; len])), MALFORMED, "{what}");
    }
    for kind in [0, 6, 7, 0xFFFF] {
        assert_eq!(with(stanza([kind, 1, 2, 3], &id("other"), b"body")), None, "type {kind}");
    }
    // Skipped, and yet covered by the MAC.
    let mut record = good();
    record.stanzas.insert(0, unknown(0, 100));
    let mut bytes = record.to_bytes();
    assert!(open(&bytes, &kek("k")).is_ok());
    bytes[136 + 50] ^= 1;
    fix_checksum(&mut bytes);
    assert_eq!(open(&bytes, &kek("k")).err(), Some(Error::NotAuthentic));
    // A stanza of an unknown type is nobody's, whatever its id.
    record.stanzas = vec![stanza([9, 0, 0, 0], &id_k, &[0; 40]), record.kek_stanza(&key("other"))];
    assert_eq!(open(&record.to_bytes(), &kek("k")).err(), Some(Error::WrongKey));
    assert!(open(&record.to_bytes(), &kek("other")).is_ok());
}

/// FORMAT.md [R4]: entries ascend by (type as number, id as bytes); unknown types are skipped, but
/// MACed.
#[test]
fn r4_entries() {
    let any = |kind: u16, first: u8, last: u8| {
        let mut id: Id = [0; 16];
        (id[0], id[15]) = (first, last);
        entry(kind, &id, &[0; 40])
    };
    let with = |entries: &[Vec<u8>]| refused(|record| record.entries = entries.to_vec());
    assert_eq!(with(&[any(2, 0, 0), any(2, 0, 1), any(2, 1, 0), any(3, 0, 0)]), None);
    assert_eq!(with(&[any(2, 0, 1), any(2, 0, 0)]), MALFORMED);
    assert_eq!(with(&[any(2, 1, 0), any(2, 0, 1)]), MALFORMED, "bytes, not a little-endian number");
    assert_eq!(with(&[any(2, 0, 0), any(2, 0, 0)]), MALFORMED);
    assert_eq!(with(&[any(3, 0, 0), any(2, 9, 9)]), MALFORMED);
    assert_eq!(with(&[any(0x00FF, 0, 0), any(0x0100, 0, 0)]), None, "numbers, not bytes");
    assert_eq!(with(&[any(0x0100, 0, 0), any(0x00FF, 0, 0)]), MALFORMED);

    let mut record = good();
    record.entries = vec![any(0, 1, 1), record.session_entry(&key("one")), any(9, 1, 1)];
    let mut bytes = record.to_bytes();
    let keys = open(&bytes, &kek("k")).unwrap();
    let parsed = Record::parse(&bytes).unwrap();
    assert!(keys.session(&parsed, session("one").id()).is_ok());
    assert_eq!(keys.session(&parsed, &parsed.entry(0).unwrap().id).err(), Some(Error::MissingKey));
    let at = bytes.len() - 40 - 30;
    bytes[at] ^= 1;
    fix_checksum(&mut bytes);
    assert_eq!(open(&bytes, &kek("k")).err(), Some(Error::NotAuthentic));
}

/// FORMAT.md [R6]: of recipients that would unwrap to different storage keys, at most one accepts.
#[test]
fn r6_two_storage_keys() {
    let other_storage_key = key("another storage key");
    let mut record = good();
    record.stanzas.push(record.kek_stanza_of(&key("victim"), &other_storage_key));
    let bytes = record.to_bytes();
    assert!(open(&bytes, &kek("k")).is_ok());
    assert_eq!(open(&bytes, &kek("victim")).err(), Some(Error::OtherStorageKey));
    // Whatever the forger makes right for one, is wrong for the other: commitment, then MAC.
    let mut swapped = record.clone();
    swapped.storage_key = other_storage_key.clone();
    assert!(open(&swapped.to_bytes(), &kek("victim")).is_ok());
    assert_eq!(open(&swapped.to_bytes(), &kek("k")).err(), Some(Error::OtherStorageKey));
    let mut commitment_of_one = bytes.clone();
    fix_mac(&mut commitment_of_one, &record.scope(), &other_storage_key);
    for (name, error) in [("k", Error::NotAuthentic), ("victim", Error::OtherStorageKey)] {
        assert_eq!(open(&commitment_of_one, &kek(name)).err(), Some(error));
    }
}

/// FORMAT.md [R6]: each check after the key id, failing alone.
#[test]
fn r6_storage_key_commitment_mac_metakey() {
    let record = good();
    let scope = record.scope();
    let bytes = record.to_bytes();
    let mut wrapped = record.clone();
    wrapped.stanzas[0][28] ^= 1;
    let mut commitment = bytes.clone();
    commitment[64] ^= 1;
    fix_mac(&mut commitment, &scope, &record.storage_key);
    let mut mac = bytes.clone();
    let at = mac.len() - 40;
    mac[at] ^= 1;
    fix_checksum(&mut mac);
    let mut metakey = bytes.clone();
    metakey[96] ^= 1;
    fix_mac(&mut metakey, &scope, &record.storage_key);
    // The metakey wrapped for another purpose.
    let mut purpose = bytes.clone();
    let other = scope.wrap(&record.storage_key, Purpose::SessionKey, &[0; 16], &record.metakey);
    purpose[96..136].copy_from_slice(&other);
    fix_mac(&mut purpose, &scope, &record.storage_key);
    for (what, bytes, error) in [
        ("storage key", wrapped.to_bytes(), Error::NotAuthentic),
        ("commitment", commitment, Error::OtherStorageKey),
        ("MAC", mac, Error::NotAuthentic),
        ("metakey", metakey, Error::NotAuthentic),
        ("metakey's purpose", purpose, Error::NotAuthentic),
    ] {
        assert_eq!(open(&bytes, &kek("k")).err(), Some(error), "{what}");
    }
}

/// FORMAT.md [R7]: an entry that lies about its session.
#[test]
fn r7_session_ids() {
    let mut record = good();
    let (claimed, scope) = (*session("claimed").id(), record.scope());
    let lie = scope.wrap(&record.storage_key, Purpose::SessionKey, &claimed, &key("another"));
    let moved = record.session_entry(&key("another"))[24..].try_into().unwrap();
    for body in [lie, moved] {
        record.entries = vec![entry(1, &claimed, &body)];
        let bytes = record.to_bytes();
        let keys = open(&bytes, &kek("k")).unwrap();
        let found = keys.session(&Record::parse(&bytes).unwrap(), &claimed);
        assert_eq!(found.err(), Some(Error::NotAuthentic));
    }
}

/// Keys of one record find nothing in another, even under the same storage key.
#[test]
fn keys_of_another_record() {
    let mut ours = good();
    ours.entries = vec![ours.session_entry(&key("one"))];
    let mut theirs = ours.clone();
    theirs.scope_id = id("another restore point");
    theirs.stanzas = vec![theirs.kek_stanza(&key("k"))];
    theirs.entries = vec![theirs.session_entry(&key("one"))];
    let (ours, theirs) = (ours.to_bytes(), theirs.to_bytes());
    let keys = open(&ours, &kek("k")).unwrap();
    let wanted: Session = session("one");
    assert!(keys.session(&Record::parse(&ours).unwrap(), wanted.id()).is_ok());
    let found = keys.session(&Record::parse(&theirs).unwrap(), wanted.id());
    assert_eq!(found.err(), Some(Error::NotAuthentic));
    let found = keys.id_key(&Record::parse(&theirs).unwrap(), 1);
    assert_eq!(found.err(), Some(Error::MissingKey));
}

/// A stanza of a KEK does not fit a key pair's identity of the same id, and the other way round.
#[cfg(feature = "public-key")]
#[test]
fn kinds_of_identities() {
    let (kek, pair) = (kek("k"), p256("p"));
    let mut record = good();
    // A KEK stanza that carries the pair's key id.
    record.stanzas.push(stanza([1, 0, 1, 0], &pair.id(), &[0; 40]));
    assert_eq!(open(&record.to_bytes(), &pair).err(), Some(Error::NotAuthentic));
    record.stanzas = vec![stanza([2, 0x10, 1, 2], &kek.id(), &[4; 153])];
    assert_eq!(open(&record.to_bytes(), &kek).err(), Some(Error::NotAuthentic));
    assert_eq!(Recipient::Kek(key("k")).id(), kek.id());
}

/// FORMAT.md [K1]: an ephemeral point that is none is one of the ways in which a stanza is forged.
#[cfg(feature = "public-key")]
#[test]
fn k1_ephemeral_point() {
    let pair = p256("p");
    for first in [0, 2, 4] {
        let mut record = good();
        let mut body = vec![0; 153];
        body[0] = first;
        record.stanzas.push(stanza([2, 0x10, 1, 2], &pair.id(), &body));
        assert_eq!(open(&record.to_bytes(), &pair).err(), Some(Error::NotAuthentic));
    }
}
