//! Compression in a build without it: refused.

#![allow(unsafe_code)]

use core::convert::Infallible;
use core::marker::PhantomData;

use super::settings::Settings;
use crate::error::{Error, Result};
use crate::out::{Out, Scratch};

/// There is none.
pub(super) type Placed = Infallible;

impl Settings {
    /// The memory that compression needs.
    ///
    /// # Errors
    /// [`Error::NotBuilt`].
    pub fn workspace(self, _: usize) -> Result<usize> {
        Err(Error::NotBuilt)
    }
}

/// The most that a frame of `plain_len` bytes can take: there is no frame.
pub fn bound(plain_len: usize) -> usize {
    plain_len
}

/// There is none.
pub struct Compressor<'w>(Infallible, PhantomData<Scratch<'w>>);

impl Compressor<'_> {
    /// # Safety
    /// None is needed.
    pub(super) unsafe fn place(_: *mut u8, _: usize) -> Option<Placed> {
        None
    }

    /// # Safety
    /// None is needed.
    pub(super) unsafe fn at(context: Placed) -> Self {
        match context {}
    }
}

/// There is no compressor.
pub fn compress(
    compressor: &mut Compressor,
    _: &[u8],
    _: Settings,
    _: usize,
    _: &mut Out,
) -> Result<bool> {
    match compressor.0 {}
}
