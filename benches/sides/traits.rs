//! What sides do, so that no measurement knows whom it measures.

#![allow(dead_code)] // each program uses a part

pub const TAG: usize = 16;
pub type KeyBytes = [u8; 32];
pub type Wrapped = [u8; 40];

/// AES-256-GCM in place, without additional data; a fresh key each time.
pub trait Aead {
    /// `message` is data, then room for a tag.
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]);
    /// Whether the tag fits.
    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool;
}

/// From one memory to another; a fresh key each time.
pub trait Apart {
    /// `sealed` has room for a tag.
    fn seal_apart(&mut self, key: &KeyBytes, plain: &[u8], sealed: &mut [u8]);
    /// Whether the tag fits.
    fn open_apart(&mut self, key: &KeyBytes, sealed: &[u8], plain: &mut [u8]) -> bool;
}

/// From plaintext to sealed block and back. Contexts and workspaces stay from block to block, a
/// fresh key comes for each from the operating system, and the memory for results exists already.
pub trait Pipeline {
    fn name(&self) -> &'static str;
    fn seal(&mut self, plain: &[u8], sealed: &mut Sealed);
    /// Writes all of `plain`.
    fn open(&mut self, sealed: &Sealed, plain: &mut [u8]);
}

/// Space for one block of any pipeline, and for the key that stands in its row of a database.
pub struct Sealed {
    pub bytes: Vec<u8>,
    pub len: usize,
    pub key: Wrapped,
}

impl Sealed {
    pub fn new(most: usize) -> Sealed {
        Sealed { bytes: vec![0; most], len: 0, key: [0; 40] }
    }
}

/// Keys that are under one key, put under another (RFC 3394): the rekey of version 1. The schedules
/// of both keys are made before.
pub trait Rekey {
    /// From row to row.
    fn rewrap(&mut self, rows: &[Wrapped], out: &mut [Wrapped]);
}

/// One key unwrapped, and wrapped under another; the schedules of both are made each time.
pub trait Pair {
    fn pair(&mut self, from: &KeyBytes, to: &KeyBytes, row: &Wrapped) -> Wrapped;
}
