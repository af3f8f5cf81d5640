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

/// Whether `bytes` are UTF-8 without control characters: U+0000 to U+001F, U+007F to U+009F.
pub(crate) fn is_printable(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_ok_and(|text| !text.chars().any(char::is_control))
}
