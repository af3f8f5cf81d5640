//! Sealing and opening blocks, each pipeline by itself; `ratios.rs` compares them round by round.
//!
//! `cargo bench -p coffre-benches --bench block -- 'seal corpus/64 KiB'` runs a part.

mod data;
mod os_random;
mod peer;
mod pipelines;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use data::{Data, MIB, SIZES, size_name};
use pipelines::Sealed;

/// The first blocks of the data take turns: so much of it.
const TURN: usize = 8 * MIB;

fn blocks(criterion: &mut Criterion) {
    for data in [Data::corpus(), Data::random()] {
        for size in SIZES {
            let blocks: Vec<&[u8]> = data.bytes[..TURN].chunks(size).collect();
            seal(criterion, data.name, size, &blocks);
            open(criterion, data.name, size, &blocks);
        }
    }
}

fn seal(criterion: &mut Criterion, data: &str, size: usize, blocks: &[&[u8]]) {
    let mut group = criterion.benchmark_group(format!("seal {data}"));
    group.throughput(Throughput::Bytes(size as u64));
    for mut pipeline in pipelines::all(size) {
        let mut sealed = Sealed::for_plain(size);
        let mut turns = blocks.iter().cycle();
        group.bench_function(BenchmarkId::new(size_name(size), pipeline.name()), |bencher| {
            bencher.iter(|| pipeline.seal(turns.next().unwrap(), &mut sealed));
        });
    }
}

fn open(criterion: &mut Criterion, data: &str, size: usize, blocks: &[&[u8]]) {
    let mut group = criterion.benchmark_group(format!("open {data}"));
    group.throughput(Throughput::Bytes(size as u64));
    for mut pipeline in pipelines::all(size) {
        let mut plain = vec![0; size];
        let mut seal = |block| {
            let mut sealed = Sealed::for_plain(size);
            pipeline.seal(block, &mut sealed);
            sealed
        };
        let sealed: Vec<Sealed> = blocks.iter().map(|block| seal(block)).collect();
        let mut turns = sealed.iter().cycle();
        group.bench_function(BenchmarkId::new(size_name(size), pipeline.name()), |bencher| {
            bencher.iter(|| pipeline.open(turns.next().unwrap(), &mut plain));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .without_plots()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = blocks
}
criterion_main!(benches);
