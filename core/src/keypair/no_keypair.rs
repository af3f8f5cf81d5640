//! P-256 keys in a build without them: types that have no value. Functions that would make one are
//! refused; what would use one is never compiled.

use crate::error::{Error, Result};
use crate::random::{Random, RandomSource};
use crate::secret::Secret;

/// Size of a private scalar.
pub const SCALAR: usize = 32;
/// Size of an uncompressed point.
pub const POINT: usize = 1 + 2 * SCALAR;
/// Size of a public key as SPKI in DER.
pub const SPKI: usize = 26 + POINT;
/// Size of a key id.
pub const KEY_ID: usize = 16;

/// There is none.
pub enum PrivateKey {}

/// There is none.
#[derive(Clone, PartialEq, Eq)]
pub enum PublicKey {}

#[allow(missing_docs)]
impl PrivateKey {
    pub fn from_scalar_bytes(_: &[u8; SCALAR]) -> Result<Self> {
        Err(Error::NotBuilt)
    }

    pub fn derive(_: &[u8]) -> Result<Self> {
        Err(Error::NotBuilt)
    }

    pub fn generate<S: RandomSource>(_: &mut Random<S>, _: &[&[u8]]) -> Result<Self> {
        Err(Error::NotBuilt)
    }

    pub fn public_key(&self) -> &PublicKey {
        match *self {}
    }

    pub fn scalar_bytes(&self) -> Secret<SCALAR> {
        match *self {}
    }

    pub fn diffie_hellman(&self, _: &PublicKey) -> Secret<SCALAR> {
        match *self {}
    }
}

#[allow(missing_docs)]
impl PublicKey {
    pub fn from_uncompressed(_: &[u8]) -> Result<Self> {
        Err(Error::NotBuilt)
    }

    pub fn to_uncompressed(&self) -> [u8; POINT] {
        match *self {}
    }

    pub fn spki_der(&self) -> [u8; SPKI] {
        match *self {}
    }

    pub fn digest(&self) -> [u8; 32] {
        match *self {}
    }

    pub fn key_id(&self) -> [u8; KEY_ID] {
        match *self {}
    }
}
