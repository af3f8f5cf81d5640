//! The one place where pointers become references.
//!
//! What the caller promises (the header's conventions chapter): a non-NULL pointer is valid for its
//! stated length for the whole call, objects are not used by two threads at once unless `const`.
//! What is checked here: NULL, alignment, lengths that wrap, overlap, and whether an object is what
//! its type says.

use core::ffi::c_char;
use core::marker::PhantomData;
use core::mem::{MaybeUninit, align_of, size_of};

use coffre_core::error::{Error, Result};
use coffre_core::out::Out;
use zeroize::Zeroize;

use crate::c_status::{COFFRE_OK, coffre_status};

/// Runs a call's body and turns its result into a status.
pub fn status(body: impl FnOnce() -> Result<()>) -> coffre_status {
    match body() {
        Ok(()) => COFFRE_OK,
        Err(error) => error.code(),
    }
}

/// As [`status`], for calls that make, open, move or use keys: wipes the stack that the body used,
/// because a moved key leaves its bytes behind.
pub fn status_of_keys(body: impl FnOnce() -> Result<()>) -> coffre_status {
    let done = run(body);
    wipe_stack();
    done
}

#[inline(never)]
fn run(body: impl FnOnce() -> Result<()>) -> coffre_status {
    status(body)
}

/// How much of the stack below its caller a body is taken to use; tests/c/stack_residue.c holds it
/// where there is an operating system, docs/FOOTPRINT.md has what bodies use elsewhere.
const STACK: usize = if cfg!(feature = "os-random") {
    24 << 10
} else {
    let narrow = if cfg!(feature = "public-key") { 8192 } else { 4096 };
    // A little is the caller's, within tests/stack_bounds.txt.
    let wide = if cfg!(target_pointer_width = "64") { narrow + 4096 } else { narrow };
    wide - 256
};

#[inline(never)]
fn wipe_stack() {
    let mut area = [0u8; STACK];
    // The compiler has to believe that somebody reads the zeroes.
    core::hint::black_box(&mut area);
}

/// Whether `len` values at `ptr` can be: not NULL unless there are none, aligned, and not wrapping.
fn check<T>(ptr: *const T, len: usize) -> Result<()> {
    if len == 0 && ptr.is_null() {
        return Ok(());
    }
    let bytes = len.checked_mul(size_of::<T>()).ok_or(Error::InvalidArgument)?;
    let end = ptr.addr().checked_add(bytes);
    let fits = !ptr.is_null() && ptr.is_aligned() && end.is_some() && bytes <= isize::MAX as usize;
    if fits { Ok(()) } else { Err(Error::InvalidArgument) }
}

/// A buffer that the call reads.
///
/// # Safety
/// `ptr` is NULL, or readable for `len` bytes for as long as the result lives.
pub unsafe fn input<'a>(ptr: *const u8, len: usize) -> Result<&'a [u8]> {
    check(ptr, len)?;
    if len == 0 {
        return Ok(&[]);
    }
    // SAFETY: not NULL, not wrapping; the caller promises the rest.
    Ok(unsafe { core::slice::from_raw_parts(ptr, len) })
}

/// A buffer that the call writes; its contents may be uninitialised.
///
/// # Safety
/// `ptr` is NULL, or writable for `len` bytes, by nobody else, for as long as the result lives.
pub unsafe fn output<'a>(ptr: *mut u8, len: usize) -> Result<&'a mut [MaybeUninit<u8>]> {
    check(ptr, len)?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: as above; MaybeUninit needs no initialised memory.
    Ok(unsafe { core::slice::from_raw_parts_mut(ptr.cast(), len) })
}

/// A buffer that the call reads and writes over.
///
/// # Safety
/// `ptr` is NULL, or readable and writable for `len` bytes, by nobody else, for as long as the
/// result lives.
#[cfg(feature = "hazmat")]
pub unsafe fn in_place<'a>(ptr: *mut u8, len: usize) -> Result<&'a mut [u8]> {
    check(ptr, len)?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: not NULL, not wrapping; the caller promises the rest.
    Ok(unsafe { core::slice::from_raw_parts_mut(ptr, len) })
}

/// An array of plain structures that the call writes.
///
/// # Safety
/// As [`output`], for `len` structures.
pub unsafe fn outputs<'a, T: Copy>(ptr: *mut T, len: usize) -> Result<&'a mut [MaybeUninit<T>]> {
    check(ptr, len)?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: as above.
    Ok(unsafe { core::slice::from_raw_parts_mut(ptr.cast(), len) })
}

/// A fixed array that the call reads.
///
/// # Safety
/// As [`input`], for `N` bytes.
pub unsafe fn array<'a, const N: usize>(ptr: *const u8) -> Result<&'a [u8; N]> {
    // SAFETY: the caller's promise.
    unsafe { input(ptr, N) }?.first_chunk().ok_or(Error::InvalidArgument)
}

/// A plain structure that the call reads.
///
/// # Safety
/// `ptr` is NULL, or points to a live `T` for as long as the result lives.
pub unsafe fn structure<'a, T: Copy>(ptr: *const T) -> Result<&'a T> {
    check(ptr, 1)?;
    // SAFETY: not NULL, aligned; the caller promises the rest.
    Ok(unsafe { &*ptr })
}

/// A plain structure that may be left out.
///
/// # Safety
/// As [`structure`].
pub unsafe fn optional<'a, T: Copy>(ptr: *const T) -> Result<Option<&'a T>> {
    if ptr.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { structure(ptr) }.map(Some)
}

/// The bytes of a C string before its NUL, of which there are at most `max`.
///
/// # Errors
/// [`Error::InvalidArgument`]: NULL. [`Error::TooLarge`]: longer.
///
/// # Safety
/// `ptr` is NULL, or readable up to a NUL or for `max + 1` bytes for as long as the result lives.
pub unsafe fn string<'a>(ptr: *const c_char, max: usize) -> Result<&'a [u8]> {
    let ptr: *const u8 = ptr.cast();
    check(ptr, 1)?;
    for len in 0..=max {
        // SAFETY: the caller's promise: no NUL stands before this byte.
        if unsafe { ptr.add(len).read() } == 0 {
            // SAFETY: as above, for all bytes before it.
            return unsafe { input(ptr, len) };
        }
    }
    Err(Error::TooLarge)
}

/// Writes a plain result; what was there is not read.
///
/// # Safety
/// `ptr` is NULL, or writable for a `T`.
pub unsafe fn store<T: Copy>(ptr: *mut T, value: T) -> Result<()> {
    check(ptr, 1)?;
    // SAFETY: not NULL, aligned; the caller promises the rest.
    unsafe { ptr.write(value) };
    Ok(())
}

/// Writes a fixed array.
///
/// # Safety
/// As [`store`], for `N` bytes.
pub unsafe fn store_array<const N: usize>(ptr: *mut u8, value: [u8; N]) -> Result<()> {
    // SAFETY: the caller's promise; an array of bytes needs no alignment.
    unsafe { store(ptr.cast(), value) }
}

/// Whether `ptr` can take a result that may be left out; asked before there is one.
pub fn optional_output<T>(ptr: *mut T) -> Result<()> {
    if ptr.is_null() { Ok(()) } else { check(ptr, 1) }
}

/// Runs `body` on the output triplet of the conventions chapter, and keeps its promises about
/// overlaps and `*out_len`. `spans` is what else the call reads and writes.
///
/// # Safety
/// `out` and `out_len` as [`output`] and [`store`] demand.
pub unsafe fn fill(
    spans: Spans,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
    body: impl FnOnce(&mut Out) -> Result<()>,
) -> Result<()> {
    let spans = spans.writes(out, out_cap);
    if spans.touch(out_len) {
        return Err(Error::Overlap);
    }
    // SAFETY: the caller's promise, here and below.
    unsafe { store(out_len, 0) }?;
    spans.disjoint()?;
    let mut result = Out::uninit(unsafe { output(out, out_cap) }?);
    let done = body(&mut result);
    let len = match done {
        Ok(()) => result.len(),
        Err(Error::BufferTooSmall) => result.needed(),
        Err(_) => 0,
    };
    unsafe { store(out_len, len) }?;
    done
}

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

/// A Rust value that lives in a C object, and how the object is laid out.
///
/// # Safety
/// The implementing type is `repr(C)`, starts with a u64, and consists of u64s only.
pub unsafe trait Opaque: Sized {
    /// The value.
    type Inner;
    /// Marks a live object of this type.
    const TAG: u64;
    /// Whether the object may not move: its value needs an alignment that C does not give it, or
    /// points into lent memory.
    const PINNED: bool;
}

/// Where the value lies in an object, and what its first word must be.
struct Place<O: Opaque> {
    inner: *mut O::Inner,
    tag: u64,
    object: PhantomData<O>,
}

impl<O: Opaque> Place<O> {
    const SLACK: usize = align_of::<O::Inner>().saturating_sub(align_of::<u64>());
    const FITS: () = assert!(
        size_of::<u64>() + Self::SLACK + size_of::<O::Inner>() <= size_of::<O>()
            && (O::PINNED || Self::SLACK == 0)
    );

    fn of(object: *mut O) -> Result<Self> {
        let () = Self::FITS;
        check(object, 1)?;
        let after_tag = object.cast::<u8>().wrapping_add(size_of::<u64>());
        let padding = after_tag.addr().wrapping_neg() % align_of::<O::Inner>();
        let inner = after_tag.wrapping_add(padding).cast();
        let address = if O::PINNED { object.addr() as u64 } else { 0 };
        Ok(Place { inner, tag: O::TAG ^ address, object: PhantomData })
    }

    /// # Safety
    /// `object` is readable.
    unsafe fn is_live(&self, object: *const O) -> bool {
        // SAFETY: an `O` starts with a u64.
        unsafe { object.cast::<u64>().read() == self.tag }
    }
}

/// Makes `object` live with what `make` returns; if it fails the object is zeroed, and no call will
/// take it.
///
/// # Safety
/// `object` is NULL, or writable, by nobody else.
pub unsafe fn create<O: Opaque>(
    object: *mut O,
    make: impl FnOnce() -> Result<O::Inner>,
) -> Result<()> {
    let place = Place::of(object)?;
    // SAFETY: not NULL, aligned; an `O` consists of u64s, so zeroes are a value of it; `place` has
    // room for the value.
    unsafe {
        object.write_bytes(0, 1);
        place.inner.write(make()?);
        object.cast::<u64>().write(place.tag);
    }
    Ok(())
}

/// As [`create`], for values that are too large to be moved about: `fill` finishes a blank one
/// where it stays.
///
/// # Safety
/// As [`create`].
pub unsafe fn create_in_place<O: Opaque>(
    object: *mut O,
    blank: fn() -> O::Inner,
    fill: impl FnOnce(&mut O::Inner) -> Result<()>,
) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe {
        create_blank(object, blank)?;
        let filled = get_mut(object).and_then(fill);
        filled.inspect_err(|_| wipe(object))
    }
}

/// Apart, for the stack that moving takes.
///
/// # Safety
/// As [`create`].
#[inline(never)]
unsafe fn create_blank<O: Opaque>(object: *mut O, blank: fn() -> O::Inner) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe { create(object, || Ok(blank())) }
}

/// The value of a live object.
///
/// # Safety
/// `object` is NULL, or readable for as long as the result lives, and written by nobody.
pub unsafe fn get<'a, O: Opaque>(object: *const O) -> Result<&'a O::Inner> {
    let place = Place::of(object.cast_mut())?;
    // SAFETY: a live tag says that `create` wrote a value here; the caller promises that nobody
    // writes.
    unsafe { if place.is_live(object) { Ok(&*place.inner) } else { Err(Error::BadState) } }
}

/// The value of a live object that may be left out.
///
/// # Safety
/// As [`get`].
pub unsafe fn get_optional<'a, O: Opaque>(object: *const O) -> Result<Option<&'a O::Inner>> {
    if object.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { get(object) }.map(Some)
}

/// The value of a live object, to be changed.
///
/// # Safety
/// `object` is NULL, or readable and writable, by nobody else, for as long as the result lives.
pub unsafe fn get_mut<'a, O: Opaque>(object: *mut O) -> Result<&'a mut O::Inner> {
    let place = Place::of(object)?;
    // SAFETY: as in `get`; the caller promises exclusive use.
    unsafe { if place.is_live(object) { Ok(&mut *place.inner) } else { Err(Error::BadState) } }
}

/// Ends an object, live or not: drops its value and zeroes its memory. NULL is fine.
///
/// # Safety
/// `object` is NULL, or readable and writable, by nobody else.
pub unsafe fn wipe<O: Opaque>(object: *mut O) {
    let Ok(place) = Place::of(object) else { return };
    // SAFETY: as in `get_mut`; afterwards the tag is gone, so that the value is dropped once.
    unsafe {
        if place.is_live(object) {
            place.inner.drop_in_place();
        }
        let memory = object.cast::<MaybeUninit<u8>>();
        core::slice::from_raw_parts_mut(memory, size_of::<O>()).zeroize();
    }
}

/// Says which Rust value a C object holds. The structure itself is written out beside it, because
/// cbindgen does not see into macros.
macro_rules! opaque {
    ($name:ident, $inner:ty, $tag:literal, pinned: $pinned:literal) => {
        // SAFETY: repr(C), u64s only.
        unsafe impl crate::raw::Opaque for $name {
            type Inner = $inner;
            const TAG: u64 = u64::from_le_bytes(*$tag);
            const PINNED: bool = $pinned;
        }
    };
}
pub(crate) use opaque;
