//! Two slots, and which of them is used. FORMAT.md 4.3.

use coffre_core::object::ObjectType::{Challenge, KeyRecord};

use serde_json::{Map, Value};

use super::Vector;
use super::record_vectors::{KEK, with_identity};
use crate::common::forge::{RawRecord, fix_checksum, patched, stanza};
use crate::common::{flipped, id, kek, key, noise};

/// A key record of that generation.
fn raw(generation: u64) -> RawRecord {
    let mut record = RawRecord { generation, ..RawRecord::new(KeyRecord, &key(KEK)) };
    record.metakey = key(&format!("vectors: metakey of generation {generation}"));
    record
}

fn slots(name: &str, about: &str, a: &[u8], b: &[u8], status: [&str; 2]) -> Vector {
    with_identity(Vector::new("slots", name, about, a), &kek(KEK))
        .input("slot_b", b)
        .input("instance_id", &id("instance"))
        .input("scope_id", &id("restore point"))
        .intermediate("status_a", status[0])
        .intermediate("status_b", status[1])
}

/// What is said of the slot in use.
fn used(vector: Vector, slot: &str, generation: u64, fallen_back: bool, settled: bool) -> Vector {
    vector
        .intermediate("slot", slot)
        .intermediate("generation", &generation)
        .intermediate("metakey", raw(generation).metakey.expose())
        .intermediate("fallen_back", &fallen_back)
        .intermediate("settled", &settled)
}

/// Slots of which one is used.
fn in_use() -> Vec<Vector> {
    let (five, six) = (raw(5).to_bytes(), raw(6).to_bytes());
    let longer = [&five[..], &[0xEE; 100]].concat();
    let half_written = [&six[..100], &five[100..]].concat();
    let mut forged = six.clone();
    forged[200] ^= 1;
    fix_checksum(&mut forged);
    let mut forged_equal = five.clone();
    forged_equal[200] ^= 1;
    fix_checksum(&mut forged_equal);
    let mut rekeyed = raw(6);
    rekeyed.stanzas = vec![rekeyed.kek_stanza(&key("vectors: another kek"))];
    let rekeyed = rekeyed.to_bytes();
    let mut older_rekeyed = raw(4);
    older_rekeyed.stanzas = vec![stanza([9, 0, 0, 0], &id("vectors: unknown"), b"")];
    let older = raw(4).to_bytes();
    let other_point = RawRecord { scope_id: id("another"), ..raw(6) }.to_bytes();
    let of_5 = |vector, slot| used(vector, slot, 5, true, false);
    let quiet = |vector, slot, generation| used(vector, slot, generation, false, false);
    vec![
        quiet(slots("newer_a", "a is newer", &six, &five, ["ok", "ok"]), "a", 6),
        quiet(slots("newer_b", "b is newer", &five, &six, ["ok", "ok"]), "b", 6),
        used(slots("settled", "the same in both", &five, &five, ["ok", "ok"]), "a", 5, false, true),
        used(
            slots("settled_areas", "the same in areas of two sizes", &five, &longer, ["ok", "ok"]),
            "a",
            5,
            false,
            true,
        ),
        quiet(slots("empty_a", "nothing in a", b"", &five, ["empty", "ok"]), "b", 5),
        quiet(slots("zeros_b", "zeros in b", &five, &[0; 64], ["ok", "empty"]), "a", 5),
        quiet(slots("erased_a", "erased flash in a", &[0xFF; 64], &five, ["empty", "ok"]), "b", 5),
        quiet(slots("short_b", "three zeros in b", &five, &[0; 3], ["ok", "empty"]), "a", 5),
        of_5(slots("mixed_b", "00 and FF in b", &five, &[0, 0xFF].repeat(40), ["ok", M]), "a"),
        of_5(
            slots(
                "damaged_newer",
                "a flipped bit in the newer",
                &five,
                &flipped(&six, 8 * 150),
                ["ok", "damaged"],
            ),
            "a",
        ),
        of_5(
            slots("half_written", "the power was cut", &half_written, &five, ["damaged", "ok"]),
            "b",
        ),
        of_5(slots("cut_newer", "the newer cut short", &five, &six[..200], ["ok", M]), "a"),
        of_5(
            slots(
                "version_newer",
                "the newer of version 3",
                &patched(&six, 5, &[3]),
                &five,
                ["unsupported version", "ok"],
            ),
            "b",
        ),
        of_5(slots("forged_newer", "the newer forged", &forged, &five, [N, "ok"]), "b"),
        of_5(slots("forged_equal", "one of two forged", &forged_equal, &five, [N, "ok"]), "b"),
        of_5(
            slots("rekeyed_newer", "a rekey half done", &five, &rekeyed, ["ok", "wrong key"]),
            "a",
        ),
        of_5(slots("foreign", "another point's in b", &five, &other_point, ["ok", "foreign"]), "a"),
        of_5(
            slots(
                "damaged_older",
                "the older damaged",
                &flipped(&older, 8 * 99),
                &five,
                ["damaged", "ok"],
            ),
            "b",
        ),
        unopened("older_of_others", "the older is not for us", &older_rekeyed.to_bytes(), &five),
    ]
}

const M: &str = "malformed";
const N: &str = "not authentic";

/// Slots of which none is used.
fn refused() -> Vec<Vector> {
    let (five, six) = (raw(5).to_bytes(), raw(6).to_bytes());
    let other = RawRecord { metakey: key("vectors: another metakey"), ..raw(5) }.to_bytes();
    let damaged = flipped(&six, 8 * 150);
    let challenge = RawRecord::new(Challenge, &key(KEK)).to_bytes();
    let other_instance = RawRecord { instance_id: id("another"), ..raw(5) }.to_bytes();
    let mut forged = raw(7).to_bytes();
    forged[200] ^= 1;
    fix_checksum(&mut forged);
    let broken =
        |rule: &'static str, name: &str, about: &str, areas: [&[u8]; 2], status, expect| {
            let name = format!("{}_{name}", rule.to_lowercase());
            slots(&name, about, areas[0], areas[1], status).breaks(rule, expect)
        };
    let demands = |name: &str, about: &str, areas, status| {
        broken("S4", name, about, areas, status, "rollback").input("lowest_generation", &6)
    };
    vec![
        broken("S1", "empty", "both are empty", [b"", &[0xFF; 64]], ["empty"; 2], "not found"),
        broken(
            "S1",
            "foreign_type",
            "a challenge",
            [b"", &challenge],
            ["empty", "foreign"],
            "foreign",
        ),
        broken(
            "S1",
            "foreign_instance",
            "another instance's",
            [&other_instance, b""],
            ["foreign", "empty"],
            "foreign",
        ),
        slots("both_damaged", "a damaged one, a cut one", &damaged, &six[..200], ["damaged", M])
            .refused("damaged"),
        slots("claims_more", "damaged, and forged", &damaged, &forged, ["damaged", N]).refused(N),
        unasked(),
        broken("S3", "conflict", "two of generation 5", [&five, &other], ["ok"; 2], "conflict"),
        demands("older", "generation 5, where 6 is demanded", [&five, b""], ["ok", "empty"]),
        demands("fallen_back", "6, but it is damaged", [&damaged, &five], ["damaged", "ok"]),
    ]
}

/// A newer slot that nobody can say anything about.
fn unasked() -> Vector {
    let (name, sealed) = ("kms:eu-west/slots", noise(4, 32));
    let [five, six] = [5, 6].map(|generation| {
        let mut record = raw(generation);
        let stanza = record.external_stanza(None, name.as_bytes(), &sealed, &key("any"));
        record.stanzas = vec![stanza];
        record.to_bytes()
    });
    let about = "a key service that is not there";
    Vector::new("slots", "r13_callback", about, &six)
        .breaks("R13", "callback")
        .input("slot_b", &five[..])
        .input("instance_id", &id("instance"))
        .input("scope_id", &id("restore point"))
        .input("external_name", name)
        .input("external_keys", &Value::from(Map::new()))
        .input("external_fails", &true)
}

/// An older slot that can be read and does not open; whether a reader tries is its own matter.
fn unopened(name: &str, about: &str, a: &[u8], b: &[u8]) -> Vector {
    used(slots(name, about, a, b, ["", "ok"]), "b", 5, false, false).without("status_a")
}

pub fn all() -> Vec<Vector> {
    let mut vectors = in_use();
    vectors.extend(refused());
    vectors
}
