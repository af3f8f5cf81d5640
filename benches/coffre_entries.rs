//! Every entry point of the library that may use wide registers, on every path and with every
//! engine, for `dirty_halves.rs` alone.

use std::mem::MaybeUninit;

use coffre_core::aead::{Engine, Nonce};
use coffre_core::block::{self, Expected, SealOptions};
use coffre_core::challenge::{self, Report};
use coffre_core::checksum;
use coffre_core::context::Context;
use coffre_core::cpu::Cpu;
use coffre_core::header::BlockId;
use coffre_core::keypair::PrivateKey;
use coffre_core::out::Out;
use coffre_core::password::{Kdf, PasswordKey, Setting};
use coffre_core::password_hash::SALT;
use coffre_core::policy::Policy;
use coffre_core::polyval;
use coffre_core::random::Random;
use coffre_core::recipient::Identity;
use coffre_core::secret::Key;
use coffre_core::session::Session;
use coffre_core::text::Text;

use crate::os_random::OsRandom;
use crate::sides::coffre_side::{self, KeyWrap, MasterKeys, Version1};
use crate::sides::{Pair, Pipeline, Rekey, Sealed, Wrapped, keywrap_peers};

/// A name, and a call that prepared everything before.
pub type Entry = (String, Box<dyn FnMut()>);

/// Every path of a kernel: nothing, parts of a vector, vectors, strides, and what is left of them.
const LENGTHS: [usize; 14] =
    [0, 1, 15, 16, 17, 100, 255, 256, 600, 1024, 4096, 5000, 16_384, 70_001];
const BLOCKS: [usize; 4] = [0, 1000, 16_384, 100_000];
const KEY: [u8; 32] = [9; 32];
const NONCE: [u8; 12] = [0x24; 12];

pub fn all() -> Vec<Entry> {
    let mut entries = Vec::new();
    for engine in Engine::available().filter(|engine| engine.name() != "rustcrypto") {
        gcm(&mut entries, engine);
        blocks(&mut entries, engine);
        key_wrap(&mut entries, engine);
    }
    others(&mut entries);
    entries
}

fn add(entries: &mut Vec<Entry>, name: String, call: impl FnMut() + 'static) {
    entries.push((name, Box::new(call)));
}

fn gcm(entries: &mut Vec<Entry>, engine: Engine) {
    let key = || Key::copy_of(&KEY);
    let name = engine.name();
    for len in LENGTHS {
        add(entries, format!("{name}: key for {len}"), move || {
            std::hint::black_box(engine.key_for(&key(), len));
        });
        let ready = engine.key_for(&key(), len);
        let mut data = vec![3; len];
        add(entries, format!("{name}: seal {len}"), move || {
            ready.seal(&NONCE, &mut data).unwrap();
        });
        let ready = engine.key_for(&key(), 0);
        let mut data = vec![3; len];
        add(entries, format!("{name}: seal {len}, long nonce, powers made anew"), move || {
            ready.seal_with(Nonce::Long(&[5; 16]), b"additional", &mut data).unwrap();
        });
        let ready = engine.key(&key());
        let (plain, mut space) = (vec![3; len], vec![MaybeUninit::uninit(); len]);
        add(entries, format!("{name}: seal {len}, apart"), move || {
            ready.seal_to(&NONCE, &plain, &mut space).unwrap();
        });
        let ready = engine.key(&key());
        let mut sealed = vec![3; len];
        let tag = ready.seal(&NONCE, &mut sealed).unwrap();
        let mut space = vec![MaybeUninit::uninit(); len];
        add(entries, format!("{name}: open {len}, apart"), move || {
            ready.open_to(&NONCE, &sealed, &mut space, &tag).unwrap();
        });
        let ready = engine.key(&key());
        let mut data = vec![3; len];
        add(entries, format!("{name}: open {len}, altered"), move || {
            ready.open(&NONCE, &mut data, &[0; 16]).unwrap_err();
        });
        let ready = engine.key(&key());
        let mut ready = Some(ready);
        add(entries, format!("{name}: drop of a key"), move || drop(ready.take()));
    }
}

fn blocks(entries: &mut Vec<Entry>, engine: Engine) {
    let name = engine.name();
    let level_1 = SealOptions::default();
    let stored = SealOptions { compression: None, ..level_1 };
    let trusting = SealOptions { trust_random: true, ..stored };
    for len in BLOCKS {
        for (form, options, byte) in [
            ("stored", stored, 3),
            ("no hedge", trusting, 3),
            ("compressed", level_1, 3),
            ("zero", level_1, 0),
        ] {
            let plain = vec![byte; len];
            let context = Context::with_engine(0, engine).unwrap();
            let session = Session::from_key(Key::copy_of(&KEY));
            let mut random = Random::new(OsRandom);
            let mut workspace = coffre_side::workspace(
                options.workspace(len).unwrap().max(block::open_workspace()),
            );
            let mut space = vec![0; block::sealed_max(len)];
            let id = BlockId::Position(1);
            let mut seal = move |space: &mut [u8]| {
                let (mut out, lent) = (Out::new(space), &mut workspace);
                let random = &mut random;
                block::seal(&context, random, &session, &id, &options, &plain, lent, &mut out)
                    .unwrap();
                out.len()
            };
            let sealed_len = seal(&mut space);
            let sealed = space[..sealed_len].to_vec();
            let kept = sealed.clone();
            add(entries, format!("{name}: block of {len}, {form}, seal"), move || {
                seal(&mut space);
            });
            let context = Context::with_engine(0, engine).unwrap();
            let session = Session::from_key(Key::copy_of(&KEY));
            let (policy, expected) = (Policy::default(), Expected::default());
            let (mut plain, mut workspace) =
                (vec![0; len], coffre_side::workspace(block::open_workspace()));
            add(entries, format!("{name}: block of {len}, {form}, open"), move || {
                let (mut out, lent) = (Out::new(&mut plain), &mut workspace);
                block::open(&context, &policy, &session, &expected, &sealed, lent, &mut out)
                    .unwrap();
            });
            add(entries, format!("{name}: block of {len}, {form}, scrub and digest"), move || {
                block::scrub(&kept).unwrap();
                block::digest(&kept).unwrap();
            });
        }
        let mut version1 = Version1::new(engine, len);
        let mut sealed = Sealed::new(coffre_side::sealed_max(len));
        let plain = vec![3; len];
        version1.seal(&plain, &mut sealed);
        let mut opened = vec![0; len];
        let mut seals = Version1::new(engine, len);
        let mut space = Sealed::new(coffre_side::sealed_max(len));
        add(entries, format!("{name}: version 1 of {len}, seal"), move || {
            seals.seal(&plain, &mut space);
        });
        add(entries, format!("{name}: version 1 of {len}, open"), move || {
            version1.open(&sealed, &mut opened);
        });
    }
}

fn key_wrap(entries: &mut Vec<Entry>, engine: Engine) {
    let row = keywrap_peers::AwsLc::new(&KEY, &KEY).wrap(&[1; 32]);
    let name = engine.name();
    add(entries, format!("{name}: key unwrapped and wrapped"), move || {
        KeyWrap(engine).pair(&KEY, &[8; 32], &row);
    });
    for count in [1, 2, 7, 16, 33, 100] {
        let mut keys = MasterKeys::new(engine, &KEY, &[8; 32]);
        let (rows, mut out): (Vec<Wrapped>, _) = (vec![row; count], vec![[0; 40]; count]);
        add(entries, format!("{name}: rekey of {count} rows"), move || {
            keys.rewrap(&rows, &mut out);
        });
    }
}

/// What has no engine.
fn others(entries: &mut Vec<Entry>) {
    add(entries, "context".into(), || {
        Context::new(0).unwrap();
    });
    for (level, cpu) in Cpu::detect().levels().enumerate() {
        for len in [0, 1, 15, 16, 17, 100, 300, 1000, 5000, 100_000] {
            let bytes = vec![3; len];
            let and_polyval = bytes.clone();
            add(entries, format!("checksum of {len}, processor level {level}"), move || {
                checksum::of_by(cpu, &bytes);
                let mut running = checksum::Running::new(cpu);
                bytes.chunks(1000).for_each(|chunk| running.update(chunk));
                running.finish();
            });
            add(entries, format!("POLYVAL of {len}, processor level {level}"), move || {
                polyval::of(cpu, &[7; 16], &and_polyval);
            });
        }
    }
    for kdf in
        [Kdf::Pbkdf2 { iterations: 100_000 }, Kdf::Argon2id { memory_kib: 64, passes: 1, lanes: 1 }]
    {
        let mut workspace = vec![MaybeUninit::uninit(); kdf.workspace()];
        let setting = Setting { id: [1; 16], kdf, salt: [5; SALT], hint: Text::empty() };
        add(entries, format!("{kdf:?}"), move || {
            let (policy, setting) = (Policy::default(), setting.clone());
            PasswordKey::derive(&policy, setting, b"a password", &mut workspace).unwrap();
        });
    }
    for kind in ["KEK", "P-256"] {
        let mut random = Random::new(OsRandom);
        let identity = match kind {
            "KEK" => Identity::Kek(random.key(&[]).unwrap()),
            _ => Identity::P256(PrivateKey::generate(&mut random, &[]).unwrap()),
        };
        let context = Context::new(0).unwrap();
        let (recipient, mut space) = (identity.recipient(), vec![0; 4096]);
        let mut made = Out::new(&mut space);
        challenge::create(&context, &mut random, &recipient, &[1; 16], 1, &mut made).unwrap();
        let bytes = made.written().to_vec();
        let checks = context.clone();
        add(entries, format!("challenge under {kind}, made"), move || {
            let mut out = Out::new(&mut space);
            challenge::create(&context, &mut random, &recipient, &[1; 16], 1, &mut out).unwrap();
        });
        add(entries, format!("challenge under {kind}, checked"), move || {
            let mut report = Report::default();
            challenge::check(&checks, &identity, &[1; 16], 0, &bytes, &mut report).unwrap();
        });
    }
}
