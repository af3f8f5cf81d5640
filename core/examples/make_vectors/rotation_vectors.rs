//! Records before and after a rotation. FORMAT.md 4.2.

use coffre_core::object::ObjectType::{KeyRecord, RepositoryRecord};
use coffre_core::session::IdKey;
use coffre_core::wrap::Purpose;

use super::Vector;
use super::record_vectors::{KEK, PAIR, with_entries, with_identity, with_intermediates};
use crate::common::forge::{self, RawRecord, entry};
use crate::common::rewrite::{Made, open, rotate, scope_of, write, write_as};
use crate::common::{id, kek, key, p256, random, session};

pub fn all() -> Vec<Vector> {
    let (kek, pair) = (kek(KEK), p256(PAIR));
    let key_record = write("vectors: restore point", &[&kek], |writer| {
        (1..=3).try_for_each(|n| writer.add_session(&session(&format!("vectors: session {n}"))))
    });
    let scope = scope_of(RepositoryRecord, "");
    let repository = write_as(scope, 5, &[pair.recipient()], |writer| {
        writer.add_session(&session("vectors: session 1"))?;
        [1, 2, 256]
            .into_iter()
            .try_for_each(|epoch| writer.add_id_key(&IdKey::generate(&mut random(epoch), epoch)?))
    })
    .unwrap();
    let rotated =
        |name: &str, about: &str, before: &Made, generation, identity, identities: &[_]| {
            let (bytes, _) = rotate(before, generation, identities).unwrap();
            let vector = Vector::new("rotation", name, about, &bytes);
            let vector = with_intermediates(with_identity(vector, identity), &bytes, identity);
            with_entries(vector, &bytes, identity)
                .input("before", &before.0[..])
                .intermediate(
                    "storage_key_before",
                    forge::storage_key(&before.0, identity).expose(),
                )
                .intermediate("generation", &generation)
        };
    vec![
        rotated("key_record", "three sessions", &key_record, 6, &kek, &[&kek]),
        rotated("recipients", "with a recipient more", &key_record, 9, &kek, &[&pair, &kek]),
        rotated("repository", "a session, three id keys", &repository, 6, &pair, &[&pair]),
        refused("unknown_entry", "an entry of type 9", "unsupported version", |r| {
            r.entries[1] = entry(9, &id("vectors: unknown"), &[7; 40]);
        }),
        refused("reserved_entry", "an entry of type 3", "unsupported version", |r| {
            r.entries[1] = entry(3, &id("vectors: reserved"), &[7; 40]);
        }),
        refused("r7_entry", "an entry that holds another session's key", "not authentic", |r| {
            let (claimed, other) = (*session("vectors: session 2").id(), key("vectors: session 3"));
            let lie = r.scope().wrap(&r.storage_key, Purpose::SessionKey, &claimed, &other);
            r.entries = vec![entry(1, &claimed, &lie)];
        })
        .breaks("R7", "not authentic"),
    ]
}

/// A record that is not rotated; the second of its entries is `change`'s.
fn refused(
    name: &str,
    about: &str,
    expect: &'static str,
    change: impl FnOnce(&mut RawRecord),
) -> Vector {
    let mut record = RawRecord::new(KeyRecord, &key(KEK));
    record.entries = vec![record.session_entry(&key("vectors: session 1")), vec![]];
    change(&mut record);
    let bytes = record.to_bytes();
    assert!(open(&bytes, &kek(KEK)).is_ok());
    let vector = Vector::new("rotation", name, about, &[]).refused(expect);
    with_identity(vector, &kek(KEK)).input("before", &bytes[..])
}
