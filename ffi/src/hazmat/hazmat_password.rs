//! What derives keys from passwords.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use coffre_core::error::{Error, Result};
use coffre_core::out::{self, Out, Scratch};
use coffre_core::password_hash;

use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// RFC 9106 3.1 recommends 16, and asks for no number; 8 is what its implementations take.
const LEAST_SALT: usize = 8;

/// PBKDF2-HMAC-SHA-256. RFC 8018 5.2. The product's own code; the format's least number of
/// iterations is not asked for.
///
/// @param password    `len` bytes, used as they are.
/// @param salt        `salt_len` bytes, any number.
/// @param iterations  1 or more.
/// @param out         `out_len` bytes; unchanged on an error.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: no iterations.
/// @retval COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_pbkdf2_hmac_sha256(
    password: *const u8,
    len: usize,
    salt: *const u8,
    salt_len: usize,
    iterations: u32,
    out: *mut u8,
    out_len: usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(password, len).reads(salt, salt_len);
        spans.writes(out, out_len).disjoint()?;
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            let (password, salt) = (raw::input(password, len)?, raw::input(salt, salt_len)?);
            let mut out = Out::uninit(raw::output(out, out_len)?);
            if iterations == 0 {
                return Err(Error::InvalidArgument);
            }
            let okm = out.push_zeros(out_len)?;
            for (number, part) in (1..).zip(okm.chunks_mut(32)) {
                let block = password_hash::pbkdf2(iterations, password, salt, number)?;
                part.copy_from_slice(&block.expose()[..part.len()]);
            }
            Ok(())
        }
    })
}

/// Argon2id, version 0x13, without secret and associated data. RFC 9106. With 32 bytes to derive
/// the product's own code runs, which has no other length; else crate argon2.
///
/// @param password   `len` bytes, used as they are.
/// @param salt       `salt_len` bytes, 8 or more.
/// @param m_kib      memory in KiB, 8 a lane or more.
/// @param t          passes, 1 or more.
/// @param p          lanes, 1 or more, worked on one after the other.
/// @param workspace  at least COFFRE_ARGON2ID_WORKSPACE(m_kib) bytes; the blocks in it are zeroed
///        in the end.
/// @param out        `out_len` bytes, 4 or more; unchanged or zeroed on an error.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: a cost or length out of range.
/// @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_argon2id(
    password: *const u8,
    len: usize,
    salt: *const u8,
    salt_len: usize,
    m_kib: u32,
    t: u32,
    p: u32,
    workspace: *mut u8,
    workspace_len: usize,
    out: *mut u8,
    out_len: usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(password, len).reads(salt, salt_len);
        spans.writes(workspace, workspace_len).writes(out, out_len).disjoint()?;
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            let (password, salt) = (raw::input(password, len)?, raw::input(salt, salt_len)?);
            let workspace = raw::output(workspace, workspace_len)?;
            let mut out = Out::uninit(raw::output(out, out_len)?);
            let params = Params::new(m_kib, t, p, Some(out_len));
            let params = params.map_err(|_| Error::InvalidArgument)?;
            if salt.len() < LEAST_SALT {
                return Err(Error::InvalidArgument);
            }
            if out_len == 32 {
                let key = password_hash::argon2id([m_kib, t, p], password, salt, workspace)?;
                return out.push(key.expose()).map(drop);
            }
            any_argon2id(params, password, salt, workspace, out.push_zeros(out_len)?)
        }
    })
}

fn any_argon2id(
    params: Params,
    password: &[u8],
    salt: &[u8],
    workspace: Scratch,
    out: &mut [u8],
) -> Result<()> {
    let count = params.block_count();
    let blocks = out::values::<Block>(workspace, count).ok_or(Error::WorkspaceTooSmall)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let done = argon2.hash_password_into_with_memory(password, salt, out, &mut *blocks);
    blocks.fill(Block::default());
    done.map_err(|_| Error::InvalidArgument)
}
