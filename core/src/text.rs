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

/// FORMAT.md \[R12\]: control characters, and those that turn the direction, break a line or are
/// not seen.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether `bytes` are UTF-8 that shows as what it is.
pub(crate) fn is_printable(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_ok_and(|text| !text.chars().any(is_unprintable))
}
