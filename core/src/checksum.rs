//! XXH3-64: the last eight bytes of every version 2 object. It finds damage without a key; it stops
//! no attacker.

use xxhash_rust::xxh3::Xxh3Default;

/// Size of a checksum.
pub const SIZE: usize = 8;

/// The checksum of `bytes`, as it stands in an object.
pub fn of(bytes: &[u8]) -> [u8; SIZE] {
    xxhash_rust::xxh3::xxh3_64(bytes).to_le_bytes()
}

/// Whether `object` ends with the checksum of what stands before.
pub fn holds(object: &[u8]) -> bool {
    object.split_last_chunk::<SIZE>().is_some_and(|(body, sum)| of(body) == *sum)
}

/// A checksum over bytes that come piece by piece.
#[derive(Clone, Default)]
pub struct Running(Xxh3Default);

impl Running {
    /// Absorbs the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum of all bytes absorbed.
    pub fn finish(&self) -> [u8; SIZE] {
        self.0.digest().to_le_bytes()
    }
}
