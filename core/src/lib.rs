//! Coffre's core: encrypted, compressed backup blocks and the keys to them. no_std, no alloc.
//!
//! Two paths run through it, each read top to bottom (docs/FORMAT.md has the bytes, docs/DESIGN.md the reasons):
//!
//! ```text
//! plaintext ──compress──► frame ──chunked (AES-256-GCM)──► chunks ──header──► block                   block.rs
//!
//! KEK ────────┬─ recipient ─► storage key ─ derive+wrap ─► metakey, session keys ─► block key       record.rs
//! public key ─┘
//! ```
//!
//! The modules stand in reading order. A file may use only files above it; `cargo xtask layers` checks that.

#![no_std]
#![deny(unsafe_code, missing_docs)]

#[cfg(test)]
extern crate std;

// What everything stands on.
pub mod aead;
pub mod bytes;
pub mod checksum;
pub mod derive;
pub mod error;
pub mod limits;
pub mod object;
#[allow(unsafe_code)]
pub mod out;
pub mod policy;
pub mod random;
pub mod secret;

// A key pair, and files of it.
mod der;
pub mod hpke;
pub mod hpke_kdf;
pub mod key_file;
pub mod keypair;
pub mod wrap;

// The proof that all of the above works.
pub mod compress;
pub mod context;
pub mod selftest;

// A block.
pub mod block;
pub mod chunked;
pub mod header;
pub mod legacy;
pub mod session;
pub mod stream;

// A key.
pub mod challenge;
pub mod recipient;
pub mod record;
pub mod record_writer;

// A restore point.
pub mod manifest;
pub mod manifest_reader;
pub mod manifest_writer;
pub mod metadata;
