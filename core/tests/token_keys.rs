//! Private keys in tokens: HPKE with a Diffie-Hellman result that comes from elsewhere.

#![cfg(all(feature = "seal", feature = "zstd", feature = "public-key", feature = "callbacks"))]

mod common;

use coffre_core::challenge::{self, Report};
use coffre_core::error::{Error, Result};
use coffre_core::external::TokenKey;
use coffre_core::object::ObjectType::{Challenge, KeyRecord};
use coffre_core::recipient::{Identity, Recipient};
use coffre_core::record::Record;
use common::forge::{RawRecord, stanza};
use common::keyring::{Mood, Token};
use common::rewrite::{open, scope_of, write, write_as};
use common::*;

/// The token opens what the key in software opens, and is asked once a record, about its `enc`.
#[test]
fn a_token_opens_what_its_key_opens() -> Result<()> {
    let token = Token::new("pair");
    let identity = token.identity();
    assert_eq!(identity.id(), p256("pair").id());
    assert!(matches!(identity.recipient(), Recipient::P256(public) if public == token.public()));
    // Made for the public key, by whoever has it.
    for writer in [&p256("pair"), &identity] {
        let (bytes, _) = write("point", &[writer], |writer| writer.add_session(&session("one")));
        token.seen.borrow_mut().clear();
        let keys = open(&bytes, &identity)?;
        assert_eq!(token.seen.borrow().concat(), bytes[136 + 28..][..65]);
        keys.session(&Record::parse(&bytes)?, session("one").id())?;
        open(&bytes, &p256("pair"))?;
        assert_eq!(token.seen.borrow().len(), 1);
    }
    Ok(())
}

/// FORMAT.md [R6]: a wrong result is not authentic; what the token says of its failures is what the
/// reader says.
#[test]
fn r6_wrong_results() {
    let token = Token::new("pair");
    let (bytes, _) = write("point", &[&token.identity()], |_| Ok(()));
    for (mood, error) in [
        (Mood::Errs, Some(Error::NotAuthentic)),
        (Mood::Fails(Error::NotAuthentic), Some(Error::NotAuthentic)),
        (Mood::Fails(Error::Callback), Some(Error::Callback)),
        (Mood::Works, None),
    ] {
        token.mood.set(mood);
        assert_eq!(open(&bytes, &token.identity()).err(), error, "{mood:?}");
    }
    assert_eq!(token.seen.borrow().len(), 4);
    // Another token, presented as this one.
    let other = Token::new("another pair");
    let posing = Identity::Token(TokenKey { public: token.public(), token: &other });
    assert_eq!(open(&bytes, &posing).err(), Some(Error::NotAuthentic));
    // And one that has no stanza: it is not asked.
    other.seen.borrow_mut().clear();
    assert_eq!(open(&bytes, &other.identity()).err(), Some(Error::WrongKey));
    assert!(other.seen.borrow().is_empty());
}

/// FORMAT.md [K1], [R6]: a token never sees a point that is none, and no other kind of stanza.
#[test]
fn k1_invalid_points_stay_outside() {
    let token = Token::new("pair");
    let id = token.identity().id();
    let point = p256("any").recipient();
    let Recipient::P256(point) = point else { unreachable!() };
    let point = point.to_uncompressed();
    let at = |offset: usize, bytes: &[u8]| {
        let mut point = point;
        point[offset..offset + bytes.len()].copy_from_slice(bytes);
        point
    };
    let prime = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    for (what, enc) in [
        ("zeros", [0; 65]),
        ("ones", [0xFF; 65]),
        ("infinity", at(1, &[0; 64])),
        ("another y", at(64, &[point[64] ^ 1])),
        ("another x", at(32, &[point[32] ^ 1])),
        ("compressed", at(0, &[2])),
        ("hybrid", at(0, &[6 | (point[64] & 1)])),
        ("x of the prime", at(1, &prime)),
        ("y of the prime", at(33, &prime)),
    ] {
        let mut record = RawRecord::new(KeyRecord, &key("k"));
        let body = [&enc[..], &[7; 48 + 40]].concat();
        record.stanzas = vec![stanza([2, 0x10, 1, 2], &id, &body)];
        let bytes = record.to_bytes();
        assert_eq!(open(&bytes, &token.identity()).err(), Some(Error::NotAuthentic), "{what}");
    }
    for kind in [[1, 0, 1, 0], [9, 0, 0, 0]] {
        let mut record = RawRecord::new(KeyRecord, &key("k"));
        record.stanzas = vec![stanza(kind, &id, &[7; 40])];
        let expected = if kind[0] == 1 { Error::NotAuthentic } else { Error::WrongKey };
        assert_eq!(open(&record.to_bytes(), &token.identity()).err(), Some(expected));
    }
    assert!(token.seen.borrow().is_empty());
}

/// FORMAT.md 7: a challenge finds that the token is another one.
#[test]
fn challenges_by_token() {
    let token = Token::new("pair");
    let recipient = token.identity().recipient();
    let (bytes, _) = write_as(scope_of(Challenge, ""), 1, &[recipient], |_| Ok(())).unwrap();
    let check = |identity: &Identity| {
        let mut report = Report::default();
        let verdict =
            challenge::check(context(), identity, &id("instance"), 1, &bytes, &mut report);
        (verdict, report.found_key_id == report.expected_key_id)
    };
    assert_eq!(check(&token.identity()), (Ok(()), true));
    let other = Token::new("another");
    assert_eq!(check(&other.identity()), (Err(Error::WrongKey), false));
    token.mood.set(Mood::Fails(Error::Callback));
    assert_eq!(check(&token.identity()), (Err(Error::Callback), true));
}
