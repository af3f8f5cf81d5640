//! Blocks that are stored untried, or not: what a sample of their regions decides, and that every
//! frame written stays one that stock zstd reads.

mod common;

use coffre_core::block::{self, SealOptions, Settings};
use coffre_core::compress::{Workspace, incompressible};
use coffre_core::error::Error;
use coffre_core::header::BlockId;
use coffre_core::out::Out;
use common::heap_zstd::Compressor;
use common::*;

fn options(level: i32, small: bool) -> SealOptions {
    SealOptions { compression: Some(Settings { level, small }), ..SealOptions::default() }
}

fn stored_len(block: &[u8]) -> usize {
    block::inspect(block).unwrap().header.stored_len() as usize
}

/// What stock zstd makes of `plain` at this level in a buffer one byte shorter, if it manages.
fn zstd_len(plain: &[u8], level: i32) -> usize {
    let mut frame = vec![0; plain.len().saturating_sub(1)];
    Compressor::new(level).compress(&mut frame, plain).unwrap_or(plain.len())
}

/// One compressible part in noise, wherever it lies, is compressed as zstd alone would.
#[test]
fn one_compressible_part() {
    let session = session("part");
    for (len, part) in [(4096, 1024), (65536, 4096), (1 << 20, 4096)] {
        for at in [0, part / 2, len / 2 - part / 2, len / 2, len - part - 1, len - part] {
            for part in [text(part), vec![0; part]] {
                let mut plain = noise(len as u64, len);
                plain[at..at + part.len()].copy_from_slice(&part);
                let block = seal(&session, &options(1, false), &plain);
                assert!(!incompressible(&plain, 1), "{len} {at}");
                assert_eq!(stored_len(&block), zstd_len(&plain, 1), "{len} {at}");
                assert!(open(&session, &block).unwrap() == plain);
            }
        }
    }
}

/// Every length up to 300, and those around a region's borders: what is stored opens, and is no
/// longer than zstd's result by more than a hundredth.
#[test]
fn lengths() {
    let session = session("lengths");
    let borders = [511, 512, 513, 1023, 1024, 4095, 4097, 8191, 8193, 16383, 16385, 32767, 32768];
    let larger = [32769, 32775, 32776, 33023, 33024, 33031, 33032, 65535, 65536, 65537, 131071];
    for len in (0..=300).chain(borders).chain(larger) {
        let half = [noise(len as u64, len / 2), text(len - len / 2)].concat();
        let twice = [noise(1, len / 2), noise(1, len - len / 2)].concat();
        for plain in [noise(len as u64, len), half, twice, text(len)] {
            let block = seal(&session, &options(1, false), &plain);
            assert!(open(&session, &block).unwrap() == plain, "{len}");
            assert!(stored_len(&block) <= zstd_len(&plain, 1) + len / 100, "{len}");
        }
    }
}

/// Above level 3 nothing is left untried: counters between random bytes look like noise, and only
/// the slow levels find them.
#[test]
fn high_levels_try_everything() {
    let session = session("levels");
    let noise = noise(9, 60 * 1024);
    let rows = noise.chunks(60).zip(0u32..).flat_map(|(row, i)| [row, &i.to_le_bytes()].concat());
    let plain: Vec<u8> = rows.collect();
    assert!(incompressible(&plain, 1) && incompressible(&plain, 3));
    for level in [1, 3, 4, 19] {
        let block = seal(&session, &options(level, false), &plain);
        let len = if level <= 3 { plain.len() } else { zstd_len(&plain, level) };
        assert_eq!(stored_len(&block), len, "{level}");
        assert!(open(&session, &block).unwrap() == plain);
    }
    assert!(zstd_len(&plain, 19) < plain.len() - 1000);
}

/// Every level that libzstd has, at both profiles, on data that is tried and data that is not.
#[test]
fn every_level() {
    let session = session("every level");
    let (lowest, highest) = (zstd_safe::min_c_level(), zstd_safe::max_c_level());
    let lengths = [noise(1, 5000), [noise(1, 3000), text(2000)].concat(), text(5000)];
    for level in [lowest, lowest + 1, -1000].into_iter().chain(-10..=highest) {
        for small in [false, true] {
            for plain in &lengths {
                let block = seal(&session, &options(level, small), plain);
                assert!(open(&session, &block).unwrap() == *plain, "{level} {small}");
            }
        }
    }
}

/// A block that is stored untried still refuses the level and the workspace that any other block
/// would.
#[test]
fn refusals_do_not_depend_on_content() {
    let (session, id) = (session("refusals"), BlockId::Position(7));
    for plain in [noise(1, 20_000), text(20_000)] {
        let needed = options(1, false).workspace(plain.len()).unwrap();
        for (level, space, error) in [
            (1, needed - 1, Error::WorkspaceTooSmall),
            (1, 0, Error::WorkspaceTooSmall),
            (-131073, needed, Error::InvalidArgument),
        ] {
            let (mut random, mut lent) = (random(1), memory(space));
            let mut result = vec![0; block::sealed_max(plain.len())];
            let mut out = Out::new(&mut result);
            let options = options(level, false);
            let refused = block::seal(
                context(),
                &mut random,
                &session,
                &id,
                &options,
                &plain,
                &mut Workspace::new(&mut lent),
                &mut out,
            );
            assert_eq!(refused.unwrap_err(), error, "{level} {space}");
        }
    }
}
