//! Short texts that files carry and people read: hints of passwords, names of external keys.

use heapless::Vec;

use crate::error::{Error, Result};

/// UTF-8 of at most `N` bytes that moves no cursor and rings no bell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text<const N: usize>(Vec<u8, N>);

impl<const N: usize> Text<N> {
    /// The text of these bytes. FORMAT.md \[R12\].
    ///
    /// # Errors
    /// [`Error::TooLarge`]: more than `N` bytes. [`Error::InvalidArgument`]: not UTF-8, or with
    /// control characters.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        let copy = Vec::from_slice(bytes).map_err(|_| Error::TooLarge)?;
        if is_printable(bytes) { Ok(Text(copy)) } else { Err(Error::InvalidArgument) }
    }

    /// No text.
    pub const fn empty() -> Self {
        Text(Vec::new())
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// FORMAT.md \[R12\]: whether `bytes` are UTF-8 that shows as what it is.
pub(crate) fn is_printable(mut bytes: &[u8]) -> bool {
    while let Some((&first, rest)) = bytes.split_first() {
        let Some((character, rest)) = character(first, rest) else { return false };
        if is_unprintable(character) {
            return false;
        }
        bytes = rest;
    }
    true
}

/// One character, and what follows it. RFC 3629 3; by hand, for the tables of the standard library
/// take more room than all of this file.
fn character(first: u8, rest: &[u8]) -> Option<(u32, &[u8])> {
    let (more, least) = match first.leading_ones() {
        0 => (0, 0),
        2 => (1, 0x80),
        3 => (2, 0x800),
        4 => (3, 0x1_0000),
        _ => return None,
    };
    let (following, rest) = rest.split_at_checked(more)?;
    let mut character = u32::from(first) & (0x7f >> (more + usize::from(more > 0)));
    for byte in following {
        if byte & 0xc0 != 0x80 {
            return None;
        }
        character = character << 6 | u32::from(byte & 0x3f);
    }
    let surrogate = matches!(character, 0xd800..=0xdfff);
    (character >= least && character <= 0x10_ffff && !surrogate).then_some((character, rest))
}

/// Control characters, and those that turn the direction, break a line or are not seen.
fn is_unprintable(character: u32) -> bool {
    matches!(character, 0..=0x1f | 0x7f..=0x9f | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e)
        || matches!(character, 0x2060..=0x2069 | 0xfeff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_the_standard_library(bytes: &[u8]) -> bool {
        let unprintable = |c: char| c.is_control() || is_unprintable(c.into());
        core::str::from_utf8(bytes).is_ok_and(|text| !text.chars().any(unprintable))
    }

    /// Every character, alone and cut short, and every string of up to three bytes that begins one.
    #[test]
    fn as_the_standard_library() {
        for character in (0..=char::MAX as u32).filter_map(char::from_u32) {
            let mut space = [0; 4];
            let bytes = character.encode_utf8(&mut space).as_bytes();
            for cut in [bytes, &bytes[..bytes.len() - 1]] {
                assert_eq!(is_printable(cut), by_the_standard_library(cut), "{character:?}");
            }
        }
        for number in 0..1_u32 << 24 {
            let [_, bytes @ ..] = number.to_be_bytes();
            assert_eq!(is_printable(&bytes), by_the_standard_library(&bytes), "{bytes:?}");
        }
        for last in 0..1_u32 << 16 {
            let [_, _, c, d] = last.to_be_bytes();
            for start in [[0xf0, 0x8f], [0xf0, 0x90], [0xf4, 0x8f], [0xf4, 0x90], [0xf5, 0x80]] {
                let bytes = [start[0], start[1], c, d];
                assert_eq!(is_printable(&bytes), by_the_standard_library(&bytes), "{bytes:?}");
            }
        }
    }
}
