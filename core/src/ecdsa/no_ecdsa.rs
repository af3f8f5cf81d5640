//! ECDSA in a build without P-256: there is no key to sign with or to verify by.

use crate::error::{Error, Result};
use crate::keypair::{PrivateKey, PublicKey, SCALAR};
use crate::out::Out;

/// Size of a signature.
pub const SIGNATURE: usize = 2 * SCALAR;
/// The largest size of a signature in DER.
pub const SIGNATURE_DER: usize = 2 + 2 * (2 + 1 + SCALAR);

/// There is no key.
pub fn sign(key: &PrivateKey, _: &[u8]) -> [u8; SIGNATURE] {
    match *key {}
}

/// There is no key.
#[must_use]
pub fn verify(key: &PublicKey, _: &[u8], _: &[u8; SIGNATURE]) -> bool {
    match *key {}
}

/// Writes none.
///
/// # Errors
/// [`Error::NotBuilt`].
pub fn write_der(_: &[u8; SIGNATURE], _: &mut Out) -> Result<()> {
    Err(Error::NotBuilt)
}
