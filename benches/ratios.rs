//! Coffre beside its peers, round by round in one process, for docs/PERFORMANCE.md and
//! build/bench.json.
//!
//! `cargo bench -p coffre-benches --bench ratios -- [PART...]`, where a part is `aead`, `stored`,
//! `rekey`, or `corpus` or `random`, which may end with a size: `aead:65536`. Each leaves a file in
//! build/bench; `performance_md.rs` makes the documents of them. `make bench` does all of it.
//!
//! What a figure says (`measure/figures.rs`): `ratio` is the peer's time by Coffre's in the same
//! round, the median of all rounds, above 1 when Coffre is faster; `gb_per_s` and
//! `cycles_per_byte` are Coffre's own. `bytes` are those of a message or of a block's plaintext;
//! for keys the 32 of one key, so pairs a second are `gb_per_s` by 32e-9. Cycles are counted by
//! additions that wait for each other, in every round. `engine` is `default` where the library
//! chooses for itself.

mod data;
mod machine;
mod measure;
mod os_random;
mod parts;
mod sides;

use data::{Data, MESSAGES, SIZES};
use measure::figures::Part;
use parts::{aead_part, pipeline_part, rekey_part, stored_part};
use sides::aead_peers;
use sides::coffre_side::{self, Gcm};

const ALL: [&str; 5] = ["aead", "stored", "rekey", "corpus", "random"];

fn main() {
    if measure::only_tested("ratios") {
        return;
    }
    let mut wanted = measure::arguments();
    if wanted.is_empty() {
        wanted = ALL.map(String::from).to_vec();
    }
    for name in wanted {
        let (name, size) = name.split_once(':').unwrap_or((&name, ""));
        let size = (!size.is_empty()).then(|| size.parse().expect("a size in bytes"));
        match name {
            "aead" => aead(size),
            "stored" => one("stored", stored_part::measure),
            "rekey" => one("rekey", rekey_part::measure),
            "corpus" => pipeline(&Data::corpus(), size),
            "random" => pipeline(&Data::random(), size),
            _ => panic!("ratios: no part '{name}'"),
        }
    }
}

fn one(name: &str, measure: fn(&mut Part)) {
    let mut part = Part::begin(name);
    measure(&mut part);
    part.save();
}

fn aead(only: Option<usize>) {
    for size in MESSAGES.into_iter().filter(|size| only.is_none_or(|only| only == *size)) {
        let engines = coffre_side::hardware_engines();
        let engines = engines
            .into_iter()
            .map(|(name, engine)| -> aead_part::Named { (name, Box::new(Gcm(engine))) });
        let mut part = Part::begin(format!("aead-{size}"));
        aead_part::measure(&mut part, size, engines.collect(), aead_peers::all());
        part.save();
    }
}

fn pipeline(data: &Data, only: Option<usize>) {
    for size in SIZES.into_iter().filter(|size| only.is_none_or(|only| only == *size)) {
        let mut part = Part::begin(format!("{}-{size}", data.name));
        pipeline_part::measure(&mut part, data, size);
        part.save();
    }
}
