//! Coffre's core: encrypted, compressed backup blocks and the keys to them. no_std, no alloc.
//!
//! Two paths run through it, each read top to bottom (docs/FORMAT.md has the bytes, docs/DESIGN.md
//! the reasons):
//!
//! ```text
//! plaintext ──compress──► frame ──chunked (AES-256-GCM)──► chunks ──header──► block     (block.rs)
//!
//! KEK ─────────┐
//! public key ──┼─ recipient ─► storage key ─ derive+wrap ─► metakey, session keys  (record.rs)
//! password ────┤
//! key service ─┘
//! ```
//!
//! The modules stand in reading order. A file may use only files above it; `cargo xtask layers`
//! checks that.

#![no_std]
#![deny(unsafe_code, missing_docs)]
// What a build leaves out is types without values (`keypair/no_keypair.rs`), and functions that are
// not called.
#![cfg_attr(
    not(all(
        feature = "seal",
        feature = "zstd",
        feature = "public-key",
        feature = "argon2",
        feature = "callbacks"
    )),
    allow(dead_code, unreachable_code, unused_imports, unused_variables)
)]

#[cfg(test)]
extern crate std;

// What everything stands on.
pub mod error;
pub mod limits;
pub mod bytes;
#[allow(unsafe_code)]
pub mod out;
pub mod secret;
#[allow(unsafe_code)]
pub mod cpu;
pub mod polyval;
mod sha512;
pub mod hash;
pub mod hmac512;
pub mod derive;
pub mod checksum;
pub mod object;
pub mod random;
pub mod policy;
pub mod text;
pub mod aead;
pub mod key_wrap;

// A key pair, files of it, and keys under keys.
#[cfg(feature = "public-key")]
mod der;
#[cfg(feature = "public-key")]
mod pem;
pub mod hpke_kdf;
#[cfg(feature = "public-key")]
mod p256_group;
#[cfg_attr(not(feature = "public-key"), path = "keypair/no_keypair.rs")]
pub mod keypair;
#[cfg_attr(not(feature = "public-key"), path = "key_file/no_key_file.rs")]
pub mod key_file;
#[cfg_attr(not(feature = "public-key"), path = "ecdsa/no_ecdsa.rs")]
pub mod ecdsa;
pub mod origin_key;
pub mod hpke;
pub mod wrap;
#[cfg(feature = "argon2")]
mod blake2b;
#[cfg(feature = "argon2")]
mod argon2id;
pub mod password_hash;
pub mod password;
pub mod external;

// The proof that all of the above works.
pub mod selftest;
pub mod context;

// A block.
pub mod compress;
pub mod selftest_memory;
pub mod chunked;
pub mod header;
pub mod session;
pub mod block;
pub mod stream;
pub mod scrub;
pub mod legacy;

// A key.
pub mod stanza;
pub mod recipient;
pub mod record;
pub mod record_writer;
pub mod challenge;
pub mod slots;
pub mod kit;
pub mod kit_text;

// A restore point.
pub mod metadata;
pub mod manifest;
pub mod origin;
pub mod manifest_writer;
pub mod manifest_reader;
