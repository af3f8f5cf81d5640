//! The context: self-tests, engine, random source.

use core::ffi::{c_char, c_void};

use coffre_core::context::Context;
use coffre_core::error::{Error, Result};
use coffre_core::random::{Random, RandomSource};
use coffre_core::{selftest, selftest_memory};

use crate::c_engine::{self, coffre_engine};
use crate::c_status::coffre_status;
use crate::raw::{self, opaque};

/// Fills `out` with `len` uniformly random bytes and returns 0, or returns anything else when it
/// cannot fill all of it.
///
/// Called from within calls that take a non-const context, in the caller's thread, with `len` 32.
/// It may not re-enter the library with that context, longjmp or throw.
pub type coffre_random_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, out: *mut u8, len: usize) -> i32>;

/// How to make a context; set it with `COFFRE_CONTEXT_OPTIONS_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct coffre_context_options {
    /// `sizeof(coffre_context_options)`.
    pub size: u32,
    /// 0; or n, to spoil self-test n (from 1) and see how the product handles a failure: all up to
    /// coffre_self_test_count run in coffre_context_init or in coffre_self_test.
    pub self_test_fault: u32,
    /// The random source. NULL: the operating system's in hosted builds, none elsewhere, which
    /// leaves a context that opens but does not seal.
    pub random: coffre_random_fn,
    /// Given to `random` with each call.
    pub random_user: *mut c_void,
    /// The engine for AES-256-GCM and key wrap, by a name that coffre_engine_name gives. NULL: the
    /// fastest. Read during the call alone.
    pub engine: *const c_char,
    /// The caller's own engine for the chunks of version 2. NULL: none. It lives, and is not
    /// changed, for as long as the context and every coffre_block_reader that was begun with it.
    pub caller_engine: *const coffre_engine,
}

impl Default for coffre_context_options {
    fn default() -> Self {
        coffre_context_options {
            size: size_of::<Self>() as u32,
            self_test_fault: 0,
            random: None,
            random_user: core::ptr::null_mut(),
            engine: core::ptr::null(),
            caller_engine: core::ptr::null(),
        }
    }
}

/// The caller's random source, or the operating system's.
pub struct Source {
    random: coffre_random_fn,
    user: *mut c_void,
}

impl RandomSource for Source {
    fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        let Some(random) = self.random else { return os_random(out) };
        // SAFETY: the caller gave the function for this; `out` is writable for its length.
        match unsafe { random(self.user, out.as_mut_ptr(), out.len()) } {
            0 => Ok(()),
            _ => Err(Error::Random),
        }
    }
}

#[cfg(feature = "os-random")]
fn os_random(out: &mut [u8]) -> Result<()> {
    getrandom::fill(out).map_err(|_| Error::Random)
}

#[cfg(not(feature = "os-random"))]
fn os_random(_: &mut [u8]) -> Result<()> {
    Err(Error::Random)
}

/// What a context holds.
pub struct State {
    /// Proof of the self-tests, and the engine.
    pub context: Context,
    /// The source, under watch.
    pub random: Random<Source>,
}

/// Proof that the self-tests passed, the engine that was chosen, and the random source. Every
/// call takes one.
///
/// Caller-owned; may be moved. Calls that draw random bytes take it non-const: give each thread
/// its own.
#[repr(C)]
pub struct coffre_context {
    opaque: [u64; 64],
}
opaque!(coffre_context, State, b"coffrctx", pinned: false);

/// Makes a context: runs every self-test, chooses the engine, takes the random source.
///
/// @param context  written; zeroed on an error, and then refused by every call.
/// @param options  NULL for the defaults.
/// @retval COFFRE_OK                    the context may be used.
/// @retval COFFRE_ERR_INVALID_ARGUMENT  NULL context, an options size that this library does not
///         know, an engine that this processor does not run, or an incomplete caller's engine.
/// @retval COFFRE_ERR_SELF_TEST         a primitive gave a wrong answer, or the caller's engine did
///         or failed: do not use this machine, or not this engine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_context_init(
    context: *mut coffre_context,
    options: *const coffre_context_options,
) -> coffre_status {
    raw::status(move || {
        raw::Spans::default().writes(context, 1).reads(options, 1).disjoint()?;
        // SAFETY: the caller's contract, as in every function of this crate (`raw`).
        unsafe {
            raw::create(context, || {
                let options = match raw::optional(options)? {
                    Some(given) if given.size as usize != size_of::<coffre_context_options>() => {
                        return Err(Error::InvalidArgument);
                    }
                    Some(given) => *given,
                    None => coffre_context_options::default(),
                };
                let engine = c_engine::choose(options.engine, options.caller_engine)?;
                if options.self_test_fault as usize > coffre_self_test_count() {
                    return Err(Error::SelfTest);
                }
                let context = Context::with_engine(options.self_test_fault, engine)?;
                let source = Source { random: options.random, user: options.random_user };
                Ok(State { context, random: Random::new(source) })
            })
        }
    })
}

/// The name of the engine that a context uses; static; "caller" for the caller's own. NULL if
/// `context` is not one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_context_engine(context: *const coffre_context) -> *const c_char {
    // SAFETY: the caller's contract.
    let state = unsafe { raw::get(context) };
    state.map_or(core::ptr::null(), |state| state.context.engine().c_name().as_ptr())
}

/// Ends a context and zeroes its memory. NULL and a zeroed object are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_context_wipe(context: *mut coffre_context) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(context) }
}

/// Draws random bytes for the caller's own ids, from the tested source.
///
/// @param context  exclusive.
/// @param out      `len` bytes; unchanged or zeroed on an error.
/// @retval COFFRE_ERR_RANDOM           the source failed, is missing, or gave constant bytes.
/// @retval COFFRE_ERR_RANDOM_REPEATED  the source gave the same bytes as in its last draw.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_random_bytes(
    context: *mut coffre_context,
    out: *mut u8,
    len: usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        raw::Spans::default().writes(context, 1).writes(out, len).disjoint()?;
        // SAFETY: the caller's contract.
        let (state, out) = unsafe { (raw::get_mut(context)?, raw::output(out, len)?) };
        let mut result = coffre_core::out::Out::uninit(out);
        for start in (0..len).step_by(32) {
            let drawn = state.random.key(&[b"coffre_random_bytes"]);
            match drawn {
                Ok(bytes) => result.push(&bytes.expose()[..(len - start).min(32)])?,
                Err(error) => {
                    result.truncate(0);
                    return Err(error);
                }
            };
        }
        Ok(())
    })
}

/// Runs the self-tests that need memory: zstd both ways, Argon2id, a whole chunk by the context's
/// engine. Call it once at boot, after coffre_context_init has run all others.
///
/// @param context    exclusive; zeroed when a test fails, and then refused by every call.
/// @param workspace  coffre_self_test_workspace() bytes; their contents are lost.
/// @retval COFFRE_ERR_SELF_TEST  a primitive gave a wrong answer: do not use this machine.
/// @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_self_test(
    context: *mut coffre_context,
    workspace: *mut u8,
    workspace_len: usize,
) -> coffre_status {
    let done = raw::status(move || {
        let spans = raw::Spans::default().writes(context, 1);
        spans.writes(workspace, workspace_len).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let context = &raw::get(context.cast_const())?.context;
            selftest_memory::run(context, raw::output(workspace, workspace_len)?)
        }
    });
    if done == Error::SelfTest.code() {
        // SAFETY: the caller's contract.
        unsafe { raw::wipe(context) };
    }
    done
}

/// The workspace that coffre_self_test needs, in bytes of any alignment.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_self_test_workspace() -> usize {
    selftest_memory::workspace()
}

/// How many self-tests there are: those of coffre_context_init, then those of coffre_self_test.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_self_test_count() -> usize {
    selftest::COUNT + selftest_memory::COUNT
}

/// The name of self-test `index`, from 0; static; NULL past the end.
#[unsafe(no_mangle)]
pub extern "C" fn coffre_self_test_name(index: usize) -> *const c_char {
    let name = selftest::name(index)
        .or_else(|| selftest_memory::name(index.checked_sub(selftest::COUNT)?));
    name.map_or(core::ptr::null(), |name| name.as_ptr())
}
