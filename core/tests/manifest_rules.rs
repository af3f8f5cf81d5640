//! Manifests that break one rule each, written by FORMAT.md's table under the right key.

#![cfg(all(feature = "seal", feature = "zstd", feature = "public-key"))]

mod common;

use coffre_core::error::Error;
use coffre_core::header::BlockId;
use coffre_core::manifest::{BlockEntry, Entry, Info};
use coffre_core::manifest_writer::ManifestWriter;
use coffre_core::policy::Policy;
use common::*;

const MALFORMED: Option<Error> = Some(Error::Malformed);

/// Three positions of 4 KiB, the last of 100 bytes.
fn info() -> Info {
    Info {
        digests: true,
        block_size: 4096,
        restore_point_id: id("point"),
        instance_id: id("instance"),
        generation: 5,
        image_size: 2 * 4096 + 100,
        metadata_digest: [0; 32],
    }
}

fn block(version: u8) -> BlockEntry {
    let (session_id, commitment) = match version {
        2 => (id("session"), [3; 32]),
        _ => ([0; 16], [0; 32]),
    };
    let block_id = BlockId::Position(77);
    BlockEntry { version, block_id, session_id, commitment, digest: [4; 32] }
}

/// The error of a manifest whose header and entries `change` changed before its MACs were made.
/// Entries: a version 2 block, a hole, a version 1 block.
fn refused(change: impl FnOnce(&mut [u8; 112], &mut [[u8; 128]; 3])) -> Option<Error> {
    let keys = point::keys(&key("metakey"), &id("point"), &id("instance"));
    let entries = [Entry::Block(block(2)), Entry::Hole, Entry::Block(block(1))];
    let bytes = point::write(&keys, &info(), &entries).unwrap();
    let mut header = *bytes.first_chunk().unwrap();
    let mut rows: [[u8; 128]; 3] = bytes[112..].as_chunks().0[..3].try_into().unwrap();
    change(&mut header, &mut rows);
    let manifest = forge::manifest(&key("metakey"), &header, &rows);
    point::read(&Policy::default(), &keys, &manifest).err()
}

fn header(offset: usize, bytes: &[u8]) -> Option<Error> {
    refused(|header, _| header[offset..offset + bytes.len()].copy_from_slice(bytes))
}

fn row(n: usize, offset: usize, bytes: &[u8]) -> Option<Error> {
    refused(|_, rows| rows[n][offset..offset + bytes.len()].copy_from_slice(bytes))
}

/// FORMAT.md [O1], [O2], [O4]: in a header that is authentic under the key.
#[test]
fn o1_o2_o4_header() {
    assert_eq!(refused(|_, _| ()), None);
    for (what, offset, byte, error) in [
        ("magic", 0, b'c', Error::Malformed),
        ("block", 4, 1, Error::Malformed),
        ("no type", 4, 9, Error::Malformed),
        ("version 1", 5, 1, Error::UnsupportedVersion),
        ("version 3", 5, 3, Error::UnsupportedVersion),
        ("suite", 6, 2, Error::UnsupportedSuite),
        ("suite", 7, 1, Error::UnsupportedSuite),
        ("flag", 8, 3, Error::Malformed),
        ("last flag", 11, 0x80, Error::Malformed),
        ("reserved", 72, 1, Error::Malformed),
        ("last reserved", 79, 1, Error::Malformed),
    ] {
        assert_eq!(header(offset, &[byte]), Some(error), "{what}");
    }
}

/// FORMAT.md [M1]: geometry.
#[test]
fn m1_geometry() {
    assert_eq!(header(12, &0u32.to_le_bytes()), MALFORMED, "block size 0");
    assert_eq!(header(12, &((64 << 20) + 1u32).to_le_bytes()), MALFORMED, "block size");
    assert_eq!(header(12, &u32::MAX.to_le_bytes()), MALFORMED, "block size");
    for count in [0, 2, 4, 1 << 32, (1 << 32) + 1, u64::MAX] {
        assert_eq!(header(64, &u64::to_le_bytes(count)), MALFORMED, "entry count {count}");
    }
    for size in [0, 4096, 2 * 4096, 3 * 4096 + 1, u64::MAX] {
        assert_eq!(header(56, &u64::to_le_bytes(size)), MALFORMED, "image size {size}");
    }
    // The number of entries is above the format's, with an image size that fits.
    let huge = |size: u64, block_size: u32| {
        refused(|header, _| {
            header[12..16].copy_from_slice(&block_size.to_le_bytes());
            header[56..64].copy_from_slice(&size.to_le_bytes());
            header[64..72].copy_from_slice(&size.div_ceil(block_size.into()).to_le_bytes());
        })
    };
    assert_eq!(huge((1 << 32) + 1, 1), MALFORMED);
    assert_eq!(huge(u64::MAX, 1), MALFORMED);
    // As many as there may be: then the file is too short.
    assert_eq!(huge(1 << 32, 1), MALFORMED);
    assert_eq!(huge(1 << 58, 64 << 20), MALFORMED);
}

/// FORMAT.md [M3]: positions, kinds, versions, ids, lengths, and zeros where the table says so.
#[test]
fn m3_entries() {
    for (what, n, offset, bytes) in [
        ("position", 0, 0, &[1][..]),
        ("position's last byte", 0, 7, &[1]),
        ("kind 0", 0, 8, &[0]),
        ("kind 3", 0, 8, &[3]),
        ("version 3", 0, 9, &[3]),
        ("id type 0", 0, 10, &[0]),
        ("id type 3", 0, 10, &[3, 16]),
        ("id length", 0, 11, &[32]),
        ("plaintext length below", 0, 12, &[0xFF, 0x0F]),
        ("plaintext length above", 0, 12, &[0x01, 0x10]),
        ("last plaintext length", 2, 12, &[0x00, 0x10]),
        ("id's padding", 0, 24, &[1]),
        ("id's last byte", 0, 47, &[1]),
        ("session id of version 1", 2, 48, &[1]),
        ("commitment of version 1", 2, 95, &[1]),
        ("session id of version 0", 2, 9, &[0, 1, 8, 100, 0, 0, 0, 77]),
        ("version of a hole", 1, 9, &[2]),
        ("id type of a hole", 1, 10, &[1]),
        ("id length of a hole", 1, 11, &[8]),
        ("plaintext length of a hole", 1, 12, &[1]),
        ("id of a hole", 1, 16, &[1]),
        ("session id of a hole", 1, 48, &[1]),
        ("commitment of a hole", 1, 64, &[1]),
        ("digest of a hole", 1, 127, &[1]),
    ] {
        let expected = if what == "session id of version 0" { None } else { MALFORMED };
        assert_eq!(row(n, offset, bytes), expected, "{what}");
    }
    let with_id = |bytes: &[u8]| row(0, 10, bytes);
    assert_eq!(with_id(&[2, 32]), None, "a hash is 32 bytes of anything");
    let swapped = refused(|_, rows| {
        rows.swap(0, 2);
    });
    assert_eq!(swapped, MALFORMED, "rows swapped before the MAC was made");
}

/// FORMAT.md [M3], [M5]: digests are there for all, or for none, and then there are no old
/// versions.
#[test]
fn m5_old_versions_need_digests() {
    let without_flag = |header: &mut [u8; 112]| header[8] = 0;
    let blank = |row: &mut [u8; 128]| row[96..].fill(0);
    let all_blank = refused(|header, rows| {
        without_flag(header);
        rows.iter_mut().for_each(blank);
        rows[2][9] = 2;
    });
    assert_eq!(all_blank, None);
    let digest_without_flag = refused(|header, rows| {
        without_flag(header);
        rows[2][9] = 2;
        blank(&mut rows[2]);
    });
    assert_eq!(digest_without_flag, MALFORMED);
    for version in [0, 1] {
        let old = refused(|header, rows| {
            without_flag(header);
            rows.iter_mut().for_each(blank);
            rows[2][9] = version;
        });
        assert_eq!(old, MALFORMED, "version {version}");
    }
}

/// FORMAT.md [M6]: an entry says what it is; nothing else reads as zeros. A hole is a kind of its
/// own, and a row of zeros is none.
#[test]
fn m6_absence_is_not_zeros() {
    let zeros = refused(|_, rows| rows[0] = [0; 128]);
    assert_eq!(zeros, MALFORMED);
    let keys = point::keys(&key("metakey"), &id("point"), &id("instance"));
    let one = Info { image_size: 100, ..info() };
    let holes = point::write(&keys, &one, &[Entry::Hole]).unwrap();
    let (_, read) = point::read(&Policy::default(), &keys, &holes).unwrap();
    assert!(read == [Entry::Hole]);
    // What is missing is an error, not a hole.
    assert_eq!(point::write(&keys, &info(), &[Entry::Hole]), Err(Error::BadState));
}

/// The writer refuses what the reader would.
#[test]
fn the_writer_refuses() {
    let keys = point::keys(&key("metakey"), &id("point"), &id("instance"));
    for (what, info, error) in [
        ("block size 0", Info { block_size: 0, ..info() }, Error::InvalidArgument),
        ("generation 0", Info { generation: 0, ..info() }, Error::InvalidArgument),
        ("block size", Info { block_size: (64 << 20) + 1, ..info() }, Error::TooLarge),
        ("count", Info { block_size: 1, image_size: (1 << 32) + 1, ..info() }, Error::TooLarge),
    ] {
        let begun = ManifestWriter::begin(&keys, &info, &mut |_| Ok(()));
        assert_eq!(begun.err(), Some(error), "{what}");
    }
    let without = Info { digests: false, ..info() };
    let blank = |version| BlockEntry { digest: [0; 32], ..block(version) };
    let session_id = id("session");
    for (what, info, entry) in [
        ("version 3", info(), BlockEntry { version: 3, ..block(2) }),
        ("metadata", info(), BlockEntry { block_id: BlockId::RestorePoint([1; 16]), ..block(2) }),
        ("session of version 1", info(), BlockEntry { session_id, ..block(1) }),
        ("commitment of version 0", info(), BlockEntry { commitment: [1; 32], ..block(0) }),
        ("digest", without, block(2)),
        ("no digest", info(), blank(2)),
        ("no digest of version 1", info(), blank(1)),
        ("no digest of version 0", info(), blank(0)),
        ("version 1", without, blank(1)),
        ("version 0", without, blank(0)),
    ] {
        let mut sink = |_: &[u8]| Ok(());
        let mut writer = ManifestWriter::begin(&keys, &info, &mut sink).unwrap();
        let added = writer.add(&Entry::Block(entry), &mut sink);
        assert_eq!(added, Err(Error::InvalidArgument), "{what}");
        let right = if info.digests { block(2) } else { blank(2) };
        assert_eq!(writer.add(&Entry::Block(right), &mut sink), Ok(()));
    }
}

/// A manifest ends once, and a sink that failed ends it too: there is no half-counted entry.
#[test]
fn a_writer_ends_once() {
    let keys = point::keys(&key("metakey"), &id("point"), &id("instance"));
    let info = Info { image_size: 0, ..info() };
    let mut sink = |_: &[u8]| Ok(());
    let mut writer = ManifestWriter::begin(&keys, &info, &mut sink).unwrap();
    assert!(writer.finish(&mut sink).is_ok());
    assert_eq!(writer.finish(&mut sink), Err(Error::BadState));
    let mut writer = ManifestWriter::begin(&keys, &info, &mut sink).unwrap();
    assert_eq!(writer.finish(&mut |_: &[u8]| Err(Error::Callback)), Err(Error::Callback));
    assert_eq!(writer.finish(&mut sink), Err(Error::BadState));
}

/// Numbers at the edges: what a header may say, without overflow.
#[test]
fn sizes_at_the_edges() {
    let largest = Info { block_size: 1, image_size: 1 << 32, ..info() };
    assert_eq!((largest.entry_count(), largest.segment_count()), (1 << 32, 1 << 22));
    assert_eq!(largest.total_len(), 112 + (128 << 32) + (32 << 22) + 40);
    let largest = Info { block_size: 64 << 20, image_size: 1 << 58, ..info() };
    assert_eq!(largest.entry_count(), 1 << 32);
    assert_eq!(largest.plain_len((1 << 32) - 1), 64 << 20);
    assert_eq!((largest.plain_len(1 << 32), largest.plain_len(u64::MAX)), (0, 0));
    assert_eq!((largest.segment_entries(u64::MAX), largest.segment_len(1 << 22)), (0, 0));
    let empty = Info { image_size: 0, ..info() };
    assert_eq!((empty.entry_count(), empty.segment_count(), empty.total_len()), (0, 0, 152));
}
