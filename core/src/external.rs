//! Keys that are used where they live: in a KMS, an HSM, a TPM (FORMAT.md 4.1, type 5).
//!
//! A [`KeyService`] wraps a random stanza KEK in its own way. An [`EcdhToken`] holds a P-256
//! private key and gives out the raw Diffie-Hellman result; the rest of HPKE is done here. Neither
//! is asked more than once for a record.

#[cfg_attr(not(feature = "callbacks"), path = "external/no_service_key.rs")]
#[cfg_attr(feature = "callbacks", path = "external/core_service_key.rs")]
mod service_key;

use crate::derive::{label, sha256_of};
use crate::error::Result;
use crate::keypair::{POINT, PublicKey, SCALAR};
use crate::object::Id;
use crate::secret::{Key, Secret};

pub use service_key::External;

/// Wraps and unwraps a 32-byte key with a key that it does not give out.
pub trait KeyService {
    /// Wraps `key` to the front of `sealed`, and returns the size of what stands there.
    ///
    /// # Errors
    /// [`Error::Callback`]: the service could not do it.
    fn wrap(&self, key: &Key, sealed: &mut [u8]) -> Result<usize>;

    /// Unwraps what [`KeyService::wrap`] made.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`]: the service refuses these bytes. [`Error::Callback`]: it could not
    /// look at them.
    fn unwrap(&self, sealed: &[u8]) -> Result<Key>;
}

/// Holds a P-256 private key that it does not give out.
pub trait EcdhToken {
    /// The x coordinate of the shared point with `peer`, an uncompressed point that was validated.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`]: the token refuses the point. [`Error::Callback`]: it could not
    /// compute.
    fn diffie_hellman(&self, peer: &[u8; POINT]) -> Result<Secret<SCALAR>>;
}

/// A P-256 private key in a token, and its public half.
#[derive(Clone)]
pub struct TokenKey<'k> {
    /// What is sealed to.
    pub public: PublicKey,
    /// What opens.
    pub token: &'k dyn EcdhToken,
}

/// The recipient id of an external key. FORMAT.md 4.1.
pub(crate) fn external_id(name: &[u8]) -> Id {
    let mut id = [0; 16];
    id.copy_from_slice(&sha256_of(label::EXTERNAL_ID, name)[..16]);
    id
}
