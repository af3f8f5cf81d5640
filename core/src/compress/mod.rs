//! Plaintext to one zstd frame and back, in the caller's workspace, within limits (FORMAT.md
//! 3.1.2).
//!
//! Read `frame.rs` for what a frame must look like, `regions.rs` for what is not compressed,
//! `zstd.rs` for the calls into libzstd, then `workspace.rs` for the memory in which its contexts
//! stay from call to call.

mod settings;
mod frame;
#[cfg(all(feature = "zstd", feature = "fast-software"))]
mod regions;
mod lent;
#[cfg(feature = "zstd-decompress")]
#[allow(unsafe_code)]
mod zstd;
#[cfg_attr(feature = "zstd", path = "zstd_compress.rs")]
#[cfg_attr(not(feature = "zstd"), path = "no_compress.rs")]
mod compression;
#[cfg_attr(feature = "zstd-decompress", path = "zstd_decompress.rs")]
#[cfg_attr(not(feature = "zstd-decompress"), path = "no_decompress.rs")]
mod decompression;
#[allow(unsafe_code)]
mod workspace;

pub use compression::{Compressor, bound, compress};
pub use decompression::{Decompressor, Pieces, decompress};
pub use frame::Frame;
#[cfg(all(feature = "zstd", feature = "fast-software"))]
pub use regions::incompressible;
pub use settings::Settings;
pub use workspace::Workspace;

/// Whether samples say that `plain` does not compress. They take 9 KiB of stack and a few KB of
/// code to save time: where software is made for size all is tried.
#[cfg(not(all(feature = "zstd", feature = "fast-software")))]
pub fn incompressible(_plain: &[u8], _level: i32) -> bool {
    false
}
