//! One workspace for many calls: whatever it did before, and however that ended, it makes the same
//! bytes as a new one, and opens the same blocks.

#![cfg(all(feature = "seal", feature = "zstd", feature = "legacy-v1"))]

mod common;

use coffre_core::block::{self, Expected, SealOptions, Settings};
use coffre_core::error::{Error, Result};
use coffre_core::header::BlockId;
use coffre_core::legacy::{self, MasterKey};
use coffre_core::out::{Out, as_scratch};
use coffre_core::policy::Policy;
use common::*;

/// More than any call here needs.
const MEMORY: usize = 16 << 20;

fn options(level: i32, small: bool) -> SealOptions {
    SealOptions { compression: Some(Settings { level, small }), trust_random: false }
}

/// A block with the same random bytes each time, so that nothing but the frame can differ.
fn sealed(workspace: &mut Workspace, options: &SealOptions, plain: &[u8]) -> Result<Vec<u8>> {
    sealed_to(workspace, options, plain, block::sealed_max(plain.len()))
}

fn sealed_to(
    workspace: &mut Workspace,
    options: &SealOptions,
    plain: &[u8],
    size: usize,
) -> Result<Vec<u8>> {
    let (mut space, mut random, id) = (vec![0; size], random(1), BlockId::Position(7));
    let (context, session, mut out) = (context(), &session("reuse"), Out::new(&mut space));
    block::seal(context, &mut random, session, &id, options, plain, workspace, &mut out)?;
    Ok(out.written().to_vec())
}

fn opened(workspace: &mut Workspace, block: &[u8], size: usize) -> Result<Vec<u8>> {
    let (mut space, session) = (vec![0; size], session("reuse"));
    let (policy, expected, mut out) =
        (Policy::default(), Expected::default(), Out::new(&mut space));
    block::open(context(), &policy, &session, &expected, block, workspace, &mut out)?;
    Ok(out.written().to_vec())
}

fn v1_sealed(workspace: &mut Workspace, plain: &[u8]) -> ([u8; 40], Vec<u8>) {
    let mut space = vec![0; legacy::v1_sealed_max(plain.len())];
    let (policy, mut random, master) = (backy2::policy(), random(1), v1_master());
    let (context, mut out) = (context(), Out::new(&mut space));
    let wrapped =
        legacy::v1_seal(context, &policy, &mut random, &master, plain, workspace, &mut out);
    (wrapped.unwrap(), out.written().to_vec())
}

fn v1_opened(workspace: &mut Workspace, wrapped: &[u8], blob: &[u8]) -> Result<Vec<u8>> {
    let mut space = vec![0; 1 << 20];
    let (policy, master, mut out) = (backy2::policy(), v1_master(), Out::new(&mut space));
    legacy::v1_open(context(), &policy, &master, wrapped, blob, workspace, &mut out)?;
    Ok(out.written().to_vec())
}

fn v1_master() -> MasterKey {
    MasterKey::from_bytes(&[1; 32])
}

/// Runs `work` in a workspace that nothing was done in.
fn new<T>(work: impl FnOnce(&mut Workspace) -> T) -> T {
    work(&mut Workspace::new(&mut memory(MEMORY)))
}

/// Plaintexts of many sizes, some of which compress, a little, or not at all.
fn plains() -> Vec<Vec<u8>> {
    let sizes = [0, 1, 100, 4096, 4097, 16_384, 70_000, 300_000];
    let of_size = |len| {
        let half = [text(len / 2), noise(len as u64, len - len / 2)].concat();
        [text(len), noise(len as u64, len), half]
    };
    sizes.into_iter().flat_map(of_size).collect()
}

/// Every strategy of libzstd: the same block after others of other sizes, levels and profiles,
/// after frames that did not fit, and after opening.
#[test]
fn seals_as_a_new_one() {
    let plains = plains();
    let levels = [-7, 1, 3, 5, 6, 9, 13, 16, 19];
    let settings = levels.map(|level| [options(level, false), options(level, true)]);
    let settings = settings.as_flattened();
    let mut lent = memory(MEMORY);
    let mut used = Workspace::new(&mut lent);
    // Steps without a common divisor, so that every pair comes after many others.
    let count = plains.len() * settings.len();
    for turn in 0..count {
        let pick = turn * 125 % count;
        let (plain, options) = (&plains[pick / settings.len()], &settings[pick % settings.len()]);
        let needed = options.workspace(plain.len()).unwrap();
        // Of nothing libzstd does not know that it is short.
        if needed > MEMORY && plain.is_empty() {
            continue;
        }
        let block = sealed(&mut used, options, plain).unwrap();
        let mut lent = memory(needed);
        let expected = sealed(&mut Workspace::new(&mut lent), options, plain).unwrap();
        assert!(block == expected, "{pick} at {turn}");
        if turn % 7 == 0 {
            assert!(opened(&mut used, &block, plain.len()).unwrap() == *plain);
        }
    }
}

/// Version 1 stays backy2's, bit for bit, after blocks of version 2 and of its own.
#[test]
fn seals_version_1_as_a_new_one() {
    let mut lent = memory(MEMORY);
    let mut used = Workspace::new(&mut lent);
    for (turn, plain) in plains().iter().enumerate().flat_map(|turn| [turn, turn]) {
        let (wrapped, blob) = v1_sealed(&mut used, plain);
        assert!(blob == new(|new| v1_sealed(new, plain)).1, "{turn}");
        match turn % 4 {
            0 => drop(sealed(&mut used, &options(9, true), plain).unwrap()),
            1 => assert!(v1_opened(&mut used, &wrapped, &blob).unwrap() == *plain),
            _ => {}
        }
    }
}

/// Calls that fail, at whatever point, have no bearing on the next one.
#[test]
fn failures_leave_it_usable() {
    let (plain, other) = ([text(50_000), noise(2, 50_000)].concat(), noise(1, 5000));
    let (key, default) = (key("reuse"), SealOptions::default());
    let block = new(|new| sealed(new, &default, &plain)).unwrap();
    let (wrapped, blob) = new(|new| v1_sealed(new, &plain));
    let mut lent = memory(MEMORY);
    let used = &mut Workspace::new(&mut lent);
    for (what, forbidden) in frames::forbidden(&key) {
        assert_eq!(opened(used, &forbidden, 50_000).err(), Some(Error::BadFrame), "{what}");
        assert!(opened(used, &block, plain.len()).unwrap() == plain, "after {what}");
    }
    let altered = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    // The second chunk is no longer authentic: the decompressor stands in the middle of a frame.
    let mut middle = altered(&block, 88 + 56 + 16_400);
    forge::fix_checksum(&mut middle);
    for _ in 0..2 {
        assert_eq!(opened(used, &middle, plain.len()), Err(Error::NotAuthentic));
        assert!(opened(used, &block, plain.len()).unwrap() == plain);
        assert_eq!(v1_opened(used, &wrapped, &altered(&blob, 40)), Err(Error::NotAuthentic));
        assert!(v1_opened(used, &wrapped, &blob).unwrap() == plain);
        assert_eq!(opened(used, &middle, plain.len()), Err(Error::NotAuthentic));
        assert_eq!(sealed_to(used, &default, &plain, 50), Err(Error::BufferTooSmall));
        assert_eq!(sealed(used, &options(23, false), &plain), Err(Error::InvalidArgument));
        assert!(sealed(used, &default, &plain).unwrap() == block);
        // A frame that is longer than what it holds is given up half-way.
        assert!(sealed(used, &default, &other) == new(|new| sealed(new, &default, &other)));
        assert!(sealed(used, &default, &plain).unwrap() == block);
    }
}

/// What one call needs too much of costs the others nothing.
#[test]
fn too_small_for_one_call_only() {
    let (small, large, default) = (text(4096), text(200_000), SealOptions::default());
    let block = new(|new| sealed(new, &default, &large)).unwrap();
    let expected = new(|new| sealed(new, &default, &small)).unwrap();
    let mut lent = memory(default.workspace(small.len()).unwrap());
    let used = &mut Workspace::new(&mut lent);
    for _ in 0..2 {
        assert!(sealed(used, &default, &small).unwrap() == expected);
        assert_eq!(sealed(used, &default, &large), Err(Error::WorkspaceTooSmall));
        assert!(sealed(used, &default, &small).unwrap() == expected);
        assert_eq!(opened(used, &block, large.len()), Err(Error::WorkspaceTooSmall));
    }
}

/// Exactly as much as the two ways to open need, in turn: their staging lies at the end of each.
#[test]
fn both_versions_in_exactly_their_memory() {
    // More than one chunk of frame: libzstd needs a buffer for what a chunk cuts in two.
    let (plain, tiny) = ([text(150_000), noise(2, 150_000)].concat(), text(1000));
    let (wrapped, blob) = new(|new| v1_sealed(new, &noise(1, 150_000)));
    let block = new(|new| sealed(new, &SealOptions::default(), &plain)).unwrap();
    let (tiny_wrapped, tiny_blob) = new(|new| v1_sealed(new, &tiny));
    let size = block::open_workspace().max(legacy::v1_open_workspace(blob.len()));
    for shift in 0..9 {
        let mut lent = memory(shift + size);
        let used = &mut Workspace::new(&mut lent[shift..]);
        for _ in 0..2 {
            assert!(v1_opened(used, &wrapped, &blob).unwrap() == noise(1, 150_000));
            assert!(opened(used, &block, plain.len()).unwrap() == plain);
            assert!(v1_opened(used, &tiny_wrapped, &tiny_blob).unwrap() == tiny);
        }
    }
}

/// What a workspace was lent is zeros when it ends.
#[test]
fn is_wiped_at_its_end() {
    let plain = text(70_000);
    let mut lent = vec![0xA5; MEMORY];
    let default = SealOptions::default();
    sealed(&mut Workspace::new(as_scratch(&mut lent)), &default, &plain).unwrap();
    assert!(lent.iter().all(|byte| *byte == 0));
    // Plaintext is there before.
    lent.fill(0xA5);
    let mut used = std::mem::ManuallyDrop::new(Workspace::new(as_scratch(&mut lent)));
    sealed(&mut used, &default, &plain).unwrap();
    let line = &plain[8..32];
    assert!(lent.windows(line.len()).any(|bytes| bytes == line));
}
