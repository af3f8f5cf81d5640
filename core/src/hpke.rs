//! A key to a P-256 public key: HPKE (RFC 9180), base mode, single shot, one suite.
//!
//! DHKEM(P-256, HKDF-SHA256) 0x0010, HKDF-SHA256 0x0001, AES-256-GCM 0x0002. Read from below: the
//! KEM gives a shared secret, the key schedule a [`Context`], the context's nonce 0 seals the one
//! message. Additional data is always empty. What `info` binds is the caller's matter (FORMAT.md 2,
//! label `coffre/v2/hpke`).

use crate::aead::{Engine, NONCE, TAG};
use crate::error::{Error, Result};
use crate::hpke_kdf::{self, labeled_expand, labeled_extract};
use crate::keypair::{POINT, PrivateKey, PublicKey, SCALAR};
use crate::secret::{Key, Secret};

/// Size of an encapsulated key, which is an uncompressed point. RFC 9180 7.1: Nenc.
pub const ENC: usize = POINT;
/// Size of a sealed key: 32 bytes and the tag.
pub const CIPHERTEXT: usize = 32 + TAG;

const _: () = assert!(ENC == 65 && CIPHERTEXT == 48, "FORMAT.md 4, stanza type 2");

/// RFC 9180 5: mode_base.
const MODE_BASE: u8 = 0;

/// A key, sealed to a public key.
pub struct Sealed {
    /// The encapsulated key: the ephemeral public key.
    pub enc: [u8; ENC],
    /// The key's ciphertext and its tag.
    pub ciphertext: [u8; CIPHERTEXT],
}

/// Seals `key` to `recipient`. RFC 9180 6.1, FORMAT.md 4.
///
/// `ephemeral` MUST be fresh, and wiped after the call: with it the key can be opened. `info` is
/// the concatenation of its parts.
///
/// ```text
/// def Seal<MODE>(pkR, info, aad, pt, ...):
///   enc, ctx = Setup<MODE>S(pkR, info, ...)
///   ct = ctx.Seal(aad, pt)
///   return enc, ct
/// ```
pub fn seal_key(
    engine: Engine,
    recipient: &PublicKey,
    ephemeral: &PrivateKey,
    info: &[&[u8]],
    key: &Key,
) -> Result<Sealed> {
    let (shared_secret, enc) = encap(recipient, ephemeral);
    let context = key_schedule(&shared_secret, info);
    let mut plain = key.clone();
    let tag =
        engine.without_caller().key(&context.key).seal(&context.nonce(0), plain.expose_mut())?;
    let mut ciphertext = [0; CIPHERTEXT];
    ciphertext[..32].copy_from_slice(plain.expose());
    ciphertext[32..].copy_from_slice(&tag);
    Ok(Sealed { enc, ciphertext })
}

/// Opens what [`seal_key`] made. RFC 9180 6.1.
///
/// ```text
/// def Open<MODE>(enc, skR, info, aad, ct, ...):
///   ctx = Setup<MODE>R(enc, skR, info, ...)
///   return ctx.Open(aad, ct)
/// ```
///
/// # Errors
/// [`Error::NotAuthentic`]: another key's, another `info`, or altered bytes; an `enc` that is no
/// valid point is one of them, so that nothing distinguishes the ways in which a record is forged.
pub fn open_key(
    engine: Engine,
    private: &PrivateKey,
    enc: &[u8; ENC],
    info: &[&[u8]],
    ciphertext: &[u8; CIPHERTEXT],
) -> Result<Key> {
    open_with(engine, &decap(private, enc)?, info, ciphertext)
}

/// As [`open_key`], for a private key that lives elsewhere and gave the raw Diffie-Hellman result
/// `z` with `enc`; `own` is its public half.
///
/// # Errors
/// [`Error::NotAuthentic`]: as [`open_key`], or `z` is another key's.
pub fn open_key_with_z(
    engine: Engine,
    own: &PublicKey,
    z: &Secret<SCALAR>,
    enc: &[u8; ENC],
    info: &[&[u8]],
    ciphertext: &[u8; CIPHERTEXT],
) -> Result<Key> {
    open_with(engine, &decap_with_z(enc, z, own)?, info, ciphertext)
}

/// Makes a shared secret and what its recipient needs to find it. RFC 9180 4.1.
///
/// ```text
/// def Encap(pkR):
///   skE, pkE = GenerateKeyPair()
///   dh = DH(skE, pkR)
///   enc = SerializePublicKey(pkE)
///   pkRm = SerializePublicKey(pkR)
///   kem_context = concat(enc, pkRm)
///   shared_secret = ExtractAndExpand(dh, kem_context)
///   return shared_secret, enc
/// ```
pub fn encap(recipient: &PublicKey, ephemeral: &PrivateKey) -> (Key, [u8; ENC]) {
    let dh = ephemeral.diffie_hellman(recipient);
    let enc = ephemeral.public_key().to_uncompressed();
    (extract_and_expand(&dh, &enc, recipient), enc)
}

/// Finds the shared secret. RFC 9180 4.1.
///
/// ```text
/// def Decap(enc, skR):
///   pkE = DeserializePublicKey(enc)
///   dh = DH(skR, pkE)
///   pkRm = SerializePublicKey(pk(skR))
///   kem_context = concat(enc, pkRm)
///   shared_secret = ExtractAndExpand(dh, kem_context)
///   return shared_secret
/// ```
///
/// # Errors
/// [`Error::NotAuthentic`]: `enc` is no valid point.
pub fn decap(private: &PrivateKey, enc: &[u8; ENC]) -> Result<Key> {
    let ephemeral = PublicKey::from_uncompressed(enc).map_err(|_| Error::NotAuthentic)?;
    let dh = private.diffie_hellman(&ephemeral);
    Ok(extract_and_expand(&dh, enc, private.public_key()))
}

/// The second half of [`decap`], for `z` from a token; `own` is the public half of the token's key.
///
/// # Errors
/// [`Error::NotAuthentic`]: `enc` is no valid point, whatever the token thought of it.
pub fn decap_with_z(enc: &[u8; ENC], z: &Secret<SCALAR>, own: &PublicKey) -> Result<Key> {
    PublicKey::from_uncompressed(enc).map_err(|_| Error::NotAuthentic)?;
    Ok(extract_and_expand(z, enc, own))
}

/// What both sides share after the key schedule. RFC 9180 5.1.
pub struct Context {
    /// Key of the AEAD.
    pub key: Key,
    /// Nonce of message 0.
    pub base_nonce: Secret<NONCE>,
    /// Secret from which others can be exported; Coffre exports none.
    pub exporter_secret: Key,
}

/// Derives the context from a shared secret; `info` is the concatenation of its parts. RFC 9180
/// 5.1.
///
/// ```text
/// def KeySchedule<ROLE>(mode, shared_secret, info, psk, psk_id):
///   VerifyPSKInputs(mode, psk, psk_id)
///   psk_id_hash = LabeledExtract("", "psk_id_hash", psk_id)
///   info_hash = LabeledExtract("", "info_hash", info)
///   key_schedule_context = concat(mode, psk_id_hash, info_hash)
///   secret = LabeledExtract(shared_secret, "secret", psk)
///   key = LabeledExpand(secret, "key", key_schedule_context, Nk)
///   base_nonce = LabeledExpand(secret, "base_nonce", key_schedule_context, Nn)
///   exporter_secret = LabeledExpand(secret, "exp", key_schedule_context, Nh)
///   return Context<ROLE>(key, base_nonce, 0, exporter_secret)
/// ```
/// In base mode psk and psk_id are empty.
pub fn key_schedule(shared_secret: &Key, info: &[&[u8]]) -> Context {
    const SUITE: hpke_kdf::Suite = hpke_kdf::HPKE;
    let psk_id_hash = labeled_extract(SUITE, None, b"psk_id_hash", &[]);
    let info_hash = labeled_extract(SUITE, None, b"info_hash", info);
    let context: [&[u8]; 3] = [&[MODE_BASE], psk_id_hash.expose(), info_hash.expose()];
    let secret = labeled_extract(SUITE, Some(shared_secret), b"secret", &[]);
    Context {
        key: labeled_expand(SUITE, &secret, b"key", &context),
        base_nonce: labeled_expand(SUITE, &secret, b"base_nonce", &context),
        exporter_secret: labeled_expand(SUITE, &secret, b"exp", &context),
    }
}

impl Context {
    /// The nonce of message `seq`. RFC 9180 5.2.
    ///
    /// ```text
    /// def Context<ROLE>.ComputeNonce(seq):
    ///   seq_bytes = I2OSP(seq, Nn)
    ///   return xor(self.base_nonce, seq_bytes)
    /// ```
    pub fn nonce(&self, seq: u64) -> [u8; NONCE] {
        let mut nonce = *self.base_nonce.expose();
        for (byte, s) in nonce[NONCE - 8..].iter_mut().zip(seq.to_be_bytes()) {
            *byte ^= s;
        }
        nonce
    }
}

/// RFC 9180 4.1; `kem_context` is `enc || pkRm`.
///
/// ```text
/// def ExtractAndExpand(dh, kem_context):
///   eae_prk = LabeledExtract("", "eae_prk", dh)
///   shared_secret = LabeledExpand(eae_prk, "shared_secret", kem_context, Nsecret)
///   return shared_secret
/// ```
fn extract_and_expand(dh: &Secret<SCALAR>, enc: &[u8; ENC], recipient: &PublicKey) -> Key {
    let eae_prk = labeled_extract(hpke_kdf::KEM, None, b"eae_prk", &[dh.expose()]);
    let kem_context: [&[u8]; 2] = [enc, &recipient.to_uncompressed()];
    labeled_expand(hpke_kdf::KEM, &eae_prk, b"shared_secret", &kem_context)
}

/// The receiver's key schedule and `ContextR.Open` of message 0.
fn open_with(
    engine: Engine,
    shared_secret: &Key,
    info: &[&[u8]],
    ciphertext: &[u8; CIPHERTEXT],
) -> Result<Key> {
    let context = key_schedule(shared_secret, info);
    let (body, tag) = ciphertext.split_first_chunk::<32>().ok_or(Error::NotAuthentic)?;
    let tag = tag.try_into().map_err(|_| Error::NotAuthentic)?;
    let mut key = Key::copy_of(body);
    engine.without_caller().key(&context.key).open(&context.nonce(0), key.expose_mut(), tag)?;
    Ok(key)
}
