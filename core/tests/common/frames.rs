//! zstd frames, right and wrong (RFC 8878), and what a block's header says of each.

use coffre_core::compress::{self, Settings, Workspace};
use coffre_core::out::Out;
use coffre_core::secret::Key;

use super::forge::{self, RawHeader};
use super::heap_zstd::{Compressor, Parameter};

/// A frame that the library itself makes.
pub fn good(plain: &[u8]) -> Vec<u8> {
    let settings = Settings { level: 1, small: false };
    let mut lent = super::memory(settings.workspace(plain.len()).unwrap());
    let mut workspace = Workspace::new(&mut lent);
    let mut space = vec![0; compress::bound(plain.len())];
    let mut out = Out::new(&mut space);
    let limit = compress::bound(plain.len());
    let mut compressor = workspace.compressor(settings, plain.len()).unwrap();
    assert!(compress::compress(&mut compressor, plain, settings, limit, &mut out).unwrap());
    out.written().to_vec()
}

/// A frame of one run-length block: `len` bytes `byte`, as a single segment whose header says
/// `content_size`.
pub fn run(byte: u8, len: u32, content_size: u32) -> Vec<u8> {
    run_with(0xA0, &content_size.to_le_bytes(), byte, len)
}

/// As [`run`], with any descriptor and what follows it.
pub fn run_with(descriptor: u8, fields: &[u8], byte: u8, len: u32) -> Vec<u8> {
    run_of(1 << 17, descriptor, fields, byte, len)
}

/// As [`run_with`], in blocks of `most` bytes.
pub fn run_of(most: u32, descriptor: u8, fields: &[u8], byte: u8, len: u32) -> Vec<u8> {
    let blocks = len.div_ceil(most).max(1);
    let mut frame = [&[0x28, 0xB5, 0x2F, 0xFD, descriptor][..], fields].concat();
    for i in 0..blocks {
        let size = (len - i * most).min(most);
        let is_last = u32::from(i + 1 == blocks);
        frame.extend_from_slice(&(size << 3 | 1 << 1 | is_last).to_le_bytes()[..3]);
        frame.push(byte);
    }
    frame
}

/// A frame that ends with a checksum of its own.
pub fn with_checksum(plain: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(3);
    compressor.set(Parameter::ZSTD_c_checksumFlag, 1);
    let mut frame = vec![0; compress::bound(plain.len())];
    let len = compressor.compress(&mut frame, plain).unwrap();
    frame.truncate(len);
    frame
}

/// The block around `frame`, whose header says `plain_len` and `window`.
pub fn block(key: &Key, plain_len: u64, window: u32, frame: &[u8]) -> Vec<u8> {
    let header = RawHeader::compressed(key, plain_len, frame, window);
    forge::block(key, &header.to_bytes(), frame)
}

/// What [B9] forbids: a name and a block that is authentic under `key`. FORMAT.md 3.1.2.
pub fn forbidden(key: &Key) -> Vec<(&'static str, Vec<u8>)> {
    let plain = super::text(20_000);
    let frame = good(&plain);
    let (len, window) = (20_000, 20_000);
    let skippable = [&[0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0][..], b"skip"].concat();
    let whole = |frame: &[u8]| block(key, len, window, frame);
    let checksummed = with_checksum(&plain);
    let mut wrong_checksum = checksummed.clone();
    *wrong_checksum.last_mut().unwrap() ^= 1;
    let mut no_last_block = run(b'x', 20_000, 20_000);
    no_last_block[9] &= !1;
    let mut reserved_bit = frame.clone();
    reserved_bit[4] |= 8;
    let mut other_magic = frame.clone();
    other_magic[0] = 0x27;
    let many = super::noise(3, 40_000);
    let raw = |content: &[u8], is_last: bool| {
        let header = (content.len() as u32) << 3 | u32::from(is_last);
        [&header.to_le_bytes()[..3], content].concat()
    };
    let raw_head = [&[0x28, 0xB5, 0x2F, 0xFD, 0xA0][..], &40_100u32.to_le_bytes()].concat();
    let of_many = |tail: &[u8]| {
        let frame = [&raw_head[..], &raw(&many, true), tail].concat();
        block(key, 40_100, 40_100, &frame)
    };
    vec![
        ("no frame", whole(b"this is no frame")),
        ("one byte", whole(&frame[..1])),
        ("magic", whole(&other_magic)),
        ("reserved bit", whole(&reserved_bit)),
        ("dictionary id", whole(&run_with(0xA1, &[7, 32, 78, 0, 0], b'x', 20_000))),
        ("dictionary id of 0", whole(&run_with(0xA1, &[0, 32, 78, 0, 0], b'x', 20_000))),
        ("no content size", block(key, len, 22_528, &run_with(0x00, &[0x23], b'x', 20_000))),
        ("content size above", block(key, len, 20_001, &run(b'x', 20_001, 20_001))),
        ("content size below", block(key, len, 19_999, &run(b'x', 19_999, 19_999))),
        ("content above what it says", whole(&run(b'x', 20_001, 20_000))),
        ("content below what it says", whole(&run(b'x', 19_999, 20_000))),
        ("content far below, two chunks", of_many(&[])),
        ("window above", block(key, len, window - 1, &frame)),
        ("window below", block(key, len, window + 1, &frame)),
        ("trailing byte", whole(&[&frame[..], &[0]].concat())),
        ("second frame", whole(&[&frame[..], &frame].concat())),
        ("empty second frame", whole(&[&frame[..], &run(0, 0, 0)].concat())),
        ("skippable frame after", whole(&[&frame[..], &skippable].concat())),
        ("skippable frame before", whole(&[&skippable[..], &frame].concat())),
        ("cut short", whole(&frame[..frame.len() - 1])),
        ("no last block", whole(&no_last_block)),
        ("frame checksum wrong", whole(&wrong_checksum)),
        ("frame checksum cut", whole(&checksummed[..checksummed.len() - 1])),
        ("frame checksum missing", whole(&checksummed[..checksummed.len() - 4])),
        ("reserved block type", whole(&[&run(b'x', 20_000, 20_000)[..9], &[7, 0, 0]].concat())),
    ]
}
