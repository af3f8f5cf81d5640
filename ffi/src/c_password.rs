//! Passwords: set one, or derive the key of one that a record was wrapped for.

use coffre_core::error::{Error, Result};
use coffre_core::password::{Kdf, PasswordKey};
use coffre_core::recipient::Identity;
use coffre_core::text::Text;

use crate::c_context::coffre_context;
use crate::c_key_service::IdentityState;
use crate::c_keys::coffre_identity;
use crate::c_policy::{self, coffre_policy};
use crate::c_record::{coffre_record, spans_of};
use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// coffre_password_options.kdf: PBKDF2-HMAC-SHA-256 (RFC 8018).
pub const COFFRE_KDF_PBKDF2: u32 = 3;
/// coffre_password_options.kdf: Argon2id (RFC 9106), in memory that the caller lends.
pub const COFFRE_KDF_ARGON2ID: u32 = 4;

/// How a password is set; set it with `COFFRE_PASSWORD_OPTIONS_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_password_options {
    /// `sizeof(coffre_password_options)`.
    pub size: u32,
    /// COFFRE_KDF_PBKDF2 or COFFRE_KDF_ARGON2ID. Default PBKDF2.
    pub kdf: u32,
    /// Iterations of PBKDF2, at least 1000. Default 600000.
    pub iterations: u32,
    /// Memory of Argon2id in KiB, at least 8 a lane. Default 65536.
    pub memory_kib: u32,
    /// Passes of Argon2id, at least 1. Default 3.
    pub passes: u32,
    /// Lanes of Argon2id, 1 to 16, worked on one after the other. Default 1.
    pub lanes: u32,
    /// Fewest bytes of a password. Default 15 (NIST SP 800-63B-4, where nothing is asked beside
    /// it).
    pub least_len: u32,
    /// Size of `hint`, at most 64. Default 0.
    pub hint_len: u32,
    /// What helps to remember the password: printable UTF-8 that everybody can read; NULL if none.
    pub hint: *const u8,
}

/// The workspace that deriving a key needs; 0 for PBKDF2, which has no memory.
///
/// What a record says may be up to 4 GiB, and nothing proves it: compare with the policy's
/// max_argon2_memory_kib before allocating.
///
/// @param memory_kib  of coffre_password_options or coffre_record_recipient; 0 for PBKDF2.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_password_workspace_size(memory_kib: u32) -> usize {
    match memory_kib {
        0 => 0,
        _ => Kdf::Argon2id { memory_kib, passes: 1, lanes: 1 }.workspace(),
    }
}

/// Sets a password: chooses its salt and recipient id, and derives the key. The identity opens, and
/// its recipient (coffre_identity_recipient) can be added to, any number of records.
///
/// Takes about as long as the cost says, in one thread: 600,000 iterations of PBKDF2 or 64 MiB in 3
/// passes of Argon2id some 100 ms on a server's processor.
///
/// @param context    exclusive; random bytes are drawn.
/// @param options    NULL for the defaults.
/// @param password   `password_len` bytes, used as they are; they stay the caller's to wipe.
/// @param workspace  for Argon2id coffre_password_workspace_size bytes; zeroed in the end.
/// @param identity   written; zeroed on an error.
/// @retval COFFRE_ERR_WEAK_PASSWORD        shorter than least_len, or fewer than 5 different bytes.
/// @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_TOO_LARGE            the hint.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
/// @retval COFFRE_ERR_INVALID_ARGUMENT     also: a cost outside the format's limits, or a hint with
///         control characters.
/// @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4.1, stanza types 3 and 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_password_set(
    context: *mut coffre_context,
    options: *const coffre_password_options,
    password: *const u8,
    password_len: usize,
    workspace: *mut u8,
    workspace_len: usize,
    identity: *mut coffre_identity,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().writes(context, 1).reads(options, 1);
        let spans = spans.reads(password, password_len).writes(workspace, workspace_len);
        spans.writes(identity, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            // Copied before anything is written: the hint may lie anywhere.
            let choice = Choice::read(options);
            raw::create(identity, || {
                let choice = choice?;
                let random = &mut raw::get_mut(context)?.random;
                let password = raw::input(password, password_len)?;
                let workspace = raw::output(workspace, workspace_len)?;
                let Choice { kdf, least_len, hint } = choice;
                let key = PasswordKey::set(random, password, least_len, kdf, hint, workspace)?;
                Ok(IdentityState::Own(Identity::Password(key)))
            })
        }
    })
}

/// Derives the key of the password that a record was wrapped for. Whether it is the right one shows
/// when a record is opened: COFFRE_ERR_WRONG_PASSWORD. The identity opens all records that were
/// wrapped for the same setting. Its recipient can be added to records if this record opened under
/// it: who does not know the password could have written any cost there (add_recipient then says
/// COFFRE_ERR_WRONG_PASSWORD).
///
/// @param policy     NULL for the strict defaults; its highest costs are checked before any work.
/// @param record     a key record, challenge or repository record; coffre_record_recipient_at says
///         what its password costs.
/// @param password   `password_len` bytes; they stay the caller's to wipe.
/// @param workspace  for Argon2id coffre_password_workspace_size bytes; zeroed in the end.
/// @param identity   written; zeroed on an error.
/// @retval COFFRE_ERR_WRONG_KEY            no password opens the record.
/// @retval COFFRE_ERR_POLICY_RECIPIENT     the policy allows no passwords.
/// @retval COFFRE_ERR_OVER_COST            it costs more than the policy allows.
/// @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4.1, R10 and R11.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_password_derive(
    context: *const coffre_context,
    policy: *const coffre_policy,
    record: *const coffre_record,
    password: *const u8,
    password_len: usize,
    workspace: *mut u8,
    workspace_len: usize,
    identity: *mut coffre_identity,
) -> coffre_status {
    raw::status_of_keys(move || {
        // SAFETY: the caller's contract, here and below.
        let spans = unsafe { spans_of(record) }.reads(context, 1).reads(policy, 1);
        let spans = spans.reads(password, password_len).writes(workspace, workspace_len);
        spans.writes(identity, 1).disjoint()?;
        unsafe {
            raw::create(identity, || {
                let context = &raw::get(context)?.context;
                let policy = c_policy::read(policy)?;
                let password = raw::input(password, password_len)?;
                let workspace = raw::output(workspace, workspace_len)?;
                let key = raw::get(record)?.derive(context, &policy, password, workspace)?;
                Ok(IdentityState::Own(Identity::Password(key)))
            })
        }
    })
}

/// What coffre_password_options say.
pub struct Choice {
    /// KDF and cost.
    pub kdf: Kdf,
    /// Fewest bytes of a password.
    pub least_len: usize,
    /// The hint.
    pub hint: Text<64>,
}

impl Choice {
    /// # Safety
    /// As [`raw::structure`]; the hint as [`raw::input`].
    pub unsafe fn read(options: *const coffre_password_options) -> Result<Choice> {
        // SAFETY: the caller's promise.
        let Some(options) = (unsafe { raw::optional(options) })? else {
            return Ok(Choice { kdf: Kdf::PBKDF2, least_len: 15, hint: Text::empty() });
        };
        let coffre_password_options { iterations, memory_kib, passes, lanes, .. } = *options;
        if options.size as usize != size_of::<coffre_password_options>() {
            return Err(Error::InvalidArgument);
        }
        let kdf = match options.kdf {
            COFFRE_KDF_PBKDF2 => Kdf::Pbkdf2 { iterations },
            COFFRE_KDF_ARGON2ID => Kdf::Argon2id { memory_kib, passes, lanes },
            _ => return Err(Error::InvalidArgument),
        };
        // SAFETY: the caller's promise.
        let hint = Text::new(unsafe { raw::input(options.hint, options.hint_len as usize) }?)?;
        Ok(Choice { kdf, least_len: options.least_len as usize, hint })
    }
}
