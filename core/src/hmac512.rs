//! HMAC-SHA-512 (RFC 2104, FIPS 180-4) under a key that is used often: its two pads are hashed
//! once, which is two of the five compressions of a short message.
//!
//! Crate hmac can do that too, but what it keeps for it has four times the size.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::secret::Key;
use crate::sha512::{BLOCK, compress};

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
    let mut block = Zeroizing::new([pad; BLOCK]);
    block.iter_mut().zip(key.expose()).for_each(|(byte, key)| *byte ^= key);
    let mut state = START;
    compress(&mut state, &block);
    state
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
        self.sha.begin(&self.key.outer);
        self.sha.update(mac);
        self.sha.digest(mac);
        self.sha.begin(&self.key.inner);
    }
}

/// SHA-512 behind the first block.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Sha512 {
    state: [u64; 8],
    block: [u8; BLOCK],
    /// How many bytes of the block are there: less than all.
    held: usize,
    /// Bytes absorbed, the first block included.
    len: u64,
}

impl Sha512 {
    fn behind(state: &[u64; 8]) -> Self {
        Sha512 { state: *state, block: [0; BLOCK], held: 0, len: BLOCK as u64 }
    }

    fn begin(&mut self, state: &[u64; 8]) {
        (self.state, self.held, self.len) = (*state, 0, BLOCK as u64);
    }

    fn update(&mut self, mut bytes: &[u8]) {
        self.len += bytes.len() as u64;
        loop {
            let space = self.block.get_mut(self.held..).unwrap_or_default();
            let (now, later) = bytes.split_at(bytes.len().min(space.len()));
            space[..now.len()].copy_from_slice(now);
            self.held += now.len();
            if self.held < BLOCK {
                return;
            }
            compress(&mut self.state, &self.block);
            self.held = 0;
            bytes = later;
        }
    }

    /// FIPS 180-4 5.1.2, 6.4.
    fn digest(&mut self, digest: &mut [u8; SIZE]) {
        let bits = (u128::from(self.len) * 8).to_be_bytes();
        self.update(&[0x80]);
        if self.held > BLOCK - bits.len() {
            self.update([0; 16].get(..BLOCK - self.held).unwrap_or_default());
        }
        self.block.get_mut(self.held..).unwrap_or_default().fill(0);
        if let Some(end) = self.block.last_chunk_mut() {
            *end = bits;
        }
        compress(&mut self.state, &self.block);
        let (words, _) = digest.as_chunks_mut();
        words.iter_mut().zip(self.state).for_each(|(to, word)| *to = word.to_be_bytes());
    }
}

/// FIPS 180-4 5.3.5.
const START: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

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
            let mut padded = [0; BLOCK];
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
