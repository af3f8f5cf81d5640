//! What the tests share: a random source that repeats in every run, buffers, and short ways through
//! the API.
//!
//! `forge.rs` writes objects from FORMAT.md's tables, right or wrong; `keyring.rs` has recipients
//! of every kind, `rewrite.rs` writes records for them; `point.rs` reads whole manifests.

#![allow(dead_code, unused_imports)]
// Keys that a build leaves out are types without values.
#![cfg_attr(not(feature = "public-key"), allow(unreachable_code, unused_variables))]

pub mod backy2;
pub mod forge;
pub mod frames;
pub mod heap_zstd;
pub mod keyring;
pub mod point;
pub mod rewrite;

use std::mem::MaybeUninit;
use std::sync::OnceLock;

use coffre_core::block::{self, Expected, SealOptions};
pub use coffre_core::compress::Workspace;
use coffre_core::context::Context;
use coffre_core::derive::sha256;
use coffre_core::error::{Error, Result};
use coffre_core::header::BlockId;
use coffre_core::keypair::PrivateKey;
use coffre_core::limits;
use coffre_core::object::Id;
use coffre_core::out::{Out, as_scratch};
use coffre_core::policy::Policy;
use coffre_core::random::{Random, RandomSource};
use coffre_core::recipient::Identity;
use coffre_core::secret::Key;
use coffre_core::session::Session;

/// A deterministic source: SHA-256 of seed and counter.
#[derive(Clone)]
pub struct Seeded {
    seed: u64,
    count: u64,
}

impl RandomSource for Seeded {
    fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        for part in out.chunks_mut(32) {
            let input = [self.seed.to_le_bytes(), self.count.to_le_bytes()].concat();
            part.copy_from_slice(&sha256(&input)[..part.len()]);
            self.count += 1;
        }
        Ok(())
    }
}

/// A source whose bytes depend on `seed` alone.
pub fn random(seed: u64) -> Random<Seeded> {
    Random::new(Seeded { seed, count: 0 })
}

/// A source that fails at the draw number `good`, from 0.
pub struct Failing {
    source: Seeded,
    good: u32,
}

impl RandomSource for Failing {
    fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        self.good = self.good.checked_sub(1).ok_or(Error::Random)?;
        self.source.fill(out)
    }
}

/// A source that fails after `good` draws.
pub fn failing_after(good: u32) -> Random<Failing> {
    Random::new(Failing { source: Seeded { seed: 1, count: 0 }, good })
}

/// Memory that nobody initialised.
pub fn memory(len: usize) -> Box<[MaybeUninit<u8>]> {
    Box::new_uninit_slice(len)
}

/// Bytes that don't compress.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..len.div_ceil(8)).flat_map(|_| next()).collect();
    bytes.truncate(len);
    bytes
}

/// Bytes that compress, none of them zero.
pub fn text(len: usize) -> Vec<u8> {
    let lines =
        (0u64..).flat_map(|i| format!("{i:08} a line of a log, like many others\n").into_bytes());
    lines.take(len).collect()
}

/// A key that depends on `name` alone.
pub fn key(name: &str) -> Key {
    Key::copy_of(&sha256(name.as_bytes()))
}

/// An id that depends on `name` alone.
pub fn id(name: &str) -> Id {
    sha256(name.as_bytes())[..16].try_into().unwrap()
}

/// A session whose key depends on `name` alone.
pub fn session(name: &str) -> Session {
    Session::from_key(key(name))
}

/// A key-encryption key as an identity.
pub fn kek(name: &str) -> Identity<'static> {
    Identity::Kek(key(name))
}

/// A P-256 key pair as an identity.
pub fn p256(name: &str) -> Identity<'static> {
    Identity::P256(PrivateKey::derive(name.as_bytes()).unwrap())
}

/// The one context; making it runs all self-tests.
pub fn context() -> &'static Context {
    static CONTEXT: OnceLock<Context> = OnceLock::new();
    CONTEXT.get_or_init(|| Context::new(0).unwrap())
}

/// Settings in which the plaintext is not compressed.
pub const STORED: SealOptions = SealOptions { compression: None, trust_random: false };

/// Settings for blocks that a microcontroller will open.
pub const SMALL: SealOptions = SealOptions {
    compression: Some(block::Settings { level: 1, small: true }),
    trust_random: false,
};

/// Seals `plain` as the block at position 7.
pub fn seal(session: &Session, options: &SealOptions, plain: &[u8]) -> Vec<u8> {
    seal_as(session, &BlockId::Position(7), options, plain)
}

/// Seals `plain` as the block of that id.
pub fn seal_as(session: &Session, id: &BlockId, options: &SealOptions, plain: &[u8]) -> Vec<u8> {
    let mut space = vec![0; block::sealed_max(plain.len())];
    let mut out = Out::new(&mut space);
    let mut lent = memory(options.workspace(plain.len()).unwrap());
    let mut workspace = Workspace::new(&mut lent);
    let mut random = random(plain.len() as u64);
    block::seal(context(), &mut random, session, id, options, plain, &mut workspace, &mut out)
        .unwrap();
    out.written().to_vec()
}

/// Opens a block under the default policy, whichever it is.
pub fn open(session: &Session, block: &[u8]) -> Result<Vec<u8>> {
    open_with(&Policy::default(), session, &Expected::default(), block)
}

/// Opens a block. Its buffer is poisoned before, and must be zero wherever it was written when that
/// fails.
pub fn open_with(
    policy: &Policy,
    session: &Session,
    expected: &Expected,
    block: &[u8],
) -> Result<Vec<u8>> {
    let plain_len = block::inspect(block).map_or(0, |info| info.header.plain_len);
    let mut space = vec![0xA5; plain_len.min(limits::PLAIN) as usize];
    let mut out = Out::new(&mut space);
    let mut lent = memory(block::open_workspace());
    let mut workspace = Workspace::new(&mut lent);
    let opened = block::open(context(), policy, session, expected, block, &mut workspace, &mut out);
    let len = out.len();
    match opened {
        Ok(_) => {
            space.truncate(len);
            Ok(space)
        }
        Err(error) => {
            assert_eq!(len, 0);
            assert_wiped(&space);
            Err(error)
        }
    }
}

/// After an error a poisoned buffer is untouched, or zero where it was touched.
pub fn assert_wiped(space: &[u8]) {
    let leftover = space.iter().filter(|b| ![0, 0xA5].contains(*b)).count();
    assert_eq!(leftover, 0, "bytes that were left behind");
}

/// The bytes that hexadecimal digits mean.
pub fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap())
        .collect()
}

/// `bytes` in hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// `bytes` with bit `bit` flipped.
pub fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}
