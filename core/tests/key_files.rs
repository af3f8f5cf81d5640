//! Key files: every file that must be read, and every rule that refuses one.
//!
//! `tests/vectors/key_files/README.md` tells how the files were made. What no tool writes is built
//! here, value by value. PEM's own rules and damage are in `key_file_bytes.rs`.

#![cfg(feature = "public-key")]

use coffre_core::error::{Error, Result};
use coffre_core::key_file::{read_private, read_public};
use coffre_core::keypair::PrivateKey;

fn file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/key_files/");
    std::fs::read(format!("{folder}{name}")).unwrap()
}

fn key() -> PrivateKey {
    read_private(&file("p256_private.der")).unwrap()
}

fn private(bytes: &[u8]) -> Result<[u8; 32]> {
    read_private(bytes).map(|key| *key.scalar_bytes().expose())
}

fn public(bytes: &[u8]) -> Result<[u8; 65]> {
    read_public(bytes).map(|key| key.to_uncompressed())
}

/// FORMAT.md 8: what OpenSSL and Java write of one key pair is read as that key pair.
#[test]
fn reads_what_others_write() {
    let der = file("p256_private.der");
    let scalar = der[36..68].try_into().unwrap();
    for name in [
        "p256_private.pem",
        "p256_private.der",
        "p256_text_private.pem",
        "p256_no_public_private.pem",
        "p256_java_private.der",
        "p256_java_mime_private.pem",
        "p256_sec1_private.pem",
        "p256_sec1_private.der",
    ] {
        assert_eq!(private(&file(name)), Ok(scalar), "{name}");
    }
    let point = der[73..].try_into().unwrap();
    assert_eq!(key().public_key().to_uncompressed(), point);
    for name in ["p256_public.pem", "p256_public.der", "p256_java_public.der"] {
        assert_eq!(public(&file(name)), Ok(point), "{name}");
    }
}

/// FORMAT.md 8: the key id is the beginning of SHA-256 of the public key's file in DER.
#[test]
fn key_id_is_of_the_spki() {
    let (key, spki) = (key(), file("p256_public.der"));
    let digest = coffre_core::derive::sha256(&spki);
    assert_eq!(key.public_key().spki_der()[..], spki);
    assert_eq!(key.public_key().digest(), digest);
    assert_eq!(key.public_key().key_id(), digest[..16]);
}

/// FORMAT.md 8: files of other kinds, algorithms and curves, each with its error.
#[test]
fn refuses_other_files() {
    for (name, expected) in [
        ("p256_public.pem", Error::BadKeyFile),
        ("p256_public.der", Error::BadKeyFile),
        ("p256_certificate.pem", Error::BadKeyFile),
        ("p256_encrypted_private.pem", Error::BadKeyFile),
        ("p256_encrypted_private.der", Error::BadKeyFile),
        ("rsa2048_pkcs1_private.pem", Error::BadKeyFile),
        ("p256_compressed_private.pem", Error::UnsupportedKey),
        ("p256_explicit_private.pem", Error::UnsupportedKey),
        ("p384_private.pem", Error::UnsupportedKey),
        ("secp256k1_private.pem", Error::UnsupportedKey),
        ("rsa2048_private.pem", Error::UnsupportedKey),
        ("ed25519_private.pem", Error::UnsupportedKey),
    ] {
        assert_eq!(private(&file(name)), Err(expected), "{name}");
    }
    for (name, expected) in [
        ("p256_private.pem", Error::BadKeyFile),
        ("p256_private.der", Error::BadKeyFile),
        ("p256_certificate.pem", Error::BadKeyFile),
        ("p256_compressed_public.pem", Error::UnsupportedKey),
        ("p256_hybrid_public.pem", Error::UnsupportedKey),
        ("p256_explicit_public.pem", Error::UnsupportedKey),
        ("p384_public.pem", Error::UnsupportedKey),
        ("secp256k1_public.pem", Error::UnsupportedKey),
        ("rsa2048_public.pem", Error::UnsupportedKey),
        ("ed25519_public.pem", Error::UnsupportedKey),
    ] {
        assert_eq!(public(&file(name)), Err(expected), "{name}");
    }
}

const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ECDH: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x01, 0x0c];
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
/// The group's order. SP 800-186 3.2.1.3.
const ORDER: &[u8] = b"\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\
    \xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";

/// A DER value.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let len = match contents.len() {
        len @ 0..=0x7f => vec![len as u8],
        len @ 0x80..=0xff => vec![0x81, len as u8],
        len => vec![0x82, (len >> 8) as u8, len as u8],
    };
    [vec![tag], len, contents].concat()
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

fn bits(tag: u8, bytes: &[u8]) -> Vec<u8> {
    tlv(tag, &[&[0], bytes])
}

/// The parts of a PKCS#8 file; a row of a table changes one.
struct Parts {
    version: Vec<u8>,
    algorithm: Vec<u8>,
    inner_version: Vec<u8>,
    scalar: Vec<u8>,
    inner_rest: Vec<u8>,
    rest: Vec<u8>,
}

fn parts() -> Parts {
    Parts {
        version: tlv(0x02, &[&[0]]),
        algorithm: sequence(&[EC, P256]),
        inner_version: tlv(0x02, &[&[1]]),
        scalar: tlv(0x04, &[key().scalar_bytes().expose()]),
        inner_rest: vec![],
        rest: vec![],
    }
}

impl Parts {
    fn with(mut self, change: impl FnOnce(&mut Parts)) -> Vec<u8> {
        change(&mut self);
        let inner = sequence(&[&self.inner_version, &self.scalar, &self.inner_rest]);
        let octets = tlv(0x04, &[&inner]);
        sequence(&[&self.version, &self.algorithm, &octets, &self.rest])
    }
}

/// RFC 5958 2, RFC 5915 3: everything optional, there or not.
#[test]
fn reads_every_optional_field() {
    let scalar = *key().scalar_bytes().expose();
    let point = key().public_key().to_uncompressed();
    let embedded = tlv(0xa1, &[&bits(0x03, &point)]);
    let parameters = tlv(0xa0, &[P256]);
    let attributes = tlv(0xa0, &[&sequence(&[&tlv(0x06, &[&[0x55, 0x1d, 0x0f]])])]);
    let v2 = tlv(0x02, &[&[1]]);
    for (what, file) in [
        ("no more than the scalar", parts().with(|_| ())),
        ("public key", parts().with(|p| p.inner_rest = embedded.clone())),
        ("parameters", parts().with(|p| p.inner_rest = parameters.clone())),
        ("both", parts().with(|p| p.inner_rest = [&parameters[..], &embedded].concat())),
        ("attributes", parts().with(|p| p.rest = attributes.clone())),
        (
            "version 2",
            parts().with(|p| {
                p.version = v2;
                p.rest = [&attributes[..], &bits(0x81, &point)].concat();
            }),
        ),
    ] {
        assert_eq!(private(&file), Ok(scalar), "{what}");
    }
}

/// FORMAT.md 8 and \[K1\]: a private key file is refused for one reason, and the error names it.
#[test]
fn private_rejects() {
    let mine = key().public_key().to_uncompressed();
    let others = PrivateKey::derive(&[1; 32]).unwrap().public_key().to_uncompressed();
    let off_curve = [&mine[..64], &[mine[64] ^ 1]].concat();
    let compressed = [&[2 | (mine[64] & 1)], &mine[1..33]].concat();
    let embedded = |point: &[u8]| tlv(0xa1, &[&bits(0x03, point)]);
    let more = tlv(0xa1, &[&bits(0x03, &mine), &[5, 0]]);
    let inner_rest = |rest: Vec<u8>| parts().with(|p| p.inner_rest = rest);
    let scalar = |scalar: &[u8]| parts().with(|p| p.scalar = tlv(0x04, &[scalar]));
    let algorithm = |values: &[&[u8]]| parts().with(|p| p.algorithm = sequence(values));
    let version = |version: &[u8]| parts().with(|p| p.version = tlv(0x02, &[version]));
    let v2 = |version: u8, point: &[u8]| {
        parts().with(|p| {
            p.version = tlv(0x02, &[&[version]]);
            p.rest = bits(0x81, point);
        })
    };
    use Error::{BadKeyFile, InvalidKey, UnsupportedKey};
    for (what, file, expected) in [
        ("[K1] scalar 0", scalar(&[0; 32]), InvalidKey),
        ("[K1] scalar n", scalar(ORDER), InvalidKey),
        ("[K1] scalar 2^256-1", scalar(&[0xff; 32]), InvalidKey),
        ("[K1] another's public key", inner_rest(embedded(&others)), InvalidKey),
        ("[K1] public key off the curve", inner_rest(embedded(&off_curve)), InvalidKey),
        ("[K1] public key is infinity", inner_rest(embedded(&[0])), InvalidKey),
        ("[K1] version 2, another's public key", v2(1, &others), InvalidKey),
        ("scalar of 31 bytes", scalar(&[1; 31]), BadKeyFile),
        ("scalar of 33 bytes", scalar(&[1; 33]), BadKeyFile),
        ("public key compressed", inner_rest(embedded(&compressed)), UnsupportedKey),
        ("public key too short", inner_rest(embedded(&mine[..64])), BadKeyFile),
        ("public key twice", inner_rest(embedded(&mine).repeat(2)), BadKeyFile),
        ("field after the public key", inner_rest(more), BadKeyFile),
        ("inner curve P-384", inner_rest(tlv(0xa0, &[P384])), UnsupportedKey),
        ("inner explicit curve", inner_rest(tlv(0xa0, &[&sequence(&[])])), UnsupportedKey),
        ("inner unknown field", inner_rest(tlv(0xa2, &[])), BadKeyFile),
        ("inner version 0", parts().with(|p| p.inner_version = tlv(2, &[&[0]])), BadKeyFile),
        ("version 2 with public key, as v1", v2(0, &mine), BadKeyFile),
        ("version 2 without public key", version(&[1]), BadKeyFile),
        ("version 3", version(&[2]), BadKeyFile),
        ("version in two bytes", version(&[0, 0]), BadKeyFile),
        ("version empty", version(&[]), BadKeyFile),
        ("unknown field", parts().with(|p| p.rest = tlv(0xa2, &[])), BadKeyFile),
        ("attributes twice", parts().with(|p| p.rest = tlv(0xa0, &[]).repeat(2)), BadKeyFile),
        ("no curve", algorithm(&[EC]), UnsupportedKey),
        ("curve NULL", algorithm(&[EC, &tlv(5, &[])]), UnsupportedKey),
        ("P-384", algorithm(&[EC, P384]), UnsupportedKey),
        ("id-ecDH", algorithm(&[ECDH, P256]), UnsupportedKey),
        ("curve as algorithm", algorithm(&[P256, EC]), UnsupportedKey),
        ("curve twice", algorithm(&[EC, P256, P256]), BadKeyFile),
        ("no algorithm", algorithm(&[]), BadKeyFile),
        ("trailing byte", [parts().with(|_| ()), vec![0]].concat(), BadKeyFile),
        ("nothing", vec![], BadKeyFile),
    ] {
        assert_eq!(private(&file), Err(expected), "{what}");
    }
}

/// FORMAT.md 8 and \[K1\]: a public key file is refused for one reason, and the error names it.
#[test]
fn public_rejects() {
    let mine = key().public_key().to_uncompressed();
    let algorithm = sequence(&[EC, P256]);
    let point = |point: &[u8]| sequence(&[&algorithm, &bits(0x03, point)]);
    let with_x = |x: &[u8]| point(&[&[4], x, &mine[33..]].concat());
    assert_eq!(public(&point(&mine)), Ok(mine));
    use Error::{BadKeyFile, InvalidKey, UnsupportedKey};
    for (what, file, expected) in [
        ("[K1] off the curve", with_x(&mine[33..]), InvalidKey),
        ("[K1] infinity", point(&[0]), InvalidKey),
        ("[K1] zeros", point(&[&[4], &[0; 64][..]].concat()), InvalidKey),
        ("[K1] coordinate above the prime", with_x(&[0xff; 32]), InvalidKey),
        ("compressed", point(&[&[2], &mine[1..33]].concat()), UnsupportedKey),
        ("hybrid", point(&[&[7], &mine[1..]].concat()), UnsupportedKey),
        ("unknown form", point(&[&[5], &mine[1..]].concat()), BadKeyFile),
        ("no point", point(&[]), BadKeyFile),
        ("point too short", point(&mine[..64]), BadKeyFile),
        ("point too long", point(&[&mine[..], &[0]].concat()), BadKeyFile),
        ("bits not whole bytes", sequence(&[&algorithm, &tlv(3, &[&[1], &mine])]), BadKeyFile),
        ("no bits", sequence(&[&algorithm, &tlv(3, &[])]), BadKeyFile),
        ("octets", sequence(&[&algorithm, &tlv(4, &[&[0], &mine])]), BadKeyFile),
        ("field after", sequence(&[&algorithm, &bits(3, &mine), &[5, 0]]), BadKeyFile),
        ("trailing byte", [point(&mine), vec![0]].concat(), BadKeyFile),
    ] {
        assert_eq!(public(&file), Err(expected), "{what}");
    }
}

/// X.690 10.1: a length is definite and in its shortest form; a tag has one byte.
#[test]
fn ber_is_refused() {
    let spki = file("p256_public.der");
    let body = &spki[2..];
    let tag_31 = [&[0x1f, 0x1f, 30][..], &[0; 30]].concat();
    let len = body.len() as u8;
    for (what, file) in [
        ("long form of a short length", [&[0x30, 0x81, len], body].concat()),
        ("two bytes for one", [&[0x30, 0x82, 0, len], body].concat()),
        ("three bytes", [&[0x30, 0x83, 0, 0, len], body].concat()),
        ("indefinite", [&[0x30, 0x80], body, &[0, 0]].concat()),
        ("tag of two bytes", sequence(&[&sequence(&[EC, &tag_31]), &spki[23..]])),
        ("length beyond the file", [&[0x30, len + 1], body].concat()),
        ("length short of the file", [&[0x30, len - 1], body].concat()),
        ("no length", vec![0x30]),
    ] {
        assert_eq!(public(&file), Err(Error::BadKeyFile), "{what}");
    }
}
