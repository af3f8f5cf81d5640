//! P-256 keys: validated when they are made, so that nobody checks them again.
//!
//! A [`PrivateKey`] is a scalar in 1 … n-1 with its public key, a [`PublicKey`] a point on the
//! curve other than infinity (FORMAT.md \[K1\]). This file does not know how key files look.

use p256::elliptic_curve::ff::{Field, PrimeField};
use zeroize::Zeroizing;

use crate::bytes::Fields;
use crate::derive;
use crate::error::{Error, Result};
use crate::hpke_kdf::{self, labeled_expand, labeled_extract};
use crate::p256_group::{Affine, Scalar, sum_of_products, times_generator};
use crate::random::{Random, RandomSource};
use crate::secret::{Key, Secret};

/// Size of a private scalar, and of the raw Diffie-Hellman result. RFC 9180 7.1: Nsk, Ndh.
pub const SCALAR: usize = 32;
/// Size of an uncompressed point, `04 || x || y`. SEC 1 2.3.3; RFC 9180 7.1: Npk.
pub const POINT: usize = 1 + 2 * SCALAR;
/// Size of a public key as SPKI in DER.
pub const SPKI: usize = SPKI_PREFIX.len() + POINT;
/// Size of a key id. FORMAT.md 8.
pub const KEY_ID: usize = 16;

const _: () = assert!(POINT == 65 && SPKI == 91);

/// RFC 5480 2, everything before the point.
#[rustfmt::skip]
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59,                                                // SEQUENCE, 89 bytes
    0x30, 0x13,                                                //   SEQUENCE, 19 bytes
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,      //     OID id-ecPublicKey
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,//     OID secp256r1
    0x03, 0x42, 0x00,                                          //   BIT STRING, no unused bit
];

/// A private key on P-256; wiped on drop.
pub struct PrivateKey {
    scalar: Zeroizing<Scalar>,
    public: PublicKey,
}

/// A public key on P-256.
#[derive(Clone)]
pub struct PublicKey(Affine);

impl PrivateKey {
    /// The key of a big-endian scalar; `bytes` stay the caller's to wipe.
    ///
    /// # Errors
    /// [`Error::InvalidKey`]: the scalar is 0, or not below the group's order.
    pub fn from_scalar_bytes(bytes: &[u8; SCALAR]) -> Result<Self> {
        let scalar = Scalar::from_repr((*bytes).into()).into_option();
        let scalar = Zeroizing::new(scalar.ok_or(Error::InvalidKey)?);
        if scalar.is_zero().into() {
            return Err(Error::InvalidKey);
        }
        let public = PublicKey(times_generator(&scalar));
        Ok(PrivateKey { scalar, public })
    }

    /// The key that follows from secret, uniform `ikm`, which should have 32 bytes or more. RFC
    /// 9180 7.1.3.
    ///
    /// ```text
    /// def DeriveKeyPair(ikm):
    ///   dkp_prk = LabeledExtract("", "dkp_prk", ikm)
    ///   sk = 0
    ///   counter = 0
    ///   while sk == 0 or sk >= order:
    ///     if counter > 255:
    ///       raise DeriveKeyPairError
    ///     bytes = LabeledExpand(dkp_prk, "candidate", I2OSP(counter, 1), Nsk)
    ///     bytes[0] = bytes[0] & bitmask
    ///     sk = OS2IP(bytes)
    ///     counter = counter + 1
    ///   return (sk, pk(sk))
    /// ```
    /// The bitmask of P-256 is 0xff.
    ///
    /// # Errors
    /// [`Error::Random`]: none of 256 candidates is a scalar, which for uniform candidates has
    /// probability 2^-8192.
    pub fn derive(ikm: &[u8]) -> Result<Self> {
        let dkp_prk = labeled_extract(hpke_kdf::KEM, None, b"dkp_prk", &[ikm]);
        first_valid(|counter| labeled_expand(hpke_kdf::KEM, &dkp_prk, b"candidate", &[&[counter]]))
    }

    /// A fresh key; `hedge` is what is already secret or unique here.
    ///
    /// # Errors
    /// [`Error::Random`], [`Error::RandomRepeated`]: the source's, as [`Random::draw`] says.
    pub fn generate<S: RandomSource>(random: &mut Random<S>, hedge: &[&[u8]]) -> Result<Self> {
        Self::derive(random.key(hedge)?.expose())
    }

    /// The public half.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn scalar(&self) -> &Scalar {
        &self.scalar
    }

    /// The big-endian scalar.
    pub fn scalar_bytes(&self) -> Secret<SCALAR> {
        Secret::copy_of(&Zeroizing::new(self.scalar.to_repr().into()))
    }

    /// The raw Diffie-Hellman result Z: the shared point's x coordinate, which is not uniform. SP
    /// 800-56A 5.7.1.2.
    ///
    /// Never the point at infinity: the group's order is prime, and both halves are validated.
    pub fn diffie_hellman(&self, peer: &PublicKey) -> Secret<SCALAR> {
        let shared = Zeroizing::new(sum_of_products([(&peer.0, &*self.scalar)]));
        Secret::copy_of(&Zeroizing::new(shared.x()))
    }
}

impl PublicKey {
    /// The key of an uncompressed point.
    ///
    /// # Errors
    /// [`Error::InvalidKey`]: not 65 bytes that begin with 04, a coordinate that is not below the
    /// field's prime, or a point that is not on the curve. Infinity has no such encoding. FORMAT.md
    /// \[K1\].
    pub fn from_uncompressed(bytes: &[u8]) -> Result<Self> {
        let bytes: &[u8; POINT] = bytes.try_into().map_err(|_| Error::InvalidKey)?;
        let (tag, xy) = bytes.split_first_chunk().ok_or(Error::InvalidKey)?;
        let (x, y) = xy.split_first_chunk::<SCALAR>().ok_or(Error::InvalidKey)?;
        let y: &[u8; SCALAR] = y.try_into().map_err(|_| Error::InvalidKey)?;
        match (tag, Affine::from_coordinates(x, y)) {
            (&[0x04], Some(point)) => Ok(PublicKey(point)),
            _ => Err(Error::InvalidKey),
        }
    }

    pub(crate) fn point(&self) -> &Affine {
        &self.0
    }

    /// `04 || x || y`. SEC 1 2.3.3.
    pub fn to_uncompressed(&self) -> [u8; POINT] {
        Fields::new().put(&[0x04]).put(&self.0.x()).put(&self.0.y()).finish()
    }

    /// SPKI in DER. RFC 5480 2.
    pub fn spki_der(&self) -> [u8; SPKI] {
        Fields::new().put(&SPKI_PREFIX).put(&self.to_uncompressed()).finish()
    }

    /// SHA-256 of the SPKI: what a person compares before trusting a public key.
    pub fn digest(&self) -> [u8; 32] {
        derive::sha256(&self.spki_der())
    }

    /// The key id: the first 16 bytes of the digest. FORMAT.md 8.
    pub fn key_id(&self) -> [u8; KEY_ID] {
        let mut id = [0; KEY_ID];
        id.copy_from_slice(&self.digest()[..KEY_ID]);
        id
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.to_uncompressed() == other.to_uncompressed()
    }
}

impl Eq for PublicKey {}

/// The first of 256 candidates that is a scalar.
fn first_valid(candidate: impl Fn(u8) -> Key) -> Result<PrivateKey> {
    (0..=u8::MAX)
        .find_map(|counter| PrivateKey::from_scalar_bytes(candidate(counter).expose()).ok())
        .ok_or(Error::Random)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The group's order n. SP 800-186 3.2.1.3.
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
        0x25, 0x51,
    ];

    fn with_last(mut bytes: [u8; 32], last: u8) -> [u8; 32] {
        bytes[31] = last;
        bytes
    }

    /// RFC 9180 7.1.3: a candidate that is 0 or at least n is passed over, and 256 of them are an
    /// error.
    #[test]
    fn derive_key_pair_rejects_candidates() {
        let good = [7; 32];
        let key = first_valid(|counter| {
            Key::copy_of(match counter {
                0 => &[0; 32],
                1 => &[0xff; 32],
                2 => &ORDER,
                _ => &good,
            })
        });
        assert!(*key.unwrap().scalar_bytes().expose() == good);
        let last = first_valid(|counter| Key::copy_of(&with_last([0; 32], counter / 255)));
        assert!(last.unwrap().scalar_bytes().expose()[31] == 1);
        assert_eq!(first_valid(|_| Key::zero()).err(), Some(Error::Random));
    }

    /// FORMAT.md \[K1\]: a scalar is in 1 … n-1; the public keys of 1 and n-1 differ in y alone.
    #[test]
    fn scalars_in_range_only() {
        let one = PrivateKey::from_scalar_bytes(&with_last([0; 32], 1)).unwrap();
        let minus_one = PrivateKey::from_scalar_bytes(&with_last(ORDER, 0x50)).unwrap();
        let (g, minus_g) = (one.public_key(), minus_one.public_key());
        assert!(g != minus_g && g.0.x() == minus_g.0.x());
        for bytes in [[0; 32], ORDER, with_last(ORDER, 0x52), [0xff; 32]] {
            assert_eq!(PrivateKey::from_scalar_bytes(&bytes).err(), Some(Error::InvalidKey));
        }
    }

    /// FORMAT.md \[K1\]: a point is on the curve and not infinity.
    #[test]
    fn points_on_the_curve_only() {
        let g = PublicKey(Affine::GENERATOR).to_uncompressed();
        assert!(PublicKey::from_uncompressed(&g).unwrap().to_uncompressed() == g);
        // The prime p; x = p would be another encoding of x = 0, which is on the curve.
        let mut p = [0; 32];
        p[..4].fill(0xff);
        p[7] = 1;
        p[20..].fill(0xff);
        let at = |range: core::ops::Range<usize>, bytes: &[u8]| {
            let mut point = g;
            point[range].copy_from_slice(bytes);
            point
        };
        for (what, bytes) in [
            ("off the curve", at(64..65, &[g[64] ^ 1])),
            ("coordinates exchanged", at(1..33, &g[33..])),
            ("infinity as zeros", [0; 65]),
            ("04 and zeros", at(1..65, &[0; 64])),
            ("x is the prime", at(1..33, &p)),
            ("y above the prime", at(33..65, &[0xff; 32])),
            ("hybrid", at(0..1, &[0x06 | (g[64] & 1)])),
        ] {
            let read = PublicKey::from_uncompressed(&bytes);
            assert_eq!(read.err(), Some(Error::InvalidKey), "{what}");
        }
        for len in [0, 1, 33, 64] {
            assert_eq!(PublicKey::from_uncompressed(&g[..len]).err(), Some(Error::InvalidKey));
        }
    }

    /// SP 800-56A: both sides of an exchange get the same Z.
    #[test]
    fn diffie_hellman_agrees() {
        let a = PrivateKey::derive(&[1; 32]).unwrap();
        let b = PrivateKey::derive(&[2; 32]).unwrap();
        let z = a.diffie_hellman(b.public_key());
        assert!(z.expose() == b.diffie_hellman(a.public_key()).expose() && *z.expose() != [0; 32]);
    }
}
