//! Blocks of version 2.

use coffre_core::block::{self, Expected, Info, SealOptions, Settings};
use coffre_core::error::{Error, Result};
use coffre_core::header::{self, BlockId, Header};

use crate::c_context::coffre_context;
use crate::c_policy::{self, coffre_policy};
use crate::c_session::{coffre_id_key, coffre_session};
use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// Largest plaintext of a block, in bytes.
pub const COFFRE_BLOCK_MAX: u32 = 67_108_864;
/// Size of a block's header.
pub const COFFRE_BLOCK_HEADER_SIZE: usize = 88;
/// Bound of coffre_open_workspace().
pub const COFFRE_OPEN_WORKSPACE: usize = 262_144;
/// Bound of coffre_seal_workspace() at level 1, for every length.
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
    /// zstd's level; default 1, negative ones are faster.
    pub level: i32,
    /// 0.
    pub reserved: u32,
}

/// Which block an opener wants; set it with `COFFRE_BLOCK_EXPECT_INIT`.
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

/// Makes the id of a position.
///
/// @retval COFFRE_ERR_INVALID_ARGUMENT
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_id_position(
    position: u64,
    id: *mut coffre_block_id,
) -> coffre_status {
    // SAFETY: the caller's contract.
    raw::status(|| unsafe { raw::store(id, write_id(&BlockId::Position(position))) })
}

/// Makes the id of a plaintext: HMAC-SHA-256 under the repository's id key. Equal plaintext has an
/// equal id.
///
/// @param plain  `plain_len` bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_id_hash(
    context: *const coffre_context,
    id_key: *const coffre_id_key,
    plain: *const u8,
    plain_len: usize,
    id: *mut coffre_block_id,
) -> coffre_status {
    raw::status(|| {
        let spans = Spans::default().reads(id_key, 1).reads(plain, plain_len);
        spans.writes(id, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::get(context)?;
            let block_id = raw::get(id_key)?.block_id(raw::input(plain, plain_len)?);
            raw::store(id, write_id(&block_id))
        }
    })
}

/// Upper bound of the size of a sealed block; also as the macro COFFRE_BLOCK_SEALED_MAX. At most
/// SIZE_MAX.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_block_sealed_max(plain_len: usize) -> usize {
    if plain_len > COFFRE_BLOCK_MAX as usize { usize::MAX } else { block::sealed_max(plain_len) }
}

/// The workspace that coffre_block_seal needs, in bytes of any alignment; 0 for options that it
/// would refuse.
///
/// @param options  NULL for the defaults.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_seal_workspace(
    plain_len: usize,
    options: *const coffre_seal_options,
) -> usize {
    // SAFETY: the caller's contract.
    let options = unsafe { read_options(options) };
    options.and_then(|options| options.workspace(plain_len)).unwrap_or(0)
}

/// The workspace that coffre_block_open and coffre_metadata_open need for any block, in bytes of
/// any alignment.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_open_workspace() -> usize {
    block::open_workspace()
}

/// Seals one block: compresses it if that makes it shorter, encrypts it, adds header and checksum.
///
/// @param context    exclusive; random bytes are drawn.
/// @param session    the key; its id goes into the header.
/// @param id         which block it is: a position or a hash.
/// @param options    NULL for the defaults: level 1, full hedge.
/// @param plain      `plain_len` bytes, 0 to COFFRE_BLOCK_MAX.
/// @param workspace  at least coffre_seal_workspace(plain_len, options) bytes; its contents are
///         lost.
/// @param out        at least coffre_block_sealed_max(plain_len) bytes; unchanged or zeroed on an
///         error.
/// @param out_len    the block's size, or the size needed.
/// @param info       NULL, or what the block says of itself, for the manifest.
/// @retval COFFRE_ERR_TOO_LARGE            `plain_len` above COFFRE_BLOCK_MAX.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL     nothing was written.
/// @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 3.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_seal(
    context: *mut coffre_context,
    session: *const coffre_session,
    id: *const coffre_block_id,
    options: *const coffre_seal_options,
    plain: *const u8,
    plain_len: usize,
    workspace: *mut u8,
    workspace_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
    info: *mut coffre_block_info,
) -> coffre_status {
    raw::status(|| {
        let spans = Spans::default().writes(context, 1).reads(session, 1).reads(id, 1);
        let spans = spans.reads(options, 1).reads(plain, plain_len).writes(info, 1);
        let spans = spans.writes(workspace, workspace_len).writes(out, out_cap);
        spans.writes(out_len, 1).disjoint()?;
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(out, out_cap, out_len, |out| {
                let state = raw::get_mut(context)?;
                let session = raw::get(session)?;
                let id = read_id(raw::structure(id)?)?;
                let options = read_options(options)?;
                let plain = raw::input(plain, plain_len)?;
                let workspace = raw::output(workspace, workspace_len)?;
                let (context, random) = (&state.context, &mut state.random);
                let sealed =
                    block::seal(context, random, session, &id, &options, plain, workspace, out)?;
                if info.is_null() { Ok(()) } else { raw::store(info, write_info(&sealed)) }
            })
        }
    })
}

/// Reads what a block says of itself, from its header alone or from the whole block. No key;
/// nothing is proven.
///
/// @param block  `block_len` bytes: a header of COFFRE_BLOCK_HEADER_SIZE bytes, or the whole block.
/// @param info   written; unchanged on an error.
/// @retval COFFRE_ERR_MALFORMED            not a block, or not the size that its header demands.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_TOO_LARGE            a length above the format's maximum.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_inspect(
    block: *const u8,
    block_len: usize,
    info: *mut coffre_block_info,
) -> coffre_status {
    raw::status(|| {
        Spans::default().reads(block, block_len).writes(info, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let block = raw::input(block, block_len)?;
            let found = if block.len() == header::SIZE {
                let header = Header::parse(block)?;
                Info { header, commitment: [0; 32], checksum: [0; 8] }
            } else {
                block::inspect(block)?
            };
            raw::store(info, write_info(&found))
        }
    })
}

/// Checks without any key whether a block is whole: its size and its checksum. Finds damage, not
/// attacks.
///
/// @param block  `block_len` bytes: the whole block.
/// @param info   NULL, or what it says of itself; unchanged on an error.
/// @retval COFFRE_ERR_DAMAGED  the checksum does not fit.
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE,
///         COFFRE_ERR_TOO_LARGE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_scrub(
    block: *const u8,
    block_len: usize,
    info: *mut coffre_block_info,
) -> coffre_status {
    raw::status(|| {
        Spans::default().reads(block, block_len).writes(info, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let found = block::scrub(raw::input(block, block_len)?)?;
            if info.is_null() { Ok(()) } else { raw::store(info, write_info(&found)) }
        }
    })
}

/// Opens one block, all or nothing.
///
/// @param policy     NULL for the strict defaults.
/// @param session    the key of the session that the block's header names.
/// @param expect     NULL for any block of that session; programs that have a manifest pass what it
///         lists.
/// @param block      `block_len` bytes: the whole block.
/// @param workspace  at least coffre_open_workspace() bytes; its contents are lost. Unused for
///         stored blocks.
/// @param out        the plaintext; unchanged or zeroed on an error.
/// @param out_len    its size, or the size needed.
/// @retval COFFRE_ERR_DAMAGED           the checksum does not fit; nothing was decrypted.
/// @retval COFFRE_ERR_WRONG_KEY         the block belongs to another session; nothing was
///         decrypted.
/// @retval COFFRE_ERR_UNEXPECTED_BLOCK  not the block in `expect`; nothing was decrypted.
/// @retval COFFRE_ERR_NOT_AUTHENTIC     the right key, but altered bytes.
/// @retval COFFRE_ERR_BAD_FRAME         what was sealed is not one valid zstd frame of the stated
///         length.
/// @retval COFFRE_ERR_POLICY_VERSION, COFFRE_ERR_OVER_LIMIT  refused by the policy.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
/// @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE,
///         COFFRE_ERR_TOO_LARGE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 3.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_open(
    context: *const coffre_context,
    policy: *const coffre_policy,
    session: *const coffre_session,
    expect: *const coffre_block_expect,
    block: *const u8,
    block_len: usize,
    workspace: *mut u8,
    workspace_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status(|| {
        let spans = Spans::default().reads(context, 1).reads(policy, 1).reads(session, 1);
        let spans = spans.reads(expect, 1).reads(block, block_len);
        let spans = spans.writes(workspace, workspace_len).writes(out, out_cap);
        spans.writes(out_len, 1).disjoint()?;
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(out, out_cap, out_len, |out| {
                let context = &raw::get(context)?.context;
                let policy = c_policy::read(policy)?;
                let session = raw::get(session)?;
                let expected = read_expect(expect)?;
                let block = raw::input(block, block_len)?;
                let workspace = raw::output(workspace, workspace_len)?;
                block::open(context, &policy, session, &expected, block, workspace, out).map(drop)
            })
        }
    })
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
    if !size_fits || expect.flags & !known != 0 {
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
unsafe fn read_options(options: *const coffre_seal_options) -> Result<SealOptions> {
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
