//! The engines for x86-64: one kernel text, three widths of vector.
//!
//! Read `kernel.rs` first, then `block128.rs`; `aesni.rs`, `vaes256.rs` and `vaes512.rs` are
//! vocabularies. All `unsafe` of AES-256-GCM is in this directory. It rests on two promises: an
//! [`Isa`] exists only where [`processor`] found its instructions, and a [`Span`] is what it says.

pub mod block128;
mod partial;
mod kernel;
mod aesni;
mod vaes256;
mod vaes512;
mod processor;
mod sse2_row;

use block128::{POWERS, Powers, RoundKeys};
pub(crate) use kernel::vocabulary;
pub use sse2_row::Sse2Row;

use core::ffi::CStr;

use super::{Gcm, Nonce, Span, TAG, same_tag};
use crate::error::Result;
use crate::secret::Key;

/// A width of vector, in bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Width {
    W128,
    W256,
    W512,
}

/// Instructions that this processor has.
///
/// Invariant: the only ones that make it are [`Isa::all`] and `processor`, after they asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Isa(Width);

/// A key made ready; wiped on drop.
pub struct GcmKey {
    isa: Isa,
    rounds: RoundKeys,
    powers: Powers,
}

impl Isa {
    /// What this processor has, the fastest first.
    pub fn all() -> impl Iterator<Item = Isa> {
        let widest = processor::widest();
        let widths = [Width::W512, Width::W256, Width::W128];
        widths.into_iter().filter(move |width| Some(*width) <= widest).map(Isa)
    }

    pub fn name(self) -> &'static CStr {
        match self.0 {
            Width::W128 => c"x86-aesni",
            Width::W256 => c"x86-vaes256",
            Width::W512 => c"x86-vaes512",
        }
    }

    pub fn width(self) -> Width {
        self.0
    }

    /// How many powers of H a message of `len` bytes uses.
    fn powers_for(self, len: usize) -> usize {
        let stride = match self.0 {
            Width::W128 => aesni::STRIDE_BLOCKS,
            Width::W256 => vaes256::STRIDE_BLOCKS,
            Width::W512 => vaes512::STRIDE_BLOCKS,
        };
        len.div_ceil(16).min(stride)
    }

    /// Makes `count` powers.
    fn fill(self, powers: &mut Powers, rounds: &RoundKeys, count: usize) {
        // SAFETY: below: the invariant of `Isa`, of which each width contains the narrower ones.
        let h = unsafe { block128::hash_key(rounds) };
        match self.0 {
            Width::W128 => unsafe { aesni::fill_powers(powers, h, count) },
            Width::W256 => unsafe { vaes256::fill_powers(powers, h, count) },
            Width::W512 => unsafe { vaes512::fill_powers(powers, h, count) },
        }
    }
}

impl GcmKey {
    /// No key yet: made where it will stay, because it is large to move.
    #[inline(always)]
    pub fn blank(isa: Isa) -> GcmKey {
        GcmKey { isa, rounds: RoundKeys::zero(), powers: Powers::none() }
    }

    /// Makes `key` ready for messages of up to `longest` bytes. Longer ones work, but make their
    /// powers of H anew each time.
    pub fn set(&mut self, key: &Key, longest: usize) {
        let isa = self.isa;
        // SAFETY: the invariant of `Isa`.
        unsafe { block128::expand(key, &mut self.rounds) };
        isa.fill(&mut self.powers, &self.rounds, isa.powers_for(longest));
    }

    /// Seals a message, or opens one; returns the destination, written, and the tag.
    fn message<'m, const SEAL: bool>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        span: Span<'_, 'm>,
    ) -> (&'m mut [u8], [u8; TAG]) {
        let needed = self.isa.powers_for(span.len());
        if self.powers.count >= needed {
            return self.message_with::<SEAL>(&self.powers, nonce, aad, span);
        }
        let mut powers = Powers::none();
        self.isa.fill(&mut powers, &self.rounds, needed);
        self.message_with::<SEAL>(&powers, nonce, aad, span)
    }

    fn message_with<'m, const SEAL: bool>(
        &self,
        powers: &Powers,
        nonce: Nonce,
        aad: &[u8],
        span: Span<'_, 'm>,
    ) -> (&'m mut [u8], [u8; TAG]) {
        let rounds = &self.rounds;
        // SAFETY: below: the invariants of `Isa` and of `Span`; there are powers enough.
        let tag = match self.isa.0 {
            Width::W128 => unsafe { aesni::message::<SEAL>(rounds, powers, nonce, aad, &span) },
            Width::W256 => unsafe { vaes256::message::<SEAL>(rounds, powers, nonce, aad, &span) },
            Width::W512 => unsafe { vaes512::message::<SEAL>(rounds, powers, nonce, aad, &span) },
        };
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

const _: () = assert!(vaes512::STRIDE_BLOCKS == POWERS, "the widest stride");
