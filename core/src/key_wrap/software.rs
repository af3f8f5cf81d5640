//! RustCrypto's aes-kw, row by row: for processors without an engine of ours, and for who has no
//! engine at hand. On x86-64 it leaves upper halves of vector registers dirty, which are cleaned.

use aes_kw::aes::cipher::consts::U32;
use aes_kw::{KeyInit, KwAes256};

use super::WRAPPED;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use crate::cpu::clean_upper_halves;
use crate::error::{Error, Result};
use crate::secret::Key;

/// As [`super::wrap`].
pub fn wrap(kek: &Key, key: &Key) -> [u8; WRAPPED] {
    let wrapped = wrap_with(&schedule(kek), key);
    clean_upper_halves();
    wrapped
}

/// As [`super::unwrap`].
pub fn unwrap(kek: &Key, wrapped: &[u8; WRAPPED]) -> Result<Key> {
    let key = unwrap_with(&schedule(kek), wrapped);
    clean_upper_halves();
    key
}

/// As [`super::rewrap`].
pub fn rewrap(
    from: &Key,
    to: &Key,
    rows: &[[u8; WRAPPED]],
    mut each: impl FnMut(Result<[u8; WRAPPED]>),
) {
    let (from, to) = (schedule(from), schedule(to));
    for row in rows {
        each(unwrap_with(&from, row).map(|key| wrap_with(&to, &key)));
    }
    clean_upper_halves();
}

fn schedule(kek: &Key) -> KwAes256 {
    KwAes256::new(kek.expose().into())
}

fn wrap_with(kek: &KwAes256, key: &Key) -> [u8; WRAPPED] {
    kek.wrap_fixed_key::<U32>(key.expose().into()).into()
}

fn unwrap_with(kek: &KwAes256, wrapped: &[u8; WRAPPED]) -> Result<Key> {
    let mut key = Key::zero();
    kek.unwrap_key(wrapped, key.expose_mut()).map_err(|_| Error::NotAuthentic)?;
    Ok(key)
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
fn clean_upper_halves() {}
