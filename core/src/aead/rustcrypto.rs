//! The engine over RustCrypto's aes-gcm crate.

use aes_gcm::aead::array::ArraySize;
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::consts::{U12, U16};
use aes_gcm::{AeadInOut, AesGcm, KeyInit, Nonce as Array};

use super::{Gcm, Nonce, Span, TAG};
use crate::error::{Error, Result};
use crate::secret::Key;

/// A key schedule and the GHASH key; the key itself, for long nonces, which are of another type.
pub struct GcmKey(AesGcm<Aes256, U12>, Key);

impl GcmKey {
    pub fn new(key: &Key) -> Self {
        GcmKey(AesGcm::new(key.expose().into()), key.clone())
    }

    fn for_long(&self) -> AesGcm<Aes256, U16> {
        AesGcm::new(self.1.expose().into())
    }
}

impl Gcm for GcmKey {
    fn seal<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
    ) -> Result<(&'m mut [u8], [u8; TAG])> {
        let data = message.settle();
        let tag = match nonce {
            Nonce::Short(nonce) => seal(&self.0, nonce.into(), aad, data),
            Nonce::Long(nonce) => seal(&self.for_long(), nonce.into(), aad, data),
        }?;
        Ok((data, tag))
    }

    fn open<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
        tag: &[u8; TAG],
    ) -> Result<(&'m mut [u8], bool)> {
        let data = message.settle();
        let fits = match nonce {
            Nonce::Short(nonce) => open(&self.0, nonce.into(), aad, data, tag),
            Nonce::Long(nonce) => open(&self.for_long(), nonce.into(), aad, data, tag),
        };
        Ok((data, fits))
    }
}

/// The crate refuses one thing alone: more than 64 GiB.
fn seal<N: ArraySize>(
    gcm: &AesGcm<Aes256, N>,
    nonce: &Array<N>,
    aad: &[u8],
    data: &mut [u8],
) -> Result<[u8; TAG]> {
    let tag = gcm.encrypt_inout_detached(nonce, aad, data.into());
    tag.map(Into::into).map_err(|_| Error::TooLarge)
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
