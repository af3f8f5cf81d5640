//! HMAC and HKDF with SHA-256.

use coffre_core::derive::Mac256;
use coffre_core::error::{Error, Result};
use coffre_core::out::Out;
use coffre_core::secret::Key;
use hkdf::HkdfExtract;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// HMAC-SHA-256. RFC 2104. With a key of 32 bytes the product's own MAC runs; with any other the
/// HMAC that it stands on, crate hmac.
///
/// @param key    `key_len` bytes, any number.
/// @param msg    `len` bytes.
/// @param mac32  32 bytes; unchanged on an error.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[mac32; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_hmac_sha256(
    key: *const u8,
    key_len: usize,
    msg: *const u8,
    len: usize,
    mac32: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(key, key_len).reads(msg, len);
        spans.writes(mac32, 32).disjoint()?;
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            let (key, msg) = (raw::input(key, key_len)?, raw::input(msg, len)?);
            let mac = match key.as_array() {
                Some(key) => Mac256::of(&Key::copy_of(key), &[msg]),
                None => any_key_mac(key, msg)?,
            };
            raw::store_array(mac32, mac)
        }
    })
}

/// HKDF-SHA-256: extract, then expand. RFC 5869. Runs crate hkdf through the calls with which the
/// product extracts and expands; its own functions take salts and infos of its own table only.
///
/// @param salt     `salt_len` bytes; none is the RFC's string of zeros.
/// @param out      `out_len` bytes, at most 8160; unchanged on an error.
/// @retval COFFRE_ERR_TOO_LARGE  out_len.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_hkdf_sha256(
    salt: *const u8,
    salt_len: usize,
    ikm: *const u8,
    ikm_len: usize,
    info: *const u8,
    info_len: usize,
    out: *mut u8,
    out_len: usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(salt, salt_len).reads(ikm, ikm_len);
        spans.reads(info, info_len).writes(out, out_len).disjoint()?;
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            let (salt, ikm) = (raw::input(salt, salt_len)?, raw::input(ikm, ikm_len)?);
            let info = raw::input(info, info_len)?;
            let space = raw::output(out, out_len)?;
            if out_len > 255 * 32 {
                return Err(Error::TooLarge);
            }
            let mut extract = HkdfExtract::<Sha256>::new(Some(salt));
            extract.input_ikm(ikm);
            let (mut prk, hkdf) = extract.finalize();
            prk.zeroize();
            let mut out = Out::uninit(space);
            let okm = out.push_zeros(out_len)?;
            hkdf.expand_multi_info(&[info], okm).map_err(|_| Error::TooLarge)
        }
    })
}

fn any_key_mac(key: &[u8], msg: &[u8]) -> Result<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Error::KeyLength)?;
    mac.update(msg);
    Ok(mac.finalize().into_bytes().into())
}
