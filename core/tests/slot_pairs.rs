//! Two slots of a record: what is used, what is said about the other, what is written next
//! (FORMAT.md 4.3).

#![cfg_attr(not(all(feature = "seal", feature = "callbacks")), allow(dead_code, unused_imports))]

mod common;

use coffre_core::error::Error::{
    Foreign, UnsupportedSuite, UnsupportedVersion, WrongKey, WrongPassword,
};
use coffre_core::error::{Error, Result};
use coffre_core::object::ObjectType::{self, Challenge, KeyRecord, RepositoryRecord};
use coffre_core::policy::{Policy, allow};
use coffre_core::recipient::Identity;
use coffre_core::slots::{self, Report, Wanted};
use common::forge::{RawRecord, fix_checksum, patched, stanza};
use common::keyring::{Mood, Service};
use common::rewrite::scope_of;
use common::*;

/// What is demanded: the key record of "restore point" of "instance".
fn wanted(object: ObjectType) -> Wanted {
    Wanted { scope: scope_of(object, "restore point"), instance_id: id("instance") }
}

/// A record for KEK "k".
fn raw(generation: u64) -> RawRecord {
    RawRecord { generation, ..RawRecord::new(KeyRecord, &key("k")) }
}

fn record(generation: u64) -> Vec<u8> {
    raw(generation).to_bytes()
}

/// Which slot is used, or why none is; and what is reported.
fn open_with(
    policy: &Policy,
    identity: &Identity,
    wanted: &Wanted,
    slots: [&[u8]; 2],
) -> (Result<usize>, Report) {
    // What the report held before means nothing.
    let mut report = Report { used: Some(1), fell_back: true, settled: true, ..Report::default() };
    let opened = slots::open(context(), policy, identity, wanted, slots, &mut report);
    let used = opened.map(|(record, keys)| {
        let used = report.used.unwrap();
        assert!(slots[used].starts_with(record.bytes()));
        assert_eq!(*keys.scope_id(), wanted.scope.id);
        // What somebody else can read is not to be overwritten. FORMAT.md [S5].
        let others = [WrongKey, WrongPassword, Foreign, UnsupportedVersion, UnsupportedSuite];
        let kept = report.slots[1 - used].is_err_and(|error| others.contains(&error));
        assert_eq!(report.write_next, (!kept).then_some(1 - used));
        used
    });
    (used, report)
}

fn open(slots: [&[u8]; 2]) -> (Result<usize>, Report) {
    open_with(&Policy::default(), &kek("k"), &wanted(KeyRecord), slots)
}

/// The other slot, what is the matter with it, its generation, and whether it is reported as fallen
/// back from.
type Row = (&'static str, Vec<u8>, Result<()>, Option<u64>, bool);

/// What may stand in the other slot while generation 5 is in use.
fn others() -> Vec<Row> {
    let good = record(6);
    let mut forged = good.clone();
    forged[200] ^= 1;
    fix_checksum(&mut forged);
    let mut other_key = raw(6);
    other_key.stanzas = vec![other_key.kek_stanza(&key("another"))];
    let mut other_storage_key = raw(6);
    other_storage_key.storage_key = key("another storage key");
    let mut elsewhere = raw(6);
    elsewhere.scope_id = id("another point");
    elsewhere.stanzas = vec![elsewhere.kek_stanza(&key("k"))];
    let mut older_elsewhere = elsewhere.clone();
    older_elsewhere.generation = 1;
    let stranger = RawRecord { instance_id: id("another instance"), ..raw(6) };
    let challenge = RawRecord { generation: 6, ..RawRecord::new(Challenge, &key("k")) };
    let mut forged_older = record(4);
    forged_older[200] ^= 1;
    fix_checksum(&mut forged_older);
    let mut forged_equal = record(5);
    forged_equal[200] ^= 1;
    fix_checksum(&mut forged_equal);
    let rest = |front: u8, len| vec![front; len];
    let malformed = Err(Error::Malformed);
    vec![
        ("nothing", vec![], Err(Error::NotFound), None, false),
        ("zeros", rest(0, 4096), Err(Error::NotFound), None, false),
        ("erased flash", rest(0xFF, 4096), Err(Error::NotFound), None, false),
        ("a byte of zero", rest(0, 1), Err(Error::NotFound), None, false),
        ("erased, 15 bytes", rest(0xFF, 15), Err(Error::NotFound), None, false),
        (
            "zeros in front alone",
            [&[0; 16], &good[16..]].concat(),
            Err(Error::NotFound),
            None,
            false,
        ),
        ("erased but for byte 15", [&[0xFF; 15][..], &[0; 100]].concat(), malformed, None, true),
        ("zeros but for byte 15", [&[0; 15][..], &[1; 100]].concat(), malformed, None, true),
        ("something else", b"-----BEGIN PRIVATE KEY-----".to_vec(), malformed, None, true),
        ("newer, cut short", good[..good.len() - 1].to_vec(), malformed, None, true),
        ("newer, in part", [&good[..100], &[0xFF; 400]].concat(), Err(Error::Damaged), None, true),
        ("newer, damaged", flipped(&good, 8 * 150), Err(Error::Damaged), None, true),
        (
            "newer, of version 3",
            patched(&good, 5, &[3]),
            Err(Error::UnsupportedVersion),
            None,
            true,
        ),
        // How long it is, only a reader of that version could say.
        (
            "newer, of version 3, cut short",
            patched(&good, 5, &[3])[..good.len() - 1].to_vec(),
            Err(Error::Damaged),
            None,
            true,
        ),
        ("newer, of suite 2", patched(&good, 6, &[2]), Err(Error::UnsupportedSuite), None, true),
        ("newer, against a rule", patched(&good, 8, &[1]), malformed, None, true),
        ("newer, forged", forged, Err(Error::NotAuthentic), Some(6), true),
        ("newer, another key's", other_key.to_bytes(), Err(Error::WrongKey), Some(6), true),
        (
            "newer, another storage key",
            other_storage_key.to_bytes(),
            Err(Error::OtherStorageKey),
            Some(6),
            true,
        ),
        ("newer, another point's", elsewhere.to_bytes(), Err(Error::Foreign), None, true),
        ("older, another point's", older_elsewhere.to_bytes(), Err(Error::Foreign), None, true),
        ("newer, another instance's", stranger.to_bytes(), Err(Error::Foreign), None, true),
        ("newer, a challenge", challenge.to_bytes(), Err(Error::Foreign), None, true),
        ("equal, forged", forged_equal, Err(Error::NotAuthentic), Some(5), true),
        ("older", record(4), Ok(()), Some(4), false),
        ("older, forged", forged_older, Ok(()), Some(4), false),
        ("older, damaged", flipped(&record(4), 8 * 150), Err(Error::Damaged), None, true),
    ]
}

/// FORMAT.md [S1], [S2]: the valid slot of the higher generation is used, whichever it is, and the
/// other is reported when it may have been newer.
#[test]
fn s1_s2_beside_generation_5() {
    let good = record(5);
    for (what, other, slot, generation, fell_back) in others() {
        for used in [0, 1] {
            let mut areas = [&good[..], &good[..]];
            areas[1 - used] = &other;
            let (opened, report) = open(areas);
            assert_eq!((opened, report.used), (Ok(used), Some(used)), "{what}");
            let other = 1 - used;
            assert_eq!((report.slots[used], report.slots[other]), (Ok(()), slot), "{what}");
            assert_eq!(report.generations[used], Some(5));
            assert_eq!(report.generations[other], generation, "{what}");
            assert_eq!((report.fell_back, report.settled), (fell_back, false), "{what}");
        }
    }
    // What is newer and valid is used itself.
    let newer = record(6);
    for (areas, used) in [([&good[..], &newer], 1), ([&newer[..], &good], 0)] {
        let (opened, report) = open(areas);
        assert_eq!((opened, report.fell_back, report.settled), (Ok(used), false, false));
        assert_eq!(report.slots, [Ok(()); 2]);
    }
    // Up to the highest generation that there is.
    let (last, last_but_one) = (record(u64::MAX), record(u64::MAX - 1));
    assert_eq!(open([&last, &last_but_one]).0, Ok(0));
    assert_eq!(open([&last_but_one, &last]).0, Ok(1));
}

/// FORMAT.md [S1]: without a valid slot the reader says what is the matter with the one that claims
/// to be newer, else with the one that is not empty.
#[test]
fn s1_neither_is_valid() {
    for (what, other, slot, generation, _) in others() {
        let Err(error) = slot else { continue };
        for (empty, areas) in [
            (0, [&[][..], &other]),
            (1, [&other[..], &[]]),
            (1, [&other[..], &[0xFF; 500]]),
            (0, [&[0; 500][..], &other]),
        ] {
            let (opened, report) = open(areas);
            assert_eq!((opened, report.used), (Err(error), None), "{what}");
            let mut slots = [slot; 2];
            slots[empty] = Err(Error::NotFound);
            assert_eq!(report.slots, slots, "{what}");
            assert!(!report.fell_back && !report.settled, "{what}");
        }
        // Beside one that claims generation 7, that one speaks.
        let mut forged = record(7);
        forged[200] ^= 1;
        fix_checksum(&mut forged);
        let (opened, report) = open([&other, &forged]);
        assert_eq!(opened, Err(Error::NotAuthentic), "{what}");
        assert_eq!(report.generations, [generation, Some(7)]);
    }
    // Twice the same: nothing is the matter with one of them that is not with the other.
    let good = record(5);
    let stranger = open_with(&Policy::default(), &kek("other"), &wanted(KeyRecord), [&good, &good]);
    assert_eq!((stranger.0, stranger.1.used), (Err(Error::WrongKey), None));
    assert!(stranger.1.settled, "it is the same bytes, whoever opens them");
    assert_eq!(stranger.1.slots, [Err(Error::WrongKey); 2]);
    let policy = Policy { recipients: allow::PASSWORD, ..Policy::default() };
    let refused = open_with(&policy, &kek("k"), &wanted(KeyRecord), [&good, &record(6)]);
    assert_eq!(refused.0, Err(Error::PolicyRecipient));
    assert_eq!(refused.1.generations, [Some(5), Some(6)]);
}

/// FORMAT.md [S1]: a key service that could not be asked says nothing about a slot; nobody falls
/// back to an older record because of it.
#[cfg(feature = "callbacks")]
#[test]
fn s1_a_callback_ends_the_reading() {
    let service = Service::new(32);
    service.known.borrow_mut().push((b"sealed".to_vec(), key("kek")));
    let identity = service.identity("kms:a");
    let with = |generation, unsealed: bool| {
        let mut record = raw(generation);
        record.stanzas = match unsealed {
            false => vec![record.external_stanza(None, b"kms:a", b"sealed", &key("kek"))],
            // A stanza of that id for which the service is not asked.
            true => vec![stanza([1, 0, 1, 0], &identity.id(), &[0; 40])],
        };
        record.metakey = key(if unsealed { "other" } else { "metakey" });
        record.to_bytes()
    };
    let (five, six, seven) = (with(5, false), with(6, false), with(7, true));
    let mut other_five = raw(5);
    other_five.entries = vec![other_five.session_entry(&key("one"))];
    let stanza = other_five.external_stanza(None, b"kms:a", b"sealed", &key("kek"));
    other_five.stanzas = vec![stanza];
    let other_five = other_five.to_bytes();
    let open = |mood, areas| {
        service.mood.set(mood);
        let policy = Policy::default();
        open_with(&policy, &identity, &wanted(KeyRecord), areas)
    };
    for (what, calls, slots) in [
        ("the newer one", 0, [&five, &six]),
        ("both are the same", 0, [&five, &five]),
        ("the older one, when the newer is not valid", 0, [&five, &seven]),
        ("the first of a conflict", 0, [&five, &other_five]),
        ("the second of a conflict", 1, [&five, &other_five]),
    ] {
        for areas in [[&slots[0][..], slots[1]], [&slots[1][..], slots[0]]] {
            let asked = service.calls().1;
            let (opened, report) = open(Mood::Tires(asked + calls), areas);
            assert_eq!((opened, report.used), (Err(Error::Callback), None), "{what}");
            assert!(!report.fell_back, "{what}");
            assert_eq!(service.calls().1, asked + calls + 1, "{what}: not asked again");
        }
    }
    // The same bytes in both slots are not looked at twice.
    let asked = service.calls().1;
    let refused = open(Mood::Fails(Error::NotAuthentic), [&five, &five]);
    assert_eq!((refused.0, service.calls().1), (Err(Error::NotAuthentic), asked + 1));
    // One that works is asked once, for the newer one alone; twice for a conflict.
    let asked = service.calls().1;
    assert_eq!(open(Mood::Works, [&five, &six]).0, Ok(1));
    assert_eq!(service.calls().1, asked + 1);
    assert_eq!(open(Mood::Works, [&five, &seven]).0, Ok(0));
    assert_eq!(open(Mood::Works, [&five, &other_five]).0, Err(Error::Conflict));
}

/// FORMAT.md [S3]: two valid slots of one generation are a conflict, unless they are the same; one
/// of them alone is used.
#[test]
fn s3_conflict() {
    let good = record(5);
    let mut other = raw(5);
    other.entries = vec![other.session_entry(&key("one"))];
    let other = other.to_bytes();
    for areas in [[&good[..], &other], [&other[..], &good]] {
        let (opened, report) = open(areas);
        assert_eq!((opened, report.used), (Err(Error::Conflict), None));
        assert_eq!(report.slots, [Ok(()); 2]);
        assert_eq!(report.generations, [Some(5); 2]);
        assert!(!report.fell_back && !report.settled);
    }
    // The rest of an area is not the record's.
    let longer = [&good[..], b"what was there before"].concat();
    for areas in [[&good[..], &longer], [&longer[..], &good], [&good[..], &good]] {
        let (opened, report) = open(areas);
        assert_eq!((opened, report.settled, report.fell_back), (Ok(0), true, false));
    }
    // One that opens beside one that does not: no conflict, but it might have been the right one.
    let mut not_ours = raw(5);
    not_ours.stanzas = vec![not_ours.kek_stanza(&key("another"))];
    let not_ours = not_ours.to_bytes();
    for (used, areas) in [(0, [&good[..], &not_ours]), (1, [&not_ours[..], &good])] {
        let (opened, report) = open(areas);
        assert_eq!((opened, report.fell_back), (Ok(used), true));
        assert_eq!(report.slots[1 - used], Err(Error::WrongKey));
    }
}

/// FORMAT.md [S4]: the generation demanded is compared with that of the slot in use, after all
/// else.
#[test]
fn s4_rollback() {
    let (five, six) = (record(5), record(6));
    let check = |lowest_generation, areas| {
        let policy = Policy { lowest_generation, ..Policy::default() };
        open_with(&policy, &kek("k"), &wanted(KeyRecord), areas)
    };
    assert_eq!(check(6, [&five, &six]).0, Ok(1));
    assert_eq!(check(5, [&five, &[]]).0, Ok(0));
    for (areas, used) in [([&five[..], &six], 1), ([&six[..], &six], 0), ([&five[..], &[]], 0)] {
        let (opened, report) = check(7, areas);
        assert_eq!((opened, report.used), (Err(Error::Rollback), Some(used)));
        assert_eq!(report.slots[used], Ok(()));
    }
    // The newer one is damaged, and the older one too old.
    let damaged = flipped(&six, 8 * 150);
    let (opened, report) = check(6, [&damaged, &five]);
    assert_eq!((opened, report.fell_back), (Err(Error::Rollback), true));
    // What is wrong with both is worse than old.
    assert_eq!(check(9, [&damaged, &[]]).0, Err(Error::Damaged));
    assert_eq!(check(9, [&[], &[]]).0, Err(Error::NotFound));
}

/// FORMAT.md [S5]: a change is settled when both slots hold the same bytes.
#[test]
fn s5_a_change_settles_in_two_writes() {
    let (old, new) = (record(5), record(6));
    let mut areas = [old.clone(), old];
    let mut report = open([&areas[0], &areas[1]]).1;
    assert!(report.settled);
    for settled in [false, true] {
        areas[report.write_next.unwrap()] = new.clone();
        let (used, after) = open([&areas[0], &areas[1]]);
        assert_eq!((after.settled, after.fell_back), (settled, false));
        assert_eq!(areas[used.unwrap()], new);
        report = after;
    }
    assert_eq!(areas, [new.clone(), new]);
}

/// All types of records live in slots; each is demanded by type, scope and instance.
#[cfg(feature = "seal")]
#[test]
fn s1_types_scopes_and_instances() {
    for object in [KeyRecord, Challenge, RepositoryRecord] {
        let good = RawRecord::new(object, &key("k")).to_bytes();
        for asked in [KeyRecord, Challenge, RepositoryRecord] {
            let opened = open_with(&Policy::default(), &kek("k"), &wanted(asked), [&good, &[]]).0;
            assert_eq!(opened, if asked == object { Ok(0) } else { Err(Error::Foreign) });
        }
        let others = [
            Wanted { instance_id: id("another"), ..wanted(object) },
            Wanted { scope: scope_of(KeyRecord, "another"), ..wanted(object) },
        ];
        for other in others {
            let opened = open_with(&Policy::default(), &kek("k"), &other, [&[], &good]).0;
            assert_eq!(opened, Err(Error::Foreign));
        }
    }
    // An object of another kind is no record.
    let block = seal(&session("one"), &STORED, b"a block");
    assert_eq!(open([&block, &[]]).0, Err(Error::Malformed));
}
