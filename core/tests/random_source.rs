//! Random sources that fail, stand still, repeat themselves or were cloned.

#![cfg(all(
    feature = "seal",
    feature = "zstd",
    feature = "public-key",
    feature = "legacy-v1",
    feature = "callbacks"
))]

mod common;

use coffre_core::block::{self, SealOptions};
use coffre_core::challenge;
use coffre_core::error::{Error, Result};
use coffre_core::header::BlockId;
use coffre_core::keypair::PrivateKey;
use coffre_core::legacy::{self, MasterKey};
use coffre_core::object::ObjectType;
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::random::{Random, RandomSource};
use coffre_core::record_writer::RecordWriter;
use coffre_core::session::{IdKey, Session};
use coffre_core::wrap::Scope;
use common::*;

/// Gives the same bytes at every draw.
struct Constant([u8; 32]);

impl RandomSource for Constant {
    fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        out.copy_from_slice(&self.0[..out.len()]);
        Ok(())
    }
}

/// The salt of the block that a source makes of `plain`, and the block.
fn salt<S: RandomSource>(
    random: &mut Random<S>,
    id: u64,
    options: &SealOptions,
    plain: &[u8],
) -> ([u8; 24], Vec<u8>) {
    let mut space = vec![0; block::sealed_max(plain.len())];
    let mut out = Out::new(&mut space);
    let mut lent = memory(options.workspace(plain.len()).unwrap());
    let mut workspace = Workspace::new(&mut lent);
    let (session, id) = (session("hedge"), BlockId::Position(id));
    block::seal(context(), random, &session, &id, options, plain, &mut workspace, &mut out)
        .unwrap();
    (out.written()[88..112].try_into().unwrap(), out.written().to_vec())
}

#[test]
fn constant_bytes_are_refused() {
    for byte in [0, 1, 0xFF] {
        assert_eq!(Random::new(Constant([byte; 32])).draw().err(), Some(Error::Random));
    }
    let mut almost = [0; 32];
    almost[31] = 1;
    assert!(Random::new(Constant(almost)).draw().is_ok());
}

#[test]
fn a_repeat_is_refused() {
    let bytes = core::array::from_fn(|i| i as u8);
    let mut random = Random::new(Constant(bytes));
    assert_eq!(random.draw().unwrap().expose(), &bytes);
    assert_eq!(random.draw().err(), Some(Error::RandomRepeated));
    assert_eq!(random.key(&[b"x"]).err(), Some(Error::RandomRepeated));
    assert_eq!(random.draws(), 1);
}

/// Every call that draws passes the source's failure on, at whichever draw it happens, and writes
/// nothing.
#[test]
fn a_failing_source_writes_nothing() {
    let session = session("fail");
    let id = BlockId::Position(7);
    // Compressible, not compressible, compressible at first only, zero.
    let mixed = [text(300_000), noise(1, 700_000), noise(1, 300_000)].concat();
    for plain in [text(20_000), noise(1, 20_000), mixed, vec![0; 20_000]] {
        for options in [SealOptions::default(), STORED] {
            let mut space = vec![0xA5; block::sealed_max(plain.len())];
            let mut out = Out::new(&mut space);
            let mut lent = memory(options.workspace(plain.len()).unwrap());
            let mut workspace = Workspace::new(&mut lent);
            let mut random = failing_after(0);
            let sealed = block::seal(
                context(),
                &mut random,
                &session,
                &id,
                &options,
                &plain,
                &mut workspace,
                &mut out,
            );
            assert_eq!((sealed.unwrap_err(), out.len()), (Error::Random, 0));
            assert_wiped(&space);
        }
    }

    let master = MasterKey::from_bytes(&[1; 32]);
    let policy = Policy { lowest_version: 1, ..Policy::default() };
    for good in 0..2 {
        let plain = text(5000);
        let mut space = vec![0xA5; legacy::v1_sealed_max(plain.len())];
        let mut out = Out::new(&mut space);
        let mut lent = memory(legacy::v1_seal_workspace(plain.len()).unwrap());
        let mut workspace = Workspace::new(&mut lent);
        let (random, workspace) = (&mut failing_after(good), &mut workspace);
        let sealed =
            legacy::v1_seal(context(), &policy, random, &master, &plain, workspace, &mut out);
        assert_eq!((sealed.unwrap_err(), out.len()), (Error::Random, 0));
        assert!(space.iter().all(|b| *b == 0xA5));
    }

    let scope = Scope { object: ObjectType::KeyRecord, id: common::id("restore point") };
    let recipient = p256("fail").recipient();
    for good in 0..4 {
        let (random, mut space) = (&mut failing_after(good), vec![0xA5; 500]);
        let made =
            RecordWriter::create(random, scope, &common::id("instance"), 1, Out::new(&mut space))
                .and_then(|mut writer| writer.add_recipient(context(), random, &recipient));
        assert_eq!(made.err(), Some(Error::Random), "{good}");
        let challenge = challenge::create(
            context(),
            &mut failing_after(good),
            &recipient,
            &common::id("instance"),
            1,
            &mut Out::new(&mut space),
        );
        assert_eq!(challenge.err(), Some(Error::Random), "{good}");
    }
    assert_eq!(Session::generate(&mut failing_after(0)).err(), Some(Error::Random));
    assert_eq!(IdKey::generate(&mut failing_after(0), 1).err(), Some(Error::Random));
    assert_eq!(PrivateKey::generate(&mut failing_after(0), &[]).err(), Some(Error::Random));
}

/// A failed recipient leaves the record as it was.
#[test]
fn a_failed_recipient_leaves_the_record_alone() {
    let scope = Scope { object: ObjectType::KeyRecord, id: id("restore point") };
    let (mut space, mut other) = (vec![0; 1000], vec![0; 1000]);
    let lens = [(&mut space, true), (&mut other, false)].map(|(space, fails)| {
        let mut random = random(1);
        let out = Out::new(space);
        let mut writer = RecordWriter::create(&mut random, scope, &id("instance"), 1, out).unwrap();
        writer.add_recipient(context(), &mut random, &kek("k").recipient()).unwrap();
        if fails {
            let added =
                writer.add_recipient(context(), &mut failing_after(1), &p256("p").recipient());
            assert_eq!(added, Err(Error::Random));
        }
        writer.finish().unwrap().0
    });
    assert_eq!(lens[0], lens[1]);
    assert!(space == other);
}

/// FORMAT.md 3.1.3: two machines cloned with their source never give two contents, places or
/// lengths one salt, and so never one key; the same block in the same place is the same bytes.
#[test]
fn hedge_against_a_cloned_source() {
    let options = SealOptions::default();
    let clone = || random(42);
    let contents = [
        text(20_000),
        text(20_001),
        noise(1, 20_000),
        noise(2, 20_000),
        vec![0; 20_000],
        vec![0; 20_001],
        vec![],
        vec![1],
        vec![2],
        [noise(1, 16384), vec![1]].concat(),
        [noise(1, 16384), vec![2]].concat(),
    ];
    let mut salts = vec![];
    for plain in &contents {
        for position in [0, 1, 1 << 40] {
            for options in [options, STORED] {
                let (salt, block) = salt(&mut clone(), position, &options, plain);
                assert_eq!(common::open(&session("hedge"), &block).unwrap(), *plain);
                salts.push((salt, block));
            }
        }
    }
    for (i, (salt_a, a)) in salts.iter().enumerate() {
        for (salt_b, b) in &salts[..i] {
            assert_eq!(salt_a == salt_b, a == b, "one salt for two blocks");
        }
    }
    // Padding to POLYVAL's blocks does not make two contents one: the header has the length.
    let padded = [5; 15].iter().chain(&[0]).copied().collect::<Vec<u8>>();
    let (a, b) =
        (salt(&mut clone(), 0, &STORED, &padded[..15]), salt(&mut clone(), 0, &STORED, &padded));
    assert!(a.0 != b.0);
}

/// Without repetition every salt is another one, for equal blocks too; a source that is trusted
/// is not hedged with the content.
#[test]
fn salts_of_a_good_source() {
    let mut good = random(1);
    let salts = [(); 3].map(|()| salt(&mut good, 0, &STORED, b"same").0);
    assert!(salts[0] != salts[1] && salts[1] != salts[2] && salts[0] != salts[2]);

    let trusting = SealOptions { trust_random: true, ..STORED };
    let (one, block) = salt(&mut random(1), 0, &trusting, b"one!");
    let (two, _) = salt(&mut random(1), 0, &trusting, b"two!");
    assert_eq!(one, two, "the caller was warned");
    assert_eq!(common::open(&session("hedge"), &block).unwrap(), b"one!");
    let (hedged, _) = salt(&mut random(1), 0, &STORED, b"one!");
    assert!(one != hedged);
}

/// A cloned source still gives different keys in different places.
#[test]
fn hedge_of_generated_keys() {
    let pair = |hedge: &[u8]| PrivateKey::generate(&mut random(1), &[hedge]).unwrap();
    assert!(pair(b"a").public_key() != pair(b"b").public_key());
    assert!(pair(b"a").public_key() == pair(b"a").public_key());
    let id_key = |epoch| IdKey::generate(&mut random(1), epoch).unwrap().block_id(b"x");
    assert!(id_key(1) != id_key(2));

    let scope = |name| Scope { object: ObjectType::KeyRecord, id: id(name) };
    let storage_key = |name| {
        let mut space = vec![0; 1000];
        let mut random = random(1);
        let (out, instance) = (Out::new(&mut space), id("instance"));
        let mut writer = RecordWriter::create(&mut random, scope(name), &instance, 1, out).unwrap();
        writer.add_recipient(context(), &mut random, &kek("k").recipient()).unwrap();
        let len = writer.finish().unwrap().0;
        *forge::storage_key(&space[..len], &kek("k")).expose()
    };
    assert!(storage_key("a") != storage_key("b"));

    // Version 1: a repeated data key and nonce would give away both plaintexts.
    let v1 = |plain: &[u8]| {
        let policy = Policy { lowest_version: 1, ..Policy::default() };
        let master = MasterKey::from_bytes(&[1; 32]);
        let mut space = vec![0; legacy::v1_sealed_max(plain.len())];
        let mut out = Out::new(&mut space);
        let mut lent = memory(legacy::v1_seal_workspace(plain.len()).unwrap());
        let mut workspace = Workspace::new(&mut lent);
        let (random, workspace) = (&mut random(1), &mut workspace);
        let wrapped =
            legacy::v1_seal(context(), &policy, random, &master, plain, workspace, &mut out);
        (wrapped.unwrap(), out.written()[16..32].to_vec())
    };
    let (one, two) = (v1(b"one"), v1(b"two"));
    assert!(one.0 != two.0 && one.1 != two.1);
    assert_eq!(one, v1(b"one"));
}
