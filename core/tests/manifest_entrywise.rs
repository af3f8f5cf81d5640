//! Manifests read an entry at a time, by who has no memory for a segment, and segments checked by
//! several threads at once.

#![cfg(all(feature = "seal", feature = "zstd", feature = "public-key"))]

mod common;

use coffre_core::error::{Error, Result};
use coffre_core::header::BlockId;
use coffre_core::manifest::{BlockEntry, ENTRY, Entry, HEADER, Info, SEGMENT, TRAILER, Whole};
use coffre_core::manifest_reader::ManifestReader;
use coffre_core::origin::{Evidence, Report};
use coffre_core::policy::Policy;
use coffre_core::record::RecordKeys;
use common::*;

const BAD_STATE: Option<Error> = Some(Error::BadState);

fn keys() -> RecordKeys {
    point::keys(&key("metakey"), &id("point"), &id("instance"))
}

fn entries(count: u64) -> Vec<Entry> {
    let block = |n: u64| BlockEntry {
        version: 2,
        block_id: BlockId::Position(n),
        session_id: id("session"),
        commitment: [n as u8; 32],
        digest: [!n as u8 | 1; 32],
    };
    (0..count).map(|n| if n % 3 == 1 { Entry::Hole } else { Entry::Block(block(n)) }).collect()
}

fn write(count: u64) -> (Vec<u8>, Whole) {
    let info = Info {
        digests: true,
        block_size: 4096,
        restore_point_id: id("point"),
        instance_id: id("instance"),
        generation: 5,
        image_size: count * 4096,
        metadata_digest: [0; 32],
    };
    point::write_whole(&keys(), &info, &entries(count)).unwrap()
}

fn open(bytes: &[u8]) -> ManifestReader {
    ManifestReader::open(&Policy::default(), &keys(), bytes.first_chunk().unwrap()).unwrap()
}

fn segments(bytes: &[u8]) -> Vec<&[u8]> {
    bytes[HEADER..bytes.len() - TRAILER].chunks(SEGMENT).collect()
}

fn parts(segment: &[u8]) -> (&[[u8; ENTRY]], &[u8; 32]) {
    let (entries, mac) = segment.split_last_chunk().unwrap();
    (entries.as_chunks().0, mac)
}

/// Reads a segment entry by entry.
fn read_entries(reader: &mut ManifestReader, segment: &[u8]) -> Result<Vec<Entry>> {
    let (entries, mac) = parts(segment);
    let found = entries.iter().map(|entry| reader.provisional_entry(entry)).collect();
    reader.end_segment(mac)?;
    found
}

fn close(reader: &ManifestReader, bytes: &[u8]) -> Result<Option<Whole>> {
    let mut report = Report::default();
    let trailer = bytes.last_chunk().unwrap();
    reader.close(trailer, &Evidence::default(), &mut report).map(|()| report.whole)
}

/// Entry by entry comes to the same as segment by segment, and they mix at segments' ends.
#[test]
fn entries_equal_segments() {
    for count in [0, 1, 2, 1023, 1024, 1025, 2048, 2049] {
        let (bytes, whole) = write(count);
        for pattern in 0..8 {
            let mut reader = open(&bytes);
            let mut found = vec![];
            for (n, segment) in (0..).zip(segments(&bytes)) {
                assert_eq!(reader.position(), n * 1024);
                if pattern >> n & 1 == 0 {
                    found.extend(read_entries(&mut reader, segment).unwrap());
                    continue;
                }
                reader.segment(n, segment).unwrap();
                for index in 0..parts(segment).0.len() {
                    found.push(reader.entry(n, segment, index).unwrap());
                }
            }
            assert_eq!(reader.position(), count);
            assert!(found == entries(count));
            assert_eq!(close(&reader, &bytes), Ok(Some(whole)), "{count} {pattern}");
        }
    }
}

/// Calls out of order change nothing: the reading goes on and ends well.
#[test]
fn out_of_order() {
    let (bytes, whole) = write(1025);
    let segments = segments(&bytes);
    let (rows, mac) = parts(segments[0]);
    let mut reader = open(&bytes);
    assert_eq!(reader.end_segment(mac).err(), BAD_STATE, "no entry read");
    for (n, row) in (0..).zip(rows) {
        assert_eq!(reader.position(), n);
        if n > 0 {
            assert_eq!(reader.segment(0, segments[0]).err(), BAD_STATE);
            assert_eq!(reader.segment(1, segments[1]).err(), BAD_STATE);
            assert_eq!(reader.end_segment(mac).err(), BAD_STATE, "entries are missing");
            assert_eq!(close(&reader, &bytes).err(), BAD_STATE);
        }
        // What only reads does not disturb.
        assert_eq!(reader.check_segment(1, segments[1]), Ok(()));
        let wrong = &rows[(n as usize + 1) % rows.len()];
        assert_eq!(reader.provisional_entry(wrong), Err(Error::Malformed), "another position");
        assert_eq!(reader.provisional_entry(row).unwrap(), entries(1025)[n as usize]);
    }
    let (next, next_mac) = parts(segments[1]);
    assert_eq!(reader.provisional_entry(&next[0]).err(), BAD_STATE, "the MAC is due");
    assert_eq!(reader.segment(1, segments[1]).err(), BAD_STATE);
    assert_eq!(reader.end_segment(mac), Ok(()));
    assert_eq!(reader.end_segment(mac).err(), BAD_STATE, "ended already");
    assert_eq!(close(&reader, &bytes).err(), BAD_STATE, "a segment is missing");
    reader.segment(0, segments[0]).unwrap();
    reader.provisional_entry(&next[0]).unwrap();
    reader.end_segment(next_mac).unwrap();
    assert_eq!(reader.provisional_entry(&next[0]).err(), Some(Error::NotFound), "past the end");
    assert_eq!(reader.end_segment(next_mac).err(), BAD_STATE, "past the end");
    assert_eq!(close(&reader, &bytes), Ok(Some(whole)));
}

/// FORMAT.md [M2]: entries were given out, and then the MAC failed: the reader refuses everything.
#[test]
fn m2_a_failed_mac_is_the_end() {
    let (bytes, _) = write(3);
    let segment = segments(&bytes)[0];
    for bit in 0..8 * segment.len() {
        let forged = flipped(segment, bit);
        let mut reader = open(&bytes);
        let (rows, mac) = parts(&forged);
        let malformed = rows.iter().position(|row| reader.provisional_entry(row).is_err());
        if let Some(n) = malformed {
            // Seen at once; the right bytes may still come.
            assert_eq!(bit / 8 / ENTRY, n);
            assert_eq!(reader.end_segment(mac).err(), BAD_STATE);
            for row in &parts(segment).0[n..] {
                reader.provisional_entry(row).unwrap();
            }
            assert_eq!(reader.end_segment(mac), Ok(()));
            assert!(close(&reader, &bytes).is_ok());
            continue;
        }
        assert_eq!(reader.end_segment(mac), Err(Error::NotAuthentic), "bit {bit}");
        let (rows, mac) = parts(segment);
        assert_eq!(reader.provisional_entry(&rows[0]).err(), BAD_STATE);
        assert_eq!(reader.end_segment(mac).err(), BAD_STATE);
        assert_eq!(reader.segment(0, segment).err(), BAD_STATE);
        assert_eq!(reader.check_segment(0, segment).err(), BAD_STATE);
        assert_eq!(reader.entry(0, segment, 0).err(), BAD_STATE);
        assert_eq!(close(&reader, &bytes).err(), BAD_STATE);
    }
}

/// FORMAT.md [M2]: a segment of another generation, and one in another's place.
#[test]
fn m2_exchanged_segments() {
    let (bytes, _) = write(2049);
    let mut reader = open(&bytes);
    reader.segment(0, segments(&bytes)[0]).unwrap();
    let (_, mac) = parts(segments(&bytes)[0]);
    for row in parts(segments(&bytes)[1]).0 {
        reader.provisional_entry(row).unwrap();
    }
    assert_eq!(reader.end_segment(mac), Err(Error::NotAuthentic));
}

/// Several threads check segments at random through one reader; none of it counts towards the root.
#[test]
fn segments_from_several_threads() {
    let (bytes, whole) = write(4 * 1024 + 5);
    let segments = segments(&bytes);
    let mut reader = open(&bytes);
    let shared = &reader;
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let segments = &segments;
            scope.spawn(move || {
                for step in 0..20 {
                    let n = (thread + step * 3) % 5;
                    let segment = segments[n as usize];
                    assert_eq!(shared.check_segment(n, segment), Ok(()));
                    let last = parts(segment).0.len() - 1;
                    let entry = shared.entry(n, segment, last).unwrap();
                    assert!(entry == entries(4 * 1024 + 5)[n as usize * 1024 + last]);
                    let forged = flipped(segment, (step * 4099) as usize % (8 * segment.len()));
                    let refused = shared.check_segment(n, &forged);
                    assert_eq!(refused, Err(Error::NotAuthentic));
                    let elsewhere = shared.check_segment((n + 1) % 4, segment);
                    assert!(elsewhere.is_err());
                }
            });
        }
    });
    assert_eq!(reader.check_segment(5, segments[0]), Err(Error::NotFound));
    assert_eq!(reader.check_segment(4, segments[0]), Err(Error::Malformed));
    assert_eq!(close(&reader, &bytes).err(), BAD_STATE, "nothing was counted");
    for (n, segment) in (0..).zip(&segments) {
        reader.segment(n, segment).unwrap();
    }
    assert_eq!(close(&reader, &bytes), Ok(Some(whole)));
}
