//! Keys from passwords: PBKDF2-HMAC-SHA-256 (RFC 8018 5.2) and Argon2id (RFC 9106), each where it
//! is built. Knows nothing of what costs are allowed.

use crate::error::{Error, Result};
use crate::out::Scratch;
use crate::secret::Key;

/// Size of a salt.
pub const SALT: usize = 16;
/// What may be lost of lent memory to the alignment of Argon2id's blocks.
pub(crate) const ALIGNMENT: usize = 64;

/// PBKDF2-HMAC-SHA-256: block `number` of the output, counted from 1. RFC 8018 5.2: T_i.
///
/// By hand: an iteration is two compressions, and takes hardly any stack.
///
/// # Errors
/// [`Error::NotBuilt`].
#[cfg(feature = "password")]
#[inline(never)]
pub fn pbkdf2(iterations: u32, password: &[u8], salt: &[u8], number: u32) -> Result<Key> {
    use crate::derive::Mac256;
    use zeroize::Zeroize;

    let mut mac = Mac256::of_any(password);
    let mut iterator = mac.iterator();
    mac.update(salt);
    mac.update(&number.to_be_bytes());
    let mut u = mac.finish();
    let mut key = Key::copy_of(&u);
    for _ in 1..iterations {
        iterator.step(&mut u);
        key.expose_mut().iter_mut().zip(u).for_each(|(to, from)| *to ^= from);
    }
    u.zeroize();
    Ok(key)
}

#[cfg(not(feature = "password"))]
#[allow(missing_docs)]
pub fn pbkdf2(_: u32, _: &[u8], _: &[u8], _: u32) -> Result<Key> {
    Err(Error::NotBuilt)
}

/// Argon2id, version 0x13, with memory in KiB, passes and lanes, in lent memory: 32 bytes.
///
/// # Errors
/// [`Error::InvalidArgument`]: a cost outside RFC 9106 3.1. [`Error::WorkspaceTooSmall`].
/// [`Error::NotBuilt`].
#[cfg(feature = "argon2")]
#[inline(never)]
pub fn argon2id(
    [memory, passes, lanes]: [u32; 3],
    password: &[u8],
    salt: &[u8],
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
#[allow(missing_docs)]
pub fn argon2id(_: [u32; 3], _: &[u8], _: &[u8], _: Scratch) -> Result<Key> {
    Err(Error::NotBuilt)
}

#[cfg(all(test, feature = "password"))]
mod tests {
    use super::*;

    /// Crate pbkdf2 says the same for passwords of every length around HMAC's block.
    #[test]
    fn pbkdf2_as_the_crate() {
        let bytes: [u8; 200] = core::array::from_fn(|i| (i * 7) as u8);
        for len in 0..bytes.len() {
            for iterations in [1, 2, 3, 50] {
                let (password, salt) = (&bytes[..len], [len as u8; SALT]);
                let mut expected = [0; 32];
                pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, &salt, iterations, &mut expected);
                let key = super::pbkdf2(iterations, password, &salt, 1).unwrap();
                assert_eq!(*key.expose(), expected);
            }
        }
    }
}
