//! The engine over RustCrypto's aes-gcm crate.

use aes_gcm::aead::array::ArraySize;
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::consts::{U12, U16};
use aes_gcm::{AeadInOut, AesGcm, KeyInit, Nonce};
use zeroize::Zeroize;

use super::{NONCE, TAG};
use crate::error::{Error, Result};
use crate::secret::Key;

/// A key schedule and the GHASH key.
pub struct Gcm(AesGcm<Aes256, U12>);

impl Gcm {
    pub fn new(key: &Key) -> Self {
        Gcm(AesGcm::new(key.expose().into()))
    }

    pub fn seal(&self, nonce: &[u8; NONCE], data: &mut [u8]) -> [u8; TAG] {
        seal(&self.0, nonce.into(), data)
    }

    pub fn open(&self, nonce: &[u8; NONCE], data: &mut [u8], tag: &[u8; TAG]) -> Result<()> {
        open(&self.0, nonce.into(), data, tag)
    }
}

pub fn seal_nonce16(key: &Key, nonce: &[u8; 16], data: &mut [u8]) -> [u8; TAG] {
    seal(&AesGcm::<Aes256, U16>::new(key.expose().into()), nonce.into(), data)
}

pub fn open_nonce16(key: &Key, nonce: &[u8; 16], data: &mut [u8], tag: &[u8; TAG]) -> Result<()> {
    open(&AesGcm::<Aes256, U16>::new(key.expose().into()), nonce.into(), data, tag)
}

fn seal<N: ArraySize>(gcm: &AesGcm<Aes256, N>, nonce: &Nonce<N>, data: &mut [u8]) -> [u8; TAG] {
    // SP 800-38D 5.2.1.1 limits a message to 2^36 - 32 bytes; the format's chunks and frames are
    // far below.
    let tag = gcm.encrypt_inout_detached(nonce, b"", data.into());
    tag.unwrap_or_else(|_| unreachable!("longer than 64 GiB")).into()
}

fn open<N: ArraySize>(
    gcm: &AesGcm<Aes256, N>,
    nonce: &Nonce<N>,
    data: &mut [u8],
    tag: &[u8; TAG],
) -> Result<()> {
    let opened = gcm.decrypt_inout_detached(nonce, b"", (&mut *data).into(), tag.into());
    opened.map_err(|_| {
        data.zeroize();
        Error::NotAuthentic
    })
}
