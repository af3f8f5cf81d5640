//! Manifests, written and read whole: geometry, segments, exchanged parts.

#![cfg(all(feature = "seal", feature = "zstd", feature = "public-key"))]

mod common;

use coffre_core::error::{Error, Result};
use coffre_core::header::BlockId;
use coffre_core::manifest::{BlockEntry, ENTRY, Entry, HEADER, Info, SEGMENT, TRAILER};
use coffre_core::manifest_reader::ManifestReader;
use coffre_core::manifest_writer::ManifestWriter;
use coffre_core::object::ObjectType::{Challenge, RepositoryRecord};
use coffre_core::policy::Policy;
use coffre_core::record::{Record, RecordKeys};
use common::forge::{RawRecord, fix_checksum, patched};
use common::*;

fn keys(point: &str) -> RecordKeys {
    point::keys(&key("metakey"), &id(point), &id("instance"))
}

/// An image of `entries` blocks of 4 KiB, the last of which has 100 bytes.
fn info(entries: u64) -> Info {
    Info {
        digests: true,
        block_size: 4096,
        restore_point_id: id("point"),
        instance_id: id("instance"),
        generation: 5,
        image_size: (entries * 4096).saturating_sub(3996 * u64::from(entries > 0)),
        metadata_digest: [7; 32],
    }
}

/// A block of version 2, a hole, a version 1 block, a version 0 block, and again.
fn entries(count: u64) -> Vec<Entry> {
    let block = |n: u64, version| BlockEntry {
        version,
        block_id: if n % 8 < 4 { BlockId::Position(n) } else { BlockId::Hash([n as u8; 32]) },
        session_id: if version == 2 { id("session") } else { [0; 16] },
        commitment: if version == 2 { [n as u8; 32] } else { [0; 32] },
        digest: [!n as u8 | 1; 32],
    };
    (0..count)
        .map(|n| match n % 4 {
            0 => Entry::Block(block(n, 2)),
            1 => Entry::Hole,
            2 => Entry::Block(block(n, 1)),
            _ => Entry::Block(block(n, 0)),
        })
        .collect()
}

fn write(count: u64) -> Vec<u8> {
    point::write(&keys("point"), &info(count), &entries(count)).unwrap()
}

fn read(bytes: &[u8]) -> Result<(Info, Vec<Entry>)> {
    point::read(&Policy::default(), &keys("point"), bytes)
}

/// FORMAT.md [M1]: whatever goes in comes out, and the size is the formula's.
#[test]
fn m1_round_trips() {
    for count in [0, 1, 2, 1023, 1024, 1025, 2048, 2049] {
        let bytes = write(count);
        let segments = count.div_ceil(1024);
        assert_eq!(bytes.len() as u64, 112 + 128 * count + 32 * segments + 40);
        assert_eq!(bytes.len() as u64, info(count).total_len());
        let (read_info, read_entries) = read(&bytes).unwrap();
        assert!(read_info == info(count) && read_entries == entries(count), "{count}");
        assert!(coffre_core::checksum::holds(&bytes));
    }
}

/// The same bytes from the table of FORMAT.md 6 as from the library.
#[test]
fn the_table_is_what_the_library_writes() {
    for count in [0, 3, 1025] {
        let bytes = write(count);
        let header = bytes.first_chunk().unwrap();
        let raw: Vec<[u8; ENTRY]> = bytes[HEADER..bytes.len() - TRAILER]
            .chunks(SEGMENT)
            .flat_map(|segment| segment[..segment.len() - 32].as_chunks().0.to_vec())
            .collect();
        assert!(forge::manifest(&key("metakey"), header, &raw) == bytes);
    }
}

/// A plan of segments: read in any order, each by itself; only reading in order proves the whole.
#[test]
fn m2_segments_in_any_order() {
    let bytes = write(2049);
    let (keys, policy) = (keys("point"), Policy::default());
    let segment = |i: usize| {
        &bytes[HEADER + i * SEGMENT..(HEADER + (i + 1) * SEGMENT).min(bytes.len() - TRAILER)]
    };
    let trailer = bytes.last_chunk().unwrap();
    let header = bytes.first_chunk().unwrap();
    let mut reader = ManifestReader::open(&policy, &keys, header).unwrap();
    assert_eq!(reader.info().segment_count(), 3);
    for i in [2, 1, 2, 1] {
        reader.segment(i, segment(i as usize)).unwrap();
        let last = reader.info().segment_entries(i) as usize - 1;
        let position = i * 1024 + last as u64;
        let found = reader.entry(i, segment(i as usize), last).unwrap();
        assert!(found == entries(2049)[position as usize]);
        let past = reader.entry(i, segment(i as usize), last + 1);
        assert_eq!(past, Err(Error::NotFound));
    }
    assert_eq!(point::close(&reader, trailer), Err(Error::BadState));
    for i in [0, 0, 1, 0, 2, 2] {
        reader.segment(i, segment(i as usize)).unwrap();
    }
    assert_eq!(point::close(&reader, trailer), Ok(()));
    for i in [3, 4, 1 << 22, u64::MAX] {
        assert_eq!(reader.segment(i, segment(0)), Err(Error::NotFound));
        assert_eq!(reader.entry(i, segment(0), 0), Err(Error::NotFound));
    }
    for len in [0, 31, 32, SEGMENT - 1] {
        assert_eq!(reader.segment(0, &segment(0)[..len]), Err(Error::Malformed));
    }
    assert_eq!(reader.segment(2, segment(0)), Err(Error::Malformed));
}

/// FORMAT.md [M2]: rows and segments exchanged, in one manifest and between two.
#[test]
fn m2_exchanged_rows_and_segments() {
    let bytes = write(2049);
    let swap = |a: usize, b: usize, len: usize, from: &[u8]| {
        let mut mixed = bytes.clone();
        mixed[a..a + len].copy_from_slice(&from[b..b + len]);
        if from.len() == bytes.len() && a != b {
            mixed[b..b + len].copy_from_slice(&bytes[a..a + len]);
        }
        fix_checksum(&mut mixed);
        read(&mixed).err()
    };
    let row = |n: usize| HEADER + n * ENTRY + n / 1024 * 32;
    let refused = Some(Error::NotAuthentic);
    assert_eq!(swap(row(0), row(4), ENTRY, &bytes), refused);
    assert_eq!(swap(row(0), row(1024), ENTRY, &bytes), refused);
    // Positions left where they are, everything else exchanged.
    assert_eq!(swap(row(0) + 8, row(4) + 8, ENTRY - 8, &bytes), refused);
    assert_eq!(swap(row(0), row(1024), SEGMENT, &bytes), refused);
    // The same segment of an older generation, of another point, of another image, and its MAC
    // alone.
    let other_generation = Info { generation: 4, ..info(2049) };
    let older = point::write(&keys("point"), &other_generation, &entries(2049)).unwrap();
    let another = point::write(&keys("another"), &info(2049), &entries(2049)).unwrap();
    let mut changed = entries(2049);
    changed[1025] = changed[0];
    let changed = point::write(&keys("point"), &info(2049), &changed).unwrap();
    for other in [&older, &another] {
        assert_eq!(swap(row(0), row(0), SEGMENT, other), refused);
        assert_eq!(swap(row(1024), row(1024), SEGMENT, other), refused);
        assert_eq!(swap(row(2048), row(2048), ENTRY + 32, other), refused);
        let root = bytes.len() - TRAILER;
        assert_eq!(swap(root, root, 32, other), refused);
    }
    // A genuine segment of the same generation passes its MAC, and is found by the root.
    assert_eq!(swap(row(1024), row(1024), SEGMENT, &changed), refused);
    let (keys, policy) = (keys("point"), Policy::default());
    let mut reader = ManifestReader::open(&policy, &keys, bytes.first_chunk().unwrap()).unwrap();
    assert_eq!(reader.segment(1, &changed[row(1024)..row(1024) + SEGMENT]), Ok(()));
}

/// FORMAT.md [M2]: every flipped bit of a small manifest, with and without the checksum made right.
#[test]
fn m2_every_bit_flip() {
    let bytes = write(3);
    for bit in 0..8 * bytes.len() {
        let mut other = flipped(&bytes, bit);
        assert!(read(&other).is_err(), "bit {bit}");
        if bit >= 8 * (bytes.len() - 8) {
            assert_eq!(read(&other).err(), Some(Error::Damaged), "bit {bit}");
            continue;
        }
        fix_checksum(&mut other);
        let error = read(&other).unwrap_err();
        let expected: &[Error] = match bit / 8 {
            0..5 | 64..80 => &[Error::Malformed],
            5 => &[Error::UnsupportedVersion],
            6..8 => &[Error::UnsupportedSuite],
            8..16 | 56..64 => &[Error::Malformed, Error::NotAuthentic],
            16..48 => &[Error::Foreign],
            _ => &[Error::NotAuthentic],
        };
        assert!(expected.contains(&error), "bit {bit}: {error:?}");
    }
}

/// FORMAT.md [M1], [O5]: segments missing, added, cut; the geometry says how many there are.
#[test]
fn m1_every_other_length() {
    let bytes = write(3);
    for len in 0..bytes.len() {
        assert_eq!(read(&bytes[..len]).err(), Some(Error::Malformed), "{len}");
    }
    for surplus in [1, 32, ENTRY, ENTRY + 32] {
        let longer = [&bytes[..], &vec![0; surplus]].concat();
        assert_eq!(read(&longer).err(), Some(Error::Malformed), "{surplus}");
    }
    // The last segment dropped, with counts that follow: the root finds it.
    let (long, short) = (write(1025), Info { image_size: 1024 * 4096, ..info(1025) });
    let mut dropped = [&long[..HEADER + SEGMENT], &long[long.len() - TRAILER..]].concat();
    dropped[..HEADER].copy_from_slice(&short.to_bytes());
    fix_checksum(&mut dropped);
    assert_eq!(read(&dropped).err(), Some(Error::NotAuthentic));
    // The geometry of 1025 blocks, and the last one's segment repeated.
    let mut added = [&long[..long.len() - TRAILER], &long[HEADER + SEGMENT..]].concat();
    fix_checksum(&mut added);
    assert_eq!(read(&added).err(), Some(Error::Malformed));
}

/// FORMAT.md [M4]: another restore point's, another instance's, an older one.
#[test]
fn m4_foreign_and_stale() {
    let bytes = write(3);
    let check = |keys: &RecordKeys, lowest_generation| {
        let policy = Policy { lowest_generation, ..Policy::default() };
        point::read(&policy, keys, &bytes).err()
    };
    assert_eq!(check(&keys("point"), 5), None);
    assert_eq!(check(&keys("point"), 6), Some(Error::Stale));
    assert_eq!(check(&keys("another"), 5), Some(Error::Foreign));
    let other_instance = point::keys(&key("metakey"), &id("point"), &id("another"));
    assert_eq!(check(&other_instance, 5), Some(Error::Foreign));
    let other_metakey = point::keys(&key("another"), &id("point"), &id("instance"));
    assert_eq!(check(&other_metakey, 5), Some(Error::NotAuthentic));
    // A header that claims to be this point's.
    let another = point::write(&keys("another"), &info(3), &entries(3)).unwrap();
    let claimed = patched(&another, 16, &id("point"));
    assert_eq!(read(&claimed).err(), Some(Error::NotAuthentic));
}

/// Only the keys of a key record write and read manifests.
#[test]
fn other_records_have_no_manifests() {
    for object in [Challenge, RepositoryRecord] {
        let bytes = RawRecord::new(object, &key("k")).to_bytes();
        let record = Record::parse(&bytes).unwrap();
        let keys = record.open(context(), &Policy::default(), &kek("k")).unwrap();
        let begun = ManifestWriter::begin(&keys, &info(3), &mut |_| Ok(()));
        assert_eq!(begun.err(), Some(Error::InvalidArgument));
        let header = info(3).to_bytes();
        let opened = ManifestReader::open(&Policy::default(), &keys, &header);
        assert_eq!(opened.err(), Some(Error::InvalidArgument));
    }
}

/// A writer takes exactly the image's positions, in order, and passes its sink's failure on.
#[test]
fn writing_out_of_order() {
    let keys = keys("point");
    let mut sink = |_: &[u8]| Ok(());
    let mut writer = ManifestWriter::begin(&keys, &info(2), &mut sink).unwrap();
    assert_eq!(writer.finish(&mut sink), Err(Error::BadState));
    writer.add(&Entry::Hole, &mut sink).unwrap();
    assert_eq!(writer.finish(&mut sink), Err(Error::BadState));
    writer.add(&Entry::Hole, &mut sink).unwrap();
    assert_eq!(writer.add(&Entry::Hole, &mut sink), Err(Error::BadState));
    assert!(writer.finish(&mut sink).is_ok());

    let fails = |allowed: usize| {
        let mut calls = 0;
        let mut sink = |_: &[u8]| {
            calls += 1;
            if calls > allowed { Err(Error::Callback) } else { Ok(()) }
        };
        let mut writer = ManifestWriter::begin(&keys, &info(1), &mut sink)?;
        writer.add(&Entry::Hole, &mut sink)?;
        writer.finish(&mut sink).map(drop)
    };
    for allowed in 0..5 {
        assert_eq!(fails(allowed), Err(Error::Callback), "{allowed}");
    }
    assert_eq!(fails(5), Ok(()));
}
