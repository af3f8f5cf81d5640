//! HMAC-SHA-512 (RFC 2104, FIPS 180-4) under a key that is used often: its two pads are hashed
//! once, which is two of the five compressions of a short message.
//!
//! Crate hmac can do that too, but what it keeps for it has four times the size.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::hash::Sha512;
use crate::secret::Key;

/// Size of a MAC.
pub const SIZE: usize = 64;

/// A key: what SHA-512 made of the inner and of the outer pad.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct HmacKey {
    inner: [u64; 8],
    outer: [u64; 8],
}

impl HmacKey {
    /// Makes `key` ready.
    pub fn new(key: &Key) -> Self {
        HmacKey { inner: padded(key, 0x36), outer: padded(key, 0x5c) }
    }

    /// Starts a MAC.
    pub fn start(&self) -> Message<'_> {
        Message { key: self, sha: Sha512::behind(&self.inner) }
    }
}

/// The state behind the block of `key` and a pad.
fn padded(key: &Key, pad: u8) -> [u64; 8] {
    let mut block = Zeroizing::new([pad; Sha512::BLOCK]);
    block.iter_mut().zip(key.expose()).for_each(|(byte, key)| *byte ^= key);
    Sha512::state_behind(&block)
}

/// The message of a MAC, as far as it came; wiped on drop.
pub struct Message<'k> {
    key: &'k HmacKey,
    sha: Sha512,
}

impl Message<'_> {
    /// Absorbs `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha.update(bytes);
    }

    /// Writes the MAC to `mac`, and begins another message.
    pub fn finish(&mut self, mac: &mut [u8; SIZE]) {
        self.sha.digest(mac);
        self.sha.begin_behind(&self.key.outer);
        self.sha.update(mac);
        self.sha.digest(mac);
        self.sha.begin_behind(&self.key.inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::{Hmac, KeyInit, Mac};
    use std::vec::Vec;

    /// Crate hmac says the same of every length around two blocks, in one piece and in many.
    #[test]
    fn as_the_crate() {
        let key = Key::copy_of(&core::array::from_fn(|i| i as u8 ^ 0x5a));
        let ready = HmacKey::new(&key);
        let bytes: Vec<u8> = (0..400_u32).map(|i| (i * 7) as u8).collect();
        for len in 0..bytes.len() {
            let mut padded = [0; Sha512::BLOCK];
            padded[..32].copy_from_slice(key.expose());
            let mut hmac = Hmac::<sha2::Sha512>::new(&padded.into());
            hmac.update(&bytes[..len]);
            let expected = hmac.finalize().into_bytes();
            for piece in [1, 50, 127, 128, 129, 400] {
                let (mut message, mut mac) = (ready.start(), [0; SIZE]);
                for _ in 0..2 {
                    bytes[..len].chunks(piece).for_each(|piece| message.update(piece));
                    message.finish(&mut mac);
                    assert_eq!(mac[..], expected[..], "{len} {piece}");
                }
            }
        }
    }
}
