//! Keys from passwords: PBKDF2-HMAC-SHA-256 (RFC 8018 5.2) and Argon2id (RFC 9106), each where it
//! is built. Knows nothing of what costs are allowed.

use crate::error::{Error, Result};
use crate::out::Scratch;
use crate::secret::Key;

/// Size of a salt.
pub const SALT: usize = 16;
/// What may be lost of lent memory to the alignment of Argon2id's blocks.
pub(crate) const ALIGNMENT: usize = 64;

/// PBKDF2-HMAC-SHA-256.
///
/// # Errors
/// [`Error::NotBuilt`].
#[cfg(feature = "password")]
pub(crate) fn pbkdf2(iterations: u32, password: &[u8], salt: &[u8; SALT]) -> Result<Key> {
    let mut key = Key::zero();
    pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, iterations, key.expose_mut());
    Ok(key)
}

#[cfg(not(feature = "password"))]
pub(crate) fn pbkdf2(_: u32, _: &[u8], _: &[u8; SALT]) -> Result<Key> {
    Err(Error::NotBuilt)
}

/// Argon2id, version 0x13, with memory in KiB, passes and lanes, in lent memory.
///
/// # Errors
/// [`Error::InvalidArgument`]: a cost outside RFC 9106 3.1. [`Error::WorkspaceTooSmall`].
/// [`Error::NotBuilt`].
#[cfg(feature = "argon2")]
pub(crate) fn argon2id(
    [memory, passes, lanes]: [u32; 3],
    password: &[u8],
    salt: &[u8; SALT],
    workspace: Scratch,
) -> Result<Key> {
    use crate::argon2id::{Block, Cost, derive};
    const { assert!(align_of::<Block>() <= ALIGNMENT && size_of::<Block>() == 1024) };

    let cost = Cost { memory, passes, lanes };
    let blocks =
        crate::out::values::<Block>(workspace, cost.blocks()).ok_or(Error::WorkspaceTooSmall)?;
    let derived = derive(cost, password, salt, blocks);
    // The last blocks give the key to whoever reads them.
    blocks.fill(Block::default());
    derived
}

#[cfg(not(feature = "argon2"))]
pub(crate) fn argon2id(_: [u32; 3], _: &[u8], _: &[u8; SALT], _: Scratch) -> Result<Key> {
    Err(Error::NotBuilt)
}
