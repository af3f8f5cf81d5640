//! What stands in build/bench.json, and what must: every work with every engine that this processor
//! has, and every peer. Which figures are good is not asked.

use crate::data::{KIB, MESSAGES, MIB, SIZES};
use crate::document::saved::Run;
use crate::sides::coffre_side;

/// The works of build/bench.json; other ones are for the document alone.
const WORKS: [&str; 13] = [
    "aes256gcm_seal",
    "aes256gcm_open",
    "block_seal_stored_bare",
    "block_seal_stored_checksum",
    "block_seal_stored_hedged",
    "block_open_stored",
    "pipeline_corpus_seal",
    "pipeline_corpus_open",
    "pipeline_random_seal",
    "pipeline_random_open",
    "rekey_v1_batch",
    "rekey_v1_single",
    "kw_pair",
];

/// The list, an object a line.
pub fn json(run: &Run) -> String {
    let listed = run.figures.iter().filter(|figure| WORKS.contains(&figure.work.as_str()));
    let lines: Vec<String> = listed.map(|figure| format!("  {{{}}}", figure.fields())).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// What a complete run has, and this one lacks; or has, but not as a number.
pub fn missing(run: &Run) -> Vec<String> {
    let mut missing = Vec::new();
    for (work, engine, bytes, peers) in wanted() {
        for peer in peers {
            let figure = run.find(work, engine, bytes, peer);
            let good = figure.is_some_and(|figure| {
                let numbers = [figure.ratio[1], figure.gb_per_s, figure.cycles_per_byte];
                numbers.iter().all(|number| number.is_finite() && *number > 0.0)
            });
            if !good {
                missing.push(format!("{work}, {engine}, {bytes} bytes, beside {peer}"));
            }
        }
    }
    missing
}

type Wanted = (&'static str, &'static str, usize, &'static [&'static str]);

fn wanted() -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for size in MESSAGES {
        for work in &WORKS[..2] {
            for (engine, _) in coffre_side::hardware_engines() {
                wanted.push((work, engine, size, &["aws-lc", "openssl", "ring", "rustcrypto"]));
            }
            wanted.push((work, "portable", size, &["rustcrypto"]));
        }
    }
    for (engine, _) in coffre_side::engines_and_default() {
        for size in SIZES {
            for work in &WORKS[2..6] {
                wanted.push((work, engine, size, &["aws-lc", "openssl"]));
            }
        }
        for work in &WORKS[10..] {
            wanted.push((work, engine, 32, &["aws-lc", "openssl", "rustcrypto", "backy2"]));
        }
    }
    for size in SIZES {
        for work in &WORKS[6..10] {
            wanted.push((work, "default", size, &["zstd+openssl"]));
            if [64 * KIB, MIB].contains(&size) {
                wanted.push((work, "default", size, &["backy2"]));
            }
        }
    }
    wanted
}
