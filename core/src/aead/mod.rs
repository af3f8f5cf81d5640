//! AES-256-GCM (SP 800-38D) behind one small type. Engines differ in speed alone.
//!
//! An [`Engine`] is chosen once, when the context is made. A [`GcmKey`] is a key made ready for it.
//! Limits that callers keep: a message has at most 2^36 - 32 bytes, and a pair of key and nonce
//! seals one message (SP 800-38D 5.2.1.1, 8).

#[allow(unsafe_code)]
mod span;
mod caller;
#[cfg_attr(not(feature = "callbacks"), path = "no_caller_key.rs")]
mod caller_key;
// Where bits have registers of their own.
mod sbox;
#[cfg(feature = "fast-software")]
pub(crate) mod portable;
#[cfg(not(feature = "fast-software"))]
pub(crate) mod small;
// Where SSE2 is no part of the target (kernels, firmware), vectors are not either.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[allow(unsafe_code)]
pub(crate) mod x86;
#[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
#[allow(unsafe_code)]
pub(crate) mod arm;
mod series;

use core::ffi::CStr;
use core::mem::MaybeUninit;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::error::{Error, Result};
use crate::secret::Key;

pub use caller::CallerEngine;
pub use series::Series;
pub use span::Span;

/// Size of a tag.
pub const TAG: usize = 16;
/// Size of a nonce that chunks use; version 1 uses 16 bytes.
pub const NONCE: usize = 12;

/// A nonce.
#[derive(Clone, Copy, Debug)]
pub enum Nonce<'n> {
    /// As chunks use it: followed by a counter.
    Short(&'n [u8; NONCE]),
    /// As version 1 uses it: it goes through GHASH. SP 800-38D 7.1 step 2.
    Long(&'n [u8; 16]),
}

/// What an engine does with a key that it made ready. It gives the destination back, written.
trait Gcm {
    /// Encrypts a message, and makes its tag. SP 800-38D 7.1.
    fn seal<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
    ) -> Result<(&'m mut [u8], [u8; TAG])>;

    /// Decrypts a message, and says whether the tag fits; where it does not, the caller zeroes what
    /// was written. SP 800-38D 7.2.
    fn open<'m>(
        &self,
        nonce: Nonce,
        aad: &[u8],
        message: Span<'_, 'm>,
        tag: &[u8; TAG],
    ) -> Result<(&'m mut [u8], bool)>;
}

/// An implementation of AES-256-GCM that this processor can run.
#[derive(Clone, Copy)]
pub struct Engine {
    kind: Kind,
    /// Takes the messages that it can in place of `kind`.
    caller: Option<caller_key::Attached>,
}

/// The library's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    X86(x86::Isa),
    #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
    Arm(arm::Isa),
    #[cfg(feature = "fast-software")]
    Portable,
    #[cfg(not(feature = "fast-software"))]
    Small,
}

impl Engine {
    /// The engines that this processor runs, the fastest of its kind first. Asks the processor,
    /// which takes microseconds in a virtual machine.
    pub fn available() -> impl Iterator<Item = Engine> {
        hardware_kinds().chain([SOFTWARE]).map(Engine::of)
    }

    /// The fastest engine that this processor runs.
    pub fn detect() -> Engine {
        Engine::of(hardware_kinds().next().unwrap_or(SOFTWARE))
    }

    /// The engine of this name, if this processor runs it: `x86-vaes512`, `x86-vaes256`,
    /// `x86-aesni`, `arm-aes`, and `portable` or `small`.
    pub fn by_name(name: &str) -> Option<Engine> {
        Engine::by_name_bytes(name.as_bytes())
    }

    /// As [`Engine::by_name`], for C.
    pub fn by_name_bytes(name: &[u8]) -> Option<Engine> {
        Engine::available().find(|engine| engine.c_name().to_bytes() == name)
    }

    fn of(kind: Kind) -> Engine {
        Engine { kind, caller: None }
    }

    /// The caller's engine for all that it can do, this one for the rest.
    ///
    /// # Errors
    /// [`Error::NotBuilt`]: a build without feature `callbacks`.
    pub fn with_caller(self, caller: &'static dyn CallerEngine) -> Result<Engine> {
        Ok(Engine { caller: Some(caller_key::attach(caller)?), ..self })
    }

    /// Whether it is the caller's.
    pub fn is_callers(self) -> bool {
        self.caller.is_some()
    }

    /// The library's own part of it.
    pub fn without_caller(self) -> Engine {
        Engine { caller: None, ..self }
    }

    /// The engine's name; `caller` for the caller's.
    pub fn name(self) -> &'static str {
        self.c_name().to_str().unwrap_or_default()
    }

    /// As [`Engine::name`], for C.
    pub fn c_name(self) -> &'static CStr {
        if self.caller.is_some() {
            return c"caller";
        }
        match self.kind {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::X86(isa) => isa.name(),
            #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
            Kind::Arm(isa) => isa.name(),
            #[cfg(feature = "fast-software")]
            Kind::Portable => c"portable",
            #[cfg(not(feature = "fast-software"))]
            Kind::Small => c"small",
        }
    }

    /// The instructions that it was chosen for, for other modes of AES.
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    pub(crate) fn x86(self) -> Option<x86::Isa> {
        if let Kind::X86(isa) = self.kind { Some(isa) } else { None }
    }

    /// The instructions that it was chosen for, for other modes of AES.
    #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
    pub(crate) fn arm(self) -> Option<arm::Isa> {
        if let Kind::Arm(isa) = self.kind { Some(isa) } else { None }
    }

    /// Makes `key` ready, for messages of any length.
    pub fn key(self, key: &Key) -> GcmKey {
        self.key_for(key, usize::MAX)
    }

    /// Makes `key` ready for messages of up to `longest` bytes, which costs less when they are
    /// short. Longer ones work too, but each of them costs more.
    #[inline]
    pub fn key_for(self, key: &Key, longest: usize) -> GcmKey {
        if let Some(caller) = self.caller {
            return GcmKey(Ready::Caller(caller_key::GcmKey::new(
                caller,
                Engine::of(self.kind),
                key,
            )));
        }
        let _ = longest;
        match self.kind {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::X86(isa) => x86_key(isa, key, longest),
            #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
            Kind::Arm(isa) => arm_key(isa, key),
            #[cfg(feature = "fast-software")]
            Kind::Portable => GcmKey(Ready::Portable(portable::GcmKey::new(key))),
            #[cfg(not(feature = "fast-software"))]
            Kind::Small => GcmKey(Ready::Small(small::GcmKey::new(key))),
        }
    }
}

/// The one value that is returned is made where the caller wants it, and not copied.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline]
fn x86_key(isa: x86::Isa, key: &Key, longest: usize) -> GcmKey {
    let mut ready = GcmKey(Ready::X86(x86::GcmKey::blank(isa)));
    if let Ready::X86(ready) = &mut ready.0 {
        ready.set(key, longest);
    }
    ready
}

/// As above.
#[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
#[inline]
fn arm_key(isa: arm::Isa, key: &Key) -> GcmKey {
    let mut ready = GcmKey(Ready::Arm(arm::GcmKey::blank(isa)));
    if let Ready::Arm(ready) = &mut ready.0 {
        ready.set(key);
    }
    ready
}

impl core::fmt::Debug for Engine {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// For any processor.
#[cfg(feature = "fast-software")]
const SOFTWARE: Kind = Kind::Portable;
#[cfg(not(feature = "fast-software"))]
const SOFTWARE: Kind = Kind::Small;

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
fn hardware_kinds() -> impl Iterator<Item = Kind> {
    x86::Isa::all().map(Kind::X86)
}

#[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
fn hardware_kinds() -> impl Iterator<Item = Kind> {
    arm::Isa::detect().into_iter().map(Kind::Arm)
}

#[cfg(not(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_endian = "little", target_feature = "neon")
)))]
fn hardware_kinds() -> impl Iterator<Item = Kind> {
    core::iter::empty()
}

/// A key made ready for an engine; wiped on drop.
pub struct GcmKey(Ready);

// Without an allocator there is no box for the large one.
#[allow(clippy::large_enum_variant)]
enum Ready {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    X86(x86::GcmKey),
    #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
    Arm(arm::GcmKey),
    #[cfg(feature = "fast-software")]
    Portable(portable::GcmKey),
    #[cfg(not(feature = "fast-software"))]
    Small(small::GcmKey),
    Caller(caller_key::GcmKey),
}

impl GcmKey {
    /// Encrypts `data` in place and returns the tag. No additional data, as everywhere in the
    /// format.
    ///
    /// # Errors
    /// [`Error::Callback`]: the caller's engine failed; `data` is zeroed.
    #[inline]
    pub fn seal(&self, nonce: &[u8; NONCE], data: &mut [u8]) -> Result<[u8; TAG]> {
        self.seal_with(Nonce::Short(nonce), &[], data)
    }

    /// Decrypts `data` in place if the tag fits; otherwise leaves it zeroed.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`]: the tag does not fit. [`Error::Callback`]: the caller's engine
    /// failed.
    #[inline]
    pub fn open(&self, nonce: &[u8; NONCE], data: &mut [u8], tag: &[u8; TAG]) -> Result<()> {
        self.open_with(Nonce::Short(nonce), &[], data, tag)
    }

    /// As [`GcmKey::seal`], with either nonce and with additional data.
    ///
    /// # Errors
    /// As [`GcmKey::seal`].
    #[inline]
    pub fn seal_with(&self, nonce: Nonce, aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG]> {
        let sealed = self.engine().seal(nonce, aad, Span::in_place(data)).map(|(_, tag)| tag);
        sealed.inspect_err(|_| data.zeroize())
    }

    /// As [`GcmKey::open`], with either nonce and with additional data.
    ///
    /// # Errors
    /// As [`GcmKey::open`].
    #[inline]
    pub fn open_with(
        &self,
        nonce: Nonce,
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<()> {
        match self.engine().open(nonce, aad, Span::in_place(data), tag) {
            Ok((data, fits)) => or_zeroed(data, fits).map(drop),
            Err(error) => {
                data.zeroize();
                Err(error)
            }
        }
    }

    /// Encrypts `plain` into `sealed`, which has the same length, and returns that memory, now
    /// written, and the tag.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: another length. Nothing was written. [`Error::Callback`]: the
    /// caller's engine failed. `sealed` is zeroed.
    #[inline]
    pub fn seal_to<'s>(
        &self,
        nonce: &[u8; NONCE],
        plain: &[u8],
        sealed: &'s mut [MaybeUninit<u8>],
    ) -> Result<(&'s mut [u8], [u8; TAG])> {
        if plain.len() != sealed.len() {
            return Err(Error::InvalidArgument);
        }
        self.engine().seal(Nonce::Short(nonce), &[], Span::apart(plain, sealed))
    }

    /// Decrypts `sealed` into `plain`, which has the same length, and returns that memory, now
    /// written.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: another length. Nothing was written. [`Error::NotAuthentic`],
    /// [`Error::Callback`]: as [`GcmKey::open`]. `plain` is zeroed.
    #[inline]
    pub fn open_to<'p>(
        &self,
        nonce: &[u8; NONCE],
        sealed: &[u8],
        plain: &'p mut [MaybeUninit<u8>],
        tag: &[u8; TAG],
    ) -> Result<&'p mut [u8]> {
        if sealed.len() != plain.len() {
            return Err(Error::InvalidArgument);
        }
        let message = Span::apart(sealed, plain);
        let (data, fits) = self.engine().open(Nonce::Short(nonce), &[], message, tag)?;
        or_zeroed(data, fits)
    }

    #[inline]
    fn engine(&self) -> &dyn Gcm {
        match &self.0 {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Ready::X86(key) => key,
            #[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
            Ready::Arm(key) => key,
            #[cfg(feature = "fast-software")]
            Ready::Portable(key) => key,
            #[cfg(not(feature = "fast-software"))]
            Ready::Small(key) => key,
            Ready::Caller(key) => key,
        }
    }
}

/// What was opened, if the tag fits.
fn or_zeroed(data: &mut [u8], fits: bool) -> Result<&mut [u8]> {
    if fits {
        return Ok(data);
    }
    data.zeroize();
    Err(Error::NotAuthentic)
}

/// In constant time, and in a few instructions: as one number.
fn same_tag(a: &[u8; TAG], b: &[u8; TAG]) -> bool {
    u128::from_ne_bytes(*a).ct_eq(&u128::from_ne_bytes(*b)).into()
}
