//! Who made a restore point: every verdict and every refusal of FORMAT.md 6.1, on manifests that
//! are whole but where said otherwise.

#![cfg(all(feature = "seal", feature = "zstd", feature = "public-key"))]

mod common;

use coffre_core::derive::sha256;
use coffre_core::error::{Error, Result};
use coffre_core::header::BlockId;
use coffre_core::keypair::PrivateKey;
use coffre_core::manifest::{BlockEntry, Entry, Info, Whole};
use coffre_core::object::ObjectType::{self, Challenge, RepositoryRecord};
use coffre_core::origin::{self, Evidence, OriginSignature, Report, Verdict};
use coffre_core::origin_key::{OriginKey, OriginPublic};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::record::{Record, RecordKeys};
use common::forge::{RawRecord, fix_checksum, patched, stanza};
use common::*;

/// The order of P-256. SP 800-186 3.2.1.3.
const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

/// A restore point as it lies there, with its keys.
struct Point {
    keys: RecordKeys,
    record: RawRecord,
    manifest: Vec<u8>,
    whole: Whole,
}

/// The restore point `name` of `instance`; what its manifest says depends on `generation` too.
fn make(name: &str, instance: &str, generation: u64, digests: bool) -> Point {
    let (point_id, instance_id) = (id(name), id(instance));
    let record = point::raw_record(&key("metakey"), &point_id, &instance_id);
    let keys = point::keys(&key("metakey"), &point_id, &instance_id);
    let info = Info {
        digests,
        block_size: 4096,
        restore_point_id: point_id,
        instance_id,
        generation,
        image_size: 3 * 4096,
        metadata_digest: [7; 32],
    };
    let block = BlockEntry {
        version: 2,
        block_id: BlockId::Position(1),
        session_id: id("session"),
        commitment: [generation as u8; 32],
        digest: if digests { [9; 32] } else { [0; 32] },
    };
    let entries = [Entry::Hole, Entry::Block(block), Entry::Hole];
    let (manifest, whole) = point::write_whole(&keys, &info, &entries).unwrap();
    Point { keys, record, manifest, whole }
}

fn the_point() -> Point {
    make("point", "instance", 5, true)
}

/// The origin key of the pair that the recipient `p256(name)` has.
fn origin_key(name: &str) -> OriginKey {
    OriginKey::new(PrivateKey::derive(name.as_bytes()).unwrap())
}

fn sign_with(key: &OriginKey, point: &Point, record: &RawRecord) -> Result<Vec<u8>> {
    let mut space = [0xA5; origin::SIZE];
    let mut out = Out::new(&mut space);
    let bytes = record.to_bytes();
    let signed =
        origin::sign(key, &point.keys, &Record::parse(&bytes).unwrap(), &point.whole, &mut out);
    let written = out.written().to_vec();
    assert!(signed.is_ok() || (written.is_empty() && space == [0xA5; origin::SIZE]));
    signed.map(|()| written)
}

fn sign(name: &str, point: &Point) -> Vec<u8> {
    sign_with(&origin_key(name), point, &point.record).unwrap()
}

/// What a signer that keeps no rule could write: any fields, signed by that key.
fn forge(name: &str, whole: &Whole) -> Vec<u8> {
    let mut object = OriginSignature {
        instance_id: whole.instance_id,
        restore_point_id: whole.restore_point_id,
        key_id: origin_key(name).key_id(),
        manifest_digest: whole.digest,
        signature: [0; 64],
    };
    object.signature = origin_key(name).sign(&object.message());
    object.to_bytes().to_vec()
}

/// The policy that demands an origin.
fn required() -> Policy {
    Policy { origin_required: true, ..Policy::default() }
}

/// Reads the point's manifest with that origin key and signature; its own record goes along.
fn judge_under(
    policy: &Policy,
    point: &Point,
    key: Option<&OriginPublic>,
    signature: Option<&[u8]>,
) -> (Result<()>, Report) {
    let bytes = point.record.to_bytes();
    let record = Record::parse(&bytes).unwrap();
    let evidence = Evidence { origin: key, record: Some(&record), signature };
    // What was there before means nothing.
    let mut report = Report {
        whole: Some(Whole { digest: [0xA5; 32], ..point.whole }),
        verdict: Verdict::Verified,
        found_key_id: Some([0xA5; 16]),
    };
    let read = point::read_judged(policy, &point.keys, &point.manifest, &evidence, &mut report);
    assert_eq!(report.verdict == Verdict::Verified, read.is_ok() && key.is_some());
    (read.map(drop), report)
}

/// The result and the verdict for a signature, under the key "origin".
fn judge(point: &Point, signature: &[u8]) -> (Result<()>, Verdict) {
    let key = origin_key("origin").public();
    let (result, report) = judge_under(&Policy::default(), point, Some(&key), Some(signature));
    assert_eq!(report.whole, Some(point.whole));
    (result, report.verdict)
}

const VERIFIED: (Result<()>, Verdict) = (Ok(()), Verdict::Verified);
const FORGED: (Result<()>, Verdict) = (Err(Error::OriginForged), Verdict::Forged);

fn refused(error: Error) -> (Result<()>, Verdict) {
    (Err(error), Verdict::Unverified)
}

/// FORMAT.md [G4]: verified. Writer and reader name the same manifest.
#[test]
fn g4_verified() {
    let point = the_point();
    let (key, signature) = (origin_key("origin").public(), sign("origin", &point));
    assert_eq!(point.whole.digest, sha256(&point.manifest));
    for policy in [Policy::default(), required()] {
        let (result, report) = judge_under(&policy, &point, Some(&key), Some(&signature));
        assert_eq!(result, Ok(()));
        let (whole, found_key_id) = (Some(point.whole), Some(key.key_id()));
        assert_eq!(report, Report { whole, verdict: Verdict::Verified, found_key_id });
    }
    assert_eq!(forge("origin", &point.whole), signature, "the same bytes from the table");
}

/// FORMAT.md [G4]: unverified. The signature was stripped, or is another key's, or nobody asked.
#[test]
fn g4_unverified() {
    let point = the_point();
    let (key, signature) = (origin_key("origin").public(), sign("origin", &point));
    let others = sign("another", &point);
    let (ours, theirs) = (Some(key.key_id()), Some(origin_key("another").key_id()));
    let refusal = Err(Error::OriginUnverified);
    let default = Policy::default();
    for (what, policy, key, signature, result, found_key_id) in [
        ("stripped", default, Some(&key), None, refusal, None),
        ("another key's", default, Some(&key), Some(&others), refusal, theirs),
        ("nobody asked", default, None, None, Ok(()), None),
        ("nobody asked, signed", default, None, Some(&signature), Ok(()), ours),
        ("no key, but demanded", required(), None, None, refusal, None),
        ("signed, no key, but demanded", required(), None, Some(&signature), refusal, ours),
        ("stripped and demanded", required(), Some(&key), None, refusal, None),
        ("another's and demanded", required(), Some(&key), Some(&others), refusal, theirs),
    ] {
        let signature = signature.map(|bytes| &bytes[..]);
        let (found, report) = judge_under(&policy, &point, key, signature);
        assert_eq!(found, result, "{what}");
        let expected =
            Report { whole: Some(point.whole), verdict: Verdict::Unverified, found_key_id };
        assert_eq!(report, expected, "{what}");
    }
}

/// FORMAT.md [G4]: forged. Signature or digest do not fit.
#[test]
fn g4_forged() {
    let point = the_point();
    let signature = sign("origin", &point);
    // Whoever has another key claims ours.
    let ours = origin_key("origin").key_id();
    assert_eq!(judge(&point, &patched(&sign("another", &point), 48, &ours)), FORGED);
    // The same restore point, older, newer: its signature is genuine, and another manifest's.
    for generation in [4, 6] {
        let other = make("point", "instance", generation, true);
        assert_eq!(judge(&other, &sign("origin", &other)), VERIFIED);
        assert_eq!(judge(&other, &signature), FORGED, "{generation}");
        // With the digest exchanged.
        let moved = patched(&signature, 64, &other.whole.digest);
        assert_eq!(judge(&other, &moved), FORGED, "{generation}");
    }
    // A key that signs anything signed another message: the label is part of it.
    let mut object = OriginSignature::parse(&signature).unwrap();
    object.signature = origin_key("origin").sign(&object.message()[16..]);
    assert_eq!(judge(&point, &object.to_bytes()), FORGED);
}

/// FORMAT.md [G1], [G4]: every bit that is flipped, the checksum made right again.
#[test]
fn g1_g4_every_rechecksummed_bit_flip() {
    let point = the_point();
    let signature = sign("origin", &point);
    assert_eq!(judge(&point, &signature), VERIFIED);
    for bit in 0..8 * (origin::SIZE - 8) {
        let mut other = flipped(&signature, bit);
        fix_checksum(&mut other);
        let expected = match bit / 8 {
            0..5 | 8..16 => refused(Error::Malformed),
            5 => refused(Error::UnsupportedVersion),
            6..8 => refused(Error::UnsupportedSuite),
            16..48 => refused(Error::Foreign),
            48..64 => refused(Error::OriginUnverified),
            _ => FORGED,
        };
        assert_eq!(judge(&point, &other), expected, "bit {bit}");
    }
}

/// FORMAT.md [G1], [O1], [O3]: every bit that is flipped is damage, but where the bytes are no such
/// object any more; and every other length.
#[test]
fn g1_every_bit_flip_and_length() {
    let point = the_point();
    let signature = sign("origin", &point);
    for bit in 0..8 * origin::SIZE {
        let expected = if bit < 40 { Error::Malformed } else { Error::Damaged };
        assert_eq!(judge(&point, &flipped(&signature, bit)), refused(expected), "bit {bit}");
    }
    let mut longer = [&signature[..], &[0; 80]].concat();
    for len in (0..longer.len()).filter(|len| *len != origin::SIZE) {
        assert_eq!(judge(&point, &longer[..len]), refused(Error::Malformed), "{len}");
        let Some((_, sum)) = longer[..len].split_last_chunk_mut::<8>() else { continue };
        let kept = *sum;
        fix_checksum(&mut longer[..len]);
        assert_eq!(judge(&point, &longer[..len]), refused(Error::Malformed), "{len}");
        longer[len - 8..len].copy_from_slice(&kept);
    }
    // Of another version nobody knows the size.
    let mut future = longer.clone();
    future[5] = 3;
    fix_checksum(&mut future);
    assert_eq!(judge(&point, &future), refused(Error::UnsupportedVersion));
}

/// FORMAT.md [G1]: another restore point's signature, another instance's; a reader without an
/// origin key does not care.
#[test]
fn g1_foreign() {
    let point = the_point();
    let other_point = sign("origin", &make("another point", "instance", 5, true));
    let other_instance = sign("origin", &make("point", "another instance", 5, true));
    for signature in [other_point, other_instance] {
        assert_eq!(judge(&point, &signature), refused(Error::Foreign));
        let (result, report) = judge_under(&Policy::default(), &point, None, Some(&signature));
        assert_eq!((result, report.verdict), (Ok(()), Verdict::Unverified));
        assert_eq!(report.found_key_id, Some(origin_key("origin").key_id()));
        // It claims to be this one's.
        let claimed = patched(&signature, 16, &[id("instance"), id("point")].concat());
        assert_eq!(judge(&point, &claimed), FORGED);
    }
}

/// FORMAT.md [G2]: a manifest without digests is neither signed nor verified.
#[test]
fn g2_needs_digests() {
    let point = make("point", "instance", 5, false);
    let signed = sign_with(&origin_key("origin"), &point, &point.record);
    assert_eq!(signed, Err(Error::Malformed));
    let forged = forge("origin", &point.whole);
    assert_eq!(judge(&point, &forged), refused(Error::Malformed));
    // Without an origin key nobody minds.
    for signature in [Some(&forged[..]), None] {
        assert_eq!(judge_under(&Policy::default(), &point, None, signature).0, Ok(()));
    }
    let key = origin_key("origin").public();
    let (result, _) = judge_under(&Policy::default(), &point, Some(&key), None);
    assert_eq!(result, Err(Error::OriginUnverified));
}

/// FORMAT.md [G3]: a recipient's key signs nothing, and an origin key that was made a recipient
/// later proves nothing, whatever the stanza's type.
#[test]
fn g3_origin_is_recipient() {
    let point = the_point();
    let (key, signature) = (origin_key("origin").public(), sign("origin", &point));
    let recipient_id = p256("origin").recipient().id();
    assert_eq!(key.key_id(), recipient_id, "the same pair has one id in both roles");
    for suite in [[2, 0x10, 1, 2], [99, 0, 0, 0]] {
        let mut with_recipient = the_point();
        let body = [0; 65 + 48 + 40];
        with_recipient.record.stanzas.push(stanza(suite, &recipient_id, &body));
        let refusal = Err(Error::OriginIsRecipient);
        let signed = sign_with(&origin_key("origin"), &with_recipient, &with_recipient.record);
        assert_eq!(signed, refusal, "signing");
        for signature in [Some(&signature[..]), Some(&sign("another", &point)), None] {
            let (result, report) =
                judge_under(&Policy::default(), &with_recipient, Some(&key), signature);
            assert_eq!(result, refusal.clone().map(drop), "verifying");
            assert_eq!(report.verdict, Verdict::Unverified);
        }
        // Another recipient is none of its business, and adding one needs no origin key.
        let mut with_another = the_point();
        let another_id = p256("another").recipient().id();
        with_another.record.stanzas.push(stanza(suite, &another_id, &body));
        assert_eq!(judge(&with_another, &signature), VERIFIED);
        assert_eq!(sign("origin", &with_another), signature);
    }
}

/// FORMAT.md [G5]: what is not whole is not verified, though the origin key signed these bytes.
#[test]
fn g5_root_before_origin() {
    let key = origin_key("origin").public();
    for (what, at, fix, error) in [
        ("metadata digest", 90, true, Error::NotAuthentic),
        ("root", 112 + 3 * 128 + 32, true, Error::NotAuthentic),
        ("checksum", 112 + 3 * 128 + 32 + 32, false, Error::Damaged),
    ] {
        let mut point = the_point();
        point.manifest[at] ^= 1;
        if fix {
            fix_checksum(&mut point.manifest);
        }
        point.whole.digest = sha256(&point.manifest);
        let signature = sign("origin", &point);
        let judged = judge_under(&Policy::default(), &point, Some(&key), Some(&signature));
        assert_eq!(judged, (Err(error), Report::default()), "{what}");
    }
}

/// The record is the manifest's key record: for signing and for verifying.
#[test]
fn the_record_is_the_restore_points() {
    let point = the_point();
    let (key, signature) = (origin_key("origin"), sign("origin", &point));
    let public = key.public();
    let close = |record: Option<&Record>| {
        let evidence = Evidence { origin: Some(&public), record, signature: Some(&signature) };
        let mut report = Report::default();
        let policy = Policy::default();
        point::read_judged(&policy, &point.keys, &point.manifest, &evidence, &mut report).map(drop)
    };
    assert_eq!(close(None), Err(Error::InvalidArgument));
    let record_of = |object: ObjectType, point: &str, instance: &str| {
        let mut record = RawRecord::new(object, &common::key("kek"));
        record.scope_id = id(point);
        record.instance_id = id(instance);
        record
    };
    for (record, error) in [
        (record_of(Challenge, "instance", "instance"), Error::InvalidArgument),
        (record_of(RepositoryRecord, "instance", "instance"), Error::InvalidArgument),
        (record_of(ObjectType::KeyRecord, "another", "instance"), Error::Foreign),
        (record_of(ObjectType::KeyRecord, "point", "another"), Error::Foreign),
    ] {
        let bytes = record.to_bytes();
        assert_eq!(close(Some(&Record::parse(&bytes).unwrap())), Err(error));
        assert_eq!(sign_with(&key, &point, &record), Err(error));
    }
    // Any generation of it will do.
    let mut later = point.record.clone();
    later.generation = 77;
    assert_eq!(close(Some(&Record::parse(&later.to_bytes()).unwrap())), Ok(()));
}

/// Signing is deterministic, and asks for its space before it works.
#[test]
fn the_same_bytes_twice() {
    let point = the_point();
    assert_eq!(sign("origin", &point), sign("origin", &point));
    assert_ne!(sign("origin", &point), sign("another", &point));
    let bytes = point.record.to_bytes();
    let record = Record::parse(&bytes).unwrap();
    for cap in [0, 1, origin::SIZE - 1] {
        let mut space = vec![0xA5; cap];
        let mut out = Out::new(&mut space);
        let signed =
            origin::sign(&origin_key("origin"), &point.keys, &record, &point.whole, &mut out);
        assert_eq!((signed, out.needed()), (Err(Error::BufferTooSmall), origin::SIZE));
        assert!(out.is_empty() && space.iter().all(|byte| *byte == 0xA5));
    }
}

/// FORMAT.md 6.1 and FIPS 186-5: s and n - s are both signatures. Whoever changes one into the
/// other changes nothing that is signed.
#[test]
fn high_and_low_s() {
    let point = the_point();
    let signature = sign("origin", &point);
    let negated = patched(&signature, 128, &minus(&hex(ORDER), &signature[128..160]));
    assert_ne!(negated, signature);
    let high = |bytes: &[u8]| bytes[128] >= 0x80;
    assert_ne!(high(&negated), high(&signature), "one in each half");
    assert_eq!(judge(&point, &negated), VERIFIED);
    assert_eq!(judge(&point, &signature), VERIFIED);
}

/// a - b, big-endian, a larger.
fn minus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let digits = a.iter().zip(b).rev().map(|(a, b)| {
        let digit = i16::from(*a) - i16::from(*b) - borrow;
        borrow = i16::from(digit < 0);
        digit.rem_euclid(256) as u8
    });
    let mut digits: Vec<u8> = digits.collect();
    digits.reverse();
    digits
}
