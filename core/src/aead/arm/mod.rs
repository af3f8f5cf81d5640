//! The engine for 64-bit Arm, little-endian: AES and PMULL instructions in one pass.
//!
//! Read `neon_vector.rs` and `neon_block.rs`, then `neon_kernel.rs`. All `unsafe` of the engine is
//! in this directory. It rests on two promises: an [`Isa`] exists only where the instructions do,
//! and a [`Span`] is what it says.

mod hwcap;
pub mod neon_vector;
pub mod neon_block;
mod neon_kernel;

use core::ffi::CStr;

use neon_block::Prepared;

use super::{Engine, Gcm, Kind, Nonce, Span, TAG, same_tag};
use crate::error::Result;
use crate::secret::Key;

/// AES and PMULL, which this processor has.
///
/// Invariant: made by [`Isa::detect`], which asked, and by [`Engine::assume_arm_aes`], whose caller
/// promised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Isa(());

/// A key made ready; wiped on drop.
///
/// Invariant: it was made of an [`Isa`].
pub struct GcmKey(Prepared);

impl Isa {
    pub fn detect() -> Option<Isa> {
        hwcap::has_aes_and_pmull().then_some(Isa(()))
    }

    pub fn name(self) -> &'static CStr {
        c"arm-aes"
    }
}

impl Engine {
    /// The engine `arm-aes`, on the caller's word: for firmware, where nothing tells a program what
    /// the processor has, so that [`Engine::available`] leaves it out unless the target feature
    /// `aes` is compiled in.
    ///
    /// # Safety
    /// The processor has AES and PMULL (ID_AA64ISAR0_EL1, bits 7 to 4, is 2 or more), and vector
    /// registers are enabled wherever the engine runs.
    pub unsafe fn assume_arm_aes() -> Engine {
        Engine::of(Kind::Arm(Isa(())))
    }
}

impl GcmKey {
    /// No key yet: made where it will stay, so that no copy of it is left elsewhere.
    #[inline(always)]
    pub fn blank(_: Isa) -> GcmKey {
        GcmKey(Prepared::blank())
    }

    /// Makes `key` ready, for messages of any length: eight powers of H are quickly made.
    pub fn set(&mut self, key: &Key) {
        // SAFETY: the invariants of the key and of `Isa`.
        unsafe { neon_block::prepare(key, &mut self.0) };
    }

    /// Seals a message, or opens one; returns the destination, written, and the tag.
    fn message<'m, const SEAL: bool>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        span: Span<'_, 'm>,
    ) -> (&'m mut [u8], [u8; TAG]) {
        // SAFETY: the invariants of the key, of `Isa` and of `Span`.
        let tag = unsafe { neon_kernel::message::<SEAL>(&self.0, nonce, aad, &span) };
        // SAFETY: the kernel wrote all of it.
        (unsafe { span.written() }, tag)
    }
}

impl Gcm for GcmKey {
    fn seal<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
    ) -> Result<(&'m mut [u8], [u8; TAG])> {
        Ok(self.message::<true>(nonce, aad, message))
    }

    fn open<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
        tag: &[u8; TAG],
    ) -> Result<(&'m mut [u8], bool)> {
        let (data, made) = self.message::<false>(nonce, aad, message);
        Ok((data, same_tag(&made, tag)))
    }
}
