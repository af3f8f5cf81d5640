//! Two threads beside one: each seals blocks of its own, with contexts and workspaces of its own.
//!
//! `cargo bench -p coffre-benches --bench threads`. In a round two threads, each on a core of its
//! own, seal some blocks one after the other, then at the same time; so a core that is slower
//! counts for both. The library shares nothing between threads: what is missing to 2 is the
//! machine's.

mod data;
mod machine;
mod measure;
mod os_random;
mod sides;

use std::hint::black_box;
use std::sync::Barrier;
use std::thread::{self, available_parallelism};
use std::time::Instant;

use data::{Data, KIB, MIB, SIZES};
use measure::figures::Part;
use measure::rounds::{self, Budget, Turn, What};
use sides::coffre_side::{self, Version2};
use sides::{Pipeline, Sealed, sealed_for};

/// What a thread seals in a round, again and again: little, so that the cores' way to memory does
/// not count, and so often that a thread's start does not.
const BATCH: usize = 2 * MIB;
const TIMES: usize = 8;
const ONE: &str = "1 thread";
const TWO: &str = "2 threads";

fn main() {
    if measure::only_tested("threads") {
        return;
    }
    let mut part = Part::begin("threads");
    let cores = cores().count();
    part.note(format!("on {cores} of {} cores", available_parallelism().map_or(1, |n| n.get())));
    if cores < 2 {
        println!("threads: there is one core to run on");
        return;
    }
    for data in [Data::corpus(), Data::random()] {
        for size in SIZES.into_iter().filter(|size| (64 * KIB..=MIB).contains(size)) {
            measure_at(&mut part, &data, size);
        }
    }
    part.save();
}

/// A thread's own.
struct Worker {
    core: usize,
    pipeline: Version2,
    sealed: Vec<Sealed>,
}

fn measure_at(part: &mut Part, data: &Data, size: usize) {
    let count = BATCH / size;
    let mut workers: Vec<Worker> = cores()
        .map(|core| Worker {
            core,
            pipeline: Version2::new(coffre_side::default_engine(), size),
            sealed: (0..count).map(|_| sealed_for(size)).collect(),
        })
        .collect();
    let bytes = &data.bytes;
    let batches = bytes.len() / BATCH;
    // Both threads seal the same blocks in a round: other ones might take longer.
    let blocks = |round: usize| bytes[round % batches * BATCH..][..BATCH].chunks(size);
    let mut turns = [
        Turn::new(ONE, |workers: &mut Vec<Worker>, round| {
            [workers.chunks_mut(1).map(|worker| seal_on(worker, || blocks(round))).sum()]
        }),
        Turn::new(TWO, |workers: &mut Vec<Worker>, round| [seal_on(workers, || blocks(round))]),
    ];
    let budget = Budget::new(usize::MAX - 1, 2.5);
    let [sealed] = rounds::run(&budget, &mut workers, &mut turns);
    let work = format!("threads_{}_seal", data.name);
    let what = What { work: &work, engine: "default", bytes: size, count: 2 * count * TIMES };
    part.add(sealed.count(), sealed.figure(&what, TWO, ONE));
}

/// Nanoseconds from the first thread's start to the last one's end.
fn seal_on<'b>(
    workers: &mut [Worker],
    blocks: impl Fn() -> std::slice::Chunks<'b, u8> + Sync,
) -> f64 {
    // No thread is the first to read the blocks from memory.
    blocks().for_each(|block| drop(black_box(block.to_vec())));
    let (start, blocks) = (&Barrier::new(workers.len()), &blocks);
    let times: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let seal = |Worker { core, pipeline, sealed }: &mut Worker| {
            stay_on(*core);
            start.wait();
            let began = Instant::now();
            for _ in 0..TIMES {
                for (plain, sealed) in blocks().zip(&mut *sealed) {
                    pipeline.seal(plain, sealed);
                }
            }
            (began, Instant::now())
        };
        let threads: Vec<_> =
            workers.iter_mut().map(|worker| scope.spawn(move || seal(worker))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let began = times.iter().map(|(began, _)| *began).min().unwrap();
    let ended = times.iter().map(|(_, ended)| *ended).max().unwrap();
    (ended - began).as_nanos() as f64
}

/// Cores of Linux, a bit each.
type Cores = [u64; 16];

unsafe extern "C" {
    fn sched_getaffinity(thread: i32, size: usize, cores: *mut Cores) -> i32;
    fn sched_setaffinity(thread: i32, size: usize, cores: *const Cores) -> i32;
}

/// The first two cores that this process may run on.
fn cores() -> impl Iterator<Item = usize> {
    let mut cores: Cores = [0; 16];
    // SAFETY: sched.h: as many bytes as said; 0 is this thread.
    unsafe { sched_getaffinity(0, size_of::<Cores>(), &mut cores) };
    (0..1024).filter(move |core| cores[core / 64] >> (core % 64) & 1 == 1).take(2)
}

/// Keeps this thread on a core.
fn stay_on(core: usize) {
    let mut cores: Cores = [0; 16];
    cores[core / 64] = 1 << (core % 64);
    // SAFETY: as above.
    unsafe { sched_setaffinity(0, size_of::<Cores>(), &cores) };
}
