//! Keys under keys: derive-then-wrap (FORMAT.md 2). The bare wrap is in `key_wrap`.
//!
//! A wrap has no nonce, so no random source can fail it. Its context is bound by derivation: a
//! wrapped key that is moved to another record, purpose or id does not unwrap.

use crate::derive::{expand256, label};
use crate::error::Result;
use crate::key_wrap::software;
use crate::object::ObjectType;
use crate::secret::Key;

pub use crate::key_wrap::WRAPPED;

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
        software::wrap(&self.wrapping_key(key, purpose, id), secret)
    }

    /// Unwraps what [`Scope::wrap`] made.
    ///
    /// # Errors
    /// [`NotAuthentic`](crate::error::Error::NotAuthentic): another key, scope, purpose or id, or
    /// altered bytes.
    pub fn unwrap(
        &self,
        key: &Key,
        purpose: Purpose,
        id: &[u8; 16],
        wrapped: &[u8; WRAPPED],
    ) -> Result<Key> {
        software::unwrap(&self.wrapping_key(key, purpose, id), wrapped)
    }

    fn wrapping_key(&self, key: &Key, purpose: Purpose, id: &[u8; 16]) -> Key {
        let (object, purpose) = ([self.object as u8], (purpose as u16).to_le_bytes());
        expand256(key, label::WRAP, &[&object, &self.id, &purpose, id])
    }
}
