//! BLAKE2b without a key (RFC 7693), which Argon2 stands on.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::bytes::copy;

/// The largest digest.
pub const DIGEST: usize = 64;
const BLOCK: usize = 128;

/// The first `N` bytes that BLAKE2b with a digest of `N` bytes gives for the concatenation of
/// `parts`; N is from 1 to [`DIGEST`]. RFC 7693 3.3.
pub fn hash<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    const { assert!(0 < N && N <= DIGEST) };
    let mut hash = Blake2b::new(N as u64);
    parts.iter().for_each(|part| hash.update(part));
    let mut digest = [0; N];
    copy(&mut digest, hash.finish().as_flattened());
    digest
}

#[derive(Zeroize, ZeroizeOnDrop)]
struct Blake2b {
    state: [u64; 8],
    block: [u8; BLOCK],
    /// How many bytes of the block are there; when all are, it waits to hear whether it is the
    /// last.
    held: usize,
    len: u64,
}

impl Blake2b {
    fn new(digest_len: u64) -> Self {
        let mut state = IV;
        // RFC 7693 2.5: digest length, no key, fanout and depth 1.
        state[0] ^= 0x0101_0000 ^ digest_len;
        Blake2b { state, block: [0; BLOCK], held: 0, len: 0 }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.held == BLOCK {
                self.compress(false);
                self.held = 0;
            }
            let space = self.block.get_mut(self.held..).unwrap_or_default();
            let (now, later) = bytes.split_at(bytes.len().min(space.len()));
            copy(space, now);
            self.held += now.len();
            self.len += now.len() as u64;
            bytes = later;
        }
    }

    fn finish(mut self) -> [[u8; 8]; 8] {
        self.block.get_mut(self.held..).unwrap_or_default().fill(0);
        self.compress(true);
        self.state.map(u64::to_le_bytes)
    }

    /// RFC 7693 3.2.
    fn compress(&mut self, last: bool) {
        let mut m = [0; 16];
        for (word, bytes) in m.iter_mut().zip(self.block.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        let mut v = [0; 16];
        v.iter_mut().zip(self.state.iter().chain(&IV)).for_each(|(to, from)| *to = *from);
        v[12] ^= self.len;
        if last {
            v[14] = !v[14];
        }
        for s in SIGMA.iter().chain(&SIGMA).take(12) {
            let word = |i: usize| m[usize::from(s[i % 16]) % 16];
            mix(&mut v, [0, 4, 8, 12], word(0), word(1));
            mix(&mut v, [1, 5, 9, 13], word(2), word(3));
            mix(&mut v, [2, 6, 10, 14], word(4), word(5));
            mix(&mut v, [3, 7, 11, 15], word(6), word(7));
            mix(&mut v, [0, 5, 10, 15], word(8), word(9));
            mix(&mut v, [1, 6, 11, 12], word(10), word(11));
            mix(&mut v, [2, 7, 8, 13], word(12), word(13));
            mix(&mut v, [3, 4, 9, 14], word(14), word(15));
        }
        let (first, second) = v.split_at(8);
        for (word, (a, b)) in self.state.iter_mut().zip(first.iter().zip(second)) {
            *word ^= a ^ b;
        }
        m.zeroize();
        v.zeroize();
    }
}

/// RFC 7693 3.1: G.
#[inline]
fn mix(v: &mut [u64; 16], [a, b, c, d]: [usize; 4], x: u64, y: u64) {
    let (a, b, c, d) = (a % 16, b % 16, c % 16, d % 16);
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
    v[d] = (v[d] ^ v[a]).rotate_right(32);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(24);
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
    v[d] = (v[d] ^ v[a]).rotate_right(16);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(63);
}

/// RFC 7693 2.6: SHA-512's start.
const IV: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// RFC 7693 2.7; rounds 10 and 11 begin again.
#[rustfmt::skip]
const SIGMA: [[u8; 16]; 10] = [
    [ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15],
    [14, 10,  4,  8,  9, 15, 13,  6,  1, 12,  0,  2, 11,  7,  5,  3],
    [11,  8, 12,  0,  5,  2, 15, 13, 10, 14,  3,  6,  7,  1,  9,  4],
    [ 7,  9,  3,  1, 13, 12, 11, 14,  2,  6,  5, 10,  4,  0, 15,  8],
    [ 9,  0,  5,  7,  2,  4, 10, 15, 14,  1, 11, 12,  6,  8,  3, 13],
    [ 2, 12,  6, 10,  0, 11,  8,  3,  4, 13,  7,  5, 15, 14,  1,  9],
    [12,  5,  1, 15, 14, 13,  4, 10,  0,  7,  6,  3,  9,  2,  8, 11],
    [13, 11,  7, 14, 12,  1,  3,  9,  5,  0, 15,  4,  8,  6,  2, 10],
    [ 6, 15, 14,  9, 11,  3,  0,  8, 12,  2, 13,  7,  1,  4, 10,  5],
    [10,  2,  8,  4,  7,  6,  1,  5, 15, 11,  9, 14,  3, 12, 13,  0],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7693 appendix A; 300 bytes, in parts that meet blocks' ends.
    #[test]
    fn known_answers() {
        let ends = |digest: [u8; 64]| {
            let (words, _) = digest.as_chunks();
            (u64::from_be_bytes(words[0]), u64::from_be_bytes(words[7]))
        };
        let abc = (0xba80_a53f_981c_4d0d, 0xb923_86ed_d400_9923);
        assert_eq!(ends(hash(&[b"a", b"", b"bc"])), abc);
        let long: [u8; 300] = core::array::from_fn(|i| i as u8);
        let answer = (0xd9cf_5983_dc6b_34c0, 0xcb1d_1c83_db52_b63c);
        for end in [0, 1, 127, 128, 129, 256, 300] {
            let (first, second) = long.split_at(end);
            assert_eq!(ends(hash(&[first, second])), answer, "{end}");
        }
        assert_eq!(hash::<4>(&[b"abc"]), 0x6390_6248_u32.to_be_bytes());
    }
}
