//! ECDSA on P-256 with SHA-256 (FIPS 186-5 6.4), deterministic by RFC 6979.
//!
//! A signature is `r || s`, big-endian, 32 bytes each. `s` and `n - s` are both accepted, as FIPS
//! 186-5 has it: nothing here takes a signature's bytes for an identity. This file does not know
//! what is signed.

use p256::FieldBytes;
use p256::elliptic_curve::ff::{Field, PrimeField};
use p256::elliptic_curve::ops::Reduce;
use zeroize::Zeroizing;

use crate::bytes::Fields;
use crate::derive::{Mac256, sha256};
use crate::error::Result;
use crate::keypair::{PrivateKey, PublicKey, SCALAR};
use crate::out::Out;
use crate::p256_group::{Affine, Scalar, invert, sum_of_products, times_generator};
use crate::secret::Key;

/// Size of a signature.
pub const SIGNATURE: usize = 2 * SCALAR;
/// The largest size of a signature in DER: both integers with a zero in front.
pub const SIGNATURE_DER: usize = 2 + 2 * (2 + 1 + SCALAR);

const _: () = assert!(SIGNATURE == 64 && SIGNATURE_DER == 72);

/// DER's tags; all lengths here are below 128, so one byte each.
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// Signs `message`: the same bytes whenever key and message are the same. FIPS 186-5 6.4.1, RFC
/// 6979 3.2.
pub fn sign(key: &PrivateKey, message: &[u8]) -> [u8; SIGNATURE] {
    let e = number(&sha256(message));
    let mut nonces = Nonces::new(key, &e);
    loop {
        if let Some(signature) = sign_with(key, &e, &nonces.next()) {
            return signature;
        }
    }
}

/// Whether `signature` is the key's for `message`; `r` or `s` out of 1 … n-1 is none. FIPS 186-5
/// 6.4.2.
#[must_use]
pub fn verify(key: &PublicKey, message: &[u8], signature: &[u8; SIGNATURE]) -> bool {
    let ([r, s], _) = signature.as_chunks::<SCALAR>() else { return false };
    let (Some(r), Some(s)) = (in_range(r), in_range(s)) else { return false };
    let inverse = invert(&s);
    let (u, v) = (number(&sha256(message)) * inverse, r * inverse);
    // Infinity has 0 for x, which no r is.
    let point = sum_of_products([(&Affine::GENERATOR, &u), (key.point(), &v)]);
    number(&point.x()) == r
}

/// `r || s` with the secret `k`, unless one of them is 0.
fn sign_with(key: &PrivateKey, e: &Scalar, k: &Scalar) -> Option<[u8; SIGNATURE]> {
    let r = number(&times_generator(k).x());
    // Each of these three tells the private key to whoever has the signature.
    let product = Zeroizing::new(r * key.scalar());
    let sum = Zeroizing::new(*e + *product);
    let s = *Zeroizing::new(invert(k)) * *sum;
    let bytes = Fields::new().put(&r.to_repr()).put(&s.to_repr()).finish();
    (!bool::from(r.is_zero() | s.is_zero())).then_some(bytes)
}

/// A big-endian number modulo n.
fn number(bytes: &[u8; SCALAR]) -> Scalar {
    Reduce::<FieldBytes>::reduce(&(*bytes).into())
}

/// A number from 1 to n-1.
fn in_range(bytes: &[u8; SCALAR]) -> Option<Scalar> {
    let number = Scalar::from_repr((*bytes).into()).into_option();
    number.filter(|number| !bool::from(number.is_zero()))
}

/// The secrets `k` for a key and a message's hash, one after the other. RFC 6979 3.2; K and V are
/// the RFC's.
struct Nonces {
    k: Key,
    v: Key,
}

impl Nonces {
    fn new(key: &PrivateKey, e: &Scalar) -> Nonces {
        let mut nonces = Nonces { k: Key::zero(), v: Key::copy_of(&[1; 32]) };
        let x = key.scalar_bytes();
        let hash = e.to_repr();
        nonces.update(&[&[0], x.expose(), &hash]);
        nonces.update(&[&[1], x.expose(), &hash]);
        nonces
    }

    /// K = HMAC_K(V || parts), V = HMAC_K(V).
    fn update(&mut self, parts: &[&[u8]]) {
        let mut mac = Mac256::over(&self.k, &[self.v.expose()]);
        parts.iter().for_each(|part| mac.update(part));
        *self.k.expose_mut() = mac.finish();
        self.step();
    }

    /// V = HMAC_K(V).
    fn step(&mut self) {
        *self.v.expose_mut() = Mac256::of(&self.k, &[self.v.expose()]);
    }

    fn next(&mut self) -> Zeroizing<Scalar> {
        loop {
            self.step();
            let candidate = in_range(self.v.expose());
            // For the next one, which is hardly ever asked for.
            self.update(&[&[0]]);
            if let Some(candidate) = candidate {
                return Zeroizing::new(candidate);
            }
        }
    }
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
    number.get(zeros.min(number.len().saturating_sub(1))..).unwrap_or_default()
}

/// What stands before a number so that its first bit is not taken for a sign. X.690 8.3.
fn sign_zero(number: &[u8]) -> &'static [u8] {
    if matches!(number, [0x80..=0xff, ..]) { &[0] } else { &[] }
}
