//! Blocks of version 2 under attack: every bit, every length, every rule, with and without the
//! checksum made right again.

#![cfg(all(feature = "seal", feature = "zstd"))]

mod common;

use coffre_core::block::{self, Expected, SealOptions};
use coffre_core::error::Error;
use coffre_core::header::BlockId;
use coffre_core::policy::Policy;
use common::forge::{self, RawHeader, fix_checksum, patched};
use common::*;

/// A stored and a compressed block of 4 KiB, and a zero block.
fn samples() -> [Vec<u8>; 3] {
    let session = session("tampering");
    [
        seal(&session, &STORED, &noise(1, 4096)),
        seal(&session, &SealOptions::default(), &[noise(1, 400), text(3696)].concat()),
        seal(&session, &STORED, &[0; 4096]),
    ]
}

/// What a flipped bit of a header's byte may be reported as, once the checksum is right again.
fn header_errors(byte: usize) -> &'static [Error] {
    match byte {
        0..5 | 8..12 | 48..56 | 64..88 => &[Error::Malformed],
        5 => &[Error::UnsupportedVersion],
        6..8 => &[Error::UnsupportedSuite],
        // A compressed block's window and plaintext length have more than one legal value, and the
        // context of its keys holds them.
        12..16 => &[Error::Malformed, Error::OverLimit, Error::NotAuthentic],
        16..24 => &[Error::Malformed, Error::OverLimit, Error::NotAuthentic],
        24..32 => &[Error::Malformed],
        32..48 => &[Error::WrongKey],
        _ => &[Error::NotAuthentic],
    }
}

/// FORMAT.md [O3]: every single-bit flip is found without a key: it is damage, but in magic, type
/// and the length that says where the checksum is.
#[test]
fn o3_every_bit_flip_is_found_without_a_key() {
    let session = session("tampering");
    for block in samples() {
        for bit in 0..8 * block.len() {
            let flipped = flipped(&block, bit);
            let expected = match bit / 8 {
                0..5 | 24..32 => Error::Malformed,
                _ => Error::Damaged,
            };
            assert_eq!(block::scrub(&flipped), Err(expected), "bit {bit}");
            if bit < 8 * 144 || bit % 101 == 0 {
                assert_eq!(open(&session, &flipped), Err(expected), "bit {bit}");
            }
        }
    }
}

/// FORMAT.md [B6], [B7]: an attacker makes the checksum right again, and still gets no byte.
#[test]
fn b7_every_bit_flip_is_refused_under_the_key() {
    let session = session("tampering");
    for block in samples() {
        for bit in 0..8 * (block.len() - 8) {
            let mut forged = flipped(&block, bit);
            fix_checksum(&mut forged);
            let error = open(&session, &forged).unwrap_err();
            assert!(header_errors(bit / 8).contains(&error), "bit {bit}: {error:?}");
        }
    }
}

/// FORMAT.md [B5], [O5]: every truncation and every surplus is malformed, whatever the checksum
/// says.
#[test]
fn o5_every_other_length_is_malformed() {
    let session = session("tampering");
    for block in samples() {
        let mut lengths: Vec<Vec<u8>> = (0..block.len()).map(|len| block[..len].to_vec()).collect();
        for surplus in [1, 7, 8, 16, 88, 16400] {
            lengths.push([block.clone(), vec![0; surplus]].concat());
        }
        for mut other in lengths {
            assert_eq!(open(&session, &other), Err(Error::Malformed), "{}", other.len());
            if other.len() >= 96 {
                fix_checksum(&mut other);
                assert_eq!(open(&session, &other), Err(Error::Malformed), "{}", other.len());
            }
        }
    }
}

/// FORMAT.md [O1], [O2], [O4], [B2], [B3], [B4]: a header that breaks one rule, authentic under the
/// key.
#[test]
fn each_rule_of_the_header() {
    let key = key("tampering");
    let session = session("tampering");
    let plain = text(100);
    let good = RawHeader::stored(&key, 100);
    assert_eq!(open(&session, &forge::block(&key, &good.to_bytes(), &plain)).unwrap(), plain);
    let zero = RawHeader { flags: 2, stored_len: 0, ..good.clone() };
    let opened = open(&session, &forge::block(&key, &zero.to_bytes(), b""));
    assert_eq!(opened.unwrap(), [0; 100]);
    let with_id = |id_type, id_len, block_id: [u8; 32]| {
        let header = RawHeader { id_type, id_len, ..good.clone() };
        RawHeader { block_id, ..header }
    };
    let prefix = |at: usize, byte| {
        let mut header = good.clone();
        header.prefix[at] = byte;
        header
    };
    let reserved = |at: usize| {
        let mut header = good.clone();
        header.reserved[at] = 1;
        header
    };
    const M: Error = Error::Malformed;
    for (rule, header, error) in [
        ("O1 magic", prefix(3, b'r'), M),
        ("O1 metadata", prefix(4, 2), M),
        ("O1 manifest", prefix(4, 3), M),
        ("O1 no type", prefix(4, 7), M),
        ("O2 version 1", prefix(5, 1), Error::UnsupportedVersion),
        ("O2 version 3", prefix(5, 3), Error::UnsupportedVersion),
        ("O2 suite 0", prefix(6, 0), Error::UnsupportedSuite),
        ("O2 suite 257", prefix(7, 1), Error::UnsupportedSuite),
        ("O4 flag", RawHeader { flags: 4, ..good.clone() }, M),
        ("O4 last flag", RawHeader { flags: 1 << 31, ..good.clone() }, M),
        ("O4 first reserved byte", reserved(0), M),
        ("O4 last reserved byte", reserved(5), M),
        ("B2", RawHeader { plain_len: (64 << 20) + 1, ..zero.clone() }, Error::OverLimit),
        ("B2 2^63", RawHeader { plain_len: 1 << 63, ..zero.clone() }, Error::OverLimit),
        ("B2 all ones", RawHeader { plain_len: u64::MAX, ..zero.clone() }, Error::OverLimit),
        ("B3 both flags", RawHeader { flags: 3, ..good.clone() }, M),
        ("B3 zero of nothing", RawHeader { plain_len: 0, ..zero.clone() }, M),
        ("B3 zero with bytes", RawHeader { flags: 2, ..good.clone() }, M),
        ("B3 zero with window", RawHeader { window: 1, ..zero.clone() }, M),
        ("B3 not shorter", RawHeader { flags: 1, window: 100, ..good.clone() }, M),
        ("B3 no window", RawHeader { flags: 1, plain_len: 101, ..good.clone() }, M),
        ("B3 stored, longer", RawHeader { plain_len: 101, ..good.clone() }, M),
        ("B3 stored, shorter", RawHeader { plain_len: 99, ..good.clone() }, M),
        ("B3 stored with window", RawHeader { window: 1, ..good.clone() }, M),
        ("B4 type 0", with_id(0, 8, good.block_id), M),
        ("B4 type 4", with_id(4, 32, good.block_id), M),
        ("B4 restore point", with_id(3, 16, good.block_id), M),
        ("B4 position of 32", with_id(1, 32, good.block_id), M),
        ("B4 hash of 8", with_id(2, 8, good.block_id), M),
        ("B4 length 255", with_id(2, 255, good.block_id), M),
        ("B4 padding", with_id(1, 8, core::array::from_fn(|i| (i == 31) as u8)), M),
        ("B4 padding's start", with_id(1, 8, core::array::from_fn(|i| (i == 8) as u8)), M),
        ("B6", RawHeader { session_id: id("other"), ..good.clone() }, Error::WrongKey),
    ] {
        // A zero block stores nothing.
        let stored = if header.stored_len == 0 { &[][..] } else { &plain };
        let block = forge::block(&key, &header.to_bytes(), stored);
        assert_eq!(open(&session, &block), Err(error), "{rule}");
    }
}

/// FORMAT.md [B5]: stored lengths near 2^31, 2^32, 2^63 and 2^64 are refused, and nothing
/// overflows.
#[test]
fn b5_lengths_at_the_edges_of_integers() {
    let (key, session) = (key("tampering"), session("tampering"));
    for stored_len in [1 << 26, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 63, u64::MAX - 87, u64::MAX] {
        for (flags, window) in [(0, 0), (1, 1024), (2, 0)] {
            let header =
                RawHeader { flags, window, stored_len, ..RawHeader::stored(&key, 64 << 20) };
            let block = forge::block(&key, &header.to_bytes(), b"");
            assert_eq!(open(&session, &block), Err(Error::Malformed), "{stored_len} {flags}");
            let header = RawHeader { plain_len: stored_len, ..header };
            let block = forge::block(&key, &header.to_bytes(), b"");
            let error = open(&session, &block).unwrap_err();
            assert!([Error::Malformed, Error::OverLimit].contains(&error), "{stored_len} {flags}");
        }
    }
}

/// FORMAT.md [B8]: a genuine block in another one's place.
#[test]
fn b8_exchanged_blocks() {
    let session = session("tampering");
    let [one, two] = [1, 2].map(|n| seal_as(&session, &BlockId::Position(n), &STORED, b"same"));
    let policy = Policy::default();
    let commitment = block::inspect(&one).unwrap().commitment;
    let expected = |block_id, commitment| Expected { block_id, commitment, ..Expected::default() };
    let position_1 = Some(BlockId::Position(1));
    let all = expected(position_1, Some(commitment));
    let all = Expected { plain_len: Some(4), ..all };
    assert_eq!(open_with(&policy, &session, &all, &one).unwrap(), b"same");
    // The id and the length are judged before the key, the commitment after.
    let other = common::session("other");
    assert_eq!(open_with(&policy, &other, &all, &two), Err(Error::UnexpectedBlock));
    let exchanged = expected(None, Some([0; 32]));
    assert_eq!(open_with(&policy, &other, &exchanged, &one), Err(Error::WrongKey));
    let mut as_hash = [0; 32];
    as_hash[0] = 1;
    for (what, expected, block) in [
        ("position", expected(position_1, None), &two),
        ("commitment", expected(None, Some(commitment)), &two),
        ("both", all, &two),
        ("older write of the same", expected(position_1, Some([0; 32])), &one),
        ("length", Expected { plain_len: Some(5), ..all }, &one),
        ("type of id", expected(Some(BlockId::Hash(as_hash)), None), &one),
    ] {
        let refused = open_with(&policy, &session, &expected, block);
        assert_eq!(refused, Err(Error::UnexpectedBlock), "{what}");
    }
}

/// FORMAT.md [B6]: the key of another session, and another session's id on a block.
#[test]
fn b6_another_session() {
    let block = seal(&session("tampering"), &STORED, b"secret");
    assert_eq!(open(&session("other"), &block), Err(Error::WrongKey));
    let claimed = patched(&block, 32, session("other").id());
    assert_eq!(open(&session("other"), &claimed), Err(Error::NotAuthentic));
    assert_eq!(open(&session("tampering"), &claimed), Err(Error::WrongKey));
}

/// FORMAT.md [B7]: flags, ids, lengths and commitments are bound to the block's keys.
#[test]
fn b7_parts_of_other_blocks() {
    let session = session("tampering");
    let block = seal(&session, &STORED, &[7; 16]);
    let other = seal_as(&session, &BlockId::Position(8), &STORED, &[8; 16]);
    let zero = seal(&session, &STORED, &[0; 16]);
    for (what, forged) in [
        ("block id", patched(&block, 56, &[8])),
        ("hash for position", patched(&block, 48, &[2, 32])),
        ("salt", patched(&block, 88, &other[88..112])),
        ("commitment", patched(&block, 112, &other[112..144])),
        ("salt and commitment", patched(&block, 88, &other[88..144])),
        ("chunk", patched(&block, 144, &other[144..176])),
        ("header", patched(&block, 0, &other[..88])),
    ] {
        assert_eq!(open(&session, &forged), Err(Error::NotAuthentic), "{what}");
    }
    // Into zeros: the header of zeros before this block's salt and commitment, and the only tag.
    let zeroed = [&zero[..88], &block[88..144], &zero[144..160], &[0; 8]].concat();
    let cut = [&zero[..88], &block[88..144], &block[160..176], &[0; 8]].concat();
    let empty = [&block[..88], &zero[88..]].concat();
    for mut forged in [zeroed, cut] {
        fix_checksum(&mut forged);
        assert_eq!(open(&session, &forged), Err(Error::NotAuthentic));
    }
    assert_eq!(open(&session, &empty), Err(Error::Malformed));
    // More zeros than were sealed.
    assert_eq!(open(&session, &patched(&zero, 16, &[17])), Err(Error::NotAuthentic));
}

/// FORMAT.md [B7]: chunks of one block, reordered, repeated, dropped.
#[test]
fn b7_chunks_out_of_order() {
    const SEALED: usize = 16384 + 16;
    let session = session("tampering");
    let block = seal(&session, &STORED, &noise(1, 3 * 16384));
    let chunk = |i: usize| &block[144 + i * SEALED..][..SEALED];
    for (a, b, c) in [(1, 0, 2), (0, 0, 2), (0, 2, 1), (2, 1, 0), (0, 1, 1)] {
        let tail = &block[144 + 3 * SEALED..];
        let mut forged = [&block[..144], chunk(a), chunk(b), chunk(c), tail].concat();
        fix_checksum(&mut forged);
        assert_eq!(open(&session, &forged), Err(Error::NotAuthentic), "{a} {b} {c}");
    }
}

/// A block opens under one key only: the commitment of another key does not pass, whatever the tags
/// do.
#[test]
fn b7_one_block_one_key() {
    let (key_a, key_b) = (key("a"), key("b"));
    let header = RawHeader::stored(&key_a, 5).to_bytes();
    // Chunks and commitment under b, the session id of a.
    let block = forge::block(&key_b, &header, b"bytes");
    assert_eq!(open(&session("a"), &block), Err(Error::NotAuthentic));
    assert_eq!(open(&session("b"), &block), Err(Error::WrongKey));
}
