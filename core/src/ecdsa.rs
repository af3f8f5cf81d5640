//! ECDSA on P-256 with SHA-256 (FIPS 186-5 6.4), deterministic by RFC 6979.
//!
//! A signature is `r || s`, big-endian, 32 bytes each. `s` and `n - s` are both accepted, as FIPS
//! 186-5 has it: nothing here takes a signature's bytes for an identity. This file does not know
//! what is signed.

#[cfg(feature = "public-key")]
use p256::ecdsa::signature::{Signer, Verifier};
#[cfg(feature = "public-key")]
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};

use crate::error::Result;
use crate::keypair::{PrivateKey, PublicKey, SCALAR};
use crate::out::Out;

/// Size of a signature.
pub const SIGNATURE: usize = 2 * SCALAR;
/// The largest size of a signature in DER: both integers with a zero in front.
pub const SIGNATURE_DER: usize = 2 + 2 * (2 + 1 + SCALAR);

const _: () = assert!(SIGNATURE == 64 && SIGNATURE_DER == 72);

/// DER's tags; all lengths here are below 128, so one byte each.
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// Signs `message`: the same bytes whenever key and message are the same. RFC 6979 3.2.
#[cfg(feature = "public-key")]
pub fn sign(key: &PrivateKey, message: &[u8]) -> [u8; SIGNATURE] {
    // Wiped on drop, like the key itself.
    let key = SigningKey::from(*key.scalar());
    let signature: Signature = key.sign(message);
    signature.to_bytes().into()
}

/// Whether `signature` is the key's for `message`; `r` or `s` out of 1 … n-1 is none. FIPS 186-5
/// 6.4.2.
#[cfg(feature = "public-key")]
#[must_use]
pub fn verify(key: &PublicKey, message: &[u8], signature: &[u8; SIGNATURE]) -> bool {
    let key = VerifyingKey::from_affine(*key.point());
    let signature = Signature::from_slice(signature);
    matches!((key, signature), (Ok(key), Ok(signature)) if key.verify(message, &signature).is_ok())
}

/// There is no key to sign with.
#[cfg(not(feature = "public-key"))]
pub fn sign(key: &PrivateKey, _: &[u8]) -> [u8; SIGNATURE] {
    match *key {}
}

/// There is no key to verify by.
#[cfg(not(feature = "public-key"))]
#[must_use]
pub fn verify(key: &PublicKey, _: &[u8], _: &[u8; SIGNATURE]) -> bool {
    match *key {}
}

/// Appends a signature as other programs have it, such as `openssl dgst -verify`: a SEQUENCE of two
/// INTEGERs, at most [`SIGNATURE_DER`] bytes. RFC 3279 2.2.3.
///
/// # Errors
/// [`Error::BufferTooSmall`](crate::error::Error::BufferTooSmall): nothing was written.
pub fn write_der(signature: &[u8; SIGNATURE], out: &mut Out) -> Result<()> {
    let (r, s) = signature.split_at(SCALAR);
    let (r, s) = (significant(r), significant(s));
    let (r_zero, s_zero) = (sign_zero(r), sign_zero(s));
    let lens = [r.len() + r_zero.len(), s.len() + s_zero.len()];
    let len = 2 + lens[0] + 2 + lens[1];
    out.reserve(2 + len)?;
    out.push(&[SEQUENCE, len as u8])?;
    out.push(&[INTEGER, lens[0] as u8])?;
    out.push(r_zero)?;
    out.push(r)?;
    out.push(&[INTEGER, lens[1] as u8])?;
    out.push(s_zero)?;
    out.push(s).map(drop)
}

/// A number without leading zero bytes; 0 is one byte.
fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros.min(number.len() - 1)..]
}

/// What stands before a number so that its first bit is not taken for a sign. X.690 8.3.
fn sign_zero(number: &[u8]) -> &'static [u8] {
    if matches!(number, [0x80..=0xff, ..]) { &[0] } else { &[] }
}
