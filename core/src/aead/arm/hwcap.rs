//! Whether this processor has AES and PMULL, as far as a program without a runtime can know.
//!
//! The registers that say it can't be read by programs. Linux passes on what they hold; on other
//! systems, and without one, only what the compiler was told is known. A build that was told
//! `--cfg aes_backend="soft"`, the switch of crate aes, asks nobody: it shows on any Arm what one
//! without these instructions does.

/// Whether it has both.
pub fn has_aes_and_pmull() -> bool {
    !cfg!(aes_backend = "soft") && (cfg!(target_feature = "aes") || system_says_so())
}

/// AT_HWCAP, bits 3 and 4: linux/auxvec.h and asm/hwcap.h, which never change.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn system_says_so() -> bool {
    use core::ffi::c_ulong;
    const AT_HWCAP: c_ulong = 16;
    const AES_AND_PMULL: c_ulong = 1 << 3 | 1 << 4;
    unsafe extern "C" {
        fn getauxval(kind: c_ulong) -> c_ulong;
    }
    // SAFETY: the C library's, for any number.
    unsafe { getauxval(AT_HWCAP) & AES_AND_PMULL == AES_AND_PMULL }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn system_says_so() -> bool {
    false
}
