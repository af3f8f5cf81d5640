//! A context is the proof that the self-tests passed, and carries the engine that was chosen. Every
//! call takes one.

use crate::aead::Engine;
use crate::error::Result;
use crate::selftest;

/// Made once, before anything else; see [`Context::new`].
#[derive(Clone, Debug)]
pub struct Context {
    engine: Engine,
    fault: u32,
}

impl Context {
    /// Runs the known-answer self-tests on every engine, and chooses the fastest one.
    ///
    /// `fault` is 0; the number of a test (from 1; those of `selftest_memory` follow) breaks that
    /// test's input, to try how a product handles a failure.
    ///
    /// # Errors
    /// [`Error::SelfTest`](crate::error::Error::SelfTest): a primitive gave a wrong answer. There
    /// is no context then, and so nothing can be called.
    pub fn new(fault: u32) -> Result<Context> {
        selftest::run(fault)?;
        Ok(Context { engine: Engine::detect(), fault })
    }

    /// The test whose input is to be spoilt.
    pub(crate) fn fault(&self) -> u32 {
        self.fault
    }

    /// The engine for AES-256-GCM.
    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }
}
