//! Raw AES-256-GCM: each engine, and each peer.

use criterion::{BenchmarkId, Criterion, Throughput};

use crate::data::{MESSAGES, size_name};
use crate::sides::coffre_side::{self, Gcm};
use crate::sides::{Aead, TAG, aead_peers};

pub fn engines(criterion: &mut Criterion) {
    for size in MESSAGES {
        let mut group = criterion.benchmark_group("aes256gcm seal");
        group.throughput(Throughput::Bytes(size as u64));
        let mut message = vec![3; size + TAG];
        for (name, mut candidate) in candidates() {
            group.bench_function(BenchmarkId::new(size_name(size), name), |bencher| {
                bencher.iter(|| candidate.seal(&[7; 32], &mut message));
            });
        }
    }
    // Opening in place takes what sealing leaves, so both are timed; see `ratios.rs` for each.
    for size in MESSAGES {
        let mut group = criterion.benchmark_group("aes256gcm seal and open");
        group.throughput(Throughput::Bytes(size as u64));
        let mut message = vec![3; size + TAG];
        for (name, mut candidate) in candidates() {
            group.bench_function(BenchmarkId::new(size_name(size), name), |bencher| {
                bencher.iter(|| {
                    candidate.seal(&[7; 32], &mut message);
                    assert!(candidate.open(&[7; 32], &mut message));
                });
            });
        }
    }
}

fn candidates() -> Vec<(&'static str, Box<dyn Aead>)> {
    let mut all = aead_peers::all();
    for (name, engine) in coffre_side::hardware_engines() {
        all.push((name, Box::new(Gcm(engine))));
    }
    all.push(("portable", Box::new(Gcm(coffre_side::portable_engine()))));
    all
}
