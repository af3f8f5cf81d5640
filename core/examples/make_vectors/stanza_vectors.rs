//! Stanzas of passwords and external keys that break a rule of FORMAT.md 4.1 which needs no key.

use coffre_core::password::Kdf;

use super::Vector;
use super::recipient_vectors::{broken, record, setting};
use super::record_vectors::{KEK, with_identity};
use crate::common::forge::{RawRecord, stanza};
use crate::common::keyring::{ARGON2ID, PBKDF2, external_id};
use crate::common::{id, kek, key};

/// Malformed: nobody's key is needed to see it.
fn malformed(rule: &'static str, name: &str, about: &str, stanza_of: &Of) -> Vector {
    let record = record(|r| r.stanzas.push(stanza_of(r)));
    with_identity(broken(rule, name, about, "malformed", &record), &kek(KEK))
}

/// A stanza for a record.
type Of<'a> = dyn Fn(&RawRecord) -> Vec<u8> + 'a;

pub fn passwords() -> Vec<Vector> {
    let cost = |kdf: Kdf| {
        move |r: &RawRecord| {
            r.raw_password_stanza(&id("vectors: p"), kdf, &id("salt"), b"", &key("any"))
        }
    };
    let argon2id = |memory_kib, passes, lanes| cost(Kdf::Argon2id { memory_kib, passes, lanes });
    let hint = |hint: &'static [u8]| {
        move |r: &RawRecord| {
            r.raw_password_stanza(&id("vectors: p"), PBKDF2, &id("salt"), hint, &key("any"))
        }
    };
    let good = |kdf| setting("broken", kdf, "hint");
    let patched = |kdf: Kdf, at: usize, byte: u8| {
        move |r: &RawRecord| {
            let mut stanza = r.password_stanza(&good(kdf), &key("any"));
            stanza[at] = byte;
            stanza
        }
    };
    let cut = |kdf: Kdf, by: usize| {
        move |r: &RawRecord| {
            let whole = r.password_stanza(&good(kdf), &key("any"));
            let body = &whole[28..whole.len() - by];
            stanza([whole[0].into(), 0, 1, 0], &good(kdf).id, body)
        }
    };
    vec![
        malformed("R3", "pbkdf2_kem", "PBKDF2 with a kem", &patched(PBKDF2, 2, 0x10)),
        malformed("R3", "pbkdf2_kdf", "PBKDF2 with another kdf", &patched(PBKDF2, 4, 3)),
        malformed("R3", "pbkdf2_aead", "PBKDF2 with an aead", &patched(PBKDF2, 6, 2)),
        malformed("R3", "argon2id_kem", "Argon2id with a kem", &patched(ARGON2ID, 2, 0x10)),
        malformed("R3", "argon2id_kdf", "Argon2id with another kdf", &patched(ARGON2ID, 4, 0)),
        malformed("R3", "argon2id_aead", "Argon2id with an aead", &patched(ARGON2ID, 6, 1)),
        malformed("R3", "pbkdf2_body", "a body without its last byte", &cut(PBKDF2, 1)),
        malformed("R3", "argon2id_body", "a body without its last byte", &cut(ARGON2ID, 1)),
        malformed("R3", "hint_length", "a hint longer than it is", &patched(PBKDF2, 48, 5)),
        malformed("R3", "hint_length_below", "a hint shorter than it is", &patched(PBKDF2, 48, 3)),
        malformed("R10", "iterations", "999 iterations", &cost(Kdf::Pbkdf2 { iterations: 999 })),
        malformed("R10", "memory", "7 KiB", &argon2id(7, 1, 1)),
        malformed("R10", "memory_of_lanes", "15 KiB for two lanes", &argon2id(15, 1, 2)),
        malformed("R10", "memory_above", "a KiB above 4 GiB", &argon2id(4_194_305, 1, 1)),
        malformed("R10", "no_pass", "no pass", &argon2id(8, 0, 1)),
        malformed("R10", "no_lane", "no lane", &argon2id(8, 1, 0)),
        malformed("R10", "lanes", "17 lanes", &argon2id(136, 1, 17)),
        malformed("R10", "hint", "a hint of 65 bytes", &hint(&[b'x'; 65])),
        malformed("R12", "hint_line", "a hint of two lines", &hint(b"one\ntwo")),
        malformed("R12", "hint_escape", "a hint with U+001B", &hint(b"\x1B[2J")),
        malformed("R12", "hint_delete", "a hint with U+007F", &hint(b"\x7F")),
        malformed("R12", "hint_c1", "a hint with U+009F", &hint("\u{9F}".as_bytes())),
        malformed("R12", "hint_utf8", "a hint that is not UTF-8", &hint(b"caf\xE9")),
    ]
}

pub fn external_keys() -> Vec<Vector> {
    let any = || key("any");
    let named =
        |name: &'static [u8]| move |r: &RawRecord| r.external_stanza(None, name, b"s", &any());
    let sealed =
        |len: usize| move |r: &RawRecord| r.external_stanza(None, b"n", &vec![7; len], &any());
    let patched = |at: usize, byte: u8| {
        move |r: &RawRecord| {
            let mut stanza = r.external_stanza(None, b"n", b"sealed", &any());
            stanza[at] = byte;
            stanza
        }
    };
    let another_id = external_id(b"m");
    vec![
        malformed("R3", "external_kem", "an external key with a kem", &patched(2, 0x10)),
        malformed("R3", "external_kdf", "an external key with another kdf", &patched(4, 2)),
        malformed("R3", "external_aead", "an external key with an aead", &patched(6, 2)),
        malformed("R3", "sealed_length", "sealed is longer than it is", &patched(30, 7)),
        malformed("R3", "sealed_length_below", "sealed is shorter than it is", &patched(30, 5)),
        malformed("R10", "name", "a name of 129 bytes", &named(&[b'n'; 129])),
        malformed("R10", "sealed", "4097 sealed bytes", &sealed(4097)),
        malformed("R12", "no_name", "an empty name", &named(b"")),
        malformed("R12", "nothing_sealed", "nothing sealed", &sealed(0)),
        malformed("R12", "name_line", "a name of two lines", &named(b"a\r\nb")),
        malformed("R12", "name_c1", "a name with U+0080", &named(b"a\xC2\x80b")),
        malformed("R12", "name_utf8", "a name that is not UTF-8", &named(b"\xF0\x9F\x94")),
        malformed("R12", "name_id", "an id that is another name's", &|r| {
            r.external_stanza(Some(another_id), b"n", b"s", &any())
        }),
    ]
}
