//! What an opener accepts. Every opener takes a policy; the default is the strict one.

use crate::error::{Error, Result};
use crate::limits;

/// Kinds of recipients, as bits of [`Policy::recipients`].
pub mod allow {
    /// A 32-byte key-encryption key.
    pub const KEK: u32 = 1;
    /// A P-256 public key.
    pub const PUBLIC_KEY: u32 = 2;
    /// A password.
    pub const PASSWORD: u32 = 4;
    /// A key that a key service holds.
    pub const EXTERNAL: u32 = 8;
    /// All kinds.
    pub const ALL: u32 = KEK | PUBLIC_KEY | PASSWORD | EXTERNAL;
}

/// The limits within which an opener works.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Lowest block version: 0, 1 or 2. A row that says "version 0" must not turn encryption off.
    pub lowest_version: u32,
    /// Largest plaintext of a block, in bytes.
    pub max_block: u64,
    /// Largest zstd window, in bytes.
    pub max_window: u64,
    /// Records and manifests of a lower generation are stale.
    pub lowest_generation: u64,
    /// Kinds of recipients that may open a record: bits of [`allow`].
    pub recipients: u32,
    /// Most iterations of PBKDF2 that a file may ask for.
    pub max_pbkdf2_iterations: u32,
    /// Most memory in KiB that a file may ask Argon2id to use.
    pub max_argon2_memory_kib: u32,
    /// Most passes over that memory.
    pub max_argon2_passes: u32,
    /// A restore point whose origin is not verified is refused.
    pub origin_required: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            lowest_version: 2,
            max_block: limits::PLAIN,
            max_window: limits::PLAIN,
            lowest_generation: 0,
            recipients: allow::ALL,
            max_pbkdf2_iterations: 10_000_000,
            max_argon2_memory_kib: 1 << 20,
            max_argon2_passes: 16,
            origin_required: false,
        }
    }
}

impl Policy {
    /// FORMAT.md \[B1\].
    pub(crate) fn accepts_version(&self, version: u32) -> Result<()> {
        if version < self.lowest_version { Err(Error::PolicyVersion) } else { Ok(()) }
    }

    /// FORMAT.md \[B2\], \[L4\].
    pub(crate) fn accepts_block(&self, plain_len: u64) -> Result<()> {
        if plain_len > self.max_block.min(limits::PLAIN) { Err(Error::OverLimit) } else { Ok(()) }
    }

    /// FORMAT.md \[B9\].
    pub(crate) fn accepts_window(&self, window: u64) -> Result<()> {
        if window > self.max_window.min(limits::PLAIN) { Err(Error::OverLimit) } else { Ok(()) }
    }

    /// FORMAT.md \[R8\].
    pub(crate) fn accepts_generation(&self, generation: u64) -> Result<()> {
        if generation < self.lowest_generation { Err(Error::Stale) } else { Ok(()) }
    }

    /// The same policy for an opener that looks at generations itself.
    pub(crate) fn any_generation(&self) -> Policy {
        Policy { lowest_generation: 0, ..*self }
    }

    pub(crate) fn accepts_recipient(&self, kind: u32) -> Result<()> {
        if self.recipients & kind == 0 { Err(Error::PolicyRecipient) } else { Ok(()) }
    }
}
