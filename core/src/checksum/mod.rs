//! XXH3-64: the last eight bytes of every version 2 object. It finds damage without a key; it stops
//! no attacker.
//!
//! Crate xxhash-rust hashes the short, and where it must, the long; on x86-64 `long.rs` does that,
//! at the processor's width, which the crate chooses when it is compiled. Where software is made
//! for size, `short.rs` and `long.rs` do it all.

#[cfg(any(not(feature = "fast-software"), all(target_arch = "x86_64", target_feature = "sse2")))]
mod xxh3;
#[cfg_attr(
    all(feature = "fast-software", not(all(target_arch = "x86_64", target_feature = "sse2"))),
    path = "by_crate.rs"
)]
mod long;
#[cfg(all(feature = "fast-software", target_arch = "x86_64", target_feature = "sse2"))]
#[path = "stripes_x86.rs"]
mod stripes;
#[cfg(not(feature = "fast-software"))]
#[path = "stripes_scalar.rs"]
mod stripes;
#[cfg(not(feature = "fast-software"))]
mod short;

#[cfg(feature = "fast-software")]
use xxhash_rust::xxh3::xxh3_64 as short_of;

use long::{Long, STRIPE};
#[cfg(not(feature = "fast-software"))]
use short::of as short_of;

use crate::bytes::copy;
use crate::cpu::Cpu;

/// Size of a checksum.
pub const SIZE: usize = 8;

/// Bytes of a block of the hash, which is more than what is short.
const BLOCK: usize = 16 * STRIPE;
/// The most that is short.
const SHORT: usize = 240;

/// The checksum of `bytes`, as it stands in an object.
pub fn of(bytes: &[u8]) -> [u8; SIZE] {
    of_by(Cpu::TARGET, bytes)
}

/// As [`of`], with the instructions of `cpu`.
pub fn of_by(cpu: Cpu, bytes: &[u8]) -> [u8; SIZE] {
    Following::new(cpu).finish(bytes)
}

/// Whether `object` ends with the checksum of what stands before.
pub fn holds(object: &[u8]) -> bool {
    holds_by(Cpu::TARGET, object)
}

/// As [`holds`], with the instructions of `cpu`.
pub fn holds_by(cpu: Cpu, object: &[u8]) -> bool {
    object.split_last_chunk::<SIZE>().is_some_and(|(body, sum)| of_by(cpu, body) == *sum)
}

/// A checksum over bytes that are appended to one place, which takes them while they are near the
/// processor.
pub struct Following {
    long: Long,
    absorbed: usize,
}

impl Following {
    /// Nothing yet; with the instructions of `cpu`.
    pub fn new(cpu: Cpu) -> Self {
        Following { long: Long::new(cpu), absorbed: 0 }
    }

    /// Takes what was appended to `bytes`, which begin with those of the last call: whole blocks
    /// of the hash, and one byte at least is left.
    pub fn follow(&mut self, bytes: &[u8]) {
        let before_last = bytes.len().saturating_sub(1);
        let new = bytes.get(self.absorbed..before_last).unwrap_or_default();
        let (blocks, _) = new.as_chunks::<BLOCK>();
        let (stripes, _) = blocks.as_flattened().as_chunks();
        self.long.absorb(stripes);
        self.absorbed += blocks.as_flattened().len();
    }

    /// The checksum of `bytes`, which begin with those of the last call.
    pub fn finish(mut self, bytes: &[u8]) -> [u8; SIZE] {
        self.follow(bytes);
        let sum = match bytes.last_chunk::<STRIPE>() {
            Some(last) if bytes.len() > SHORT => {
                let rest = bytes.get(self.absorbed..).unwrap_or_default();
                self.long.finish(rest, last, bytes.len() as u64)
            }
            _ => short_of(bytes),
        };
        sum.to_le_bytes()
    }
}

/// A checksum over bytes that come piece by piece.
#[derive(Clone)]
pub struct Running {
    long: Long,
    len: u64,
    /// What was not absorbed: the first `held` bytes, one at least. When they are less than a
    /// stripe, those that were absorbed last stand at the end.
    buffer: [u8; BUFFER],
    held: usize,
}

/// More than [`SHORT`].
const BUFFER: usize = 4 * STRIPE;

impl Running {
    /// Nothing yet; with the instructions of `cpu`.
    pub fn new(cpu: Cpu) -> Self {
        Running { long: Long::new(cpu), len: 0, buffer: [0; BUFFER], held: 0 }
    }

    /// Absorbs the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.len = self.len.wrapping_add(bytes.len() as u64);
        let space = self.buffer.get_mut(self.held..).unwrap_or_default();
        if bytes.len() <= space.len() {
            copy(space, bytes);
            self.held += bytes.len();
            return;
        }
        if self.held > 0 {
            let (now, later) = bytes.split_at(space.len());
            copy(space, now);
            self.long.absorb(self.buffer.as_chunks().0);
            bytes = later;
        }
        let before_last = bytes.split_last().map_or(bytes, |(_, before)| before);
        let (stripes, _) = before_last.as_chunks::<STRIPE>();
        self.long.absorb(stripes);
        if let (Some(last), Some(space)) = (stripes.last(), self.buffer.last_chunk_mut()) {
            *space = *last;
        }
        let rest = bytes.get(stripes.as_flattened().len()..).unwrap_or_default();
        copy(&mut self.buffer, rest);
        self.held = rest.len();
    }

    /// The checksum of all bytes absorbed.
    pub fn finish(&self) -> [u8; SIZE] {
        let rest = self.buffer.get(..self.held).unwrap_or_default();
        if self.len <= SHORT as u64 {
            return short_of(rest).to_le_bytes();
        }
        let last = match rest.last_chunk::<STRIPE>() {
            Some(last) => *last,
            None => {
                let mut last = [0; STRIPE];
                let absorbed = self.buffer.iter().skip(BUFFER - STRIPE + rest.len());
                last.iter_mut().zip(absorbed.chain(rest)).for_each(|(to, from)| *to = *from);
                last
            }
        };
        self.long.finish(rest, &last, self.len).to_le_bytes()
    }
}

impl Default for Running {
    fn default() -> Self {
        Running::new(Cpu::TARGET)
    }
}
