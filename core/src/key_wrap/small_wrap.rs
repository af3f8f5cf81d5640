//! Key wrap by the AES that is made for size, row by row.

use zeroize::Zeroizing;

use crate::aead::small::small_aes::RoundKeys;
use crate::error::{Error, Result};
use crate::secret::{self, Key};

use super::WRAPPED;

/// RFC 3394 2.2.3.1.
const INITIAL: [u8; 8] = [0xa6; 8];
/// A 32-byte key has four halves of blocks.
const HALVES: u8 = 4;

/// As [`super::wrap`].
pub fn wrap(kek: &Key, key: &Key) -> [u8; WRAPPED] {
    wrap_with(&RoundKeys::expand(kek), key)
}

/// As [`super::unwrap`].
pub fn unwrap(kek: &Key, wrapped: &[u8; WRAPPED]) -> Result<Key> {
    unwrap_with(&RoundKeys::expand(kek), wrapped)
}

/// As [`super::rewrap`].
pub fn rewrap(
    from: &Key,
    to: &Key,
    rows: &[[u8; WRAPPED]],
    mut each: impl FnMut(Result<[u8; WRAPPED]>),
) {
    let (from, to) = (RoundKeys::expand(from), RoundKeys::expand(to));
    for row in rows {
        each(unwrap_with(&from, row).map(|key| wrap_with(&to, &key)));
    }
}

/// RFC 3394 2.2.1, index based.
fn wrap_with(kek: &RoundKeys, key: &Key) -> [u8; WRAPPED] {
    let mut wrapped = [0; WRAPPED];
    let (a, r) = wrapped.split_at_mut(INITIAL.len());
    a.copy_from_slice(&INITIAL);
    r.copy_from_slice(key.expose());
    let mut blocks = Zeroizing::new([[0; 16]; 2]);
    for pass in 0..6 {
        for (i, half) in (1..).zip(r.chunks_exact_mut(8)) {
            join(&mut blocks[0], a, half);
            kek.encrypt(&mut blocks);
            split(&blocks[0], a, half);
            a[7] ^= HALVES * pass + i;
        }
    }
    wrapped
}

/// RFC 3394 2.2.2, index based.
fn unwrap_with(kek: &RoundKeys, wrapped: &[u8; WRAPPED]) -> Result<Key> {
    let mut key = Key::zero();
    let (a, r) = wrapped.split_at(INITIAL.len());
    let mut a = [a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]];
    key.expose_mut().copy_from_slice(r);
    let mut blocks = Zeroizing::new([[0; 16]; 2]);
    for pass in (0..6).rev() {
        for (half, i) in key.expose_mut().chunks_exact_mut(8).rev().zip((1..=HALVES).rev()) {
            a[7] ^= HALVES * pass + i;
            join(&mut blocks[0], &a, half);
            kek.decrypt(&mut blocks);
            split(&blocks[0], &mut a, half);
        }
    }
    if secret::equal(&a, &INITIAL) { Ok(key) } else { Err(Error::NotAuthentic) }
}

fn join(block: &mut [u8; 16], a: &[u8], half: &[u8]) {
    block.iter_mut().zip(a.iter().chain(half)).for_each(|(to, from)| *to = *from);
}

fn split(block: &[u8; 16], a: &mut [u8], half: &mut [u8]) {
    a.iter_mut().chain(half).zip(block).for_each(|(to, from)| *to = *from);
}
