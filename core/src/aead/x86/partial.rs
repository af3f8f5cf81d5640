//! Part of a vector, for engines without masked moves.

/// Up to `N` bytes, then zeros. `N` is at most 31, or `len` less than 32.
///
/// # Safety
/// `len` readable bytes.
#[inline(always)]
pub unsafe fn read<const N: usize>(at: *const u8, len: usize) -> [u8; N] {
    let mut bytes = [0; N];
    // SAFETY: the caller's promise; no more than the array has.
    unsafe { copy(at, bytes.as_mut_ptr(), len.min(N)) };
    bytes
}

/// Writes the first `len` of `bytes`, and returns them with zeros behind.
///
/// # Safety
/// `len` writable bytes, less than 32.
#[inline(always)]
pub unsafe fn write<const N: usize>(at: *mut u8, len: usize, bytes: &[u8; N]) -> [u8; N] {
    // SAFETY: the caller's promise; no more than the array has.
    unsafe {
        copy(bytes.as_ptr(), at, len.min(N));
        read(at, len)
    }
}

/// Copies `len` bytes, less than 32, without a call: around one, the optimiser would keep sums of
/// GHASH on the stack.
///
/// # Safety
/// `len` bytes in both places, which don't overlap.
#[inline(always)]
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    let mut done = 0;
    macro_rules! piece {
        ($size:literal) => {
            if len & $size != 0 {
                // SAFETY: below: the pieces add up to `len`.
                let piece = unsafe { from.add(done).cast::<[u8; $size]>().read() };
                unsafe { to.add(done).cast::<[u8; $size]>().write(piece) };
                done += $size;
            }
        };
    }
    piece!(16);
    piece!(8);
    piece!(4);
    piece!(2);
    piece!(1);
    let _ = done;
}
