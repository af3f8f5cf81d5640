//! Keys under keys: derive-then-wrap, and the bare key wrap of version 1 (FORMAT.md 2).
//!
//! A wrap has no nonce, so no random source can fail it. Its context is bound by derivation: a
//! wrapped key that is moved to another record, purpose or id does not unwrap.

use aes_kw::aes::cipher::consts::U32;
use aes_kw::{KeyInit, KwAes256};

use crate::derive::{expand256, label};
use crate::error::{Error, Result};
use crate::object::ObjectType;
use crate::secret::Key;

/// Size of a wrapped key.
pub const WRAPPED: usize = 40;

/// Where a wrapped key belongs: an object type, and a restore point's, instance's or key's id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scope {
    /// Type of the record.
    pub object: ObjectType,
    /// Restore point id of a key record, key id of a recovery kit, instance id otherwise.
    pub id: [u8; 16],
}

/// What a wrapped key is for.
#[derive(Clone, Copy, Debug)]
#[repr(u16)]
pub enum Purpose {
    /// A storage key, under a recipient's KEK.
    StorageKey = 1,
    /// The metakey, under the storage key.
    Metakey = 2,
    /// A session key, under the storage key.
    SessionKey = 3,
    /// An id key, under the storage key.
    IdKey = 4,
    /// A KEK or private scalar, under a recovery kit's password.
    RecoveryKit = 5,
}

impl Scope {
    /// Wraps `secret` under `key` for one purpose and id in this scope.
    pub fn wrap(&self, key: &Key, purpose: Purpose, id: &[u8; 16], secret: &Key) -> [u8; WRAPPED] {
        wrap(&self.wrapping_key(key, purpose, id), secret)
    }

    /// Unwraps what [`Scope::wrap`] made.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`]: another key, scope, purpose or id, or altered bytes.
    pub fn unwrap(
        &self,
        key: &Key,
        purpose: Purpose,
        id: &[u8; 16],
        wrapped: &[u8; WRAPPED],
    ) -> Result<Key> {
        unwrap(&self.wrapping_key(key, purpose, id), wrapped)
    }

    fn wrapping_key(&self, key: &Key, purpose: Purpose, id: &[u8; 16]) -> Key {
        let (object, purpose) = ([self.object as u8], (purpose as u16).to_le_bytes());
        expand256(key, label::WRAP, &[&object, &self.id, &purpose, id])
    }
}

/// AES-256 key wrap of exactly 32 bytes. RFC 3394 2.2.1.
pub fn wrap(kek: &Key, key: &Key) -> [u8; WRAPPED] {
    KwAes256::new(kek.expose().into()).wrap_fixed_key::<U32>(key.expose().into()).into()
}

/// AES-256 key unwrap of exactly 32 bytes. RFC 3394 2.2.2.
///
/// # Errors
/// [`Error::NotAuthentic`]: the integrity check failed.
pub fn unwrap(kek: &Key, wrapped: &[u8; WRAPPED]) -> Result<Key> {
    let mut key = Key::zero();
    KwAes256::new(kek.expose().into())
        .unwrap_key(wrapped, key.expose_mut())
        .map_err(|_| Error::NotAuthentic)?;
    Ok(key)
}
