//! Passwords: what deriving a key costs, and the key of one setting (FORMAT.md 4.1, types 3 and 4).
//!
//! When a password is set, recipient id, salt, cost and hint are chosen with it. A
//! [`PasswordKey`] is the result of one derivation, and opens every record that was wrapped for
//! that setting. Costs that come from a file are checked against the policy before any work.

use crate::error::{Error, Result};
use crate::limits;
use crate::object::Id;
use crate::out::Scratch;
use crate::password_hash::{self, SALT};
use crate::policy::{Policy, allow};
use crate::random::{Random, RandomSource};
use crate::secret::Key;
use crate::text::Text;

/// Fewer different bytes than this make no password.
const DIFFERENT_BYTES: usize = 5;

/// How a key is derived from a password, and what that costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kdf {
    /// PBKDF2-HMAC-SHA-256. RFC 8018 5.2.
    Pbkdf2 {
        /// Its cost.
        iterations: u32,
    },
    /// Argon2id, version 0x13. RFC 9106.
    Argon2id {
        /// Memory, which the caller lends.
        memory_kib: u32,
        /// Passes over it.
        passes: u32,
        /// Lanes; they are worked on one after the other.
        lanes: u32,
    },
}

impl Kdf {
    /// The usual cost in software and in tokens: OWASP's for PBKDF2-HMAC-SHA-256.
    pub const PBKDF2: Kdf = Kdf::Pbkdf2 { iterations: 600_000 };
    /// RFC 9106 4, second recommendation, in one lane.
    pub const ARGON2ID: Kdf = Kdf::Argon2id { memory_kib: 65_536, passes: 3, lanes: 1 };

    /// FORMAT.md \[R10\], first half.
    pub(crate) fn is_legal(&self) -> bool {
        match *self {
            Kdf::Pbkdf2 { iterations } => iterations >= limits::PBKDF2_ITERATIONS,
            Kdf::Argon2id { memory_kib, passes, lanes } => {
                (1..=limits::ARGON2_LANES).contains(&lanes)
                    && (8 * lanes..=limits::ARGON2_MEMORY_KIB).contains(&memory_kib)
                    && passes > 0
            }
        }
    }

    /// FORMAT.md \[R10\], second half.
    ///
    /// # Errors
    /// [`Error::OverCost`].
    pub(crate) fn check_cost(&self, policy: &Policy) -> Result<()> {
        let allowed = match *self {
            Kdf::Pbkdf2 { iterations } => iterations <= policy.max_pbkdf2_iterations,
            Kdf::Argon2id { memory_kib, passes, .. } => {
                memory_kib <= policy.max_argon2_memory_kib && passes <= policy.max_argon2_passes
            }
        };
        if allowed { Ok(()) } else { Err(Error::OverCost) }
    }

    /// What is checked when a password is set, before anything is drawn or derived.
    ///
    /// # Errors
    /// [`Error::WeakPassword`], [`Error::InvalidArgument`], [`Error::WorkspaceTooSmall`]: see
    /// [`PasswordKey::set`].
    pub(crate) fn check_new(
        &self,
        password: &[u8],
        least_len: usize,
        workspace_len: usize,
    ) -> Result<()> {
        check_strength(password, least_len)?;
        if !self.is_legal() {
            return Err(Error::InvalidArgument);
        }
        if workspace_len < self.workspace() { Err(Error::WorkspaceTooSmall) } else { Ok(()) }
    }

    /// The key of `password`, with costs that a file names.
    ///
    /// # Errors
    /// [`Error::OverCost`], [`Error::WorkspaceTooSmall`]: see [`PasswordKey::derive`].
    pub(crate) fn derive_within(
        &self,
        policy: &Policy,
        password: &[u8],
        salt: &[u8; SALT],
        workspace: Scratch,
    ) -> Result<Key> {
        self.check_cost(policy)?;
        if workspace.len() < self.workspace() {
            return Err(Error::WorkspaceTooSmall);
        }
        self.derive(password, salt, workspace)
    }

    /// Size of the memory that [`PasswordKey::derive`] needs to be lent; 0 for PBKDF2.
    pub fn workspace(&self) -> usize {
        match *self {
            Kdf::Pbkdf2 { .. } => 0,
            Kdf::Argon2id { memory_kib, .. } => {
                (memory_kib as usize).saturating_mul(1024).saturating_add(password_hash::ALIGNMENT)
            }
        }
    }

    /// The key of `password`, with costs that were checked.
    pub(crate) fn derive(
        &self,
        password: &[u8],
        salt: &[u8; SALT],
        workspace: Scratch,
    ) -> Result<Key> {
        match *self {
            Kdf::Pbkdf2 { iterations } => password_hash::pbkdf2(iterations, password, salt, 1),
            Kdf::Argon2id { memory_kib, passes, lanes } => {
                password_hash::argon2id([memory_kib, passes, lanes], password, salt, workspace)
            }
        }
    }
}

/// What is chosen when a password is set, and stands in every record that it opens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// The recipient id, random: a password has no fingerprint.
    pub id: Id,
    /// How the key is derived.
    pub kdf: Kdf,
    /// The salt.
    pub salt: [u8; SALT],
    /// What helps its owner to remember; everybody can read it.
    pub hint: Text<{ limits::HINT }>,
}

/// The key of a password in one setting.
#[derive(Clone)]
pub struct PasswordKey {
    setting: Setting,
    kek: Key,
    /// The setting was chosen here, or a record opened that only its password could have made.
    proven: bool,
    _built: Built,
}

/// A build without passwords has no value of it, and so no key of one.
#[cfg(feature = "password")]
type Built = ();
#[cfg(not(feature = "password"))]
type Built = core::convert::Infallible;

#[cfg(feature = "password")]
fn built() -> Result<Built> {
    Ok(())
}

#[cfg(not(feature = "password"))]
fn built() -> Result<Built> {
    Err(Error::NotBuilt)
}

impl PasswordKey {
    /// Sets a password: chooses id and salt, and derives the key. The cost is the writer's own,
    /// never a file's.
    ///
    /// # Errors
    /// [`Error::WeakPassword`]: shorter than `least_len` bytes, or of fewer than 5 different bytes.
    /// [`Error::InvalidArgument`]: a cost outside the format's limits. Those of [`Random::draw`].
    /// [`Error::WorkspaceTooSmall`]: smaller than [`Kdf::workspace`].
    pub fn set<S: RandomSource>(
        random: &mut Random<S>,
        password: &[u8],
        least_len: usize,
        kdf: Kdf,
        hint: Text<{ limits::HINT }>,
        workspace: Scratch,
    ) -> Result<PasswordKey> {
        kdf.check_new(password, least_len, workspace.len())?;
        let drawn = random.key(&[b"password setting"])?;
        let ([id, salt], _) = drawn.expose().as_chunks::<SALT>() else {
            return Err(Error::Random);
        };
        let setting = Setting { id: *id, kdf, salt: *salt, hint };
        let kek = kdf.derive(password, &setting.salt, workspace)?;
        Ok(PasswordKey { setting, kek, proven: true, _built: built()? })
    }

    /// Derives the key for the setting that a file names. It opens; nothing is wrapped for it, for
    /// who wrote the file may have chosen the cost: see [`Record::derive`].
    ///
    /// [`Record::derive`]: crate::record::Record::derive
    ///
    /// # Errors
    /// [`Error::PolicyRecipient`]: the policy allows no passwords. [`Error::OverCost`]: more than
    /// it allows; nothing was derived. [`Error::WorkspaceTooSmall`]: smaller than
    /// [`Kdf::workspace`].
    pub fn derive(
        policy: &Policy,
        setting: Setting,
        password: &[u8],
        workspace: Scratch,
    ) -> Result<PasswordKey> {
        policy.accepts_recipient(allow::PASSWORD)?;
        let kek = setting.kdf.derive_within(policy, password, &setting.salt, workspace)?;
        Ok(PasswordKey { setting, kek, proven: false, _built: built()? })
    }

    /// What was chosen when the password was set.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Whether records may be wrapped for it. FORMAT.md \[R10\].
    pub(crate) fn is_proven(&self) -> bool {
        self.proven
    }

    /// The same, for wrapping too: the caller knows that no attacker chose the setting.
    pub fn trusted(self) -> PasswordKey {
        PasswordKey { proven: true, ..self }
    }

    /// What was derived: the stanza KEK.
    pub fn kek(&self) -> &Key {
        &self.kek
    }
}

/// A password that is set has at least `least_len` bytes, and 5 different ones among them.
///
/// # Errors
/// [`Error::WeakPassword`].
fn check_strength(password: &[u8], least_len: usize) -> Result<()> {
    let different = (0..=u8::MAX).filter(|byte| password.contains(byte)).count();
    if password.len() < least_len || different < DIFFERENT_BYTES {
        return Err(Error::WeakPassword);
    }
    Ok(())
}
