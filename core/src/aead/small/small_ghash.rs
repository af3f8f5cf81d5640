//! GHASH (SP 800-38D 6.4), bit by bit: without tables and without multiplications, which some small
//! processors do faster for some numbers than for others.

use core::hint::black_box;

use zeroize::Zeroize;

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

    /// Y times H after the block was added. SP 800-38D 6.3, algorithm 1.
    #[inline(never)]
    fn absorb(&mut self, block: u128) {
        const R: u32 = 0xe100_0000;
        let (mut x, mut v, mut z) = (self.y ^ block, self.h, 0);
        for _ in 0..128 {
            z ^= v & everywhere(all_if((x >> 127) as u32));
            x <<= 1;
            let reduce = u128::from(R & all_if(v as u32 & 1)) << 96;
            v = v >> 1 ^ reduce;
        }
        self.y = z;
    }
}

impl Drop for Ghash {
    fn drop(&mut self) {
        self.h.zeroize();
        self.y.zeroize();
    }
}

/// All bits one for 1, zero for 0; the compiler may not know that, or it would branch.
#[inline(always)]
fn all_if(bit: u32) -> u32 {
    black_box(bit.wrapping_neg())
}

#[inline(always)]
fn everywhere(mask: u32) -> u128 {
    let wide = u128::from(mask);
    wide << 96 | wide << 64 | wide << 32 | wide
}
