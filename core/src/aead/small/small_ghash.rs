//! GHASH (SP 800-38D 6.4), a multiplication a block.

use zeroize::Zeroize;

use crate::polyval::multiply;

/// A running hash; wiped on drop.
pub struct Ghash {
    h: u128,
    y: u128,
}

impl Ghash {
    pub fn new(h: &[u8; 16]) -> Self {
        Ghash { h: u128::from_be_bytes(*h), y: 0 }
    }

    /// Absorbs `bytes`, zero-padded to whole blocks.
    pub fn update_padded(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(16) {
            let mut block = [0; 16];
            block.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            self.absorb(u128::from_be_bytes(block));
        }
    }

    /// Absorbs the lengths of two strings, in bytes, and ends.
    pub fn finish(mut self, first: usize, second: usize) -> [u8; 16] {
        self.absorb((first as u128) << 67 | (second as u128) << 3);
        self.y.to_be_bytes()
    }

    fn absorb(&mut self, block: u128) {
        self.y = multiply(self.y ^ block, self.h);
    }
}

impl Drop for Ghash {
    fn drop(&mut self) {
        self.h.zeroize();
        self.y.zeroize();
    }
}
