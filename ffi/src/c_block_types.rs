//! What C programs say about blocks and are told about them: constants and structures.

use coffre_core::block::{Expected, Info, SealOptions, Settings};
use coffre_core::error::{Error, Result};
use coffre_core::header::{self, BlockId};

use crate::raw;

/// Largest plaintext of a block, in bytes.
pub const COFFRE_BLOCK_MAX: u32 = 67_108_864;
/// Size of a block's header.
pub const COFFRE_BLOCK_HEADER_SIZE: usize = 88;
/// Bound of coffre_open_workspace(), in bytes.
pub const COFFRE_OPEN_WORKSPACE: usize = 262_144;
/// Bound of coffre_seal_workspace() at level 1, for every length, in bytes.
pub const COFFRE_SEAL_WORKSPACE: usize = 655_360;

/// coffre_block_id.type: a position in the image, 8 bytes, little-endian.
pub const COFFRE_BLOCK_ID_POSITION: u8 = 1;
/// coffre_block_id.type: a keyed hash of the plaintext, 32 bytes.
pub const COFFRE_BLOCK_ID_HASH: u8 = 2;
/// coffre_block_id.type: the restore point of metadata, 16 bytes.
pub const COFFRE_BLOCK_ID_RESTORE_POINT: u8 = 3;

/// coffre_block_info.flags: the plaintext is stored as a zstd frame.
pub const COFFRE_BLOCK_COMPRESSED: u32 = 1;
/// coffre_block_info.flags: the plaintext is zeros and not stored at all.
pub const COFFRE_BLOCK_ZERO: u32 = 2;

/// coffre_seal_options.flags: do not compress.
pub const COFFRE_SEAL_STORE: u32 = 1;
/// coffre_seal_options.flags: profile small, a window that a microcontroller can hold.
pub const COFFRE_SEAL_SMALL: u32 = 2;
/// coffre_seal_options.flags: leave the content out of the salt's hedge; only for a source that
/// never repeats.
pub const COFFRE_SEAL_TRUST_RANDOM: u32 = 4;

/// coffre_block_expect.flags: `id` is set.
pub const COFFRE_EXPECT_ID: u32 = 1;
/// coffre_block_expect.flags: `commitment` is set.
pub const COFFRE_EXPECT_COMMITMENT: u32 = 2;

/// coffre_block_expect.flags: `plain_len` is set.
pub const COFFRE_EXPECT_PLAIN_LEN: u32 = 4;

const _: () = {
    assert!(COFFRE_BLOCK_MAX as u64 == coffre_core::limits::PLAIN);
    assert!(COFFRE_BLOCK_HEADER_SIZE == header::SIZE);
};

/// Which block it is. docs/FORMAT.md section 3.1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_block_id {
    /// COFFRE_BLOCK_ID_*.
    pub r#type: u8,
    /// 8, 32 or 16, by the type.
    pub length: u8,
    /// The id, zero-padded.
    pub bytes: [u8; 32],
}

/// What a block says of itself without any key.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_block_info {
    /// 1 block, 2 metadata.
    pub object_type: u32,
    /// COFFRE_BLOCK_*.
    pub flags: u32,
    /// zstd's Window_Size in bytes; 0 unless compressed.
    pub window: u32,
    /// 0.
    pub reserved: u32,
    /// Length of the plaintext.
    pub plain_len: u64,
    /// Length of what is encrypted.
    pub stored_len: u64,
    /// Size of the block.
    pub total_len: u64,
    /// Which block it is.
    pub id: coffre_block_id,
    /// 0.
    pub reserved2: [u8; 6],
    /// The session whose key opens it.
    pub session_id: [u8; 16],
    /// The commitment to its keys; zeros if only a header was inspected.
    pub commitment: [u8; 32],
    /// The block's last 8 bytes; likewise.
    pub checksum: [u8; 8],
}

/// How to seal; set it with `COFFRE_SEAL_OPTIONS_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_seal_options {
    /// `sizeof(coffre_seal_options)`.
    pub size: u32,
    /// COFFRE_SEAL_*.
    pub flags: u32,
    /// zstd's level; default 1, negative ones are faster. Up to 3, a block that looks
    /// incompressible in samples is stored without a try.
    pub level: i32,
    /// 0.
    pub reserved: u32,
}

/// Which block an opener wants; set it with `COFFRE_BLOCK_EXPECT_INIT`.
///
/// A manifest's content digest is not among it: where there is one compare it with
/// coffre_block_digest before the block is opened (docs/FORMAT.md M7), for whoever holds a session
/// key can put other content under the same commitment.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_block_expect {
    /// `sizeof(coffre_block_expect)`.
    pub size: u32,
    /// COFFRE_EXPECT_*: which of the fields are set.
    pub flags: u32,
    /// The block's id.
    pub id: coffre_block_id,
    /// 0.
    pub reserved: [u8; 6],
    /// The commitment that the manifest lists.
    pub commitment: [u8; 32],
    /// The length of the plaintext.
    pub plain_len: u64,
}

/// A block id as the C structure has it.
pub fn write_id(id: &BlockId) -> coffre_block_id {
    let (r#type, length, bytes) = id.fields();
    coffre_block_id { r#type, length, bytes }
}

/// The block id in a C structure.
pub fn read_id(id: &coffre_block_id) -> Result<BlockId> {
    let read = BlockId::from_fields(id.r#type, id.length, &id.bytes);
    read.map_err(|_| Error::InvalidArgument)
}

/// # Safety
/// As [`raw::structure`].
pub unsafe fn read_expect(expect: *const coffre_block_expect) -> Result<Expected> {
    // SAFETY: the caller's promise.
    let Some(expect) = (unsafe { raw::optional(expect) })? else { return Ok(Expected::default()) };
    let known = COFFRE_EXPECT_ID | COFFRE_EXPECT_COMMITMENT | COFFRE_EXPECT_PLAIN_LEN;
    let size_fits = expect.size as usize == size_of::<coffre_block_expect>();
    if !size_fits || expect.flags & !known != 0 || expect.reserved != [0; 6] {
        return Err(Error::InvalidArgument);
    }
    let has = |flag| expect.flags & flag != 0;
    let block_id = if has(COFFRE_EXPECT_ID) { Some(read_id(&expect.id)?) } else { None };
    let commitment = has(COFFRE_EXPECT_COMMITMENT).then_some(expect.commitment);
    let plain_len = has(COFFRE_EXPECT_PLAIN_LEN).then_some(expect.plain_len);
    Ok(Expected { block_id, commitment, plain_len })
}

/// # Safety
/// As [`raw::structure`].
pub unsafe fn read_options(options: *const coffre_seal_options) -> Result<SealOptions> {
    // SAFETY: the caller's promise.
    let Some(options) = (unsafe { raw::optional(options) })? else {
        return Ok(SealOptions::default());
    };
    let known = COFFRE_SEAL_STORE | COFFRE_SEAL_SMALL | COFFRE_SEAL_TRUST_RANDOM;
    let size_fits = options.size as usize == size_of::<coffre_seal_options>();
    if !size_fits || options.flags & !known != 0 || options.reserved != 0 {
        return Err(Error::InvalidArgument);
    }
    let has = |flag| options.flags & flag != 0;
    let settings = Settings { level: options.level, small: has(COFFRE_SEAL_SMALL) };
    let compression = (!has(COFFRE_SEAL_STORE)).then_some(settings);
    Ok(SealOptions { compression, trust_random: has(COFFRE_SEAL_TRUST_RANDOM) })
}

/// What core knows of a block, as the C structure has it.
pub fn write_info(info: &Info) -> coffre_block_info {
    let header = &info.header;
    coffre_block_info {
        object_type: header.object as u32,
        flags: header.flags(),
        window: header.window(),
        reserved: 0,
        plain_len: header.plain_len,
        stored_len: header.stored_len(),
        total_len: header.total_len() as u64,
        id: write_id(&header.block_id),
        reserved2: [0; 6],
        session_id: header.session_id,
        commitment: info.commitment,
        checksum: info.checksum,
    }
}
