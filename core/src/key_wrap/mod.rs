//! AES-256 key wrap (RFC 3394) of 32-byte keys: one, or rows of them at a time.
//!
//! One wrap is a chain of 24 AES blocks, each of which waits for the one before; so a row alone is
//! as fast as the processor's latency lets it. Rows don't wait for each other: many at a time keep
//! its AES units full. Read this file, then `group.rs`, then an engine's. It knows nothing of what
//! is wrapped, or where: that is `wrap.rs` and `legacy.rs`.

#[cfg(any(
    feature = "fast-software",
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_endian = "little", target_feature = "neon")
))]
mod group;
#[cfg_attr(not(feature = "fast-software"), path = "small_wrap.rs")]
pub(crate) mod software;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[allow(unsafe_code)]
mod x86;
#[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
#[allow(unsafe_code)]
mod arm;

use crate::aead::Engine;
use crate::error::Result;
use crate::secret::Key;

/// Size of a wrapped key.
pub const WRAPPED: usize = 40;

/// Wraps one key. RFC 3394 2.2.1.
pub fn wrap(engine: Engine, kek: &Key, key: &Key) -> [u8; WRAPPED] {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if let Some(isa) = engine.x86() {
        return x86::wrap(isa, kek, key);
    }
    #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
    if let Some(isa) = engine.arm() {
        return arm::wrap(isa, kek, key);
    }
    let _ = engine;
    software::wrap(kek, key)
}

/// Unwraps one key. RFC 3394 2.2.2.
///
/// # Errors
/// [`NotAuthentic`](crate::error::Error::NotAuthentic): the integrity check failed.
pub fn unwrap(engine: Engine, kek: &Key, wrapped: &[u8; WRAPPED]) -> Result<Key> {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if let Some(isa) = engine.x86() {
        return x86::unwrap(isa, kek, wrapped);
    }
    #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
    if let Some(isa) = engine.arm() {
        return arm::unwrap(isa, kek, wrapped);
    }
    let _ = engine;
    software::unwrap(kek, wrapped)
}

/// Unwraps each row with `from`, wraps its key with `to`, and gives `each` the results, in order. A
/// row that is no good disturbs no other.
///
/// What it may get is [`NotAuthentic`](crate::error::Error::NotAuthentic): a row's integrity check
/// failed.
pub fn rewrap(
    engine: Engine,
    from: &Key,
    to: &Key,
    rows: &[[u8; WRAPPED]],
    each: impl FnMut(Result<[u8; WRAPPED]>),
) {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if let Some(isa) = engine.x86() {
        return x86::rewrap(isa, from, to, rows, each);
    }
    #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
    if let Some(isa) = engine.arm() {
        return arm::rewrap(isa, from, to, rows, each);
    }
    let _ = engine;
    software::rewrap(from, to, rows, each);
}
