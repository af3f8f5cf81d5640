//! HPKE against the vectors published with RFC 9180 and against crate `hpke`, both ways.

#![cfg(all(feature = "seal", feature = "public-key"))]

use std::convert::Infallible;

use ::hpke::aead::AesGcm256;
use ::hpke::kdf::HkdfSha256;
use ::hpke::kem::DhP256HkdfSha256;
use ::hpke::rand_core::{TryCryptoRng, TryRng};
use ::hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use coffre_core::aead::Engine;
use coffre_core::error::{Error, Result};
use coffre_core::hpke::{self as ours, Context};
use coffre_core::hpke_kdf::{self, labeled_expand};
use coffre_core::keypair::{PrivateKey, PublicKey};
use coffre_core::random::{Random, RandomSource};
use coffre_core::secret::Key;
use serde_json::Value;

const VECTORS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/vectors/hpke/rfc9180_base_p256_sha256_aes256gcm.json"
));

fn vectors() -> Vec<Value> {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 1);
    vectors
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    hex(value).try_into().unwrap()
}

fn keys(vector: &Value) -> (PrivateKey, PrivateKey) {
    let derive = |ikm: &str| PrivateKey::derive(&hex(&vector[ikm])).unwrap();
    (derive("ikmE"), derive("ikmR"))
}

fn context(vector: &Value) -> Context {
    ours::key_schedule(&Key::copy_of(&array(&vector["shared_secret"])), &[&hex(&vector["info"])])
}

/// RFC 9180 7.1.3: DeriveKeyPair, both keys of each vector.
#[test]
fn rfc9180_key_pairs() {
    for vector in vectors() {
        let (ephemeral, recipient) = keys(&vector);
        for (key, private, public) in [(ephemeral, "skEm", "pkEm"), (recipient, "skRm", "pkRm")] {
            assert_eq!(key.scalar_bytes().expose()[..], hex(&vector[private]));
            assert_eq!(key.public_key().to_uncompressed()[..], hex(&vector[public]));
            let again = PrivateKey::from_scalar_bytes(&array(&vector[private])).unwrap();
            assert!(again.public_key() == key.public_key());
        }
    }
}

/// RFC 9180 4.1: Encap and Decap, the latter in one piece and with a Z from elsewhere.
#[test]
fn rfc9180_kem() {
    for vector in vectors() {
        let (ephemeral, recipient) = keys(&vector);
        let shared_secret = hex(&vector["shared_secret"]);
        let (ours, enc) = ours::encap(recipient.public_key(), &ephemeral);
        assert_eq!(ours.expose()[..], shared_secret);
        assert_eq!(enc[..], hex(&vector["enc"]));
        assert_eq!(ours::decap(&recipient, &enc).unwrap().expose()[..], shared_secret);
        let z = recipient.diffie_hellman(&PublicKey::from_uncompressed(&enc).unwrap());
        let decapped = ours::decap_with_z(&enc, &z, recipient.public_key()).unwrap();
        assert_eq!(decapped.expose()[..], shared_secret);
    }
}

/// RFC 9180 5.1: the key schedule; `info` may come in parts.
#[test]
fn rfc9180_key_schedule() {
    for vector in vectors() {
        let info = hex(&vector["info"]);
        let shared_secret = Key::copy_of(&array(&vector["shared_secret"]));
        let parts: &[&[u8]] = &[&info[..3], &[], &info[3..]];
        for info in [&[&info[..]][..], parts] {
            let context = ours::key_schedule(&shared_secret, info);
            assert_eq!(context.key.expose()[..], hex(&vector["key"]));
            assert_eq!(context.base_nonce.expose()[..], hex(&vector["base_nonce"]));
            assert_eq!(context.exporter_secret.expose()[..], hex(&vector["exporter_secret"]));
        }
    }
}

/// RFC 9180 5.2: nonces and ciphertexts. The additional data tells the sequence number.
#[test]
fn rfc9180_encryptions() {
    for vector in vectors() {
        let context = context(&vector);
        let aead = Aes256Gcm::new(context.key.expose().into());
        let encryptions = vector["encryptions"].as_array().unwrap();
        assert!(encryptions.len() >= 10);
        for encryption in encryptions {
            let aad = hex(&encryption["aad"]);
            let seq = std::str::from_utf8(&aad).unwrap().strip_prefix("Count-").unwrap();
            let nonce = context.nonce(seq.parse().unwrap());
            assert_eq!(nonce[..], hex(&encryption["nonce"]));
            let mut data = hex(&encryption["pt"]);
            let sealed = aead.encrypt_inout_detached(&nonce.into(), &aad, data[..].as_mut().into());
            data.extend(sealed.unwrap());
            assert_eq!(data, hex(&encryption["ct"]));
        }
    }
}

/// RFC 9180 5.3: exported values, `LabeledExpand(exporter_secret, "sec", exporter_context, L)`.
#[test]
fn rfc9180_exports() {
    for vector in vectors() {
        let secret = context(&vector).exporter_secret;
        let exports = vector["exports"].as_array().unwrap();
        assert!(!exports.is_empty());
        for export in exports {
            assert_eq!(export["L"], 32);
            let exporter_context = hex(&export["exporter_context"]);
            let value: Key = labeled_expand(hpke_kdf::HPKE, &secret, b"sec", &[&exporter_context]);
            assert_eq!(value.expose()[..], hex(&export["exported_value"]));
        }
    }
}

/// RFC 9180 5.2: the sequence number is big-endian, in the nonce's last bytes.
#[test]
fn nonce_takes_large_sequence_numbers() {
    let context = ours::key_schedule(&Key::zero(), &[]);
    let (zero, large) = (context.nonce(0), context.nonce(0x0102_0304_0506_0708));
    assert_eq!(&zero, context.base_nonce.expose());
    let difference: Vec<u8> = zero.iter().zip(large).map(|(a, b)| a ^ b).collect();
    assert_eq!(difference, [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
}

/// A repeatable stream of bytes, of no cryptographic worth.
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0 ^ (self.0 >> 29)
    }
}

impl TryRng for Stream {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
        Ok(self.next() as u32)
    }
    fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
        Ok(self.next())
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> std::result::Result<(), Infallible> {
        out.iter_mut().for_each(|byte| *byte = (self.next() >> 32) as u8);
        Ok(())
    }
}

impl TryCryptoRng for Stream {}

impl RandomSource for Stream {
    fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        self.try_fill_bytes(out).map_err(|_| Error::Random)
    }
}

type Peer = DhP256HkdfSha256;
const INFO: &[&[u8]] = &[b"coffre/v2/hpke", &[4], &[7; 16], &[9; 16]];

fn fresh(random: &mut Random<Stream>) -> PrivateKey {
    PrivateKey::generate(random, &[b"test"]).unwrap()
}

/// What we seal, crate `hpke` opens.
#[test]
fn peer_opens_ours() {
    let mut random = Random::new(Stream(1));
    for engine in Engine::available() {
        for round in 0..8 {
            let (recipient, ephemeral) = (fresh(&mut random), fresh(&mut random));
            let key = Key::copy_of(&[round; 32]);
            let sealed =
                ours::seal_key(engine, recipient.public_key(), &ephemeral, INFO, &key).unwrap();
            let opened = ::hpke::single_shot_open::<AesGcm256, HkdfSha256, Peer>(
                &OpModeR::Base,
                &Deserializable::from_bytes(recipient.scalar_bytes().expose()).unwrap(),
                &Deserializable::from_bytes(&sealed.enc).unwrap(),
                &INFO.concat(),
                &sealed.ciphertext,
                b"",
            );
            assert_eq!(opened.unwrap(), key.expose());
        }
    }
}

/// What crate `hpke` seals, we open; and both derive the same key pairs.
#[test]
fn we_open_the_peers() {
    let mut stream = Stream(2);
    for engine in Engine::available() {
        for round in 0..8 {
            let ikm = [round; 32];
            let recipient = PrivateKey::derive(&ikm).unwrap();
            let (private, public) = Peer::derive_keypair(&ikm);
            assert_eq!(private.to_bytes()[..], recipient.scalar_bytes().expose()[..]);
            let (enc, ciphertext) =
                ::hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Peer>(
                    &OpModeS::Base,
                    &public,
                    &INFO.concat(),
                    &[round; 32],
                    b"",
                    &mut stream,
                )
                .unwrap();
            let enc = enc.to_bytes().as_slice().try_into().unwrap();
            let ciphertext = ciphertext.try_into().unwrap();
            let opened = ours::open_key(engine, &recipient, &enc, INFO, &ciphertext);
            assert_eq!(opened.unwrap().expose(), &[round; 32]);
        }
    }
}

/// FORMAT.md 4, stanza type 2: every way of not opening is *not authentic*.
#[test]
fn open_refuses() {
    let engine = Engine::detect();
    let mut random = Random::new(Stream(3));
    let (recipient, other) = (fresh(&mut random), fresh(&mut random));
    let key = Key::copy_of(&[5; 32]);
    let sealed =
        ours::seal_key(engine, recipient.public_key(), &fresh(&mut random), INFO, &key).unwrap();
    let open = |private: &PrivateKey, enc: &[u8; 65], info: &[&[u8]], ciphertext: &[u8; 48]| {
        let z = PublicKey::from_uncompressed(enc).map(|peer| private.diffie_hellman(&peer));
        let z = z.unwrap_or(Key::copy_of(&[1; 32]));
        let with_z = ours::open_key_with_z(engine, private.public_key(), &z, enc, info, ciphertext);
        let opened = ours::open_key(engine, private, enc, info, ciphertext);
        let with_z = with_z.map(|key| *key.expose());
        assert_eq!(opened.map(|key| *key.expose()), with_z);
        with_z
    };
    assert_eq!(open(&recipient, &sealed.enc, INFO, &sealed.ciphertext), Ok([5; 32]));
    let refused = Err(Error::NotAuthentic);
    assert_eq!(open(&other, &sealed.enc, INFO, &sealed.ciphertext), refused, "another's");
    assert_eq!(open(&recipient, &sealed.enc, &INFO[..3], &sealed.ciphertext), refused, "info");
    assert_eq!(open(&recipient, &[0; 65], INFO, &sealed.ciphertext), refused, "infinity");
    let own = recipient.public_key().to_uncompressed();
    assert_eq!(open(&recipient, &own, INFO, &sealed.ciphertext), refused, "another enc");
    for bit in 0..65 * 8 {
        let mut enc = sealed.enc;
        enc[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(&recipient, &enc, INFO, &sealed.ciphertext), refused, "enc bit {bit}");
    }
    for bit in 0..48 * 8 {
        let mut ciphertext = sealed.ciphertext;
        ciphertext[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(&recipient, &sealed.enc, INFO, &ciphertext), refused, "ct bit {bit}");
    }
    let wrong_z = Key::copy_of(&[1; 32]);
    let public = recipient.public_key();
    let invalid = [4; 65];
    assert_eq!(ours::decap(&recipient, &invalid).err(), Some(Error::NotAuthentic));
    let decapped = ours::decap_with_z(&invalid, &wrong_z, public);
    assert_eq!(decapped.err(), Some(Error::NotAuthentic), "a token that checks no point");
    let opened =
        ours::open_key_with_z(engine, public, &wrong_z, &sealed.enc, INFO, &sealed.ciphertext);
    assert_eq!(opened.err(), Some(Error::NotAuthentic), "a token of another key");
}

/// The source's failures stop the making of a key; the hedge makes different keys of equal draws.
#[test]
fn generate_watches_its_source() {
    struct Stuck(u8);
    impl RandomSource for Stuck {
        fn fill(&mut self, out: &mut [u8]) -> Result<()> {
            out.fill(self.0);
            out[0] = 1;
            Ok(())
        }
    }
    let constant = PrivateKey::generate(&mut Random::new(Stuck(1)), &[]);
    assert_eq!(constant.err(), Some(Error::Random));
    let mut stuck = Random::new(Stuck(2));
    let first = PrivateKey::generate(&mut stuck, &[b"here"]).unwrap();
    let repeat = PrivateKey::generate(&mut stuck, &[b"there"]);
    assert_eq!(repeat.err(), Some(Error::RandomRepeated));
    let cloned = PrivateKey::generate(&mut Random::new(Stuck(2)), &[b"there"]).unwrap();
    assert!(first.public_key() != cloned.public_key());
}
