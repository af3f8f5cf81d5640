//! Origin keys and their files, and what an operator's own tools get of a signature.

#![cfg(all(feature = "seal", feature = "public-key"))]

mod common;

use coffre_core::derive::sha256;
use coffre_core::ecdsa;
use coffre_core::error::Error;
use coffre_core::key_file::{self, Form};
use coffre_core::keypair::PrivateKey;
use coffre_core::origin::OriginSignature;
use coffre_core::origin_key::{OriginKey, OriginPublic};
use coffre_core::out::Out;
use common::*;

fn pair() -> PrivateKey {
    PrivateKey::derive(b"a pair").unwrap()
}

fn written(write: impl FnOnce(&mut Out) -> coffre_core::error::Result<()>) -> Vec<u8> {
    let mut space = [0; key_file::PRIVATE_PEM];
    let mut out = Out::new(&mut space);
    write(&mut out).unwrap();
    out.written().to_vec()
}

/// FORMAT.md 8.1: the files and ids are those of any P-256 key.
#[test]
fn files_and_ids() {
    let key = OriginKey::new(pair());
    let public = key.public();
    assert_eq!(key.key_id(), pair().public_key().key_id());
    assert_eq!(public.key_id(), key.key_id());
    assert_eq!(public.digest(), sha256(&pair().public_key().spki_der()));
    for form in [Form::Pem, Form::Der] {
        let file = written(|out| key.write(form, out));
        assert_eq!(file, written(|out| key_file::write_private(&pair(), form, out)));
        assert_eq!(OriginKey::read(&file).unwrap().key_id(), key.key_id());
        assert_eq!(OriginPublic::read(&file).err(), Some(Error::BadKeyFile));
        let file = written(|out| public.write(form, out));
        assert_eq!(file, written(|out| key_file::write_public(pair().public_key(), form, out)));
        assert!(OriginPublic::read(&file).unwrap() == public);
        assert_eq!(OriginKey::read(&file).err(), Some(Error::BadKeyFile));
        assert_eq!(public.write(form, &mut Out::new(&mut [])), Err(Error::BufferTooSmall));
        assert_eq!(key.write(form, &mut Out::new(&mut [])), Err(Error::BufferTooSmall));
    }
    assert!(OriginPublic::new(pair().public_key().clone()) == public);
}

/// A fresh key is another than a recipient's of the same random bytes, and signs.
#[test]
fn generated() {
    let key = OriginKey::generate(&mut random(1)).unwrap();
    let pair = PrivateKey::generate(&mut random(1), &[b"key pair"]).unwrap();
    assert_ne!(key.key_id(), pair.public_key().key_id());
    assert_eq!(key.key_id(), OriginKey::generate(&mut random(1)).unwrap().key_id());
    assert_ne!(key.key_id(), OriginKey::generate(&mut random(2)).unwrap().key_id());
    let signature = key.sign(b"message");
    assert!(key.public().verify(b"message", &signature));
    assert!(!key.public().verify(b"massage", &signature));
    assert_eq!(OriginKey::generate(&mut failing_after(0)).err(), Some(Error::Random));
}

/// FORMAT.md 6.1: the 80 bytes that are signed, and the signature in DER.
#[test]
fn exported() {
    let mut object = OriginSignature {
        instance_id: id("instance"),
        restore_point_id: id("point"),
        key_id: OriginKey::new(pair()).key_id(),
        manifest_digest: [9; 32],
        signature: [0; 64],
    };
    let message = [&b"coffre/v2/origin"[..], &id("instance"), &id("point"), &[9; 32]].concat();
    assert_eq!(object.message()[..], message);
    object.signature = OriginKey::new(pair()).sign(&message);
    let read = OriginSignature::parse(&object.to_bytes()).unwrap();
    assert_eq!(read, object);
    let mut expected = [0; ecdsa::SIGNATURE_DER];
    let mut out = Out::new(&mut expected);
    ecdsa::write_der(&object.signature, &mut out).unwrap();
    assert_eq!(written(|out| read.write_der(out)), out.written());
}
