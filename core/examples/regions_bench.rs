//! What storing blocks untried costs and gains, for each file named: size and time beside zstd
//! level 1, the same context and the same process, by turns.
//!
//! `cargo run --release -p coffre-core --example regions_bench -- [LEVEL] FILE...`; no files are
//! 64 MiB of noise. Loss is in percentage points of the plain size.

use std::hint::black_box;
use std::time::Instant;

use coffre_core::compress::incompressible;
use zstd_safe::{CCtx, CParameter};

const SIZES: [usize; 6] = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20];
/// Each of the two ways has a turn of this many bytes.
const TURN: usize = 4 << 20;
const ROUNDS: usize = 3;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let level = arguments.first().and_then(|first| first.parse().ok());
    if level.is_some() {
        arguments.remove(0);
    }
    println!(
        "{:44} {:>8} {:>8} {:>7} {:>7} {:>6}",
        "", "zstd %", "ours %", "loss", "stored", "speed"
    );
    if arguments.is_empty() {
        report("noise", &noise(64 << 20), level.unwrap_or(1));
    }
    for name in arguments {
        report(&name, &std::fs::read(&name).expect("a file"), level.unwrap_or(1));
    }
}

fn report(name: &str, data: &[u8], level: i32) {
    let mut zstd = CCtx::create();
    zstd.set_parameter(CParameter::CompressionLevel(level)).unwrap();
    let mut frame = vec![0; zstd_safe::compress_bound(4 << 20)];
    for size in SIZES {
        let mut shrink = |block: &[u8]| {
            let len = zstd.compress2(&mut frame[..], black_box(block)).unwrap();
            len.min(block.len())
        };
        let (mut theirs, mut ours, mut stored) = (0, 0, 0);
        let mut times = [0.0; 2];
        for (number, turn) in
            data.chunks(TURN).cycle().take(ROUNDS * data.len().div_ceil(TURN)).enumerate()
        {
            let mut spent = [0.0; 2];
            for way in [number % 2, 1 - number % 2] {
                let start = Instant::now();
                for block in turn.chunks(size) {
                    if way == 0 {
                        theirs += shrink(block);
                    } else if incompressible(black_box(block), level) {
                        (ours, stored) = (ours + block.len(), stored + block.len());
                    } else {
                        ours += shrink(block);
                    }
                }
                spent[way] = start.elapsed().as_secs_f64();
                times[way] += spent[way];
            }
        }
        let percent = |bytes: usize| bytes as f64 * 100.0 / (data.len() * ROUNDS) as f64;
        println!(
            "{:34} {:5} KiB {:8.3} {:8.3} {:7.3} {:7.2} {:6.3}",
            name.rsplit('/').next().unwrap_or(name),
            size >> 10,
            percent(theirs),
            percent(ours),
            percent(ours) - percent(theirs),
            percent(stored),
            times[0] / times[1],
        );
    }
}

/// Bytes that don't compress.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u64;
    let next = || {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}
