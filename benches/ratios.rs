//! Coffre beside zstd + OpenSSL, round by round in one process, and the table of
//! docs/PERFORMANCE.md that follows from it.
//!
//! `cargo bench -p coffre-benches --bench ratios`, about a minute and a half. Absolute figures move
//! with whatever else the machine does; a ratio compares two measurements of the same instant, and
//! the median of many ratios is steady.

mod data;
mod lines;
mod machine;
mod os_random;
mod peer;
mod pipelines;
mod report;

use std::hint::black_box;
use std::time::{Duration, Instant};

use data::{Data, KIB, MIB, SIZES};
use lines::{HEAD, Line, Round};
use pipelines::{Pipeline, Sealed};
use report::Section;

/// What a round seals and opens, unless a block is larger: little, so that other programs seldom
/// come between. Each round has other bytes.
const BATCH: usize = 256 * KIB;
/// For each size and kind of data.
const TIME: Duration = Duration::from_secs(10);

const SECTION: Section = Section {
    begin: "<!-- written by `cargo bench -p coffre-benches --bench ratios` -->\n",
    end: "<!-- end of what is written -->\n",
};

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("ratios: measures under `cargo bench` only");
        return;
    }
    let load = machine::Load::begin();
    let mut lines = Vec::new();
    for data in [Data::corpus(), Data::random()] {
        println!("{}: {} MiB", data.name, data.bytes.len() / MIB);
        for size in SIZES {
            lines.extend(measure(&data, size));
        }
    }
    let rounds = lines.iter().map(|line| line.rounds.len()).min().unwrap_or_default();
    let rows: String = lines.iter().map(Line::row).collect();
    let circumstances = report::circumstances(rounds, load.end());
    report::write(&SECTION, &format!("{circumstances}\n{HEAD}{rows}"));
}

/// Seals and opens batch after batch with all pipelines, in one order and then in the other.
fn measure(data: &Data, size: usize) -> [Line; 2] {
    let mut pipelines = pipelines::all(size);
    let batch_len = BATCH.max(size);
    let mut sealed: Vec<Sealed> = (0..batch_len / size).map(|_| Sealed::for_plain(size)).collect();
    let mut plain = vec![0; batch_len];
    let [mut seal, mut open] = ["seal", "open"].map(|work| Line::new(data.name, size, work));

    let began = Instant::now();
    for (round, batch) in data.bytes.chunks_exact(batch_len).cycle().enumerate() {
        // The first one must not be alone in reading the batch from memory.
        black_box(batch.to_vec());
        let (mut seal_speeds, mut open_speeds): (Round, Round) = Default::default();
        for turn in 0..pipelines.len() {
            let which = if round % 2 == 0 { turn } else { pipelines.len() - 1 - turn };
            let pipeline = pipelines[which].as_mut();
            seal_speeds[which] = seal_all(pipeline, batch, &mut sealed);
            open_speeds[which] = open_all(pipeline, &sealed, &mut plain);
            assert!(plain == batch, "{} at {size}", pipeline.name());
        }
        // Everything is touched once before it counts.
        if round > 0 {
            seal.rounds.push(seal_speeds);
            open.rounds.push(open_speeds);
        }
        if began.elapsed() > TIME {
            break;
        }
    }
    [seal, open]
}

/// Seals the batch, and says how many bytes a second.
fn seal_all(pipeline: &mut dyn Pipeline, batch: &[u8], sealed: &mut [Sealed]) -> f64 {
    let size = batch.len() / sealed.len();
    let began = Instant::now();
    for (plain, sealed) in batch.chunks(size).zip(sealed) {
        pipeline.seal(plain, sealed);
    }
    batch.len() as f64 / began.elapsed().as_secs_f64()
}

/// Opens the batch, and says how many bytes a second.
fn open_all(pipeline: &mut dyn Pipeline, sealed: &[Sealed], batch: &mut [u8]) -> f64 {
    let size = batch.len() / sealed.len();
    let began = Instant::now();
    for (sealed, plain) in sealed.iter().zip(batch.chunks_mut(size)) {
        pipeline.open(sealed, plain);
    }
    batch.len() as f64 / began.elapsed().as_secs_f64()
}
