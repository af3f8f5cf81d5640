//! Callers' engines in a build without them: refused.

use super::{CallerEngine, Engine, Gcm, Nonce, Span, TAG};
use crate::error::{Error, Result};
use crate::secret::Key;

/// There is none.
#[derive(Clone, Copy)]
pub enum Attached {}

/// Takes none.
///
/// # Errors
/// [`Error::NotBuilt`].
pub fn attach(_: &'static dyn CallerEngine) -> Result<Attached> {
    Err(Error::NotBuilt)
}

/// There is none.
pub enum GcmKey {}

impl GcmKey {
    pub fn new(caller: Attached, _: Engine, _: &Key) -> Self {
        match caller {}
    }
}

impl Gcm for GcmKey {
    fn seal<'m>(&self, _: Nonce, _: &[u8], _: Span<'_, 'm>) -> Result<(&'m mut [u8], [u8; TAG])> {
        match *self {}
    }

    fn open<'m>(
        &self,
        _: Nonce,
        _: &[u8],
        _: Span<'_, 'm>,
        _: &[u8; TAG],
    ) -> Result<(&'m mut [u8], bool)> {
        match *self {}
    }
}
