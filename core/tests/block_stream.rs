//! Blocks opened piece by piece: the same content, never a byte too early, in bounded memory.

#![cfg(all(feature = "seal", feature = "zstd"))]

mod common;

use coffre_core::block::{self, Expected, SealOptions};
use coffre_core::error::{Error, Result};
use coffre_core::header::{self, BlockId, Header};
use coffre_core::policy::Policy;
use coffre_core::session::Session;
use coffre_core::stream::BlockReader;
use common::forge::{self, RawHeader, fix_checksum};
use common::*;

/// Feeds `block` in pieces of `piece` bytes; what was delivered, and how it ended.
fn stream(session: &Session, block: &[u8], piece: usize) -> (Vec<u8>, Result<()>) {
    stream_with(&Policy::default(), session, &Expected::default(), block, piece)
}

fn stream_with(
    policy: &Policy,
    session: &Session,
    expected: &Expected,
    block: &[u8],
    piece: usize,
) -> (Vec<u8>, Result<()>) {
    let mut delivered = vec![];
    let ended = (|| {
        let (header_bytes, rest) = block.split_first_chunk().ok_or(Error::Malformed)?;
        let size = Header::parse(header_bytes).map_or(0, |header| BlockReader::workspace(&header));
        let mut workspace = memory(size);
        let mut reader =
            BlockReader::begin(context(), policy, session, expected, header_bytes, &mut workspace)?;
        for piece in rest.chunks(piece) {
            let mut sink = |bytes: &[u8]| {
                delivered.extend_from_slice(bytes);
                Ok(())
            };
            if let Err(error) = reader.push(piece, &mut sink) {
                assert_eq!(reader.finish(), Err(Error::BadState));
                assert_eq!(reader.push(piece, &mut sink), Err(Error::BadState));
                return Err(error);
            }
        }
        reader.finish()
    })();
    (delivered, ended)
}

/// The same content as in one go, whatever the pieces.
#[test]
fn same_as_whole() {
    let session = session("stream");
    for len in [
        0,
        1,
        15,
        16,
        17,
        4095,
        4096,
        16383,
        16384,
        16385,
        32767,
        32768,
        32769,
        65535,
        65536,
        65537,
        300_000,
        1 << 20,
    ] {
        for plain in [noise(len as u64, len), text(len), vec![0; len]] {
            for options in [SealOptions::default(), STORED, SMALL] {
                let block = seal(&session, &options, &plain);
                for piece in [1, 7, 88, 16400, block.len()] {
                    if piece < 88 && block.len() > 70_000 {
                        continue;
                    }
                    let (delivered, ended) = stream(&session, &block, piece);
                    assert_eq!(ended, Ok(()), "{len} in pieces of {piece}");
                    assert!(delivered == plain, "{len} in pieces of {piece}");
                }
            }
        }
    }
}

/// FORMAT.md 3.1.1: a frame that fills its chunks is followed by an empty one, after its end.
#[test]
fn a_frame_that_fills_its_chunks() {
    let session = session("stream");
    let full = (16_300..16_384).find_map(|random| {
        let plain = [noise(1, random), vec![0; 5000]].concat();
        let block = seal(&session, &SealOptions::default(), &plain);
        let header = block::inspect(&block).unwrap().header;
        (header.stored_len() == 16_384 && header.window() > 0).then_some((plain, block))
    });
    let (plain, block) = full.expect("one of them has such a frame");
    for piece in [1, 4096, block.len()] {
        assert_eq!(stream(&session, &block, piece), (plain.clone(), Ok(())));
    }
}

/// FORMAT.md 3.1.4: without the last byte it is not COMPLETE; with one more it is malformed [O5].
#[test]
fn o5_cut_or_followed() {
    let session = session("stream");
    for plain in [noise(1, 40_000), text(40_000), vec![0; 40_000]] {
        let block = seal(&session, &SealOptions::default(), &plain);
        for len in (header::SIZE..block.len()).filter(|len| block.len() < 2000 || len % 97 == 0) {
            let (delivered, ended) = stream(&session, &block[..len], 16400);
            assert_eq!(ended, Err(Error::Malformed), "{len}");
            assert!(plain.starts_with(&delivered));
        }
        assert_eq!(stream(&session, &block[..block.len() - 1], 1).1, Err(Error::Malformed));
        for piece in [1, block.len() + 1] {
            let longer = [&block[..], &[0]].concat();
            assert_eq!(stream(&session, &longer, piece).1, Err(Error::Malformed));
        }
    }
}

/// FORMAT.md [B7], [O3]: a flipped bit ends the stream, and no byte of its chunk came out.
#[test]
fn b7_nothing_of_a_chunk_that_fails() {
    const SEALED: usize = 16384 + 16;
    let session = session("stream");
    let plain = noise(1, 40_000);
    let block = seal(&session, &STORED, &plain);
    let end = block.len() - 8;
    for byte in (88..block.len()).filter(|byte| *byte < 200 || byte % 53 == 0 || *byte >= end) {
        let forged = flipped(&block, 8 * byte + byte % 8);
        let (delivered, ended) = stream(&session, &forged, 16400);
        let error = match byte {
            _ if byte < end => Error::NotAuthentic,
            _ => Error::Damaged,
        };
        assert_eq!(ended, Err(error), "byte {byte}");
        let chunks = byte.saturating_sub(144) / SEALED;
        let whole = if byte >= end { plain.len() } else { chunks * 16384 };
        assert!(delivered == plain[..whole], "byte {byte}");
    }
    // The same where the plaintext is compressed: only what the good chunks hold.
    let plain = [text(1 << 17), noise(2, 60_000)].concat();
    let block = seal(&session, &SealOptions::default(), &plain);
    for byte in [144, 144 + SEALED - 1, 144 + SEALED, block.len() - 9] {
        let (delivered, ended) = stream(&session, &flipped(&block, 8 * byte), 1000);
        assert_eq!(ended, Err(Error::NotAuthentic));
        assert!(plain.starts_with(&delivered) && delivered.len() < plain.len());
        assert_eq!(delivered.is_empty(), byte < 144 + SEALED);
    }
    // A zero block's one tag comes before its first zero.
    let block = seal(&session, &STORED, &[0; 4096]);
    let (delivered, ended) = stream(&session, &flipped(&block, 8 * 144), 1);
    assert_eq!((delivered.len(), ended), (0, Err(Error::NotAuthentic)));
}

/// Whatever refuses a whole block by its header refuses it here before anything is delivered.
#[test]
fn header_and_policy() {
    let session = session("stream");
    let block = seal(&session, &SealOptions::default(), &text(5000));
    let good = (Policy::default(), Expected::default());
    let id = Expected { block_id: Some(BlockId::Position(8)), ..good.1 };
    let length = Expected { plain_len: Some(4999), ..good.1 };
    let commitment = Expected { commitment: Some([0; 32]), ..good.1 };
    let policy = |max_block, max_window, lowest_version| {
        let policy = Policy { max_block, max_window, lowest_version, ..Policy::default() };
        (policy, Expected::default())
    };
    for (what, block, (policy, expected), error) in [
        ("B6", &seal(&common::session("x"), &STORED, b"x"), good, Error::WrongKey),
        ("B8 id", &block, (good.0, id), Error::UnexpectedBlock),
        ("B8 length", &block, (good.0, length), Error::UnexpectedBlock),
        ("B8 commitment", &block, (good.0, commitment), Error::UnexpectedBlock),
        ("B2", &block, policy(4999, 5000, 2), Error::OverLimit),
        ("window", &block, policy(5000, 4999, 2), Error::OverLimit),
        ("B1", &block, policy(5000, 5000, 3), Error::PolicyVersion),
        ("O1", &forge::patched(&block, 0, b"c"), good, Error::Malformed),
        ("O2", &forge::patched(&block, 5, &[3]), good, Error::UnsupportedVersion),
        ("O2 suite", &forge::patched(&block, 6, &[2]), good, Error::UnsupportedSuite),
        ("O4", &forge::patched(&block, 11, &[1]), good, Error::Malformed),
    ] {
        let (delivered, ended) = stream_with(&policy, &session, &expected, block, 100);
        assert_eq!((delivered.len(), ended), (0, Err(error)), "{what}");
    }
}

/// FORMAT.md [B9]: frames that are not exactly one, smuggled in under the right key.
#[test]
fn b9_forbidden_frames() {
    let (key, session) = (key("stream"), session("stream"));
    for (what, block) in frames::forbidden(&key) {
        for piece in [1, 100, block.len()] {
            let (_, ended) = stream(&session, &block, piece);
            assert_eq!(ended, Err(Error::BadFrame), "{what}");
        }
    }
}

/// FORMAT.md [B9]: a frame never delivers more than its header says.
#[test]
fn b9_lying_bomb() {
    let (key, session) = (key("stream"), session("stream"));
    let block = frames::block(&key, 4096, 4096, &frames::run(b'x', 64 << 20, 4096));
    let (delivered, ended) = stream(&session, &block, 1000);
    assert_eq!(ended, Err(Error::BadFrame));
    assert!(delivered.len() <= 4096);
    // So does one whose window turns over, in a block that is large itself.
    let fields = [&[0x08][..], &100_000u32.to_le_bytes()].concat();
    let turning = frames::run_of(2048, 0x80, &fields, b'x', 40 << 20);
    let block = frames::block(&key, 100_000, 2048, &turning);
    let (delivered, ended) = stream(&session, &block, 1000);
    assert_eq!(ended, Err(Error::BadFrame));
    assert!(delivered.len() <= 100_000);
    // A frame that says so itself is refused before its first byte.
    let fields = [&[0x38][..], &(64u32 << 20).to_le_bytes()].concat();
    let honest = frames::run_with(0x80, &fields, b'x', 64 << 20);
    let block = frames::block(&key, 4096, 1 << 17, &honest);
    assert_eq!(stream(&session, &block, 1000), (vec![], Err(Error::BadFrame)));
}

/// What the sink says ends the reading, and comes back unchanged.
#[test]
fn the_sink_fails() {
    let session = session("stream");
    for plain in [noise(1, 40_000), text(40_000), vec![0; 40_000]] {
        let block = seal(&session, &SealOptions::default(), &plain);
        let header = block::inspect(&block).unwrap().header;
        let mut workspace = memory(BlockReader::workspace(&header));
        let (policy, expected) = (Policy::default(), Expected::default());
        let (head, rest) = block.split_first_chunk().unwrap();
        let mut reader =
            BlockReader::begin(context(), &policy, &session, &expected, head, &mut workspace)
                .unwrap();
        let mut calls = 0;
        let mut sink = |_: &[u8]| {
            calls += 1;
            Err(Error::Callback)
        };
        assert_eq!(reader.push(rest, &mut sink), Err(Error::Callback));
        assert_eq!(reader.push(rest, &mut sink), Err(Error::BadState));
        assert_eq!((reader.finish(), calls), (Err(Error::BadState), 1));
    }
}

/// A workspace of exactly the size that was asked for will do, at any alignment; one byte less will
/// not.
#[test]
fn workspaces() {
    let session = session("stream");
    for (plain, options) in [
        (text(100_000), SealOptions::default()),
        (text(100_000), SMALL),
        (noise(1, 100_000), STORED),
        (noise(1, 10), STORED),
        (vec![0; 100_000], STORED),
    ] {
        let block = seal(&session, &options, &plain);
        let (head, rest) = block.split_first_chunk().unwrap();
        let size = BlockReader::workspace(&Header::parse(head).unwrap());
        let (policy, expected) = (Policy::default(), Expected::default());
        for (shift, len, fits) in (0..9).map(|n| (n, size, true)).chain([(0, size - 1, false)]) {
            let mut workspace = memory(shift + len);
            let begun = BlockReader::begin(
                context(),
                &policy,
                &session,
                &expected,
                head,
                &mut workspace[shift..],
            );
            let Ok(mut reader) = begun else {
                assert!(!fits);
                assert_eq!(begun.err(), Some(Error::WorkspaceTooSmall));
                continue;
            };
            assert!(fits);
            let mut delivered = vec![];
            let mut sink = |bytes: &[u8]| {
                delivered.extend_from_slice(bytes);
                Ok(())
            };
            reader.push(rest, &mut sink).unwrap();
            reader.finish().unwrap();
            assert!(delivered == plain, "{shift}");
        }
    }
}

/// What a microcontroller needs: 16 KiB of ciphertext, a piece, the window, and libzstd's own
/// state (`--nocapture` shows it), all in 64 KiB.
#[test]
fn memory_of_profile_small() {
    let session = session("stream");
    let plain = text(4 << 20);
    let small = block::inspect(&seal(&session, &SMALL, &plain)).unwrap().header;
    let stored = block::inspect(&seal(&session, &STORED, &plain)).unwrap().header;
    assert_eq!(BlockReader::workspace(&stored), 16384 + 16);
    let state = zstd_state();
    let total = BlockReader::workspace(&small);
    println!("profile small: {total} bytes, of which {state} are libzstd's state");
    assert!(total <= 65536, "{total} {state}");
}

/// The size of libzstd's decompression state.
fn zstd_state() -> usize {
    Workspace::for_frame(0)
}

/// A block of metadata is not opened as one of the image. FORMAT.md [O1].
#[test]
fn o1_metadata_is_no_block() {
    let key = key("stream");
    let mut header = RawHeader::stored(&key, 5);
    header.prefix[4] = 2;
    (header.id_type, header.id_len, header.block_id) = (3, 16, [0; 32]);
    let mut block = forge::block(&key, &header.to_bytes(), b"hello");
    fix_checksum(&mut block);
    assert!(block::scrub(&block).is_ok());
    assert_eq!(stream(&session("stream"), &block, 10), (vec![], Err(Error::Malformed)));
}
