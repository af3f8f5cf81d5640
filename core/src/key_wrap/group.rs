//! The memory in which an engine works on a group of rows, and how rows get in and out.
//!
//! It knows the layout of a wrapped key, and no AES.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::WRAPPED;
use crate::error::{Error, Result};
use crate::secret::Key;

/// The integrity check value. RFC 3394 2.2.3.1.
pub const IV: [u8; 8] = [0xa6; 8];

/// The state of `ROWS` rows: RFC 3394 2.2.1's R1 to R4, each in the upper half of a block.
///
/// An AES block takes and gives A and one R. So the lower half of R1's block is A before an unwrap,
/// that of R4's block is A after a wrap; the others are of no use. The lower half of `checks` is
/// the A that an unwrap ended with.
#[derive(Zeroize, ZeroizeOnDrop)]
#[repr(C, align(64))]
pub struct Group<const ROWS: usize> {
    pub blocks: [[[u8; 16]; ROWS]; 4],
    pub checks: [[u8; 16]; ROWS],
}

/// Goes through `rows` in groups, which `rekey` unwraps and wraps, and gives `each` the results. In
/// the last group rows of no meaning may follow those that are left.
pub fn in_groups<const ROWS: usize>(
    rows: &[[u8; WRAPPED]],
    mut each: impl FnMut(Result<[u8; WRAPPED]>),
    rekey: impl Fn(&mut Group<ROWS>),
) {
    let mut group = Group::zero();
    for rows in rows.chunks(ROWS) {
        for (row, wrapped) in (0..ROWS).zip(rows) {
            group.set_wrapped(row, wrapped);
        }
        rekey(&mut group);
        for (row, _) in (0..ROWS).zip(rows) {
            let good = group.is_good(row);
            each(if good { Ok(group.wrapped(row)) } else { Err(Error::NotAuthentic) });
        }
    }
}

impl<const ROWS: usize> Group<ROWS> {
    pub fn zero() -> Self {
        Group { blocks: [[[0; 16]; ROWS]; 4], checks: [[0; 16]; ROWS] }
    }

    /// A row, to be unwrapped: what stands before an R in a wrapped key is the R before it, or A.
    #[inline(always)]
    pub fn set_wrapped(&mut self, row: usize, wrapped: &[u8; WRAPPED]) {
        for (blocks, halves) in self.blocks.iter_mut().zip(wrapped.windows(16).step_by(8)) {
            if let (Some(block), Some(halves)) = (blocks.get_mut(row), halves.first_chunk()) {
                *block = *halves;
            }
        }
    }

    /// A row, to be wrapped.
    pub fn set_key(&mut self, row: usize, key: &Key) {
        for (blocks, r) in self.blocks.iter_mut().zip(key.expose().as_chunks().0) {
            if let Some(upper) = blocks.get_mut(row).and_then(|block| block.last_chunk_mut::<8>()) {
                *upper = *r;
            }
        }
    }

    /// Whether a row that was unwrapped has the integrity check value. Its time says nothing that
    /// the answer does not: an A that is another one tells nobody a key.
    #[inline(always)]
    pub fn is_good(&self, row: usize) -> bool {
        let check = self.checks.get(row).and_then(|check| check.first_chunk());
        check.is_some_and(|check| u64::from_ne_bytes(*check) == u64::from_ne_bytes(IV))
    }

    /// A row that was unwrapped.
    pub fn key(&self, row: usize) -> Key {
        let mut key = Key::zero();
        for (blocks, r) in self.blocks.iter().zip(key.expose_mut().as_chunks_mut().0) {
            *r = upper(blocks, row);
        }
        key
    }

    /// A row that was wrapped.
    #[inline(always)]
    pub fn wrapped(&self, row: usize) -> [u8; WRAPPED] {
        let [.., last] = &self.blocks;
        let a = last.get(row).and_then(|block| block.first_chunk()).copied().unwrap_or_default();
        let [b, c, d, e] = self.blocks.each_ref().map(|blocks| upper(blocks, row));
        let mut wrapped = [0; WRAPPED];
        for (to, from) in wrapped.as_chunks_mut().0.iter_mut().zip([a, b, c, d, e]) {
            *to = from;
        }
        wrapped
    }
}

/// The R of a row.
#[inline(always)]
fn upper(blocks: &[[u8; 16]], row: usize) -> [u8; 8] {
    blocks.get(row).and_then(|block| block.last_chunk()).copied().unwrap_or_default()
}
