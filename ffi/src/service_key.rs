//! The caller's key services and tokens, behind the traits of core.

use core::ffi::c_void;

use coffre_core::error::{Error, Result};
use coffre_core::external::{EcdhToken, External, KeyService};
use coffre_core::keypair::{POINT, SCALAR};
use coffre_core::limits;
use coffre_core::secret::{Key, Secret};
use coffre_core::text::Text;

use crate::c_key_service::{
    COFFRE_CALLBACK_REFUSED, coffre_ecdh_fn, coffre_key_service, coffre_unwrap_fn, coffre_wrap_fn,
};
use crate::raw;

/// A key service's key and its callbacks.
#[derive(Clone)]
pub struct ServiceKey {
    name: Text<{ limits::EXTERNAL_NAME }>,
    sealed_max: usize,
    service: Service,
}

impl ServiceKey {
    /// # Safety
    /// The name is NULL, or ends with a NUL.
    pub unsafe fn read(service: &coffre_key_service) -> Result<ServiceKey> {
        let callable = service.wrap.is_some() || service.unwrap.is_some();
        if service.size as usize != size_of::<coffre_key_service>() || !callable {
            return Err(Error::InvalidArgument);
        }
        // SAFETY: the caller's promise.
        let name = Text::new(unsafe { raw::string(service.name, limits::EXTERNAL_NAME) }?)?;
        let (wrap, unwrap, user) = (service.wrap, service.unwrap, service.user);
        let sealed_max = service.sealed_max as usize;
        let key = ServiceKey { name, sealed_max, service: Service { wrap, unwrap, user } };
        key.external().map(drop)?;
        Ok(key)
    }

    pub fn external(&self) -> Result<External<'_>> {
        External::new(self.name.clone(), self.sealed_max, &self.service)
    }
}

#[derive(Clone)]
struct Service {
    wrap: coffre_wrap_fn,
    unwrap: coffre_unwrap_fn,
    user: *mut c_void,
}

impl KeyService for Service {
    fn wrap(&self, key: &Key, sealed: &mut [u8]) -> Result<usize> {
        let wrap = self.wrap.ok_or(Error::Callback)?;
        let mut len = 0;
        let (key, to) = (key.expose().as_ptr(), sealed.as_mut_ptr());
        // SAFETY: the caller gave the function for this; the pointers are live for their lengths.
        match unsafe { wrap(self.user, key, to, sealed.len(), &mut len) } {
            0 => Ok(len),
            _ => Err(Error::Callback),
        }
    }

    fn unwrap(&self, sealed: &[u8]) -> Result<Key> {
        let unwrap = self.unwrap.ok_or(Error::Callback)?;
        let mut key = Key::zero();
        let to = key.expose_mut().as_mut_ptr();
        // SAFETY: as above.
        answer(unsafe { unwrap(self.user, sealed.as_ptr(), sealed.len(), to) }).map(|()| key)
    }
}

/// A token's callback.
pub struct Token {
    ecdh: coffre_ecdh_fn,
    user: *mut c_void,
}

impl Token {
    pub fn new(ecdh: coffre_ecdh_fn, user: *mut c_void) -> Result<Token> {
        Ok(Token { ecdh, user })
    }
}

impl EcdhToken for Token {
    fn diffie_hellman(&self, peer: &[u8; POINT]) -> Result<Secret<SCALAR>> {
        let ecdh = self.ecdh.ok_or(Error::Callback)?;
        let mut z = Secret::zero();
        // SAFETY: as above.
        let code = unsafe { ecdh(self.user, peer.as_ptr(), z.expose_mut().as_mut_ptr()) };
        answer(code).map(|()| z)
    }
}

fn answer(code: i32) -> Result<()> {
    match code {
        0 => Ok(()),
        COFFRE_CALLBACK_REFUSED => Err(Error::NotAuthentic),
        _ => Err(Error::Callback),
    }
}
