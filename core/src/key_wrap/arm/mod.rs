//! Key wrap by the AES instructions of 64-bit Arm: eight rows at a time.
//!
//! Read `neon_wrap.rs` first. `unsafe` rests on one promise: an [`Isa`] exists only where the
//! processor has its instructions.

mod neon_wrap;

use core::arch::aarch64::*;

use super::WRAPPED;
use super::group::{Group, in_groups};
use crate::aead::arm::Isa;
use crate::aead::arm::neon_block::{self, RoundKeys};
use crate::error::{Error, Result};
use crate::secret::Key;

/// Rows that keep the AES units busy.
const ROWS: usize = 8;

/// Round keys of the equivalent inverse cipher, in the order of their use. FIPS 197 5.3.5.
pub struct InverseKeys(RoundKeys);

/// As [`super::wrap`].
pub fn wrap(isa: Isa, kek: &Key, key: &Key) -> [u8; WRAPPED] {
    let mut rounds = RoundKeys::blank();
    expand(isa, kek, &mut rounds);
    let mut group = Group::<1>::zero();
    group.set_key(0, key);
    // SAFETY: there is an `Isa`.
    unsafe { neon_wrap::wrap(&rounds, &mut group) };
    group.wrapped(0)
}

/// As [`super::unwrap`].
pub fn unwrap(isa: Isa, kek: &Key, wrapped: &[u8; WRAPPED]) -> Result<Key> {
    let mut rounds = InverseKeys::blank();
    rounds.set(isa, kek);
    let mut group = Group::<1>::zero();
    group.set_wrapped(0, wrapped);
    // SAFETY: there is an `Isa`.
    unsafe { neon_wrap::unwrap(&rounds, &mut group) };
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
    let (mut from_rounds, mut to_rounds) = (InverseKeys::blank(), RoundKeys::blank());
    from_rounds.set(isa, from);
    expand(isa, to, &mut to_rounds);
    in_groups::<ROWS>(rows, each, |group| {
        // SAFETY: there is an `Isa`.
        unsafe {
            neon_wrap::unwrap(&from_rounds, group);
            neon_wrap::wrap(&to_rounds, group);
        }
    });
}

impl InverseKeys {
    /// No key yet: made where it will stay, for a moved key leaves its bytes behind.
    #[inline(always)]
    fn blank() -> Self {
        InverseKeys(RoundKeys::blank())
    }

    fn set(&mut self, isa: Isa, kek: &Key) {
        expand(isa, kek, &mut self.0);
        self.0.0.reverse();
        // SAFETY: there is an `Isa`.
        unsafe { mix_columns(&mut self.0.0[1..14]) };
    }
}

fn expand(_: Isa, kek: &Key, rounds: &mut RoundKeys) {
    // SAFETY: there is an `Isa`.
    unsafe { neon_block::expand(kek, rounds) };
}

/// InvMixColumns.
#[target_feature(enable = "aes")]
fn mix_columns(keys: &mut [uint8x16_t]) {
    for key in keys {
        *key = vaesimcq_u8(*key);
    }
}
