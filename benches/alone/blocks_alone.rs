//! Sealing and opening blocks: each pipeline.

use crate::data::{Data, MIB, SIZES, size_name};
use crate::sides::{Sealed, pipelines, sealed_for};
use criterion::{BenchmarkId, Criterion, Throughput};

/// The first blocks of the data take turns: so much of it.
const TURN: usize = 8 * MIB;

pub fn blocks(criterion: &mut Criterion) {
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
    for mut pipeline in pipelines(size) {
        let mut sealed = sealed_for(size);
        let mut turns = blocks.iter().cycle();
        group.bench_function(BenchmarkId::new(size_name(size), pipeline.name()), |bencher| {
            bencher.iter(|| pipeline.seal(turns.next().unwrap(), &mut sealed));
        });
    }
}

fn open(criterion: &mut Criterion, data: &str, size: usize, blocks: &[&[u8]]) {
    let mut group = criterion.benchmark_group(format!("open {data}"));
    group.throughput(Throughput::Bytes(size as u64));
    for mut pipeline in pipelines(size) {
        let mut plain = vec![0; size];
        let mut seal = |block| {
            let mut sealed = sealed_for(size);
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
