//! Coffre, as its peers are measured beside it. When its interface moves, this file moves alone.

use coffre_core::aead::{Engine, GcmKey};
use coffre_core::block::{self, Expected, SealOptions, Workspace};
use coffre_core::chunked::{Chunked, SALT};
use coffre_core::context::Context;
use coffre_core::derive::Expand512;
use coffre_core::header::{self, BlockId};
use coffre_core::key_wrap;
use coffre_core::legacy::{self, MasterKey};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::random::Random;
use coffre_core::secret::Key;
use coffre_core::session::Session;

use super::{Aead, KeyBytes, Pair, Pipeline, Rekey, Sealed, TAG, Wrapped};
use crate::os_random::OsRandom;

const NONCE: [u8; 12] = [0x24; 12];

/// The engines that use the processor's instructions for AES, the fastest first.
pub fn hardware_engines() -> Vec<(&'static str, Engine)> {
    let software = |name: &str| matches!(name, "portable" | "rustcrypto");
    let engines = Engine::available().map(|engine| (engine.name(), engine));
    engines.filter(|(name, _)| !software(name)).collect()
}

pub fn portable_engine() -> Engine {
    Engine::by_name("portable").expect("the engine that every processor runs")
}

/// What the library chooses for itself.
pub fn default_engine() -> Engine {
    Engine::detect()
}

/// [`hardware_engines`], and once more the one that the library chooses, as `default`.
pub fn engines_and_default() -> Vec<(&'static str, Engine)> {
    let mut engines = hardware_engines();
    engines.push(("default", default_engine()));
    engines
}

/// The most that a block of either version takes.
pub fn sealed_max(plain_len: usize) -> usize {
    block::sealed_max(plain_len).max(legacy::v1_sealed_max(plain_len))
}

/// Memory for the library to work in, as long as the process lives.
pub fn workspace(len: usize) -> Workspace<'static> {
    Workspace::new(Box::leak(Box::new_uninit_slice(len)))
}

/// AES-256-GCM by one engine.
pub struct Gcm(pub Engine);

impl Gcm {
    fn key(&self, key: &KeyBytes, longest: usize) -> GcmKey {
        self.0.key_for(&Key::copy_of(key), longest)
    }
}

impl Aead for Gcm {
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]) {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        *tag = self.key(key, data.len()).seal(&NONCE, data).unwrap();
    }

    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        self.key(key, data.len()).open(&NONCE, data, tag).is_ok()
    }
}

/// Stored blocks of version 2, and what is left of one without its checksum.
pub struct Stored {
    context: Context,
    random: Random<OsRandom>,
    session: Session,
    session_key: Expand512,
    /// Of the bare block.
    number: u64,
}

impl Stored {
    pub fn new(engine: Engine) -> Stored {
        let session_key = Key::copy_of(&[7; 32]);
        Stored {
            context: Context::with_engine(0, engine).unwrap(),
            random: Random::new(OsRandom),
            session_key: Expand512::new(&session_key),
            session: Session::from_key(session_key),
            number: 0,
        }
    }

    /// Header, salt, commitment and chunks: no checksum, no hedge.
    pub fn seal_bare(&mut self, plain: &[u8], sealed: &mut [u8]) {
        let (mut head, mut salt) = ([0; header::SIZE], [0; SALT]);
        self.number += 1;
        head[..8].copy_from_slice(&self.number.to_le_bytes());
        salt[..8].copy_from_slice(&self.number.to_le_bytes());
        let chunked = Chunked::derive(self.context.engine(), &self.session_key, &salt, &head);
        let mut out = Out::new(sealed);
        out.push(&head).unwrap();
        out.push(&salt).unwrap();
        out.push(chunked.commitment()).unwrap();
        chunked.seal_from(plain, &mut out).unwrap();
    }

    /// A whole block, checksum included; with the content in the salt's hedge, or without.
    pub fn seal(&mut self, hedged: bool, plain: &[u8], sealed: &mut [u8]) {
        let Stored { context, random, session, .. } = self;
        let options = SealOptions { compression: None, trust_random: !hedged };
        let (id, mut out, mut none) = (BlockId::Position(7), Out::new(sealed), Workspace::none());
        block::seal(context, random, session, &id, &options, plain, &mut none, &mut out).unwrap();
    }

    /// Opens what [`Stored::seal`] made.
    pub fn open(&mut self, sealed: &[u8], plain: &mut [u8]) {
        let Stored { context, session, .. } = self;
        let (policy, expected, mut out) = (Policy::default(), Expected::default(), Out::new(plain));
        let mut none = Workspace::none();
        block::open(context, &policy, session, &expected, sealed, &mut none, &mut out).unwrap();
    }

    pub fn sealed_len(plain_len: usize) -> usize {
        block::sealed_max(plain_len)
    }
}

/// Blocks of version 2 with compression, as the library does it when nothing is asked for.
pub struct Version2 {
    context: Context,
    random: Random<OsRandom>,
    session: Session,
    workspace: Workspace<'static>,
}

impl Version2 {
    pub fn new(engine: Engine, plain_len: usize) -> Version2 {
        let mut random = Random::new(OsRandom);
        let session = Session::generate(&mut random).unwrap();
        let for_seal = SealOptions::default().workspace(plain_len).unwrap();
        let workspace = workspace(for_seal.max(block::open_workspace()));
        Version2 { context: Context::with_engine(0, engine).unwrap(), random, session, workspace }
    }
}

impl Pipeline for Version2 {
    fn name(&self) -> &'static str {
        "coffre version 2"
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut Sealed) {
        let mut out = Out::new(&mut sealed.bytes);
        let (id, options) = (BlockId::Position(7), SealOptions::default());
        let Version2 { context, random, session, workspace } = self;
        block::seal(context, random, session, &id, &options, plain, workspace, &mut out).unwrap();
        sealed.len = out.len();
    }

    fn open(&mut self, sealed: &Sealed, plain: &mut [u8]) {
        let plain_len = plain.len();
        let mut out = Out::new(plain);
        let (policy, expected) = (Policy::default(), Expected::default());
        let block = &sealed.bytes[..sealed.len];
        let Version2 { context, session, workspace, .. } = self;
        block::open(context, &policy, session, &expected, block, workspace, &mut out).unwrap();
        assert_eq!(out.len(), plain_len);
    }
}

/// Blocks of version 1, bit for bit backy2's.
pub struct Version1 {
    context: Context,
    policy: Policy,
    random: Random<OsRandom>,
    master: MasterKey,
    workspace: Workspace<'static>,
}

impl Version1 {
    pub fn new(engine: Engine, plain_len: usize) -> Version1 {
        let mut random = Random::new(OsRandom);
        let key: Key = random.draw().unwrap();
        let for_open = legacy::v1_open_workspace(legacy::v1_sealed_max(plain_len));
        let for_seal = legacy::v1_seal_workspace(plain_len).unwrap();
        Version1 {
            context: Context::with_engine(0, engine).unwrap(),
            policy: Policy { lowest_version: 1, ..Policy::default() },
            random,
            master: MasterKey::from_bytes(key.expose()),
            workspace: workspace(for_seal.max(for_open)),
        }
    }
}

impl Pipeline for Version1 {
    fn name(&self) -> &'static str {
        "coffre version 1"
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut Sealed) {
        let mut out = Out::new(&mut sealed.bytes);
        let Version1 { context, policy, random, master, workspace } = self;
        sealed.key =
            legacy::v1_seal(context, policy, random, master, plain, workspace, &mut out).unwrap();
        sealed.len = out.len();
    }

    fn open(&mut self, sealed: &Sealed, plain: &mut [u8]) {
        let plain_len = plain.len();
        let mut out = Out::new(plain);
        let Version1 { context, policy, master, workspace, .. } = self;
        let (key, blob) = (&sealed.key, &sealed.bytes[..sealed.len]);
        legacy::v1_open(context, policy, master, key, blob, workspace, &mut out).unwrap();
        assert_eq!(out.len(), plain_len);
    }
}

/// Version 1's rekey by one engine.
pub struct MasterKeys {
    context: Context,
    from: MasterKey,
    to: MasterKey,
}

impl MasterKeys {
    pub fn new(engine: Engine, from: &KeyBytes, to: &KeyBytes) -> MasterKeys {
        let context = Context::with_engine(0, engine).unwrap();
        let [from, to] = [from, to].map(MasterKey::from_bytes);
        MasterKeys { context, from, to }
    }
}

impl Rekey for MasterKeys {
    /// All rows in one call.
    fn rewrap(&mut self, rows: &[Wrapped], out: &mut [Wrapped]) {
        let mut places = out.iter_mut();
        self.from.rewrap_batch(&self.context, &self.to, rows, |row| {
            *places.next().unwrap() = row.unwrap();
        });
    }
}

impl Pair for MasterKeys {
    /// One row a call; the keys are those that it was made with.
    fn pair(&mut self, _from: &KeyBytes, _to: &KeyBytes, row: &Wrapped) -> Wrapped {
        self.from.rewrap(&self.context, &self.to, row).unwrap()
    }
}

/// The bare key wrap, as records and version 1 use it, by one engine.
pub struct KeyWrap(pub Engine);

impl Pair for KeyWrap {
    fn pair(&mut self, from: &KeyBytes, to: &KeyBytes, row: &Wrapped) -> Wrapped {
        let key = key_wrap::unwrap(self.0, &Key::copy_of(from), row).unwrap();
        key_wrap::wrap(self.0, &Key::copy_of(to), &key)
    }
}
