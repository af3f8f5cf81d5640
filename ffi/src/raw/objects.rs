//! Objects: Rust values in the caller's memory.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use coffre_core::error::{Error, Result};
use zeroize::Zeroize;

use super::buffers::check;

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
