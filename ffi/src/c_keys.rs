//! Identities and recipients, and files of them.

use core::ffi::c_char;

use coffre_core::error::{Error, Result};
use coffre_core::key_file::{self, Form};
use coffre_core::keypair::PrivateKey;
use coffre_core::recipient::{Identity, Recipient};
use coffre_core::secret::Key;

use crate::c_context::coffre_context;
use crate::c_key_service::{IdentityState, RecipientState};
use crate::c_status::coffre_status;
use crate::raw::{self, Spans, opaque};

/// Size of a key id.
pub const COFFRE_KEY_ID_SIZE: usize = 16;
/// Size of a printed key id: eight groups of four digits, seven dashes, and the NUL.
pub const COFFRE_KEY_ID_TEXT_SIZE: usize = 40;
/// No key file that is written here is larger.
pub const COFFRE_KEY_FILE_MAX: usize = 512;
/// A key file in PEM (RFC 7468).
pub const COFFRE_KEY_FILE_PEM: u32 = 0;
/// A key file in DER.
pub const COFFRE_KEY_FILE_DER: u32 = 1;

/// What opens: a key-encryption key, a P-256 private key, a password's key, or a key in a key
/// service or token. Caller-owned; may be moved; wipe it.
#[repr(C)]
pub struct coffre_identity {
    opaque: [u64; 32],
}
opaque!(coffre_identity, IdentityState, b"coffridn", pinned: false);
/// What is sealed to: a key-encryption key, a P-256 public key, a password's key, or a key in a
/// key service. Caller-owned; may be moved; wipe it.
#[repr(C)]
pub struct coffre_recipient {
    opaque: [u64; 32],
}
opaque!(coffre_recipient, RecipientState, b"coffrrcp", pinned: false);

/// Makes an identity of a 32-byte key-encryption key, which must be uniformly random: a password is
/// none.
///
/// @param kek      `kek_len` bytes; they stay the caller's to wipe.
/// @param identity written; zeroed on an error.
/// @retval COFFRE_ERR_KEY_LENGTH  `kek_len` is not 32.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4, stanza type 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_identity_from_kek(
    context: *const coffre_context,
    kek: *const u8,
    kek_len: usize,
    identity: *mut coffre_identity,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(kek, kek_len);
        spans.writes(identity, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(identity, || {
                raw::get(context)?;
                let kek = read_key(raw::input(kek, kek_len)?)?;
                Ok(IdentityState::Own(Identity::Kek(kek)))
            })
        }
    })
}

/// Generates a P-256 key pair.
///
/// @param context   exclusive.
/// @param identity  written; zeroed on an error.
/// @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_identity_generate(
    context: *mut coffre_context,
    identity: *mut coffre_identity,
) -> coffre_status {
    raw::status_of_keys(move || {
        Spans::default().writes(context, 1).writes(identity, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(identity, || {
                let state = raw::get_mut(context)?;
                let private = PrivateKey::generate(&mut state.random, &[b"key pair"])?;
                Ok(IdentityState::Own(Identity::P256(private)))
            })
        }
    })
}

/// Reads a private key on curve P-256: PKCS#8 or SEC 1, in PEM or DER, as `openssl genpkey` writes
/// it.
///
/// @param file      `file_len` bytes; they stay the caller's to wipe.
/// @param identity  written; zeroed on an error.
/// @retval COFFRE_ERR_BAD_KEY_FILE     not such a file: truncated, another label, encrypted,
///         trailing bytes.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY  a private key of another algorithm or curve.
/// @retval COFFRE_ERR_INVALID_KEY      scalar out of range, or a public key inside that is not its
///         own.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_identity_read(
    context: *const coffre_context,
    file: *const u8,
    file_len: usize,
    identity: *mut coffre_identity,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(context, 1).reads(file, file_len);
        spans.writes(identity, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(identity, || {
                raw::get(context)?;
                let private = key_file::read_private(raw::input(file, file_len)?)?;
                Ok(IdentityState::Own(Identity::P256(private)))
            })
        }
    })
}

/// Writes a private key as PKCS#8, as `openssl pkey` reads it. The PEM form ends with a newline,
/// not with a NUL.
///
/// @param form     COFFRE_KEY_FILE_PEM or COFFRE_KEY_FILE_DER.
/// @param out      the file, of at most COFFRE_KEY_FILE_MAX bytes; wipe it after use.
/// @param out_len  its size, or the size needed.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY   only a private key of its own has such a file.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_identity_write(
    identity: *const coffre_identity,
    form: u32,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(identity, 1);
        // SAFETY: the caller's contract.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                raw::get(identity)?.with(|identity| match identity {
                    Identity::P256(private) => {
                        key_file::write_private(private, read_form(form)?, out)
                    }
                    _ => Err(Error::UnsupportedKey),
                })
            })
        }
    })
}

/// The key id of an identity, which is that of its recipient.
///
/// @param id  16 bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 8.
///
/// cbindgen:ptrs-as-arrays=[[id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_identity_id(
    identity: *const coffre_identity,
    id: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        Spans::default().reads(identity, 1).writes(id, 16).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::store_array(id, raw::get(identity)?.with(|identity| Ok(identity.id()))?) }
    })
}

/// The recipient that an identity opens for.
///
/// @param recipient  written; zeroed on an error.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_identity_recipient(
    identity: *const coffre_identity,
    recipient: *mut coffre_recipient,
) -> coffre_status {
    raw::status_of_keys(move || {
        Spans::default().reads(identity, 1).writes(recipient, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::create(recipient, || Ok(raw::get(identity)?.recipient())) }
    })
}

/// Ends an identity and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_identity_wipe(identity: *mut coffre_identity) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(identity) }
}

/// Reads a public key: SPKI on curve P-256, in PEM or DER, as `openssl pkey -pubout` writes it.
///
/// @param recipient  written; zeroed on an error.
/// @retval COFFRE_ERR_BAD_KEY_FILE     not such a file.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY  a public key of another algorithm or curve, or a compressed
///         point.
/// @retval COFFRE_ERR_INVALID_KEY      the point is not on the curve.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_recipient_read(
    context: *const coffre_context,
    file: *const u8,
    file_len: usize,
    recipient: *mut coffre_recipient,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(context, 1).reads(file, file_len);
        spans.writes(recipient, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(recipient, || {
                raw::get(context)?;
                let public = key_file::read_public(raw::input(file, file_len)?)?;
                Ok(RecipientState::Own(Recipient::P256(public)))
            })
        }
    })
}

/// Writes a public key as SPKI.
///
/// @param form     COFFRE_KEY_FILE_PEM or COFFRE_KEY_FILE_DER.
/// @param out      the file, of at most COFFRE_KEY_FILE_MAX bytes.
/// @param out_len  its size, or the size needed.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY   only a public key has such a file.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_recipient_write(
    recipient: *const coffre_recipient,
    form: u32,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(recipient, 1);
        // SAFETY: the caller's contract.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                raw::get(recipient)?.with(|recipient| match recipient {
                    Recipient::P256(public) => {
                        key_file::write_public(public, read_form(form)?, out)
                    }
                    _ => Err(Error::UnsupportedKey),
                })
            })
        }
    })
}

/// The key id of a recipient.
///
/// @param id  16 bytes.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[id; 16]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_recipient_id(
    recipient: *const coffre_recipient,
    id: *mut u8,
) -> coffre_status {
    raw::status_of_keys(move || {
        Spans::default().reads(recipient, 1).writes(id, 16).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe { raw::store_array(id, raw::get(recipient)?.with(|recipient| Ok(recipient.id()))?) }
    })
}

/// The whole SHA-256 of a public key's SPKI, to be shown when somebody approves it.
///
/// @param digest  32 bytes.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY  only a public key has such a digest.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// cbindgen:ptrs-as-arrays=[[digest; 32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_recipient_digest(
    recipient: *const coffre_recipient,
    digest: *mut u8,
) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(recipient, 1).writes(digest, 32).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::get(recipient)?.with(|recipient| match recipient {
                Recipient::P256(public) => raw::store_array(digest, public.digest()),
                _ => Err(Error::UnsupportedKey),
            })
        }
    })
}

/// The size of a recipient's stanza in a record, for coffre_record_size; of an external key the
/// most that it can be. 0 for an object that is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_recipient_stanza_size(recipient: *const coffre_recipient) -> usize {
    // SAFETY: the caller's contract.
    let recipient = unsafe { raw::get(recipient) };
    recipient.and_then(|state| state.with(|recipient| Ok(recipient.stanza_len()))).unwrap_or(0)
}

/// Ends a recipient and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_recipient_wipe(recipient: *mut coffre_recipient) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(recipient) }
}

/// Prints a key id in the one form in which key ids are printed: `0123-4567-…`, with a NUL.
///
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[id; 16], [text; COFFRE_KEY_ID_TEXT_SIZE]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_key_id_text(id: *const u8, text: *mut c_char) -> coffre_status {
    raw::status(move || {
        Spans::default().reads(id, 16).writes(text, COFFRE_KEY_ID_TEXT_SIZE).disjoint()?;
        // SAFETY: the caller's contract.
        let id: &[u8; 16] = unsafe { raw::array(id) }?;
        let mut digits = [b'-' as c_char; COFFRE_KEY_ID_TEXT_SIZE];
        let groups = id.as_chunks::<2>().0.iter().map(|[a, b]| [a >> 4, a & 15, b >> 4, b & 15]);
        for (group, nibbles) in digits.chunks_mut(5).zip(groups) {
            for (digit, nibble) in group.iter_mut().zip(nibbles) {
                *digit = (if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble }) as c_char;
            }
        }
        digits[COFFRE_KEY_ID_TEXT_SIZE - 1] = 0;
        // SAFETY: the caller's contract.
        unsafe { raw::store(text.cast(), digits) }
    })
}

/// A symmetric key of exactly 32 bytes.
pub fn read_key(bytes: &[u8]) -> Result<Key> {
    let bytes = bytes.try_into().map_err(|_| Error::KeyLength)?;
    Ok(Key::copy_of(bytes))
}

/// The encoding that a C caller names.
pub fn read_form(form: u32) -> Result<Form> {
    match form {
        COFFRE_KEY_FILE_PEM => Ok(Form::Pem),
        COFFRE_KEY_FILE_DER => Ok(Form::Der),
        _ => Err(Error::InvalidArgument),
    }
}
