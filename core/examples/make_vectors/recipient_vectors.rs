//! Recipients that are passwords and external keys: opened, and refused once the record was read.
//! FORMAT.md 4.1.

use coffre_core::keypair::PrivateKey;
use coffre_core::object::ObjectType::{Challenge, KeyRecord};
use coffre_core::password::{Kdf, Setting};
use coffre_core::record::Record;
use coffre_core::stanza::{Body, Stanza};
use coffre_core::text::Text;
use serde_json::{Value, json};

use super::Vector;
use super::record_vectors::{KEK, PAIR, with_entries, with_identity, with_intermediates};
use crate::common::forge::{RawRecord, stanza};
use crate::common::keyring::{ARGON2ID, PBKDF2, external_id, password_kek};
use crate::common::{id, kek, key, noise, p256, to_hex};

/// What a password is that a vector's reader is told.
const PASSWORD: &[u8] = "vectors: mot de passe à retenir".as_bytes();
const NAME: &str = "kms:eu-west/backup clé 2026";
const SERVICE_KEK: &str = "vectors: what the key service knows";

pub fn setting(name: &str, kdf: Kdf, hint: &str) -> Setting {
    let hint = Text::new(hint.as_bytes()).unwrap();
    Setting { id: id(&format!("vectors: {name}")), kdf, salt: id(&format!("salt: {name}")), hint }
}

/// The key pair of [`PAIR`].
fn pair() -> PrivateKey {
    PrivateKey::derive(PAIR.as_bytes()).unwrap()
}

/// A record for the KEK with one session, and with what `change` makes of it.
pub fn record(change: impl FnOnce(&mut RawRecord)) -> RawRecord {
    let mut record = RawRecord::new(KeyRecord, &key(KEK));
    record.entries = vec![record.session_entry(&key("vectors: session 1"))];
    change(&mut record);
    record
}

/// The same, with the password of that setting.
fn with_password(setting: &Setting) -> RawRecord {
    record(|r| r.stanzas.push(r.password_stanza(setting, &password_kek(setting, PASSWORD))))
}

fn with_external(name: &str, sealed: &[u8]) -> RawRecord {
    record(|r| {
        r.stanzas.push(r.external_stanza(None, name.as_bytes(), sealed, &key(SERVICE_KEK)));
    })
}

/// The inputs of a key service that knows one sealed key.
fn by_external(vector: Vector, name: &str, sealed: &[u8]) -> Vector {
    let known = json!({ to_hex(sealed): to_hex(key(SERVICE_KEK).expose()) });
    vector.input("external_name", name).input("external_keys", &known)
}

pub fn valid() -> Vec<Vector> {
    let valid = |name: &str, about: &str, record: &RawRecord| {
        let bytes = record.to_bytes();
        let vector = Vector::new("record", name, about, &bytes);
        // Any recipient finds the same storage key; here it is known.
        with_entries(with_intermediates(vector, &bytes, &kek(KEK)), &bytes, &kek(KEK))
    };
    let by_password = |name: &str, about: &str, setting: &Setting, record: &RawRecord| {
        valid(name, about, record)
            .intermediate("recipient_id", &setting.id)
            .intermediate("stanza_kek", password_kek(setting, PASSWORD).expose())
            .input("password", PASSWORD)
    };
    let external = |name: &str, about: &str, external: &str, sealed: &[u8], record: &RawRecord| {
        by_external(valid(name, about, record), external, sealed)
            .intermediate("recipient_id", &external_id(external.as_bytes()))
            .intermediate("stanza_kek", key(SERVICE_KEK).expose())
    };
    let pbkdf2 = setting("pbkdf2", PBKDF2, "vectors: le chat de Zoé");
    let argon2id = setting("argon2id", ARGON2ID, "");
    let lanes = Kdf::Argon2id { memory_kib: 70, passes: 3, lanes: 4 };
    let lanes = setting("argon2id in lanes", lanes, &"é".repeat(32));
    let (short, usual, long) = (noise(1, 1), noise(2, 184), noise(3, 4096));
    let all = {
        let mut record = with_password(&pbkdf2);
        let external = record.external_stanza(None, NAME.as_bytes(), &usual, &key(SERVICE_KEK));
        record.stanzas.insert(0, external);
        record.stanzas.insert(1, stanza([6, 1, 2, 3], &id("vectors: unknown"), b"later"));
        record.stanzas.push(record.p256_stanza(pair().public_key(), &key("vectors: of the pair")));
        record
    };
    let by_pair = with_identity(valid("all_by_p256", "by the key pair", &all), &p256(PAIR))
        .intermediate("recipient_id", &p256(PAIR).id())
        .intermediate("stanza_kek", key("vectors: of the pair").expose());
    let challenge = {
        let mut challenge = RawRecord::new(Challenge, &key(KEK));
        challenge.stanzas =
            vec![challenge.password_stanza(&pbkdf2, &password_kek(&pbkdf2, PASSWORD))];
        challenge.to_bytes()
    };
    vec![
        by_password("pbkdf2", "a password, PBKDF2, with a hint", &pbkdf2, &with_password(&pbkdf2)),
        by_password(
            "argon2id",
            "a password, Argon2id, without a hint",
            &argon2id,
            &with_password(&argon2id),
        ),
        by_password(
            "argon2id_lanes",
            "four lanes, a hint of 64 bytes",
            &lanes,
            &with_password(&lanes),
        ),
        by_password("pbkdf2_derived", "its key, derived for another record", &pbkdf2, &all)
            .input("derived_from", &with_password(&pbkdf2).to_bytes()[..]),
        external("external", "an external key", NAME, &usual, &with_external(NAME, &usual)),
        external("external_1", "one sealed byte", "n", &short, &with_external("n", &short)),
        external(
            "external_4096",
            "4096 sealed bytes, a name of 128",
            &"é".repeat(64),
            &long,
            &with_external(&"é".repeat(64), &long),
        ),
        by_password("all_by_password", "recipients of five types, by password", &pbkdf2, &all),
        external("all_by_external", "by the external key", NAME, &usual, &all),
        by_pair,
        with_identity(valid("all_by_kek", "by the KEK", &all), &kek(KEK)),
        recipients("all", "recipients of five types and one more", &all),
        recipients("over_cost", "a cost that no policy allows", &{
            let cost = Kdf::Argon2id { memory_kib: 4_194_304, passes: u32::MAX, lanes: 16 };
            let Setting { id, salt, .. } = pbkdf2;
            record(|r| r.stanzas.push(r.raw_password_stanza(&id, cost, &salt, b"", &key("any"))))
        }),
        Vector::new("challenge", "password", "a challenge under a password", &challenge)
            .input("password", PASSWORD)
            .intermediate("verdict", "match")
            .intermediate("status", "ok"),
        Vector::new("challenge", "r11_wrong_password", "another password", &challenge)
            .breaks("R11", "wrong password")
            .input("password", &b"another password"[..])
            .intermediate("verdict", "wrong key")
            .intermediate("status", "wrong password"),
    ]
}

/// What everybody can read.
fn recipients(name: &str, about: &str, record: &RawRecord) -> Vector {
    let bytes = record.to_bytes();
    let listed: Vec<Value> = Record::parse(&bytes).unwrap().stanzas().map(told).collect();
    Vector::new("recipients", name, about, &bytes).intermediate("recipients", &Value::from(listed))
}

fn told(stanza: Stanza) -> Value {
    let mut told = json!({ "type": stanza.kind, "id": to_hex(&stanza.id) });
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().to_owned();
    match stanza.known.map(|known| known.body) {
        Some(Body::Password { kdf, salt, hint }) => {
            match kdf {
                Kdf::Pbkdf2 { iterations } => told["iterations"] = iterations.into(),
                Kdf::Argon2id { memory_kib, passes, lanes } => {
                    told["memory"] = memory_kib.into();
                    told["passes"] = passes.into();
                    told["lanes"] = lanes.into();
                }
            }
            told["salt"] = to_hex(salt).into();
            told["hint"] = text(hint).into();
        }
        Some(Body::External { name, sealed }) => {
            told["name"] = text(name).into();
            told["sealed"] = to_hex(sealed).into();
        }
        _ => {}
    }
    told
}

const M: &str = "malformed";
const N: &str = "not authentic";

/// A record that breaks one rule; the KEK would open it.
pub fn broken(
    rule: &'static str,
    name: &str,
    about: &str,
    expect: &'static str,
    record: &RawRecord,
) -> Vector {
    let name = format!("{}_{name}", rule.to_lowercase());
    Vector::new("record", &name, about, &record.to_bytes()).breaks(rule, expect)
}

/// Records that can be read, but not opened like this.
pub fn refused() -> Vec<Vector> {
    let pbkdf2 = setting("pbkdf2", PBKDF2, "");
    let argon2id = setting("argon2id", ARGON2ID, "");
    let two = |a: &Setting, b: &Setting| {
        let mut record = with_password(a);
        record.stanzas.push(record.password_stanza(b, &password_kek(b, PASSWORD)));
        record
    };
    let cost = |kdf| with_password_of_cost(&pbkdf2, kdf);
    let over = |name: &str, about: &str, kdf| {
        broken("R10", name, about, "over cost", &cost(kdf)).input("password", PASSWORD)
    };
    let argon = |memory_kib, passes| Kdf::Argon2id { memory_kib, passes, lanes: 1 };
    let other_cost = Setting { kdf: Kdf::Pbkdf2 { iterations: 1001 }, ..pbkdf2.clone() };
    let other_salt = Setting { salt: id("another salt"), ..pbkdf2.clone() };
    let another = |name: &str, about: &str, setting: &Setting| {
        broken("R11", name, about, N, &with_password(setting))
            .input("password", PASSWORD)
            .input("derived_from", &with_password(&pbkdf2).to_bytes()[..])
    };
    let wrong = |name: &str, about: &str, setting: &Setting| {
        broken("R11", name, about, "wrong password", &with_password(setting))
            .input("password", &b"another password"[..])
    };
    let usual = noise(2, 184);
    let external = with_external(NAME, &usual);
    let of_another_key = {
        let storage_key = key("vectors: another storage key");
        let other = RawRecord { storage_key, ..record(|_| ()) };
        record(|r| {
            r.stanzas.push(other.password_stanza(&pbkdf2, &password_kek(&pbkdf2, PASSWORD)));
            r.stanzas.push(other.external_stanza(None, NAME.as_bytes(), &usual, &key(SERVICE_KEK)));
            r.stanzas.push(other.p256_stanza(pair().public_key(), &key("any")));
        })
    };
    let served = "other storage key";
    vec![
        malformed_pair(
            "two_passwords",
            "two passwords, PBKDF2",
            &two(&pbkdf2, &setting("b", PBKDF2, "")),
        ),
        malformed_pair("two_kinds", "two passwords, one of each kind", &two(&argon2id, &pbkdf2)),
        over("over_iterations", "2^32 - 1 iterations", Kdf::Pbkdf2 { iterations: u32::MAX }),
        over("over_memory", "a KiB above the policy's GiB", argon(1_048_577, 1)),
        over("over_passes", "2^32 - 1 passes", argon(8, u32::MAX)),
        over("policy_iterations", "1001 iterations, where 1000 are allowed", other_cost.kdf)
            .input("max_iterations", &1000),
        over("policy_memory", "9 KiB, where 8 are allowed", argon(9, 1)).input("max_memory", &8),
        over("policy_passes", "2 passes, where one is allowed", argon(8, 2))
            .input("max_passes", &1),
        broken("R11", "no_password", "a record without a password", "wrong key", &record(|_| ()))
            .input("password", PASSWORD),
        wrong("wrong_password_pbkdf2", "another password, PBKDF2", &pbkdf2),
        wrong("wrong_password_argon2id", "another password, Argon2id", &argon2id),
        another("another_cost", "the id of another setting, with another cost", &other_cost),
        another("another_salt", "the id of another setting, with another salt", &other_salt),
        by_external(
            broken("R13", "refused", "sealed bytes that the key service refuses", N, &external),
            NAME,
            &noise(9, 184),
        ),
        by_external(
            broken("R13", "not_asked", "a key service that is not there", "callback", &external),
            NAME,
            &usual,
        )
        .input("external_fails", &true),
        by_external(
            broken("R5", "another_name", "an external key of another name", "wrong key", &external),
            "kms:eu-west/another",
            &usual,
        ),
        broken(
            "R6",
            "another_password",
            "a password of another storage key",
            served,
            &of_another_key,
        )
        .input("password", PASSWORD),
        by_external(
            broken(
                "R6",
                "another_external",
                "an external key of another storage key",
                served,
                &of_another_key,
            ),
            NAME,
            &usual,
        ),
        with_identity(
            broken(
                "R6",
                "another_p256",
                "a key pair of another storage key",
                served,
                &of_another_key,
            ),
            &p256(PAIR),
        ),
        external_kek(&usual),
    ]
}

fn malformed_pair(name: &str, about: &str, record: &RawRecord) -> Vector {
    with_identity(broken("R9", name, about, M, record), &kek(KEK))
}

/// A record with a cost that nobody paid: its stanza KEK is any.
fn with_password_of_cost(setting: &Setting, kdf: Kdf) -> RawRecord {
    let setting = Setting { kdf, ..setting.clone() };
    record(|r| r.stanzas.push(r.password_stanza(&setting, &key("any"))))
}

/// The service unwraps something else than what the storage key is under.
fn external_kek(sealed: &[u8]) -> Vector {
    let record = record(|r| {
        r.stanzas.push(r.external_stanza(None, NAME.as_bytes(), sealed, &key("another KEK")));
    });
    let about = "an external key that does not unwrap the storage key";
    by_external(broken("R6", "external_kek", about, N, &record), NAME, sealed)
}
