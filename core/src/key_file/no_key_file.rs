//! Key files in a build without P-256: none is read, and there is no key to write.

use crate::error::{Error, Result};
use crate::keypair::{PrivateKey, PublicKey, SPKI};
use crate::out::Out;

/// The longest key file that is looked at.
pub const FILE: usize = 4096;
/// Size of a written private key in DER.
pub const PRIVATE_DER: usize = 138;
/// Size of a written private key in PEM.
pub const PRIVATE_PEM: usize = 241;
/// Size of a written public key in DER.
pub const PUBLIC_DER: usize = SPKI;
/// Size of a written public key in PEM.
pub const PUBLIC_PEM: usize = 178;

/// How a key file is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// RFC 7468.
    Pem,
    /// The bytes themselves.
    Der,
}

/// Reads none.
///
/// # Errors
/// [`Error::NotBuilt`].
pub fn read_private(_: &[u8]) -> Result<PrivateKey> {
    Err(Error::NotBuilt)
}

/// Reads none.
///
/// # Errors
/// [`Error::NotBuilt`].
pub fn read_public(_: &[u8]) -> Result<PublicKey> {
    Err(Error::NotBuilt)
}

/// There is no key to write.
pub fn write_private(key: &PrivateKey, _: Form, _: &mut Out) -> Result<()> {
    match *key {}
}

/// There is no key to write.
pub fn write_public(key: &PublicKey, _: Form, _: &mut Out) -> Result<()> {
    match *key {}
}
