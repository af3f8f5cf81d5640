//! Pipelines, from plaintext to sealed block and back: a pass over all data is a round.
//!
//! Within a pass the candidates take turns after each batch, so that other programs disturb all
//! alike. A pass is the corpus with its mix of kinds of files; a batch would be one kind.

use std::hint::black_box;

use crate::data::{Data, KIB, MIB};
use crate::measure::clock::Watch;
use crate::measure::figures::Part;
use crate::measure::quick;
use crate::measure::rounds::{self, Budget, Turn, What};
use crate::sides::backy2_side::Backy2;
use crate::sides::{Pipeline, Sealed, pipelines, sealed_for};

/// Where backy2's way takes part.
const WITH_BACKY2: [usize; 2] = [64 * KIB, MIB];
/// Bytes of a batch, or more.
const BATCH: usize = MIB;
/// Of plaintext in a pass: of small blocks, which take long, every few.
const PASS: usize = 96 * MIB;
const SMALL_PASS: usize = 24 * MIB;
/// Below this size blocks are small.
const SMALL: usize = 16 * KIB;
const QUICK_PASS: usize = 4 * MIB;
const PEER: &str = "zstd+openssl";

/// The blocks of a pass are each `stride`th one of the data.
struct Blocks<'d> {
    data: &'d [u8],
    size: usize,
    stride: usize,
    /// In a batch.
    count: usize,
    batches: usize,
    sealed: Vec<Sealed>,
    plain: Vec<u8>,
}

impl<'d> Blocks<'d> {
    fn new(data: &'d Data, size: usize) -> Blocks<'d> {
        let pass = match size {
            _ if quick() => QUICK_PASS,
            ..SMALL => SMALL_PASS,
            _ => PASS,
        };
        let stride = (data.bytes.len() / pass).max(1);
        let count = (BATCH / size).max(1);
        let batches = data.bytes.len() / (size * stride * count);
        let sealed = (0..count).map(|_| sealed_for(size)).collect();
        Blocks {
            data: &data.bytes,
            size,
            stride,
            count,
            batches,
            sealed,
            plain: vec![0; size * count],
        }
    }

    /// Where the first block of a batch begins, and how far it is to the next.
    fn place(&self, round: usize) -> (usize, usize) {
        let distance = self.size * self.stride;
        (round % self.batches * self.count * distance, distance)
    }

    fn time(&mut self, pipeline: &mut dyn Pipeline, round: usize) -> [f64; 2] {
        let (start, distance) = self.place(round);
        let (data, size) = (self.data, self.size);
        let block = |number: usize| &data[start + number * distance..][..size];
        // The first candidate must not be alone in reading the batch from memory.
        (0..self.count).for_each(|number| drop(black_box(block(number).to_vec())));
        let watch = Watch::start();
        for (number, sealed) in self.sealed.iter_mut().enumerate() {
            pipeline.seal(block(number), sealed);
        }
        let seal = watch.ns();
        let watch = Watch::start();
        for (sealed, plain) in self.sealed.iter().zip(self.plain.chunks_mut(size)) {
            pipeline.open(sealed, plain);
        }
        let open = watch.ns();
        let mut opened = self.plain.chunks(size).enumerate();
        assert!(opened.all(|(n, plain)| plain == block(n)), "{} at {size}", pipeline.name());
        [seal, open]
    }
}

pub fn measure(part: &mut Part, data: &Data, size: usize) {
    let mut blocks = Blocks::new(data, size);
    let mut turns: Vec<Turn<Blocks, 2>> = pipelines(size)
        .into_iter()
        .map(|mut pipeline| {
            let name = pipeline.name();
            Turn::new(name, move |blocks: &mut Blocks, round| blocks.time(pipeline.as_mut(), round))
        })
        .collect();
    let mut peers = vec![PEER];
    let backy2 = WITH_BACKY2.contains(&size).then(|| Backy2::start(&data.path)).flatten();
    if let Some(mut backy2) = backy2 {
        part.note(backy2.versions.clone());
        turns.push(Turn::new("backy2", move |blocks: &mut Blocks, round| {
            let (start, distance) = blocks.place(round);
            backy2.blocks(start, distance, blocks.count, blocks.size)
        }));
        peers.push("backy2");
    }
    // A pass over the corpus takes longer than one over random bytes.
    let seconds = if data.name == "corpus" { 5.0 } else { 3.0 };
    let seconds = if WITH_BACKY2.contains(&size) { 2.0 * seconds } else { seconds };
    let (batches, count) = (blocks.batches, blocks.count);
    let budget = Budget { whole: batches, ..Budget::new(usize::MAX - 1, seconds) };
    let works = rounds::run(&budget, &mut blocks, &mut turns);
    for (work, rounds) in ["seal", "open"].into_iter().zip(works) {
        let rounds = rounds.passes(batches);
        for peer in &peers {
            for (version, ours) in [("", "coffre version 2"), ("_v1", "coffre version 1")] {
                let work = format!("pipeline{version}_{}_{work}", data.name);
                let what = What { work: &work, engine: "default", bytes: size, count };
                part.add(rounds.count(), rounds.figure(&what, ours, peer));
            }
        }
    }
}
