//! Plaintext to one zstd frame and back, in the caller's workspace, within limits (FORMAT.md
//! 3.1.2).
//!
//! Read `frame.rs` for what a frame must look like, `regions.rs` for what is not compressed,
//! `zstd.rs` for the calls into libzstd, then `workspace.rs` for the memory in which its contexts
//! stay from call to call.

mod settings;
mod frame;
#[cfg(feature = "zstd")]
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

#[cfg(not(feature = "zstd"))]
pub use compression::incompressible;
pub use compression::{Compressor, bound, compress};
pub use decompression::{Decompressor, decompress};
pub use frame::Frame;
#[cfg(feature = "zstd")]
pub use regions::incompressible;
pub use settings::Settings;
pub use workspace::Workspace;
