//! Origin keys: who made a restore point. The private one signs, the public one verifies.

use coffre_core::origin_key::{OriginKey, OriginPublic};

use crate::c_context::coffre_context;
use crate::c_keys::read_form;
use crate::c_status::coffre_status;
use crate::raw::{self, Spans, opaque};

/// The key that signs restore points: a P-256 private key that is no identity. Caller-owned; may be
/// moved; wipe it.
#[repr(C)]
pub struct coffre_origin_key {
    opaque: [u64; 32],
}
opaque!(coffre_origin_key, OriginKey, b"cofforgk", pinned: false);
/// The key that restore points are verified with: a P-256 public key that is no recipient.
/// Caller-owned; may be moved; wipe it.
#[repr(C)]
pub struct coffre_origin {
    opaque: [u64; 32],
}
opaque!(coffre_origin, OriginPublic, b"cofforgp", pinned: false);

/// Generates an origin key.
///
/// @param context  exclusive.
/// @param key      written; zeroed on an error.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 6.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_key_generate(
    context: *mut coffre_context,
    key: *mut coffre_origin_key,
) -> coffre_status {
    raw::status_of_keys(move || {
        Spans::default().writes(context, 1).writes(key, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::create(key, || OriginKey::generate(&mut raw::get_mut(context)?.random)) }
    })
}

/// Reads an origin key: a private key on curve P-256, PKCS#8 or SEC 1, in PEM or DER, as `openssl
/// genpkey` writes it.
///
/// @param file  `file_len` bytes; they stay the caller's to wipe.
/// @param key   written; zeroed on an error.
/// @retval COFFRE_ERR_BAD_KEY_FILE     not such a file: truncated, another label, encrypted,
///         trailing bytes.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY  a private key of another algorithm or curve.
/// @retval COFFRE_ERR_INVALID_KEY      scalar out of range, or a public key inside that is not its
///         own.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 8.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_key_read(
    context: *const coffre_context,
    file: *const u8,
    file_len: usize,
    key: *mut coffre_origin_key,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(file, file_len);
        spans.writes(key, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(key, || {
                raw::get(context)?;
                OriginKey::read(raw::input(file, file_len)?)
            })
        }
    })
}

/// Writes an origin key as PKCS#8, as `openssl pkey` reads it. The PEM form ends with a newline,
/// not with a NUL.
///
/// @param form     COFFRE_KEY_FILE_PEM or COFFRE_KEY_FILE_DER.
/// @param out      the file, of at most COFFRE_KEY_FILE_MAX bytes; wipe it after use.
/// @param out_len  its size, or the size needed.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_key_write(
    key: *const coffre_origin_key,
    form: u32,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(key, 1);
        // SAFETY: the caller's contract.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                raw::get(key)?.write(read_form(form)?, out)
            })
        }
    })
}

/// The key that verifies what an origin key signs.
///
/// @param origin  written; zeroed on an error.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_key_public(
    key: *const coffre_origin_key,
    origin: *mut coffre_origin,
) -> coffre_status {
    raw::status_of_keys(move || {
        Spans::default().reads(key, 1).writes(origin, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::create(origin, || Ok(raw::get(key)?.public())) }
    })
}

/// Ends an origin key and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_key_wipe(key: *mut coffre_origin_key) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(key) }
}

/// Reads the public half of an origin key: SPKI on curve P-256, in PEM or DER, as `openssl pkey
/// -pubout` writes it.
///
/// @param file    `file_len` bytes.
/// @param origin  written; zeroed on an error.
/// @retval COFFRE_ERR_BAD_KEY_FILE     not such a file.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY  a public key of another algorithm or curve, or a compressed
///         point.
/// @retval COFFRE_ERR_INVALID_KEY      the point is not on the curve.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 8.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_read(
    context: *const coffre_context,
    file: *const u8,
    file_len: usize,
    origin: *mut coffre_origin,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(context, 1).reads(file, file_len);
        spans.writes(origin, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(origin, || {
                raw::get(context)?;
                OriginPublic::read(raw::input(file, file_len)?)
            })
        }
    })
}

/// Writes the public half of an origin key as SPKI.
///
/// @param form     COFFRE_KEY_FILE_PEM or COFFRE_KEY_FILE_DER.
/// @param out      the file, of at most COFFRE_KEY_FILE_MAX bytes.
/// @param out_len  its size, or the size needed.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_write(
    origin: *const coffre_origin,
    form: u32,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(origin, 1);
        // SAFETY: the caller's contract.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                raw::get(origin)?.write(read_form(form)?, out)
            })
        }
    })
}

/// The key id of an origin key.
///
/// @param id  16 bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 8.1.
///
/// cbindgen:ptrs-as-arrays=[[id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_id(
    origin: *const coffre_origin,
    id: *mut u8,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(origin, 1).writes(id, 16).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::store_array(id, raw::get(origin)?.key_id()) }
    })
}

/// The whole SHA-256 of an origin key's SPKI, to be shown when somebody decides to trust it.
///
/// @param digest  32 bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[digest; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_digest(
    origin: *const coffre_origin,
    digest: *mut u8,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(origin, 1).writes(digest, 32).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::store_array(digest, raw::get(origin)?.digest()) }
    })
}

/// Ends the public half of an origin key and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_wipe(origin: *mut coffre_origin) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(origin) }
}
