//! What a manifest's digests find that commitments can't: other content under the right key.

#![cfg(all(feature = "seal", feature = "zstd"))]

mod common;

use coffre_core::block;
use coffre_core::derive::sha256;
use coffre_core::error::Error;
use common::forge::{self, RawHeader};
use common::*;

/// FORMAT.md [M7]: who holds a session key can put other bytes under the same salt and commitment.
/// They open; their digest is another one.
#[test]
fn m7_content_exchanged_by_a_key_holder() {
    let (key, session) = (key("digest"), session("digest"));
    let header = RawHeader::stored(&key, 5).to_bytes();
    let [one, two] = [b"one..", b"two.."].map(|bytes| forge::block(&key, &header, bytes));
    let info = |block| block::scrub(block).unwrap();
    assert_eq!(info(&one).commitment, info(&two).commitment);
    assert_eq!(open(&session, &two).unwrap(), b"two..");
    assert_ne!(block::digest(&one), block::digest(&two));
    // The block without its checksum, which a storage node may make again.
    assert_eq!(block::digest(&one), Ok(sha256(&one[..one.len() - 8])));
}

/// Only a whole block has a digest.
#[test]
fn digests_of_damaged_blocks() {
    let block = seal(&session("digest"), &STORED, b"bytes");
    assert_eq!(block::digest(&flipped(&block, 8 * 150)), Err(Error::Damaged));
    assert_eq!(block::digest(&block[..block.len() - 1]), Err(Error::Malformed));
}
