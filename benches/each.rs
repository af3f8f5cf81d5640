//! Each thing by itself, with criterion's statistics: raw AES-256-GCM, blocks, keys, passwords.
//! `ratios.rs` compares them round by round.
//!
//! `cargo bench -p coffre-benches --bench each -- 'seal corpus/64 KiB'` runs a part; with
//! `--quick` it takes a minute.

mod alone;
mod data;
mod machine;
mod measure;
mod os_random;
mod sides;

use std::time::Duration;

use alone::{blocks_alone, engines_alone, keys_alone};
use criterion::{Criterion, criterion_group, criterion_main};

criterion_group! {
    name = benches;
    config = Criterion::default()
        .without_plots()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = engines_alone::engines, blocks_alone::blocks, keys_alone::keys
}
criterion_main!(benches);
