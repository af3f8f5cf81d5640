//! AES-256 on eight blocks at once, both ways: what other modes than counter mode need.
//!
//! # Implementation notes
//! An inverse round is made of the parts of a round. ShiftRows and MixColumns are their own
//! inverses' inverses: four of either change nothing, so three undo one. The S-box is an inversion
//! in GF(2^8), then an affine map A; so its inverse is A's inverse, the S-box, A's inverse. The
//! constant of A is in the round keys, and neither step moves it.

use zeroize::Zeroize;

use super::barrel_aes::{
    RoundKeys, Sliced, State, add, mix_columns, shift_rows, sub_bytes, transpose, unslice,
};
use crate::secret::Key;

/// Blocks that are worked on at once.
pub const BLOCKS: usize = 8;

/// A key made ready; wiped on drop.
pub struct EightBlocks(Sliced<u32>);

impl EightBlocks {
    pub fn new(key: &Key) -> Self {
        EightBlocks(Sliced::new(&RoundKeys::expand(key)))
    }

    /// FIPS 197 5.1.
    pub fn encrypt(&self, blocks: &mut [[u8; 16]; BLOCKS]) {
        sliced(blocks, |state| self.0.encrypt(state));
    }

    /// FIPS 197 5.3.
    pub fn decrypt(&self, blocks: &mut [[u8; 16]; BLOCKS]) {
        sliced(blocks, |state| {
            let [first, middle @ .., last] = self.0.round_keys();
            add(state, last);
            for key in middle.iter().rev() {
                inverse_shift_and_sub(state);
                add(state, key);
                (0..3).for_each(|_| mix_columns(state));
            }
            inverse_shift_and_sub(state);
            add(state, first);
        });
    }
}

/// Does `work` on the blocks in their sliced form.
fn sliced(blocks: &mut [[u8; 16]; BLOCKS], work: impl FnOnce(&mut State<u32>)) {
    let mut state = [[0_u32; 4]; 8];
    for column in 0..4 {
        for row in 0..4 {
            let byte = |block: [u8; 16]| block.get(4 * column + row).copied().unwrap_or_default();
            for (rows, bits) in state.iter_mut().zip(transpose(blocks.map(byte))) {
                rows[row] |= u32::from(bits) << (BLOCKS * column);
            }
        }
    }
    work(&mut state);
    unslice(&mut state);
    for (block, rows) in blocks.iter_mut().zip(&state) {
        for (at, byte) in block.iter_mut().enumerate() {
            *byte = (rows[at % 4] >> (BLOCKS * (at / 4))) as u8;
        }
    }
    state.zeroize();
}

/// InvShiftRows and InvSubBytes. FIPS 197 5.3.1, 5.3.2.
fn inverse_shift_and_sub(state: &mut State<u32>) {
    (0..3).for_each(|_| shift_rows(state));
    inverse_affine(state);
    sub_bytes(state);
    inverse_affine(state);
}

/// The inverse of the S-box's affine map, without its constant: bit i of a byte is the sum of bits
/// i + 2, i + 5 and i + 7.
fn inverse_affine(state: &mut State<u32>) {
    let [a, b, c, d, e, f, g, h] = *state;
    let sum = |[x, y, z]: [[u32; 4]; 3]| {
        let mut sum = x;
        for ((sum, y), z) in sum.iter_mut().zip(y).zip(z) {
            *sum ^= y ^ z;
        }
        sum
    };
    *state = [
        sum([c, f, h]),
        sum([d, g, a]),
        sum([e, h, b]),
        sum([f, a, c]),
        sum([g, b, d]),
        sum([h, c, e]),
        sum([a, d, f]),
        sum([b, e, g]),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197 C.3, in each of the places among other blocks.
    #[test]
    fn known_answer_both_ways() {
        let key = EightBlocks::new(&Key::copy_of(&core::array::from_fn(|i| i as u8)));
        let plain: [u8; 16] = core::array::from_fn(|i| 0x11 * i as u8);
        let sealed = 0x8ea2_b7ca_5167_45bf_eafc_4990_4b49_6089_u128.to_be_bytes();
        for place in 0..BLOCKS {
            let others: [[u8; 16]; BLOCKS] = core::array::from_fn(|i| [i as u8 * 31; 16]);
            let mut blocks = others;
            blocks[place] = plain;
            let given = blocks;
            key.encrypt(&mut blocks);
            assert_eq!(blocks[place], sealed);
            key.decrypt(&mut blocks);
            assert_eq!(blocks, given);
        }
    }
}
