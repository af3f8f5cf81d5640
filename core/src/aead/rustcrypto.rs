//! The engine over RustCrypto's aes-gcm crate.

use aes_gcm::aead::array::ArraySize;
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::consts::{U12, U16};
use aes_gcm::{AeadInOut, AesGcm, KeyInit, Nonce as Array};

use super::{Nonce, TAG};
use crate::secret::Key;

/// A key schedule and the GHASH key; the key itself, for long nonces, which are of another type.
pub struct GcmKey(AesGcm<Aes256, U12>, Key);

impl GcmKey {
    pub fn new(key: &Key) -> Self {
        GcmKey(AesGcm::new(key.expose().into()), key.clone())
    }

    /// Seals a message in place; returns the tag.
    pub fn seal(&self, nonce: Nonce, aad: &[u8], data: &mut [u8]) -> [u8; TAG] {
        match nonce {
            Nonce::Short(nonce) => seal(&self.0, nonce.into(), aad, data),
            Nonce::Long(nonce) => seal(&self.for_long(), nonce.into(), aad, data),
        }
    }

    /// Opens a message in place, and says whether the tag fits.
    pub fn open(&self, nonce: Nonce, aad: &[u8], data: &mut [u8], tag: &[u8; TAG]) -> bool {
        match nonce {
            Nonce::Short(nonce) => open(&self.0, nonce.into(), aad, data, tag),
            Nonce::Long(nonce) => open(&self.for_long(), nonce.into(), aad, data, tag),
        }
    }

    fn for_long(&self) -> AesGcm<Aes256, U16> {
        AesGcm::new(self.1.expose().into())
    }
}

fn seal<N: ArraySize>(
    gcm: &AesGcm<Aes256, N>,
    nonce: &Array<N>,
    aad: &[u8],
    data: &mut [u8],
) -> [u8; TAG] {
    let tag = gcm.encrypt_inout_detached(nonce, aad, data.into());
    tag.unwrap_or_else(|_| unreachable!("longer than 64 GiB")).into()
}

fn open<N: ArraySize>(
    gcm: &AesGcm<Aes256, N>,
    nonce: &Array<N>,
    aad: &[u8],
    data: &mut [u8],
    tag: &[u8; TAG],
) -> bool {
    gcm.decrypt_inout_detached(nonce, aad, data.into(), tag.into()).is_ok()
}
