//! What C programs say about manifests and are told about them: constants and structures.

use coffre_core::error::{Error, Result};
use coffre_core::limits;
use coffre_core::manifest::{self, BlockEntry, Entry, Info, Whole};
use coffre_core::origin::{Report, Verdict};

use crate::c_block_types::{coffre_block_id, read_id, write_id};

/// Size of a manifest's header.
pub const COFFRE_MANIFEST_HEADER_SIZE: usize = 112;
/// Size of a manifest's trailer.
pub const COFFRE_MANIFEST_TRAILER_SIZE: usize = 40;
/// Entries in a full segment.
pub const COFFRE_MANIFEST_SEGMENT_ENTRIES: usize = 1024;
/// Size of a full segment with its MAC.
pub const COFFRE_MANIFEST_SEGMENT_MAX: usize = 131_104;

const _: () = {
    assert!(COFFRE_MANIFEST_HEADER_SIZE == manifest::HEADER);
    assert!(COFFRE_MANIFEST_TRAILER_SIZE == manifest::TRAILER);
    assert!(COFFRE_MANIFEST_SEGMENT_ENTRIES == limits::SEGMENT_ENTRIES as usize);
    assert!(COFFRE_MANIFEST_SEGMENT_MAX == manifest::SEGMENT);
};

/// coffre_manifest_info.flags: every block entry carries a digest of its content.
pub const COFFRE_MANIFEST_DIGESTS: u32 = 1;
/// coffre_manifest_entry.kind: a block.
pub const COFFRE_MANIFEST_BLOCK: u32 = 1;
/// coffre_manifest_entry.kind: nothing is stored; it reads as zeros.
pub const COFFRE_MANIFEST_HOLE: u32 = 2;

/// coffre_manifest_whole.origin: no signature of the key at hand, or no key at hand.
pub const COFFRE_ORIGIN_UNVERIFIED: u32 = 0;
/// coffre_manifest_whole.origin: the origin key signed this manifest.
pub const COFFRE_ORIGIN_VERIFIED: u32 = 1;
/// coffre_manifest_whole.origin: a signature claims to be the origin key's, and does not fit.
pub const COFFRE_ORIGIN_FORGED: u32 = 2;

const _: () = {
    assert!(COFFRE_ORIGIN_UNVERIFIED == Verdict::Unverified as u32);
    assert!(COFFRE_ORIGIN_VERIFIED == Verdict::Verified as u32);
    assert!(COFFRE_ORIGIN_FORGED == Verdict::Forged as u32);
};

/// What a manifest's header says.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_manifest_info {
    /// COFFRE_MANIFEST_DIGESTS or 0.
    pub flags: u32,
    /// Bytes of plaintext at each position, 1 to COFFRE_BLOCK_MAX.
    pub block_size: u32,
    /// Size of the image in bytes.
    pub image_size: u64,
    /// Number of entries; set by the library.
    pub entry_count: u64,
    /// Generation of the manifest, from 1.
    pub generation: u64,
    /// Size of the manifest; set by the library.
    pub total_len: u64,
    /// The restore point; set by the library.
    pub restore_point_id: [u8; 16],
    /// The installation; set by the library.
    pub instance_id: [u8; 16],
    /// SHA-256 of the sealed metadata object; zeros without one.
    pub metadata_digest: [u8; 32],
}

/// A whole manifest, and who made it. coffre_origin_sign reads all but generation, origin and
/// origin_key_id.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_manifest_whole {
    /// COFFRE_MANIFEST_DIGESTS or 0.
    pub flags: u32,
    /// COFFRE_ORIGIN_UNVERIFIED, COFFRE_ORIGIN_VERIFIED or COFFRE_ORIGIN_FORGED.
    pub origin: u32,
    /// Generation of the manifest.
    pub generation: u64,
    /// The restore point.
    pub restore_point_id: [u8; 16],
    /// The installation that wrote it.
    pub instance_id: [u8; 16],
    /// SHA-256 of the manifest, header to checksum.
    pub digest: [u8; 32],
    /// The key id that the signature names, zeros without one; proven if `origin` is
    /// COFFRE_ORIGIN_VERIFIED.
    pub origin_key_id: [u8; 16],
}

/// What stands at one position. Of a hole, everything after `plain_len` is zero.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_manifest_entry {
    /// Its index, from 0; set by the library.
    pub position: u64,
    /// COFFRE_MANIFEST_BLOCK or COFFRE_MANIFEST_HOLE.
    pub kind: u32,
    /// Version of the block: 0, 1 or 2.
    pub version: u32,
    /// Length of the plaintext; set by the library.
    pub plain_len: u32,
    /// 0.
    pub reserved: u32,
    /// The block's id.
    pub id: coffre_block_id,
    /// 0.
    pub reserved2: [u8; 6],
    /// Version 2: the session whose key opens it.
    pub session_id: [u8; 16],
    /// Version 2: the commitment to its keys.
    pub commitment: [u8; 32],
    /// With COFFRE_MANIFEST_DIGESTS: SHA-256 of the block without its checksum (versions 0 and 1:
    /// of all of it).
    pub digest: [u8; 32],
}

/// The header that a C structure describes.
pub fn read_info(info: &coffre_manifest_info) -> Result<Info> {
    if info.flags & !COFFRE_MANIFEST_DIGESTS != 0 {
        return Err(Error::InvalidArgument);
    }
    Ok(Info {
        digests: info.flags & COFFRE_MANIFEST_DIGESTS != 0,
        block_size: info.block_size,
        restore_point_id: info.restore_point_id,
        instance_id: info.instance_id,
        generation: info.generation,
        image_size: info.image_size,
        metadata_digest: info.metadata_digest,
    })
}

/// A header as the C structure has it.
pub fn write_info(info: &Info) -> coffre_manifest_info {
    coffre_manifest_info {
        flags: if info.digests { COFFRE_MANIFEST_DIGESTS } else { 0 },
        block_size: info.block_size,
        image_size: info.image_size,
        entry_count: info.entry_count(),
        generation: info.generation,
        total_len: info.total_len(),
        restore_point_id: info.restore_point_id,
        instance_id: info.instance_id,
        metadata_digest: info.metadata_digest,
    }
}

/// The manifest that a C structure describes.
pub fn read_whole(whole: &coffre_manifest_whole) -> Result<Whole> {
    if whole.flags & !COFFRE_MANIFEST_DIGESTS != 0 {
        return Err(Error::InvalidArgument);
    }
    Ok(Whole {
        restore_point_id: whole.restore_point_id,
        instance_id: whole.instance_id,
        generation: whole.generation,
        digests: whole.flags & COFFRE_MANIFEST_DIGESTS != 0,
        digest: whole.digest,
    })
}

/// What a reader saw, as the C structure has it; zeros if the manifest is not whole.
pub fn write_whole(seen: &Report) -> coffre_manifest_whole {
    let empty = coffre_manifest_whole {
        flags: 0,
        origin: COFFRE_ORIGIN_UNVERIFIED,
        generation: 0,
        restore_point_id: [0; 16],
        instance_id: [0; 16],
        digest: [0; 32],
        origin_key_id: [0; 16],
    };
    seen.whole.map_or(empty, |whole| coffre_manifest_whole {
        flags: if whole.digests { COFFRE_MANIFEST_DIGESTS } else { 0 },
        origin: seen.verdict as u32,
        generation: whole.generation,
        restore_point_id: whole.restore_point_id,
        instance_id: whole.instance_id,
        digest: whole.digest,
        origin_key_id: seen.found_key_id.unwrap_or_default(),
    })
}

/// The entry that a C structure describes.
pub fn read_entry(entry: &coffre_manifest_entry) -> Result<Entry> {
    match entry.kind {
        _ if entry.reserved != 0 || entry.reserved2 != [0; 6] => Err(Error::InvalidArgument),
        COFFRE_MANIFEST_HOLE => Ok(Entry::Hole),
        COFFRE_MANIFEST_BLOCK => Ok(Entry::Block(BlockEntry {
            version: entry.version.try_into().map_err(|_| Error::InvalidArgument)?,
            block_id: read_id(&entry.id)?,
            session_id: entry.session_id,
            commitment: entry.commitment,
            digest: entry.digest,
        })),
        _ => Err(Error::InvalidArgument),
    }
}

/// An entry as the C structure has it.
pub fn write_entry(entry: &Entry, info: &Info, position: u64) -> coffre_manifest_entry {
    let hole = coffre_manifest_entry {
        position,
        kind: COFFRE_MANIFEST_HOLE,
        version: 0,
        plain_len: info.plain_len(position),
        reserved: 0,
        id: coffre_block_id { r#type: 0, length: 0, bytes: [0; 32] },
        reserved2: [0; 6],
        session_id: [0; 16],
        commitment: [0; 32],
        digest: [0; 32],
    };
    match entry {
        Entry::Hole => hole,
        Entry::Block(block) => coffre_manifest_entry {
            kind: COFFRE_MANIFEST_BLOCK,
            version: block.version.into(),
            id: write_id(&block.block_id),
            session_id: block.session_id,
            commitment: block.commitment,
            digest: block.digest,
            ..hole
        },
    }
}
