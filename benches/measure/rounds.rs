//! Candidates by turns: round after round, in one order and then in the other.
//!
//! Absolute figures move with whatever else the machine does; a ratio of two measurements of the
//! same round hardly does, and the median of many is steady.

use std::time::{Duration, Instant};

use super::clock;
use super::figures::Figure;

/// A candidate: measures its `N` works once, on what all candidates share, and says how many
/// nanoseconds each took. The number is the round's.
pub struct Turn<'a, S, const N: usize> {
    pub name: String,
    pub run: Run<'a, S, N>,
}

type Run<'a, S, const N: usize> = Box<dyn FnMut(&mut S, usize) -> [f64; N] + 'a>;

impl<'a, S, const N: usize> Turn<'a, S, N> {
    pub fn new(
        name: impl Into<String>,
        run: impl FnMut(&mut S, usize) -> [f64; N] + 'a,
    ) -> Turn<'a, S, N> {
        Turn { name: name.into(), run: Box::new(run) }
    }
}

/// When to stop: after so many rounds, or earlier when the time is over, but never before `LEAST`
/// and only after a multiple of `whole`.
pub struct Budget {
    pub rounds: usize,
    pub time: Duration,
    pub whole: usize,
}

const LEAST: usize = 3;

impl Budget {
    pub fn new(rounds: usize, seconds: f64) -> Budget {
        if super::quick() {
            return Budget { rounds, time: Duration::ZERO, whole: 1 };
        }
        Budget { rounds, time: Duration::from_secs_f64(seconds), whole: 1 }
    }
}

/// What all rounds of one work took.
pub struct Rounds {
    names: Vec<String>,
    /// Nanoseconds: for each round, those of each candidate.
    ns: Vec<Vec<f64>>,
    /// Cycles a nanosecond, in each round.
    clock: Vec<f64>,
}

/// Runs the rounds, one more at first that does not count, because everything is touched once.
pub fn run<S, const N: usize>(
    budget: &Budget,
    shared: &mut S,
    turns: &mut [Turn<S, N>],
) -> [Rounds; N] {
    let names: Vec<String> = turns.iter().map(|turn| turn.name.clone()).collect();
    let none = || Rounds { names: names.clone(), ns: Vec::new(), clock: Vec::new() };
    let mut works: [Rounds; N] = std::array::from_fn(|_| none());
    let began = Instant::now();
    for round in 0..=budget.rounds {
        let mut of_round = vec![vec![0.0; turns.len()]; N];
        for turn in 0..turns.len() {
            let which = if round % 2 == 0 { turn } else { turns.len() - 1 - turn };
            clock::clean_halves();
            let ns = (turns[which].run)(shared, round);
            of_round.iter_mut().zip(ns).for_each(|(of_work, ns)| of_work[which] = ns);
        }
        let cycles = clock::cycles_per_ns();
        if round > 0 {
            for (work, ns) in works.iter_mut().zip(of_round) {
                work.ns.push(ns);
                work.clock.push(cycles);
            }
        }
        if round >= LEAST && round % budget.whole == 0 && began.elapsed() > budget.time {
            break;
        }
    }
    works
}

impl Rounds {
    pub fn count(&self) -> usize {
        self.ns.len()
    }

    /// Takes each `many` rounds for one: a pass over data whose parts differ. A pass that is not
    /// whole is left out.
    pub fn passes(&self, many: usize) -> Rounds {
        let mean = |rounds: &[Vec<f64>], which: usize| {
            rounds.iter().map(|round| round[which]).sum::<f64>() / rounds.len() as f64
        };
        let of_pass = |rounds: &[Vec<f64>]| {
            (0..self.names.len()).map(|which| mean(rounds, which)).collect::<Vec<f64>>()
        };
        Rounds {
            names: self.names.clone(),
            ns: self.ns.chunks_exact(many).map(of_pass).collect(),
            clock: self.clock.chunks_exact(many).map(|c| median(c.iter().copied())).collect(),
        }
    }

    /// Candidate `ours` beside candidate `peer`; a measurement was `count` units of `bytes` bytes.
    pub fn figure(&self, what: &What, ours: &str, peer: &str) -> Figure {
        let (ours, theirs) = (self.at(ours), self.at(peer));
        let bytes = (what.bytes * what.count) as f64;
        let ratios = self.ns.iter().map(|round| round[theirs] / round[ours]);
        let cycles = self.ns.iter().zip(&self.clock).map(|(ns, clock)| ns[ours] * clock / bytes);
        let speed = |which: usize| bytes / median(self.ns.iter().map(|round| round[which]));
        Figure {
            work: what.work.into(),
            engine: what.engine.into(),
            bytes: what.bytes,
            peer: peer.into(),
            ratio: quartiles(ratios),
            gb_per_s: speed(ours),
            peer_gb_per_s: speed(theirs),
            cycles_per_byte: median(cycles),
        }
    }

    fn at(&self, name: &str) -> usize {
        self.names.iter().position(|n| n == name).expect("a candidate's name")
    }
}

/// What a figure is of.
pub struct What<'a> {
    pub work: &'a str,
    pub engine: &'a str,
    /// Of a unit: a message, a block, a key.
    pub bytes: usize,
    /// Units in a measurement.
    pub count: usize,
}

/// Lower quartile, median and upper quartile.
pub fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    quartiles(values)[1]
}
