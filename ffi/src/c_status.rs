//! Statuses and versions.

use core::ffi::{CStr, c_char};

use coffre_core::error::Error;

/// What every fallible function returns: `COFFRE_OK`, or a negative number that never changes
/// meaning.
pub type coffre_status = i32;

/// Success.
pub const COFFRE_OK: coffre_status = 0;

/// The caller's fault. A NULL pointer, an unknown flag, a wrong structure size, or a value outside
/// its range.
pub const COFFRE_ERR_INVALID_ARGUMENT: coffre_status = -1;
/// Two buffers overlap where that is not allowed.
pub const COFFRE_ERR_OVERLAP: coffre_status = -2;
/// The output does not fit; the size needed is reported and nothing was written.
pub const COFFRE_ERR_BUFFER_TOO_SMALL: coffre_status = -3;
/// The lent workspace is smaller than the size function says.
pub const COFFRE_ERR_WORKSPACE_TOO_SMALL: coffre_status = -4;
/// A length that the caller gives is above the format's maximum (FORMAT.md 9).
pub const COFFRE_ERR_TOO_LARGE: coffre_status = -5;
/// A symmetric key that is not 32 bytes long.
pub const COFFRE_ERR_KEY_LENGTH: coffre_status = -6;
/// An object that was not initialised, was wiped or moved, or a call out of order.
pub const COFFRE_ERR_BAD_STATE: coffre_status = -7;
/// The recipient or key is in the record already.
pub const COFFRE_ERR_DUPLICATE: coffre_status = -8;
/// No recipient, entry or key of that index or id.
pub const COFFRE_ERR_NOT_FOUND: coffre_status = -9;
/// Refused by the policy. The block's version is below the lowest that the policy accepts.
pub const COFFRE_ERR_POLICY_VERSION: coffre_status = -20;
/// A length or window found in data is above the policy's or the format's
/// limit.
pub const COFFRE_ERR_OVER_LIMIT: coffre_status = -21;
/// The kind of recipient is not allowed by the policy.
pub const COFFRE_ERR_POLICY_RECIPIENT: coffre_status = -22;
/// The password is shorter than the options allow, or hardly varies.
pub const COFFRE_ERR_WEAK_PASSWORD: coffre_status = -23;
/// Deriving a key from a password would cost more than the policy allows.
pub const COFFRE_ERR_OVER_COST: coffre_status = -24;
/// The data's fault. Not such an object, or cut short, or bytes that the format forbids.
pub const COFFRE_ERR_MALFORMED: coffre_status = -40;
/// The object's version is not supported.
pub const COFFRE_ERR_UNSUPPORTED_VERSION: coffre_status = -41;
/// The object's suite is not supported.
pub const COFFRE_ERR_UNSUPPORTED_SUITE: coffre_status = -42;
/// The checksum does not fit: damage.
pub const COFFRE_ERR_DAMAGED: coffre_status = -43;
/// The key is right, the bytes are not: forged, altered or exchanged.
pub const COFFRE_ERR_NOT_AUTHENTIC: coffre_status = -44;
/// The compressed frame breaks a rule of the format.
pub const COFFRE_ERR_BAD_FRAME: coffre_status = -45;
/// A genuine block, but not the one that was asked for.
pub const COFFRE_ERR_UNEXPECTED_BLOCK: coffre_status = -46;
/// Another instance's, or another restore point's.
pub const COFFRE_ERR_FOREIGN: coffre_status = -47;
/// The generation is below the one demanded.
pub const COFFRE_ERR_STALE: coffre_status = -48;
/// The recipient's stanza, or the keys at hand, lead to another storage key than the record's.
pub const COFFRE_ERR_OTHER_STORAGE_KEY: coffre_status = -49;
/// Two copies of the same generation differ.
pub const COFFRE_ERR_CONFLICT: coffre_status = -50;
/// The newest valid copy is older than the generation demanded.
pub const COFFRE_ERR_ROLLBACK: coffre_status = -51;
/// No signature of the expected origin key.
pub const COFFRE_ERR_ORIGIN_UNVERIFIED: coffre_status = -52;
/// A signature that claims to be the origin key's does not fit.
pub const COFFRE_ERR_ORIGIN_FORGED: coffre_status = -53;
/// A line of a recovery kit's text is mistyped, missing or there twice.
pub const COFFRE_ERR_BAD_KIT_LINE: coffre_status = -54;
/// The keys' fault. The key at hand is another than the one needed.
pub const COFFRE_ERR_WRONG_KEY: coffre_status = -60;
/// The record holds no session key of that id.
pub const COFFRE_ERR_MISSING_KEY: coffre_status = -61;
/// Not a key file, or cut short.
pub const COFFRE_ERR_BAD_KEY_FILE: coffre_status = -62;
/// A key file of another algorithm or curve than P-256.
pub const COFFRE_ERR_UNSUPPORTED_KEY: coffre_status = -63;
/// A point that is not on the curve, a scalar out of range, or a pair that does not match.
pub const COFFRE_ERR_INVALID_KEY: coffre_status = -64;
/// The password is not the one that the record was wrapped for.
pub const COFFRE_ERR_WRONG_PASSWORD: coffre_status = -65;
/// The origin key is one of the record's recipients.
pub const COFFRE_ERR_ORIGIN_IS_RECIPIENT: coffre_status = -66;
/// The environment's fault. The random source failed, is missing, or gave constant bytes.
pub const COFFRE_ERR_RANDOM: coffre_status = -80;
/// The random source gave the same 32 bytes twice.
pub const COFFRE_ERR_RANDOM_REPEATED: coffre_status = -81;
/// A known-answer self-test failed; the context refuses everything.
pub const COFFRE_ERR_SELF_TEST: coffre_status = -82;
/// The caller's callback reported a failure.
pub const COFFRE_ERR_CALLBACK: coffre_status = -83;
/// This build of the library leaves out what the call or the data needs; see coffre_features.
pub const COFFRE_ERR_NOT_BUILT: coffre_status = -84;

// The header's numbers are core's.
const _: () = {
    assert!(COFFRE_ERR_INVALID_ARGUMENT == Error::InvalidArgument.code());
    assert!(COFFRE_ERR_OVERLAP == Error::Overlap.code());
    assert!(COFFRE_ERR_BUFFER_TOO_SMALL == Error::BufferTooSmall.code());
    assert!(COFFRE_ERR_WORKSPACE_TOO_SMALL == Error::WorkspaceTooSmall.code());
    assert!(COFFRE_ERR_TOO_LARGE == Error::TooLarge.code());
    assert!(COFFRE_ERR_KEY_LENGTH == Error::KeyLength.code());
    assert!(COFFRE_ERR_BAD_STATE == Error::BadState.code());
    assert!(COFFRE_ERR_DUPLICATE == Error::Duplicate.code());
    assert!(COFFRE_ERR_NOT_FOUND == Error::NotFound.code());
    assert!(COFFRE_ERR_POLICY_VERSION == Error::PolicyVersion.code());
    assert!(COFFRE_ERR_OVER_LIMIT == Error::OverLimit.code());
    assert!(COFFRE_ERR_POLICY_RECIPIENT == Error::PolicyRecipient.code());
    assert!(COFFRE_ERR_WEAK_PASSWORD == Error::WeakPassword.code());
    assert!(COFFRE_ERR_OVER_COST == Error::OverCost.code());
    assert!(COFFRE_ERR_MALFORMED == Error::Malformed.code());
    assert!(COFFRE_ERR_UNSUPPORTED_VERSION == Error::UnsupportedVersion.code());
    assert!(COFFRE_ERR_UNSUPPORTED_SUITE == Error::UnsupportedSuite.code());
    assert!(COFFRE_ERR_DAMAGED == Error::Damaged.code());
    assert!(COFFRE_ERR_NOT_AUTHENTIC == Error::NotAuthentic.code());
    assert!(COFFRE_ERR_BAD_FRAME == Error::BadFrame.code());
    assert!(COFFRE_ERR_UNEXPECTED_BLOCK == Error::UnexpectedBlock.code());
    assert!(COFFRE_ERR_FOREIGN == Error::Foreign.code());
    assert!(COFFRE_ERR_STALE == Error::Stale.code());
    assert!(COFFRE_ERR_OTHER_STORAGE_KEY == Error::OtherStorageKey.code());
    assert!(COFFRE_ERR_CONFLICT == Error::Conflict.code());
    assert!(COFFRE_ERR_ROLLBACK == Error::Rollback.code());
    assert!(COFFRE_ERR_ORIGIN_UNVERIFIED == Error::OriginUnverified.code());
    assert!(COFFRE_ERR_ORIGIN_FORGED == Error::OriginForged.code());
    assert!(COFFRE_ERR_BAD_KIT_LINE == Error::BadKitLine.code());
    assert!(COFFRE_ERR_WRONG_KEY == Error::WrongKey.code());
    assert!(COFFRE_ERR_MISSING_KEY == Error::MissingKey.code());
    assert!(COFFRE_ERR_BAD_KEY_FILE == Error::BadKeyFile.code());
    assert!(COFFRE_ERR_UNSUPPORTED_KEY == Error::UnsupportedKey.code());
    assert!(COFFRE_ERR_INVALID_KEY == Error::InvalidKey.code());
    assert!(COFFRE_ERR_WRONG_PASSWORD == Error::WrongPassword.code());
    assert!(COFFRE_ERR_ORIGIN_IS_RECIPIENT == Error::OriginIsRecipient.code());
    assert!(COFFRE_ERR_RANDOM == Error::Random.code());
    assert!(COFFRE_ERR_RANDOM_REPEATED == Error::RandomRepeated.code());
    assert!(COFFRE_ERR_SELF_TEST == Error::SelfTest.code());
    assert!(COFFRE_ERR_CALLBACK == Error::Callback.code());
    assert!(COFFRE_ERR_NOT_BUILT == Error::NotBuilt.code());
};

/// Number of the binary interface; compare it with coffre_abi_version at start.
pub const COFFRE_ABI_VERSION: u32 = 3;
/// Version of the format that is written, docs/FORMAT.md.
pub const COFFRE_FORMAT_VERSION: u32 = 2;

/// The binary interface of the library that was linked: equals `COFFRE_ABI_VERSION` if the header
/// fits it.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_abi_version() -> u32 {
    COFFRE_ABI_VERSION
}

/// Seals compressed.
pub const COFFRE_FEATURE_ZSTD: u32 = 1;
/// Opens what was compressed.
pub const COFFRE_FEATURE_ZSTD_DECOMPRESS: u32 = 2;
/// P-256: key pairs and their files, HPKE recipients, tokens, origin signatures.
pub const COFFRE_FEATURE_PUBLIC_KEY: u32 = 4;
/// Passwords by PBKDF2: recipients and recovery kits.
pub const COFFRE_FEATURE_PASSWORD: u32 = 8;
/// Passwords by Argon2id.
pub const COFFRE_FEATURE_ARGON2: u32 = 16;
/// Blocks of versions 0 and 1.
pub const COFFRE_FEATURE_LEGACY_V1: u32 = 32;
/// Seals, and makes keys, records and manifests.
pub const COFFRE_FEATURE_SEAL: u32 = 256;
/// Engines, key services and tokens of the caller's.
pub const COFFRE_FEATURE_CALLBACKS: u32 = 128;
/// Software made for speed, not for size.
pub const COFFRE_FEATURE_FAST_SOFTWARE: u32 = 64;

/// What the library that was linked was built with, as a sum of `COFFRE_FEATURE_*`. Every function
/// is there in every build; what needs a feature that is not returns COFFRE_ERR_NOT_BUILT.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_features() -> u32 {
    [
        (COFFRE_FEATURE_ZSTD, cfg!(feature = "zstd")),
        (COFFRE_FEATURE_ZSTD_DECOMPRESS, cfg!(feature = "zstd-decompress")),
        (COFFRE_FEATURE_PUBLIC_KEY, cfg!(feature = "public-key")),
        (COFFRE_FEATURE_PASSWORD, cfg!(feature = "password")),
        (COFFRE_FEATURE_ARGON2, cfg!(feature = "argon2")),
        (COFFRE_FEATURE_LEGACY_V1, cfg!(feature = "legacy-v1")),
        (COFFRE_FEATURE_SEAL, cfg!(feature = "seal")),
        (COFFRE_FEATURE_CALLBACKS, cfg!(feature = "callbacks")),
        (COFFRE_FEATURE_FAST_SOFTWARE, cfg!(feature = "fast-software")),
    ]
    .iter()
    .map(|(bit, is_there)| if *is_there { *bit } else { 0 })
    .sum()
}

/// The product version of the library that was linked, such as "0.1.0"; static, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// The name of a status, such as "COFFRE_ERR_WRONG_KEY"; static, never NULL, also for numbers that
/// are none.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_status_name(status: coffre_status) -> *const c_char {
    text(status, c"COFFRE_OK", Error::name)
}

/// What a status means, as a sentence fragment in English; static, never NULL, also for numbers
/// that are none.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_status_message(status: coffre_status) -> *const c_char {
    text(status, c"success", Error::message)
}

fn text(status: coffre_status, ok: &'static CStr, of: fn(Error) -> &'static CStr) -> *const c_char {
    match Error::from_code(status) {
        Some(error) => of(error).as_ptr(),
        None if status == COFFRE_OK => ok.as_ptr(),
        None => c"unknown status".as_ptr(),
    }
}
