//! The portable engine: constant-time software, without tables, for any processor.
//!
//! Read `barrel_aes.rs` and `integer_ghash.rs` first. No memory address and no branch depends on
//! anything but lengths.

mod barrel_aes;
mod eight_blocks;
mod integer_ghash;
mod rows;

use zeroize::{Zeroize, Zeroizing};

use super::{Gcm, Nonce, Span, TAG, same_tag};
use crate::error::Result;
use crate::secret::Key;
pub use barrel_aes::Row;
use barrel_aes::{RoundKeys, Sliced};
pub use eight_blocks::{BLOCKS, EightBlocks};
use integer_ghash::Ghash;

/// As wide as registers are that every processor of the target has.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
type Aes = Sliced<super::x86::Sse2Row>;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
#[cfg(target_pointer_width = "64")]
type Aes = Sliced<u64>;
#[cfg(not(target_pointer_width = "64"))]
type Aes = Sliced<u32>;
/// The longest batch.
const STREAM: usize = Aes::BATCH;
/// For a block or a few.
type SmallAes = Sliced<u32>;

/// A key made ready: not sliced yet, for sliced keys are large. Wiped on drop.
pub struct GcmKey {
    rounds: RoundKeys,
    /// H. SP 800-38D 7.1 step 1.
    h: [u8; 16],
}

impl GcmKey {
    pub fn new(key: &Key) -> Self {
        let rounds = RoundKeys::expand(key);
        let mut h = [0; 16];
        SmallAes::new(&rounds).key_stream(&[0; 16], 0, &mut h);
        GcmKey { rounds, h }
    }

    fn message<const SEAL: bool>(&self, nonce: Nonce, aad: &[u8], data: &mut [u8]) -> [u8; TAG] {
        // The key stream begins with J0's block, which masks the tag.
        if data.len() + TAG <= SmallAes::BATCH {
            self.message_with::<_, SEAL>(&SmallAes::new(&self.rounds), nonce, aad, data)
        } else {
            self.message_with::<_, SEAL>(&Aes::new(&self.rounds), nonce, aad, data)
        }
    }

    fn message_with<R: Row, const SEAL: bool>(
        &self,
        aes: &Sliced<R>,
        nonce: Nonce,
        aad: &[u8],
        data: &mut [u8],
    ) -> [u8; TAG] {
        let j0 = self.pre_counter_block(nonce);
        let [.., a, b, c, d] = j0;
        let mut counter = u32::from_be_bytes([a, b, c, d]);
        let (mut hash, len) = (Ghash::new(&self.h), data.len());
        hash.update_padded(aad);

        let mut tag = [0; TAG];
        let mut stream = Zeroizing::new([0_u8; STREAM]);
        let stream = &mut stream[..Sliced::<R>::BATCH.min(STREAM)];
        // Of the first batch, what J0's block leaves.
        let (first, rest) = data.split_at_mut(len.min(stream.len() - TAG));
        let skips = [TAG].into_iter().chain(core::iter::repeat(0));
        let parts = [first].into_iter().chain(rest.chunks_mut(stream.len()));
        for (part, skip) in parts.zip(skips) {
            aes.key_stream(&j0, counter, stream);
            counter = counter.wrapping_add((stream.len() / 16) as u32);
            // No skip is more than the stream, which the compiler does not see when it saves room.
            let (mask, stream) = stream.split_at(skip.min(stream.len()));
            tag.iter_mut().zip(mask).for_each(|(tag, mask)| *tag = *mask);
            if !SEAL {
                hash.update_padded(part);
            }
            part.iter_mut().zip(stream).for_each(|(byte, stream)| *byte ^= *stream);
            if SEAL {
                hash.update_padded(part);
            }
        }
        let hash = hash.finish(aad.len(), len);
        tag.iter_mut().zip(hash).for_each(|(tag, hash)| *tag ^= hash);
        tag
    }

    /// J0. SP 800-38D 7.1 step 2.
    fn pre_counter_block(&self, nonce: Nonce) -> [u8; 16] {
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

impl Gcm for GcmKey {
    fn seal<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
    ) -> Result<(&'m mut [u8], [u8; TAG])> {
        let data = message.settle();
        let tag = self.message::<true>(nonce, aad, data);
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
        let made = self.message::<false>(nonce, aad, data);
        Ok((data, same_tag(&made, tag)))
    }
}

impl Drop for GcmKey {
    fn drop(&mut self) {
        self.h.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All widths of row give the same, whatever this processor's is.
    #[test]
    fn rows_agree() {
        let key = GcmKey::new(&Key::copy_of(&[7; 32]));
        let nonce = Nonce::Long(&[9; 16]);
        for len in [0, 1, 15, 16, 17, 111, 112, 113, 127, 128, 129, 495, 496, 497, 1000, 1008] {
            let mut best: std::vec::Vec<u8> = (0..len).map(|i| i as u8).collect();
            let (mut wide, mut narrow) = (best.clone(), best.clone());
            let aes = Aes::new(&key.rounds);
            let best_tag = key.message_with::<_, true>(&aes, nonce, b"aad", &mut best);
            let aes = Sliced::<u64>::new(&key.rounds);
            let wide_tag = key.message_with::<_, true>(&aes, nonce, b"aad", &mut wide);
            let aes = Sliced::<u32>::new(&key.rounds);
            let narrow_tag = key.message_with::<_, true>(&aes, nonce, b"aad", &mut narrow);
            assert_eq!((&best, best_tag), (&wide, wide_tag), "{len}");
            assert_eq!((wide, wide_tag), (narrow, narrow_tag), "{len}");
        }
    }
}
