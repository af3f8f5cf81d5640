//! What a build without a feature refuses, and what it does all the same: true of every build.

mod common;

use coffre_core::aead::{Engine, TAG};
use coffre_core::block::{self, SealOptions};
use coffre_core::compress::Workspace;
use coffre_core::error::{Error, Result};
use coffre_core::external::External;
use coffre_core::header::BlockId;
use coffre_core::key_file;
use coffre_core::keypair::PrivateKey;
use coffre_core::legacy;
use coffre_core::origin_key::{OriginKey, OriginPublic};
use coffre_core::out::Out;
use coffre_core::password::{Kdf, PasswordKey};
use coffre_core::policy::Policy;
use coffre_core::text::Text;
use common::keyring::{ARGON2ID, PBKDF2, Service, setting};
use common::*;

const SEAL: bool = cfg!(feature = "seal");
const ZSTD: bool = cfg!(feature = "zstd");
const PUBLIC_KEY: bool = cfg!(feature = "public-key");
const PASSWORD: bool = cfg!(feature = "password");
const ARGON2: bool = cfg!(feature = "argon2");
const LEGACY: bool = cfg!(feature = "legacy-v1");

/// It is done by a build that has what it takes, and refused by all others.
#[track_caller]
fn done_with<T>(is_there: bool, result: Result<T>) {
    assert_eq!(result.err(), (!is_there).then_some(Error::NotBuilt));
}

/// A block, and what is in it.
fn sealed(options: &SealOptions, plain: &[u8]) -> Result<Vec<u8>> {
    let mut space = vec![0xA5; block::sealed_max(plain.len())];
    let (mut out, mut lent) = (Out::new(&mut space), memory(1 << 20));
    let (mut workspace, mut random) = (Workspace::new(&mut lent), random(1));
    let (session, id) = (session("left out"), BlockId::Position(7));
    let (random, workspace) = (&mut random, &mut workspace);
    let made = block::seal(context(), random, &session, &id, options, plain, workspace, &mut out);
    let block = out.written().to_vec();
    if made.is_err() {
        assert!(block.is_empty());
        assert_wiped(&space);
    }
    made.map(|_| block)
}

#[test]
fn seal() {
    for plain in [text(40_000), noise(1, 16_384), vec![0; 4096], vec![]] {
        let block = sealed(&STORED, &plain);
        if let Ok(block) = &block {
            assert!(common::open(&session("left out"), block).unwrap() == plain);
        }
        done_with(SEAL, block);
    }
    done_with(SEAL, random(2).key(&[]));
}

#[test]
fn zstd() {
    for options in [SealOptions::default(), SMALL] {
        let block = sealed(&options, &text(40_000));
        if let Ok(block) = &block {
            assert!(common::open(&session("left out"), block).unwrap() == text(40_000));
        }
        done_with(SEAL && ZSTD, block);
    }
}

#[test]
fn public_key() {
    done_with(PUBLIC_KEY, PrivateKey::derive(b"any"));
    done_with(SEAL && PUBLIC_KEY, PrivateKey::generate(&mut random(1), &[]));
    done_with(SEAL && PUBLIC_KEY, OriginKey::generate(&mut random(1)));
    let file = |name: &str| backy2::file(&format!("key_files/{name}"));
    done_with(PUBLIC_KEY, key_file::read_private(&file("p256_private.pem")));
    done_with(PUBLIC_KEY, OriginPublic::read(&file("p256_public.pem")));
}

#[test]
fn password() {
    let derived = |kdf: Kdf| {
        let mut workspace = memory(1 << 20);
        PasswordKey::derive(&Policy::default(), setting("a", kdf), b"goat", &mut workspace)
    };
    done_with(PASSWORD, derived(PBKDF2));
    done_with(ARGON2, derived(ARGON2ID));
}

#[test]
fn legacy_v1() {
    let policy = Policy { lowest_version: 0, ..Policy::default() };
    let mut space = [0xA5; 10];
    let mut out = Out::new(&mut space);
    done_with(LEGACY, legacy::v0_open(&policy, b"plain", &mut out));
    assert_eq!(out.written(), if LEGACY { &b"plain"[..] } else { b"" });
}

#[test]
fn callbacks() {
    let service = Service::new(40);
    let external = External::new(Text::new(b"kms:a").unwrap(), 40, &service);
    done_with(cfg!(feature = "callbacks"), external.map(drop));
}

/// The software engine has another name, and makes the same bytes.
#[test]
fn fast_software() {
    let last = Engine::available().last().unwrap();
    let name = if cfg!(feature = "fast-software") { "portable" } else { "small" };
    assert_eq!((last.name(), TAG), (name, 16));
}
