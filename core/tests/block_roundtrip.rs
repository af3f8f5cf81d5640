//! Blocks of version 2, sealed and opened: every size that matters, every form, every limit.

#![cfg(all(feature = "seal", feature = "zstd"))]

mod common;

use coffre_core::block::{self, Expected, SealOptions, Settings};
use coffre_core::error::Error;
use coffre_core::header::{BlockId, Form};
use coffre_core::limits;
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use common::*;

const SIZES: [usize; 21] = [
    0,
    1,
    15,
    16,
    17,
    255,
    256,
    4095,
    4096,
    4097,
    16383,
    16384,
    16385,
    32767,
    32768,
    32769,
    65535,
    65536,
    65537,
    131073,
    1 << 20,
];

/// Forms as a test sees them.
fn form(block: &[u8]) -> Form {
    block::inspect(block).unwrap().header.form
}

/// FORMAT.md [B5]: whatever goes in comes out, and the size is the formula's.
#[test]
fn b5_round_trips() {
    let session = session("round trip");
    let options = [SealOptions::default(), STORED, SMALL];
    for len in SIZES {
        for (plain, may_shrink) in [(noise(len as u64, len), false), (text(len), true)] {
            for options in &options {
                let block = seal(&session, options, &plain);
                let compressed = matches!(form(&block), Form::Compressed { .. });
                let shrinks = may_shrink && len >= 255 && options.compression.is_some();
                assert_eq!(compressed, shrinks, "{len}");
                let stored = block::inspect(&block).unwrap().header.stored_len() as usize;
                assert_eq!(block.len(), 88 + 56 + stored + 16 * (stored / 16384 + 1) + 8);
                assert!(open(&session, &block).unwrap() == plain, "{len}");
                assert!(block::scrub(&block).is_ok());
            }
        }
    }
}

#[test]
fn round_trips_4_mib_and_64_mib() {
    let session = session("large");
    for plain in [noise(1, 4 << 20), text(4 << 20)] {
        let block = seal(&session, &SealOptions::default(), &plain);
        assert!(open(&session, &block).unwrap() == plain);
    }
    // The largest block, half of it compressible.
    let plain = [noise(2, 32 << 20), text(32 << 20)].concat();
    let block = seal(&session, &SealOptions::default(), &plain);
    assert!(matches!(form(&block), Form::Compressed { .. }));
    assert!(open(&session, &block).unwrap() == plain);
}

/// FORMAT.md [B3]: a zero block has no stored bytes, whatever the settings, and opens to zeros.
#[test]
fn b3_zero_form() {
    let session = session("zero");
    for len in [1, 63, 64, 65, 4096, 16385, 1 << 20, limits::PLAIN as usize] {
        for options in [SealOptions::default(), STORED, SMALL] {
            let block = seal(&session, &options, &vec![0; len]);
            assert_eq!((form(&block), block.len()), (Form::Zero, 88 + 56 + 16 + 8));
            if len <= 1 << 20 || options.compression.is_none() {
                assert!(open(&session, &block).unwrap() == vec![0; len]);
            }
        }
    }
    // One bit anywhere makes it another block; nothing is not zeros.
    for (len, at) in [(4096, 0), (4096, 4095), (65, 64), (64, 63), (1, 0)] {
        let mut plain = vec![0; len];
        plain[at] = 1;
        let block = seal(&session, &STORED, &plain);
        assert_eq!(form(&block), Form::Stored);
        assert_eq!(open(&session, &block).unwrap(), plain);
    }
    assert_eq!(form(&seal(&session, &STORED, &[])), Form::Stored);
}

/// FORMAT.md 3.1.2: profile `small` limits the window, and a frame that is not shorter is not used.
#[test]
fn windows_of_profiles() {
    let session = session("windows");
    for len in [2047, 2048, 2049, 1 << 20] {
        let Form::Compressed { window, stored_len } = form(&seal(&session, &SMALL, &text(len)))
        else {
            panic!("{len}")
        };
        assert_eq!(window as usize, len.min(2048));
        assert!(stored_len < len as u64);
    }
    let block = seal(&session, &SealOptions::default(), &text(1 << 20));
    assert!(matches!(form(&block), Form::Compressed { window, .. } if window > 2048));
}

/// FORMAT.md [B3]: a frame as long as the plaintext is not used.
#[test]
fn b3_frames_of_equal_length() {
    let session = session("equal");
    let candidates = (1..64).map(|run| [noise(1, 300), vec![b'x'; run]].concat());
    let equal: Vec<Vec<u8>> =
        candidates.filter(|plain| frames::good(plain).len() == plain.len()).collect();
    assert!(!equal.is_empty(), "no candidate");
    for plain in equal {
        let block = seal(&session, &SealOptions::default(), &plain);
        assert_eq!(form(&block), Form::Stored);
        assert_eq!(open(&session, &block).unwrap(), plain);
    }
}

/// Every level works in exactly the workspace that it asks for, and its blocks open.
#[test]
fn levels() {
    let session = session("levels");
    for level in [-131072, -7, -1, 0, 1, 3, 6, 9, 12, 16, 19, 22] {
        for small in [false, true] {
            let options = SealOptions {
                compression: Some(Settings { level, small }),
                ..SealOptions::default()
            };
            for len in [0, 1, 4096, 70_000] {
                let plain = text(len);
                let block = seal(&session, &options, &plain);
                assert!(open(&session, &block).unwrap() == plain, "{level} {small} {len}");
            }
        }
    }
    for level in [23, i32::MAX, i32::MIN, -131073] {
        let options = SealOptions {
            compression: Some(Settings { level, small: false }),
            ..SealOptions::default()
        };
        assert_eq!(options.workspace(4096), Err(Error::InvalidArgument));
    }
}

/// What a block says of itself without a key.
#[test]
fn inspect_says_what_seal_said() {
    let (session, plain) = (session("inspect"), text(5000));
    for id in [BlockId::Position(u64::MAX), BlockId::Hash([9; 32])] {
        let options = SealOptions::default();
        let mut space = vec![0; block::sealed_max(plain.len())];
        let mut out = Out::new(&mut space);
        let mut lent = memory(options.workspace(plain.len()).unwrap());
        let mut workspace = Workspace::new(&mut lent);
        let (context, mut random) = (context(), random(3));
        let sealed = block::seal(
            context,
            &mut random,
            &session,
            &id,
            &options,
            &plain,
            &mut workspace,
            &mut out,
        )
        .unwrap();
        let info = block::scrub(out.written()).unwrap();
        assert_eq!(info, sealed);
        assert_eq!((info.header.block_id, info.header.plain_len), (id, 5000));
        assert_eq!(info.header.session_id, *session.id());
        assert_eq!(info.commitment, out.written()[112..144]);
        assert_eq!(info.checksum, out.written()[out.len() - 8..]);
    }
}

/// A result follows what the buffer held before, and leaves it alone.
#[test]
fn seal_and_open_append() {
    let (session, plain) = (session("append"), text(20_000));
    let block = seal(&session, &SealOptions::default(), &plain);
    let mut space = vec![0; 3 + plain.len()];
    let mut out = Out::new(&mut space);
    out.push(b"abc").unwrap();
    let mut lent = memory(block::open_workspace());
    let mut workspace = Workspace::new(&mut lent);
    let (policy, expected) = (Policy::default(), Expected::default());
    block::open(context(), &policy, &session, &expected, &block, &mut workspace, &mut out).unwrap();
    assert!(out.written() == [b"abc", &plain[..]].concat());

    // An error takes back what it wrote, and only that.
    out.truncate(3);
    let damaged = forge::patched(&block, block.len() - 20, b"x");
    let refused =
        block::open(context(), &policy, &session, &expected, &damaged, &mut workspace, &mut out);
    assert_eq!((refused.unwrap_err(), out.written()), (Error::NotAuthentic, &b"abc"[..]));
}

/// A buffer one byte too small: nothing is written, and the size that is needed is told.
#[test]
fn buffers_one_byte_too_small() {
    let session = session("small buffer");
    for (plain, options) in [
        (text(20_000), SealOptions::default()),
        (noise(1, 20_000), STORED),
        (vec![0; 20_000], STORED),
    ] {
        let id = BlockId::Position(7);
        let mut space = vec![0xA5; block::sealed_max(plain.len()) - 1];
        let mut out = Out::new(&mut space);
        let mut lent = memory(options.workspace(plain.len()).unwrap());
        let mut workspace = Workspace::new(&mut lent);
        let (context, mut random) = (context(), random(1));
        let refused = block::seal(
            context,
            &mut random,
            &session,
            &id,
            &options,
            &plain,
            &mut workspace,
            &mut out,
        );
        assert_eq!(refused.unwrap_err(), Error::BufferTooSmall);
        assert_eq!((out.len(), out.needed()), (0, block::sealed_max(plain.len())));
        assert!(space.iter().all(|b| *b == 0xA5));

        let block = seal(&session, &options, &plain);
        let mut space = vec![0xA5; plain.len() - 1];
        let mut out = Out::new(&mut space);
        let mut lent = memory(block::open_workspace());
        let mut workspace = Workspace::new(&mut lent);
        let (policy, expected) = (Policy::default(), Expected::default());
        let refused =
            block::open(context, &policy, &session, &expected, &block, &mut workspace, &mut out);
        assert_eq!(refused.unwrap_err(), Error::BufferTooSmall);
        assert_eq!((out.len(), out.needed()), (0, plain.len()));
        assert!(space.iter().all(|b| *b == 0xA5));
    }
}

/// A workspace that is too small is refused; nothing is left in the result.
#[test]
fn workspaces_too_small() {
    let (session, plain) = (session("workspace"), text(20_000));
    let options = SealOptions::default();
    let block = seal(&session, &options, &plain);
    let mut space = vec![0xA5; block::sealed_max(plain.len())];
    let needed = options.workspace(plain.len()).unwrap();
    for len in [0, 1, needed - 1] {
        let (id, mut random) = (BlockId::Position(7), random(1));
        let mut out = Out::new(&mut space);
        let refused = block::seal(
            context(),
            &mut random,
            &session,
            &id,
            &options,
            &plain,
            &mut Workspace::new(&mut memory(len)),
            &mut out,
        );
        assert_eq!((refused.unwrap_err(), out.len()), (Error::WorkspaceTooSmall, 0), "{len}");
        assert_wiped(&space);
    }
    // A window of 20,000 bytes needs less than the largest.
    for len in [0, 1, 16383, 16384, 60_000] {
        let mut out = Out::new(&mut space);
        let (policy, expected) = (Policy::default(), Expected::default());
        let refused = block::open(
            context(),
            &policy,
            &session,
            &expected,
            &block,
            &mut Workspace::new(&mut memory(len)),
            &mut out,
        );
        assert_eq!((refused.unwrap_err(), out.len()), (Error::WorkspaceTooSmall, 0), "{len}");
        assert_wiped(&space);
    }
    // Stored and zero blocks need none, and neither does sealing without compression.
    for plain in [noise(1, 20_000), vec![0; 20_000]] {
        let block = seal(&session, &STORED, &plain);
        let mut space = vec![0; plain.len()];
        let mut out = Out::new(&mut space);
        let (policy, expected) = (Policy::default(), Expected::default());
        let none = &mut Workspace::none();
        block::open(context(), &policy, &session, &expected, &block, none, &mut out).unwrap();
        assert!(out.written() == plain);
    }
}

/// Any alignment of the workspace will do.
#[test]
fn workspaces_of_any_alignment() {
    let (session, plain) = (session("alignment"), text(20_000));
    let options = SealOptions::default();
    for shift in 0..16 {
        let mut space = vec![0; block::sealed_max(plain.len())];
        let mut out = Out::new(&mut space);
        let mut lent = memory(shift + options.workspace(plain.len()).unwrap());
        let (id, mut random) = (BlockId::Position(7), random(1));
        let (context, workspace) = (context(), &mut Workspace::new(&mut lent[shift..]));
        block::seal(context, &mut random, &session, &id, &options, &plain, workspace, &mut out)
            .unwrap();
        let mut plain_space = vec![0; plain.len()];
        let mut plain_out = Out::new(&mut plain_space);
        let mut lent = memory(shift + block::open_workspace());
        let (policy, expected) = (Policy::default(), Expected::default());
        let (workspace, block) = (&mut Workspace::new(&mut lent[shift..]), out.written());
        block::open(context, &policy, &session, &expected, block, workspace, &mut plain_out)
            .unwrap();
        assert!(plain_space == plain, "{shift}");
    }
}

/// FORMAT.md [B1], [B2]: a block above the format's or the policy's limit is neither written nor
/// read.
#[test]
fn b2_limits() {
    let session = session("limits");
    let plain = vec![0; limits::PLAIN as usize + 1];
    let (id, mut random) = (BlockId::Position(7), random(1));
    let refused = block::seal(
        context(),
        &mut random,
        &session,
        &id,
        &STORED,
        &plain,
        &mut Workspace::none(),
        &mut Out::new(&mut []),
    );
    assert_eq!(refused.unwrap_err(), Error::TooLarge);

    let plain = text(100_000);
    for (options, window) in [(SealOptions::default(), 100_000), (SMALL, 2048)] {
        let block = seal(&session, &options, &plain);
        let exactly = Policy { max_block: 100_000, max_window: window, ..Policy::default() };
        let check = |policy: Policy| open_with(&policy, &session, &Expected::default(), &block);
        assert!(check(exactly).unwrap() == plain);
        let over = Err(Error::OverLimit);
        assert_eq!(check(Policy { max_block: 99_999, ..exactly }), over);
        assert_eq!(check(Policy { max_window: window - 1, ..exactly }), over);
        assert_eq!(check(Policy { lowest_version: 3, ..exactly }), Err(Error::PolicyVersion));
    }
    // A block of zeros costs as much memory as any other.
    let zeros = seal(&session, &STORED, &plain.iter().map(|_| 0).collect::<Vec<u8>>());
    let policy = Policy { max_block: 99_999, ..Policy::default() };
    let refused = open_with(&policy, &session, &Expected::default(), &zeros);
    assert_eq!(refused, Err(Error::OverLimit));
}

/// FORMAT.md [B4]: metadata's kind of id is not a block's.
#[test]
fn b4_a_block_has_no_restore_point_id() {
    let (session, id) = (session("id"), BlockId::RestorePoint([1; 16]));
    let (mut random, mut space) = (random(1), [0; 200]);
    let mut out = Out::new(&mut space);
    let none = &mut Workspace::none();
    let refused = block::seal(context(), &mut random, &session, &id, &STORED, b"x", none, &mut out);
    assert_eq!(refused.unwrap_err(), Error::InvalidArgument);
}
