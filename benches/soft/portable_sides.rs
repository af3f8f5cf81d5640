//! The two sides of `portable.rs`; see `../sides/mod.rs`.

#![allow(dead_code)] // the traits have more

#[path = "../sides/coffre_side.rs"]
pub mod coffre_side;
#[path = "../sides/rustcrypto_side.rs"]
pub mod rustcrypto_side;
#[path = "../sides/traits.rs"]
mod traits;

pub use traits::*;
