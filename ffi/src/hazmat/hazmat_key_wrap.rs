//! AES-256 key wrap of 32-byte keys.

use coffre_core::error::Error;
use coffre_core::key_wrap;
use coffre_core::secret::Key;

use super::hazmat_engines::engine_of;
use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// Wraps a key. RFC 3394 2.2.1. Runs the product's key wrap on that engine.
///
/// @param engine   -1 for the library's choice, else below coffre_hazmat_engines.
/// @param kek32    32 bytes.
/// @param key      32 bytes.
/// @param out      at least 40 bytes; unchanged on an error.
/// @param out_len  40, also when out_cap is less.
/// @retval COFFRE_ERR_KEY_LENGTH        key_len is not 32.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine.
/// @retval COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[kek32; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_aes256kw_wrap(
    engine: i32,
    kek32: *const u8,
    key: *const u8,
    key_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(kek32, 32).reads(key, key_len);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                let engine = engine_of(engine)?;
                let kek = Key::copy_of(raw::array(kek32)?);
                let key = raw::input(key, key_len)?.as_array().ok_or(Error::KeyLength)?;
                out.push(&key_wrap::wrap(engine, &kek, &Key::copy_of(key))).map(drop)
            })
        }
    })
}

/// Unwraps a key. RFC 3394 2.2.2. Runs the product's key unwrap on that engine.
///
/// @param engine   -1 for the library's choice, else below coffre_hazmat_engines.
/// @param kek32    32 bytes.
/// @param key      what coffre_hazmat_aes256kw_wrap made, 40 bytes.
/// @param out      at least 32 bytes; unchanged on an error.
/// @param out_len  32, also when out_cap is less.
/// @retval COFFRE_ERR_MALFORMED         key_len is not 40: not a wrapped 32-byte key.
/// @retval COFFRE_ERR_NOT_AUTHENTIC     the integrity check failed.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine.
/// @retval COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[kek32; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_aes256kw_unwrap(
    engine: i32,
    kek32: *const u8,
    key: *const u8,
    key_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(kek32, 32).reads(key, key_len);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                let engine = engine_of(engine)?;
                let kek = Key::copy_of(raw::array(kek32)?);
                let wrapped = raw::input(key, key_len)?.as_array().ok_or(Error::Malformed)?;
                out.push(key_wrap::unwrap(engine, &kek, wrapped)?.expose()).map(drop)
            })
        }
    })
}
