//! A key for the caller's engine, and for one of the library's own for what that can't do.

use super::{CallerEngine, Engine, Gcm, Nonce, Span, TAG};
use zeroize::Zeroize;

use crate::error::Result;
use crate::secret::Key;

/// A caller's engine that was taken.
pub type Attached = &'static dyn CallerEngine;

/// Takes a caller's engine.
///
/// # Errors
/// None in this build.
pub fn attach(caller: &'static dyn CallerEngine) -> Result<Attached> {
    Ok(caller)
}

/// A key for the caller's engine; wiped on drop.
pub struct GcmKey {
    caller: Attached,
    library: Engine,
    key: Key,
}

impl GcmKey {
    pub fn new(caller: Attached, library: Engine, key: &Key) -> Self {
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
