//! Keys in a key service: asked once a record, believed in nothing (stanza type 5).

#![cfg(all(feature = "seal", feature = "public-key", feature = "argon2", feature = "callbacks"))]

mod common;

use coffre_core::error::{Error, Result};
use coffre_core::external::External;
use coffre_core::object::ObjectType::KeyRecord;
use coffre_core::out::Out;
use coffre_core::policy::{Policy, allow};
use coffre_core::recipient::Identity;
use coffre_core::record::Record;
use coffre_core::record_writer::RecordWriter;
use coffre_core::text::Text;
use common::forge::{RawRecord, stanza};
use common::keyring::{Mood, Service, external_id};
use common::rewrite::{edit, open, scope_of, write};
use common::*;

const NAME: &str = "kms:eu/backup-2026";

/// One wrap for each record that is written, one unwrap for each that is opened, whatever the size.
#[test]
fn asked_once_a_record() {
    for size in [1, 32, 40, 184, 4096] {
        let service = Service::new(size);
        let identity = service.identity(NAME);
        let made = write("point", &[&identity], |writer| writer.add_session(&session("one")));
        assert_eq!(service.calls(), (1, 0));
        assert_eq!(made.0.len(), 136 + 28 + 1 + NAME.len() + 2 + size + 40 + 64 + 40);
        let keys = open(&made.0, &identity).unwrap();
        assert_eq!(service.calls(), (1, 1));
        assert!(keys.session(&Record::parse(&made.0).unwrap(), session("one").id()).is_ok());
        assert_eq!(service.calls(), (1, 1), "sessions need no service");
        let edited = edit(&made, 6, |writer| writer.add_session(&session("two"))).unwrap();
        assert_eq!(service.calls(), (1, 1), "nor do changes");
        assert!(open(&edited.0, &identity).is_ok());
        assert_eq!(service.calls(), (1, 2));
    }
}

/// FORMAT.md 4.1: the table of type 5 is what the library writes and reads; the stanza is as long
/// as what the service made, not as what it could have.
#[test]
fn the_table_is_what_the_library_does() {
    let service = Service::new(100);
    service.mood.set(Mood::Claims(37));
    let identity = service.identity(NAME);
    assert_eq!(identity.id(), external_id(NAME.as_bytes()));
    let (bytes, _) = write("restore point", &[&identity], |_| Ok(()));
    let (sealed, kek) = service.known.borrow()[0].clone();
    service.known.borrow_mut().push((sealed[..37].to_vec(), kek.clone()));
    let storage_key = forge::storage_key(&bytes, &identity);
    let expected = RawRecord { storage_key, ..RawRecord::new(KeyRecord, &key("k")) };
    let stanza = expected.external_stanza(None, NAME.as_bytes(), &sealed[..37], &kek);
    assert_eq!(bytes[136..bytes.len() - 40], stanza[..]);
}

/// FORMAT.md [R13]: what the service says of `sealed` is what the reader says.
#[test]
fn r13_refused_or_not_looked_at() {
    let service = Service::new(64);
    let identity = service.identity(NAME);
    let (bytes, _) = write("point", &[&identity], |_| Ok(()));
    for (mood, error) in [
        (Mood::Fails(Error::NotAuthentic), Some(Error::NotAuthentic)),
        (Mood::Fails(Error::Callback), Some(Error::Callback)),
        (Mood::Errs, Some(Error::NotAuthentic)),
        (Mood::Works, None),
    ] {
        service.mood.set(mood);
        assert_eq!(open(&bytes, &identity).err(), error, "{mood:?}");
    }
    // A service that has forgotten it, or never made it.
    assert_eq!(open(&bytes, &Service::new(64).identity(NAME)).err(), Some(Error::NotAuthentic));
    assert_eq!(service.calls(), (1, 4));
}

/// A `sealed` that was moved to another restore point's record: the service binds no context, the
/// wrapped storage key does.
#[test]
fn sealed_is_bound_to_its_record() {
    let service = Service::new(64);
    let identity = service.identity(NAME);
    let [a, b] = ["a", "b"].map(|point| write(point, &[&identity, &kek("k")], |_| Ok(())).0);
    let stanza_len = 28 + 1 + NAME.len() + 2 + 64 + 40;
    let mut moved = a.clone();
    moved[136..136 + stanza_len].copy_from_slice(&b[136..136 + stanza_len]);
    forge::fix_mac(&mut moved, &scope_of(KeyRecord, "a"), &forge::storage_key(&a, &kek("k")));
    assert_eq!(open(&moved, &identity).err(), Some(Error::NotAuthentic));
    assert!(open(&moved, &kek("k")).is_ok());
}

/// A service that fails or lies about lengths leaves the record as it was.
#[test]
fn wrapping_fails() {
    let service = Service::new(50);
    let external = service.identity(NAME).recipient();
    let expected = write("point", &[&kek("k")], |writer| writer.add_session(&session("one"))).0;
    for (mood, error) in [
        (Mood::Fails(Error::Callback), Error::Callback),
        (Mood::Claims(0), Error::Callback),
        (Mood::Claims(51), Error::Callback),
        (Mood::Claims(4096), Error::Callback),
        (Mood::Claims(65_536 + 50), Error::Callback),
        (Mood::Claims(usize::MAX), Error::Callback),
    ] {
        service.mood.set(mood);
        let mut space = vec![0xA5; 4096];
        let mut random = random(5);
        let (scope, out) = (scope_of(KeyRecord, "point"), Out::new(&mut space));
        let mut writer = RecordWriter::create(&mut random, scope, &id("instance"), 5, out).unwrap();
        writer.add_recipient(context(), &mut random, &kek("k").recipient()).unwrap();
        let added = writer.add_recipient(context(), &mut random, &external);
        assert_eq!(added, Err(error), "{mood:?}");
        let id = kek("k").id();
        let replaced = writer.replace_recipient(context(), &mut random, &id, &external);
        assert_eq!(replaced, Err(error), "{mood:?}");
        writer.add_session(&session("one")).unwrap();
        let (len, _) = writer.finish().unwrap();
        assert!(space[..len] == expected);
        assert_wiped(&space[len..]);
    }
    // The shortest and the longest that it may say.
    for len in [1, 50] {
        service.mood.set(Mood::Claims(len));
        let (bytes, _) = write("point", &[&service.identity(NAME)], |_| Ok(()));
        assert_eq!(bytes.len(), 136 + 28 + 1 + NAME.len() + 2 + len + 40 + 40);
    }
}

/// It is not asked in vain: first come the checks that need no service.
#[test]
fn not_asked_in_vain() {
    let service = Service::new(50);
    let identity = service.identity(NAME);
    let (bytes, keys) = write("point", &[&kek("k"), &identity], |_| Ok(()));
    let made = (bytes, keys);
    let calls = service.calls();
    // Its record is another's, a policy refuses it, the checksum fails.
    assert_eq!(open(&made.0, &service.identity("kms:other")).err(), Some(Error::WrongKey));
    let policy = Policy { recipients: allow::ALL & !allow::EXTERNAL, ..Policy::default() };
    let opened = Record::parse(&made.0).unwrap().open(context(), &policy, &identity);
    assert_eq!(opened.err(), Some(Error::PolicyRecipient));
    let policy = Policy { lowest_generation: 6, ..Policy::default() };
    let opened = Record::parse(&made.0).unwrap().open(context(), &policy, &identity);
    assert_eq!(opened.err(), Some(Error::Stale));
    assert_eq!(open(&flipped(&made.0, 8 * 300), &identity).err(), Some(Error::Damaged));
    // It is a recipient already; the buffer is too small for the most that it may make; there are
    // no random bytes for a KEK.
    edit(&made, 6, |writer| {
        let again = writer.add_recipient(context(), &mut random(1), &identity.recipient());
        assert_eq!(again, Err(Error::Duplicate));
        let other = service.identity("kms:other").recipient();
        let failed = writer.add_recipient(context(), &mut failing_after(0), &other);
        assert_eq!(failed, Err(Error::Random));
        Ok(())
    })
    .unwrap();
    let most = 136 + 28 + 1 + NAME.len() + 2 + 50 + 40 + 40;
    let mut space = vec![0; most - 1];
    let (scope, out) = (scope_of(KeyRecord, "point"), Out::new(&mut space));
    let mut writer = RecordWriter::create(&mut random(1), scope, &id("instance"), 1, out).unwrap();
    let added = writer.add_recipient(context(), &mut random(1), &identity.recipient());
    assert_eq!((added, writer.needed()), (Err(Error::BufferTooSmall), most));
    assert_eq!(service.calls(), calls);
}

/// FORMAT.md [R12]: names of writers.
#[test]
fn r12_names_of_writers() {
    let service = Service::new(50);
    let name = |bytes: &[u8]| Text::new(bytes);
    let made = |bytes: &[u8], most| External::new(name(bytes).unwrap(), most, &service).err();
    assert_eq!(made(b"", 50), Some(Error::InvalidArgument));
    assert_eq!(made(b"n", 0), Some(Error::InvalidArgument));
    assert_eq!(made(b"n", 1), None);
    assert_eq!(made(&[b'n'; 128], 4096), None);
    assert_eq!(made(b"n", 4097), Some(Error::TooLarge));
    assert_eq!(made(b"n", usize::MAX), Some(Error::TooLarge));
    assert_eq!(name(&[b'n'; 129]).err(), Some(Error::TooLarge));
    for bytes in [&b"a\nb"[..], b"\x1B[2J", b"\x7F", "\u{85}".as_bytes(), b"\xFF"] {
        assert_eq!(name(bytes).err(), Some(Error::InvalidArgument));
    }
    assert_eq!(service.external(NAME).name(), NAME.as_bytes());
}

/// The error of a record that KEK "k" opens, with another stanza.
fn with(make: impl FnOnce(&RawRecord) -> Vec<u8>) -> Option<Error> {
    let mut record = RawRecord::new(KeyRecord, &key("k"));
    record.stanzas.push(make(&record));
    open(&record.to_bytes(), &kek("k")).err()
}

/// FORMAT.md [R12]: names and sealed keys in files.
#[test]
fn r12_names_and_sealed_keys_in_files() {
    let malformed = Some(Error::Malformed);
    let named = |name: &[u8]| with(|record| record.external_stanza(None, name, b"s", &key("any")));
    let long = "é".repeat(64);
    for (name, error) in [
        (&b"n"[..], None),
        (long.as_bytes(), None),
        (b"", malformed),
        (&[b'n'; 129], malformed),
        (&[b'n'; 255], malformed),
        (b"\x00", malformed),
        (b"a\x1Bb", malformed),
        (b"a\x7Fb", malformed),
        ("a\u{9F}b".as_bytes(), malformed),
        (b"\xC3", malformed),
    ] {
        assert_eq!(named(name), error, "{name:?}");
    }
    let sealed =
        |len: usize| with(|record| record.external_stanza(None, b"n", &vec![7; len], &key("any")));
    assert_eq!(
        [sealed(0), sealed(1), sealed(4096), sealed(4097)],
        [malformed, None, None, malformed]
    );
    // An id that is not the name's.
    let of_id = |id| with(|record| record.external_stanza(Some(id), b"n", b"s", &key("any")));
    let mut other = external_id(b"n");
    assert_eq!(of_id(other), None);
    other[15] ^= 1;
    assert_eq!(of_id(other), malformed);
    assert_eq!(of_id(external_id(b"m")), malformed);
    assert_eq!(of_id([0; 16]), malformed);
}

/// FORMAT.md [R3]: kem, kdf, aead and body of type 5.
#[test]
fn r3_stanzas_of_external_keys() {
    let malformed = Some(Error::Malformed);
    let good =
        RawRecord::new(KeyRecord, &key("k")).external_stanza(None, b"n", b"sealed", &key("any"));
    let id = external_id(b"n");
    let of = |suite: [u16; 3], body: &[u8]| {
        with(|_| stanza([5, suite[0], suite[1], suite[2]], &id, body))
    };
    let (suite, body) = ([0, 1, 0], &good[28..]);
    assert_eq!(of(suite, body), None);
    for other in [[0x10, 1, 0], [0, 0, 0], [0, 2, 0], [0, 1, 1], [0, 1, 2], [0x10, 1, 2]] {
        assert_eq!(of(other, body), malformed, "{other:?}");
    }
    for len in 0..body.len() {
        assert_eq!(of(suite, &body[..len]), malformed, "{len}");
    }
    assert_eq!(of(suite, &[body, &[0]].concat()), malformed);
    for (at, len) in [(0, 0), (0, 2), (2, 5), (2, 7), (2, 46), (3, 1)] {
        let mut body = body.to_vec();
        body[at] = len;
        assert_eq!(of(suite, &body), malformed, "{at} {len}");
    }
}

/// Keys of different services, and of different names in one, are different recipients.
#[test]
fn several_external_keys() -> Result<()> {
    let (kms, tpm) = (Service::new(184), Service::new(300));
    let identities = [kms.identity("kms:a"), kms.identity("kms:b"), tpm.identity("tpm:0x81000001")];
    let all: Vec<&Identity> = identities.iter().collect();
    let (bytes, _) = write("point", &all, |_| Ok(()));
    for identity in &identities {
        open(&bytes, identity)?;
    }
    assert_eq!((kms.calls(), tpm.calls()), ((2, 2), (1, 1)));
    // Each has a KEK of its own.
    assert!(kms.known.borrow()[0].1.expose() != kms.known.borrow()[1].1.expose());
    Ok(())
}
