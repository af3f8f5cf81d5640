//! The AES engines that this processor runs, by number.

use core::ffi::c_char;

use coffre_core::aead::Engine;
use coffre_core::error::{Error, Result};

use crate::c_status::coffre_status;
use crate::raw;

/// How many engines this processor runs. They are numbered from 0, the fastest first; -1 is the one
/// that the library chooses by itself.
///
/// @param count  written.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_engines(count: *mut usize) -> coffre_status {
    // SAFETY: the caller's contract.
    raw::status(|| unsafe { raw::store(count, Engine::available().count()) })
}

/// The name of engine i, such as "x86-vaes512" or "portable"; static. NULL when there is none of
/// that number.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_hazmat_engine_name(i: usize) -> *const c_char {
    let engine = Engine::available().nth(i);
    engine.map_or(core::ptr::null(), |engine| engine.c_name().as_ptr())
}

/// The engine of a call's first argument.
///
/// # Errors
/// [`Error::InvalidArgument`]: none of that number.
pub(super) fn engine_of(number: i32) -> Result<Engine> {
    if number == -1 {
        return Ok(Engine::detect());
    }
    let place = usize::try_from(number).map_err(|_| Error::InvalidArgument)?;
    Engine::available().nth(place).ok_or(Error::InvalidArgument)
}
