//! Those who are measured: Coffre, and its peers.
//!
//! `traits` says what each of them does; every call into Coffre stands in `coffre_side`.

#![allow(dead_code)] // each program uses a part

mod traits;
pub mod aead_peers;
pub mod backy2_side;
pub mod coffre_side;
pub mod keywrap_peers;
pub mod rustcrypto_side;
#[path = "../../core/tests/common/heap_zstd.rs"]
mod heap_zstd;
pub mod zstd_openssl;

pub use traits::*;

/// Version 2 and version 1 with the library's own choice of engine, and zstd with OpenSSL.
pub fn pipelines(plain_len: usize) -> [Box<dyn Pipeline>; 3] {
    let engine = coffre_side::default_engine();
    [
        Box::new(coffre_side::Version2::new(engine, plain_len)),
        Box::new(coffre_side::Version1::new(engine, plain_len)),
        Box::new(zstd_openssl::ZstdOpenSsl::new(plain_len)),
    ]
}

/// Space for a block of `plain_len` bytes by any of [`pipelines`].
pub fn sealed_for(plain_len: usize) -> Sealed {
    Sealed::new(coffre_side::sealed_max(plain_len))
}
