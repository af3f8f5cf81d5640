//! AES-256-GCM with the nonces that the product has.

use coffre_core::aead::{Engine, GcmKey, NONCE, Nonce, TAG};
use coffre_core::error::{Error, Result};
use coffre_core::out::Out;
use coffre_core::secret::Key;

use super::hazmat_engines::engine_of;
use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// SP 800-38D 5.2.1.1: 2^39 - 256 bits.
const MESSAGE: u64 = (1 << 36) - 32;

/// Encrypts a message. SP 800-38D 7.1. Runs the engine of that number, under a key made ready for
/// one message of this length: in place if `out` is `plain`, or if there is additional data or a
/// long nonce, which the product has in place alone; else from the one buffer to the other.
///
/// @param engine  -1 for the library's choice, else below coffre_hazmat_engines.
/// @param key32   32 bytes.
/// @param iv      12 bytes, or 16, which go through GHASH.
/// @param plain   `len` bytes, at most 2^36 - 32.
/// @param out     `len` bytes: plain itself, or memory that overlaps nothing; unchanged on an
///        error.
/// @param tag16   16 bytes; unchanged on an error.
/// @retval COFFRE_ERR_TOO_LARGE         len.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine, or another iv_len.
/// @retval COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[key32; 32], [tag16; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_aes256gcm_seal(
    engine: i32,
    key32: *const u8,
    iv: *const u8,
    iv_len: usize,
    aad: *const u8,
    aad_len: usize,
    plain: *const u8,
    len: usize,
    out: *mut u8,
    tag16: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(key32, 32).reads(iv, iv_len).reads(aad, aad_len);
        message_spans(spans.writes(tag16, TAG), plain, len, out)?;
        // SAFETY: the caller's contract; nothing overlaps but a message in place.
        unsafe {
            let key = ready_key(engine_of(engine)?, key32, len)?;
            let nonce = nonce_of(raw::input(iv, iv_len)?)?;
            let aad = raw::input(aad, aad_len)?;
            let mut tag = Out::uninit(raw::output(tag16, TAG)?);
            let made = if plain == out {
                key.seal_with(nonce, aad, raw::in_place(out, len)?)?
            } else {
                let (plain, space) = (raw::input(plain, len)?, raw::output(out, len)?);
                match (nonce, aad) {
                    (Nonce::Short(nonce), []) => key.seal_to(nonce, plain, space)?.1,
                    _ => key.seal_with(nonce, aad, Out::uninit(space).push(plain)?)?,
                }
            };
            tag.push(&made).map(drop)
        }
    })
}

/// Decrypts a message. SP 800-38D 7.2. Runs the engine as coffre_hazmat_aes256gcm_seal does.
///
/// @param engine  -1 for the library's choice, else below coffre_hazmat_engines.
/// @param key32   32 bytes.
/// @param iv      12 or 16 bytes.
/// @param cipher  `len` bytes, at most 2^36 - 32.
/// @param tag16   16 bytes.
/// @param out     `len` bytes: cipher itself, or memory that overlaps nothing; zeroed when the tag
///        does not fit, unchanged on any other error.
/// @retval COFFRE_ERR_NOT_AUTHENTIC     the tag does not fit.
/// @retval COFFRE_ERR_TOO_LARGE         len.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine, or another iv_len.
/// @retval COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[key32; 32], [tag16; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_aes256gcm_open(
    engine: i32,
    key32: *const u8,
    iv: *const u8,
    iv_len: usize,
    aad: *const u8,
    aad_len: usize,
    cipher: *const u8,
    len: usize,
    tag16: *const u8,
    out: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(key32, 32).reads(iv, iv_len).reads(aad, aad_len);
        message_spans(spans.reads(tag16, TAG), cipher, len, out)?;
        // SAFETY: the caller's contract; nothing overlaps but a message in place.
        unsafe {
            let key = ready_key(engine_of(engine)?, key32, len)?;
            let nonce = nonce_of(raw::input(iv, iv_len)?)?;
            let (aad, tag) = (raw::input(aad, aad_len)?, raw::array(tag16)?);
            if cipher == out {
                return key.open_with(nonce, aad, raw::in_place(out, len)?, tag);
            }
            let (cipher, space) = (raw::input(cipher, len)?, raw::output(out, len)?);
            match (nonce, aad) {
                (Nonce::Short(nonce), []) => key.open_to(nonce, cipher, space, tag).map(drop),
                _ => key.open_with(nonce, aad, Out::uninit(space).push(cipher)?, tag),
            }
        }
    })
}

/// Checks the message's length, and that what is written overlaps nothing, unless it is the message
/// itself.
fn message_spans(spans: Spans, from: *const u8, len: usize, to: *mut u8) -> Result<()> {
    if len as u64 > MESSAGE {
        return Err(Error::TooLarge);
    }
    let spans = spans.writes(to, len);
    if from == to { spans.disjoint() } else { spans.reads(from, len).disjoint() }
}

/// # Safety
/// As [`raw::array`].
unsafe fn ready_key(engine: Engine, key32: *const u8, len: usize) -> Result<GcmKey> {
    // SAFETY: the caller's promise.
    let key = Key::copy_of(unsafe { raw::array(key32) }?);
    Ok(engine.key_for(&key, len))
}

fn nonce_of(iv: &[u8]) -> Result<Nonce<'_>> {
    match (iv.as_array::<NONCE>(), iv.as_array::<16>()) {
        (Some(short), _) => Ok(Nonce::Short(short)),
        (_, Some(long)) => Ok(Nonce::Long(long)),
        _ => Err(Error::InvalidArgument),
    }
}
