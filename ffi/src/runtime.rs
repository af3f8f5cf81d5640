//! What a no_std C library must bring along: a panic handler.

/// In the build that tests/panic_free.sh looks at, panics end in a symbol that nobody defines: what
/// links without it can't reach one. It is told the place, so that the compiler keeps the places.
#[cfg(feature = "panic-probe")]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    unsafe extern "C" {
        fn coffre_panic_is_reachable(place: *const core::ffi::c_void) -> !;
    }
    let place = info.location().map_or(core::ptr::null(), core::ptr::from_ref);
    // SAFETY: a program with a call of it can't be linked.
    unsafe { coffre_panic_is_reachable(place.cast()) }
}

/// By design nothing reaches it; if something does, the processor's illegal instruction ends the
/// program.
#[cfg(not(feature = "panic-probe"))]
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
