//! A context is the proof that the self-tests passed, and carries the engine that was chosen. Every
//! call takes one.

use crate::aead::Engine;
use crate::cpu::Cpu;
use crate::error::Result;
use crate::selftest;

/// Made once, before anything else; see [`Context::new`].
#[derive(Clone, Debug)]
pub struct Context {
    engine: Engine,
    cpu: Cpu,
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
        Context::with_engine(fault, Engine::detect())
    }

    /// As [`Context::new`], with an engine of the caller's choice, which is tested as well.
    ///
    /// # Errors
    /// As [`Context::new`].
    pub fn with_engine(fault: u32, engine: Engine) -> Result<Context> {
        selftest::run(fault)?;
        if engine.is_callers() {
            selftest::run_engine(engine)?;
        }
        Ok(Context { engine, cpu: Cpu::detect(), fault })
    }

    /// The test whose input is to be spoilt.
    pub(crate) fn fault(&self) -> u32 {
        self.fault
    }

    /// What the processor can do for checksums and hashes.
    pub(crate) fn cpu(&self) -> Cpu {
        self.cpu
    }

    /// The engine for AES-256-GCM.
    pub fn engine(&self) -> Engine {
        self.engine
    }
}
