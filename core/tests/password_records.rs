//! Records that a password opens, and those that it does not: stanza types 3 and 4.

#![cfg(all(feature = "seal", feature = "public-key", feature = "argon2"))]

mod common;

use coffre_core::challenge::{self, Report};
use coffre_core::error::{Error, Result};
use coffre_core::limits;
use coffre_core::object::ObjectType::{Challenge, KeyRecord};
use coffre_core::password::{Kdf, Setting};
use coffre_core::policy::Policy;
use coffre_core::recipient::Identity;
use coffre_core::record::Record;
use coffre_core::text::Text;
use common::forge::{RawRecord, fix_checksum, fix_mac, stanza};
use common::keyring::{ARGON2ID, PBKDF2, derive, derive_within, password_kek, setting};
use common::rewrite::{edit, open, scope_of, write, write_as};
use common::*;

const KDFS: [Kdf; 2] = [PBKDF2, ARGON2ID];

/// What a user does: looks the setting up, derives, opens.
fn open_by_password(policy: &Policy, bytes: &[u8], password: &[u8]) -> Result<()> {
    let record = Record::parse(bytes)?;
    let key = derive_within(policy, &record.password()?, password)?;
    record.open(context(), policy, &Identity::Password(key)).map(drop)
}

/// A record that KEK "k" and the password "password" in that setting open, by the tables alone.
fn raw(setting: &Setting) -> RawRecord {
    let mut record = RawRecord::new(KeyRecord, &key("k"));
    let stanza = record.password_stanza(setting, &password_kek(setting, b"password"));
    record.stanzas.push(stanza);
    record
}

/// FORMAT.md 4.1: the tables of types 3 and 4 are what the library reads, and what it writes.
#[test]
fn the_tables_are_what_the_library_does() {
    for kdf in KDFS {
        let setting = setting("s", kdf);
        let bytes = raw(&setting).to_bytes();
        let found = Record::parse(&bytes).unwrap().password().unwrap();
        assert_eq!(found, setting);
        assert_eq!(open_by_password(&Policy::default(), &bytes, b"password"), Ok(()));

        let identity = Identity::Password(derive(&setting, b"password"));
        let (written, _) = write("restore point", &[&identity], |_| Ok(()));
        let storage_key = forge::storage_key(&written, &identity);
        let expected = RawRecord { storage_key, ..raw(&setting) };
        let stanza = expected.password_stanza(&setting, &password_kek(&setting, b"password"));
        assert_eq!(written[136..written.len() - 40], stanza[..]);
    }
}

/// FORMAT.md [R11]: one derivation opens every record that was wrapped for that setting.
#[test]
fn r11_one_derivation_opens_sixty_restore_points() {
    for kdf in KDFS {
        let writer = Identity::Password(derive(&setting("s", kdf), b"password"));
        let points: Vec<Vec<u8>> = (0..60)
            .map(|n| write(&format!("point {n}"), &[&kek("k"), &writer], |_| Ok(())).0)
            .collect();
        let found = Record::parse(&points[0]).unwrap().password().unwrap();
        let reader = Identity::Password(derive(&found, b"password"));
        for bytes in &points {
            let keys = open(bytes, &reader).unwrap();
            assert_eq!(Record::parse(bytes).unwrap().scope_id, *keys.scope_id());
        }
    }
}

/// FORMAT.md [R11]: a wrong password is told from damage, from a forged record, and from a record
/// without a password.
#[test]
fn r11_wrong_password_or_damage_or_forgery() {
    let policy = Policy::default();
    for kdf in KDFS {
        let record = raw(&setting("s", kdf));
        let (bytes, scope) = (record.to_bytes(), record.scope());
        for wrong in [&b""[..], b"Password", b"password ", b"passwor", b"\0password"] {
            assert_eq!(open_by_password(&policy, &bytes, wrong), Err(Error::WrongPassword));
        }
        // HMAC pads its key with zeros (RFC 2104 2), and so PBKDF2 sees none at the end.
        let padded = open_by_password(&policy, &bytes, b"password\0");
        let expected = if kdf == PBKDF2 { Ok(()) } else { Err(Error::WrongPassword) };
        assert_eq!(padded, expected);
        let changed = |at: usize, mac: bool| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            fix_checksum(&mut bytes);
            if mac {
                fix_mac(&mut bytes, &scope, &record.storage_key);
            }
            open_by_password(&policy, &bytes, b"password")
        };
        let end = bytes.len();
        // The wrapped storage key, which is the last of the record.
        assert_eq!(changed(end - 41, true), Err(Error::WrongPassword));
        assert_eq!(changed(64, true), Err(Error::OtherStorageKey));
        assert_eq!(changed(end - 40, false), Err(Error::NotAuthentic));
        assert_eq!(changed(96, true), Err(Error::NotAuthentic));
        for bit in (0..8 * end).step_by(37).filter(|bit| !(96..128).contains(bit) && *bit > 40) {
            let damaged = open_by_password(&policy, &flipped(&bytes, bit), b"password");
            assert_eq!(damaged, Err(Error::Damaged), "{bit}");
        }
    }
    let none = RawRecord::new(KeyRecord, &key("k")).to_bytes();
    assert_eq!(open_by_password(&policy, &none, b"password"), Err(Error::WrongKey));
    let identity = Identity::Password(derive(&setting("s", PBKDF2), b"password"));
    assert_eq!(open(&none, &identity).err(), Some(Error::WrongKey));
    // The key of another setting is another key, whatever the password.
    let other = raw(&setting("another", PBKDF2)).to_bytes();
    assert_eq!(open(&other, &identity).err(), Some(Error::WrongKey));
}

/// FORMAT.md [R11]: a key is not tried on a stanza of the same id and another cost or salt, not
/// even where it would fit.
#[test]
fn r11_another_setting_of_the_same_id() {
    for kdf in KDFS {
        let ours = setting("s", kdf);
        let identity = Identity::Password(derive(&ours, b"password"));
        let costs = [
            Kdf::Pbkdf2 { iterations: 1000 },
            Kdf::Pbkdf2 { iterations: 1001 },
            Kdf::Argon2id { memory_kib: 8, passes: 1, lanes: 1 },
            Kdf::Argon2id { memory_kib: 9, passes: 1, lanes: 1 },
            Kdf::Argon2id { memory_kib: 8, passes: 2, lanes: 1 },
            Kdf::Argon2id { memory_kib: 16, passes: 1, lanes: 2 },
        ];
        let mut salt = ours.clone();
        salt.salt[15] ^= 1;
        let others = costs.into_iter().filter(|cost| *cost != kdf);
        for other in others.map(|kdf| Setting { kdf, ..ours.clone() }).chain([salt]) {
            let mut record = RawRecord::new(KeyRecord, &key("k"));
            // Under our key, and under the key that the stanza's own setting gives.
            for setting in [&ours, &other] {
                let kek = password_kek(setting, b"password");
                record.stanzas = vec![record.password_stanza(&other, &kek)];
                let refused = open(&record.to_bytes(), &identity).err();
                assert_eq!(refused, Some(Error::NotAuthentic), "{other:?}");
            }
        }
        // The hint is for people alone.
        let hint = Text::new(b"another hint").unwrap();
        let bytes = raw(&Setting { hint, ..ours.clone() }).to_bytes();
        assert!(open(&bytes, &identity).is_ok());
        // Another kind of stanza of that id.
        let mut record = RawRecord::new(KeyRecord, &key("k"));
        record.stanzas = vec![stanza([1, 0, 1, 0], &ours.id, &[0; 40])];
        assert_eq!(open(&record.to_bytes(), &identity).err(), Some(Error::NotAuthentic));
        // And a password's stanza of a KEK's id.
        let of_kek = Setting { id: kek("k").id(), ..ours };
        record.stanzas = vec![record.password_stanza(&of_kek, &key("k"))];
        assert_eq!(open(&record.to_bytes(), &kek("k")).err(), Some(Error::NotAuthentic));
    }
}

/// FORMAT.md [R9]: two passwords are refused, when reading and when writing.
#[test]
fn r9_one_password() {
    for first in KDFS {
        for second in KDFS {
            let (a, b) = (setting("a", first), setting("b", second));
            let mut record = raw(&a);
            assert!(open(&record.to_bytes(), &kek("k")).is_ok());
            let stanza = record.password_stanza(&b, &password_kek(&b, b"password"));
            record.stanzas.push(stanza);
            assert_eq!(open(&record.to_bytes(), &kek("k")).err(), Some(Error::Malformed));

            let [a, b] = [a, b].map(|setting| Identity::Password(derive(&setting, b"password")));
            let expected = write("point", &[&kek("k"), &a], |_| Ok(())).0;
            let made = write("point", &[&kek("k"), &a], |writer| {
                for identity in [&a, &b] {
                    let more =
                        writer.add_recipient(context(), &mut random(9), &identity.recipient());
                    assert_eq!(more, Err(Error::Duplicate));
                }
                // In the place of another recipient it would be the second as well.
                let (id, recipient) = (kek("k").id(), b.recipient());
                let more = writer.replace_recipient(context(), &mut random(9), &id, &recipient);
                assert_eq!(more, Err(Error::Duplicate));
                Ok(())
            });
            assert_eq!(made.0, expected);
            let (changed, _) = edit(&made, 6, |writer| {
                let (id, recipient) = (a.id(), b.recipient());
                writer.replace_recipient(context(), &mut random(9), &id, &recipient)
            })
            .unwrap();
            assert!(open(&changed, &b).is_ok() && open(&changed, &kek("k")).is_ok());
            assert_eq!(open(&changed, &a).err(), Some(Error::WrongKey));
            // Once it is gone, there may be another.
            let (changed, _) = edit(&made, 6, |writer| {
                writer.remove_recipient(&a.id())?;
                writer.add_recipient(context(), &mut random(9), &b.recipient())
            })
            .unwrap();
            assert!(open(&changed, &b).is_ok());
        }
    }
}

/// FORMAT.md [R12]: hints are short, printable UTF-8, when reading and when writing.
#[test]
fn r12_hints() {
    let malformed = Some(Error::Malformed);
    let check = |hint: &[u8], read: Option<Error>, written: Option<Error>| {
        for kdf in KDFS {
            let Setting { id, salt, .. } = setting("s", kdf);
            let mut record = RawRecord::new(KeyRecord, &key("k"));
            let stanza = record.raw_password_stanza(&id, kdf, &salt, hint, &key("any"));
            record.stanzas.push(stanza);
            assert_eq!(open(&record.to_bytes(), &kek("k")).err(), read, "{hint:?}");
        }
        assert_eq!(Text::<{ limits::HINT }>::new(hint).err(), written, "{hint:?}");
    };
    let of = |len: usize| "é".repeat(len / 2) + &"x".repeat(len % 2);
    check(b"", None, None);
    check(of(64).as_bytes(), None, None);
    check(of(65).as_bytes(), malformed, Some(Error::TooLarge));
    check(&[b'x'; 255], malformed, Some(Error::TooLarge));
    for good in ["The dog's name: Médor, né en '98 ~", "\u{A0}\u{20}\u{7E}", "日本語 🔑 \u{202F}"]
    {
        check(good.as_bytes(), None, None);
    }
    let turning = [0x61C, 0xFEFF].into_iter().chain(0x200B..0x2010).chain(0x2028..0x202F);
    for point in (0..0x20).chain(0x7F..0xA0).chain(turning).chain(0x2060..0x206A) {
        let control = format!("a{}b", char::from_u32(point).unwrap());
        check(control.as_bytes(), malformed, Some(Error::InvalidArgument));
    }
    // UTF-8: a stray byte, one cut short, an overlong form, a surrogate, beyond Unicode.
    for bytes in [&b"\x80"[..], b"\xC3", b"\xC0\xAF", b"\xED\xA0\x80", b"\xF4\x90\x80\x80", b"\xFF"]
    {
        check(bytes, malformed, Some(Error::InvalidArgument));
    }
}

/// FORMAT.md [R10]: costs outside the format's limits are malformed; above the policy's a record
/// can be read, and opened by its other recipients.
#[test]
fn r10_costs_in_files() {
    let read = |kdf: Kdf| {
        let Setting { id, salt, .. } = setting("s", kdf);
        let mut record = RawRecord::new(KeyRecord, &key("k"));
        record.stanzas.push(record.raw_password_stanza(&id, kdf, &salt, b"", &key("any")));
        let bytes = record.to_bytes();
        let by_kek = open(&bytes, &kek("k")).err();
        (by_kek, open_by_password(&Policy::default(), &bytes, b"password").err())
    };
    let argon2id = |memory_kib, passes, lanes| Kdf::Argon2id { memory_kib, passes, lanes };
    let malformed = (Some(Error::Malformed), Some(Error::Malformed));
    for kdf in [0, 1, 999].map(|iterations| Kdf::Pbkdf2 { iterations }) {
        assert_eq!(read(kdf), malformed, "{kdf:?}");
    }
    for (memory_kib, passes, lanes) in
        [(7, 1, 1), (0, 1, 1), (8, 0, 1), (8, 1, 0), (0, 0, 0), (15, 1, 2), (127, 1, 16)]
            .into_iter()
            .chain([(u32::MAX, 1, 17), (136, 1, 17), (4_194_305, 1, 1), (u32::MAX, 1, 1)])
            .chain([(8, 1, u32::MAX), (8, 1, 1 << 29), (u32::MAX, u32::MAX, u32::MAX)])
    {
        assert_eq!(read(argon2id(memory_kib, passes, lanes)), malformed);
    }
    for kdf in [
        Kdf::Pbkdf2 { iterations: u32::MAX },
        argon2id(4_194_304, 1, 1),
        argon2id(4_194_304, u32::MAX, 16),
        argon2id(8, u32::MAX, 1),
    ] {
        assert_eq!(read(kdf), (None, Some(Error::OverCost)), "{kdf:?}");
    }
    assert_eq!(read(argon2id(128, 1, 16)), (None, Some(Error::WrongPassword)));
}

/// FORMAT.md [R3]: kem, kdf, aead and body of types 3 and 4.
#[test]
fn r3_stanzas_of_passwords() {
    for (kdf, head) in [(PBKDF2, 4), (ARGON2ID, 12)] {
        let setting = Setting { hint: Text::new(b"hint").unwrap(), ..setting("s", kdf) };
        let good = raw(&setting);
        let with = |stanza: Vec<u8>| {
            let stanzas = vec![good.stanzas[0].clone(), stanza];
            open(&RawRecord { stanzas, ..good.clone() }.to_bytes(), &kek("k")).err()
        };
        let [kind, body] = [&good.stanzas[1][..2], &good.stanzas[1][28..]];
        let kind = u16::from_le_bytes(kind.try_into().unwrap());
        let of = |suite: [u16; 3], body: &[u8]| {
            with(stanza([kind, suite[0], suite[1], suite[2]], &setting.id, body))
        };
        let suite = [0, 1, 0];
        assert_eq!(of(suite, body), None);
        let malformed = Some(Error::Malformed);
        for other in [[0x10, 1, 0], [0, 0, 0], [0, 2, 0], [0, 1, 1], [0, 1, 2], [0x10, 1, 2]] {
            assert_eq!(of(other, body), malformed, "{other:?}");
        }
        for len in 0..body.len() {
            assert_eq!(of(suite, &body[..len]), malformed, "{len}");
        }
        assert_eq!(of(suite, &[body, &[0]].concat()), malformed);
        // A hint that says to be longer or shorter than it is.
        for len in [0, 3, 5, 44, 64] {
            let mut body = body.to_vec();
            body[head + 16] = len;
            assert_eq!(of(suite, &body), malformed, "{len}");
        }
    }
}

/// FORMAT.md 7: a challenge under a password has the same verdicts.
#[test]
fn r11_challenges_under_a_password() {
    for kdf in KDFS {
        let identity = Identity::Password(derive(&setting("s", kdf), b"password"));
        let scope = scope_of(Challenge, "");
        let (bytes, _) = write_as(scope, 5, &[identity.recipient()], |_| Ok(())).unwrap();
        let check = |identity: &Identity, bytes: &[u8]| {
            let mut report = Report::default();
            let instance = id("instance");
            let verdict = challenge::check(context(), identity, &instance, 5, bytes, &mut report);
            (verdict, report.expected_key_id, report.found_key_id)
        };
        let ours = Some(identity.id());
        assert_eq!(check(&identity, &bytes), (Ok(()), ours, ours));
        let found = Record::parse(&bytes).unwrap().password().unwrap();
        let wrong = Identity::Password(derive(&found, b"wrong"));
        assert_eq!(check(&wrong, &bytes), (Err(Error::WrongPassword), ours, ours));
        assert_eq!(check(&kek("k"), &bytes).0, Err(Error::WrongKey));
        let damaged = flipped(&bytes, 8 * 180);
        assert_eq!(check(&identity, &damaged).0, Err(Error::Damaged));
    }
}
