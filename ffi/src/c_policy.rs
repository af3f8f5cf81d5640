//! The policy that every opener takes.

use coffre_core::error::{Error, Result};
use coffre_core::policy::{Policy, allow};

use crate::raw;

/// coffre_policy.recipients: 32-byte key-encryption keys.
pub const COFFRE_ALLOW_KEK: u32 = 1;
/// coffre_policy.recipients: P-256 public keys.
pub const COFFRE_ALLOW_PUBLIC_KEY: u32 = 2;
/// coffre_policy.recipients: passwords.
pub const COFFRE_ALLOW_PASSWORD: u32 = 4;
/// coffre_policy.recipients: keys in key services.
pub const COFFRE_ALLOW_EXTERNAL: u32 = 8;
/// coffre_policy.flags: a restore point whose origin is not verified is refused.
pub const COFFRE_POLICY_ORIGIN_REQUIRED: u32 = 1;

const _: () = {
    assert!(COFFRE_ALLOW_KEK == allow::KEK && COFFRE_ALLOW_PUBLIC_KEY == allow::PUBLIC_KEY);
    assert!(COFFRE_ALLOW_PASSWORD == allow::PASSWORD && COFFRE_ALLOW_EXTERNAL == allow::EXTERNAL);
};

/// What an opener accepts; set it with `COFFRE_POLICY_INIT`. NULL in its place means these strict
/// defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_policy {
    /// `sizeof(coffre_policy)`.
    pub size: u32,
    /// Lowest block version: 0, 1 or 2. Default 2, so that a row that says "version 0" cannot turn
    /// encryption off.
    pub lowest_version: u32,
    /// Largest plaintext of a block in bytes. Default 67108864.
    pub max_block: u64,
    /// Largest zstd window in bytes. Default 67108864.
    pub max_window: u64,
    /// Records and manifests of a lower generation are stale. Default 0.
    pub lowest_generation: u64,
    /// Kinds of recipients that may open a record: `COFFRE_ALLOW_*`. Default: all.
    pub recipients: u32,
    /// COFFRE_POLICY_ORIGIN_REQUIRED or 0. Default 0.
    pub flags: u32,
    /// Most iterations of PBKDF2 that a file may ask for. Default 10000000.
    pub max_pbkdf2_iterations: u32,
    /// Most memory in KiB that a file may ask Argon2id to use. Default 1048576.
    pub max_argon2_memory_kib: u32,
    /// Most passes of Argon2id that a file may ask for. Default 16.
    pub max_argon2_passes: u32,
    /// 0.
    pub reserved: u32,
}

/// # Safety
/// As [`raw::structure`].
pub unsafe fn read(policy: *const coffre_policy) -> Result<Policy> {
    // SAFETY: the caller's promise.
    let Some(policy) = (unsafe { raw::optional(policy) })? else { return Ok(Policy::default()) };
    let fits = policy.size as usize == size_of::<coffre_policy>()
        && policy.lowest_version <= 2
        && policy.recipients & !allow::ALL == 0
        && policy.flags & !COFFRE_POLICY_ORIGIN_REQUIRED == 0
        && policy.reserved == 0;
    if !fits {
        return Err(Error::InvalidArgument);
    }
    Ok(Policy {
        lowest_version: policy.lowest_version,
        max_block: policy.max_block,
        max_window: policy.max_window,
        lowest_generation: policy.lowest_generation,
        recipients: policy.recipients,
        max_pbkdf2_iterations: policy.max_pbkdf2_iterations,
        max_argon2_memory_kib: policy.max_argon2_memory_kib,
        max_argon2_passes: policy.max_argon2_passes,
        origin_required: policy.flags & COFFRE_POLICY_ORIGIN_REQUIRED != 0,
    })
}
