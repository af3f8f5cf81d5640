//! Cobblestone-256 of C2SP chunked-encryption.

use coffre_core::chunked::{Chunked, PREFIX, SALT, chunks_len};
use coffre_core::derive::Expand512;
use coffre_core::error::{Error, Result};
use coffre_core::secret::Key;

use super::hazmat_engines::engine_of;
use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// Encrypts a message: salt, commitment, chunks. Runs what seals a block's stored bytes.
///
/// @param engine   -1 for the library's choice, else below coffre_hazmat_engines.
/// @param key32    32 bytes.
/// @param salt24   24 bytes; a pair of key and salt encrypts one message.
/// @param context  `context_len` bytes.
/// @param plain    `len` bytes.
/// @param out      at least 56 + len + 16 (len / 16384 + 1) bytes; unchanged or zeroed on an error.
/// @param out_len  that size, also when out_cap is less.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine.
/// @retval COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[key32; 32], [salt24; 24]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_chunked_encrypt(
    engine: i32,
    key32: *const u8,
    salt24: *const u8,
    context: *const u8,
    context_len: usize,
    plain: *const u8,
    len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(key32, 32).reads(salt24, SALT);
        let spans = spans.reads(context, context_len).reads(plain, len);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                let engine = engine_of(engine)?;
                let (key, salt) = (Key::copy_of(raw::array(key32)?), raw::array(salt24)?);
                let context = raw::input(context, context_len)?;
                let plain = raw::input(plain, len)?;
                out.reserve(PREFIX + chunks_len(len))?;
                let chunked = Chunked::derive(engine, &Expand512::new(&key), salt, context);
                out.push(salt)?;
                out.push(chunked.commitment())?;
                chunked.seal_from(plain, out)
            })
        }
    })
}

/// Decrypts a whole message or nothing. Runs what opens a block's stored bytes, commitment first.
///
/// @param engine   -1 for the library's choice, else below coffre_hazmat_engines.
/// @param key32    32 bytes.
/// @param context  `context_len` bytes.
/// @param cipher   `len` bytes: salt, commitment, chunks.
/// @param out      at least as large as the message; unchanged or zeroed on an error.
/// @param out_len  the message's size, or the size needed.
/// @retval COFFRE_ERR_NOT_AUTHENTIC     another key or context, or altered bytes.
/// @retval COFFRE_ERR_MALFORMED         not a length that a message of chunks has.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine.
/// @retval COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[key32; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_chunked_decrypt(
    engine: i32,
    key32: *const u8,
    context: *const u8,
    context_len: usize,
    cipher: *const u8,
    len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(key32, 32).reads(context, context_len);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans.reads(cipher, len), out, out_cap, out_len, |out| {
                let engine = engine_of(engine)?;
                let key = Key::copy_of(raw::array(key32)?);
                let context = raw::input(context, context_len)?;
                let (salt, rest) = first(raw::input(cipher, len)?)?;
                let (commitment, chunks) = first(rest)?;
                let key = Expand512::new(&key);
                let chunked = Chunked::derive_committed(engine, &key, salt, context, commitment)?;
                chunked.open_to(chunks, out)
            })
        }
    })
}

/// The first `N` bytes, and the rest.
fn first<const N: usize>(bytes: &[u8]) -> Result<(&[u8; N], &[u8])> {
    bytes.split_first_chunk().ok_or(Error::Malformed)
}
