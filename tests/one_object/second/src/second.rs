//! Somebody else's Rust library: no_std, with a panic handler of its own, and with pieces of Rust's
//! core library that Coffre has too.

#![no_std]

/// Tells a number in decimal, and how many digits it has; 0 if they don't fit.
///
/// # Safety
/// `out` is valid for `cap` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn second_decimal(number: u64, out: *mut u8, cap: usize) -> usize {
    struct Text<'a>(&'a mut [u8], usize);
    impl core::fmt::Write for Text<'_> {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            let end = self.1 + text.len();
            self.0.get_mut(self.1..end).ok_or(core::fmt::Error)?.copy_from_slice(text.as_bytes());
            self.1 = end;
            Ok(())
        }
    }
    // SAFETY: our caller's promise.
    let mut text = Text(unsafe { core::slice::from_raw_parts_mut(out, cap) }, 0);
    match core::fmt::write(&mut text, format_args!("{number}")) {
        Ok(()) => text.1,
        Err(_) => 0,
    }
}

/// Divides; what a division by zero would do is reach the panic handler.
#[unsafe(no_mangle)]
pub extern "C" fn second_divide(a: u64, b: u64) -> u64 {
    a / b
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}
