//! docs/PERFORMANCE.md, docs/performance.svg and build/bench.json, made of the files that the parts
//! of a run left.
//!
//! Reading order: `saved` (the run), `tables`, `plot`, `sections` (the document), `wanted` (what a
//! complete run has).

pub mod plot;
pub mod saved;
pub mod sections;
pub mod tables;
pub mod versions;
pub mod wanted;
