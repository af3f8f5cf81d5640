//! The C ABI of Coffre: `include/coffre.h` is made from these files, in this order. No function
//! stands here.
//!
//! Every function does three things: `raw/` turns pointers into checked references, core does the
//! work, the result becomes a status. Nothing else in this crate touches a pointer's memory.

#![no_std]
#![deny(unsafe_op_in_unsafe_fn, missing_docs)]
#![allow(non_camel_case_types)]
#![allow(clippy::missing_safety_doc)] // The header's conventions chapter has the contract, once.
#![allow(clippy::too_many_arguments)]
// Types without values stand for keys that a build leaves out.
#![cfg_attr(
    not(all(feature = "public-key", feature = "callbacks")),
    allow(unreachable_code, unused_variables)
)]

#[cfg(all(any(feature = "capi", feature = "hazmat"), not(any(panic = "abort", test))))]
compile_error!("a C library needs panic = \"abort\": nothing may unwind into C");
#[cfg(all(feature = "capi", feature = "hazmat"))]
compile_error!("the library that is released (capi) has no validation interface (hazmat)");

#[cfg(test)]
extern crate std;

mod raw;
#[cfg_attr(not(feature = "callbacks"), path = "no_callbacks.rs")]
mod service_key;

pub mod c_status;
pub mod c_engine;
pub mod c_context;
pub mod c_policy;
pub mod c_keys;
pub mod c_key_service;
pub mod c_session;
pub mod c_block_types;
pub mod c_workspace;
pub mod c_block;
pub mod c_stream;
pub mod c_scrub;
pub mod c_legacy;
pub mod c_record;
pub mod c_password;
pub mod c_record_keys;
pub mod c_record_writer;
pub mod c_slots;
pub mod c_challenge;
pub mod c_kit;
pub mod c_metadata;
pub mod c_origin_key;
pub mod c_origin;
pub mod c_manifest_types;
pub mod c_manifest;
pub mod c_manifest_reader;

/// cbindgen:ignore
#[cfg(feature = "hazmat")]
pub mod hazmat;

#[cfg(any(feature = "capi", feature = "panic-probe", all(feature = "hazmat", not(test))))]
mod runtime;
