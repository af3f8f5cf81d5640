//! What a no_std C library must bring along: a panic handler.

/// By design nothing reaches it; if something does, the processor's illegal instruction ends the
/// program.
#[panic_handler]
#[allow(clippy::never_loop)] // a processor without a trap below loops
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
