//! A block of Argon2's memory, and the permutation of it (RFC 9106 3.5, 3.6).

use zeroize::DefaultIsZeroes;

use crate::cpu::Cpu;

/// Words of a block.
pub const WORDS: usize = 128;

/// A KiB.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Block([u64; WORDS]);

impl Default for Block {
    fn default() -> Self {
        Block([0; WORDS])
    }
}

impl DefaultIsZeroes for Block {}

impl Block {
    pub fn words(&self) -> &[u64; WORDS] {
        &self.0
    }

    pub fn words_mut(&mut self) -> &mut [u64; WORDS] {
        &mut self.0
    }

    /// Its bytes, in place.
    pub fn bytes(&mut self) -> &[u8] {
        self.0.iter_mut().for_each(|word| *word = word.to_le());
        let bytes = self.0.as_ptr().cast();
        // SAFETY: words have no padding, and any byte is a byte.
        unsafe { core::slice::from_raw_parts(bytes, size_of::<Self>()) }
    }

    /// Adds another one, without carries.
    #[inline(always)]
    pub fn add(&mut self, other: &Block) {
        self.0.iter_mut().zip(&other.0).for_each(|(to, from)| *to ^= from);
    }

    /// P on all rows, then on all columns of the block as a matrix of 8 x 8 pairs of words, with
    /// the instructions of `cpu`.
    #[inline]
    pub fn permute(&mut self, cpu: Cpu) {
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        if cpu.has_avx2() {
            // SAFETY: it has them.
            return unsafe { permute_avx2(&mut self.0) };
        }
        let _ = cpu;
        permute(&mut self.0);
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[target_feature(enable = "avx2")]
fn permute_avx2(words: &mut [u64; WORDS]) {
    permute(words);
}

#[inline(always)]
fn permute(words: &mut [u64; WORDS]) {
    let (rows, _) = words.as_chunks_mut::<16>();
    for row in rows {
        p(row);
    }
    for column in 0..8 {
        let mut pairs = [0; 16];
        let places = || (0..16).map(|i| (16 * (i / 2) + 2 * column + i % 2) % WORDS);
        pairs.iter_mut().zip(places()).for_each(|(to, at)| *to = words[at]);
        p(&mut pairs);
        pairs.iter().zip(places()).for_each(|(from, at)| words[at] = *from);
    }
}

/// RFC 9106 3.6.
#[inline(always)]
fn p(v: &mut [u64; 16]) {
    mix(v, [0, 4, 8, 12]);
    mix(v, [1, 5, 9, 13]);
    mix(v, [2, 6, 10, 14]);
    mix(v, [3, 7, 11, 15]);
    mix(v, [0, 5, 10, 15]);
    mix(v, [1, 6, 11, 12]);
    mix(v, [2, 7, 8, 13]);
    mix(v, [3, 4, 9, 14]);
}

/// RFC 9106 3.6: GB, BLAKE2b's G with a multiplication in it.
#[inline(always)]
fn mix(v: &mut [u64; 16], [a, b, c, d]: [usize; 4]) {
    let (a, b, c, d) = (a % 16, b % 16, c % 16, d % 16);
    v[a] = multiply_add(v[a], v[b]);
    v[d] = (v[d] ^ v[a]).rotate_right(32);
    v[c] = multiply_add(v[c], v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(24);
    v[a] = multiply_add(v[a], v[b]);
    v[d] = (v[d] ^ v[a]).rotate_right(16);
    v[c] = multiply_add(v[c], v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(63);
}

/// a + b + 2 ab, of the lower halves' product.
#[inline(always)]
fn multiply_add(a: u64, b: u64) -> u64 {
    let product = (a & 0xffff_ffff).wrapping_mul(b & 0xffff_ffff);
    a.wrapping_add(b).wrapping_add(product << 1)
}
