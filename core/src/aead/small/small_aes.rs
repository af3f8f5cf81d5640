//! AES-256, bitsliced, two blocks at a time, both ways: constant-time on any processor, made for
//! size.
//!
//! # Implementation notes
//! A state is eight words, one for each bit of a byte. In a word each row of the AES state has a
//! byte, in it each column two bits, one for each block:
//!
//! ```text
//! planes[bit], bit number 8 · row + 2 · column + block
//! ```
//!
//! So ShiftRows rotates bytes, and MixColumns gets the rows below by rotating words. The same
//! circuit serves both directions: with S'(x) = A(1/x), A being linear, S'^-1 = A^-1 ∘ S' ∘ A^-1.
//! ShiftRows and MixColumns are undone by doing each three times more. The S-box's constant is part
//! of the round keys, of which both blocks have the same: stored once, they take 240 bytes.

use zeroize::Zeroize;

use crate::aead::sbox::{SBOX_CONSTANT, sub_bits};
use crate::secret::Key;

/// AES-256 has 14 rounds. FIPS 197 5.
const ROUNDS: usize = 14;
/// Bits of the first block.
const EVEN: u32 = 0x5555_5555;

/// A block.
pub type Block = [u8; 16];
type Planes = [u32; 8];

/// Round keys, sliced; wiped on drop. Two planes share a word: one has the even bits.
pub struct RoundKeys([[u32; 4]; ROUNDS + 1]);

impl RoundKeys {
    /// Expands `key`. FIPS 197 5.2.
    pub fn expand(key: &Key) -> RoundKeys {
        let mut keys = RoundKeys([[0; 4]; ROUNDS + 1]);
        let words = keys.0.as_flattened_mut();
        let (given, _) = key.expose().as_chunks();
        for (word, bytes) in words.iter_mut().zip(given) {
            *word = u32::from_le_bytes(*bytes);
        }
        let mut previous = words[7];
        let mut rcon = 1;
        for i in 8..words.len() {
            match i % 8 {
                0 => {
                    previous = sub_word(previous.rotate_right(8)) ^ rcon;
                    rcon <<= 1;
                }
                4 => previous = sub_word(previous),
                _ => {}
            }
            previous ^= words[i - 8];
            words[i] = previous;
        }
        let constant = u32::from_ne_bytes([SBOX_CONSTANT; 4]);
        for (round, key) in keys.0.iter_mut().enumerate() {
            let add = if round == 0 { 0 } else { constant };
            let [a, b, c, d] = key.map(|word| word ^ add);
            let mut planes = [a, a, b, b, c, c, d, d];
            transpose(&mut planes);
            let (pairs, _) = planes.as_chunks::<2>();
            for (word, [x, y]) in key.iter_mut().zip(pairs) {
                *word = x & EVEN | y & !EVEN;
            }
        }
        keys
    }

    /// Encrypts both blocks. FIPS 197 5.1.
    pub fn encrypt(&self, blocks: &mut [Block; 2]) {
        let mut planes = load(blocks);
        let [first, middle @ .., last] = &self.0;
        add(&mut planes, first);
        for key in middle {
            sub_bytes(&mut planes);
            shift_rows(&mut planes, 1);
            mix_columns(&mut planes);
            add(&mut planes, key);
        }
        sub_bytes(&mut planes);
        shift_rows(&mut planes, 1);
        add(&mut planes, last);
        store(&mut planes, blocks);
    }

    /// Decrypts both blocks. FIPS 197 5.3.
    pub fn decrypt(&self, blocks: &mut [Block; 2]) {
        let mut planes = load(blocks);
        let [first, middle @ .., last] = &self.0;
        add(&mut planes, last);
        for key in middle.iter().rev() {
            unsub_bytes(&mut planes);
            add(&mut planes, key);
            (0..3).for_each(|_| mix_columns(&mut planes));
        }
        unsub_bytes(&mut planes);
        add(&mut planes, first);
        store(&mut planes, blocks);
    }
}

impl Drop for RoundKeys {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// SubWord. FIPS 197 5.2.
fn sub_word(word: u32) -> u32 {
    let mut planes = core::array::from_fn(|bit| word >> bit & 0x0101_0101);
    sub_bytes(&mut planes);
    let sum = (0..).zip(&planes).fold(0, |sum, (bit, plane)| sum | (plane & 0x0101_0101) << bit);
    planes.zeroize();
    sum ^ u32::from_ne_bytes([SBOX_CONSTANT; 4])
}

fn load(blocks: &[Block; 2]) -> Planes {
    let mut planes = [0; 8];
    for (block, bytes) in blocks.iter().enumerate() {
        let (columns, _) = bytes.as_chunks();
        for (word, column) in planes.iter_mut().skip(block).step_by(2).zip(columns) {
            *word = u32::from_le_bytes(*column);
        }
    }
    transpose(&mut planes);
    planes
}

/// Wipes the planes, too.
fn store(planes: &mut Planes, blocks: &mut [Block; 2]) {
    transpose(planes);
    for (block, bytes) in blocks.iter_mut().enumerate() {
        let (columns, _) = bytes.as_chunks_mut();
        for (word, column) in planes.iter().skip(block).step_by(2).zip(columns) {
            *column = word.to_le_bytes();
        }
    }
    planes.zeroize();
}

/// Words with a column of a block each to planes, and back: in each byte, bit j of word i and bit i
/// of word j change places.
#[inline(never)]
fn transpose(words: &mut Planes) {
    for (distance, mask) in [(1, EVEN), (2, 0x3333_3333), (4, 0x0f0f_0f0f)] {
        for low in (0..8).filter(|low| low & distance == 0) {
            // The masks tell the compiler what the filter does.
            let (low, high) = (low & 7, (low | distance) & 7);
            let swapped = (words[low] >> distance ^ words[high]) & mask;
            words[low] ^= swapped << distance;
            words[high] ^= swapped;
        }
    }
}

fn add(planes: &mut Planes, key: &[u32; 4]) {
    let (pairs, _) = planes.as_chunks_mut::<2>();
    for ([x, y], word) in pairs.iter_mut().zip(key) {
        let (even, odd) = (word & EVEN, word & !EVEN);
        // One after the other: of their union compilers make a multiplication by 3.
        *x ^= even;
        *x ^= even << 1;
        *y ^= odd;
        *y ^= odd >> 1;
    }
}

/// SubBytes without its constant.
#[inline(never)]
fn sub_bytes(planes: &mut Planes) {
    *planes = sub_bits(*planes);
}

/// InvSubBytes and InvShiftRows, without the constant.
fn unsub_bytes(planes: &mut Planes) {
    shift_rows(planes, 3);
    unmix_bits(planes);
    sub_bytes(planes);
    unmix_bits(planes);
}

/// A^-1, without its constant. FIPS 197 5.3.2.
#[inline(never)]
fn unmix_bits(planes: &mut Planes) {
    let p = *planes;
    for (bit, plane) in planes.iter_mut().enumerate() {
        *plane = p[(bit + 2) % 8] ^ p[(bit + 5) % 8] ^ p[(bit + 7) % 8];
    }
}

/// ShiftRows, so many times: row r takes from r columns on. FIPS 197 5.1.2.
#[inline(never)]
fn shift_rows(planes: &mut Planes, times: u32) {
    for plane in planes {
        let mut row = 0;
        *plane = u32::from_le_bytes(plane.to_le_bytes().map(|columns| {
            let shifted = columns.rotate_right(row);
            row += 2 * times;
            shifted
        }));
    }
}

/// MixColumns: 2a + 3b + c + d = 2(a + b) + b + (c + d), b, c, d being the rows below. FIPS 197
/// 5.1.3.
#[inline(never)]
fn mix_columns(planes: &mut Planes) {
    // Times 2: the bits move up, and the highest comes back as 0x1b.
    let pair = |a: u32| a ^ a.rotate_right(8);
    let highest = pair(planes[7]);
    let mut up = 0;
    for (bit, plane) in planes.iter_mut().enumerate() {
        let own = pair(*plane);
        let back = if 0x1b >> bit & 1 == 1 { highest } else { 0 };
        *plane = up ^ back ^ plane.rotate_right(8) ^ own.rotate_right(16);
        up = own;
    }
}
