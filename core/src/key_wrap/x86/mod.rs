//! Key wrap by the AES instructions of x86-64: one kernel text, three widths of vector.
//!
//! Read `wrap_kernel.rs` first; `wrap128.rs`, `wrap256.rs` and `wrap512.rs` are vocabularies.
//! `unsafe` rests on one promise: an [`Isa`] exists only where the processor has its instructions.

mod wrap_kernel;
mod wrap128;
mod wrap256;
mod wrap512;

use core::arch::asm;
use core::arch::x86_64::*;

use super::WRAPPED;
use super::group::{Group, IV, in_groups};
use crate::aead::x86::block128::{self, RoundKeys};
use crate::aead::x86::{Isa, Width};
use crate::error::{Error, Result};
use crate::secret::Key;

/// Round keys of the equivalent inverse cipher, in the order of their use. FIPS 197 5.3.5.
pub struct InverseKeys(RoundKeys);

/// As [`super::wrap`].
pub fn wrap(isa: Isa, kek: &Key, key: &Key) -> [u8; WRAPPED] {
    let mut rounds = RoundKeys::none();
    expand(isa, kek, &mut rounds);
    let mut group = Group::<1>::zero();
    group.set_key(0, key);
    // SAFETY: the invariant of `Isa`: every width has the instructions of the narrowest.
    unsafe { wrap128::wrap::<1, 1>(&rounds, &mut group) };
    group.wrapped(0)
}

/// As [`super::unwrap`].
pub fn unwrap(isa: Isa, kek: &Key, wrapped: &[u8; WRAPPED]) -> Result<Key> {
    let mut rounds = InverseKeys::none();
    rounds.set(isa, kek);
    let mut group = Group::<1>::zero();
    group.set_wrapped(0, wrapped);
    // SAFETY: as in `wrap`.
    unsafe { wrap128::unwrap::<1, 1>(&rounds, &mut group) };
    if group.is_good(0) { Ok(group.key(0)) } else { Err(Error::NotAuthentic) }
}

/// As [`super::rewrap`].
pub fn rewrap(
    isa: Isa,
    from: &Key,
    to: &Key,
    rows: &[[u8; WRAPPED]],
    each: impl FnMut(Result<[u8; WRAPPED]>),
) {
    let (mut from_rounds, mut to_rounds) = (InverseKeys::none(), RoundKeys::none());
    from_rounds.set(isa, from);
    expand(isa, to, &mut to_rounds);
    let (from, to) = (&from_rounds, &to_rounds);
    match isa.width() {
        // SAFETY: below: the invariant of `Isa`.
        Width::W128 => in_groups(rows, each, |group| unsafe { wrap128::rekey(from, to, group) }),
        Width::W256 => in_groups(rows, each, |group| unsafe { wrap256::rekey(from, to, group) }),
        Width::W512 => in_groups(rows, each, |group| unsafe { wrap512::rekey(from, to, group) }),
    }
}

impl InverseKeys {
    /// No key yet: made where it will stay, for a moved key leaves its bytes behind.
    #[inline(always)]
    fn none() -> Self {
        InverseKeys(RoundKeys::none())
    }

    fn set(&mut self, isa: Isa, kek: &Key) {
        expand(isa, kek, &mut self.0);
        self.0.0.reverse();
        // SAFETY: there is an `Isa`; `expand` made all of them.
        unsafe { mix_columns(self.0.0[1..14].assume_init_mut()) };
    }
}

fn expand(_: Isa, kek: &Key, rounds: &mut RoundKeys) {
    // SAFETY: there is an `Isa`.
    unsafe { block128::expand(kek, rounds) };
}

/// InvMixColumns.
#[target_feature(enable = "aes,avx")]
fn mix_columns(keys: &mut [__m128i]) {
    for key in keys {
        *key = _mm_aesimc_si128(*key);
    }
}

/// The same memory, behind a pointer that the optimiser knows nothing of.
#[inline(always)]
fn opaque_memory(mut at: *mut u8) -> *mut u8 {
    // SAFETY: no instruction.
    unsafe {
        asm!("/* {0} */", inout(reg) at, options(nostack, preserves_flags));
    }
    at
}
