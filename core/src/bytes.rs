//! Reading fixed layouts: parsers read as schemas, and nothing is read past the end.

use crate::error::{Error, Result};

/// Reads fields from the front of a byte string.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`]: fewer are left.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Error::Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next `N` bytes, where they stand.
    pub fn array<const N: usize>(&mut self) -> Result<&'a [u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Error::Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next byte.
    pub fn u8(&mut self) -> Result<u8> {
        Ok(u8::from_le_bytes(*self.array()?))
    }

    /// The next two bytes, little-endian.
    pub fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(*self.array()?))
    }

    /// The next four bytes, little-endian.
    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(*self.array()?))
    }

    /// The next eight bytes, little-endian.
    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(*self.array()?))
    }

    /// `N` reserved bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`]: one is not zero (FORMAT.md \[O4\]).
    pub fn reserved<const N: usize>(&mut self) -> Result<()> {
        if *self.array::<N>()? == [0; N] { Ok(()) } else { Err(Error::Malformed) }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Error::Malformed`]: bytes are left (FORMAT.md \[O5\]).
    pub fn end(self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(Error::Malformed) }
    }
}

/// Copies `from` to the front of `to`, as far as both go.
#[inline(always)]
pub fn copy(to: &mut [u8], from: &[u8]) {
    let len = to.len().min(from.len());
    if let (Some(to), Some(from)) = (to.get_mut(..len), from.get(..len)) {
        to.copy_from_slice(from);
    }
}

/// Writes fields one after the other into an array of exactly their size.
pub struct Fields<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Default for Fields<N> {
    fn default() -> Self {
        Fields::new()
    }
}

impl<const N: usize> Fields<N> {
    /// Nothing written yet.
    pub const fn new() -> Self {
        Fields { bytes: [0; N], len: 0 }
    }

    /// Appends a field.
    pub fn put(&mut self, field: &[u8]) -> &mut Self {
        debug_assert!(self.len + field.len() <= N);
        put_at(&mut self.bytes, self.len, field);
        self.len += field.len();
        self
    }

    /// The finished array; fields that were not written are zero.
    pub fn finish(&self) -> [u8; N] {
        self.bytes
    }
}

/// Once for all sizes of array.
#[inline(never)]
fn put_at(bytes: &mut [u8], at: usize, field: &[u8]) {
    copy(bytes.get_mut(at..).unwrap_or_default(), field);
}
