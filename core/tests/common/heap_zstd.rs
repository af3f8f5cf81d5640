//! libzstd as other programs use it, with a heap: ours is built without one (.cargo/config.toml),
//! so its contexts are told where memory comes from.
//!
//! Benches and examples take this file too.

#![allow(dead_code)]

use std::ffi::c_void;

pub use zstd_safe::zstd_sys::ZSTD_cParameter as Parameter;
use zstd_safe::zstd_sys::{self as sys, ZSTD_customMem};

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
}

/// # Safety
/// None is asked for.
unsafe extern "C" fn allocate(_: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: of any size.
    unsafe { malloc(size) }
}

/// # Safety
/// `memory` is from `allocate`.
unsafe extern "C" fn release(_: *mut c_void, memory: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { free(memory) }
}

fn heap() -> ZSTD_customMem {
    ZSTD_customMem {
        customAlloc: Some(allocate),
        customFree: Some(release),
        opaque: std::ptr::null_mut(),
    }
}

fn checked(result: usize) -> Option<usize> {
    // SAFETY: only computes.
    (unsafe { sys::ZSTD_isError(result) } == 0).then_some(result)
}

/// ZSTD_CCtx.
pub struct Compressor(*mut sys::ZSTD_CCtx);

impl Compressor {
    pub fn new(level: i32) -> Self {
        // SAFETY: both functions of the heap fit each other.
        let context = unsafe { sys::ZSTD_createCCtx_advanced(heap()) };
        assert!(!context.is_null());
        let mut compressor = Compressor(context);
        compressor.set(Parameter::ZSTD_c_compressionLevel, level);
        compressor
    }

    pub fn set(&mut self, parameter: Parameter, value: i32) {
        // SAFETY: a live context.
        let set = unsafe { sys::ZSTD_CCtx_setParameter(self.0, parameter, value) };
        assert!(checked(set).is_some());
    }

    /// The length of the frame, if it fits.
    pub fn compress(&mut self, frame: &mut [u8], plain: &[u8]) -> Option<usize> {
        let (to, from) = (frame.as_mut_ptr().cast(), plain.as_ptr().cast());
        // SAFETY: a live context and two live slices.
        checked(unsafe { sys::ZSTD_compress2(self.0, to, frame.len(), from, plain.len()) })
    }
}

impl Drop for Compressor {
    fn drop(&mut self) {
        // SAFETY: created here, freed once.
        unsafe { sys::ZSTD_freeCCtx(self.0) };
    }
}

/// ZSTD_DCtx.
pub struct Decompressor(*mut sys::ZSTD_DCtx);

impl Decompressor {
    pub fn new() -> Self {
        // SAFETY: both functions of the heap fit each other.
        let context = unsafe { sys::ZSTD_createDCtx_advanced(heap()) };
        assert!(!context.is_null());
        Decompressor(context)
    }

    /// The length of the content, if the frame is good and it fits.
    pub fn decompress(&mut self, plain: &mut [u8], frame: &[u8]) -> Option<usize> {
        let (to, from) = (plain.as_mut_ptr().cast(), frame.as_ptr().cast());
        // SAFETY: a live context and two live slices.
        checked(unsafe { sys::ZSTD_decompressDCtx(self.0, to, plain.len(), from, frame.len()) })
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: created here, freed once.
        unsafe { sys::ZSTD_freeDCtx(self.0) };
    }
}
