//! P-256: Diffie-Hellman and ECDSA.

use coffre_core::ecdsa::{self, SIGNATURE};
use coffre_core::error::{Error, Result};
use coffre_core::key_file;
use coffre_core::keypair::{POINT, PrivateKey, PublicKey, SCALAR};

use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// DER's tags, as in a signature.
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// Diffie-Hellman: the shared point's x coordinate. SP 800-56A 5.7.1.2. Runs what opens and seals
/// records for public keys.
///
/// Public keys are taken in the forms that the product reads: an uncompressed point (SEC 1 2.3.3)
/// through the decoder of encapsulated keys, or SPKI in DER through the reader of key files.
///
/// @param priv32  a big-endian scalar, 1 to the group's order - 1.
/// @param pub     an uncompressed point of 65 bytes, or SPKI in DER.
/// @param z32     32 bytes; unchanged on an error.
/// @retval COFFRE_ERR_INVALID_KEY      the scalar is out of range, or the point infinity or not on
///         the curve.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY  a compressed or hybrid point, another algorithm or curve, or
///         explicit curve parameters.
/// @retval COFFRE_ERR_BAD_KEY_FILE     neither a point nor SPKI in strict DER.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[priv32; 32], [z32; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_p256_ecdh(
    priv32: *const u8,
    r#pub: *const u8,
    pub_len: usize,
    z32: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(priv32, SCALAR).reads(r#pub, pub_len);
        spans.writes(z32, SCALAR).disjoint()?;
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            let (scalar, public) = (raw::array(priv32)?, raw::input(r#pub, pub_len)?);
            let z = PrivateKey::from_scalar_bytes(scalar)?.diffie_hellman(&public_key(public)?);
            raw::store_array(z32, *z.expose())
        }
    })
}

/// Verifies a signature with SHA-256. FIPS 186-5 6.4.2. Runs what verifies a restore point's
/// origin; the signature, which has a fixed size there, is taken from strict DER before.
///
/// @param pub      as for coffre_hazmat_p256_ecdh.
/// @param msg      `len` bytes, not hashed yet.
/// @param sig_der  a SEQUENCE of two INTEGERs, RFC 3279 2.2.3.
/// @retval COFFRE_ERR_NOT_AUTHENTIC  the signature does not fit, or r or s is out of range.
/// @retval COFFRE_ERR_MALFORMED      the signature is not strict DER, or an integer is negative or
///         has more than 32 bytes.
/// @retval COFFRE_ERR_INVALID_KEY, COFFRE_ERR_UNSUPPORTED_KEY, COFFRE_ERR_BAD_KEY_FILE  as for
///         coffre_hazmat_p256_ecdh.
/// @retval COFFRE_ERR_INVALID_ARGUMENT
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_p256_ecdsa_verify(
    r#pub: *const u8,
    pub_len: usize,
    msg: *const u8,
    len: usize,
    sig_der: *const u8,
    sig_len: usize,
) -> coffre_status {
    raw::status(move || {
        // SAFETY: the caller's contract; nothing is written.
        unsafe {
            let (public, msg) = (raw::input(r#pub, pub_len)?, raw::input(msg, len)?);
            let signature = raw::input(sig_der, sig_len)?;
            let public = public_key(public)?;
            let signature = fixed_form(signature).ok_or(Error::Malformed)?;
            if ecdsa::verify(&public, msg, &signature) { Ok(()) } else { Err(Error::NotAuthentic) }
        }
    })
}

/// A point or SPKI, told apart by the first byte. PEM, which key files may be too, is none of both.
fn public_key(bytes: &[u8]) -> Result<PublicKey> {
    match (bytes, bytes.len()) {
        ([0x04, ..], POINT) => PublicKey::from_uncompressed(bytes),
        ([0x02 | 0x03, ..], 33) | ([0x06 | 0x07, ..], POINT) => Err(Error::UnsupportedKey),
        ([0x00], _) => Err(Error::InvalidKey), // infinity
        ([SEQUENCE, ..], _) => key_file::read_public(bytes),
        _ => Err(Error::BadKeyFile),
    }
}

/// A signature in DER as `r || s`. Every length in it is below 128, so one byte.
fn fixed_form(der: &[u8]) -> Option<[u8; SIGNATURE]> {
    let (inside, rest) = value(der, SEQUENCE)?;
    let (r, inside) = value(inside, INTEGER)?;
    let (s, after) = value(inside, INTEGER)?;
    if !(rest.is_empty() && after.is_empty()) {
        return None;
    }
    let mut signature = [0; SIGNATURE];
    let (r_place, s_place) = signature.split_at_mut(SCALAR);
    place(r, r_place)?;
    place(s, s_place)?;
    Some(signature)
}

/// The contents of the first value, which has this tag, and what follows it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    match der {
        [found, len @ 0..=0x7f, rest @ ..] if *found == tag => rest.split_at_checked((*len).into()),
        _ => None,
    }
}

/// Puts a positive integer or 0, of the fewest bytes (X.690 8.3.2), at the end of zeros.
fn place(integer: &[u8], zeros: &mut [u8]) -> Option<()> {
    let digits = match integer {
        [0, 0x80..=0xff, ..] => &integer[1..],
        [0] | [1..=0x7f, ..] => integer,
        _ => return None,
    };
    let start = zeros.len().checked_sub(digits.len())?;
    zeros[start..].copy_from_slice(digits);
    Some(())
}
