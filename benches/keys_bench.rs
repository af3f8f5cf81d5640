//! Keys: the start-up check, opening a record, finding a session's key in it.

mod os_random;

use std::hint::black_box;
use std::time::Duration;

use coffre_core::challenge::{self, Report};
use coffre_core::context::Context;
use coffre_core::keypair::PrivateKey;
use coffre_core::object::{Id, ObjectType};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::random::Random;
use coffre_core::recipient::Identity;
use coffre_core::record::Record;
use coffre_core::record_writer::RecordWriter;
use coffre_core::session::Session;
use coffre_core::wrap::Scope;
use criterion::{Criterion, criterion_group, criterion_main};
use os_random::OsRandom;

const INSTANCE: Id = [1; 16];
const RESTORE_POINT: Id = [2; 16];
/// Session keys in the record.
const SESSIONS: usize = 1000;

fn keys(criterion: &mut Criterion) {
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

criterion_group! {
    name = benches;
    config = Criterion::default()
        .without_plots()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = keys
}
criterion_main!(benches);
