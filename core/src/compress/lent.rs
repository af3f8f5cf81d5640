//! Where in lent memory a context of libzstd may stand.

/// What libzstd demands of its memory's start.
pub(super) const ALIGNMENT: usize = 8;

/// The part of lent memory that starts at an address libzstd accepts.
pub(super) fn aligned(start: *mut u8, len: usize) -> (*mut u8, usize) {
    let skipped = start.align_offset(ALIGNMENT).min(len);
    (start.wrapping_add(skipped), len - skipped)
}
