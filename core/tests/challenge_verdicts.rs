//! The table of FORMAT.md 7, row by row, in its order, with what the report says.

#![cfg_attr(not(all(feature = "seal", feature = "public-key")), allow(dead_code, unused_imports))]

mod common;

use coffre_core::challenge::{self, Report};
use coffre_core::error::{Error, Result};
use coffre_core::object::ObjectType::{Challenge, KeyRecord, RepositoryRecord};
use coffre_core::out::Out;
use coffre_core::recipient::Identity;
use common::forge::{RawRecord, fix_checksum, fix_mac, patched, stanza};
use common::*;

/// Checks with KEK "k", our instance, generation 5 or more.
fn check(bytes: &[u8]) -> (Result<()>, Report) {
    check_with(&kek("k"), "instance", 5, bytes)
}

fn check_with(
    identity: &Identity,
    instance: &str,
    lowest_generation: u64,
    bytes: &[u8],
) -> (Result<()>, Report) {
    // What the report held before means nothing.
    let mut report = Report { generation: Some(99), object: Some(KeyRecord), ..Report::default() };
    let instance = id(instance);
    let verdict =
        challenge::check(context(), identity, &instance, lowest_generation, bytes, &mut report);
    (verdict, report)
}

/// A challenge for KEK "k" of generation 5.
fn good() -> RawRecord {
    RawRecord::new(Challenge, &key("k"))
}

/// A report of a record that could be read.
fn report(expected: &str, found: &str) -> Report {
    Report {
        object: Some(Challenge),
        expected_key_id: Some(kek(expected).id()),
        found_key_id: Some(kek(found).id()),
        instance_id: Some(id("instance")),
        generation: Some(5),
    }
}

/// What is reported when nothing could be read.
fn unread() -> Report {
    Report { found_key_id: Some(kek("k").id()), ..Report::default() }
}

/// Row 7: match, for every kind of key and every type of record.
#[cfg(all(feature = "seal", feature = "public-key"))]
#[test]
fn matches() {
    assert_eq!(check(&good().to_bytes()), (Ok(()), report("k", "k")));
    for identity in [kek("k"), p256("p")] {
        let mut space = vec![0; 1000];
        let mut out = Out::new(&mut space);
        let (mut random, recipient) = (random(1), identity.recipient());
        challenge::create(context(), &mut random, &recipient, &id("instance"), 9, &mut out)
            .unwrap();
        let (verdict, report) = check_with(&identity, "instance", 9, out.written());
        assert_eq!(verdict, Ok(()));
        assert_eq!(report.expected_key_id, Some(identity.id()));
        assert_eq!((report.object, report.generation), (Some(Challenge), Some(9)));
    }
    for object in [KeyRecord, RepositoryRecord] {
        let (verdict, report) = check(&RawRecord::new(object, &key("k")).to_bytes());
        assert_eq!((verdict, report.object), (Ok(()), Some(object)));
    }
    // Of several recipients the second may be the one at hand: the record expects that one, too.
    let mut record = RawRecord::new(KeyRecord, &key("other"));
    record.stanzas.push(record.kek_stanza(&key("k")));
    let (verdict, report) = check(&record.to_bytes());
    assert_eq!((verdict, report.expected_key_id), (Ok(()), Some(kek("k").id())));
}

/// Row 1: corrupt. What can't be read can't be reported.
#[test]
fn corrupt() {
    let bytes = good().to_bytes();
    let mut rule = good();
    rule.flags = 1;
    for (what, bytes, error) in [
        ("empty", vec![], Error::Malformed),
        ("another file", b"-----BEGIN PRIVATE KEY-----".to_vec(), Error::Malformed),
        ("object type", patched(&bytes, 4, &[1]), Error::Malformed),
        ("cut short", bytes[..100].to_vec(), Error::Malformed),
        ("checksum", flipped(&bytes, 8 * 100), Error::Damaged),
        ("a rule", rule.to_bytes(), Error::Malformed),
    ] {
        assert_eq!(check(&bytes), (Err(error), unread()), "{what}");
    }
}

/// Row 2: unsupported, once the checksum held, whatever the rest means in that version.
#[test]
fn unsupported() {
    let bytes = good().to_bytes();
    for (offset, error) in [(5, Error::UnsupportedVersion), (6, Error::UnsupportedSuite)] {
        assert_eq!(check(&patched(&bytes, offset, &[3])), (Err(error), unread()));
        let mut other = bytes.clone();
        other[offset] = 3;
        assert_eq!(check(&other), (Err(Error::Damaged), unread()));
        other[8..].fill(0xEE);
        fix_checksum(&mut other);
        assert_eq!(check(&other), (Err(error), unread()));
    }
    // Version before suite.
    let both = patched(&bytes, 5, &[3, 3]);
    assert_eq!(check(&both).0, Err(Error::UnsupportedVersion));
}

/// Rows 3 to 6, each alone.
#[test]
fn foreign_stale_wrong_key_corrupt() {
    let record = good();
    let bytes = record.to_bytes();
    let (verdict, seen) = check_with(&kek("k"), "another", 5, &bytes);
    assert_eq!((verdict, seen), (Err(Error::Foreign), report("k", "k")));
    let (verdict, seen) = check_with(&kek("k"), "instance", 6, &bytes);
    assert_eq!((verdict, seen), (Err(Error::Stale), report("k", "k")));
    // [R5]: the report names both keys.
    let (verdict, seen) = check_with(&kek("other"), "instance", 5, &bytes);
    assert_eq!((verdict, seen), (Err(Error::WrongKey), report("k", "other")));

    let mut commitment = bytes.clone();
    commitment[64] ^= 1;
    fix_mac(&mut commitment, &record.scope(), &record.storage_key);
    let mut metakey = bytes.clone();
    metakey[96] ^= 1;
    fix_mac(&mut metakey, &record.scope(), &record.storage_key);
    let end = bytes.len();
    for (what, bytes, error) in [
        ("storage key", patched(&bytes, 136 + 28, b"altered"), Error::NotAuthentic),
        ("commitment", commitment, Error::OtherStorageKey),
        ("MAC", patched(&bytes, end - 40, b"altered"), Error::NotAuthentic),
        ("metakey", metakey, Error::NotAuthentic),
    ] {
        assert_eq!(check(&bytes), (Err(error), report("k", "k")), "{what}");
    }
}

/// With two things wrong the earlier row speaks.
#[test]
fn precedence() {
    // In the order of the table, each change made on top of all later ones.
    let mut record = good();
    record.instance_id = id("another");
    record.scope_id = record.instance_id;
    record.generation = 4;
    record.stanzas = vec![record.kek_stanza(&key("other"))];
    let mut bytes = record.to_bytes();
    let mac = bytes.len() - 40;
    bytes[mac] ^= 1;
    fix_checksum(&mut bytes);
    let all_but_suite = bytes.clone();
    bytes = patched(&bytes, 6, &[2]);
    let all_but_version = bytes.clone();
    bytes = patched(&bytes, 5, &[3]);
    let all_but_checksum = bytes.clone();
    bytes[200] ^= 1;
    let all_but_magic = bytes.clone();
    bytes[0] ^= 1;
    let verdict = |identity: &str, instance, generation, bytes: &[u8]| {
        check_with(&kek(identity), instance, generation, bytes).0.unwrap_err()
    };
    assert_eq!(verdict("k", "instance", 5, &bytes), Error::Malformed);
    assert_eq!(verdict("k", "instance", 5, &all_but_magic), Error::Damaged);
    assert_eq!(verdict("k", "instance", 5, &all_but_checksum), Error::UnsupportedVersion);
    assert_eq!(verdict("k", "instance", 5, &all_but_version), Error::UnsupportedSuite);
    assert_eq!(verdict("k", "instance", 5, &all_but_suite), Error::Foreign);
    assert_eq!(verdict("k", "another", 5, &all_but_suite), Error::Stale);
    assert_eq!(verdict("k", "another", 4, &all_but_suite), Error::WrongKey);
    assert_eq!(verdict("other", "another", 4, &all_but_suite), Error::NotAuthentic);
}

/// The expected key is the first recipient's, of whatever type.
#[test]
fn expected_key_of_several_recipients() {
    let mut record = RawRecord::new(KeyRecord, &key("a"));
    record.stanzas.push(record.kek_stanza(&key("b")));
    let (verdict, report) = check(&record.to_bytes());
    assert_eq!((verdict, report.expected_key_id), (Err(Error::WrongKey), Some(kek("a").id())));
    record.stanzas.insert(0, stanza([9, 0, 0, 0], &id("unknown"), b""));
    let (verdict, report) = check(&record.to_bytes());
    assert_eq!((verdict, report.expected_key_id), (Err(Error::WrongKey), Some(id("unknown"))));
}

#[cfg(all(feature = "seal", feature = "public-key"))]
#[test]
fn creating_one() {
    let mut space = vec![0xA5; 500];
    for (identity, len) in [(kek("k"), 136 + 68 + 40), (p256("p"), 136 + 181 + 40)] {
        for size in [0, len - 1, len] {
            let mut out = Out::new(&mut space[..size]);
            let (mut random, recipient, instance) = (random(1), identity.recipient(), id("i"));
            let made =
                challenge::create(context(), &mut random, &recipient, &instance, 1, &mut out);
            let expected = if size < len { Err(Error::BufferTooSmall) } else { Ok(()) };
            assert_eq!(made, expected);
            assert_eq!(out.len(), if size < len { 0 } else { len });
            assert!(size >= len || (out.needed() == len && space.iter().all(|b| *b == 0xA5)));
        }
        space.fill(0xA5);
        let mut out = Out::new(&mut space);
        let (mut random, recipient, instance) = (random(1), identity.recipient(), id("i"));
        let made = challenge::create(context(), &mut random, &recipient, &instance, 0, &mut out);
        assert_eq!((made, out.len()), (Err(Error::InvalidArgument), 0));
        // A challenge stands alone.
        let mut out = Out::new(&mut space);
        out.push(b"before").unwrap();
        let made = challenge::create(context(), &mut random, &recipient, &instance, 1, &mut out);
        assert_eq!(made, Err(Error::InvalidArgument));
        space.fill(0xA5);
    }
}
