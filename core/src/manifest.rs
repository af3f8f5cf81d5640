//! The manifest's layout: which block stands at which position of an image (FORMAT.md 6).
//!
//! `manifest_writer.rs` writes one in constant memory, `manifest_reader.rs` reads it a segment or
//! an entry at a time; both end with what identifies it, [`Whole`], which an origin key signs
//! (`origin.rs`).

use crate::bytes::{Fields, Reader};
use crate::checksum;
use crate::derive::{Mac256, expand256, label};
use crate::error::{Error, Result};
use crate::hash::Sha256;
use crate::header::BlockId;
use crate::limits;
use crate::object::{self, Id, ObjectType};
use crate::record::RecordKeys;
use crate::secret::Key;

/// Size of the header.
pub const HEADER: usize = 112;
/// Size of an entry.
pub const ENTRY: usize = 128;
/// Size of a MAC.
pub const MAC: usize = 32;
/// Size of root and checksum.
pub const TRAILER: usize = MAC + checksum::SIZE;
/// Size of a full segment.
pub const SEGMENT: usize = limits::SEGMENT_ENTRIES as usize * ENTRY + MAC;

const DIGESTS: u32 = 1;

/// What a manifest's header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Info {
    /// Every block entry carries a digest of its content.
    pub digests: bool,
    /// Bytes of plaintext at each position.
    pub block_size: u32,
    /// The restore point.
    pub restore_point_id: Id,
    /// The installation that wrote it.
    pub instance_id: Id,
    /// Generation of this manifest.
    pub generation: u64,
    /// Size of the image in bytes.
    pub image_size: u64,
    /// SHA-256 of the sealed metadata object; zeros without one.
    pub metadata_digest: [u8; 32],
}

impl Info {
    /// Number of entries: one for each position of the image.
    pub fn entry_count(&self) -> u64 {
        self.image_size.div_ceil(u64::from(self.block_size.max(1)))
    }

    /// Number of segments.
    pub fn segment_count(&self) -> u64 {
        self.entry_count().div_ceil(limits::SEGMENT_ENTRIES)
    }

    /// Number of entries in a segment; 0 past the end.
    pub fn segment_entries(&self, segment: u64) -> u64 {
        let before = segment.saturating_mul(limits::SEGMENT_ENTRIES);
        self.entry_count().saturating_sub(before).min(limits::SEGMENT_ENTRIES)
    }

    /// Size of a segment with its MAC; 0 past the end.
    pub fn segment_len(&self, segment: u64) -> usize {
        match self.segment_entries(segment) as usize {
            0 => 0,
            entries => entries * ENTRY + MAC,
        }
    }

    /// Size of the whole manifest.
    pub fn total_len(&self) -> u64 {
        let segments = self.entry_count() * ENTRY as u64 + self.segment_count() * MAC as u64;
        HEADER as u64 + segments + TRAILER as u64
    }

    /// Plaintext length at a position.
    pub fn plain_len(&self, position: u64) -> u32 {
        let before = position.saturating_mul(self.block_size.into());
        self.image_size.saturating_sub(before).min(self.block_size.into()) as u32
    }

    /// [`Error::TooLarge`] or [`Error::InvalidArgument`] for a geometry that the format does not
    /// have.
    pub(crate) fn check(&self) -> Result<()> {
        if self.block_size == 0 || self.generation == 0 {
            return Err(Error::InvalidArgument);
        }
        let too_large = u64::from(self.block_size) > limits::PLAIN
            || self.entry_count() > limits::MANIFEST_ENTRIES;
        if too_large { Err(Error::TooLarge) } else { Ok(()) }
    }

    /// The header's bytes.
    pub fn to_bytes(&self) -> [u8; HEADER] {
        let flags = if self.digests { DIGESTS } else { 0 };
        Fields::<HEADER>::new()
            .put(&object::prefix(ObjectType::Manifest))
            .put(&flags.to_le_bytes())
            .put(&self.block_size.to_le_bytes())
            .put(&self.restore_point_id)
            .put(&self.instance_id)
            .put(&self.generation.to_le_bytes())
            .put(&self.image_size.to_le_bytes())
            .put(&self.entry_count().to_le_bytes())
            .put(&[0; 8])
            .put(&self.metadata_digest)
            .finish()
    }

    /// Reads a header; nothing in it is proven.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnsupportedVersion`], [`Error::UnsupportedSuite`]. FORMAT.md
    /// \[M1\].
    pub fn parse(bytes: &[u8; HEADER]) -> Result<Info> {
        let mut reader = Reader::new(bytes);
        if object::read_type(&mut reader)? != ObjectType::Manifest {
            return Err(Error::Malformed);
        }
        object::read_version(&mut reader)?;
        let flags = reader.u32()?;
        let block_size = reader.u32()?;
        let (restore_point_id, instance_id) = (*reader.array()?, *reader.array()?);
        let (generation, image_size) = (reader.u64()?, reader.u64()?);
        let entry_count = reader.u64()?;
        reader.reserved::<8>()?;
        let metadata_digest = *reader.array()?;
        let info = Info {
            digests: flags & DIGESTS != 0,
            block_size,
            restore_point_id,
            instance_id,
            generation,
            image_size,
            metadata_digest,
        };
        let fits = flags & !DIGESTS == 0 && info.check().is_ok();
        if fits && entry_count == info.entry_count() { Ok(info) } else { Err(Error::Malformed) }
    }
}

/// A whole manifest: what a writer finished, or what a reader found whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Whole {
    /// The restore point.
    pub restore_point_id: Id,
    /// The installation that wrote it.
    pub instance_id: Id,
    /// Generation of the manifest.
    pub generation: u64,
    /// Every block entry carries a digest of its content.
    pub digests: bool,
    /// SHA-256 of the manifest, header to checksum.
    pub digest: [u8; 32],
}

/// A block, as a manifest lists it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockEntry {
    /// Version of the block: 0, 1 or 2.
    pub version: u8,
    /// Its id.
    pub block_id: BlockId,
    /// Version 2: the session whose key opens it; else zeros.
    pub session_id: Id,
    /// Version 2: the commitment to its keys; else zeros.
    pub commitment: [u8; 32],
    /// SHA-256 of the block without its checksum (versions 0 and 1: of the whole blob); zeros
    /// without digests.
    pub digest: [u8; 32],
}

/// What stands at a position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// A block.
    Block(BlockEntry),
    /// Nothing is stored; it reads as zeros.
    Hole,
}

const BLOCK: u8 = 1;
const HOLE: u8 = 2;

impl Entry {
    /// The entry's bytes at `position`.
    pub(crate) fn to_bytes(self, info: &Info, position: u64) -> [u8; ENTRY] {
        let plain_len = info.plain_len(position).to_le_bytes();
        let mut fields = Fields::<ENTRY>::new();
        fields.put(&position.to_le_bytes());
        match self {
            Entry::Hole => fields.put(&[HOLE, 0, 0, 0]).put(&plain_len).finish(),
            Entry::Block(block) => {
                let (id_type, id_len, id) = block.block_id.fields();
                fields
                    .put(&[BLOCK, block.version, id_type, id_len])
                    .put(&plain_len)
                    .put(&id)
                    .put(&block.session_id)
                    .put(&block.commitment)
                    .put(&block.digest)
                    .finish()
            }
        }
    }

    /// Reads the entry of `position`. FORMAT.md \[M3\], \[M5\].
    pub(crate) fn parse(bytes: &[u8; ENTRY], info: &Info, position: u64) -> Result<Entry> {
        let mut reader = Reader::new(bytes);
        let in_place = reader.u64()? == position;
        let [kind, version, id_type, id_len] = *reader.array()?;
        let len_fits = reader.u32()? == info.plain_len(position);
        if !in_place || !len_fits {
            return Err(Error::Malformed);
        }
        let id = *reader.array()?;
        let (session_id, commitment) = (*reader.array()?, *reader.array()?);
        let digest = *reader.array()?;
        match kind {
            HOLE if bytes[9..12] == [0; 3] && bytes[16..] == [0; ENTRY - 16] => Ok(Entry::Hole),
            BLOCK => {
                let block_id = BlockId::from_fields(id_type, id_len, &id)?;
                let block = BlockEntry { version, block_id, session_id, commitment, digest };
                if block.fits(info) { Ok(Entry::Block(block)) } else { Err(Error::Malformed) }
            }
            _ => Err(Error::Malformed),
        }
    }
}

impl BlockEntry {
    /// FORMAT.md 6, the table of entries; \[M5\].
    pub(crate) fn fits(&self, info: &Info) -> bool {
        let id_fits = !matches!(self.block_id, BlockId::RestorePoint(_));
        let keys_fit = match self.version {
            2 => true,
            0 | 1 => info.digests && self.session_id == [0; 16] && self.commitment == [0; 32],
            _ => false,
        };
        let digest_fits = info.digests == (self.digest != [0; 32]);
        id_fits && keys_fit && digest_fits
    }
}

/// The MACs of one manifest.
#[derive(Clone)]
pub(crate) struct Macs {
    key: Key,
    restore_point_id: Id,
    generation: u64,
}

impl Macs {
    /// To be replaced.
    pub(crate) fn blank() -> Macs {
        Macs { key: Key::zero(), restore_point_id: [0; 16], generation: 0 }
    }

    pub(crate) fn new(keys: &RecordKeys, generation: u64) -> Macs {
        let restore_point_id = keys.scope.id;
        let key = expand256(&keys.metakey, label::MANIFEST, &[&restore_point_id]);
        Macs { key, restore_point_id, generation }
    }

    /// The MAC of a segment, before its entries.
    pub(crate) fn segment(&self, segment: u64, entries: u64) -> Mac256 {
        let place = [self.generation, segment].map(u64::to_le_bytes);
        let parts = [label::SEGMENT.bytes(), &self.restore_point_id, place.as_flattened()];
        let mut mac = Mac256::over(&self.key, &parts);
        mac.update(&(entries as u32).to_le_bytes());
        mac
    }

    /// The root, before the segments' MACs.
    pub(crate) fn root(&self, header: &[u8; HEADER], segment_count: u64) -> Mac256 {
        Mac256::over(&self.key, &[label::ROOT.bytes(), header, &segment_count.to_le_bytes()])
    }
}

/// What runs over all bytes of a manifest, in order.
#[derive(Clone, Default)]
pub(crate) struct Running {
    checksum: checksum::Running,
    digest: Sha256,
}

impl Running {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.checksum.update(bytes);
        self.digest.update(bytes);
    }

    /// The checksum of all bytes so far.
    pub(crate) fn checksum(&self) -> [u8; checksum::SIZE] {
        self.checksum.finish()
    }

    /// The manifest of that header, all of whose bytes were absorbed.
    pub(crate) fn whole(&self, info: &Info) -> Whole {
        let mut digest = [0; 32];
        self.digest.clone().digest(&mut digest);
        Whole {
            restore_point_id: info.restore_point_id,
            instance_id: info.instance_id,
            generation: info.generation,
            digests: info.digests,
            digest,
        }
    }
}
