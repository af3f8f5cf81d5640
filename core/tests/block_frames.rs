//! What a holder of the right key could smuggle in under it: frames that break [B9], and bombs.

mod common;

use coffre_core::block::Expected;
use coffre_core::error::Error;
use coffre_core::policy::Policy;
use common::heap_zstd::{Compressor, Parameter};
use common::*;

/// FORMAT.md [B9]: exactly one frame of the stated content size and window, in a whole block.
#[test]
fn b9_whole_blocks() {
    let (key, session) = (key("frames"), session("frames"));
    for (what, block) in frames::forbidden(&key) {
        assert_eq!(open(&session, &block), Err(Error::BadFrame), "{what}");
    }
}

/// FORMAT.md [B9]: a frame checksum is legal, and so is whatever libzstd's other settings write.
#[test]
fn b9_legal_frames() {
    let (key, session) = (key("frames"), session("frames"));
    let plain = text(20_000);
    for level in [-5, 1, 19] {
        for checksum in [false, true] {
            for window_log in [10, 17] {
                let mut compressor = Compressor::new(level);
                compressor.set(Parameter::ZSTD_c_checksumFlag, checksum.into());
                compressor.set(Parameter::ZSTD_c_windowLog, window_log);
                let mut frame = vec![0; 30_000];
                let len = compressor.compress(&mut frame, &plain).unwrap();
                frame.truncate(len);
                let window = if window_log == 10 { 1024 } else { 20_000 };
                let block = frames::block(&key, 20_000, window, &frame);
                assert!(open(&session, &block).unwrap() == plain, "{level} {window_log}");
            }
        }
    }
    // Run-length blocks, single segment or not.
    let block = frames::block(&key, 20_000, 20_000, &frames::run(b'x', 20_000, 20_000));
    assert_eq!(open(&session, &block).unwrap(), [b'x'; 20_000]);
    let fields = [&[0x28][..], &20_000u32.to_le_bytes()].concat();
    let windowed = frames::run_with(0x80, &fields, b'x', 20_000);
    let block = frames::block(&key, 20_000, 32_768, &windowed);
    assert_eq!(open(&session, &block).unwrap(), [b'x'; 20_000]);
}

/// FORMAT.md [B2]: a bomb is measured by its header, before any key is derived.
#[test]
fn b2_bombs() {
    let (key, session) = (key("frames"), session("frames"));
    let bomb = frames::run(0, 64 << 20, 64 << 20);
    assert!(bomb.len() < 3000);
    let block = frames::block(&key, 64 << 20, 64 << 20, &bomb);
    let policy = Policy { max_block: 4 << 20, ..Policy::default() };
    let refused = open_with(&policy, &session, &Expected::default(), &block);
    assert_eq!(refused, Err(Error::OverLimit));
    let policy = Policy { max_window: 8 << 20, ..Policy::default() };
    let refused = open_with(&policy, &session, &Expected::default(), &block);
    assert_eq!(refused, Err(Error::OverLimit));
    // Within the format's limit and under the default policy it is a block like others.
    assert!(open(&session, &block).unwrap() == vec![0; 64 << 20]);
    // One whose header lies about it never grows beyond what the header says.
    let block = frames::block(&key, 4096, 4096, &frames::run(0, 64 << 20, 4096));
    assert_eq!(open(&session, &block), Err(Error::BadFrame));
}
