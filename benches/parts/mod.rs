//! The parts of a run of `ratios`. Each takes its candidates from `sides`, and adds its figures.

pub mod aead_part;
pub mod pipeline_part;
pub mod rekey_part;
pub mod stored_part;
