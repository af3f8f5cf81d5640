//! AES-256 in counter mode, bitsliced: as many blocks at once as a quarter of a register has bits.
//!
//! # Implementation notes
//! The *barrel-shiftrows* representation of Adomnicai and Peyrin, "Fixslicing AES-like Ciphers"
//! (TCHES 2021/1, section 4.3): a state is 8 × 4 registers, one for each bit of a byte and each row
//! of the AES state. A register holds its row's 4 columns, and in each column the same bit of all
//! blocks:
//!
//! ```text
//! state[bit][row], bit number column · BLOCKS + block
//! ```
//!
//! So ShiftRows is a rotation of registers, and MixColumns takes bytes of other rows from other
//! registers without any shift. The S-box is a circuit (`sbox.rs`) without its constant, which
//! ShiftRows and MixColumns leave as it is: that is part of the sliced round keys.

use core::ops::{BitAnd, BitXor};

use zeroize::Zeroize;

use crate::aead::sbox::{SBOX_CONSTANT, sub_bits};
use crate::secret::Key;

/// AES-256 has 14 rounds. FIPS 197 5.
const ROUNDS: usize = 14;

/// A register; `rows.rs` has them.
pub trait Row: Copy + Zeroize + BitAnd<Output = Self> + BitXor<Output = Self> {
    /// Blocks in a register: a quarter of its bits.
    const BLOCKS: usize;
    fn zero() -> Self;
    /// Each column filled with a byte.
    fn columns(bytes: [u8; 4]) -> Self;
    /// The last column: `BLOCKS` bits of `bits`. The others are zero.
    fn last_column(bits: u32) -> Self;
    /// The register in memory, first column first, then zeros.
    fn bytes(self) -> [u8; 16];
    /// Column c + `count` moves to c.
    fn rotate(self, count: usize) -> Self;
    /// All bits one, two or four places up. What goes from byte to byte or falls out is undefined.
    fn up(self, distance: usize) -> Self;
    /// As [`Row::up`], down.
    fn down(self, distance: usize) -> Self;
}

pub type State<R> = [[R; 4]; 8];

/// Round keys as FIPS 197 5.2 has them; wiped on drop.
pub struct RoundKeys([[u8; 16]; ROUNDS + 1]);

impl RoundKeys {
    /// Expands `key`. FIPS 197 5.2.
    pub fn expand(key: &Key) -> RoundKeys {
        let mut keys = RoundKeys([[0; 16]; ROUNDS + 1]);
        let (words, _) = keys.0.as_flattened_mut().as_chunks_mut::<4>();
        let (given, _) = key.expose().as_chunks::<4>();
        words.iter_mut().zip(given).for_each(|(to, from)| *to = *from);
        let mut rcon = 1;
        let mut previous = given.last().copied().unwrap_or_default();
        for i in 8..words.len() {
            if i % 8 == 0 {
                previous.rotate_left(1);
                previous = sub_word(previous);
                previous[0] ^= rcon;
                rcon <<= 1;
            } else if i % 8 == 4 {
                previous = sub_word(previous);
            }
            let (before, [word, ..]) = words.split_at_mut(i) else { break };
            previous.iter_mut().zip(before[i - 8]).for_each(|(p, w)| *p ^= w);
            *word = previous;
        }
        keys
    }
}

impl Drop for RoundKeys {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// SubWord. FIPS 197 5.2.
fn sub_word(word: [u8; 4]) -> [u8; 4] {
    let bits = u32::from_le_bytes(word);
    let planes = core::array::from_fn(|bit| bits >> bit & 0x0101_0101);
    let planes = sub_bits(planes);
    let sum = (0..8).fold(0, |sum, bit| sum | (planes[bit] & 0x0101_0101) << bit);
    (sum ^ u32::from_ne_bytes([SBOX_CONSTANT; 4])).to_le_bytes()
}

/// Round keys, sliced and repeated for all blocks; wiped on drop.
pub struct Sliced<R: Row>([State<R>; ROUNDS + 1]);

impl<R: Row> Sliced<R> {
    /// Bytes that are encrypted at once.
    pub const BATCH: usize = 16 * R::BLOCKS;

    pub fn new(keys: &RoundKeys) -> Self {
        let mut sliced = Sliced([[[R::zero(); 4]; 8]; ROUNDS + 1]);
        for (round, (state, key)) in sliced.0.iter_mut().zip(&keys.0).enumerate() {
            let constant = if round > 0 { SBOX_CONSTANT } else { 0 };
            *state = slice_repeated(&key.map(|byte| byte ^ constant));
        }
        sliced
    }

    /// What `eight_blocks.rs` needs to go the other way.
    pub fn round_keys(&self) -> &[State<R>; ROUNDS + 1] {
        &self.0
    }

    /// Encrypts all blocks of `state`. FIPS 197 5.1.
    #[inline]
    pub fn encrypt(&self, state: &mut State<R>) {
        let [first, middle @ .., last] = &self.0;
        add(state, first);
        for key in middle {
            sub_bytes(state);
            shift_rows(state);
            mix_columns(state);
            add(state, key);
        }
        sub_bytes(state);
        shift_rows(state);
        add(state, last);
    }

    /// The key stream from `counter` on: `j0` with the last 32 bits replaced, which wrap; as far as
    /// `stream` is long, at most a batch. SP 800-38D 6.2, 6.5.
    pub fn key_stream(&self, j0: &[u8; 16], counter: u32, stream: &mut [u8]) {
        let mut state = slice_counters(j0, counter);
        self.encrypt(&mut state);
        unslice(&mut state);
        let mut bytes = state.map(|rows| rows.map(R::bytes));
        for (number, block) in stream.chunks_mut(16).take(R::BLOCKS).enumerate() {
            let rows = &bytes[number % 8];
            for (at, byte) in block.iter_mut().enumerate() {
                *byte = rows[at % 4][(at / 4 * (R::BLOCKS / 8) + number / 8) % 16];
            }
        }
        bytes.zeroize();
        state.as_flattened_mut().iter_mut().for_each(Zeroize::zeroize);
    }
}

impl<R: Row> Drop for Sliced<R> {
    fn drop(&mut self) {
        let registers = self.0.as_flattened_mut().as_flattened_mut();
        registers.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// The same block in all places.
#[inline(always)]
fn slice_repeated<R: Row>(block: &[u8; 16]) -> State<R> {
    core::array::from_fn(|bit| {
        core::array::from_fn(|row| {
            R::columns(core::array::from_fn(|column| {
                // The remainder changes nothing, and shows that the index is in bounds.
                (block[(4 * column + row) % 16] >> bit & 1).wrapping_neg()
            }))
        })
    })
}

#[inline(always)]
fn slice_counters<R: Row>(j0: &[u8; 16], counter: u32) -> State<R> {
    let mut block = *j0;
    block[12..].fill(0);
    let mut state = slice_repeated::<R>(&block);
    let mut columns = [[0; 4]; 8];
    for group in 0..R::BLOCKS / 8 {
        let numbers: [[u8; 4]; 8] =
            core::array::from_fn(|i| counter.wrapping_add((8 * group + i) as u32).to_be_bytes());
        for row in 0..4 {
            let bits = transpose(numbers.map(|number| number[row]));
            for (column, bits) in columns.iter_mut().zip(bits) {
                column[row] |= u32::from(bits) << (8 * group);
            }
        }
    }
    add(&mut state, &columns.map(|rows| rows.map(R::last_column)));
    state
}

/// Bit j of byte i becomes bit i of byte j.
#[inline(always)]
pub fn transpose(bytes: [u8; 8]) -> [u8; 8] {
    let mut x = u64::from_le_bytes(bytes);
    for (distance, mask) in
        [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0xf0f0_f0f0)]
    {
        let swapped = (x ^ x >> distance) & mask;
        x ^= swapped ^ swapped << distance;
    }
    x.to_le_bytes()
}

/// Back to bytes: in place of bit i of all blocks, byte k of `state[i][row]` is that of block
/// i + 8 (k mod BLOCKS / 8), in its column and row.
#[inline(always)]
pub fn unslice<R: Row>(state: &mut State<R>) {
    for (distance, mask) in [(1, 0x55), (2, 0x33), (4, 0x0f)] {
        let mask = R::columns([mask; 4]);
        for a in (0..8).filter(|a| a & distance == 0) {
            let Ok([x, y]) = state.get_disjoint_mut([a, a + distance]) else { continue };
            for (x, y) in x.iter_mut().zip(y) {
                let swapped = (x.down(distance) ^ *y) & mask;
                *x = *x ^ swapped.up(distance);
                *y = *y ^ swapped;
            }
        }
    }
}

#[inline(always)]
pub fn add<R: Row>(state: &mut State<R>, key: &State<R>) {
    for (register, key) in state.as_flattened_mut().iter_mut().zip(key.as_flattened()) {
        *register = *register ^ *key;
    }
}

/// SubBytes without its constant.
#[inline(always)]
pub fn sub_bytes<R: Row>(state: &mut State<R>) {
    for row in 0..4 {
        // The mask changes nothing, and shows that the index is in bounds.
        let bits = sub_bits(state.each_ref().map(|rows| rows[row & 3]));
        for (state, bit) in state.iter_mut().zip(bits) {
            state[row] = bit;
        }
    }
}

/// ShiftRows: row r takes from r columns on.
#[inline(always)]
pub fn shift_rows<R: Row>(state: &mut State<R>) {
    for rows in state {
        for (number, row) in rows.iter_mut().enumerate() {
            *row = row.rotate(number);
        }
    }
}

/// MixColumns: 2a + 3b + c + d = 2(a + b) + b + (c + d), b, c, d being the rows below.
#[inline(always)]
pub fn mix_columns<R: Row>(state: &mut State<R>) {
    let below = state.map(|[a, b, c, d]| [b, c, d, a]);
    let mut pairs = *state;
    add(&mut pairs, &below);
    for bit in 0..8 {
        for row in 0..4 {
            // Times 2: the bits move up, and the highest comes back as 0x1b.
            let up = if bit > 0 { pairs[bit - 1][row] } else { R::zero() };
            let back = if 0x1b >> bit & 1 == 1 { pairs[7][row] } else { R::zero() };
            state[bit][row] = up ^ back ^ below[bit][row] ^ pairs[bit][(row + 2) % 4];
        }
    }
}
