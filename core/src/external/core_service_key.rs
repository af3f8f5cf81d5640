//! A key in a key service.

use super::{KeyService, external_id};
use crate::error::{Error, Result};
use crate::limits;
use crate::object::Id;
use crate::text::Text;

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
