//! Blocks of versions 0 and 1: plain bytes, and backy2's encryption version 1.

use core::mem::MaybeUninit;

use coffre_core::context::Context;
use coffre_core::error::{Error, Result};
use coffre_core::key_wrap::WRAPPED;
use coffre_core::legacy::{self, MasterKey};

use crate::c_context::coffre_context;
use crate::c_keys::read_key;
use crate::c_policy::{self, coffre_policy};
use crate::c_status::{COFFRE_OK, coffre_status};
use crate::c_workspace::{coffre_workspace, spans_of, with_workspace};
use crate::raw::{self, Spans, opaque};

/// Size of the key of a version 1 block, wrapped by the master key.
pub const COFFRE_V1_WRAPPED_KEY_SIZE: usize = 40;

/// A backy2 master key: a key kind of its own. Caller-owned; may be moved; wipe it.
#[repr(C)]
pub struct coffre_v1_master {
    opaque: [u64; 8],
}
opaque!(coffre_v1_master, MasterKey, b"coffrv1m", pinned: false);

/// Takes a backy2 master key.
///
/// @param key     `key_len` bytes; they stay the caller's to wipe.
/// @param master  written; zeroed on an error.
/// @retval COFFRE_ERR_KEY_LENGTH  `key_len` is not 32.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_v1_master_read(
    context: *const coffre_context,
    key: *const u8,
    key_len: usize,
    master: *mut coffre_v1_master,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(key, key_len);
        spans.writes(master, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(master, || {
                raw::get(context)?;
                let key = read_key(raw::input(key, key_len)?)?;
                Ok(MasterKey::from_bytes(key.expose()))
            })
        }
    })
}

/// The key id of a master key.
///
/// @param id  16 bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_v1_master_id(
    master: *const coffre_v1_master,
    id: *mut u8,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(master, 1).writes(id, 16).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::store_array(id, raw::get(master)?.id()) }
    })
}

/// Ends a master key and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_v1_master_wipe(master: *mut coffre_v1_master) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(master) }
}

/// Upper bound of the size of a version 1 block.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_v1_sealed_max(plain_len: usize) -> usize {
    legacy::v1_sealed_max(plain_len)
}

/// The memory that coffre_v1_seal needs its workspace to have, in bytes; at most
/// COFFRE_SEAL_WORKSPACE.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_v1_seal_workspace(plain_len: usize) -> usize {
    legacy::v1_seal_workspace(plain_len).unwrap_or(0)
}

/// The memory that coffre_v1_open needs its workspace to have, in bytes: the decrypted frame waits
/// there for its tag.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_v1_open_workspace(blob_len: usize) -> usize {
    legacy::v1_open_workspace(blob_len)
}

/// Seals one block as backy2 does: a new data key, zstd level 1, AES-256-GCM.
///
/// @param context      exclusive; random bytes are drawn.
/// @param policy       its lowest version must be 1 or 0.
/// @param plain        `plain_len` bytes.
/// @param workspace    of at least coffre_v1_seal_workspace(plain_len) bytes; exclusive.
/// @param out          at least coffre_v1_sealed_max(plain_len) bytes; unchanged or zeroed on an
///         error.
/// @param out_len      the block's size, or the size needed.
/// @param wrapped_key  40 bytes, zeroed on an error: the data key under the master key (backy2's
///         `enc_envkey`, in hexadecimal there). backy2's `enc_nonce` are bytes 16 to 31 of the
///         block.
/// @retval COFFRE_ERR_POLICY_VERSION    the policy does not accept version 1.
/// @retval COFFRE_ERR_TOO_LARGE, COFFRE_ERR_BUFFER_TOO_SMALL, COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 3.2.
///
/// cbindgen:ptrs-as-arrays=[[wrapped_key; COFFRE_V1_WRAPPED_KEY_SIZE]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_v1_seal(
    context: *mut coffre_context,
    policy: *const coffre_policy,
    master: *const coffre_v1_master,
    plain: *const u8,
    plain_len: usize,
    workspace: *mut coffre_workspace,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
    wrapped_key: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(workspace) };
        let spans = spans.writes(context, 1).reads(policy, 1).reads(master, 1);
        let spans = spans.reads(plain, plain_len).writes(wrapped_key, WRAPPED);
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                raw::store_array(wrapped_key, [0; WRAPPED])?;
                let state = raw::get_mut(context)?;
                let policy = c_policy::read(policy)?;
                let master = raw::get(master)?;
                let plain = raw::input(plain, plain_len)?;
                let (context, random) = (&state.context, &mut state.random);
                let wrapped = with_workspace(workspace, |workspace| {
                    legacy::v1_seal(context, &policy, random, master, plain, workspace, out)
                })?;
                raw::store_array(wrapped_key, wrapped)
            })
        }
    })
}

/// Opens one block of backy2's encryption version 1, all or nothing.
///
/// @param policy       its lowest version must be 1 or 0.
/// @param wrapped_key  `wrapped_key_len` bytes; backy2 writes 40.
/// @param blob         `blob_len` bytes.
/// @param workspace    of at least coffre_v1_open_workspace(blob_len) bytes; exclusive.
/// @param out          the plaintext; unchanged or zeroed on an error.
/// @param out_len      its size, or the size needed.
/// @retval COFFRE_ERR_POLICY_VERSION  the policy does not accept version 1.
/// @retval COFFRE_ERR_WRONG_KEY       the wrapped key does not unwrap under this master key.
/// @retval COFFRE_ERR_NOT_AUTHENTIC   the block was altered.
/// @retval COFFRE_ERR_MALFORMED       too short, or a wrapped key that is not 40 bytes.
/// @retval COFFRE_ERR_BAD_FRAME       second frame, trailing bytes, no content size, dictionary.
/// @retval COFFRE_ERR_OVER_LIMIT      the content is larger than the policy allows; nothing was
///         decompressed.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL, COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 3.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_v1_open(
    context: *const coffre_context,
    policy: *const coffre_policy,
    master: *const coffre_v1_master,
    wrapped_key: *const u8,
    wrapped_key_len: usize,
    blob: *const u8,
    blob_len: usize,
    workspace: *mut coffre_workspace,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(workspace) };
        let spans = spans.reads(context, 1).reads(policy, 1).reads(master, 1);
        let spans = spans.reads(wrapped_key, wrapped_key_len).reads(blob, blob_len);
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                let context = &raw::get(context)?.context;
                let policy = c_policy::read(policy)?;
                let master = raw::get(master)?;
                let wrapped = raw::input(wrapped_key, wrapped_key_len)?;
                let blob = raw::input(blob, blob_len)?;
                with_workspace(workspace, |workspace| {
                    legacy::v1_open(context, &policy, master, wrapped, blob, workspace, out)
                })
            })
        }
    })
}

/// Re-wraps one block's key for another master key: backy2's rekey. The block is not touched.
///
/// @param wrapped_key    `wrapped_key_len` bytes, under `from`.
/// @param rewrapped_key  40 bytes, under `to`; zeroed on an error.
/// @retval COFFRE_ERR_WRONG_KEY  it does not unwrap under `from`.
/// @retval COFFRE_ERR_MALFORMED  not 40 bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[rewrapped_key; COFFRE_V1_WRAPPED_KEY_SIZE]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_v1_rewrap(
    context: *const coffre_context,
    from: *const coffre_v1_master,
    to: *const coffre_v1_master,
    wrapped_key: *const u8,
    wrapped_key_len: usize,
    rewrapped_key: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(from, 1).reads(to, 1);
        spans.reads(wrapped_key, wrapped_key_len).writes(rewrapped_key, WRAPPED).disjoint()?;
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::store_array(rewrapped_key, [0; WRAPPED])?;
            let context = &raw::get(context)?.context;
            let wrapped = raw::input(wrapped_key, wrapped_key_len)?;
            let (from, to) = (raw::get(from)?, raw::get(to)?);
            raw::store_array(rewrapped_key, rewrap(context, from, to, wrapped)?)
        }
    })
}

fn rewrap(
    context: &Context,
    from: &MasterKey,
    to: &MasterKey,
    wrapped: &[u8],
) -> Result<[u8; WRAPPED]> {
    from.rewrap(context, to, wrapped.try_into().map_err(|_| Error::Malformed)?)
}

/// Re-wraps the keys of many blocks for another master key, many at a time: backy2's rekey of whole
/// versions. The blocks are not touched, and no row disturbs another.
///
/// @param wrapped_keys    `rows` keys of 40 bytes, one after the other, under `from`.
/// @param rows            any number; with 0 the three arrays may be NULL.
/// @param rewrapped_keys  `rows` keys of 40 bytes, under `to`, in the same order; zeros for a row
///         that does not unwrap.
/// @param statuses        `rows` of them: COFFRE_OK, or COFFRE_ERR_WRONG_KEY for a row that does
///         not unwrap under `from`.
/// @retval COFFRE_ERR_WRONG_KEY  one or more rows do not unwrap under `from`; `statuses` tells
///         which. The others are done.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE  nothing was
///         written.
///
/// docs/FORMAT.md section 3.2; RFC 3394.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_v1_rewrap_batch(
    context: *const coffre_context,
    from: *const coffre_v1_master,
    to: *const coffre_v1_master,
    wrapped_keys: *const u8,
    rows: usize,
    rewrapped_keys: *mut u8,
    statuses: *mut coffre_status,
) -> coffre_status {
    raw::status_of_keys(move || {
        let rewrapped_keys = rewrapped_keys.cast::<[u8; WRAPPED]>();
        let len = rows.checked_mul(WRAPPED).ok_or(Error::InvalidArgument)?;
        let spans = Spans::default().reads(context, 1).reads(from, 1).reads(to, 1);
        let spans = spans.reads(wrapped_keys, len).writes(rewrapped_keys, rows);
        spans.writes(statuses, rows).disjoint()?;
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            let context = &raw::get(context)?.context;
            let (from, to) = (raw::get(from)?, raw::get(to)?);
            let (wrapped, _) = raw::input(wrapped_keys, len)?.as_chunks();
            let rewrapped = raw::outputs(rewrapped_keys, rows)?;
            let statuses = raw::outputs(statuses, rows)?;
            rewrap_batch(context, from, to, wrapped, rewrapped, statuses)
        }
    })
}

fn rewrap_batch(
    context: &Context,
    from: &MasterKey,
    to: &MasterKey,
    wrapped: &[[u8; WRAPPED]],
    rewrapped: &mut [MaybeUninit<[u8; WRAPPED]>],
    statuses: &mut [MaybeUninit<coffre_status>],
) -> Result<()> {
    let mut all = Ok(());
    let mut places = rewrapped.iter_mut().zip(statuses);
    from.rewrap_batch(context, to, wrapped, |result| {
        if let Some((key, status)) = places.next() {
            key.write(result.unwrap_or([0; WRAPPED]));
            status.write(result.map_or_else(Error::code, |_| COFFRE_OK));
        }
        all = all.and(result.map(drop));
    });
    all
}

/// Gives the plain bytes of a version 0 block, if the policy's lowest version is 0.
///
/// @param out      the same bytes; unchanged on an error.
/// @param out_len  their number, or the size needed.
/// @retval COFFRE_ERR_POLICY_VERSION  the policy does not accept version 0.
/// @retval COFFRE_ERR_TOO_LARGE, COFFRE_ERR_BUFFER_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_v0_seal(
    policy: *const coffre_policy,
    plain: *const u8,
    plain_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(policy, 1).reads(plain, plain_len);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                legacy::v0_seal(&c_policy::read(policy)?, raw::input(plain, plain_len)?, out)
            })
        }
    })
}

/// Takes the plain bytes of a version 0 block, if the policy's lowest version is 0.
///
/// @param out      the same bytes; unchanged on an error.
/// @param out_len  their number, or the size needed.
/// @retval COFFRE_ERR_POLICY_VERSION  the policy does not accept version 0: what calls itself plain
///         is refused.
/// @retval COFFRE_ERR_OVER_LIMIT, COFFRE_ERR_BUFFER_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_v0_open(
    policy: *const coffre_policy,
    block: *const u8,
    block_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(policy, 1).reads(block, block_len);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                legacy::v0_open(&c_policy::read(policy)?, raw::input(block, block_len)?, out)
            })
        }
    })
}
