//! Keys that are used where they live: in a KMS, an HSM, a TPM (FORMAT.md 4.1, type 5).
//!
//! A [`KeyService`] wraps a random stanza KEK in its own way. An [`EcdhToken`] holds a P-256
//! private key and gives out the raw Diffie-Hellman result; the rest of HPKE is done here. Neither
//! is asked more than once for a record.

use crate::derive::{label, sha256_of};
use crate::error::{Error, Result};
use crate::keypair::{POINT, PublicKey, SCALAR};
use crate::limits;
use crate::object::Id;
use crate::secret::{Key, Secret};
use crate::text::Text;

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

/// A key in a key service, known by its name.
#[derive(Clone)]
pub struct External<'k> {
    name: Text<{ limits::EXTERNAL_NAME }>,
    sealed_max: usize,
    service: &'k dyn KeyService,
}

impl<'k> External<'k> {
    /// The key of that name; the service makes at most `sealed_max` bytes of a 32-byte key.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: an empty name, or a `sealed_max` of 0. [`Error::TooLarge`]: one
    /// above 4096.
    pub fn new(
        name: Text<{ limits::EXTERNAL_NAME }>,
        sealed_max: usize,
        service: &'k dyn KeyService,
    ) -> Result<Self> {
        if name.bytes().is_empty() || sealed_max == 0 {
            return Err(Error::InvalidArgument);
        }
        if sealed_max > limits::EXTERNAL_SEALED {
            return Err(Error::TooLarge);
        }
        Ok(External { name, sealed_max, service })
    }

    /// The name: which key, in which service.
    pub fn name(&self) -> &[u8] {
        self.name.bytes()
    }

    /// The most that the service makes of a key.
    pub(crate) fn sealed_max(&self) -> usize {
        self.sealed_max
    }

    pub(crate) fn service(&self) -> &'k dyn KeyService {
        self.service
    }

    /// The recipient id.
    pub fn id(&self) -> Id {
        external_id(self.name())
    }
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
