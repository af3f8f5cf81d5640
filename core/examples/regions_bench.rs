//! What storing blocks untried costs and gains: size and time beside zstd alone, one context for
//! both, by turns in one process.
//!
//! `cargo run --release -p coffre-core --example regions_bench -- [LEVEL] FILE...`; without files,
//! 32 MiB of noise. Loss is in percentage points of the plain size, time the sum over turns of the
//! least of some rounds. Encryption is not in it. The last column is the test alone, on the first
//! block again and again.

#[path = "../tests/common/heap_zstd.rs"]
mod heap_zstd;

use std::hint::black_box;
use std::time::Instant;

use coffre_core::compress::incompressible;
use heap_zstd::Compressor;

const SIZES: [usize; 6] = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20];
/// Each of the two ways has a turn of this many bytes.
const TURN: usize = 4 << 20;
const ROUNDS: usize = 4;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let level = arguments.first().and_then(|first| first.parse().ok());
    if level.is_some() {
        arguments.remove(0);
    }
    println!("data, KiB a block | zstd % | ours % | loss | stored % | zstd / ours | test GB/s");
    if arguments.is_empty() {
        report("noise", &noise(32 << 20), level.unwrap_or(1));
    }
    for path in arguments {
        let name = path.rsplit('/').next().unwrap_or(&path);
        report(name, &std::fs::read(&path).expect("a file"), level.unwrap_or(1));
    }
}

/// Sizes and times of one way of sealing.
#[derive(Default)]
struct Way {
    size: usize,
    stored: usize,
    seconds: f64,
}

fn report(name: &str, data: &[u8], level: i32) {
    let mut zstd = Compressor::new(level);
    let mut frame = vec![0; zstd_safe::compress_bound(TURN)];
    for size in SIZES {
        let mut ways = [Way::default(), Way::default()];
        for turn in data.chunks(TURN) {
            let mut least = [f64::MAX; 2];
            for round in 0..ROUNDS {
                for index in [round % 2, 1 - round % 2] {
                    let mut way = Way::default();
                    let start = Instant::now();
                    for block in turn.chunks(size) {
                        if index == 1 && incompressible(black_box(block), level) {
                            way.stored += block.len();
                        } else {
                            let len = zstd.compress(&mut frame, black_box(block)).unwrap();
                            way.size += len.min(block.len());
                        }
                    }
                    least[index] = start.elapsed().as_secs_f64().min(least[index]);
                    if round == 0 {
                        ways[index].size += way.size + way.stored;
                        ways[index].stored += way.stored;
                    }
                }
            }
            ways[0].seconds += least[0];
            ways[1].seconds += least[1];
        }
        let [theirs, ours] = ways;
        let percent = |bytes: usize| bytes as f64 * 100.0 / data.len() as f64;
        println!(
            "{name:12} {:5} | {:7.3} | {:7.3} | {:6.3} | {:6.2} | {:6.3} | {:5.1}",
            size >> 10,
            percent(theirs.size),
            percent(ours.size),
            percent(ours.size) - percent(theirs.size),
            percent(ours.stored),
            theirs.seconds / ours.seconds,
            test_speed(&data[..size.min(data.len())], level),
        );
    }
}

fn test_speed(block: &[u8], level: i32) -> f64 {
    let times = (TURN / block.len()).max(8);
    let once = || {
        let start = Instant::now();
        for _ in 0..times {
            black_box(incompressible(black_box(block), level));
        }
        (times * block.len()) as f64 / start.elapsed().as_secs_f64() / 1e9
    };
    (0..ROUNDS * 4).map(|_| once()).fold(0.0, f64::max)
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
