//! Plaintext to one zstd frame and back, in the caller's workspace, within limits (FORMAT.md
//! 3.1.2).
//!
//! Read `frame.rs` for what a frame must look like, then `zstd.rs` for the calls into libzstd.

mod frame;
#[allow(unsafe_code)]
mod zstd;

pub use frame::Frame;
pub use zstd::{Decompressor, Settings, bound, compress, decompress, decompress_workspace};
