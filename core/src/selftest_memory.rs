//! Self-tests of what needs memory, which the caller lends at boot: zstd both ways, Argon2id, and a
//! whole chunk by the context's engine, which may be the caller's. The others run in
//! [`selftest`](crate::selftest), whenever a context is made.

use core::ffi::CStr;

use crate::aead::{Engine, NONCE};
use crate::compress::{self, Settings, Workspace};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::limits::CHUNK;
use crate::out::{self, Out, Scratch};
use crate::password::Kdf;
use crate::secret::Key;
use crate::selftest::{self, Fault, hex};

/// One test: its name, and whether the primitive answers as it must.
struct Test {
    name: &'static CStr,
    passes: fn(Fault, &Context, Scratch) -> bool,
}

/// The tests; their numbers go on where those of `selftest` end.
const TESTS: &[Test] = &[
    #[cfg(feature = "zstd-decompress")]
    Test { name: c"zstd decompression", passes: decompresses },
    #[cfg(feature = "zstd")]
    Test { name: c"zstd compression", passes: compresses },
    #[cfg(feature = "argon2")]
    Test { name: c"Argon2id", passes: argon2id },
    Test { name: c"AES-256-GCM chunk", passes: chunk },
];

/// The number of tests.
pub const COUNT: usize = TESTS.len();

/// The name of test `index`, from 0.
pub fn name(index: usize) -> Option<&'static CStr> {
    TESTS.get(index).map(|test| test.name)
}

/// Size of the memory that [`run`] needs.
pub fn workspace() -> usize {
    let compression = SETTINGS.workspace(SAMPLE).unwrap_or(0);
    let argon2id = if cfg!(feature = "argon2") { ARGON2ID.workspace() } else { 0 };
    compression.max(Workspace::for_pieces(SAMPLE, 0)).max(argon2id).max(CHUNK)
}

/// Runs all tests in `workspace`, with the fault that `context` was made with.
///
/// # Errors
/// [`Error::SelfTest`]: a primitive gave a wrong answer; the caller drops the context.
/// [`Error::WorkspaceTooSmall`]: smaller than [`workspace`].
pub fn run(context: &Context, workspace: Scratch) -> Result<()> {
    if workspace.len() < self::workspace() {
        return Err(Error::WorkspaceTooSmall);
    }
    let mut good = true;
    for (number, test) in (selftest::COUNT as u32 + 1..).zip(TESTS) {
        good &= (test.passes)(Fault(number == context.fault()), context, &mut *workspace);
    }
    if good { Ok(()) } else { Err(Error::SelfTest) }
}

/// Size of the sample: a sentence four times.
const SAMPLE: usize = 4 * SENTENCE.len();
const SENTENCE: &[u8; 44] = b"the quick brown fox jumps over the lazy dog.";
const SETTINGS: Settings = Settings { level: 1, small: true };
const ARGON2ID: Kdf = Kdf::Argon2id { memory_kib: 8, passes: 1, lanes: 1 };

fn sample() -> [u8; SAMPLE] {
    core::array::from_fn(|i| SENTENCE[i % SENTENCE.len()])
}

fn decompresses(fault: Fault, _: &Context, workspace: Scratch) -> bool {
    let mut workspace = Workspace::new(workspace);
    gives_sample(&fault.input(&FRAME), &mut workspace)
}

/// The frame of one version of zstd is not that of the next: what counts is that it is shorter and
/// gives the sample back.
fn compresses(fault: Fault, _: &Context, workspace: Scratch) -> bool {
    let mut workspace = Workspace::new(workspace);
    let mut frame = [0; SAMPLE];
    let mut out = Out::new(&mut frame);
    let input = fault.input(&sample());
    let done = workspace.compressor(SETTINGS, SAMPLE).and_then(|mut compressor| {
        compress::compress(&mut compressor, &input, SETTINGS, SAMPLE - 1, &mut out)
    });
    done.is_ok_and(|shorter| shorter) && gives_sample(out.written(), &mut workspace)
}

fn gives_sample(frame: &[u8], workspace: &mut Workspace) -> bool {
    let mut plain = [0; SAMPLE];
    let mut out = Out::new(&mut plain);
    let done = workspace.decompressor(SAMPLE, 0).and_then(|(mut pieces, _)| {
        pieces.step(frame, &mut out, 0, SAMPLE)?;
        Ok(pieces.finished())
    });
    done == Ok(true) && out.written() == sample()
}

fn argon2id(fault: Fault, _: &Context, workspace: Scratch) -> bool {
    let key = ARGON2ID.derive(&fault.input(b"argon2id"), b"sixteen bytes :)", workspace);
    key.is_ok_and(|key| *key.expose() == ARGON2ID_KEY)
}

/// What the context's engine seals one in software opens, and the other way round: units fail at
/// lengths that short answers do not reach.
fn chunk(fault: Fault, context: &Context, workspace: Scratch) -> bool {
    let Some(software) = Engine::available().last() else { return false };
    let Some(data) = out::values::<u8>(workspace, CHUNK) else { return false };
    let (key, nonce) = (Key::copy_of(b"a key for the chunk's self-test."), [7; NONCE]);
    let byte = |i: usize| (i % 251) as u8;
    data.iter_mut().enumerate().for_each(|(i, to)| *to = byte(i));
    let passes = [(context.engine(), software), (software, context.engine())].iter().all(|pair| {
        let Ok(tag) = pair.0.key(&key).seal(&nonce, data) else { return false };
        pair.1.key(&key).open(&nonce, data, &fault.input(&tag)).is_ok()
    });
    passes && data.iter().enumerate().all(|(i, is)| *is == byte(i))
}

/// By libzstd 1.5.7 itself, level 19.
const FRAME: [u8; 64] =
    hex(b"28b52ffd20b0bd0100c40274686520717569636b2062726f776e20666f78206a756d7073206f766572\
        20746865206c617a7920646f672e0200d9c209d80f5565");
/// By libargon2.
const ARGON2ID_KEY: [u8; 32] =
    hex(b"47db82375e31a8c94f223299e13e185c609dacd64ad67b278ef575b9c59dc0da");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::out::as_scratch;

    fn result_of(fault: u32) -> Result<()> {
        let mut memory = std::vec![0; workspace()];
        run(&Context::new(fault)?, as_scratch(&mut memory))
    }

    #[test]
    fn all_pass() {
        assert_eq!(result_of(0), Ok(()));
    }

    /// Each test can fail: its own spoilt input makes it.
    #[test]
    fn each_can_fail() {
        for (number, test) in (selftest::COUNT as u32 + 1..).zip(TESTS) {
            assert_eq!(result_of(number), Err(Error::SelfTest), "{:?}", test.name);
        }
    }

    #[test]
    fn a_byte_less_is_too_small() {
        let mut memory = std::vec![0; workspace() - 1];
        let context = Context::new(0).unwrap();
        assert_eq!(run(&context, as_scratch(&mut memory)), Err(Error::WorkspaceTooSmall));
    }
}
