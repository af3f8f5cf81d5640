//! The engines for x86-64: one kernel text, three widths of vector.
//!
//! Read `kernel.rs` first, then `block128.rs` and the parts that the kernel names; `aesni.rs`,
//! `vaes256.rs` and `vaes512.rs` are vocabularies. All `unsafe` of AES-256-GCM on x86 is in this
//! directory. It rests on three promises: an [`Isa`] exists only where [`Cpu`] found its
//! instructions, a [`Span`] is what it says, and a [`GcmKey`] is set before it is used.

mod partial;
pub mod block128;
mod powers;
mod two_rounds;
mod strides;
mod kernel;
mod aesni;
mod vaes256;
mod vaes512;
#[cfg(feature = "fast-software")]
mod sse2_row;

use block128::RoundKeys;
pub(crate) use kernel::vocabulary;
use powers::{POWERS, Powers};
#[cfg(feature = "fast-software")]
pub use sse2_row::Sse2Row;
pub use two_rounds::Table;

use core::ffi::CStr;

use super::{Gcm, NONCE, Nonce, Span, TAG, same_tag};
use crate::cpu::Cpu;
use crate::error::Result;
use crate::secret::Key;

/// No table is made for messages that are shorter, whatever their series.
const LONG: usize = 4 << 10;

/// A width of vector, in bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Width {
    W128,
    W256,
    W512,
}

/// Instructions that this processor has.
///
/// Invariant: [`Isa::all`] alone makes it, after it asked.
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
        let cpu = Cpu::detect();
        let widths = [
            (cpu.has_aes512(), Width::W512),
            (cpu.has_aes256(), Width::W256),
            (cpu.has_aes128(), Width::W128),
        ];
        widths.into_iter().filter_map(|(is_there, width)| is_there.then_some(Isa(width)))
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

    /// From how many bytes on a table saves more time than it takes to make one: measured on
    /// Zen 5. Where AESENC alone is the limit, tables pay a little earlier.
    fn table_from(self) -> usize {
        match self.0 {
            Width::W128 => 8 << 10,
            Width::W256 => 12 << 10,
            Width::W512 => 20 << 10,
        }
    }
}

impl GcmKey {
    /// No key yet: made where it will stay, because it is large to move.
    #[inline(always)]
    pub fn blank(isa: Isa) -> GcmKey {
        GcmKey { isa, rounds: RoundKeys::none(), powers: Powers::none() }
    }

    /// Makes `key` ready for messages of up to `longest` bytes. Longer ones work, but make their
    /// powers of H anew each time.
    pub fn set(&mut self, key: &Key, longest: usize) {
        let GcmKey { isa, rounds, powers } = self;
        let count = isa.powers_for(longest);
        // SAFETY: below: the invariant of `Isa`.
        match isa.0 {
            Width::W128 => unsafe { aesni::make_ready(key, rounds, powers, count) },
            Width::W256 => unsafe { vaes256::make_ready(key, rounds, powers, count) },
            Width::W512 => unsafe { vaes512::make_ready(key, rounds, powers, count) },
        }
    }

    /// Seals a message, or opens one; returns the destination, written, and the tag.
    fn message<'m, const SEAL: bool>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        span: Span<'_, 'm>,
    ) -> (&'m mut [u8], [u8; TAG]) {
        let needed = self.isa.powers_for(span.len());
        if self.powers.count < needed {
            return self.message_with_powers::<SEAL>(needed, nonce, aad, span);
        }
        match nonce {
            Nonce::Short(nonce) if span.len() >= self.isa.table_from() => {
                self.message_with_table::<SEAL>(nonce, aad, span)
            }
            _ => self.message_with::<SEAL>(&self.powers, None, nonce, aad, span),
        }
    }

    /// With powers of its own. Apart, because short messages should not pay for the stack.
    #[inline(never)]
    fn message_with_powers<'m, const SEAL: bool>(
        &self,
        count: usize,
        nonce: Nonce,
        aad: &[u8],
        span: Span<'_, 'm>,
    ) -> (&'m mut [u8], [u8; TAG]) {
        let mut powers = Powers::none();
        let h = self.powers.h;
        // SAFETY: below: the invariant of `Isa`.
        match self.isa.0 {
            Width::W128 => unsafe { aesni::fill_powers(&mut powers, h, count) },
            Width::W256 => unsafe { vaes256::fill_powers(&mut powers, h, count) },
            Width::W512 => unsafe { vaes512::fill_powers(&mut powers, h, count) },
        }
        self.message_with::<SEAL>(&powers, None, nonce, aad, span)
    }

    /// With a table of its own. Apart, as above.
    #[inline(never)]
    fn message_with_table<'m, const SEAL: bool>(
        &self,
        nonce: &[u8; NONCE],
        aad: &[u8],
        span: Span<'_, 'm>,
    ) -> (&'m mut [u8], [u8; TAG]) {
        let total = span.len();
        self.message_in_series::<SEAL>(total, &mut Table::blank(), nonce, aad, span)
    }

    /// Seals a message, or opens one, with the table of an earlier one if that fits, or a new one
    /// if a series of `total` bytes is worth it; returns the destination, written, and the tag.
    pub fn message_in_series<'m, const SEAL: bool>(
        &self,
        total: usize,
        table: &mut Table,
        nonce: &[u8; NONCE],
        aad: &[u8],
        span: Span<'_, 'm>,
    ) -> (&'m mut [u8], [u8; TAG]) {
        if self.powers.count < self.isa.powers_for(span.len()) {
            return self.message::<SEAL>(Nonce::Short(nonce), aad, span);
        }
        let worth_it = total >= self.isa.table_from() && span.len() >= LONG;
        if !table.is_for(nonce) && worth_it {
            // SAFETY: below: the invariant of `Isa`.
            match self.isa.0 {
                Width::W128 => unsafe { aesni::fill_table(table, &self.rounds, nonce) },
                Width::W256 => unsafe { vaes256::fill_table(table, &self.rounds, nonce) },
                Width::W512 => unsafe { vaes512::fill_table(table, &self.rounds, nonce) },
            }
        }
        let table = table.is_for(nonce).then_some(&*table);
        self.message_with::<SEAL>(&self.powers, table, Nonce::Short(nonce), aad, span)
    }

    fn message_with<'m, const SEAL: bool>(
        &self,
        powers: &Powers,
        table: Option<&Table>,
        nonce: Nonce,
        aad: &[u8],
        span: Span<'_, 'm>,
    ) -> (&'m mut [u8], [u8; TAG]) {
        let (keys, at) = (&self.rounds, &span);
        // SAFETY: below: the invariants of `Isa` and of `Span`; there are powers enough, and a
        // table is for the nonce.
        let tag = match self.isa.0 {
            Width::W128 => unsafe { aesni::message::<SEAL>(keys, powers, table, nonce, aad, at) },
            Width::W256 => unsafe { vaes256::message::<SEAL>(keys, powers, table, nonce, aad, at) },
            Width::W512 => unsafe { vaes512::message::<SEAL>(keys, powers, table, nonce, aad, at) },
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
