//! Keys in key services in a build without them: refused.

use core::convert::Infallible;
use core::marker::PhantomData;

use super::KeyService;
use crate::error::{Error, Result};
use crate::limits;
use crate::object::Id;
use crate::text::Text;

/// There is none.
#[derive(Clone)]
pub struct External<'k>(Infallible, PhantomData<&'k ()>);

#[allow(missing_docs)]
impl<'k> External<'k> {
    pub fn new(
        _: Text<{ limits::EXTERNAL_NAME }>,
        _: usize,
        _: &'k dyn KeyService,
    ) -> Result<Self> {
        Err(Error::NotBuilt)
    }

    pub fn name(&self) -> &[u8] {
        match self.0 {}
    }

    pub(crate) fn sealed_max(&self) -> usize {
        match self.0 {}
    }

    pub(crate) fn service(&self) -> &'k dyn KeyService {
        match self.0 {}
    }

    pub fn id(&self) -> Id {
        match self.0 {}
    }
}
