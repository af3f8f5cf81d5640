//! SHA-512's message schedule on any processor.

use zeroize::Zeroize;

use super::{BLOCK, WORDS};

/// Sixteen words of the schedule.
pub struct Schedule([u64; WORDS]);

impl Schedule {
    /// The words of a block.
    #[inline(always)]
    pub fn of(block: &[u8; BLOCK]) -> Self {
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            *word = u64::from_be_bytes(*bytes);
        }
        Schedule(words)
    }

    /// The next sixteen words. FIPS 180-4 6.4.2 step 1.
    #[inline(always)]
    pub fn step(&mut self) {
        let words = &mut self.0;
        for t in 0..WORDS {
            let (a, b) = (words[(t + 1) % WORDS], words[(t + 14) % WORDS]);
            let sigma_0 = a.rotate_right(1) ^ a.rotate_right(8) ^ a >> 7;
            let sigma_1 = b.rotate_right(19) ^ b.rotate_right(61) ^ b >> 6;
            let sum = words[t].wrapping_add(sigma_0).wrapping_add(words[(t + 9) % WORDS]);
            words[t] = sum.wrapping_add(sigma_1);
        }
    }

    /// The sums of words and constants.
    #[inline(always)]
    pub fn with(&self, keys: &[u64; WORDS]) -> [u64; WORDS] {
        let mut sums = self.0;
        sums.iter_mut().zip(keys).for_each(|(sum, key)| *sum = sum.wrapping_add(*key));
        sums
    }

    /// Forgets the words.
    #[inline(always)]
    pub fn wipe(&mut self) {
        self.0.zeroize();
    }
}
