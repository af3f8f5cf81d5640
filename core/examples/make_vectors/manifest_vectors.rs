//! Manifests. FORMAT.md 6.

use coffre_core::derive::{expand256, label};
use coffre_core::header::BlockId;
use coffre_core::manifest::{BlockEntry, Entry, Info};
use coffre_core::object::Id;
use coffre_core::secret::Key;
use serde_json::Value;

use super::Vector;
use crate::common::forge::{self, patched};
use crate::common::{id, key, point, session, to_hex};

pub fn metakey() -> Key {
    key("vectors: metakey")
}

pub fn point_id() -> Id {
    id("vectors: restore point")
}

/// An image of 4 KiB blocks, the last of 100 bytes.
pub fn info(entries: u64, digests: bool) -> Info {
    Info {
        digests,
        block_size: 4096,
        restore_point_id: point_id(),
        instance_id: id("vectors: instance"),
        generation: 5,
        image_size: (entries * 4096).saturating_sub(3996 * u64::from(entries > 0)),
        metadata_digest: if digests { [7; 32] } else { [0; 32] },
    }
}

pub fn block(version: u8, n: u64, digests: bool) -> Entry {
    let of_2 = |byte| if version == 2 { [byte; 32] } else { [0; 32] };
    Entry::Block(BlockEntry {
        version,
        block_id: if n.is_multiple_of(2) {
            BlockId::Position(n)
        } else {
            BlockId::Hash([n as u8; 32])
        },
        session_id: if version == 2 { *session("vectors: session 1").id() } else { [0; 16] },
        commitment: of_2(n as u8),
        digest: if digests { [0x40 | n as u8; 32] } else { [0; 32] },
    })
}

pub fn write(info: &Info, entries: &[Entry]) -> Vec<u8> {
    let keys = point::keys(&metakey(), &point_id(), &id("vectors: instance"));
    point::write(&keys, info, entries).unwrap()
}

fn vector(name: &str, about: &str, bytes: &[u8]) -> Vector {
    Vector::new("manifest", name, about, bytes)
        .input("metakey", metakey().expose())
        .input("restore_point_id", &point_id())
}

fn with_intermediates(vector: Vector, entries: usize, bytes: &[u8]) -> Vector {
    let key = expand256::<32>(&metakey(), label::MANIFEST, &[&point_id()]);
    let segments = bytes[112..bytes.len() - 40].chunks(1024 * 128 + 32);
    let macs: Vec<Value> = segments.map(|s| to_hex(&s[s.len() - 32..]).into()).collect();
    vector
        .intermediate("manifest_key", key.expose())
        .intermediate("segment_macs", &Value::from(macs))
        .intermediate("root", &bytes[bytes.len() - 40..bytes.len() - 8])
        .intermediate("entries", &(entries as u64))
}

/// A version 2 block, a hole, a version 1 block.
pub fn three() -> Vec<u8> {
    write(&info(3, true), &[block(2, 0, true), Entry::Hole, block(1, 2, true)])
}

pub fn valid() -> Vec<Vector> {
    let valid = |name: &str, about: &str, info: &Info, entries: &[Entry]| {
        let bytes = write(info, entries);
        with_intermediates(vector(name, about, &bytes), entries.len(), &bytes)
    };
    let old = [block(0, 0, true), block(1, 1, true), block(2, 2, true)];
    let many: Vec<Entry> =
        (0..1025).map(|n| if n % 64 == 0 { block(2, n, false) } else { Entry::Hole }).collect();
    vec![
        valid("0_entries", "an image of 0 bytes", &info(0, false), &[]),
        valid("1_entry", "one block, no digests", &info(1, false), &[block(2, 0, false)]),
        with_intermediates(
            vector("3_entries", "a block, a hole, a version 1 block", &three()),
            3,
            &three(),
        ),
        valid("3_versions", "a block of each version", &info(3, true), &old),
        valid("1025_entries", "two segments", &info(1025, false), &many),
    ]
}

/// The three entries with a change under the right MACs.
fn changed(change: impl Fn(&mut [u8; 112], &mut [[u8; 128]; 3])) -> Vec<u8> {
    let bytes = three();
    let mut header = *bytes.first_chunk().unwrap();
    let mut rows: [[u8; 128]; 3] = bytes[112..].as_chunks().0[..3].try_into().unwrap();
    change(&mut header, &mut rows);
    forge::manifest(&metakey(), &header, &rows)
}

pub fn broken() -> Vec<Vector> {
    const M: &str = "malformed";
    const N: &str = "not authentic";
    let with = |rule: &'static str, name: &str, about: &str, expect, bytes: &[u8]| {
        vector(&format!("{}_{name}", rule.to_lowercase()), about, bytes).breaks(rule, expect)
    };
    let header = |rule, name: &str, about: &str, expect, offset: usize, to: &[u8]| {
        let bytes = changed(|header, _| header[offset..offset + to.len()].copy_from_slice(to));
        with(rule, name, about, expect, &bytes)
    };
    let row = |rule, name: &str, about: &str, n: usize, offset: usize, to: &[u8]| {
        let bytes = changed(|_, rows| rows[n][offset..offset + to.len()].copy_from_slice(to));
        with(rule, name, about, M, &bytes)
    };
    let bytes = three();
    let mut damaged = bytes.clone();
    damaged[bytes.len() - 10] ^= 1;
    let mut longer = [&bytes[..], &[0]].concat();
    forge::fix_checksum(&mut longer);
    let mut swapped = bytes.clone();
    swapped[112..240].copy_from_slice(&bytes[368..496]);
    swapped[368..496].copy_from_slice(&bytes[112..240]);
    forge::fix_checksum(&mut swapped);
    let older = write(
        &Info { generation: 4, ..info(3, true) },
        &[block(2, 0, true), Entry::Hole, block(1, 2, true)],
    );
    let cut = [&bytes[..bytes.len() - 40 - 160], &bytes[bytes.len() - 40..]].concat();
    let no_digests = changed(|header, rows| {
        header[8] = 0;
        rows.iter_mut().for_each(|row| row[96..].fill(0));
    });
    let digest_alone = changed(|header, rows| {
        header[8] = 0;
        rows[2] = rows[0];
        rows[2][0] = 2;
        rows[2][12..16].copy_from_slice(&100u32.to_le_bytes());
    });
    vec![
        header("O1", "magic", "magic \"cOFR\"", M, 0, b"c"),
        header("O1", "type", "object type 4", M, 4, &[4]),
        header("O2", "version", "version 3", "unsupported version", 5, &[3]),
        header("O2", "suite", "suite 2", "unsupported suite", 6, &[2]),
        with("O3", "checksum", "a flipped bit of the root", "damaged", &damaged),
        header("O4", "flag", "a flag", M, 8, &[3]),
        header("O4", "reserved", "a reserved field", M, 72, &[1]),
        with("O5", "trailing", "a byte after the manifest", M, &longer),
        header("M1", "entry_count", "4 entries", M, 64, &[4]),
        header("M1", "image_size", "an image of two blocks", M, 56, &8192u64.to_le_bytes()),
        header("M1", "block_size", "a block size of 0", M, 12, &[0; 4]),
        with("M1", "cut", "an entry and its MAC are missing", M, &refixed(&cut)),
        with("M2", "segment", "an altered entry", N, &patched(&bytes, 130, &[bytes[130] ^ 1])),
        with("M2", "rows", "two rows in each other's place", N, &swapped),
        with(
            "M2",
            "root",
            "another root",
            N,
            &patched(&bytes, bytes.len() - 40, &[!bytes[bytes.len() - 40]]),
        ),
        with("M2", "header", "another metadata digest", N, &patched(&bytes, 80, &[8])),
        with(
            "M2",
            "older_segment",
            "the segment of generation 4",
            N,
            &patched(&bytes, 112, &older[112..112 + 3 * 128 + 32]),
        ),
        header("M1", "generation_0", "generation 0", M, 48, &[0; 8]),
        row("M5", "no_digest", "a version 2 block without a digest", 0, 96, &[0; 32]),
        row("M5", "no_digest_of_v1", "a version 1 block without a digest", 2, 96, &[0; 32]),
        row("M3", "position", "position 1 at index 0", 0, 0, &[1]),
        row("M3", "kind", "kind 3", 0, 8, &[3]),
        row("M3", "version", "version 3", 0, 9, &[3]),
        row("M3", "restore_point", "a restore point's id", 0, 10, &[3, 16]),
        row("M3", "id_length", "a position of 32 bytes", 0, 11, &[32]),
        row("M3", "padding", "a byte after the position", 0, 47, &[1]),
        row("M3", "length", "4095 bytes at index 0", 0, 12, &[0xFF, 0x0F]),
        row("M3", "last_length", "4096 bytes at the end", 2, 12, &[0x00, 0x10]),
        row("M3", "hole_version", "a hole of version 2", 1, 9, &[2]),
        row("M3", "hole_id", "a hole with an id", 1, 16, &[1]),
        row("M3", "hole_digest", "a hole with a digest", 1, 127, &[1]),
        row("M3", "v1_session", "a version 1 block with a session id", 2, 48, &[1]),
        row("M3", "v1_commitment", "a version 1 block with a commitment", 2, 64, &[1]),
        row("M3", "nothing", "a row of zeros, which is no hole", 0, 8, &[0; 120]),
        with("M3", "digest", "a digest, where there are none", M, &digest_alone),
        with("M4", "point", "another restore point's", "foreign", &bytes)
            .input("restore_point_id", &id("another")),
        with("M4", "generation", "generation 5, where 6 is demanded", "stale", &bytes)
            .input("lowest_generation", &6),
        with("M5", "version_1", "a version 1 block without a digest", M, &no_digests),
    ]
}

fn refixed(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    forge::fix_checksum(&mut bytes);
    bytes
}
