//! What is measured alone, by criterion; see `each.rs`.

pub mod blocks_alone;
pub mod engines_alone;
pub mod keys_alone;
