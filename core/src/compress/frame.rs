//! What a zstd frame says of itself, read strictly (RFC 8878 3.1.1).
//!
//! libzstd accepts more than the format does: several frames, skippable ones, trailing bytes, no
//! content size. So the frame is walked here, header and block headers, before a byte is
//! decompressed. Block contents are libzstd's business.

use crate::bytes::Reader;
use crate::error::{Error, Result};

const MAGIC: u32 = 0xFD2F_B528;

/// The header of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Content size in bytes; always present.
    pub content_size: u64,
    /// Window_Size in bytes; with a single segment that is the content size.
    pub window: u64,
}

impl Frame {
    /// Reads `bytes`, which must be exactly one frame.
    ///
    /// # Errors
    /// [`Error::BadFrame`]: they are not, or the frame has no content size, has a dictionary id or
    /// sets a reserved bit.
    ///
    /// FORMAT.md \[B9\].
    pub fn parse(bytes: &[u8]) -> Result<Frame> {
        let mut reader = Reader::new(bytes);
        let walked = Frame::read_header(&mut reader).and_then(|(frame, has_checksum)| {
            skip_blocks(&mut reader)?;
            if has_checksum {
                reader.take(4)?;
            }
            reader.end()?;
            Ok(frame)
        });
        walked.map_err(|_| Error::BadFrame)
    }

    /// Reads the header alone, from the first bytes of a frame.
    ///
    /// # Errors
    /// As [`Frame::parse`].
    pub fn parse_header(bytes: &[u8]) -> Result<Frame> {
        let header = Frame::read_header(&mut Reader::new(bytes));
        header.map(|(frame, _)| frame).map_err(|_| Error::BadFrame)
    }

    fn read_header(reader: &mut Reader) -> Result<(Frame, bool)> {
        if reader.u32()? != MAGIC {
            return Err(Error::BadFrame);
        }
        let descriptor = reader.u8()?;
        let single_segment = descriptor & 0x20 != 0;
        let has_checksum = descriptor & 0x04 != 0;
        let (reserved, dictionary_id) = (descriptor & 0x08, descriptor & 0x03);
        if reserved != 0 || dictionary_id != 0 {
            return Err(Error::BadFrame);
        }
        let window_descriptor = if single_segment { None } else { Some(reader.u8()?) };
        let content_size = match (descriptor >> 6, single_segment) {
            (0, true) => reader.u8()?.into(),
            (0, false) => return Err(Error::BadFrame),
            (1, _) => u64::from(reader.u16()?) + 256,
            (2, _) => reader.u32()?.into(),
            _ => reader.u64()?,
        };
        let window = window_descriptor.map_or(content_size, window_size);
        Ok((Frame { content_size, window }, has_checksum))
    }
}

/// RFC 8878 3.1.1.1.2.
fn window_size(descriptor: u8) -> u64 {
    let base = 1u64 << (10 + (descriptor >> 3));
    base + base / 8 * u64::from(descriptor & 7)
}

/// RFC 8878 3.1.1.2: a raw or compressed block has its size in bytes, a run-length block has one.
fn skip_blocks(reader: &mut Reader) -> Result<()> {
    loop {
        let [a, b, c] = *reader.array()?;
        let header = u32::from_le_bytes([a, b, c, 0]);
        let size = (header >> 3) as usize;
        match header >> 1 & 3 {
            0 | 2 => reader.take(size)?,
            1 => reader.take(1)?,
            _ => return Err(Error::BadFrame),
        };
        if header & 1 != 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A raw block "hi" in a single segment.
    const GOOD: [u8; 11] = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 2, 0x11, 0, 0, b'h', b'i'];

    #[test]
    fn reads_a_frame() {
        assert_eq!(Frame::parse(&GOOD), Ok(Frame { content_size: 2, window: 2 }));
    }

    /// FORMAT.md [B9]: one row a rule.
    #[test]
    fn b9_refuses() {
        let skippable = [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0];
        let second = [GOOD, GOOD].concat();
        for (what, bytes) in [
            ("nothing", std::vec![]),
            ("magic", [&[0x29][..], &GOOD[1..]].concat()),
            ("skippable frame", [&skippable[..], &GOOD].concat()),
            ("reserved bit", [&GOOD[..4], &[0x28], &GOOD[5..]].concat()),
            ("dictionary id", [&GOOD[..4], &[0x21, 2, 7], &GOOD[6..]].concat()),
            ("no content size", [&GOOD[..4], &[0x00, 0x00], &GOOD[6..]].concat()),
            ("reserved block type", [&GOOD[..6], &[0x17], &GOOD[7..]].concat()),
            ("cut short", GOOD[..10].to_vec()),
            ("second frame", second),
            ("trailing byte", [&GOOD[..], &[0]].concat()),
        ] {
            assert_eq!(Frame::parse(&bytes), Err(Error::BadFrame), "{what}");
        }
    }
}
