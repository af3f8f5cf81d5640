//! Records made, opened and edited: recipients, session keys, id keys, generations.

#![cfg(all(
    feature = "seal",
    feature = "zstd",
    feature = "public-key",
    feature = "argon2",
    feature = "callbacks"
))]

mod common;

use coffre_core::block::SealOptions;
use coffre_core::error::{Error, Result};
use coffre_core::object::Id;
use coffre_core::object::ObjectType::{self, Challenge, KeyRecord, RepositoryRecord};
use coffre_core::out::Out;
use coffre_core::policy::{Policy, allow};
use coffre_core::recipient::{Identity, KEK_STANZA, P256_STANZA, Recipient};
use coffre_core::record::{HEAD, Record, RecordKeys, TAIL};
use coffre_core::record_writer::RecordWriter;
use coffre_core::session::{IdKey, Session};
use coffre_core::wrap::Scope;
use common::*;

fn scope(object: ObjectType) -> Scope {
    let id = if object == KeyRecord { id("restore point") } else { id("instance") };
    Scope { object, id }
}

/// A record of generation 5 for these recipients, with what `fill` puts in.
fn create(
    object: ObjectType,
    recipients: &[Recipient],
    fill: impl FnOnce(&mut RecordWriter) -> Result<()>,
) -> (Vec<u8>, RecordKeys) {
    let mut space = vec![0; 1 << 20];
    let (mut random, out) = (random(1), Out::new(&mut space));
    let mut writer =
        RecordWriter::create(&mut random, scope(object), &id("instance"), 5, out).unwrap();
    for recipient in recipients {
        writer.add_recipient(context(), &mut random, recipient).unwrap();
    }
    fill(&mut writer).unwrap();
    let (len, keys) = writer.finish().unwrap();
    space.truncate(len);
    (space, keys)
}

/// A changed copy of generation `generation`.
fn edit(
    keys: &RecordKeys,
    bytes: &[u8],
    generation: u64,
    change: impl FnOnce(&mut RecordWriter) -> Result<()>,
) -> Result<Vec<u8>> {
    let mut space = vec![0; bytes.len() + 10_000];
    let record = Record::parse(bytes)?;
    let mut writer = RecordWriter::edit(keys, &record, generation, Out::new(&mut space))?;
    change(&mut writer)?;
    let (len, _) = writer.finish()?;
    space.truncate(len);
    Ok(space)
}

fn open(bytes: &[u8], identity: &Identity) -> Result<RecordKeys> {
    Record::parse(bytes)?.open(context(), &Policy::default(), identity)
}

/// Whether the record gives the key of that session: tried on a block.
fn gives(bytes: &[u8], identity: &Identity, session: &Session) -> Result<()> {
    let found = open(bytes, identity)?.session(&Record::parse(bytes)?, session.id())?;
    let block = seal(session, &SealOptions::default(), b"a block");
    assert_eq!(common::open(&found, &block).unwrap(), b"a block");
    Ok(())
}

#[test]
fn each_recipient_opens() {
    let (kek, p256, stranger) = (kek("kek"), p256("pair"), common::kek("stranger"));
    let session = session("one");
    for (recipients, stanzas) in [
        (vec![kek.recipient()], KEK_STANZA),
        (vec![p256.recipient()], P256_STANZA),
        (vec![kek.recipient(), p256.recipient()], KEK_STANZA + P256_STANZA),
    ] {
        let (bytes, _) = create(KeyRecord, &recipients, |writer| writer.add_session(&session));
        assert_eq!(bytes.len(), HEAD + stanzas + 64 + TAIL);
        let record = Record::parse(&bytes).unwrap();
        assert_eq!((record.object, record.generation), (KeyRecord, 5));
        assert_eq!((record.instance_id, record.scope_id), (id("instance"), id("restore point")));
        assert_eq!((record.stanza_count as usize, record.entry_count), (recipients.len(), 1));
        let ids: Vec<_> = record.stanzas().map(|stanza| stanza.id).collect();
        assert_eq!(ids, recipients.iter().map(Recipient::id).collect::<Vec<_>>());
        assert_eq!(record.entry(0).unwrap().id, *session.id());
        for identity in [&kek, &p256] {
            let wanted = ids.contains(&identity.id());
            let found = gives(&bytes, identity, &session);
            assert_eq!(found, if wanted { Ok(()) } else { Err(Error::WrongKey) });
        }
        // FORMAT.md [R5].
        assert_eq!(open(&bytes, &stranger).err(), Some(Error::WrongKey));
    }
}

#[test]
fn all_types_of_records() {
    for object in [KeyRecord, Challenge, RepositoryRecord] {
        let (bytes, keys) = create(object, &[kek("k").recipient()], |_| Ok(()));
        assert_eq!(bytes[4], object as u8);
        assert_eq!(*keys.scope_id(), scope(object).id);
        assert!(open(&bytes, &kek("k")).is_ok());
    }
    let mut space = vec![0; 1000];
    for (object, scope_id, generation) in [
        (ObjectType::Block, id("instance"), 1),
        (ObjectType::Metadata, id("instance"), 1),
        (ObjectType::Manifest, id("instance"), 1),
        (Challenge, id("restore point"), 1),
        (RepositoryRecord, id("restore point"), 1),
        (KeyRecord, id("restore point"), 0),
    ] {
        let scope = Scope { object, id: scope_id };
        let (mut random, out) = (random(1), Out::new(&mut space));
        let made = RecordWriter::create(&mut random, scope, &id("instance"), generation, out);
        assert_eq!(made.err(), Some(Error::InvalidArgument), "{object:?} {generation}");
    }
}

#[test]
fn recipients_are_added_removed_and_replaced() {
    let (old, new) = (kek("old"), p256("new"));
    let session = session("one");
    let (bytes, keys) =
        create(KeyRecord, &[old.recipient()], |writer| writer.add_session(&session));
    let before = bytes.clone();
    let both = edit(&keys, &bytes, 6, |writer| {
        let again = writer.add_recipient(context(), &mut random(2), &old.recipient());
        assert_eq!(again, Err(Error::Duplicate));
        writer.add_recipient(context(), &mut random(2), &new.recipient())
    })
    .unwrap();
    let rekeyed = edit(&keys, &both, 7, |writer| {
        assert_eq!(writer.remove_recipient(&id("nobody")), Err(Error::NotFound));
        writer.remove_recipient(&old.id())
    })
    .unwrap();
    assert_eq!(bytes, before);
    for (bytes, opens_old, opens_new) in
        [(&bytes, true, false), (&both, true, true), (&rekeyed, false, true)]
    {
        for (identity, opens) in [(&old, opens_old), (&new, opens_new)] {
            let expected = if opens { Ok(()) } else { Err(Error::WrongKey) };
            assert_eq!(gives(bytes, identity, &session), expected);
        }
    }
    // Keys and entries are the same, bit for bit: no block is touched.
    assert_eq!(rekeyed[64..96], bytes[64..96]);
    assert_eq!(rekeyed[rekeyed.len() - 104..rekeyed.len() - 40], bytes[bytes.len() - 104..][..64]);
    let keys_after = open(&rekeyed, &new).unwrap();
    let record = Record::parse(&rekeyed).unwrap();
    assert!(keys.session(&record, session.id()).is_ok());
    assert!(keys_after.session(&Record::parse(&bytes).unwrap(), session.id()).is_ok());

    // Without recipients nobody could open it.
    let nobody = edit(&keys_after, &rekeyed, 8, |writer| writer.remove_recipient(&new.id()));
    assert_eq!(nobody, Err(Error::InvalidArgument));
}

/// FORMAT.md [R8]: an edit raises the generation, and is one of the record whose keys are at hand.
#[test]
fn r8_generations_of_edits() {
    let (bytes, keys) = create(KeyRecord, &[kek("k").recipient()], |_| Ok(()));
    for generation in [0, 4, 5] {
        assert_eq!(edit(&keys, &bytes, generation, |_| Ok(())), Err(Error::Stale));
    }
    let later = edit(&keys, &bytes, u64::MAX, |_| Ok(())).unwrap();
    assert_eq!(Record::parse(&later).unwrap().generation, u64::MAX);
    let refused = |lowest_generation| {
        let policy = Policy { lowest_generation, ..Policy::default() };
        Record::parse(&bytes).unwrap().open(context(), &policy, &kek("k")).err()
    };
    assert_eq!((refused(5), refused(6)), (None, Some(Error::Stale)));

    let other = forge::RawRecord::new(KeyRecord, &key("k")).to_bytes();
    let other_keys = open(&other, &kek("k")).unwrap();
    assert_eq!(edit(&other_keys, &bytes, 9, |_| Ok(())), Err(Error::OtherStorageKey));
    assert_eq!(edit(&keys, &other, 9, |_| Ok(())), Err(Error::OtherStorageKey));
}

#[test]
fn the_policy_allows_kinds_of_recipients() {
    let recipients = [kek("k").recipient(), p256("p").recipient()];
    let (bytes, _) = create(KeyRecord, &recipients, |_| Ok(()));
    let record = Record::parse(&bytes).unwrap();
    let check = |recipients, identity: &Identity| {
        let policy = Policy { recipients, ..Policy::default() };
        record.open(context(), &policy, identity).err()
    };
    let refused = Some(Error::PolicyRecipient);
    assert_eq!(check(allow::KEK, &kek("k")), None);
    assert_eq!(check(allow::KEK, &p256("p")), refused);
    assert_eq!(check(allow::PUBLIC_KEY, &kek("k")), refused);
    assert_eq!(check(allow::PUBLIC_KEY, &p256("p")), None);
    assert_eq!(check(0, &kek("k")), refused);
}

#[test]
fn sessions_are_added_found_and_removed() {
    let k = kek("k");
    let sessions: Vec<Session> = (0..20).map(|i| session(&format!("session {i}"))).collect();
    let (bytes, keys) = create(KeyRecord, &[k.recipient()], |writer| {
        for session in &sessions {
            writer.add_session(session)?;
            assert_eq!(writer.add_session(session), Err(Error::Duplicate));
        }
        Ok(())
    });
    for session in &sessions {
        gives(&bytes, &k, session).unwrap();
    }
    let stranger = session("stranger");
    assert_eq!(gives(&bytes, &k, &stranger), Err(Error::MissingKey));
    let fewer = edit(&keys, &bytes, 6, |writer| {
        assert_eq!(writer.remove_session(stranger.id()), Err(Error::NotFound));
        writer.remove_session(sessions[7].id())?;
        assert_eq!(writer.remove_session(sessions[7].id()), Err(Error::NotFound));
        writer.add_session(&stranger)
    })
    .unwrap();
    assert_eq!(gives(&fewer, &k, &sessions[7]), Err(Error::MissingKey));
    assert_eq!(gives(&fewer, &k, &stranger), Ok(()));
    assert_eq!(gives(&fewer, &k, &sessions[8]), Ok(()));
    assert_eq!(Record::parse(&fewer).unwrap().entry(20).map(|entry| entry.kind), None);

    // A challenge holds no keys.
    create(Challenge, &[k.recipient()], |writer| {
        assert_eq!(writer.add_session(&stranger), Err(Error::InvalidArgument));
        let id_key = IdKey::generate(&mut random(1), 1)?;
        assert_eq!(writer.add_id_key(&id_key), Err(Error::InvalidArgument));
        Ok(())
    });
}

/// Ten thousand sessions, added in no order: one parse and one opening, and each is found by its
/// id; ids beside those that are there are missing.
#[test]
fn ten_thousand_sessions() {
    let k = kek("k");
    let sessions: Vec<Session> =
        (0..10_000u32).map(|i| session(&format!("of ten thousand, {i}"))).collect();
    let (bytes, _) = create(KeyRecord, &[k.recipient()], |writer| {
        sessions.iter().try_for_each(|session| writer.add_session(session))
    });
    assert_eq!(bytes.len(), HEAD + KEK_STANZA + 10_000 * 64 + TAIL);
    let record = Record::parse(&bytes).unwrap();
    let keys = record.open(context(), &Policy::default(), &k).unwrap();
    let missing = |id: Id| keys.session(&record, &id).err() == Some(Error::MissingKey);
    for session in &sessions {
        assert_eq!(keys.session(&record, session.id()).unwrap().id(), session.id());
        for beside in [u128::wrapping_add, u128::wrapping_sub] {
            assert!(missing(beside(u128::from_be_bytes(*session.id()), 1).to_be_bytes()));
        }
    }
    assert!(missing([0; 16]) && missing([0xFF; 16]));
    assert!((0..10_000).all(|index| record.entry(index).is_some()));
    assert!(record.entry(10_000).is_none() && record.entry(usize::MAX).is_none());
}

#[test]
fn id_keys_of_a_repository() {
    let k = p256("k");
    let id_keys = [3, 1, u64::MAX].map(|n| IdKey::generate(&mut random(n), n).unwrap());
    let (bytes, keys) = create(RepositoryRecord, &[k.recipient()], |writer| {
        id_keys.iter().try_for_each(|id_key| writer.add_id_key(id_key))?;
        assert_eq!(writer.add_id_key(&id_keys[0]), Err(Error::Duplicate));
        Ok(())
    });
    let record = Record::parse(&bytes).unwrap();
    for id_key in &id_keys {
        let found = keys.id_key(&record, id_key.epoch()).unwrap();
        assert_eq!(found.epoch(), id_key.epoch());
        assert!(found.block_id(b"plain") == id_key.block_id(b"plain"));
        assert!(found.block_id(b"plain") != id_key.block_id(b"plain "));
    }
    assert_eq!(keys.id_key(&record, 2).err(), Some(Error::MissingKey));
    assert!(id_keys[0].block_id(b"plain") != id_keys[1].block_id(b"plain"));

    // Entries of two types stand side by side.
    let session = session("one");
    let both = edit(&keys, &bytes, 6, |writer| writer.add_session(&session)).unwrap();
    let record = Record::parse(&both).unwrap();
    assert_eq!(record.entry_count, 4);
    assert!(keys.session(&record, session.id()).is_ok() && keys.id_key(&record, 3).is_ok());
}

/// Every call says when the buffer is too small, and the record can still be finished or given up.
#[test]
fn buffers_too_small() {
    let k = kek("k");
    let full = HEAD + KEK_STANZA + P256_STANZA + 64 + TAIL;
    for len in 0..=full {
        let mut space = vec![0; len];
        let (mut random, out) = (random(1), Out::new(&mut space));
        let made = RecordWriter::create(&mut random, scope(KeyRecord), &id("instance"), 1, out);
        let Ok(mut writer) = made else {
            assert_eq!((made.err(), len < HEAD + TAIL), (Some(Error::BufferTooSmall), true));
            continue;
        };
        let steps = [
            writer.add_recipient(context(), &mut random, &k.recipient()),
            writer.add_recipient(context(), &mut random, &p256("p").recipient()),
            writer.add_session(&session("one")),
        ];
        let failed = steps.iter().filter(|step| **step == Err(Error::BufferTooSmall)).count();
        assert_eq!(failed, 3 - steps.iter().filter(|step| step.is_ok()).count());
        assert_eq!(failed == 0, len == full, "{len}");
        if failed > 0 {
            assert!(writer.needed() > len);
        }
        match writer.finish() {
            Ok((len, _)) => {
                assert_eq!(writer.finish().err(), Some(Error::BadState));
                drop(writer);
                assert!(open(&space[..len], &k).is_ok() == steps[0].is_ok());
            }
            Err(error) => assert_eq!((error, steps[0].is_ok()), (Error::InvalidArgument, false)),
        }
    }
}

/// FORMAT.md [R2]: 64 recipients, and not one more.
#[test]
fn r2_at_most_64_recipients() {
    let recipients: Vec<Recipient> = (0..64).map(|i| kek(&format!("{i}")).recipient()).collect();
    let (bytes, _) = create(KeyRecord, &recipients, |writer| {
        let more = writer.add_recipient(context(), &mut random(2), &kek("64").recipient());
        assert_eq!(more, Err(Error::TooLarge));
        Ok(())
    });
    for i in 0..64 {
        assert!(open(&bytes, &kek(&format!("{i}"))).is_ok());
    }
}
