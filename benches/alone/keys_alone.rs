//! Keys: the start-up check, opening a record, finding a session's key in it, keys under keys, and
//! passwords.

use std::hint::black_box;
use std::mem::MaybeUninit;

use coffre_core::challenge::{self, Report};
use coffre_core::context::Context;
use coffre_core::keypair::PrivateKey;
use coffre_core::object::{Id, ObjectType};
use coffre_core::out::Out;
use coffre_core::password::{Kdf, PasswordKey, Setting};
use coffre_core::password_hash::SALT;
use coffre_core::policy::Policy;
use coffre_core::random::Random;
use coffre_core::recipient::Identity;
use coffre_core::record::Record;
use coffre_core::record_writer::RecordWriter;
use coffre_core::session::Session;
use coffre_core::text::Text;
use coffre_core::wrap::Scope;
use criterion::{Criterion, Throughput};

use crate::os_random::OsRandom;
use crate::sides::coffre_side::{self, KeyWrap, MasterKeys};
use crate::sides::keywrap_peers::{AwsLc, OpenSsl, RustCrypto};
use crate::sides::{Pair, Rekey};

const INSTANCE: Id = [1; 16];
const RESTORE_POINT: Id = [2; 16];
/// Session keys in the record.
const SESSIONS: usize = 1000;
/// Wrapped keys in a batch.
const ROWS: usize = 1024;

pub fn keys(criterion: &mut Criterion) {
    let context = Context::new(0).unwrap();
    let mut random = Random::new(OsRandom);
    let kek = Identity::Kek(random.key(&[]).unwrap());
    let p256 = Identity::P256(PrivateKey::generate(&mut random, &[]).unwrap());

    criterion.bench_function("context, with its self-tests", |b| {
        b.iter(|| Context::new(0).unwrap());
    });
    for (name, identity) in [("KEK", &kek), ("P-256", &p256)] {
        let challenge = make_challenge(&context, &mut random, identity);
        criterion.bench_function(&format!("challenge check, {name}"), |b| {
            b.iter(|| {
                let mut report = Report::default();
                challenge::check(&context, identity, &INSTANCE, 0, &challenge, &mut report)
                    .unwrap();
                report
            });
        });
    }
    sessions(criterion, &context, &mut random, &kek);
    key_wrap(criterion);
    passwords(criterion);
}

/// RFC 3394: rows from one key to another, and one key.
fn key_wrap(criterion: &mut Criterion) {
    let (from, to) = ([11; 32], [22; 32]);
    let rows = vec![AwsLc::new(&from, &from).wrap(&[1; 32]); ROWS];
    let mut out = vec![[0; 40]; ROWS];
    let mut group = criterion.benchmark_group("rekey of version 1");
    group.throughput(Throughput::Elements(ROWS as u64));
    let mut sides: Vec<(&str, Box<dyn Rekey>)> = vec![
        ("aws-lc", Box::new(AwsLc::new(&from, &to))),
        ("openssl", Box::new(OpenSsl::new(&from, &to))),
        ("rustcrypto", Box::new(RustCrypto::new(&from, &to))),
    ];
    for (name, engine) in coffre_side::engines_and_default() {
        sides.push((name, Box::new(MasterKeys::new(engine, &from, &to))));
    }
    for (name, mut side) in sides {
        group.bench_function(name, |b| b.iter(|| side.rewrap(&rows, &mut out)));
    }
    group.finish();
    let mut pair = KeyWrap(coffre_side::default_engine());
    criterion.bench_function("unwrap and wrap", |b| b.iter(|| pair.pair(&from, &to, &rows[0])));
}

fn passwords(criterion: &mut Criterion) {
    for (name, kdf) in [("PBKDF2", Kdf::PBKDF2), ("Argon2id", Kdf::ARGON2ID)] {
        let mut workspace = vec![MaybeUninit::uninit(); kdf.workspace()];
        let setting = Setting { id: [1; 16], kdf, salt: [5; SALT], hint: Text::empty() };
        criterion.bench_function(&format!("password, {name}"), |b| {
            b.iter(|| {
                let (policy, setting) = (Policy::default(), setting.clone());
                PasswordKey::derive(&policy, setting, b"a password", &mut workspace).unwrap()
            });
        });
    }
}

fn sessions(
    criterion: &mut Criterion,
    context: &Context,
    random: &mut Random<OsRandom>,
    kek: &Identity,
) {
    let (bytes, ids) = make_record(context, random, kek);
    let (record, policy) = (Record::parse(&bytes).unwrap(), Policy::default());
    let keys = record.open(context, &policy, kek).unwrap();
    let mut group = criterion.benchmark_group(format!("record of {SESSIONS} sessions"));
    group.bench_function("parse", |b| b.iter(|| Record::parse(black_box(&bytes)).unwrap()));
    group.bench_function("open, KEK", |b| b.iter(|| record.open(context, &policy, kek).unwrap()));
    let mut turns = ids.iter().cycle();
    group.bench_function("find a session", |b| {
        b.iter(|| keys.session(&record, turns.next().unwrap()).unwrap());
    });
}

fn make_challenge(
    context: &Context,
    random: &mut Random<OsRandom>,
    identity: &Identity,
) -> Vec<u8> {
    let mut space = vec![0; 4096];
    let mut out = Out::new(&mut space);
    challenge::create(context, random, &identity.recipient(), &INSTANCE, 1, &mut out).unwrap();
    out.written().to_vec()
}

/// A key record, and the ids of its sessions.
fn make_record(
    context: &Context,
    random: &mut Random<OsRandom>,
    identity: &Identity,
) -> (Vec<u8>, Vec<Id>) {
    let scope = Scope { object: ObjectType::KeyRecord, id: RESTORE_POINT };
    let mut space = vec![0; 1 << 20];
    let out = Out::new(&mut space);
    let mut writer = RecordWriter::create(random, scope, &INSTANCE, 1, out).unwrap();
    writer.add_recipient(context, random, &identity.recipient()).unwrap();
    let mut add = |_| {
        let session = Session::generate(random).unwrap();
        writer.add_session(&session).unwrap();
        *session.id()
    };
    let ids = (0..SESSIONS).map(&mut add).collect();
    let (len, _) = writer.finish().unwrap();
    space.truncate(len);
    (space, ids)
}
