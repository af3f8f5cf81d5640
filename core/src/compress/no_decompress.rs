//! Decompression in a build without it: refused.

#![allow(unsafe_code)]

use core::convert::Infallible;
use core::marker::PhantomData;

use crate::error::{Error, Result};
use crate::out::{Out, Scratch};

/// There is none.
pub(super) type Placed = Infallible;

/// There is none.
pub struct Decompressor<'w>(Infallible, PhantomData<Scratch<'w>>);

/// There is none.
pub struct Pieces<'w>(Decompressor<'w>);

/// There is no decompressor.
pub fn decompress(decompressor: Decompressor, _: &[u8], _: usize, _: &mut Out) -> Result<()> {
    match decompressor.0 {}
}

#[allow(missing_docs)]
impl<'w> Decompressor<'w> {
    pub(super) fn state() -> usize {
        0
    }

    pub fn workspace(_: usize) -> usize {
        0
    }

    pub fn new(_: Scratch<'w>, _: usize) -> Result<Self> {
        Err(Error::NotBuilt)
    }

    /// # Safety
    /// None is needed.
    pub(super) unsafe fn place(_: *mut u8, _: usize) -> Result<Placed> {
        Err(Error::NotBuilt)
    }

    /// # Safety
    /// None is needed.
    pub(super) unsafe fn at(context: Placed) -> Result<Self> {
        match context {}
    }

    pub fn step(&mut self, _: &[u8], _: &mut [u8]) -> Result<(usize, usize)> {
        match self.0 {}
    }

    pub fn finished(&self) -> bool {
        match self.0 {}
    }
}

#[allow(missing_docs)]
impl<'w> Pieces<'w> {
    pub(super) fn state(_: usize) -> usize {
        0
    }

    pub(super) fn new(decompressor: Decompressor<'w>, _: Scratch<'w>) -> Result<Self> {
        match decompressor.0 {}
    }

    pub fn step(&mut self, _: &[u8], _: &mut Out, _: usize, _: usize) -> Result<()> {
        match self.0.0 {}
    }

    pub fn finished(&self) -> bool {
        match self.0.0 {}
    }
}
