//! The eight bytes with which every version 2 object begins (FORMAT.md 1).

use crate::bytes::Reader;
use crate::checksum;
use crate::error::{Error, Result};

/// The format's version, and the only one that this code reads under the magic.
pub const VERSION: u8 = 2;
/// Cobblestone-256 for content; HKDF-SHA-256, HMAC-SHA-256 and AES-256 key wrap for keys.
pub const SUITE: u16 = 1;
/// Size of the prefix.
pub const PREFIX: usize = 8;

const MAGIC: [u8; 4] = *b"COFR";

/// An id of 16 bytes: of a session, a key, an instance or a restore point.
pub type Id = [u8; 16];

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ObjectType {
    /// A block of a disk image.
    Block = 1,
    /// A restore point's sealed metadata.
    Metadata = 2,
    /// A restore point's manifest.
    Manifest = 3,
    /// A restore point's key record.
    KeyRecord = 4,
    /// The start-up challenge.
    Challenge = 5,
    /// The repository's own record.
    RepositoryRecord = 6,
    /// Who made a restore point, signed.
    OriginSignature = 7,
    /// A key under a passphrase.
    RecoveryKit = 8,
}

impl ObjectType {
    const ALL: [ObjectType; 8] = [
        ObjectType::Block,
        ObjectType::Metadata,
        ObjectType::Manifest,
        ObjectType::KeyRecord,
        ObjectType::Challenge,
        ObjectType::RepositoryRecord,
        ObjectType::OriginSignature,
        ObjectType::RecoveryKit,
    ];

    /// The type of that number.
    pub fn from_number(number: u8) -> Option<ObjectType> {
        ObjectType::ALL.into_iter().find(|t| *t as u8 == number)
    }
}

/// The prefix of an object.
pub const fn prefix(object: ObjectType) -> [u8; PREFIX] {
    let [a, b, c, d] = MAGIC;
    let [e, f] = SUITE.to_le_bytes();
    [a, b, c, d, object as u8, VERSION, e, f]
}

/// Reads magic and object type. FORMAT.md \[O1\].
pub fn read_type(reader: &mut Reader) -> Result<ObjectType> {
    let too_short = reader.rest().len() < PREFIX + checksum::SIZE;
    if too_short || *reader.array()? != MAGIC {
        return Err(Error::Malformed);
    }
    ObjectType::from_number(reader.u8()?).ok_or(Error::Malformed)
}

/// Reads version and suite. FORMAT.md \[O2\].
pub fn read_version(reader: &mut Reader) -> Result<()> {
    if reader.u8()? != VERSION {
        return Err(Error::UnsupportedVersion);
    }
    if reader.u16()? != SUITE {
        return Err(Error::UnsupportedSuite);
    }
    Ok(())
}

/// Checks what is checked of every object that is there whole, in this order: that it is of a type
/// that is `wanted`, its size if its version is known (`size` says what it must be), its checksum
/// (`holds`), its version. Returns the type, and what stands behind the prefix.
///
/// # Errors
/// [`Error::Malformed`]: type or size. [`Error::Damaged`]: the checksum, whatever else is wrong.
/// [`Error::UnsupportedVersion`], [`Error::UnsupportedSuite`].
///
/// FORMAT.md 1, the order of checks.
pub fn read_whole(
    bytes: &[u8],
    wanted: impl FnOnce(ObjectType) -> bool,
    size: impl FnOnce() -> Option<usize>,
    holds: impl FnOnce(&[u8]) -> bool,
) -> Result<(ObjectType, Reader<'_>)> {
    let mut reader = Reader::new(bytes);
    let object = read_type(&mut reader)?;
    if !wanted(object) {
        return Err(Error::Malformed);
    }
    let version = read_version(&mut reader);
    if version.is_ok() && size() != Some(bytes.len()) {
        return Err(Error::Malformed);
    }
    if !holds(bytes) {
        return Err(Error::Damaged);
    }
    version.map(|()| (object, reader))
}
