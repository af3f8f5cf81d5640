//! From plaintext to sealed block and back: Coffre's two versions, and the peer.
//!
//! Each keeps its contexts and workspaces from block to block, has a fresh key for each block from
//! the same random source, and writes into buffers that exist already.

use coffre_core::block::{self, Expected, SealOptions, Workspace};
use coffre_core::context::Context;
use coffre_core::header::BlockId;
use coffre_core::legacy::{self, MasterKey};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::random::Random;
use coffre_core::secret::Key;
use coffre_core::session::Session;

use crate::os_random::OsRandom;
use crate::peer::Peer;

/// Space for one block of any pipeline, and for the key that stands in its row of a database.
pub struct Sealed {
    pub bytes: Vec<u8>,
    pub len: usize,
    pub key: [u8; 40],
}

impl Sealed {
    pub fn for_plain(plain_len: usize) -> Sealed {
        let most = block::sealed_max(plain_len).max(legacy::v1_sealed_max(plain_len));
        Sealed { bytes: vec![0; most], len: 0, key: [0; 40] }
    }
}

pub trait Pipeline {
    fn name(&self) -> &'static str;
    fn seal(&mut self, plain: &[u8], sealed: &mut Sealed);
    /// Writes all of `plain`.
    fn open(&mut self, sealed: &Sealed, plain: &mut [u8]);
}

/// Version 2, version 1 and the peer, in this order.
pub fn all(plain_len: usize) -> [Box<dyn Pipeline>; 3] {
    let peer = Peer::new(plain_len);
    [Box::new(Version2::new(plain_len)), Box::new(Version1::new(plain_len)), Box::new(peer)]
}

/// A workspace that lasts as long as the process.
fn workspace(len: usize) -> Workspace<'static> {
    Workspace::new(Box::leak(Box::new_uninit_slice(len)))
}

struct Version2 {
    context: Context,
    random: Random<OsRandom>,
    session: Session,
    workspace: Workspace<'static>,
}

impl Version2 {
    fn new(plain_len: usize) -> Version2 {
        let mut random = Random::new(OsRandom);
        let session = Session::generate(&mut random).unwrap();
        let for_seal = SealOptions::default().workspace(plain_len).unwrap();
        let workspace = workspace(for_seal.max(block::open_workspace()));
        Version2 { context: Context::new(0).unwrap(), random, session, workspace }
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

struct Version1 {
    context: Context,
    policy: Policy,
    random: Random<OsRandom>,
    master: MasterKey,
    workspace: Workspace<'static>,
}

impl Version1 {
    fn new(plain_len: usize) -> Version1 {
        let mut random = Random::new(OsRandom);
        let key: Key = random.draw().unwrap();
        let for_open = legacy::v1_open_workspace(legacy::v1_sealed_max(plain_len));
        let for_seal = legacy::v1_seal_workspace(plain_len).unwrap();
        Version1 {
            context: Context::new(0).unwrap(),
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
