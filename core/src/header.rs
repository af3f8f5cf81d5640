//! The block header, byte for byte (FORMAT.md 3.1). It is the encryption's context, so it holds
//! only what a rekey never changes. Knows nothing of keys.

use crate::bytes::{Fields, Reader};
use crate::checksum;
use crate::chunked;
use crate::error::{Error, Result};
use crate::limits;
use crate::object::{self, Id, ObjectType};

/// Size of a header.
pub const SIZE: usize = 88;

const COMPRESSED: u32 = 1;
const ZERO: u32 = 2;

const _: () = assert!(SIZE == object::PREFIX + 4 + 4 + 8 + 8 + 16 + 1 + 1 + 6 + 32);

/// Which block this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockId {
    /// Its position in the image.
    Position(u64),
    /// A keyed hash of its plaintext.
    Hash([u8; 32]),
    /// The restore point whose metadata it is.
    RestorePoint(Id),
}

impl BlockId {
    /// Type, length and zero-padded bytes, as they stand in headers and manifests.
    pub fn fields(&self) -> (u8, u8, [u8; 32]) {
        let mut bytes = [0; 32];
        let (number, len) = match self {
            BlockId::Position(position) => {
                bytes[..8].copy_from_slice(&position.to_le_bytes());
                (1, 8)
            }
            BlockId::Hash(hash) => {
                bytes = *hash;
                (2, 32)
            }
            BlockId::RestorePoint(id) => {
                bytes[..16].copy_from_slice(id);
                (3, 16)
            }
        };
        (number, len, bytes)
    }

    /// The id of these fields. FORMAT.md \[B4\].
    ///
    /// # Errors
    /// [`Error::Malformed`]: type and length do not belong together, or the padding is not zero.
    pub fn from_fields(number: u8, len: u8, bytes: &[u8; 32]) -> Result<BlockId> {
        let mut reader = Reader::new(bytes);
        let id = match (number, len) {
            (1, 8) => BlockId::Position(reader.u64()?),
            (2, 32) => BlockId::Hash(*reader.array()?),
            (3, 16) => BlockId::RestorePoint(*reader.array()?),
            _ => return Err(Error::Malformed),
        };
        if reader.rest().iter().all(|b| *b == 0) { Ok(id) } else { Err(Error::Malformed) }
    }
}

/// In which form the plaintext is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// As it is.
    Stored,
    /// As one zstd frame of `stored_len` bytes, which needs a window of `window` bytes.
    Compressed {
        /// Length of the frame.
        stored_len: u64,
        /// Window_Size of the frame.
        window: u32,
    },
    /// Not at all: every byte is zero.
    Zero,
}

/// A block header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// [`ObjectType::Block`] or [`ObjectType::Metadata`].
    pub object: ObjectType,
    /// In which form the plaintext is stored.
    pub form: Form,
    /// Length of the plaintext.
    pub plain_len: u64,
    /// Id of the session whose key encrypts the block.
    pub session_id: Id,
    /// Which block this is.
    pub block_id: BlockId,
}

impl Header {
    /// Length of what is encrypted.
    pub fn stored_len(&self) -> u64 {
        match self.form {
            Form::Stored => self.plain_len,
            Form::Compressed { stored_len, .. } => stored_len,
            Form::Zero => 0,
        }
    }

    /// Window_Size of the frame; 0 without one.
    pub fn window(&self) -> u32 {
        if let Form::Compressed { window, .. } = self.form { window } else { 0 }
    }

    /// `compressed` and `zero`, as they stand in the header.
    pub fn flags(&self) -> u32 {
        match self.form {
            Form::Stored => 0,
            Form::Compressed { .. } => COMPRESSED,
            Form::Zero => ZERO,
        }
    }

    /// Size of the whole block. FORMAT.md \[B5\].
    pub fn total_len(&self) -> usize {
        total_len(self.stored_len() as usize)
    }

    /// The header's bytes.
    pub fn to_bytes(&self) -> [u8; SIZE] {
        let (id_type, id_len, id) = self.block_id.fields();
        Fields::<SIZE>::new()
            .put(&object::prefix(self.object))
            .put(&self.flags().to_le_bytes())
            .put(&self.window().to_le_bytes())
            .put(&self.plain_len.to_le_bytes())
            .put(&self.stored_len().to_le_bytes())
            .put(&self.session_id)
            .put(&[id_type, id_len])
            .put(&[0; 6])
            .put(&id)
            .finish()
    }

    /// Reads a header from the front of `bytes`.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnsupportedVersion`], [`Error::UnsupportedSuite`],
    /// [`Error::OverLimit`].
    ///
    /// FORMAT.md \[O1\] to \[O4\], \[B2\] to \[B4\].
    pub fn parse(bytes: &[u8]) -> Result<Header> {
        let mut reader = Reader::new(bytes);
        let object = object::read_type(&mut reader)?;
        if !matches!(object, ObjectType::Block | ObjectType::Metadata) {
            return Err(Error::Malformed);
        }
        object::read_version(&mut reader)?;
        let flags = reader.u32()?;
        let window = reader.u32()?;
        let plain_len = reader.u64()?;
        let stored_len = reader.u64()?;
        let session_id = *reader.array()?;
        let (id_type, id_len) = (reader.u8()?, reader.u8()?);
        reader.reserved::<6>()?;
        let block_id = BlockId::from_fields(id_type, id_len, reader.array()?)?;
        let of_metadata = matches!(block_id, BlockId::RestorePoint(_));
        if of_metadata != (object == ObjectType::Metadata) {
            return Err(Error::Malformed);
        }
        if plain_len > limits::PLAIN {
            return Err(Error::OverLimit);
        }
        let form = read_form(flags, window, plain_len, stored_len)?;
        Ok(Header { object, form, plain_len, session_id, block_id })
    }
}

/// Size of a block whose stored bytes are `stored_len`. FORMAT.md \[B5\].
pub const fn total_len(stored_len: usize) -> usize {
    SIZE + chunked::PREFIX + chunked::chunks_len(stored_len) + checksum::SIZE
}

/// The size of the whole block whose header stands at the front of `bytes`; nothing else of it is
/// looked at.
pub(crate) fn total_len_in(bytes: &[u8]) -> Option<usize> {
    let stored_len = u64::from_le_bytes(*bytes.get(24..)?.first_chunk()?);
    (stored_len <= limits::PLAIN).then(|| total_len(stored_len as usize))
}

/// FORMAT.md \[B3\].
fn read_form(flags: u32, window: u32, plain_len: u64, stored_len: u64) -> Result<Form> {
    let legal = match flags {
        0 => window == 0 && stored_len == plain_len,
        COMPRESSED => window > 0 && 0 < stored_len && stored_len < plain_len,
        ZERO => window == 0 && stored_len == 0 && plain_len > 0,
        _ => false,
    };
    match flags {
        _ if !legal => Err(Error::Malformed),
        COMPRESSED => Ok(Form::Compressed { stored_len, window }),
        ZERO => Ok(Form::Zero),
        _ => Ok(Form::Stored),
    }
}
