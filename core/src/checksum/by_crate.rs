//! XXH3-64 of more than 240 bytes by crate xxhash-rust, behind the interface of `long.rs`.

use xxhash_rust::xxh3::Xxh3Default;

use crate::cpu::Cpu;

/// Bytes of a stripe.
pub const STRIPE: usize = 64;

/// A hash of stripes.
#[derive(Clone)]
pub struct Long(Xxh3Default);

impl Long {
    /// Nothing absorbed.
    pub fn new(_: Cpu) -> Self {
        Long(Xxh3Default::new())
    }

    /// Absorbs whole stripes.
    pub fn absorb(&mut self, stripes: &[[u8; STRIPE]]) {
        self.0.update(stripes.as_flattened());
    }

    /// The hash of what was absorbed and `rest`.
    pub fn finish(&self, rest: &[u8], _: &[u8; STRIPE], _: u64) -> u64 {
        let mut end = self.0.clone();
        end.update(rest);
        end.digest()
    }
}
