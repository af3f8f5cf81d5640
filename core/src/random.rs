//! The one way in which randomness enters, and the hedge against a source that is worse than it
//! says.
//!
//! The source is the caller's. Its output is tested (constant bytes, a repeat of the last 32
//! bytes), and no key is made of it alone: what is already secret is mixed in, so that a cloned or
//! stuck source still gives different keys in different places. A clone that makes the *same* key
//! in the same place is outside the hedge.

use crate::derive::{self, label};
use crate::error::{Error, Result, built};
use crate::secret::Key;

/// The caller's source of uniformly random bytes.
pub trait RandomSource {
    /// Fills `out`.
    ///
    /// # Errors
    /// [`Error::Random`]: it could not fill all of it.
    fn fill(&mut self, out: &mut [u8]) -> Result<()>;
}

/// A random source under watch.
pub struct Random<S> {
    source: S,
    /// SHA-256 of the last draw: enough to see a repeat, useless to an attacker.
    last: [u8; 32],
    draws: u64,
}

impl<S: RandomSource> Random<S> {
    /// Puts `source` under watch.
    pub fn new(source: S) -> Self {
        Random { source, last: [0; 32], draws: 0 }
    }

    /// 32 bytes of the source, tested.
    ///
    /// # Errors
    /// [`Error::Random`]: the source failed, or all bytes are equal. [`Error::RandomRepeated`]: the
    /// same bytes as in the last draw.
    pub fn draw(&mut self) -> Result<Key> {
        built(cfg!(feature = "seal"))?;
        let mut bytes = Key::zero();
        self.source.fill(bytes.expose_mut())?;
        let first = bytes.expose()[0];
        if bytes.expose().iter().all(|b| *b == first) {
            return Err(Error::Random);
        }
        let seen = derive::sha256(bytes.expose());
        if seen == self.last {
            return Err(Error::RandomRepeated);
        }
        self.last = seen;
        self.draws = self.draws.wrapping_add(1);
        Ok(bytes)
    }

    /// A fresh key: a draw, the number of draws, and `hedge`, which is what is already secret or
    /// unique here.
    pub fn key(&mut self, hedge: &[&[u8]]) -> Result<Key> {
        let drawn = self.draw()?;
        let rest = derive::extract256(label::GENERATE, hedge);
        let draws = self.draws.to_le_bytes();
        Ok(derive::extract256(label::GENERATE, &[drawn.expose(), &draws, rest.expose()]))
    }

    /// How many draws there were; a reset is harmless.
    pub fn draws(&self) -> u64 {
        self.draws
    }
}
