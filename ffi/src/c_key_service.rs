//! Keys that are used where they live: callbacks into a KMS, an HSM, a TPM.

use core::ffi::{c_char, c_void};

use coffre_core::error::{Error, Result};
use coffre_core::external::TokenKey;
use coffre_core::keypair::PublicKey;
use coffre_core::recipient::{Identity, Recipient};

use crate::c_context::coffre_context;
use crate::c_keys::{coffre_identity, coffre_recipient};
use crate::c_status::coffre_status;
use crate::raw::{self, Spans};
use crate::service_key::{ServiceKey, Token};

/// A callback of a key service or token returns 0 when it did what was asked, this when it looked
/// at the bytes and refuses them, and anything else when it could not be asked.
pub const COFFRE_CALLBACK_REFUSED: i32 = 1;

/// Wraps a 32-byte key with a key that is not given out, in the service's own way.
///
/// Called once for each stanza that is written for the external key, in the caller's thread. It may
/// not re-enter the library with the objects of that call, longjmp or throw.
///
/// @param user        of the structure.
/// @param key         32 bytes; secret, and gone after the call.
/// @param sealed      takes the result: at most `sealed_cap` bytes, which is `sealed_max`.
/// @param sealed_len  takes its size.
pub type coffre_wrap_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        key: *const u8,
        sealed: *mut u8,
        sealed_cap: usize,
        sealed_len: *mut usize,
    ) -> i32,
>;

/// Unwraps what coffre_wrap_fn made, to 32 bytes.
///
/// Called once for each record that is opened with the external key; rules as for coffre_wrap_fn.
pub type coffre_unwrap_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        sealed: *const u8,
        sealed_len: usize,
        key: *mut u8,
    ) -> i32,
>;

/// Computes the raw Diffie-Hellman result, 32 bytes, of the token's private key and `peer`: an
/// uncompressed point of 65 bytes, which is on the curve.
///
/// Called once for each record that is opened with the token's key; rules as for coffre_wrap_fn.
pub type coffre_ecdh_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, peer: *const u8, z: *mut u8) -> i32>;

/// A key in a key service; set it with `COFFRE_KEY_SERVICE_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_key_service {
    /// `sizeof(coffre_key_service)`.
    pub size: u32,
    /// The most bytes that `wrap` makes of a key, 1 to 4096. AES key wrap (RFC 3394) makes 40.
    pub sealed_max: u32,
    /// Which key, in which service: 1 to 128 bytes of printable UTF-8 with a NUL. Everybody can
    /// read it in a record; the recipient id follows from it.
    pub name: *const c_char,
    /// NULL where nothing is wrapped.
    pub wrap: coffre_wrap_fn,
    /// NULL where nothing is opened.
    pub unwrap: coffre_unwrap_fn,
    /// Given to the callbacks.
    pub user: *mut c_void,
}

/// Makes an identity of a key in a key service; its recipient wraps with the same.
///
/// @param service   read now; the callbacks and `user` are kept as long as the identity and its
///         recipients live.
/// @param identity  written; zeroed on an error.
/// @retval COFFRE_ERR_TOO_LARGE  name or sealed_max above its maximum.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4.1, stanza type 5.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_identity_external(
    context: *const coffre_context,
    service: *const coffre_key_service,
    identity: *mut coffre_identity,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(context, 1).reads(service, 1);
        spans.writes(identity, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            // Copied before anything is written: the name may lie anywhere.
            let key = raw::structure(service).and_then(|service| ServiceKey::read(service));
            raw::create(identity, || {
                raw::get(context)?;
                key.map(IdentityState::External)
            })
        }
    })
}

/// Makes an identity of a P-256 private key in a token, which opens what was sealed to
/// `public_key`.
///
/// @param ecdh      kept, as is `user`, as long as the identity lives.
/// @param identity  written; zeroed on an error.
/// @retval COFFRE_ERR_UNSUPPORTED_KEY  the recipient is no public key.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 4.1, stanza type 2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_identity_token(
    context: *const coffre_context,
    public_key: *const coffre_recipient,
    ecdh: coffre_ecdh_fn,
    user: *mut c_void,
    identity: *mut coffre_identity,
) -> coffre_status {
    raw::status(move || {
        let spans = Spans::default().reads(context, 1).reads(public_key, 1);
        spans.writes(identity, 1).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            raw::create(identity, || {
                raw::get(context)?;
                if ecdh.is_none() {
                    return Err(Error::InvalidArgument);
                }
                let public = raw::get(public_key)?.with(|recipient| match recipient {
                    Recipient::P256(public) => Ok(public.clone()),
                    _ => Err(Error::UnsupportedKey),
                })?;
                Ok(IdentityState::Token(public, Token::new(ecdh, user)?))
            })
        }
    })
}

/// What a coffre_identity holds.
pub enum IdentityState {
    /// A key of its own.
    Own(Identity<'static>),
    /// A key in a key service.
    External(ServiceKey),
    /// A private key in a token, and its public half.
    Token(PublicKey, Token),
}

/// What a coffre_recipient holds.
pub enum RecipientState {
    /// A key of its own.
    Own(Recipient<'static>),
    /// A key in a key service.
    External(ServiceKey),
}

impl IdentityState {
    /// Runs `body` on the identity.
    pub fn with<T>(&self, body: impl FnOnce(&Identity) -> Result<T>) -> Result<T> {
        match self {
            IdentityState::Own(identity) => body(identity),
            IdentityState::External(key) => body(&Identity::External(key.external()?)),
            IdentityState::Token(public, token) => {
                body(&Identity::Token(TokenKey { public: public.clone(), token }))
            }
        }
    }

    /// The recipient that it opens for.
    pub fn recipient(&self) -> RecipientState {
        match self {
            IdentityState::Own(identity) => RecipientState::Own(identity.recipient()),
            IdentityState::External(key) => RecipientState::External(key.clone()),
            IdentityState::Token(public, _) => RecipientState::Own(Recipient::P256(public.clone())),
        }
    }
}

impl RecipientState {
    /// Runs `body` on the recipient.
    pub fn with<T>(&self, body: impl FnOnce(&Recipient) -> Result<T>) -> Result<T> {
        match self {
            RecipientState::Own(recipient) => body(recipient),
            RecipientState::External(key) => body(&Recipient::External(key.external()?)),
        }
    }
}
