//! SHA-256 and SHA-512 over bytes that come piece by piece (FIPS 180-4), as HMAC needs them: they
//! can go on behind a block that was hashed before.
//!
//! The compression of SHA-256 is crate sha2's, that of SHA-512 is in `sha512/`. Crates digest and
//! hmac can do this too, with more code, and more memory for each key.

use core::slice;

use sha2::block_api::compress256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::bytes::copy;
use crate::sha512;

macro_rules! running_hash {
    ($(#[$doc:meta])* $name:ident: $word:ident, block $block:literal, length $length:ident,
        $compress:expr, $start:expr) => {
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name {
            state: [$word; 8],
            block: [u8; Self::BLOCK],
            /// How many bytes of the block are there: less than all.
            held: usize,
            /// Bytes absorbed.
            len: u64,
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl $name {
            /// Size of a block.
            pub const BLOCK: usize = $block;
            /// Size of a digest.
            pub const SIZE: usize = 8 * size_of::<$word>();

            /// Nothing absorbed yet.
            pub fn new() -> Self {
                $name { state: $start, block: [0; Self::BLOCK], held: 0, len: 0 }
            }

            /// The state behind one block.
            pub fn state_behind(block: &[u8; Self::BLOCK]) -> [$word; 8] {
                let mut state = $start;
                $compress(&mut state, slice::from_ref(block));
                state
            }

            /// Begins behind a block that led to `state`.
            pub fn behind(state: &[$word; 8]) -> Self {
                $name { state: *state, len: Self::BLOCK as u64, ..Self::new() }
            }

            /// As [`Self::behind`], in the same place.
            pub fn begin_behind(&mut self, state: &[$word; 8]) {
                (self.state, self.held, self.len) = (*state, 0, Self::BLOCK as u64);
            }

            /// Absorbs `bytes`.
            pub fn update(&mut self, mut bytes: &[u8]) {
                self.len = self.len.wrapping_add(bytes.len() as u64);
                if self.held > 0 {
                    let space = self.block.get_mut(self.held..).unwrap_or_default();
                    let (now, later) = bytes.split_at(bytes.len().min(space.len()));
                    copy(space, now);
                    self.held += now.len();
                    if self.held < Self::BLOCK {
                        return;
                    }
                    $compress(&mut self.state, slice::from_ref(&self.block));
                    bytes = later;
                }
                let (blocks, rest) = bytes.as_chunks();
                $compress(&mut self.state, blocks);
                copy(&mut self.block, rest);
                self.held = rest.len();
            }

            /// Writes the digest; what follows is undefined until it begins again. FIPS 180-4
            /// 5.1, 6.2, 6.4.
            pub fn digest(&mut self, digest: &mut [u8; Self::SIZE]) {
                let bits = ($length::from(self.len) << 3).to_be_bytes();
                self.update(&[0x80]);
                self.block.get_mut(self.held..).unwrap_or_default().fill(0);
                if self.held > Self::BLOCK - bits.len() {
                    $compress(&mut self.state, slice::from_ref(&self.block));
                    self.block.fill(0);
                }
                if let Some(end) = self.block.last_chunk_mut() {
                    *end = bits;
                }
                $compress(&mut self.state, slice::from_ref(&self.block));
                let (words, _) = digest.as_chunks_mut();
                words.iter_mut().zip(self.state).for_each(|(to, word)| *to = word.to_be_bytes());
            }
        }
    };
}

running_hash! {
    /// SHA-256; wiped on drop.
    Sha256: u32, block 64, length u64, compress256, START_256
}

running_hash! {
    /// SHA-512; wiped on drop.
    Sha512: u64, block 128, length u128, compress512, START_512
}

#[cfg(feature = "password")]
impl Sha256 {
    /// The state so far; whole blocks were absorbed.
    pub(crate) fn state(&self) -> [u32; 8] {
        self.state
    }
}

/// HMAC-SHA-256 of a MAC of a MAC …, two compressions each; wiped on drop.
#[cfg(feature = "password")]
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct MacIterator {
    /// The states behind the pads.
    inner: [u32; 8],
    outer: [u32; 8],
    state: [u32; 8],
    /// 32 bytes, and the padding of a message of that length behind a block.
    block: [u8; Sha256::BLOCK],
}

#[cfg(feature = "password")]
impl MacIterator {
    pub(crate) fn new(inner: [u32; 8], outer: [u32; 8]) -> Self {
        let mut block = [0; Sha256::BLOCK];
        block[Sha256::SIZE] = 0x80;
        let bits = 8 * (Sha256::BLOCK + Sha256::SIZE) as u64;
        if let Some(end) = block.last_chunk_mut() {
            *end = bits.to_be_bytes();
        }
        MacIterator { inner, outer, state: [0; 8], block }
    }

    /// Replaces a message by its MAC.
    pub(crate) fn step(&mut self, message: &mut [u8; Sha256::SIZE]) {
        for pad in [&self.inner, &self.outer] {
            copy(&mut self.block, message);
            self.state = *pad;
            compress256(&mut self.state, slice::from_ref(&self.block));
            let (words, _) = message.as_chunks_mut();
            words.iter_mut().zip(self.state).for_each(|(to, word)| *to = word.to_be_bytes());
        }
    }
}

fn compress512(state: &mut [u64; 8], blocks: &[[u8; Sha512::BLOCK]]) {
    blocks.iter().for_each(|block| sha512::compress(state, block));
}

/// FIPS 180-4 5.3.3.
const START_256: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// FIPS 180-4 5.3.5.
const START_512: [u64; 8] = [
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
    use sha2::Digest;
    use std::vec::Vec;

    /// Crate sha2 says the same of every length around some blocks, in one piece and in many.
    #[test]
    fn as_the_crate() {
        let bytes: Vec<u8> = (0..600_u32).map(|i| (i * 7) as u8).collect();
        for len in 0..bytes.len() {
            let bytes = &bytes[..len];
            for piece in [1, 50, 63, 64, 65, 127, 128, 129, 600] {
                let (mut short, mut long) = (Sha256::new(), Sha512::new());
                for piece in bytes.chunks(piece) {
                    short.update(piece);
                    long.update(piece);
                }
                let (mut of_short, mut of_long) = ([0; 32], [0; 64]);
                short.digest(&mut of_short);
                long.digest(&mut of_long);
                assert_eq!(of_short[..], sha2::Sha256::digest(bytes)[..], "{len} {piece}");
                assert_eq!(of_long[..], sha2::Sha512::digest(bytes)[..], "{len} {piece}");
            }
        }
    }
}
