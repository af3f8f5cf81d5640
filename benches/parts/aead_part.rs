//! Raw AES-256-GCM: each engine beside each peer, in place, a fresh key for each message, no
//! additional data.

use std::hint::black_box;
use std::time::Instant;

use crate::data::KIB;
use crate::measure::clock::Watch;
use crate::measure::figures::Part;
use crate::measure::rounds::{self, Budget, Turn, What};
use crate::sides::{Aead, TAG};

/// Bytes of one measurement, or more: several messages, if they are short.
const BATCH: usize = 128 * KIB;
/// Before each measurement, so that wide units are awake.
const WARM_UP_NS: u128 = 25_000;

pub type Named = (&'static str, Box<dyn Aead>);

/// `engines` beside `peers`, at one size.
pub fn measure(part: &mut Part, size: usize, engines: Vec<Named>, peers: Vec<Named>) {
    let names = |of: &[Named]| of.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let (engine_names, peer_names) = (names(&engines), names(&peers));
    let mut messages = Messages::new(size);
    let candidates = peers.into_iter().chain(engines);
    let mut turns: Vec<_> = candidates
        .map(|(name, mut candidate)| {
            Turn::new(name, move |messages: &mut Messages, _| messages.time(candidate.as_mut()))
        })
        .collect();
    let budget = Budget::new(300, 3.0);
    let [seal, open] = rounds::run(&budget, &mut messages, &mut turns);
    let count = messages.count;
    for engine in engine_names {
        for peer in &peer_names {
            for (work, rounds) in [("aes256gcm_seal", &seal), ("aes256gcm_open", &open)] {
                let what = What { work, engine, bytes: size, count };
                part.add(rounds.count(), rounds.figure(&what, engine, peer));
            }
        }
    }
}

/// What all candidates seal and open.
struct Messages {
    memory: Vec<u8>,
    /// Where the first message begins, at a cache line.
    start: usize,
    size: usize,
    stride: usize,
    count: usize,
}

impl Messages {
    fn new(size: usize) -> Messages {
        let count = (BATCH / (size + TAG)).max(1);
        let stride = (size + TAG).next_multiple_of(64);
        let mut memory = vec![0; stride * count + 64];
        getrandom::fill(&mut memory).unwrap();
        let start = memory.as_ptr().align_offset(64);
        Messages { memory, start, size, stride, count }
    }

    /// Seals all, and opens all.
    fn time(&mut self, candidate: &mut dyn Aead) -> [f64; 2] {
        let whole = self.size + TAG;
        let memory = &mut self.memory[self.start..][..self.stride * self.count];
        let mut messages: Vec<&mut [u8]> = memory.chunks_mut(self.stride).collect();
        warm_up(candidate, self.size);
        let watch = Watch::start();
        for (message, number) in messages.iter_mut().zip((0_u8..=255).cycle()) {
            candidate.seal(&[number; 32], &mut message[..whole]);
        }
        let sealed = watch.ns();
        warm_up(candidate, self.size);
        let watch = Watch::start();
        let mut good = true;
        for (message, number) in messages.iter_mut().zip((0_u8..=255).cycle()) {
            good &= candidate.open(&[number; 32], &mut message[..whole]);
        }
        let opened = watch.ns();
        assert!(good, "a message of {} bytes did not open", self.size);
        [sealed, opened]
    }
}

fn warm_up(candidate: &mut dyn Aead, size: usize) {
    let mut message = vec![0; size.min(16 * KIB) + TAG];
    let began = Instant::now();
    while began.elapsed().as_nanos() < WARM_UP_NS {
        candidate.seal(&[1; 32], black_box(&mut message));
    }
}
