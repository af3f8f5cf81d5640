//! The operating system's random source, as the C ABI has it; the peer's keys come from it too.

use coffre_core::error::{Error, Result};
use coffre_core::random::RandomSource;

pub struct OsRandom;

impl RandomSource for OsRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        getrandom::fill(out).map_err(|_| Error::Random)
    }
}
