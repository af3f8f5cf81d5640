//! The caller's engine: a system-on-chip's crypto unit, or a driver's.
//!
//! It is asked for chunks: messages with a nonce of 12 bytes and no additional data. The rest is
//! the library's own: version 1's nonces of 16 bytes, and keys sealed by HPKE.

use super::{Engine, Gcm, NONCE, Nonce, Span, TAG};
use zeroize::Zeroize;

use crate::error::Result;
use crate::secret::Key;

/// AES-256-GCM by somebody else. Called from every thread that uses the context.
pub trait CallerEngine: Sync {
    /// Encrypts `data` in place, and returns the tag.
    ///
    /// # Errors
    /// [`Error::Callback`](crate::error::Error::Callback): it failed.
    fn seal(&self, key: &Key, nonce: &[u8; NONCE], data: &mut [u8]) -> Result<[u8; TAG]>;

    /// Decrypts `data` in place, and says whether the tag fits; if not, `data` is not used.
    ///
    /// # Errors
    /// [`Error::Callback`](crate::error::Error::Callback): it failed.
    fn open(
        &self,
        key: &Key,
        nonce: &[u8; NONCE],
        data: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<bool>;
}

/// A key for the caller's engine; wiped on drop.
pub struct GcmKey {
    caller: &'static dyn CallerEngine,
    library: Engine,
    key: Key,
}

impl GcmKey {
    pub fn new(caller: &'static dyn CallerEngine, library: Engine, key: &Key) -> Self {
        GcmKey { caller, library, key: key.clone() }
    }
}

impl Gcm for GcmKey {
    fn seal<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
    ) -> Result<(&'m mut [u8], [u8; TAG])> {
        match nonce {
            Nonce::Short(nonce) if aad.is_empty() => {
                let data = message.settle();
                let sealed = self.caller.seal(&self.key, nonce, data);
                let tag = sealed.inspect_err(|_| data.zeroize())?;
                Ok((data, tag))
            }
            _ => {
                let key = self.library.key_for(&self.key, message.len());
                key.engine().seal(nonce, aad, message)
            }
        }
    }

    fn open<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
        tag: &[u8; TAG],
    ) -> Result<(&'m mut [u8], bool)> {
        match nonce {
            Nonce::Short(nonce) if aad.is_empty() => {
                let data = message.settle();
                let fits = self
                    .caller
                    .open(&self.key, nonce, data, tag)
                    .inspect_err(|_| data.zeroize())?;
                Ok((data, fits))
            }
            _ => {
                let key = self.library.key_for(&self.key, message.len());
                key.engine().open(nonce, aad, message, tag)
            }
        }
    }
}
