//! Origin keys: who made a restore point (FORMAT.md 6.1).
//!
//! P-256 keys in the same files as recipients', but of types of their own, so that neither is taken
//! for the other in a program. That no key is both is checked where the recipients are known,
//! `origin.rs`.

use crate::ecdsa::{self, SIGNATURE};
use crate::error::Result;
use crate::key_file::{self, Form};
use crate::keypair::{PrivateKey, PublicKey};
use crate::object::Id;
use crate::out::Out;
use crate::random::{Random, RandomSource};

/// What an origin key's generation is hedged with.
const HEDGE: &[u8] = b"origin key";

/// The key that signs; wiped on drop.
pub struct OriginKey(PrivateKey);

/// The key that verifies.
#[derive(Clone, PartialEq, Eq)]
pub struct OriginPublic(PublicKey);

impl OriginKey {
    /// Takes a private key for an origin key.
    pub fn new(key: PrivateKey) -> Self {
        OriginKey(key)
    }

    /// A fresh key.
    ///
    /// # Errors
    /// Those of [`Random::draw`].
    pub fn generate<S: RandomSource>(random: &mut Random<S>) -> Result<Self> {
        PrivateKey::generate(random, &[HEDGE]).map(OriginKey)
    }

    /// Reads a private key file; `file` stays the caller's to wipe.
    ///
    /// # Errors
    /// Those of [`key_file::read_private`].
    pub fn read(file: &[u8]) -> Result<Self> {
        key_file::read_private(file).map(OriginKey)
    }

    /// Writes the key as PKCS#8, [`key_file::PRIVATE_PEM`] or [`key_file::PRIVATE_DER`] bytes.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`](crate::error::Error::BufferTooSmall): nothing was written.
    pub fn write(&self, form: Form, out: &mut Out) -> Result<()> {
        key_file::write_private(&self.0, form, out)
    }

    /// The half that verifies.
    pub fn public(&self) -> OriginPublic {
        OriginPublic(self.0.public_key().clone())
    }

    /// The key id (FORMAT.md 8.1).
    pub fn key_id(&self) -> Id {
        self.0.public_key().key_id()
    }

    /// Signs `message`, the same way each time. RFC 6979.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE] {
        ecdsa::sign(&self.0, message)
    }
}

impl OriginPublic {
    /// Takes a public key for an origin key.
    pub fn new(key: PublicKey) -> Self {
        OriginPublic(key)
    }

    /// Reads a public key file.
    ///
    /// # Errors
    /// Those of [`key_file::read_public`].
    pub fn read(file: &[u8]) -> Result<Self> {
        key_file::read_public(file).map(OriginPublic)
    }

    /// Writes the key as SPKI, [`key_file::PUBLIC_PEM`] or [`key_file::PUBLIC_DER`] bytes.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`](crate::error::Error::BufferTooSmall): nothing was written.
    pub fn write(&self, form: Form, out: &mut Out) -> Result<()> {
        key_file::write_public(&self.0, form, out)
    }

    /// The key id (FORMAT.md 8.1).
    pub fn key_id(&self) -> Id {
        self.0.key_id()
    }

    /// SHA-256 of the SPKI: what a person compares before trusting the key.
    pub fn digest(&self) -> [u8; 32] {
        self.0.digest()
    }

    /// Whether `signature` is this key's for `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE]) -> bool {
        ecdsa::verify(&self.0, message, signature)
    }
}
