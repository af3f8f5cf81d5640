//! Overlaps: no reference is made before they are refused.

use coffre_core::error::{Error, Result};

/// The memory that one call reads and writes, to refuse overlaps before any reference is made.
#[derive(Default)]
pub struct Spans {
    /// Address and size of each.
    spans: [(usize, usize); 12],
    count: usize,
    /// A bit for each that is written.
    written: usize,
}

impl Spans {
    /// Adds a buffer that is read.
    #[inline(always)]
    pub fn reads<T>(mut self, ptr: *const T, len: usize) -> Self {
        self.add(ptr.addr(), len.saturating_mul(size_of::<T>()), false);
        self
    }

    /// Adds a buffer that is written.
    #[inline(always)]
    pub fn writes<T>(mut self, ptr: *mut T, len: usize) -> Self {
        self.add(ptr.addr(), len.saturating_mul(size_of::<T>()), true);
        self
    }

    /// Adds memory that an object was lent, which the call writes.
    #[inline(always)]
    pub fn lent(mut self, lent: &Lent) -> Self {
        self.add(lent.start, lent.len, true);
        self
    }

    #[inline(never)]
    fn add(&mut self, start: usize, len: usize, written: bool) {
        if len == 0 || start == 0 {
            return;
        }
        // A call with more spans than there is room for is refused, in its first test already.
        if let Some(span) = self.spans.get_mut(self.count) {
            *span = (start, len);
            self.written |= usize::from(written) << self.count;
        }
        self.count += 1;
    }

    /// Whether one of them overlaps `ptr`.
    pub fn touch<T>(&self, ptr: *const T) -> bool {
        let other = (ptr.addr(), size_of::<T>());
        self.spans.iter().take(self.count).any(|span| overlap(*span, other))
    }

    /// Refuses if a written buffer overlaps another one.
    #[inline(never)]
    pub fn disjoint(&self) -> Result<()> {
        let spans = self.spans.get(..self.count).ok_or(Error::InvalidArgument)?;
        for (i, a) in spans.iter().enumerate() {
            for (j, b) in spans.iter().enumerate().take(i) {
                if self.written & (1 << i | 1 << j) != 0 && overlap(*a, *b) {
                    return Err(Error::Overlap);
                }
            }
        }
        Ok(())
    }
}

/// Whether two spans, each of an address and a size, have a byte in common.
fn overlap(a: (usize, usize), b: (usize, usize)) -> bool {
    a.0 < b.0.saturating_add(b.1) && b.0 < a.0.saturating_add(a.1)
}

/// Memory that was lent to an object for as long as it lives: part of every later call's spans.
pub struct Lent {
    start: usize,
    len: usize,
}

impl Lent {
    /// What a call that makes an object was lent.
    pub fn of(ptr: *const u8, len: usize) -> Self {
        Lent { start: ptr.addr(), len }
    }
}
