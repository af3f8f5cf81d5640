//! Key records, challenges, repository records, and the verdicts on them. FORMAT.md 4 and 7.

use coffre_core::challenge;
use coffre_core::derive::{Mac256, expand256, label};
use coffre_core::error::Result;
use coffre_core::key_file::{self, Form, PRIVATE_PEM};
use coffre_core::object::ObjectType::{self, Challenge, KeyRecord, RepositoryRecord};
use coffre_core::out::Out;
use coffre_core::recipient::Identity;
use coffre_core::record::Record;
use coffre_core::record_writer::RecordWriter;
use coffre_core::session::IdKey;
use coffre_core::wrap::{Purpose, Scope};
use serde_json::{Map, Value};

use super::Vector;
use crate::common::forge::{self, RawRecord, entry, fix_checksum, fix_mac, patched, stanza};
use crate::common::{context, id, kek, key, p256, random, session, to_hex};

pub const KEK: &str = "vectors: kek";
pub const PAIR: &str = "vectors: key pair of a recipient";

/// The key of an identity, as an input.
pub fn with_identity(vector: Vector, identity: &Identity) -> Vector {
    match identity {
        Identity::Kek(kek) => vector.input("kek", kek.expose()),
        Identity::P256(pair) => {
            let mut pem = vec![0; PRIVATE_PEM];
            key_file::write_private(pair, Form::Pem, &mut Out::new(&mut pem)).unwrap();
            vector.input("private_key_pem", std::str::from_utf8(&pem).unwrap())
        }
        // A password or a service is more than its key.
        _ => vector,
    }
}

/// Everything that a reader derives from the storage key.
pub fn with_intermediates(vector: Vector, bytes: &[u8], identity: &Identity) -> Vector {
    let record = Record::parse(bytes).unwrap();
    let scope = record.scope();
    let storage_key = forge::storage_key(bytes, identity);
    let domain: [&[u8]; 2] = [&[scope.object as u8], &scope.id];
    let mac_key = expand256::<32>(&storage_key, label::RECORD_MAC, &domain);
    let mac = Mac256::of(&mac_key, &[&bytes[..bytes.len() - 40]]);
    let commitment = expand256::<32>(&storage_key, label::STORAGE_KEY_COMMITMENT, &domain);
    vector
        .intermediate("recipient_id", &identity.id())
        .intermediate("storage_key", storage_key.expose())
        .intermediate("commitment", commitment.expose())
        .intermediate("mac_key", mac_key.expose())
        .intermediate("mac", &mac)
        .intermediate("metakey", forge::metakey(bytes, &storage_key).expose())
}

/// The keys in the entries.
pub fn with_entries(vector: Vector, bytes: &[u8], identity: &Identity) -> Vector {
    let record = Record::parse(bytes).unwrap();
    let storage_key = forge::storage_key(bytes, identity);
    let (mut sessions, mut id_keys) = (Map::new(), Map::new());
    for index in 0..record.entry_count as usize {
        let entry = record.entry(index).unwrap();
        let unwrap = |purpose| {
            let key = record.scope().unwrap(&storage_key, purpose, &entry.id, entry.body).unwrap();
            Value::from(to_hex(key.expose()))
        };
        let epoch = u64::from_le_bytes(entry.id[..8].try_into().unwrap());
        match entry.kind {
            1 => sessions.insert(to_hex(&entry.id), unwrap(Purpose::SessionKey)),
            4 => id_keys.insert(epoch.to_string(), unwrap(Purpose::IdKey)),
            _ => None,
        };
    }
    vector
        .intermediate("sessions", &Value::from(sessions))
        .intermediate("id_keys", &Value::from(id_keys))
}

fn write(
    object: ObjectType,
    recipients: &[&Identity],
    fill: impl FnOnce(&mut RecordWriter) -> Result<()>,
) -> Vec<u8> {
    let instance = id("vectors: instance");
    let scope_id = if object == KeyRecord { id("vectors: restore point") } else { instance };
    let mut space = vec![0; 4096];
    let (mut random, out) = (random(object as u64), Out::new(&mut space));
    let scope = Scope { object, id: scope_id };
    let mut writer = RecordWriter::create(&mut random, scope, &instance, 5, out).unwrap();
    for identity in recipients {
        writer.add_recipient(context(), &mut random, &identity.recipient()).unwrap();
    }
    fill(&mut writer).unwrap();
    let (len, _) = writer.finish().unwrap();
    space.truncate(len);
    space
}

pub fn valid() -> Vec<Vector> {
    let (kek, pair) = (kek(KEK), p256(PAIR));
    let vector = |kind, name: &str, about: &str, bytes: &[u8], identity: &Identity| {
        let vector = with_identity(Vector::new(kind, name, about, bytes), identity);
        let vector = with_intermediates(vector, bytes, identity);
        match kind {
            "record" => with_entries(vector, bytes, identity),
            _ => vector.intermediate("verdict", "match").intermediate("status", "ok"),
        }
    };
    let sessions = |writer: &mut RecordWriter| {
        (1..=3).try_for_each(|n| writer.add_session(&session(&format!("vectors: session {n}"))))
    };
    let one =
        write(KeyRecord, &[&kek], |writer| writer.add_session(&session("vectors: session 1")));
    let to_pair = write(KeyRecord, &[&pair], |_| Ok(()));
    let both = write(KeyRecord, &[&kek, &pair], sessions);
    let repository = write(RepositoryRecord, &[&kek], |writer| {
        for epoch in [1, 2, 256] {
            writer.add_id_key(&IdKey::generate(&mut random(epoch), epoch)?)?;
        }
        Ok(())
    });
    let mut unknown = RawRecord::new(KeyRecord, &key(KEK));
    unknown.stanzas.insert(0, stanza([9, 1, 2, 3], &id("vectors: unknown"), b"of a later version"));
    let other = entry(9, &id("vectors: unknown"), &[7; 40]);
    unknown.entries = vec![unknown.session_entry(&key("vectors: session 1")), other];
    let unknown = unknown.to_bytes();
    let challenge_to = |identity: &Identity| {
        let mut space = vec![0; 4096];
        let mut out = Out::new(&mut space);
        let (recipient, instance) = (identity.recipient(), id("vectors: instance"));
        let mut random = random(9);
        challenge::create(context(), &mut random, &recipient, &instance, 5, &mut out).unwrap();
        out.written().to_vec()
    };
    let (to_kek, to_p256) = (challenge_to(&kek), challenge_to(&pair));
    vec![
        vector("record", "kek", "a key record for a KEK, one session", &one, &kek),
        vector("record", "p256", "a key record for a key pair, no session", &to_pair, &pair),
        vector("record", "both_by_kek", "for a KEK and a key pair, three sessions", &both, &kek),
        vector("record", "both_by_p256", "the same record by the key pair", &both, &pair),
        vector("record", "repository", "a repository record, three id keys", &repository, &kek),
        vector("record", "unknown_types", "a stanza and an entry to be skipped", &unknown, &kek),
        vector("challenge", "kek", "a challenge for a KEK", &to_kek, &kek),
        vector("challenge", "p256", "a challenge for a key pair", &to_p256, &pair),
        vector("challenge", "key_record", "the same check of a key record", &both, &pair)
            .input("object_type", &4),
    ]
}

const M: &str = "malformed";
const N: &str = "not authentic";
const OTHER: &str = "other storage key";

fn good() -> RawRecord {
    RawRecord::new(KeyRecord, &key(KEK))
}

fn broken_record(
    rule: &'static str,
    name: &str,
    about: &str,
    expect: &'static str,
    bytes: &[u8],
) -> Vector {
    let name = format!("{}_{name}", rule.to_lowercase());
    let vector = Vector::new("record", &name, about, bytes).breaks(rule, expect);
    with_identity(vector, &kek(KEK))
}

/// A record that is authentic, but for one rule that needs no key.
fn broken_tables() -> Vec<Vector> {
    let change = |rule, name: &str, about: &str, change: &dyn Fn(&mut RawRecord)| {
        let mut record = good();
        change(&mut record);
        broken_record(rule, name, about, M, &record.to_bytes())
    };
    let of_id = |id: u8| entry(2, &[id; 16], &[0; 40]);
    let epoch = |epoch: u64| {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&epoch.to_le_bytes());
        entry(2, &id, &[0; 40])
    };
    let in_type = |object| {
        let mut record = RawRecord::new(object, &key(KEK));
        if object == Challenge {
            record.entries = vec![of_id(1)];
        } else {
            record.scope_id = id("restore point");
            record.stanzas = vec![record.kek_stanza(&key(KEK))];
        }
        record.to_bytes()
    };
    vec![
        change("O4", "flags", "a flag", &|r| r.flags = 1),
        change("O4", "reserved", "a reserved field", &|r| r.reserved = 1),
        change("O4", "entry", "an entry's reserved field", &|r| {
            r.entries = vec![of_id(1)];
            r.entries[0][2] = 1;
        }),
        change("R1", "above", "a total length above the size", &|r| r.length_error = 1),
        change("R1", "below", "a total length below the size", &|r| r.length_error = -1),
        change("R1", "surplus", "64 bytes that no count counts", &|r| r.surplus = vec![0; 64]),
        change("R1", "entries", "a count of two for one entry", &|r| {
            r.entries = vec![of_id(1)];
            r.entry_count = Some(2);
        }),
        change("R2", "no_stanza", "no stanza", &|r| r.stanzas.clear()),
        change("R2", "stanzas", "65 stanzas", &|r| {
            r.stanzas.extend((0..64).map(|n| stanza([9, 0, 0, 0], &[n; 16], b"")));
        }),
        change("R2", "generation", "generation 0", &|r| r.generation = 0),
        broken_record("R2", "challenge_entry", "an entry in a challenge", M, &in_type(Challenge))
            .input("object_type", &5),
        broken_record(
            "R2",
            "scope",
            "another scope id than the instance id",
            M,
            &in_type(RepositoryRecord),
        ),
        change("R3", "twice", "a recipient twice", &|r| r.stanzas.push(r.kek_stanza(&key(KEK)))),
        change("R3", "kem", "a KEK with a kem", &|r| r.stanzas[0][2] = 0x10),
        change("R3", "kdf", "a KEK with another kdf", &|r| r.stanzas[0][4] = 2),
        change("R3", "aead", "a KEK with an aead", &|r| r.stanzas[0][6] = 2),
        change("R3", "body", "a P-256 body of 152 bytes", &|r| {
            r.stanzas.push(stanza([2, 0x10, 1, 2], &id("other"), &[4; 152]));
        }),
        change("R4", "order", "entries that descend", &|r| r.entries = vec![of_id(2), of_id(1)]),
        change("R4", "twice", "an entry twice", &|r| r.entries = vec![of_id(1), of_id(1)]),
        change("R4", "as_numbers", "ids that ascend as numbers, not as bytes", &|r| {
            r.entries = vec![epoch(1), epoch(256)];
        }),
        change("O4", "epoch", "an id key's id with a ninth byte", &|r| {
            r.entries = vec![entry(4, &[1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], &[0; 40])];
        }),
        change("R4", "types", "types that descend", &|r| {
            r.entries = vec![entry(0x100, &[1; 16], &[0; 40]), entry(0xFF, &[2; 16], &[0; 40])];
        }),
    ]
}

pub fn broken() -> Vec<Vector> {
    let record = good();
    let (bytes, scope) = (record.to_bytes(), record.scope());
    let end = bytes.len();
    let remade = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = record.to_bytes();
        change(&mut bytes);
        fix_mac(&mut bytes, &scope, &record.storage_key);
        bytes
    };
    let mut damaged = bytes.clone();
    damaged[100] ^= 1;
    let mut longer = [&bytes[..], &[0]].concat();
    fix_checksum(&mut longer);
    let mut two_keys = record.clone();
    let victim = "vectors: victim";
    two_keys.stanzas.push(record.kek_stanza_of(&key(victim), &key("vectors: another storage key")));
    let no_point = {
        let mut record = good();
        record.stanzas.push(stanza([2, 0x10, 1, 2], &p256(PAIR).id(), &[4; 153]));
        record.to_bytes()
    };
    let lie = |wrapped_for: &str| {
        let mut record = good();
        let claimed = *session("vectors: session 1").id();
        let id = *session(wrapped_for).id();
        let other = key("vectors: session 2");
        let body = scope.wrap(&record.storage_key, Purpose::SessionKey, &id, &other);
        record.entries = vec![entry(1, &claimed, &body)];
        record.to_bytes()
    };
    let unknown_of_ours = {
        let mut record = RawRecord::new(KeyRecord, &key("vectors: another kek"));
        record.stanzas.push(stanza([9, 0, 0, 0], &kek(KEK).id(), &[0; 40]));
        record.to_bytes()
    };
    let broken = broken_record;
    let mut vectors = vec![
        broken("O1", "magic", "magic \"cOFR\"", M, &patched(&bytes, 0, b"c")),
        broken("O1", "type", "object type 1", M, &patched(&bytes, 4, &[1])),
        broken("O2", "version", "version 3", "unsupported version", &patched(&bytes, 5, &[3])),
        broken("O2", "suite", "suite 2", "unsupported suite", &patched(&bytes, 6, &[2])),
        broken("O3", "checksum", "a flipped bit", "damaged", &damaged),
        broken("O5", "trailing", "a byte after the record", M, &longer),
    ];
    vectors.extend(broken_tables());
    vectors.extend([
        broken("R5", "wrong_key", "another KEK", "wrong key", &bytes)
            .input("kek", key("vectors: another kek").expose()),
        broken(
            "R5",
            "unknown_type",
            "our id on a stanza of an unknown type alone",
            "wrong key",
            &unknown_of_ours,
        ),
        broken(
            "R6",
            "storage_key",
            "a storage key that does not unwrap",
            N,
            &remade(&|b| b[136 + 28] ^= 1),
        ),
        broken("R6", "commitment", "another commitment", OTHER, &remade(&|b| b[64] ^= 1)),
        broken("R6", "mac", "another MAC", N, &patched(&bytes, end - 40, &[bytes[end - 40] ^ 1])),
        broken("R6", "metakey", "a metakey that does not unwrap", N, &remade(&|b| b[96] ^= 1)),
        broken(
            "R6",
            "two_storage_keys",
            "a recipient of another storage key",
            OTHER,
            &two_keys.to_bytes(),
        )
        .input("kek", key(victim).expose()),
        no_point_vector(&no_point),
        broken(
            "R7",
            "another_key",
            "an entry that holds another session's key",
            N,
            &lie("vectors: session 1"),
        ),
        broken(
            "R7",
            "does_not_unwrap",
            "an entry wrapped for another id",
            N,
            &lie("vectors: session 2"),
        ),
        broken("R8", "instance", "another instance than demanded", "foreign", &bytes)
            .input("instance_id", &id("another")),
        broken("R8", "scope", "another restore point than demanded", "foreign", &bytes)
            .input("scope_id", &id("another")),
        broken("R8", "generation", "generation 5, where 6 is demanded", "stale", &bytes)
            .input("lowest_generation", &6),
    ]);
    vectors
}

fn no_point_vector(bytes: &[u8]) -> Vector {
    let about = "a P-256 stanza whose enc is no point";
    let vector = Vector::new("record", "r6_no_point", about, bytes).breaks("R6", N);
    with_identity(vector, &p256(PAIR))
}

/// The rows of FORMAT.md 7 that fail.
pub fn verdicts() -> Vec<Vector> {
    let record = RawRecord::new(Challenge, &key(KEK));
    let bytes = record.to_bytes();
    let mut damaged = bytes.clone();
    damaged[100] ^= 1;
    let mut metakey = bytes.clone();
    metakey[96] ^= 1;
    fix_mac(&mut metakey, &record.scope(), &record.storage_key);
    let mut entry_count = record.clone();
    entry_count.generation = 0;
    let vector =
        |rule: &'static str, verdict: &str, about: &str, expect: &'static str, bytes: &[u8]| {
            let name = format!("{}_{}", rule.to_lowercase(), verdict.replace(' ', "_"));
            let vector = Vector::new("challenge", &name, about, bytes).breaks(rule, expect);
            with_identity(vector, &kek(KEK))
                .input("instance_id", &id("instance"))
                .input("lowest_generation", &5)
                .intermediate("verdict", verdict.split(':').next().unwrap())
                .intermediate("status", expect)
        };
    let renamed = |mut vector: Vector, suffix: &str| {
        vector.name += suffix;
        vector
    };
    vec![
        renamed(vector("O1", "corrupt", "a key record", M, &good().to_bytes()), "_type"),
        vector("O3", "corrupt", "a flipped bit", "damaged", &damaged),
        renamed(
            vector(
                "O2",
                "unsupported",
                "version 3",
                "unsupported version",
                &patched(&bytes, 5, &[3]),
            ),
            "_version",
        ),
        renamed(
            vector("O2", "unsupported", "suite 2", "unsupported suite", &patched(&bytes, 6, &[2])),
            "_suite",
        ),
        vector("R2", "corrupt", "generation 0", M, &entry_count.to_bytes()),
        vector("R8", "foreign", "another instance's", "foreign", &bytes)
            .input("instance_id", &id("another")),
        vector("R8", "stale", "generation 5, where 6 is demanded", "stale", &bytes)
            .input("lowest_generation", &6),
        vector("R5", "wrong key", "another KEK", "wrong key", &bytes)
            .input("kek", key("vectors: another kek").expose()),
        vector("R6", "corrupt", "a metakey that does not unwrap", N, &metakey),
    ]
}
