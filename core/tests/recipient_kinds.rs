//! Recipients of every kind in one record: equal work in any order, what the policy allows, and
//! what everybody can read.

#![cfg(all(feature = "seal", feature = "public-key", feature = "argon2", feature = "callbacks"))]

mod common;

use std::collections::BTreeSet;

use coffre_core::aead::Engine;
use coffre_core::error::Error;
use coffre_core::keypair::PrivateKey;
use coffre_core::object::Id;
use coffre_core::object::ObjectType::KeyRecord;
use coffre_core::out::Out;
use coffre_core::password::Kdf;
use coffre_core::policy::{Policy, allow};
use coffre_core::recipient::Identity;
use coffre_core::record::Record;
use coffre_core::stanza::{Body, Stanza, kind};
use common::forge::{RawRecord, stanza};
use common::keyring::{ARGON2ID, PBKDF2, Service, Token, password, password_kek, setting};
use common::rewrite::{open, scope_of, write};
use common::*;

/// All orders of `n` things. Heap's algorithm.
fn permutations(n: usize) -> Vec<Vec<usize>> {
    fn permute(k: usize, order: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
        if k <= 1 {
            all.push(order.clone());
            return;
        }
        for i in 0..k {
            permute(k - 1, order, all);
            order.swap(if k.is_multiple_of(2) { i } else { 0 }, k - 1);
        }
    }
    let mut all = vec![];
    permute(n, &mut (0..n).collect(), &mut all);
    all
}

/// FORMAT.md [R5]: five recipients of different kinds in each of their 120 orders: whoever opens
/// the record gets the same keys with the same number of calls. A password's key is derived once
/// for all of them.
#[test]
fn r5_equal_work_in_any_order() {
    let (service, token) = (Service::new(64), Token::new("token"));
    let setting = setting("password", PBKDF2);
    let mut record = RawRecord::new(KeyRecord, &key("kek"));
    record.entries = vec![record.session_entry(&key("one"))];
    let pair = PrivateKey::derive(b"pair").unwrap();
    let sealed = key("of the service");
    service.known.borrow_mut().push((b"sealed".to_vec(), sealed.clone()));
    record.stanzas.extend([
        record.p256_stanza(pair.public_key(), &key("of the pair")),
        record.p256_stanza(&token.public(), &key("of the token")),
        record.password_stanza(&setting, &password_kek(&setting, b"password")),
        record.external_stanza(None, b"kms:a", b"sealed", &sealed),
    ]);
    let by_password = password("password", PBKDF2);
    let identities =
        [kek("kek"), p256("pair"), token.identity(), by_password, service.identity("kms:a")];
    let orders = permutations(5);
    assert_eq!(orders.iter().collect::<BTreeSet<_>>().len(), 120);
    for (n, order) in (1..).zip(&orders) {
        let stanzas = order.iter().map(|index| record.stanzas[*index].clone()).collect();
        let bytes = RawRecord { stanzas, ..record.clone() }.to_bytes();
        let parsed = Record::parse(&bytes).unwrap();
        for identity in &identities {
            let keys = parsed.open(context(), &Policy::default(), identity).unwrap();
            assert!(keys.session(&parsed, session("one").id()).is_ok());
        }
        assert_eq!((service.calls(), token.seen.borrow().len()), ((0, n), n));
        let stranger = parsed.open(context(), &Policy::default(), &kek("stranger"));
        assert_eq!(stranger.err(), Some(Error::WrongKey));
    }
}

/// FORMAT.md [R5]: the stanza of one's id decides; when it fails, no other one is tried, wherever
/// it stands.
#[test]
fn r5_no_second_try() {
    let service = Service::new(64);
    let name = b"kms:a";
    let id = service.identity("kms:a").id();
    let good = RawRecord::new(KeyRecord, &key("k"));
    // Our id on a stanza that does not lead to the storage key, beside others.
    let broken = good.external_stanza(Some(id), name, b"unknown", &key("any"));
    for order in permutations(3) {
        let all = [&good.stanzas[0], &broken, &unknown("u")];
        let stanzas = order.iter().map(|index| all[*index].clone()).collect();
        let bytes = RawRecord { stanzas, ..good.clone() }.to_bytes();
        let calls = service.calls().1;
        let refused = open(&bytes, &service.identity("kms:a")).err();
        assert_eq!((refused, service.calls().1), (Some(Error::NotAuthentic), calls + 1));
        assert!(open(&bytes, &kek("k")).is_ok());
    }
}

/// A stanza of a later version.
fn unknown(name: &str) -> Vec<u8> {
    stanza([6, 1, 2, 3], &id(name), b"of a later version")
}

/// The policy has a bit for each kind; a token's key pair is a public key like any other.
#[test]
fn the_policy_allows_each_kind() {
    let (service, token) = (Service::new(64), Token::new("token"));
    for by_password in [PBKDF2, ARGON2ID].map(|kdf| password("password", kdf)) {
        let identities = [
            (kek("k"), allow::KEK),
            (p256("pair"), allow::PUBLIC_KEY),
            (token.identity(), allow::PUBLIC_KEY),
            (by_password, allow::PASSWORD),
            (service.identity("kms:a"), allow::EXTERNAL),
        ];
        let all: Vec<&Identity> = identities.iter().map(|(identity, _)| identity).collect();
        let (bytes, _) = write("point", &all, |_| Ok(()));
        let record = Record::parse(&bytes).unwrap();
        for (identity, kind) in &identities {
            assert_eq!(identity.allowed_as(), *kind);
            for recipients in 0..16 {
                let policy = Policy { recipients, ..Policy::default() };
                let refused = record.open(context(), &policy, identity).err();
                let allowed = recipients & kind != 0;
                assert_eq!(refused.is_none(), allowed, "{kind} {recipients}");
                assert!(allowed || refused == Some(Error::PolicyRecipient));
            }
        }
    }
    assert_eq!(Policy::default().recipients, 15);
}

/// What a record says of its recipients without any key, in its order.
#[test]
fn recipients_are_listed_without_a_key() {
    let service = Service::new(3);
    let password = password("password", ARGON2ID);
    let identities = [kek("k"), password, service.identity("kms:a"), p256("pair")];
    let all: Vec<&Identity> = identities.iter().collect();
    let (bytes, _) = write("point", &all, |_| Ok(()));
    let listed: Vec<Stanza> = Record::parse(&bytes).unwrap().stanzas().collect();
    let ids: Vec<Id> = listed.iter().map(|stanza| stanza.id).collect();
    assert_eq!(ids, identities.iter().map(Identity::id).collect::<Vec<_>>());
    let kinds: Vec<u16> = listed.iter().map(|stanza| stanza.kind).collect();
    assert_eq!(kinds, [kind::KEK, kind::ARGON2ID, kind::EXTERNAL, kind::P256]);
    let passwords: Vec<bool> = listed.iter().map(Stanza::is_password).collect();
    assert_eq!(passwords, [false, true, false, false]);
    let expected = setting("password", ARGON2ID);
    for stanza in &listed {
        match stanza.known.unwrap().body {
            Body::Kek => {}
            Body::P256 { enc, ciphertext } => assert_eq!((enc[0], ciphertext.len()), (4, 48)),
            Body::Password { kdf, salt, hint } => {
                assert_eq!((kdf, salt), (expected.kdf, &expected.salt));
                assert_eq!(hint, expected.hint.bytes());
            }
            Body::External { name, sealed } => {
                assert_eq!((name, sealed), (&b"kms:a"[..], &service.known.borrow()[0].0[..]));
            }
        }
    }
    assert_eq!(service.calls(), (1, 0));
    // Of an unknown type nothing is known but type and id; and no password is needed to list one.
    let mut raw = RawRecord::new(KeyRecord, &key("k"));
    raw.stanzas.insert(0, unknown("u"));
    let cost = Kdf::Pbkdf2 { iterations: u32::MAX };
    raw.stanzas.push(raw.raw_password_stanza(&id("p"), cost, &[0; 16], b"", &key("any")));
    let bytes = raw.to_bytes();
    let listed: Vec<Stanza> = Record::parse(&bytes).unwrap().stanzas().collect();
    assert!((listed[0].kind, listed[0].id) == (6, id("u")) && listed[0].known.is_none());
    assert_eq!((listed.len(), listed[2].kind), (3, kind::PBKDF2));
    assert_eq!(Record::parse(&bytes).unwrap().password().unwrap().kdf, cost);
}

/// A stanza is as long as it says: with a byte less nothing is written, drawn or asked for.
#[test]
fn stanzas_are_as_long_as_they_say() {
    let service = Service::new(64);
    let identities = [
        kek("k"),
        p256("pair"),
        password("password", PBKDF2),
        password("password", ARGON2ID),
        service.identity("kms:a"),
    ];
    let (engine, scope) = (Engine::detect(), scope_of(KeyRecord, "point"));
    for recipient in identities.map(|identity| identity.recipient()) {
        let len = recipient.stanza_len();
        let mut space = vec![0xA5; len];
        let mut out = Out::new(&mut space[..len - 1]);
        let mut random = failing_after(0);
        let written =
            recipient.write_stanza(engine, &mut random, &scope, &key("storage key"), &mut out);
        assert_eq!((written, out.len(), out.needed()), (Err(Error::BufferTooSmall), 0, len));
        assert!(space.iter().all(|byte| *byte == 0xA5));
        assert_eq!(service.calls(), (0, 0));
        let mut out = Out::new(&mut space);
        let mut random = common::random(1);
        recipient.write_stanza(engine, &mut random, &scope, &key("storage key"), &mut out).unwrap();
        assert_eq!(out.len(), len);
    }
}

/// A source that repeats itself, as in a cloned machine: each storage key, scope and recipient gets
/// stanza KEKs and ephemeral keys of its own.
#[test]
fn repeating_sources_repeat_no_stanza() {
    let service = Service::new(64);
    let of = |storage_key: &str, point: &str, name: &str| {
        let scope = scope_of(KeyRecord, point);
        let recipients = [p256("pair").recipient(), service.identity(name).recipient()];
        recipients.map(|recipient| {
            let mut space = vec![0; recipient.stanza_len()];
            let (mut random, mut out) = (common::random(7), Out::new(&mut space));
            let (engine, key) = (Engine::detect(), key(storage_key));
            recipient.write_stanza(engine, &mut random, &scope, &key, &mut out).unwrap();
            space[28..28 + 65].to_vec()
        })
    };
    let keks = || -> Vec<[u8; 32]> {
        service.known.borrow().iter().map(|(_, kek)| *kek.expose()).collect()
    };
    let first = of("a", "point", "kms:a");
    assert!(of("a", "point", "kms:a")[0] == first[0], "all that is mixed in is the same");
    let others = [of("b", "point", "kms:a"), of("a", "another", "kms:a")];
    assert!(others.iter().all(|other| other[0] != first[0]));
    of("a", "point", "kms:b");
    let [first, again, rest @ ..] = &keks()[..] else { unreachable!() };
    assert_eq!(first, again);
    assert!(rest.len() == 3 && rest.iter().all(|kek| kek != first));
}
