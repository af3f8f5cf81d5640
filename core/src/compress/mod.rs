//! Plaintext to one zstd frame and back, in the caller's workspace, within limits (FORMAT.md
//! 3.1.2).
//!
//! Read `frame.rs` for what a frame must look like, `regions.rs` for what is not compressed,
//! `zstd.rs` for the calls into libzstd, then `workspace.rs` for the memory in which its contexts
//! stay from call to call.

mod frame;
mod regions;
#[allow(unsafe_code)]
mod zstd;
#[allow(unsafe_code)]
mod workspace;

pub use frame::Frame;
pub use regions::incompressible;
pub use workspace::Workspace;
pub use zstd::{Compressor, Decompressor, Settings, bound, compress, decompress};
