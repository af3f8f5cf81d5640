//! HMAC and HKDF with SHA-256.

use coffre_core::derive::Mac256;
use coffre_core::error::Error;
use coffre_core::out::Out;
use zeroize::Zeroizing;

use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// HMAC-SHA-256. RFC 2104.
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
            raw::store_array(mac32, mac(key, &[msg]))
        }
    })
}

/// HKDF-SHA-256: extract, then expand. RFC 5869. It is written here over the product's HMAC, whose
/// own extracts and expands take salts and infos of its table only, and at most 32 bytes.
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
            let prk = Zeroizing::new(mac(salt, &[ikm]));
            let mut out = Out::uninit(space);
            let mut block = Zeroizing::new([0; 32]);
            for (i, part) in out.push_zeros(out_len)?.chunks_mut(32).enumerate() {
                let previous: &[u8] = if i == 0 { &[] } else { &*block };
                *block = mac(&*prk, &[previous, info, &[i as u8 + 1]]);
                part.copy_from_slice(&block[..part.len()]);
            }
            Ok(())
        }
    })
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Mac256::of_any(key);
    parts.iter().for_each(|part| mac.update(part));
    mac.finish()
}
