//! Key services and tokens in a build without callbacks: refused.

use core::ffi::c_void;

use coffre_core::error::{Error, Result};
use coffre_core::external::{EcdhToken, External};
use coffre_core::keypair::{POINT, SCALAR};
use coffre_core::secret::Secret;

use crate::c_key_service::{coffre_ecdh_fn, coffre_key_service};

/// There is none.
#[derive(Clone)]
pub enum ServiceKey {}

impl ServiceKey {
    /// # Safety
    /// None is needed.
    pub unsafe fn read(_: &coffre_key_service) -> Result<ServiceKey> {
        Err(Error::NotBuilt)
    }

    pub fn external(&self) -> Result<External<'_>> {
        match *self {}
    }
}

/// There is none.
pub enum Token {}

impl Token {
    pub fn new(_: coffre_ecdh_fn, _: *mut c_void) -> Result<Token> {
        Err(Error::NotBuilt)
    }
}

impl EcdhToken for Token {
    fn diffie_hellman(&self, _: &[u8; POINT]) -> Result<Secret<SCALAR>> {
        match *self {}
    }
}
