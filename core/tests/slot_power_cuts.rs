//! The power is cut at every byte of a rewrite: the record is always there, old or new.

#![cfg(all(feature = "seal", feature = "public-key"))]

mod common;

use coffre_core::error::{Error, Result};
use coffre_core::object::ObjectType::KeyRecord;
use coffre_core::policy::Policy;
use coffre_core::recipient::Identity;
use coffre_core::slots::{self, Report, Wanted};
use common::rewrite::{Made, edit, scope_of, write, write_as};
use common::*;

/// Opens the slots; the generation in use and the report.
fn open(identity: &Identity, slots: [&[u8]; 2]) -> (Result<u64>, Report) {
    let wanted = Wanted { scope: scope_of(KeyRecord, "point"), instance_id: id("instance") };
    let mut report = Report::default();
    let policy = Policy::default();
    let opened = slots::open(context(), &policy, identity, &wanted, slots, &mut report);
    (opened.map(|(record, _)| record.generation), report)
}

/// A record of generation 5, and the same with a session more.
fn old_and_new() -> (Made, Made) {
    let old =
        write("point", &[&kek("k"), &p256("pair")], |writer| writer.add_session(&session("one")));
    let new = edit(&old, 6, |writer| writer.add_session(&session("two"))).unwrap();
    (old, new)
}

/// What stands in a slot when a write of `new` over `old` was cut after `len` bytes.
fn cut(old: &[u8], new: &[u8], len: usize) -> Vec<u8> {
    let mut area = old.to_vec();
    area.resize(area.len().max(len), 0xFF);
    area[..len].copy_from_slice(&new[..len]);
    area
}

/// FORMAT.md [S2], [S5]: the slot that is not in use is written over whatever stood there; cut
/// short anywhere, the other one is used, and it is said, unless nothing was there.
#[test]
fn s2_a_first_write_that_is_cut_short() {
    let (old, new) = old_and_new();
    let older = |sessions: usize| {
        let recipients = [kek("k").recipient(), p256("pair").recipient()];
        let older = write_as(scope_of(KeyRecord, "point"), 4, &recipients, |writer| {
            (0..sessions).try_for_each(|n| writer.add_session(&session(&format!("gone {n}"))))
        });
        older.unwrap().0
    };
    for (what, under) in [
        ("the same record", old.0.clone()),
        ("erased flash", vec![0xFF; 1000]),
        ("zeros", vec![0; 1000]),
        ("nothing", vec![]),
        ("an older, longer record", older(4)),
        ("an older, shorter one", older(0)),
        ("an older one of the same length", older(2)),
    ] {
        for len in 0..=new.0.len() {
            let area = cut(&under, &new.0, len);
            for newer in [0, 1] {
                let mut areas = [&old.0[..], &old.0[..]];
                areas[newer] = &area;
                let (used, report) = open(&kek("k"), areas);
                let complete = len == new.0.len();
                assert_eq!(used, Ok(if complete { 6 } else { 5 }), "{what} {len}");
                if complete {
                    assert_eq!((report.used, report.fell_back), (Some(newer), false));
                    continue;
                }
                assert!(report.used == Some(1 - newer) || report.settled, "{what} {len}");
                // What stood there is still there, or still counts as empty.
                let empty = report.slots[newer] == Err(Error::NotFound);
                let untouched = area == under && !empty;
                assert_eq!(report.fell_back, !untouched && !empty, "{what} {len}");
                assert!(!empty || len <= 1, "{what} {len}");
                assert!(report.settled || report.write_next == Some(newer));
            }
        }
    }
}

/// FORMAT.md [S5]: the second write, to the slot that is older by now. Cut short anywhere, the new
/// record is used; what is written next is never the only valid one.
#[test]
fn s5_a_second_write_that_is_cut_short() {
    let (old, new) = old_and_new();
    for len in 0..=new.0.len() {
        let area = cut(&old.0, &new.0, len);
        for (used, areas) in [(0, [&new.0[..], &area]), (1, [&area[..], &new.0])] {
            let (generation, report) = open(&kek("k"), areas);
            assert_eq!(generation, Ok(6), "{len}");
            let complete = len == new.0.len();
            assert_eq!(report.settled, complete);
            assert!(complete || (report.used, report.write_next) == (Some(used), Some(1 - used)));
            // As long as the old record stands there whole, it is just older.
            let untouched = area == old.0;
            assert_eq!(report.fell_back, !complete && !untouched, "{len}");
        }
    }
}

/// FORMAT.md [S2]: a rekey that was cut between its two writes. Both keys work until it settles:
/// the old one falls back, and it is said.
#[test]
fn s2_a_rekey_that_is_half_done() {
    let old = write("point", &[&kek("old")], |_| Ok(()));
    let new = edit(&old, 6, |writer| {
        let (old, new) = (kek("old").id(), p256("new").recipient());
        writer.replace_recipient(context(), &mut random(1), &old, &new)
    })
    .unwrap();
    for (newer, areas) in [(0, [&new.0[..], &old.0]), (1, [&old.0[..], &new.0])] {
        let (used, report) = open(&p256("new"), areas);
        assert_eq!((used, report.used, report.fell_back), (Ok(6), Some(newer), false));
        let (used, report) = open(&kek("old"), areas);
        assert_eq!((used, report.used, report.fell_back), (Ok(5), Some(1 - newer), true));
        assert_eq!(report.slots[newer], Err(Error::WrongKey));
        assert_eq!(report.generations[newer], Some(6));
        assert!(!report.settled);
        assert_eq!(open(&kek("nobody"), areas).0, Err(Error::WrongKey));
    }
    let (used, report) = open(&kek("old"), [&new.0, &new.0]);
    assert_eq!((used, report.settled), (Err(Error::WrongKey), true));
}

/// FORMAT.md [S1], [S2]: every bit of the newer slot flipped, in turn, as by a worn flash cell.
#[test]
fn s2_every_bit_of_the_newer_slot() {
    let (old, new) = old_and_new();
    for bit in 0..8 * new.0.len() {
        let (used, report) = open(&kek("k"), [&old.0, &flipped(&new.0, bit)]);
        assert_eq!((used, report.fell_back, report.settled), (Ok(5), true, false), "{bit}");
        assert_eq!((report.used, report.write_next), (Some(0), Some(1)));
    }
}

/// A device that starts: both slots are empty, then one, then both.
#[test]
fn from_empty_slots() {
    let (old, _) = old_and_new();
    for empty in [&[][..], &[0; 2000], &[0xFF; 2000]] {
        let (used, report) = open(&kek("k"), [empty, empty]);
        let write_first = Report { write_next: Some(0), ..Report::default() };
        assert_eq!((used, report), (Err(Error::NotFound), write_first));
        for (written, areas) in [(0, [&old.0[..], empty]), (1, [empty, &old.0])] {
            let (used, report) = open(&kek("k"), areas);
            assert_eq!((used, report.used), (Ok(5), Some(written)));
            assert_eq!((report.fell_back, report.settled), (false, false));
            assert_eq!(report.write_next, Some(1 - written));
        }
    }
}

/// FORMAT.md [S5]: when neither slot opens, only one that holds nothing worth keeping may be
/// written: never a whole record that the identity at hand cannot judge.
#[test]
fn what_cannot_be_judged_is_kept() {
    let (old, new) = old_and_new();
    let mut damaged = old.0.clone();
    damaged[200] ^= 1;
    for (areas, write_next) in [
        ([&old.0[..], &[][..]], Some(1)),
        ([&[0xFF; 64], &old.0], Some(0)),
        ([&old.0, &damaged], Some(1)),
        ([&old.0, &new.0], None),
        ([&old.0, &old.0], None),
    ] {
        let (used, report) = open(&kek("another"), areas);
        assert_eq!((used, report.used), (Err(Error::WrongKey), None));
        assert_eq!(report.write_next, write_next);
    }
}
