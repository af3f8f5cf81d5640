//! What a no_std C library must bring along: a panic handler, and one symbol that not every C
//! library has.

use core::ffi::{c_int, c_void};

unsafe extern "C" {
    fn memcmp(a: *const c_void, b: *const c_void, len: usize) -> c_int;
}

/// By design nothing reaches it; if something does, the processor's illegal instruction ends the
/// program.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        // SAFETY: traps.
        unsafe {
            core::arch::asm!("ud2", options(noreturn, nomem, nostack));
        }
        #[cfg(target_arch = "aarch64")]
        // SAFETY: traps.
        unsafe {
            core::arch::asm!("udf #0", options(noreturn, nomem, nostack));
        }
        #[cfg(target_arch = "arm")]
        // SAFETY: traps.
        unsafe {
            core::arch::asm!("udf #0", options(noreturn, nomem, nostack));
        }
        #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
        // SAFETY: traps.
        unsafe {
            core::arch::asm!("unimp", options(noreturn, nomem, nostack));
        }
    }
}

/// The compiler calls it where `memcmp` is only compared with 0. It is local to the library's one
/// object.
///
/// # Safety
/// As C's memcmp.
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(a: *const c_void, b: *const c_void, len: usize) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { memcmp(a, b, len) }
}
