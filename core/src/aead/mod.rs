//! AES-256-GCM (SP 800-38D) behind one small type. Engines differ in speed alone.
//!
//! An [`Engine`] is chosen once, when the context is made. A [`GcmKey`] is a key made ready for it.

mod rustcrypto;

use crate::error::Result;
use crate::secret::Key;

/// Size of a tag.
pub const TAG: usize = 16;
/// Size of a nonce that chunks use; version 1 uses 16 bytes.
pub const NONCE: usize = 12;

/// An implementation of AES-256-GCM.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// RustCrypto's aes-gcm: hardware where the processor has it, constant-time software elsewhere.
    RustCrypto,
}

impl Engine {
    /// The engines of this build.
    pub const ALL: &'static [Engine] = &[Engine::RustCrypto];

    /// The fastest engine that this processor runs.
    pub fn detect() -> Engine {
        Engine::RustCrypto
    }

    /// Makes `key` ready.
    pub fn key(self, key: &Key) -> GcmKey {
        match self {
            Engine::RustCrypto => GcmKey(rustcrypto::Gcm::new(key)),
        }
    }

    /// As [`GcmKey::seal`] with a nonce of 16 bytes, which goes through GHASH (SP 800-38D 7.1). One
    /// key, one message.
    pub fn seal_nonce16(self, key: &Key, nonce: &[u8; 16], data: &mut [u8]) -> [u8; TAG] {
        match self {
            Engine::RustCrypto => rustcrypto::seal_nonce16(key, nonce, data),
        }
    }

    /// As [`GcmKey::open`] with a nonce of 16 bytes.
    pub fn open_nonce16(
        self,
        key: &Key,
        nonce: &[u8; 16],
        data: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<()> {
        match self {
            Engine::RustCrypto => rustcrypto::open_nonce16(key, nonce, data, tag),
        }
    }
}

/// A key made ready for an engine; wiped on drop.
pub struct GcmKey(rustcrypto::Gcm);

impl GcmKey {
    /// Encrypts `data` in place and returns the tag. No additional data, as everywhere in the
    /// format.
    pub fn seal(&self, nonce: &[u8; NONCE], data: &mut [u8]) -> [u8; TAG] {
        self.0.seal(nonce, data)
    }

    /// Decrypts `data` in place if the tag fits; otherwise leaves it zeroed.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`](crate::error::Error::NotAuthentic): the tag does not fit.
    pub fn open(&self, nonce: &[u8; NONCE], data: &mut [u8], tag: &[u8; TAG]) -> Result<()> {
        self.0.open(nonce, data, tag)
    }
}
