//! Blocks of version 2.

use coffre_core::block::{self, Info};
use coffre_core::derive::sha256;
use coffre_core::error::Error;
use coffre_core::header::{self, BlockId, Header};

use crate::c_block_types::{
    COFFRE_BLOCK_MAX, coffre_block_expect, coffre_block_id, coffre_block_info, coffre_seal_options,
    read_expect, read_id, read_options, write_id, write_info,
};
use crate::c_context::coffre_context;
use crate::c_policy::{self, coffre_policy};
use crate::c_session::{coffre_id_key, coffre_session};
use crate::c_status::coffre_status;
use crate::c_workspace::{coffre_workspace, spans_of, with_workspace};
use crate::raw::{self, Spans};

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
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(id_key, 1).reads(plain, plain_len);
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

/// The memory that coffre_block_seal needs its workspace to have, in bytes; 0 for options that it
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

/// The memory that coffre_block_open and coffre_metadata_open need their workspace to have for any
/// block, in bytes.
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
/// @param workspace  of at least coffre_seal_workspace(plain_len, options) bytes; exclusive. NULL
///         will do with COFFRE_SEAL_STORE.
/// @param out        at least coffre_block_sealed_max(plain_len) bytes; unchanged or zeroed on an
///         error.
/// @param out_len    the block's size, or the size needed.
/// @param info       NULL, or what the block says of itself, for the manifest.
/// @retval COFFRE_ERR_TOO_LARGE            `plain_len` above COFFRE_BLOCK_MAX.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL     nothing was written.
/// @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
/// @retval COFFRE_ERR_CALLBACK          the caller's engine failed.
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
    workspace: *mut coffre_workspace,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
    info: *mut coffre_block_info,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(workspace) };
        let spans = spans.writes(context, 1).reads(session, 1).reads(id, 1);
        let spans = spans.reads(options, 1).reads(plain, plain_len).writes(info, 1);
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                raw::optional_output(info)?;
                let state = raw::get_mut(context)?;
                let session = raw::get(session)?;
                let id = read_id(raw::structure(id)?)?;
                let options = read_options(options)?;
                let plain = raw::input(plain, plain_len)?;
                let (context, random) = (&state.context, &mut state.random);
                let sealed = with_workspace(workspace, |workspace| {
                    block::seal(context, random, session, &id, &options, plain, workspace, out)
                })?;
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
/// @retval COFFRE_ERR_OVER_LIMIT           a length above the format's maximum.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_inspect(
    block: *const u8,
    block_len: usize,
    info: *mut coffre_block_info,
) -> coffre_status {
    raw::status(move || {
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
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_scrub(
    block: *const u8,
    block_len: usize,
    info: *mut coffre_block_info,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(block, block_len).writes(info, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let found = block::scrub(raw::input(block, block_len)?)?;
            if info.is_null() { Ok(()) } else { raw::store(info, write_info(&found)) }
        }
    })
}

/// The content digest of a block, for a manifest with COFFRE_MANIFEST_DIGESTS.
///
/// @param version  2; or 1 or 0, whose digest covers every byte.
/// @param block    `block_len` bytes.
/// @param digest   32 bytes; unchanged on an error.
/// @retval COFFRE_ERR_DAMAGED, COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE, COFFRE_ERR_OVER_LIMIT  as for coffre_block_scrub; version
///         2.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: another version.
/// @retval COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md section 6.
///
/// cbindgen:ptrs-as-arrays=[[digest; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_digest(
    version: u32,
    block: *const u8,
    block_len: usize,
    digest: *mut u8,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(block, block_len).writes(digest, 32).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let block = raw::input(block, block_len)?;
            match version {
                0 | 1 => raw::store_array(digest, sha256(block)),
                2 => raw::store_array(digest, block::digest(block)?),
                _ => Err(Error::InvalidArgument),
            }
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
/// @param workspace  of at least coffre_open_workspace() bytes; exclusive. NULL will do for blocks
///         that are not compressed.
/// @param out        the plaintext; unchanged or zeroed on an error.
/// @param out_len    its size, or the size needed.
/// @retval COFFRE_ERR_DAMAGED           the checksum does not fit; nothing was decrypted.
/// @retval COFFRE_ERR_WRONG_KEY         the block belongs to another session; nothing was
///         decrypted.
/// @retval COFFRE_ERR_UNEXPECTED_BLOCK  not the block in `expect`; nothing was decrypted.
/// @retval COFFRE_ERR_NOT_AUTHENTIC     the right key, but altered bytes.
/// @retval COFFRE_ERR_CALLBACK          the caller's engine failed.
/// @retval COFFRE_ERR_BAD_FRAME         what was sealed is not one valid zstd frame of the stated
///         length.
/// @retval COFFRE_ERR_POLICY_VERSION, COFFRE_ERR_OVER_LIMIT  refused by the policy.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
/// @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
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
    workspace: *mut coffre_workspace,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(workspace) };
        let spans = spans.reads(context, 1).reads(policy, 1).reads(session, 1);
        let spans = spans.reads(expect, 1).reads(block, block_len);
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                let context = &raw::get(context)?.context;
                let policy = c_policy::read(policy)?;
                let session = raw::get(session)?;
                let expected = read_expect(expect)?;
                let block = raw::input(block, block_len)?;
                with_workspace(workspace, |workspace| {
                    block::open(context, &policy, session, &expected, block, workspace, out)
                })
                .map(drop)
            })
        }
    })
}
