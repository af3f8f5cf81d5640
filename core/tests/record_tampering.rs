//! Records and challenges under attack: every bit and every length, with and without the checksum
//! made right again.

#![cfg(all(feature = "seal", feature = "public-key"))]

mod common;

use coffre_core::challenge::{self, Report};
use coffre_core::error::{Error, Result};
use coffre_core::object::ObjectType;
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::recipient::Identity;
use coffre_core::record::Record;
use coffre_core::record_writer::RecordWriter;
use coffre_core::wrap::Scope;
use common::forge::fix_checksum;
use common::*;

/// A key record for a KEK and a key pair, with two sessions.
fn record() -> Vec<u8> {
    let mut space = vec![0; 4096];
    let scope = Scope { object: ObjectType::KeyRecord, id: id("restore point") };
    let (mut random, out) = (random(1), Out::new(&mut space));
    let mut writer = RecordWriter::create(&mut random, scope, &id("instance"), 5, out).unwrap();
    for identity in [kek("k"), p256("p")] {
        writer.add_recipient(context(), &mut random, &identity.recipient()).unwrap();
    }
    for name in ["one", "two"] {
        writer.add_session(&session(name)).unwrap();
    }
    let (len, _) = writer.finish().unwrap();
    space.truncate(len);
    space
}

fn challenge(identity: &Identity) -> Vec<u8> {
    let mut space = vec![0; 4096];
    let mut out = Out::new(&mut space);
    let recipient = identity.recipient();
    challenge::create(context(), &mut random(1), &recipient, &id("instance"), 5, &mut out).unwrap();
    out.written().to_vec()
}

/// The verdict, which for a record that opens includes its sessions.
fn check(bytes: &[u8], identity: &Identity) -> Result<()> {
    let instance = id("instance");
    challenge::check(context(), identity, &instance, 5, bytes, &mut Report::default())?;
    let record = Record::parse(bytes)?;
    let keys = record.open(context(), &Policy::default(), identity)?;
    for index in 0..record.entry_count as usize {
        keys.session(&record, &record.entry(index).unwrap().id)?;
    }
    Ok(())
}

fn samples() -> Vec<(Vec<u8>, Identity<'static>)> {
    vec![
        (record(), kek("k")),
        (record(), p256("p")),
        (challenge(&kek("k")), kek("k")),
        (challenge(&p256("p")), p256("p")),
    ]
}

/// FORMAT.md [O3]: every single-bit flip is damage, but in magic, object type and total length.
#[test]
fn o3_every_bit_flip_is_damage() {
    for (bytes, identity) in samples() {
        assert_eq!(check(&bytes, &identity), Ok(()));
        for bit in 0..8 * bytes.len() {
            let flipped = flipped(&bytes, bit);
            let error = check(&flipped, &identity).unwrap_err();
            // One flip turns key record and challenge into each other, and 4 into 6.
            let is_record = (4..=6).contains(&flipped[4]);
            let as_expected = match bit / 8 {
                0..4 => error == Error::Malformed,
                4 if !is_record => error == Error::Malformed,
                // The total length, which says where the checksum is.
                12..16 => error == Error::Malformed,
                _ => error == Error::Damaged,
            };
            assert!(as_expected, "bit {bit}: {error:?}");
        }
    }
}

/// FORMAT.md [O5], [R1]: every truncation and extension is malformed, whatever the checksum says.
#[test]
fn o5_every_other_length() {
    for (bytes, identity) in samples() {
        let longer = [&bytes[..], &[0; 100]].concat();
        for len in (0..longer.len()).filter(|len| *len != bytes.len()) {
            let mut other = longer[..len].to_vec();
            assert_eq!(check(&other, &identity), Err(Error::Malformed), "{len}");
            if len >= 16 {
                fix_checksum(&mut other);
                assert_eq!(check(&other, &identity), Err(Error::Malformed), "{len}");
            }
        }
    }
}

/// FORMAT.md [R6]: an attacker without the storage key makes the checksum right, and changes no
/// meaning.
#[test]
fn r6_every_bit_flip_is_refused_under_the_key() {
    for (bytes, identity) in samples() {
        // A public-key operation for every bit takes a while: every fifth does.
        let step = if matches!(identity, Identity::Kek(_)) { 1 } else { 5 };
        for bit in (0..8 * (bytes.len() - 8)).step_by(step) {
            let mut forged = flipped(&bytes, bit);
            fix_checksum(&mut forged);
            let error = check(&forged, &identity).unwrap_err();
            let expected: &[Error] = match bit / 8 {
                0..4 => &[Error::Malformed],
                4 => &[Error::Malformed, Error::NotAuthentic],
                5 => &[Error::UnsupportedVersion],
                6..8 => &[Error::UnsupportedSuite],
                8..16 | 56..64 => &[Error::Malformed],
                // In a challenge the scope id is the instance id again.
                16..32 => &[Error::Foreign, Error::Malformed],
                32..48 => &[Error::NotAuthentic, Error::Malformed],
                48..56 => &[Error::Stale, Error::NotAuthentic],
                64..96 => &[Error::OtherStorageKey],
                96..136 => &[Error::NotAuthentic],
                // Stanzas: types, lengths, ids; then entries.
                _ => &[Error::NotAuthentic, Error::Malformed, Error::WrongKey],
            };
            assert!(expected.contains(&error), "bit {bit}: {error:?}");
        }
    }
}

/// Parts of two records of the same recipients, exchanged.
#[test]
fn parts_of_other_records() {
    let (ours, identity) = (record(), kek("k"));
    let theirs = {
        let mut space = vec![0; 4096];
        let scope = Scope { object: ObjectType::KeyRecord, id: id("another restore point") };
        let (mut random, out) = (random(2), Out::new(&mut space));
        let mut writer = RecordWriter::create(&mut random, scope, &id("instance"), 5, out).unwrap();
        for identity in [kek("k"), p256("p")] {
            writer.add_recipient(context(), &mut random, &identity.recipient()).unwrap();
        }
        for name in ["one", "two"] {
            writer.add_session(&session(name)).unwrap();
        }
        let (len, _) = writer.finish().unwrap();
        space.truncate(len);
        space
    };
    assert_eq!(ours.len(), theirs.len());
    let (stanzas, entries, tail) = (136, ours.len() - 40 - 128, ours.len() - 40);
    for (what, range) in [
        ("scope id", 32..48),
        ("metakey", 96..136),
        ("first stanza", stanzas..stanzas + 68),
        ("all stanzas", stanzas..entries),
        ("first entry's key", entries + 24..entries + 64),
        ("entries", entries..tail),
        ("MAC", tail..tail + 32),
        ("all but the scope", 48..tail + 32),
    ] {
        let mut mixed = ours.clone();
        mixed[range.clone()].copy_from_slice(&theirs[range]);
        fix_checksum(&mut mixed);
        assert_eq!(check(&mixed, &identity), Err(Error::NotAuthentic), "{what}");
    }
    for range in [64..96, 64..136] {
        let mut mixed = ours.clone();
        mixed[range.clone()].copy_from_slice(&theirs[range]);
        fix_checksum(&mut mixed);
        assert_eq!(check(&mixed, &identity), Err(Error::OtherStorageKey), "commitment");
    }
    // Entries dropped or repeated, stanzas in another order.
    let dropped = [&ours[..entries], &ours[entries + 64..]].concat();
    let second_first =
        [&ours[..136], &ours[136 + 68..entries], &ours[136..136 + 68], &ours[entries..]].concat();
    let mut shorter = dropped;
    shorter[12..16].copy_from_slice(&(ours.len() as u32 - 64).to_le_bytes());
    shorter[60] = 1;
    for mut forged in [shorter, second_first] {
        fix_checksum(&mut forged);
        assert_eq!(check(&forged, &identity), Err(Error::NotAuthentic));
    }
}
