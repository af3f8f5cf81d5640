//! The first two rounds of AES, kept for all blocks of a window of counters.
//!
//! # Implementation notes
//! A column of the state after a round depends on four bytes of the state before it. The last byte
//! of a counter block stands with bytes 0, 5 and 10 of the nonce; bytes 12 to 14, the rest of the
//! counter, stand elsewhere. The second round is linear once its bytes went through the S-box, so
//! after it
//!
//! ```text
//! state = f(bytes 0, 5, 10 and 15) ^ g(the other twelve)
//! ```
//!
//! A table has the states of 256 blocks that differ in byte 15 alone: a *window*. Those of any
//! other window with the same bytes 0, 5 and 10 are the table's, plus one difference, which is
//! found with two rounds of a block. Chunks count in byte 11 (FORMAT.md 3.1.1), so that a table
//! serves 256 of them.
//!
//! A table is made of round keys, and secret. Which entry is read follows from the number of the
//! block in its message: the counter of a 12-byte nonce starts with 1. That of a longer nonce
//! starts with bits of a hash under H, which no branch or address may depend on: no table there.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use zeroize::Zeroize;

use crate::aead::NONCE;

/// Blocks of a window.
pub const WINDOW: usize = 256;
/// The counter's last byte wraps that many blocks before a window ends, for it starts with 2.
pub const WRAPPED: usize = 2;

/// The states of a window; wiped on drop.
///
/// Invariant: when there is an `of`, all states are made.
#[repr(align(64))]
pub struct Table {
    states: [MaybeUninit<__m128i>; WINDOW],
    /// Bytes 0, 5 and 10 of the nonces that it is for.
    of: Option<[u8; 3]>,
}

impl Table {
    /// Of no nonce yet.
    #[inline(always)]
    pub fn blank() -> Table {
        Table { states: [MaybeUninit::uninit(); WINDOW], of: None }
    }

    /// Whether it serves messages of this nonce.
    pub fn is_for(&self, nonce: &[u8; NONCE]) -> bool {
        self.of == Some(seen(nonce))
    }

    pub fn states(&self) -> *const u8 {
        self.states.as_ptr().cast()
    }

    pub fn states_mut(&mut self) -> *mut u8 {
        self.states.as_mut_ptr().cast()
    }

    /// Now serves messages of this nonce.
    ///
    /// # Safety
    /// All states are made, for it.
    pub unsafe fn made_for(&mut self, nonce: &[u8; NONCE]) {
        self.of = Some(seen(nonce));
    }
}

/// The bytes that share a column with the counter's last byte.
fn seen(nonce: &[u8; NONCE]) -> [u8; 3] {
    [nonce[0], nonce[5], nonce[10]]
}

impl Drop for Table {
    fn drop(&mut self) {
        if self.of.is_some() {
            // Not by memset, which may take three times as long to begin (glibc's on Zen 5).
            self.states.iter_mut().for_each(Zeroize::zeroize);
        }
    }
}

/// Tables over a vocabulary; `kernel.rs` says what that is.
macro_rules! tables {
    ($features:literal) => {
        /// The states of blocks after two rounds.
        ///
        /// # Safety
        /// `keys` are round keys.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn two_rounds(blocks: V, keys: *const u8) -> V {
            // SAFETY: the caller's promise: there are 15.
            let keys = [0, 1, 2].map(|r| broadcast(unsafe { block128::load(keys.add(16 * r)) }));
            aesenc(aesenc(xor(blocks, keys[0]), keys[1]), keys[2])
        }

        /// Makes the states of the first window of `nonce`.
        ///
        /// # Safety
        /// `rounds` are made.
        #[target_feature(enable = $features)]
        pub unsafe fn fill_table(table: &mut Table, rounds: &RoundKeys, nonce: &[u8; NONCE]) {
            let j0 = block128::pre_counter_block(Nonce::Short(nonce), block128::none());
            // The counter's last byte is the highest of its dword here: no carry leaves it.
            let mut blocks = add32(broadcast(j0), counters(1 << 24, 1 << 24));
            let step = counters((LANES as i32) << 24, 0);
            let (keys, states) = (opaque(rounds), table.states_mut());
            for at in (0..WINDOW).step_by(LANES) {
                // SAFETY: the caller's promise; a table has the states of a window.
                unsafe { store(states.add(16 * at), two_rounds(blocks, keys)) };
                blocks = add32(blocks, step);
            }
            // SAFETY: they are.
            unsafe { table.made_for(nonce) };
            _mm256_zeroupper(); // see `message`
        }
    };
}
pub(super) use tables;
