//! The engine made for size: constant-time software, without tables and multiplications, for any
//! processor. It takes the place of all other software where the feature `fast-software` is left
//! out.
//!
//! Read `small_aes.rs` and `small_ghash.rs` first. No memory address and no branch depends on
//! anything but lengths.

pub(crate) mod small_aes;
mod small_ghash;

use zeroize::{Zeroize, Zeroizing};

use super::{Gcm, Nonce, Span, TAG, same_tag};
use crate::error::Result;
use crate::secret::Key;
use small_aes::{Block, RoundKeys};
use small_ghash::Ghash;

/// A key made ready; wiped on drop.
pub struct GcmKey {
    rounds: RoundKeys,
    /// H. SP 800-38D 7.1 step 1.
    h: Block,
}

impl GcmKey {
    pub fn new(key: &Key) -> Self {
        let rounds = RoundKeys::expand(key);
        let mut blocks = Zeroizing::new([[0; 16]; 2]);
        rounds.encrypt(&mut blocks);
        let [h, _] = *blocks;
        GcmKey { rounds, h }
    }

    #[inline(never)]
    fn message(&self, seal: bool, nonce: Nonce, aad: &[u8], data: &mut [u8]) -> [u8; TAG] {
        let mut counter = self.pre_counter_block(nonce);
        let (mut hash, len) = (Ghash::new(&self.h), data.len());
        hash.update_padded(aad);
        let mut stream = Zeroizing::new([counter; 2]);
        self.rounds.encrypt(&mut stream);
        let [mut tag, _] = *stream;
        for part in data.chunks_mut(32) {
            for block in stream.iter_mut() {
                increment(&mut counter);
                *block = counter;
            }
            self.rounds.encrypt(&mut stream);
            if !seal {
                hash.update_padded(part);
            }
            let stream = stream.as_flattened();
            part.iter_mut().zip(stream).for_each(|(byte, stream)| *byte ^= *stream);
            if seal {
                hash.update_padded(part);
            }
        }
        let hash = hash.finish(aad.len(), len);
        tag.iter_mut().zip(hash).for_each(|(tag, hash)| *tag ^= hash);
        tag
    }

    /// J0. SP 800-38D 7.1 step 2.
    fn pre_counter_block(&self, nonce: Nonce) -> Block {
        match nonce {
            Nonce::Short(nonce) => {
                let mut j0 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
                j0.iter_mut().zip(nonce).for_each(|(to, from)| *to = *from);
                j0
            }
            Nonce::Long(nonce) => {
                let mut hash = Ghash::new(&self.h);
                hash.update_padded(nonce);
                hash.finish(0, nonce.len())
            }
        }
    }
}

/// inc32. SP 800-38D 6.2.
fn increment(block: &mut Block) {
    if let Some(number) = block.last_chunk_mut() {
        *number = u32::from_be_bytes(*number).wrapping_add(1).to_be_bytes();
    }
}

impl Gcm for GcmKey {
    fn seal<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
    ) -> Result<(&'m mut [u8], [u8; TAG])> {
        let data = message.settle();
        let tag = self.message(true, nonce, aad, data);
        Ok((data, tag))
    }

    fn open<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
        tag: &[u8; TAG],
    ) -> Result<(&'m mut [u8], bool)> {
        let data = message.settle();
        let made = self.message(false, nonce, aad, data);
        Ok((data, same_tag(&made, tag)))
    }
}

impl Drop for GcmKey {
    fn drop(&mut self) {
        self.h.zeroize();
    }
}
