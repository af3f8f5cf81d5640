//! The origin signature of a restore point: signing it, and what it says. coffre_manifest_close
//! verifies it.

use coffre_core::ecdsa;
use coffre_core::origin::{self, OriginSignature};

use crate::c_context::coffre_context;
use crate::c_manifest_types::{coffre_manifest_whole, read_whole};
use crate::c_origin_key::coffre_origin_key;
use crate::c_record::{coffre_record, spans_of};
use crate::c_record_keys::coffre_record_keys;
use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// Size of an origin signature.
pub const COFFRE_ORIGIN_SIGNATURE_SIZE: usize = 168;
/// Size of the message that is signed.
pub const COFFRE_ORIGIN_MESSAGE_SIZE: usize = 80;
/// No signature that coffre_origin_export gives is larger.
pub const COFFRE_ORIGIN_DER_MAX: usize = 72;

const _: () = {
    assert!(COFFRE_ORIGIN_SIGNATURE_SIZE == origin::SIZE);
    assert!(COFFRE_ORIGIN_MESSAGE_SIZE == origin::MESSAGE);
    assert!(COFFRE_ORIGIN_DER_MAX == ecdsa::SIGNATURE_DER);
};

/// What an origin signature says of itself without any key.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_origin_info {
    /// The installation that wrote the manifest.
    pub instance_id: [u8; 16],
    /// The restore point.
    pub restore_point_id: [u8; 16],
    /// The key id of the origin key that signed.
    pub key_id: [u8; 16],
    /// SHA-256 of the manifest.
    pub manifest_digest: [u8; 32],
}

/// Signs a manifest: says who made the restore point. Keep the signature beside the manifest.
///
/// The same key signs the same manifest with the same bytes; no random bytes are drawn.
///
/// @param key      an origin key that is none of the record's recipients.
/// @param keys     of the restore point's key record.
/// @param record   the key record; it is proven once more.
/// @param whole    as coffre_manifest_finish or coffre_manifest_close gave it.
/// @param out      COFFRE_ORIGIN_SIGNATURE_SIZE bytes.
/// @param out_len  its size, or the size needed.
/// @retval COFFRE_ERR_MALFORMED            a manifest without COFFRE_MANIFEST_DIGESTS: nothing
///         binds its blocks' contents.
/// @retval COFFRE_ERR_ORIGIN_IS_RECIPIENT  the key is one of the record's recipients.
/// @retval COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_OTHER_STORAGE_KEY  the record is not that of the
///         keys, or was altered.
/// @retval COFFRE_ERR_FOREIGN              the record of another restore point or installation.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL     nothing was written.
/// @retval COFFRE_ERR_INVALID_ARGUMENT     also: not a key record.
/// @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 6.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_sign(
    context: *const coffre_context,
    key: *const coffre_origin_key,
    keys: *const coffre_record_keys,
    record: *const coffre_record,
    whole: *const coffre_manifest_whole,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(record) }.reads(context, 1).reads(key, 1).reads(whole, 1);
        let spans = spans.reads(keys, 1);
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                raw::get(context)?;
                let (key, keys, record) = (raw::get(key)?, raw::get(keys)?, raw::get(record)?);
                origin::sign(key, keys, record, &read_whole(raw::structure(whole)?)?, out)
            })
        }
    })
}

/// Reads what an origin signature says of itself, and checks that it is whole. No key; nothing is
/// proven.
///
/// @param signature  `signature_len` bytes.
/// @param info       written; unchanged on an error.
/// @retval COFFRE_ERR_MALFORMED  not an origin signature, or not of its size.
/// @retval COFFRE_ERR_DAMAGED    the checksum does not fit.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md section 6.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_inspect(
    signature: *const u8,
    signature_len: usize,
    info: *mut coffre_origin_info,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(signature, signature_len).writes(info, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let found = OriginSignature::parse(raw::input(signature, signature_len)?)?;
            let found = coffre_origin_info {
                instance_id: found.instance_id,
                restore_point_id: found.restore_point_id,
                key_id: found.key_id,
                manifest_digest: found.manifest_digest,
            };
            raw::store(info, found)
        }
    })
}

/// Takes an origin signature apart for other programs: with message and signature in files,
/// `openssl dgst -sha256 -verify origin.pem -signature FILE MESSAGE` verifies it. Nothing is proven
/// here.
///
/// The message names the manifest by its SHA-256 (coffre_origin_info.manifest_digest, the message's
/// last 32 bytes), which has to be that of the manifest at hand.
///
/// @param signature  `signature_len` bytes.
/// @param message    COFFRE_ORIGIN_MESSAGE_SIZE bytes: what was signed; unchanged on an error.
/// @param der        the ECDSA signature in DER, of at most COFFRE_ORIGIN_DER_MAX bytes.
/// @param der_len    its size, or the size needed.
/// @retval COFFRE_ERR_MALFORMED         not an origin signature, or not of its size.
/// @retval COFFRE_ERR_DAMAGED           the checksum does not fit.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md section 6.1.
///
/// cbindgen:ptrs-as-arrays=[[message; COFFRE_ORIGIN_MESSAGE_SIZE]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_origin_export(
    signature: *const u8,
    signature_len: usize,
    message: *mut u8,
    der: *mut u8,
    der_cap: usize,
    der_len: *mut usize,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(signature, signature_len);
        let spans = spans.writes(message, COFFRE_ORIGIN_MESSAGE_SIZE);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, der, der_cap, der_len, |der| {
                let found = OriginSignature::parse(raw::input(signature, signature_len)?)?;
                // Asked before anything is written.
                raw::outputs(message, COFFRE_ORIGIN_MESSAGE_SIZE)?;
                found.write_der(der)?;
                raw::store_array(message, found.message())
            })
        }
    })
}
