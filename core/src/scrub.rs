//! Checking any object of version 2 without a key, piece by piece: is it whole? (FORMAT.md 1)
//!
//! Finds damage, not attacks. `block::scrub` and `Record::parse` check more of what they have in
//! memory.

use crate::bytes::{Fields, Reader, copy};
use crate::checksum;
use crate::error::{Error, Result};
use crate::object::{self, ObjectType};

/// Prefix and checksum: the least that an object has.
const ENDS: usize = object::PREFIX + checksum::SIZE;

/// An object under examination.
pub struct Scrubber {
    checksum: checksum::Running,
    /// The object's first bytes.
    prefix: [u8; object::PREFIX],
    /// The last bytes that came, which may be the checksum.
    tail: [u8; checksum::SIZE],
    len: u64,
}

impl Scrubber {
    /// Nothing read yet.
    pub fn new() -> Self {
        let (prefix, tail) = ([0; object::PREFIX], [0; checksum::SIZE]);
        Scrubber { checksum: checksum::Running::default(), prefix, tail, len: 0 }
    }

    /// Takes the object's next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let before = usize::try_from(self.len).unwrap_or(usize::MAX);
        copy(self.prefix.get_mut(before..).unwrap_or_default(), bytes);
        let held = before.min(checksum::SIZE);
        if let Some((body, tail)) = bytes.split_last_chunk() {
            self.checksum.update(self.tail.get(..held).unwrap_or_default());
            self.checksum.update(body);
            self.tail = *tail;
        } else {
            let over = (held + bytes.len()).saturating_sub(checksum::SIZE);
            let tail = self.tail;
            self.checksum.update(tail.get(..over).unwrap_or_default());
            let last = tail.iter().take(held).skip(over).chain(bytes);
            self.tail.iter_mut().zip(last).for_each(|(to, from)| *to = *from);
        }
        self.len += bytes.len() as u64;
    }

    /// Says what the object is, if it is whole.
    ///
    /// # Errors
    /// [`Error::Malformed`]: not an object. [`Error::Damaged`]: the checksum does not fit.
    /// [`Error::UnsupportedVersion`], [`Error::UnsupportedSuite`].
    pub fn finish(&self) -> Result<ObjectType> {
        if self.len < ENDS as u64 {
            return Err(Error::Malformed);
        }
        let ends = Fields::<ENDS>::new().put(&self.prefix).put(&self.tail).finish();
        let mut reader = Reader::new(&ends);
        let object = object::read_type(&mut reader)?;
        if self.checksum.finish() != self.tail {
            return Err(Error::Damaged);
        }
        object::read_version(&mut reader)?;
        Ok(object)
    }
}

impl Default for Scrubber {
    fn default() -> Self {
        Scrubber::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn object(len: usize) -> Vec<u8> {
        let mut bytes = object::prefix(ObjectType::Manifest).to_vec();
        bytes.extend((0..len).map(|i| i as u8));
        let sum = checksum::of(&bytes);
        bytes.extend(sum);
        bytes
    }

    fn scrub(bytes: &[u8], piece: usize) -> Result<ObjectType> {
        let mut scrubber = Scrubber::new();
        bytes.chunks(piece).for_each(|chunk| scrubber.push(chunk));
        scrubber.finish()
    }

    /// FORMAT.md [O3]: pieces of any size give the same answer.
    #[test]
    fn pieces_do_not_matter() {
        for len in [0, 1, 7, 8, 9, 100, 1000] {
            let good = object(len);
            let mut bad = good.clone();
            bad[8 + len / 2] ^= 1;
            for piece in [1, 2, 3, 7, 8, 9, 15, 16, 17, 64, 5000] {
                assert_eq!(scrub(&good, piece), Ok(ObjectType::Manifest), "{len} {piece}");
                assert_eq!(scrub(&bad, piece), Err(Error::Damaged), "{len} {piece}");
            }
            assert_eq!(scrub(&good[..15], 4), Err(Error::Malformed));
        }
    }
}
