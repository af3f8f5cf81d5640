//! Known-answer self-tests of every primitive, run when a context is made; fail closed.
//!
//! Each test has an input of its own, so that each can be broken on purpose: [`run`] with a fault
//! of n spoils the input of test n. What needs memory is tested in `selftest_memory.rs`, when the
//! caller lends some. Read this file first, which has what every build has.

/// A table of tests, and one of their names: who never asks for names does not keep them.
macro_rules! answers {
    ($($name:literal => $test:expr;)*) => {
        pub(in crate::selftest) const TESTS: &[Test] = &[$($test,)*];
        pub(in crate::selftest) const NAMES: &str = concat!($($name, "\0"),*);
    };
}

#[cfg(feature = "seal")]
mod seal_answers;
#[cfg(feature = "public-key")]
mod p256_answers;
#[cfg(feature = "password")]
mod password_answers;
#[cfg(feature = "legacy-v1")]
mod legacy_answers;

use core::ffi::CStr;

use heapless::Vec;

use crate::aead::Engine;
use crate::checksum;
use crate::cpu::Cpu;
use crate::derive::{Mac256, expand256, expand512, label, sha256};
use crate::error::{Error, Result};
use crate::key_wrap;
use crate::secret::Key;

/// Whether the primitive answers as it must, by every implementation that is here. It spoils its
/// input when told to.
type Test = fn(Fault, &Here) -> bool;

/// What this processor runs, asked once for all tests.
struct Here {
    engines: Vec<Engine, 8>,
    cpu: Cpu,
}

/// Whether to spoil a test's input.
#[derive(Clone, Copy)]
pub(crate) struct Fault(pub(crate) bool);

impl Fault {
    /// The input, or with the fault the input with one bit flipped.
    pub(crate) fn input<const N: usize>(self, good: &[u8; N]) -> [u8; N] {
        let mut input = *good;
        input[N - 1] ^= u8::from(self.0);
        input
    }

    /// Enough for every width: 0, 1, 2, … as bytes, made when asked for, for it is long.
    fn long(self) -> [u8; LONG] {
        self.input(&core::array::from_fn(|i| i as u8))
    }
}

answers! {
    "SHA-256" => |fault, _| sha256(&fault.input(b"sha256")) == SHA256;
    "HMAC-SHA-256" => hmac;
    "HKDF-Expand-SHA-256" => hkdf256;
    "HKDF-Expand-SHA-512" => hkdf512;
    "AES-256-GCM open" => gcm_open;
    "AES-256-KW unwrap" => kw_unwrap;
    "XXH3-64" => |fault, here| {
        checksum::of(&fault.input(b"xxh3-64")) == XXH3
            && here.cpu.levels().all(|cpu| checksum::of_by(cpu, &fault.long()) == XXH3_LONG)
    };
}

/// The tests of this build.
const ALL: &[&[Test]] = &[
    TESTS,
    #[cfg(feature = "seal")]
    seal_answers::TESTS,
    #[cfg(feature = "legacy-v1")]
    legacy_answers::TESTS,
    #[cfg(feature = "public-key")]
    p256_answers::TESTS,
    #[cfg(feature = "password")]
    password_answers::TESTS,
];

/// Their names.
const ALL_NAMES: &[&str] = &[
    NAMES,
    #[cfg(feature = "seal")]
    seal_answers::NAMES,
    #[cfg(feature = "legacy-v1")]
    legacy_answers::NAMES,
    #[cfg(feature = "public-key")]
    p256_answers::NAMES,
    #[cfg(feature = "password")]
    password_answers::NAMES,
];

/// One after the other; their numbers, from 1, are those of [`run`]'s fault.
fn tests() -> impl Iterator<Item = &'static Test> {
    ALL.iter().copied().flatten()
}

/// The number of tests.
pub const COUNT: usize = {
    let (mut count, mut i) = (0, 0);
    while i < ALL.len() {
        count += ALL[i].len();
        i += 1;
    }
    count
};

/// The name of test `index`, from 0.
pub fn name(index: usize) -> Option<&'static CStr> {
    let mut names = ALL_NAMES.iter().flat_map(|names| names.split_inclusive('\0'));
    CStr::from_bytes_with_nul(names.nth(index)?.as_bytes()).ok()
}

/// Runs all tests; the input of test `fault`, from 1, is spoilt.
///
/// # Errors
/// [`Error::SelfTest`]: a primitive gave a wrong answer.
pub fn run(fault: u32) -> Result<()> {
    let mut here = Here { engines: Vec::new(), cpu: Cpu::detect() };
    Engine::available()
        .try_for_each(|engine| here.engines.push(engine).map_err(|_| Error::SelfTest))?;
    let mut good = true;
    for (number, test) in (1..).zip(tests()) {
        good &= test(Fault(number == fault), &here);
    }
    if good { Ok(()) } else { Err(Error::SelfTest) }
}

/// Tests the engine that a context is to use, which may be the caller's own: both ways, an empty
/// message, and a tag that does not fit.
///
/// # Errors
/// [`Error::SelfTest`]: it gave a wrong answer, or failed.
pub fn run_engine(engine: Engine) -> Result<()> {
    let key = engine.key(&key());
    let (mut sealed, mut opened, mut forged) = (*SEALED_PLAIN, OPENED.0, OPENED.0);
    let mut wrong_tag = OPENED.1;
    wrong_tag[0] ^= 1;
    let good = key.seal(&NONCE, &mut sealed) == Ok(SEALED.1)
        && sealed == SEALED.0
        && key.open(&NONCE, &mut opened, &OPENED.1).is_ok()
        && opened == *OPENED_PLAIN
        && key.seal(&NONCE, &mut []) == Ok(EMPTY)
        && key.open(&NONCE, &mut forged, &wrong_tag) == Err(Error::NotAuthentic);
    if good { Ok(()) } else { Err(Error::SelfTest) }
}

fn key() -> Key {
    Key::copy_of(&core::array::from_fn(|i| i as u8))
}

fn hmac(fault: Fault, _: &Here) -> bool {
    Mac256::of(&key(), &[&fault.input(b"hmac-sha256")]) == HMAC
}

fn hkdf256(fault: Fault, _: &Here) -> bool {
    *expand256(&key(), label::KEK_ID, &[&fault.input(b"hkdf-sha256")]).expose() == EXPAND256
}

fn hkdf512(fault: Fault, _: &Here) -> bool {
    *expand512(&key(), label::HEDGE, &[&fault.input(b"hkdf-sha512")]).expose() == EXPAND512
}

/// And nothing is opened whose tag does not fit.
fn gcm_open(fault: Fault, here: &Here) -> bool {
    here.engines.iter().all(|&engine| {
        let key = engine.key(&key());
        let (mut data, mut forged) = (fault.input(&OPENED.0), SEALED.0);
        let opened = key.open(&NONCE, &mut data, &OPENED.1);
        let refused = key.open(&NONCE, &mut forged, &OPENED.1) == Err(Error::NotAuthentic);
        opened.is_ok() && data == *OPENED_PLAIN && refused
    })
}

fn kw_unwrap(fault: Fault, here: &Here) -> bool {
    here.engines.iter().all(|&engine| {
        key_wrap::unwrap(engine, &key(), &fault.input(&WRAPPED))
            .is_ok_and(|key| *key.expose() == UNWRAPPED)
    })
}

/// The bytes that `digits` mean.
pub(crate) const fn hex<const N: usize>(digits: &[u8]) -> [u8; N] {
    const fn value(digit: u8) -> u8 {
        if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 }
    }
    assert!(digits.len() == 2 * N);
    let mut bytes = [0; N];
    let mut i = 0;
    while i < N {
        bytes[i] = value(digits[2 * i]) << 4 | value(digits[2 * i + 1]);
        i += 1;
    }
    bytes
}

const NONCE: [u8; 12] = hex(b"000102030405060708090a0b");
const SHA256: [u8; 32] = hex(b"5d5b09f6dcb2d53a5fffc60c4ac0d55fabdf556069d6631545f42aa6e3500f2e");
const HMAC: [u8; 32] = hex(b"7e44597bd0a1f8461aa64ef8018596ee42531c85e5cc6d5a01acc249019b838b");
const EXPAND256: [u8; 32] =
    hex(b"d100b53339d576f396be3344bd18e4c0e6df4fa37e0377dfbd755ef646ae9d26");
const EXPAND512: [u8; 76] =
    hex(b"8c6aa4ca10d3026cd013add49698f017f709bb96321fac0a6d4b5851db76d0a1e5c1fd0463fe524c\
        4e3928df270bfe0f5ad7ec25d19dd3f073daa4e8a1f4325dbba85d3d8c8f6dbc866eb8a1");
const EMPTY: [u8; 16] = hex(b"f4c2db1dc38805a37b92171c5d0a81cc");
const SEALED_PLAIN: &[u8; 37] = b"aes-256-gcm seal, more than one block";
const OPENED_PLAIN: &[u8; 37] = b"aes-256-gcm open, more than one block";
const SEALED: ([u8; 37], [u8; 16]) = (
    hex(b"2667a536f7d0f436ea22faabc28c1901aff6ea5b821e7f0850068ba572076592637cc19fc4"),
    hex(b"7c2ae0fbd6bab1f5b90e7b226771cf8d"),
);
const OPENED: ([u8; 37], [u8; 16]) = (
    hex(b"2667a536f7d0f436ea22faabde991d03aff6ea5b821e7f0850068ba572076592637cc19fc4"),
    hex(b"85ebe9232b04ae2188c4de24df699ef6"),
);
const UNWRAPPED: [u8; 32] =
    hex(b"f0a289923ed634acec748941a7fab6a057e5d4a5cb29e5e2b6136d639897c74a");
const WRAPPED: [u8; 40] =
    hex(b"c44dbc4281b09dd45aa9a17f52531973d25cf3b10a8614ec8e8b719a73b20d8d2ffe4a2d41e639ac");
const LONG: usize = 1111;
const XXH3: [u8; 8] = hex(b"2785245126a3ae62");
const XXH3_LONG: [u8; 8] = hex(b"a09672428d9fc327");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_pass() {
        assert_eq!(run(0), Ok(()));
    }

    /// Each test can fail: its own spoilt input makes it.
    #[test]
    fn each_can_fail() {
        for index in 0..COUNT {
            assert_eq!(run(index as u32 + 1), Err(Error::SelfTest), "{:?}", name(index));
        }
    }
}
