//! Secrets in memory: wiped when they leave scope, never printed, compared in constant time.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// `N` secret bytes.
#[derive(Clone)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Zeroize for Secret<N> {
    /// In as few stores as the compiler can, where zeroize's own way is one for each byte.
    fn zeroize(&mut self) {
        self.0 = [0; N];
        zeroize::optimization_barrier(&self.0);
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl<const N: usize> ZeroizeOnDrop for Secret<N> {}

/// A 32-byte key.
pub type Key = Secret<32>;

impl<const N: usize> Secret<N> {
    /// Zero bytes, to be filled through [`Secret::expose_mut`].
    pub const fn zero() -> Self {
        Secret([0; N])
    }

    /// A copy of `bytes`, which stay the caller's to wipe.
    pub fn copy_of(bytes: &[u8; N]) -> Self {
        Secret(*bytes)
    }

    /// The bytes.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// The bytes, to be filled.
    pub fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

/// Whether two byte strings are equal, in time that depends on their lengths only.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
