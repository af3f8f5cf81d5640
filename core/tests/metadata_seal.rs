//! Metadata of a restore point. FORMAT.md 5.

#![cfg(all(feature = "seal", feature = "zstd"))]

mod common;

use coffre_core::block::{self, SealOptions};
use coffre_core::derive::sha256;
use coffre_core::error::{Error, Result};
use coffre_core::header::BlockId;
use coffre_core::metadata;
use coffre_core::object::ObjectType::Metadata;
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::record::RecordKeys;
use common::forge::{fix_checksum, patched};
use common::*;

fn keys(name: &str) -> RecordKeys {
    point::keys(&key("metakey"), &id(name), &id("instance"))
}

fn seal(keys: &RecordKeys, plain: &[u8]) -> Vec<u8> {
    let mut space = vec![0; block::sealed_max(plain.len())];
    let mut out = Out::new(&mut space);
    let mut lent = memory(SealOptions::default().workspace(plain.len()).unwrap());
    let mut workspace = Workspace::new(&mut lent);
    let (mut random, ws) = (random(1), &mut workspace);
    let digest = metadata::seal(context(), &mut random, keys, plain, ws, &mut out).unwrap();
    assert_eq!(digest, sha256(out.written()));
    out.written().to_vec()
}

fn open_with(policy: &Policy, keys: &RecordKeys, object: &[u8]) -> Result<Vec<u8>> {
    let mut space = vec![0xA5; 300_000];
    let mut out = Out::new(&mut space);
    let mut lent = memory(block::open_workspace());
    let mut workspace = Workspace::new(&mut lent);
    let opened = metadata::open(context(), policy, keys, object, &mut workspace, &mut out);
    let plain = out.written().to_vec();
    match opened {
        Ok(digest) => {
            assert_eq!(digest, sha256(object));
            Ok(plain)
        }
        Err(error) => {
            assert!(plain.is_empty());
            assert_wiped(&space);
            Err(error)
        }
    }
}

fn open(keys: &RecordKeys, object: &[u8]) -> Result<Vec<u8>> {
    open_with(&Policy::default(), keys, object)
}

#[test]
fn round_trips() {
    let keys = keys("point");
    for plain in [vec![], b"{}".to_vec(), text(200_000), noise(1, 40_000), vec![0; 5000]] {
        let object = seal(&keys, &plain);
        let header = block::scrub(&object).unwrap().header;
        assert_eq!(
            (header.object, header.block_id),
            (Metadata, BlockId::RestorePoint(id("point")))
        );
        assert!(open(&keys, &object).unwrap() == plain);
        let policy = Policy { max_block: plain.len() as u64, ..Policy::default() };
        assert!(open_with(&policy, &keys, &object).is_ok());
        if let Some(max_block) = (plain.len() as u64).checked_sub(1) {
            let refused = open_with(&Policy { max_block, ..policy }, &keys, &object);
            assert_eq!(refused, Err(Error::OverLimit));
        }
    }
}

/// FORMAT.md [B8], [B6], [B7]: another restore point's metadata, another metakey, and forged
/// claims.
#[test]
fn b8_another_point() {
    let (ours, theirs) = (keys("point"), keys("another"));
    let object = seal(&theirs, b"theirs");
    assert_eq!(open(&ours, &object), Err(Error::UnexpectedBlock));
    let claimed = patched(&object, 56, &id("point"));
    assert_eq!(open(&ours, &claimed), Err(Error::WrongKey));
    let genuine = seal(&ours, b"ours..");
    let claimed = patched(&object, 0, &genuine[..88]);
    assert_eq!(open(&ours, &claimed), Err(Error::NotAuthentic));
    assert_eq!(open(&ours, &patched(&genuine, 56, &id("another"))), Err(Error::UnexpectedBlock));
    let other_metakey = point::keys(&key("another"), &id("point"), &id("instance"));
    assert_eq!(open(&other_metakey, &genuine), Err(Error::WrongKey));
}

/// FORMAT.md [O1], [B4]: a block is no metadata, and metadata no block, under any key.
#[test]
fn o1_b4_types() {
    let keys = keys("point");
    let object = seal(&keys, b"metadata");
    assert_eq!(open(&keys, &common::seal(&session("x"), &STORED, b"block")), Err(Error::Malformed));
    assert_eq!(common::open(&session("x"), &object), Err(Error::Malformed));
    for (what, forged) in [
        ("as a block", patched(&object, 4, &[1])),
        ("position", patched(&object, 48, &[1, 8])),
        ("hash", patched(&object, 48, &[2, 32])),
        ("padding", patched(&object, 87, &[1])),
        ("manifest", patched(&object, 4, &[3])),
    ] {
        assert_eq!(open(&keys, &forged), Err(Error::Malformed), "{what}");
    }
}

/// Every flipped bit of a small object is refused, with the checksum made right, too.
#[test]
fn every_bit_flip() {
    let keys = keys("point");
    let object = seal(&keys, b"metadata");
    for bit in 0..8 * object.len() {
        let mut forged = flipped(&object, bit);
        assert!(open(&keys, &forged).is_err(), "bit {bit}");
        if bit < 8 * (object.len() - 8) {
            fix_checksum(&mut forged);
            let error = open(&keys, &forged).unwrap_err();
            assert!(error != Error::Damaged, "bit {bit}");
        }
    }
}
