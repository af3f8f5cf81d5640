//! Recipients added, removed and replaced, all or nothing; and records that a forger made of
//! others.

#![cfg(all(feature = "seal", feature = "public-key", feature = "argon2", feature = "callbacks"))]

mod common;

use coffre_core::error::{Error, Result};
use coffre_core::object::Id;
use coffre_core::object::ObjectType::KeyRecord;
use coffre_core::out::Out;
use coffre_core::recipient::{Identity, Recipient};
use coffre_core::record::Record;
use coffre_core::record_writer::RecordWriter;
use common::forge::{fix_checksum, fix_mac};
use common::keyring::{ARGON2ID, Mood, PBKDF2, Service, Token, derive, password, setting};
use common::rewrite::{Made, edit, open, scope_of, write};
use common::*;

/// An identity of each kind; two of them are passwords, of which a record has one at most.
fn identities<'k>(service: &'k Service, token: &'k Token) -> [Identity<'k>; 6] {
    [
        kek("kek"),
        p256("pair"),
        token.identity(),
        password("password", PBKDF2),
        password("another password", ARGON2ID),
        service.identity("kms:a"),
    ]
}

fn ids(made: &Made) -> Vec<Id> {
    Record::parse(&made.0).unwrap().stanzas().map(|stanza| stanza.id).collect()
}

fn replace(writer: &mut RecordWriter, old: &Identity, new: &Identity) -> Result<()> {
    writer.replace_recipient(context(), &mut random(9), &old.id(), &new.recipient())
}

/// Each kind in the place of each other: the new one opens, the old one does not, the third one
/// does as before, and nothing else changed.
#[test]
fn each_kind_replaces_each_other() {
    let (service, token) = (Service::new(64), Token::new("token"));
    let identities = identities(&service, &token);
    let third = kek("third");
    for old in &identities {
        let made = write("point", &[old, &third], |writer| writer.add_session(&session("one")));
        for new in identities.iter().filter(|new| new.id() != old.id()) {
            let changed = edit(&made, 6, |writer| replace(writer, old, new)).unwrap();
            assert_eq!(ids(&changed), [third.id(), new.id()]);
            assert_eq!(open(&changed.0, old).err(), Some(Error::WrongKey));
            for identity in [new, &third] {
                let keys = open(&changed.0, identity).unwrap();
                let record = Record::parse(&changed.0).unwrap();
                assert!(keys.session(&record, session("one").id()).is_ok());
                assert_eq!(record.generation, 6);
            }
            // Commitment, metakey, entries: the storage key is the same.
            assert_eq!(changed.0[64..136], made.0[64..136]);
            let entry = |bytes: &[u8]| bytes[bytes.len() - 104..bytes.len() - 40].to_vec();
            assert_eq!(entry(&changed.0), entry(&made.0));
        }
    }
}

/// A recipient in its own place is wrapped anew: other bytes where something is random, the same
/// meaning.
#[test]
fn each_kind_replaces_itself() {
    let (service, token) = (Service::new(64), Token::new("token"));
    for identity in identities(&service, &token) {
        let made = write("point", &[&identity, &kek("third")], |_| Ok(()));
        let changed = edit(&made, 6, |writer| replace(writer, &identity, &identity)).unwrap();
        assert_eq!(ids(&changed), [kek("third").id(), identity.id()]);
        assert!(open(&changed.0, &identity).is_ok() && open(&changed.0, &kek("third")).is_ok());
        let before = &made.0[136..made.0.len() - 40 - 68];
        let after = &changed.0[136 + 68..changed.0.len() - 40];
        let is_random =
            matches!(identity, Identity::P256(_) | Identity::Token(_) | Identity::External(_));
        assert_eq!(before != after, is_random);
    }
}

/// All recipients are added, and then removed one by one, in another order.
#[test]
fn recipients_come_and_go() {
    let (service, token) = (Service::new(64), Token::new("token"));
    let mut identities = Vec::from(identities(&service, &token));
    identities.remove(4);
    let mut made = write("point", &[&kek("first")], |writer| writer.add_session(&session("one")));
    for (generation, identity) in (6..).zip(&identities) {
        made = edit(&made, generation, |writer| {
            writer.add_recipient(context(), &mut random(1), &identity.recipient())
        })
        .unwrap();
    }
    assert_eq!(ids(&made).len(), 6);
    identities.rotate_left(2);
    identities.insert(3, kek("first"));
    let mut left: Vec<&Identity> = identities.iter().collect();
    for (generation, gone) in (20..).zip(&identities[1..]) {
        made = edit(&made, generation, |writer| writer.remove_recipient(&gone.id())).unwrap();
        left.retain(|identity| identity.id() != gone.id());
        assert_eq!(open(&made.0, gone).err(), Some(Error::WrongKey));
        for identity in &left {
            let keys = open(&made.0, identity).unwrap();
            assert!(keys.session(&Record::parse(&made.0).unwrap(), session("one").id()).is_ok());
        }
    }
    assert_eq!(ids(&made), [identities[0].id()]);
    let last = edit(&made, 99, |writer| {
        writer.remove_recipient(&identities[0].id())?;
        assert_eq!(writer.remove_recipient(&identities[0].id()), Err(Error::NotFound));
        Ok(())
    });
    assert_eq!(last.err(), Some(Error::InvalidArgument), "nobody could open it");
}

/// Every failure of adding and replacing leaves the record as it was, byte for byte.
#[test]
fn failures_change_nothing() {
    let service = Service::new(64);
    let (external, by_password) = (service.identity("kms:a"), password("password", PBKDF2));
    let pair = p256("pair");
    let made = write("point", &[&kek("k"), &pair, &by_password], |writer| {
        writer.add_session(&session("one"))
    });
    let untouched = edit(&made, 6, |_| Ok(())).unwrap().0;
    let another = password("another", ARGON2ID);
    let (k, nobody) = (kek("k").id(), id("nobody"));
    // What goes wrong, with how many good draws, in whose place, who, and how.
    type Attempt<'k> = (&'static str, u32, Option<Id>, Recipient<'k>, Error);
    let attempts: [Attempt; 12] = [
        ("there already", 9, None, pair.recipient(), Error::Duplicate),
        ("there already, elsewhere", 9, Some(k), pair.recipient(), Error::Duplicate),
        ("a second password", 9, None, another.recipient(), Error::Duplicate),
        ("a second password, elsewhere", 9, Some(k), another.recipient(), Error::Duplicate),
        ("nobody", 9, Some(nobody), kek("new").recipient(), Error::NotFound),
        ("nobody, and there already", 9, Some(nobody), pair.recipient(), Error::NotFound),
        ("no KEK", 0, None, p256("new").recipient(), Error::Random),
        ("no ephemeral key", 1, None, p256("new").recipient(), Error::Random),
        ("no KEK, replacing", 0, Some(k), p256("new").recipient(), Error::Random),
        ("no ephemeral key, replacing", 1, Some(k), p256("new").recipient(), Error::Random),
        ("no KEK for the service", 0, Some(k), external.recipient(), Error::Random),
        ("the service", 9, Some(k), external.recipient(), Error::Callback),
    ];
    service.mood.set(Mood::Fails(Error::Callback));
    for (what, draws, old, new, error) in attempts {
        let after = edit(&made, 6, |writer| {
            let mut random = failing_after(draws);
            let done = match old {
                None => writer.add_recipient(context(), &mut random, &new),
                Some(old) => writer.replace_recipient(context(), &mut random, &old, &new),
            };
            assert_eq!(done, Err(error), "{what}");
            Ok(())
        });
        assert!(after.unwrap().0 == untouched, "{what}");
    }
    // A buffer that has no room for both stanzas at once.
    let record = Record::parse(&made.0).unwrap();
    let mut space = vec![0; made.0.len() + 67];
    let mut writer = RecordWriter::edit(&made.1, &record, 6, Out::new(&mut space)).unwrap();
    assert_eq!(replace(&mut writer, &pair, &kek("new")), Err(Error::BufferTooSmall));
    assert_eq!(writer.needed(), made.0.len() + 68);
    let (len, _) = writer.finish().unwrap();
    assert!(space[..len] == untouched);
}

/// FORMAT.md [R2]: in a record of 64 recipients one is replaced, though none can be added.
#[test]
fn r2_replacing_one_of_64() {
    let others: Vec<Identity> = (0..64).map(|n| kek(&format!("{n}"))).collect();
    let made = write("point", &others.iter().collect::<Vec<_>>(), |_| Ok(()));
    let changed = edit(&made, 6, |writer| {
        let more = writer.add_recipient(context(), &mut random(1), &kek("new").recipient());
        assert_eq!(more, Err(Error::TooLarge));
        replace(writer, &others[7], &kek("new"))
    })
    .unwrap();
    assert_eq!(ids(&changed).len(), 64);
    assert!(open(&changed.0, &kek("new")).is_ok() && open(&changed.0, &others[63]).is_ok());
    assert_eq!(open(&changed.0, &others[7]).err(), Some(Error::WrongKey));
}

/// A password is changed by replacing its recipient: the same record, another setting.
#[test]
fn a_password_is_changed() {
    let old = Identity::Password(derive(&setting("old", PBKDF2), b"old password"));
    let made = write("point", &[&kek("k"), &old], |_| Ok(()));
    for kdf in [PBKDF2, ARGON2ID] {
        let new = Identity::Password(derive(&setting("new", kdf), b"new password"));
        let changed = edit(&made, 6, |writer| replace(writer, &old, &new)).unwrap();
        let found = Record::parse(&changed.0).unwrap().password().unwrap();
        assert_eq!(found, setting("new", kdf));
        let by = |password: &[u8]| open(&changed.0, &Identity::Password(derive(&found, password)));
        assert!(by(b"new password").is_ok());
        assert_eq!(by(b"old password").err(), Some(Error::WrongPassword));
        // Re-wrapping is not revoking: the older copy opens as before.
        assert!(open(&made.0, &old).is_ok());
    }
}

/// FORMAT.md [R8]: a change raises the generation, and is made of a record that its keys prove.
#[test]
fn r8_changes_of_proven_records_alone() {
    let made = write("point", &[&kek("k")], |writer| writer.add_session(&session("one")));
    for (what, at, error) in [
        ("commitment", 64, Error::OtherStorageKey),
        ("metakey", 96, Error::NotAuthentic),
        ("stanza", 170, Error::NotAuthentic),
        ("entry", made.0.len() - 60, Error::NotAuthentic),
        ("MAC", made.0.len() - 40, Error::NotAuthentic),
    ] {
        let mut forged = made.0.clone();
        forged[at] ^= 1;
        fix_checksum(&mut forged);
        let edited = edit(&(forged, made.1.clone()), 6, |_| Ok(()));
        assert_eq!(edited.err(), Some(error), "{what}");
    }
    for generation in [0, 4, 5] {
        assert_eq!(edit(&made, generation, |_| Ok(())).err(), Some(Error::Stale));
    }
    let room = |less: usize| {
        let record = Record::parse(&made.0).unwrap();
        let mut space = vec![0; made.0.len() - less];
        let out = Out::new(&mut space);
        RecordWriter::edit(&made.1, &record, 6, out).err()
    };
    assert_eq!((room(0), room(1)), (None, Some(Error::BufferTooSmall)));
}

/// FORMAT.md [R6]: who holds one record's keys puts another record's stanza into it, or his own
/// record before another's recipient: at most one of them is served.
#[test]
fn r6_recipients_of_two_storage_keys() {
    let (service, token) = (Service::new(64), Token::new("token"));
    let forger = kek("forger");
    let scope = scope_of(KeyRecord, "point");
    for victim in identities(&service, &token) {
        let (a, _) = write("point", &[&forger], |writer| writer.add_session(&session("forged")));
        // The same restore point's, and so a stanza that unwraps, to the victim's storage key.
        let (b, _) = rewrite::write_as(scope, 6, &[victim.recipient()], |_| Ok(())).unwrap();
        let stanza = &b[136..b.len() - 40];
        for forged_last in [false, true] {
            let stanzas = match forged_last {
                false => [&a[136..204], stanza].concat(),
                true => [stanza, &a[136..204]].concat(),
            };
            let mut both = [&a[..136], &stanzas, &a[204..]].concat();
            let len = both.len() as u32;
            both[12..16].copy_from_slice(&len.to_le_bytes());
            both[56] = 2;
            fix_mac(&mut both, &scope, &forge::storage_key(&a, &forger));
            assert!(open(&both, &forger).is_ok());
            assert_eq!(open(&both, &victim).err(), Some(Error::OtherStorageKey));
            // With the victim's commitment it is nobody's: the MAC is the forger's.
            both[64..136].copy_from_slice(&b[64..136]);
            fix_mac(&mut both, &scope, &forge::storage_key(&a, &forger));
            assert_eq!(open(&both, &forger).err(), Some(Error::OtherStorageKey));
            assert_eq!(open(&both, &victim).err(), Some(Error::NotAuthentic));
        }
    }
}
