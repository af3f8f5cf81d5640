//! Stored blocks of version 2 beside plain AES-256-GCM on the same bytes: what do header, tags,
//! checksum and hedge cost?
//!
//! All go from one memory to another. The peer seals and opens one message of the block's size
//! under a fresh key, and derives nothing.

use crate::data::{KIB, SIZES};
use crate::measure::clock::Watch;
use crate::measure::figures::Part;
use crate::measure::rounds::{self, Budget, Turn, What};
use crate::sides::aead_peers::{AwsLc, OpenSsl};
use crate::sides::coffre_side::{self, Stored};
use crate::sides::{Apart, TAG};

/// Bytes of one measurement, or more: a block several times, if it is short.
const BATCH: usize = 256 * KIB;
const PEERS: [&str; 2] = ["aws-lc", "openssl"];
const SEALS: [&str; 3] =
    ["block_seal_stored_bare", "block_seal_stored_checksum", "block_seal_stored_hedged"];
const OPEN: &str = "block_open_stored";

/// What is sealed, where it is sealed to, and where it is opened to.
struct Place {
    plain: Vec<u8>,
    sealed: Vec<u8>,
    opened: Vec<u8>,
    count: usize,
}

impl Place {
    fn new(size: usize) -> Place {
        let mut plain = vec![0; size];
        getrandom::fill(&mut plain).unwrap();
        let sealed = vec![0; Stored::sealed_len(size).max(size + TAG)];
        Place { plain, sealed, opened: vec![0; size], count: (BATCH / size).max(1) }
    }

    fn time(&mut self, mut work: impl FnMut(&mut Place, usize)) -> [f64; 1] {
        work(self, 0); // awake, and in the cache as far as it fits
        let watch = Watch::start();
        (0..self.count).for_each(|number| work(self, number));
        [watch.ns()]
    }
}

pub fn measure(part: &mut Part) {
    let engines = coffre_side::engines_and_default();
    for size in SIZES {
        let mut place = Place::new(size);
        let mut seals: Vec<Turn<Place, 1>> =
            vec![seal_turn("aws-lc", AwsLc), seal_turn("openssl", OpenSsl::new())];
        let mut opens: Vec<Turn<Place, 1>> =
            vec![open_turn("aws-lc", AwsLc, size), open_turn("openssl", OpenSsl::new(), size)];
        for (name, engine) in &engines {
            let stored = || Stored::new(*engine);
            for work in SEALS {
                seals.push(stored_turn(format!("{work} {name}"), work, stored()));
            }
            opens.push(stored_open_turn(format!("{OPEN} {name}"), stored(), size));
        }
        let budget = Budget::new(100, 2.0);
        let [sealed] = rounds::run(&budget, &mut place, &mut seals);
        let [opened] = rounds::run(&budget, &mut place, &mut opens);
        for (engine, _) in &engines {
            for (works, rounds) in [(&SEALS[..], &sealed), (&[OPEN], &opened)] {
                for work in works {
                    for peer in PEERS {
                        let what = What { work, engine, bytes: size, count: place.count };
                        let ours = format!("{work} {engine}");
                        part.add(rounds.count(), rounds.figure(&what, &ours, peer));
                    }
                }
            }
        }
    }
}

fn seal_turn(name: &str, mut peer: impl Apart + 'static) -> Turn<'static, Place, 1> {
    Turn::new(name, move |place: &mut Place, _| {
        place.time(|place, number| {
            let sealed = &mut place.sealed[..place.plain.len() + TAG];
            peer.seal_apart(&[number as u8; 32], &place.plain, sealed);
        })
    })
}

fn open_turn(name: &str, mut peer: impl Apart + 'static, size: usize) -> Turn<'static, Place, 1> {
    let mut message = vec![0; size + TAG];
    peer.seal_apart(&[7; 32], &vec![3; size], &mut message);
    Turn::new(name, move |place: &mut Place, _| {
        place.time(|place, _| {
            assert!(peer.open_apart(&[7; 32], &message, &mut place.opened));
        })
    })
}

fn stored_turn(name: String, work: &'static str, mut stored: Stored) -> Turn<'static, Place, 1> {
    Turn::new(name, move |place: &mut Place, _| {
        place.time(|place, _| match work {
            "block_seal_stored_bare" => stored.seal_bare(&place.plain, &mut place.sealed),
            _ => stored.seal(work.ends_with("hedged"), &place.plain, &mut place.sealed),
        })
    })
}

fn stored_open_turn(name: String, mut stored: Stored, size: usize) -> Turn<'static, Place, 1> {
    let mut block = vec![0; Stored::sealed_len(size)];
    stored.seal(true, &vec![3; size], &mut block);
    Turn::new(name, move |place: &mut Place, _| {
        place.time(|place, _| stored.open(&block, &mut place.opened))
    })
}
