//! Engines for AES-256-GCM: those of the library, by name, and the caller's own.

use core::ffi::{c_char, c_void};

use coffre_core::aead::{CallerEngine, Engine, NONCE, TAG};
use coffre_core::error::{Error, Result};
use coffre_core::secret::Key;

use crate::raw;

/// The longest name of an engine, without its NUL.
const NAME_MAX: usize = 31;

/// Encrypts `len` bytes at `data` in place and writes the tag; AES-256-GCM with a 12-byte nonce and
/// no additional data (SP 800-38D). Returns 0, or anything else when it failed.
pub type coffre_engine_seal_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        key: *const u8,
        nonce: *const u8,
        data: *mut u8,
        len: usize,
        tag: *mut u8,
    ) -> i32,
>;

/// Decrypts `len` bytes at `data` in place. Returns 0 if the tag fits, COFFRE_ERR_NOT_AUTHENTIC if
/// it does not, and anything else when it failed; the library zeroes `data` unless it is 0.
pub type coffre_engine_open_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        key: *const u8,
        nonce: *const u8,
        data: *mut u8,
        len: usize,
        tag: *const u8,
    ) -> i32,
>;

/// An engine of the caller's, such as a chip's crypto unit; set it with `COFFRE_ENGINE_INIT`.
///
/// It gets the chunks of blocks and metadata of version 2, and their keys: `key` has 32 bytes,
/// `nonce` 12, `tag` 16, `len` is at most 16,384 and may be 0, where `data` may not be read.
/// Version 1, keys sealed to public keys, and key wrap stay the library's own. It is called from
/// each thread that uses the context, at once, and keeps nothing between calls.
/// coffre_context_init tests it with short messages, coffre_self_test with a whole chunk; when it
/// fails later, the call that needed it returns COFFRE_ERR_CALLBACK.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_engine {
    /// `sizeof(coffre_engine)`.
    pub size: u32,
    /// Reserved, zero.
    pub reserved: u32,
    /// Encrypts.
    pub seal: coffre_engine_seal_fn,
    /// Decrypts.
    pub open: coffre_engine_open_fn,
    /// Given to both.
    pub user: *mut c_void,
}

// SAFETY: the header demands functions that any thread may call.
unsafe impl Sync for coffre_engine {}

impl CallerEngine for coffre_engine {
    fn seal(&self, key: &Key, nonce: &[u8; NONCE], data: &mut [u8]) -> Result<[u8; TAG]> {
        let seal = self.seal.ok_or(Error::Callback)?;
        let (key, nonce, mut tag) = (key.expose().as_ptr(), nonce.as_ptr(), [0; TAG]);
        let (at, len) = (data.as_mut_ptr(), data.len());
        // SAFETY: the caller gave the function for this; the pointers have the header's sizes.
        match unsafe { seal(self.user, key, nonce, at, len, tag.as_mut_ptr()) } {
            0 => Ok(tag),
            _ => Err(Error::Callback),
        }
    }

    fn open(
        &self,
        key: &Key,
        nonce: &[u8; NONCE],
        data: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<bool> {
        const NOT_AUTHENTIC: i32 = Error::NotAuthentic.code();
        let open = self.open.ok_or(Error::Callback)?;
        let (key, nonce, tag) = (key.expose().as_ptr(), nonce.as_ptr(), tag.as_ptr());
        // SAFETY: as above.
        match unsafe { open(self.user, key, nonce, data.as_mut_ptr(), data.len(), tag) } {
            0 => Ok(true),
            NOT_AUTHENTIC => Ok(false),
            _ => Err(Error::Callback),
        }
    }
}

/// The engine of that name, or the fastest; with the caller's in front of it, if there is one.
///
/// # Safety
/// `name` is NULL or a C string. `caller` is NULL, or lives unchanged for as long as the result.
pub unsafe fn choose(name: *const c_char, caller: *const coffre_engine) -> Result<Engine> {
    let engine = if name.is_null() {
        Engine::detect()
    } else {
        // SAFETY: the caller's promise.
        let name = unsafe { raw::string(name, NAME_MAX) }.map_err(|_| Error::InvalidArgument)?;
        Engine::by_name_bytes(name).ok_or(Error::InvalidArgument)?
    };
    // SAFETY: the caller's promise.
    let Some(caller) = (unsafe { raw::optional(caller) })? else { return Ok(engine) };
    let whole = caller.size as usize == size_of::<coffre_engine>() && caller.reserved == 0;
    if !whole || caller.seal.is_none() || caller.open.is_none() {
        return Err(Error::InvalidArgument);
    }
    engine.with_caller(caller)
}

/// The name of engine `index`, from 0, of those that this processor runs, the fastest first;
/// static; NULL past the end.
///
/// "x86-vaes512", "x86-vaes256", "x86-aesni", "arm-aes"; then "portable", or "small" in builds
/// without fast-software. All give the same bytes. "portable" is constant-time where the
/// processor's multiplication is, "small" multiplies nothing.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_engine_name(index: usize) -> *const c_char {
    let engine = Engine::available().nth(index);
    engine.map_or(core::ptr::null(), |engine| engine.c_name().as_ptr())
}
