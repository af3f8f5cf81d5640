//! The caller's engine: a system-on-chip's crypto unit, or a driver's.
//!
//! It is asked for chunks: messages with a nonce of 12 bytes and no additional data. The rest is
//! the library's own: version 1's nonces of 16 bytes, and keys sealed by HPKE.

use super::{NONCE, TAG};
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
