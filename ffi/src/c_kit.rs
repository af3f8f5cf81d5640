//! The recovery kit: a key under a password, as bytes and as text.

use core::ffi::c_char;

use coffre_core::error::{Error, Result};
use coffre_core::kit::{self, KeyKind, Kit};
use coffre_core::kit_text::{self, Form};
use coffre_core::password::Kdf;
use coffre_core::recipient::Identity;

use crate::c_context::coffre_context;
use crate::c_key_service::IdentityState;
use crate::c_keys::coffre_identity;
use crate::c_password::{COFFRE_KDF_ARGON2ID, COFFRE_KDF_PBKDF2, Choice, coffre_password_options};
use crate::c_policy::{self, coffre_policy};
use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// Size of a recovery kit.
pub const COFFRE_KIT_SIZE: usize = 104;
/// No text of a recovery kit that is written here is larger.
pub const COFFRE_KIT_TEXT_MAX: usize = 296;
/// coffre_kit_info.key_kind: a 32-byte key-encryption key.
pub const COFFRE_KIT_KEK: u32 = 1;
/// coffre_kit_info.key_kind: a P-256 private key.
pub const COFFRE_KIT_P256: u32 = 2;
/// A kit's text to be printed: eight lines, each with a check of its own.
pub const COFFRE_KIT_LINES: u32 = 0;
/// A kit's text to be scanned: one line for a QR code in alphanumeric mode.
pub const COFFRE_KIT_SCAN: u32 = 1;

const _: () = assert!(
    COFFRE_KIT_SIZE == kit::SIZE
        && COFFRE_KIT_TEXT_MAX >= Form::Lines.size()
        && COFFRE_KIT_TEXT_MAX >= Form::Scan.size()
        && COFFRE_KIT_KEK == KeyKind::Kek as u32
        && COFFRE_KIT_P256 == KeyKind::P256 as u32
);

/// What a recovery kit says without its password. Who can write the file can lie about it, until
/// the kit is opened.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_kit_info {
    /// What is inside: COFFRE_KIT_KEK or COFFRE_KIT_P256.
    pub key_kind: u32,
    /// COFFRE_KDF_PBKDF2 or COFFRE_KDF_ARGON2ID.
    pub kdf: u32,
    /// Iterations of PBKDF2 or passes of Argon2id.
    pub iterations: u32,
    /// Memory of Argon2id in KiB, for coffre_password_workspace_size; otherwise 0.
    pub memory_kib: u32,
    /// Lanes of Argon2id; otherwise 0.
    pub lanes: u32,
    /// 0.
    pub reserved: u32,
    /// The key id of what is inside.
    pub key_id: [u8; 16],
}

/// Puts a key under a password: a recovery kit, to be kept on paper or to travel with a backup. Who
/// has the kit can try passwords, so the password is all that keeps the key.
///
/// Takes as long as coffre_password_set.
///
/// @param context    exclusive; random bytes are drawn.
/// @param identity   a key-encryption key or private key, not one in a token.
/// @param options    KDF, cost and least length; NULL for the defaults. A kit has no place for a
///         hint: hint_len is 0.
/// @param password   `password_len` bytes, used as they are; they stay the caller's to wipe.
/// @param workspace  for Argon2id coffre_password_workspace_size bytes; zeroed in the end.
/// @param out        the kit, COFFRE_KIT_SIZE bytes; unchanged or zeroed on an error.
/// @param out_len    its size, or the size needed.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY      the identity has no key of its own: a password's, a key
///         service's, a token's.
/// @retval COFFRE_ERR_WEAK_PASSWORD        shorter than least_len, or fewer than 5 different bytes.
/// @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL     nothing was written.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
/// @retval COFFRE_ERR_INVALID_ARGUMENT     also: a cost outside the format's limits, or a hint.
/// @retval COFFRE_ERR_TOO_LARGE            a hint of more than 64 bytes.
/// @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 8.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_kit_create(
    context: *mut coffre_context,
    identity: *const coffre_identity,
    options: *const coffre_password_options,
    password: *const u8,
    password_len: usize,
    workspace: *mut u8,
    workspace_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().writes(context, 1).reads(identity, 1).reads(options, 1);
        let spans = spans.reads(password, password_len).writes(workspace, workspace_len);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                let state = raw::get_mut(context)?;
                let random = &mut state.random;
                let Choice { kdf, least_len, hint } = Choice::read(options)?;
                if !hint.bytes().is_empty() {
                    return Err(Error::InvalidArgument);
                }
                let password = raw::input(password, password_len)?;
                let space = raw::output(workspace, workspace_len)?;
                raw::get(identity)?.with(|identity| {
                    kit::create(random, identity, password, least_len, kdf, space, out)
                })
            })
        }
    })
}

/// Tells what a recovery kit says without its password: whose key is inside, and what opening it
/// costs.
///
/// @param kit   `kit_len` bytes.
/// @param info  written on success only.
/// @retval COFFRE_ERR_MALFORMED  not a kit, or cut short.
/// @retval COFFRE_ERR_DAMAGED    the checksum does not fit; after coffre_kit_from_text: lines of
///         two kits.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md section 8.2, T1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_kit_inspect(
    kit: *const u8,
    kit_len: usize,
    info: *mut coffre_kit_info,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(kit, kit_len).writes(info, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::store(info, write_info(&Kit::parse(raw::input(kit, kit_len)?)?)) }
    })
}

/// Takes the key out of a recovery kit. coffre_identity_write or coffre_identity_kek write it to a
/// file again.
///
/// @param policy     NULL for the strict defaults; its highest costs are checked before any work.
/// @param kit        `kit_len` bytes; coffre_kit_inspect says what opening costs.
/// @param password   `password_len` bytes; they stay the caller's to wipe.
/// @param workspace  for Argon2id coffre_password_workspace_size bytes; zeroed in the end.
/// @param identity   written; zeroed on an error.
/// @retval COFFRE_ERR_MALFORMED       not a kit, or cut short.
/// @retval COFFRE_ERR_DAMAGED         the checksum does not fit.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_OVER_COST       it costs more than the policy allows; nothing was derived.
/// @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_WRONG_PASSWORD  or somebody altered the kit and made its checksum fit.
/// @retval COFFRE_ERR_NOT_AUTHENTIC   right password, but not the key that the kit names.
/// @retval COFFRE_ERR_INVALID_KEY     right password, but no private key.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 8.2, T1 and T2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_kit_open(
    context: *const coffre_context,
    policy: *const coffre_policy,
    kit: *const u8,
    kit_len: usize,
    password: *const u8,
    password_len: usize,
    workspace: *mut u8,
    workspace_len: usize,
    identity: *mut coffre_identity,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(policy, 1).reads(kit, kit_len);
        let spans = spans.reads(password, password_len).writes(workspace, workspace_len);
        spans.writes(identity, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(identity, || {
                raw::get(context)?;
                let policy = c_policy::read(policy)?;
                let password = raw::input(password, password_len)?;
                let workspace = raw::output(workspace, workspace_len)?;
                let kit = Kit::parse(raw::input(kit, kit_len)?)?;
                kit.open(&policy, password, workspace).map(IdentityState::Own)
            })
        }
    })
}

/// Writes a recovery kit as text, in ASCII. The lines end with a line feed; there is no NUL.
///
/// @param kit       `kit_len` bytes; checked as coffre_kit_inspect does.
/// @param form      COFFRE_KIT_LINES or COFFRE_KIT_SCAN.
/// @param text      at most COFFRE_KIT_TEXT_MAX characters.
/// @param text_len  how many, or how many are needed.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
/// @retval COFFRE_ERR_MALFORMED         not a kit, or cut short.
/// @retval COFFRE_ERR_DAMAGED           the checksum does not fit.
/// @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md section 8.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_kit_to_text(
    kit: *const u8,
    kit_len: usize,
    form: u32,
    text: *mut c_char,
    text_cap: usize,
    text_len: *mut usize,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(kit, kit_len);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, text.cast(), text_cap, text_len, |text| {
                kit_text::to_text(raw::input(kit, kit_len)?, read_form(form)?, text)
            })
        }
    })
}

/// Reads the text of a recovery kit, typed or scanned. Case, blanks, tabs, `-`, carriage returns,
/// empty lines and comments (from a `#` at the beginning of a line to its end) mean nothing; the
/// lines may come in any order.
///
/// Each line has a check of its own: up to four wrong characters in it are always found. What the
/// bytes say is not looked at; coffre_kit_inspect and coffre_kit_open do.
///
/// @param text      `text_len` characters, at most 16384.
/// @param out       the kit, COFFRE_KIT_SIZE bytes.
/// @param out_len   its size, or the size needed.
/// @param bad_line  NULL, or the number of the first bad line with COFFRE_ERR_BAD_KIT_LINE: 1 to 8;
///         of a line without such a number its place among those that mean something, from 1.
///         Otherwise 0 or unchanged.
/// @retval COFFRE_ERR_BAD_KIT_LINE      a line is mistyped, missing or there twice.
/// @retval COFFRE_ERR_TOO_LARGE         the text.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// docs/FORMAT.md section 8.2, T3.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_kit_from_text(
    text: *const c_char,
    text_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
    bad_line: *mut u32,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(text, text_len).writes(bad_line, 1);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                raw::optional_output(bad_line)?;
                let mut number = 0;
                let text = raw::input(text.cast(), text_len)?;
                let read = kit_text::from_text(text, &mut number, out);
                if !bad_line.is_null() {
                    raw::store(bad_line, number)?;
                }
                read
            })
        }
    })
}

/// The bytes of a key-encryption key, to write its key file again after a recovery.
///
/// @param kek  32 bytes; wipe them after use. Unchanged on an error.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY  the identity is no key-encryption key; a private key is
///         written by coffre_identity_write, and no other key is given out.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 8.1.
///
/// cbindgen:ptrs-as-arrays=[[kek; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_identity_kek(
    identity: *const coffre_identity,
    kek: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        Spans::default().reads(identity, 1).writes(kek, 32).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::get(identity)?.with(|identity| match identity {
                Identity::Kek(key) => raw::store_array(kek, *key.expose()),
                _ => Err(Error::UnsupportedKey),
            })
        }
    })
}

fn write_info(kit: &Kit) -> coffre_kit_info {
    let (kdf, iterations, memory_kib, lanes) = match kit.kdf {
        Kdf::Pbkdf2 { iterations } => (COFFRE_KDF_PBKDF2, iterations, 0, 0),
        Kdf::Argon2id { memory_kib, passes, lanes } => {
            (COFFRE_KDF_ARGON2ID, passes, memory_kib, lanes)
        }
    };
    let (key_kind, key_id) = (kit.kind as u32, kit.key_id);
    coffre_kit_info { key_kind, kdf, iterations, memory_kib, lanes, reserved: 0, key_id }
}

fn read_form(form: u32) -> Result<Form> {
    match form {
        COFFRE_KIT_LINES => Ok(Form::Lines),
        COFFRE_KIT_SCAN => Ok(Form::Scan),
        _ => Err(Error::InvalidArgument),
    }
}
