//! A strict reader of DER (X.690), as far as key files need it.
//!
//! One-byte tags, definite lengths in their shortest form, up to 65,535 bytes. Whatever is not DER,
//! or not what the caller asked for, is [`Error::BadKeyFile`]. Tags and lengths are public;
//! contents are never looked at.

use crate::error::{Error, Result};

/// A tag byte: class, constructed bit and number. X.690 8.1.2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tag(u8);

impl Tag {
    /// INTEGER.
    pub const INTEGER: Tag = Tag(0x02);
    /// BIT STRING.
    pub const BIT_STRING: Tag = Tag(0x03);
    /// OCTET STRING.
    pub const OCTET_STRING: Tag = Tag(0x04);
    /// OBJECT IDENTIFIER.
    pub const OID: Tag = Tag(0x06);
    /// SEQUENCE, SEQUENCE OF.
    pub const SEQUENCE: Tag = Tag(0x30);

    /// `[number] IMPLICIT` of a primitive type; number below 31.
    pub const fn implicit(number: u8) -> Tag {
        Tag(0x80 | number)
    }

    /// `[number]` around another value, or `[number] IMPLICIT` of a constructed type; number below
    /// 31.
    pub const fn constructed(number: u8) -> Tag {
        Tag(0xa0 | number)
    }
}

/// Values that stand one after the other.
pub struct Der<'a> {
    rest: &'a [u8],
}

impl<'a> Der<'a> {
    /// Starts at the first value.
    pub fn new(bytes: &'a [u8]) -> Self {
        Der { rest: bytes }
    }

    /// The contents of the next value, which has this tag.
    pub fn value(&mut self, tag: Tag) -> Result<&'a [u8]> {
        self.optional(tag)?.ok_or(Error::BadKeyFile)
    }

    /// The contents of the next value, if it has this tag.
    pub fn optional(&mut self, tag: Tag) -> Result<Option<&'a [u8]>> {
        match self.rest.first() {
            Some(first) if *first == tag.0 => self.any().map(Some),
            _ => Ok(None),
        }
    }

    /// The values inside the next value, which has this tag.
    pub fn inside(&mut self, tag: Tag) -> Result<Der<'a>> {
        Ok(Der::new(self.value(tag)?))
    }

    /// The contents of the next value, which is a BIT STRING of whole bytes. X.690 8.6.2.
    pub fn bit_string(&mut self) -> Result<&'a [u8]> {
        whole_bytes(self.value(Tag::BIT_STRING)?)
    }

    /// The contents of the next value, whatever its tag.
    pub fn any(&mut self) -> Result<&'a [u8]> {
        let (tag, rest) = self.rest.split_first().ok_or(Error::BadKeyFile)?;
        if tag & 0x1f == 0x1f {
            return Err(Error::BadKeyFile); // a tag of several bytes
        }
        let (len, rest) = length(rest)?;
        let (contents, rest) = rest.split_at_checked(len).ok_or(Error::BadKeyFile)?;
        self.rest = rest;
        Ok(contents)
    }

    /// The values that are left, with their tags and lengths.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether no value is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Ends the reading; bytes that are left are an error.
    pub fn end(self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(Error::BadKeyFile) }
    }
}

/// The contents of a BIT STRING without the number of unused bits, which is 0. X.690 8.6.2.
pub fn whole_bytes(bits: &[u8]) -> Result<&[u8]> {
    bits.strip_prefix(&[0]).ok_or(Error::BadKeyFile)
}

/// A length and what follows it. X.690 8.1.3 and 10.1: definite, in the shortest form.
fn length(bytes: &[u8]) -> Result<(usize, &[u8])> {
    match *bytes {
        [len @ 0..=0x7f, ref rest @ ..] => Ok((len.into(), rest)),
        [0x81, len @ 0x80..=0xff, ref rest @ ..] => Ok((len.into(), rest)),
        [0x82, high @ 1..=0xff, low, ref rest @ ..] => {
            Ok((u16::from_be_bytes([high, low]).into(), rest))
        }
        _ => Err(Error::BadKeyFile),
    }
}
