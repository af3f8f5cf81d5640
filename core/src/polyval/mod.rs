//! POLYVAL (RFC 8452 3): a universal hash, secret under a secret key.
//!
//! Read `clmul_kernel.rs` for how it is done, then `clmul_x86.rs` for the vectors. Where these do
//! not work, crate polyval does, or `bitwise.rs`, which is made for size.

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod clmul_kernel;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[allow(unsafe_code)]
mod clmul_x86;
#[cfg(not(feature = "fast-software"))]
mod bitwise;

use crate::cpu::Cpu;

#[cfg(not(feature = "fast-software"))]
pub(crate) use bitwise::multiply;
#[cfg(not(feature = "fast-software"))]
use bitwise::of as by_software;

/// POLYVAL of `bytes`, zero-padded to whole blocks, with the instructions of `cpu`.
pub fn of(cpu: Cpu, key: &[u8; 16], bytes: &[u8]) -> [u8; 16] {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if let Some(hash) = clmul_x86::hash(cpu) {
        return hash(key, bytes);
    }
    let _ = cpu;
    by_software(key, bytes)
}

#[cfg(feature = "fast-software")]
fn by_software(key: &[u8; 16], bytes: &[u8]) -> [u8; 16] {
    use polyval::Polyval;
    use polyval::universal_hash::UniversalHash;

    let mut hash = Polyval::new(key.into());
    hash.update_padded(bytes);
    hash.finalize().into()
}
