//! Blocks of version 2. FORMAT.md 3.1.

use coffre_core::block::SealOptions;
use coffre_core::cpu::Cpu;
use coffre_core::derive::{Expand512, expand256, expand512, label, sha256};
use coffre_core::header::BlockId;
use coffre_core::out::Out;
use coffre_core::polyval;
use coffre_core::secret::Key;
use coffre_core::session::{IdKey, Session};

use super::Vector;
use crate::common::forge::{self, RawHeader, fix_checksum, patched};
use crate::common::{SMALL, STORED, frames, key, noise, random, seal, seal_as, text};

/// The session key of all blocks.
fn session_key() -> Key {
    key("vectors: session key")
}

fn session() -> Session {
    Session::from_key(session_key())
}

/// What derives from `key` on the way to a block, and what the writer's salt came from.
pub fn with_intermediates(
    vector: Vector,
    key: &Key,
    block: &[u8],
    stored: &[u8],
    plain: &[u8],
) -> Vector {
    let (header, salt) = (&block[..88], &block[88..112]);
    let derived = expand512::<76>(key, label::CHUNKED, &[&[0], salt, header]);
    let hedge = expand512::<48>(key, label::HEDGE, &[]);
    let hash_key = hedge.expose()[32..].try_into().unwrap();
    // Tests seal with a source seeded with the plaintext's length; a salt is its first draw.
    let drawn = sha256(&[(plain.len() as u64).to_le_bytes(), [0; 8]].concat());
    let vector = vector
        .plain(plain)
        .intermediate("header", header)
        .intermediate("session_id", expand256::<16>(key, label::SESSION_ID, &[]).expose())
        .intermediate("salt", salt)
        .intermediate("aead_key", &derived.expose()[..32])
        .intermediate("base_nonce", &derived.expose()[32..44])
        .intermediate("commitment", &derived.expose()[44..])
        .writer("random", &drawn)
        .writer("counter", &1)
        .writer("salt_secret", &hedge.expose()[..32])
        .writer("hash_key", hash_key)
        .writer("polyval", &polyval::of(Cpu::TARGET, hash_key, stored));
    if stored.len() <= 4096 {
        return vector.intermediate("stored", stored);
    }
    vector
        .intermediate("stored_len", &(stored.len() as u64))
        .intermediate("stored_sha256", &sha256(stored))
}

/// The bytes that a block's chunks hold, found by opening them one by one.
pub fn stored_bytes(key: &Key, block: &[u8]) -> Vec<u8> {
    let salt = block[88..112].try_into().unwrap();
    let engine = coffre_core::aead::Engine::detect();
    let chunked =
        coffre_core::chunked::Chunked::derive(engine, &Expand512::new(key), salt, &block[..88]);
    let mut space = vec![0; block.len()];
    let mut out = Out::new(&mut space);
    chunked.open_to(&block[144..block.len() - 8], &mut out).unwrap();
    out.written().to_vec()
}

fn valid_block(
    name: &str,
    about: &str,
    id: &BlockId,
    options: &SealOptions,
    plain: &[u8],
) -> Vector {
    let block = seal_as(&session(), id, options, plain);
    let stored = stored_bytes(&session_key(), &block);
    let vector =
        Vector::new("block", name, about, &block).input("session_key", session_key().expose());
    with_intermediates(vector, &session_key(), &block, &stored, plain)
}

pub fn valid() -> Vec<Vector> {
    let compressed = SealOptions::default();
    let at = BlockId::Position;
    let id_key = IdKey::generate(&mut random(1), 1).unwrap();
    let by_hash = id_key.block_id(&text(1000));
    let two_chunks = [noise(1, 17_000), text(3000)].concat();
    // Noise that makes the frame exactly one chunk long, so that an empty one follows.
    let full_chunk = (16_300..16_384)
        .map(|random| [noise(1, random), vec![0; 5000]].concat())
        .find(|plain| seal(&session(), &compressed, plain).len() == 88 + 56 + 16_384 + 32 + 8)
        .unwrap();
    let frame = frames::with_checksum(&text(1000));
    let framed = frames::block(&session_key(), 1000, 1000, &frame);
    vec![
        valid_block("empty", "no bytes: one empty chunk", &at(0), &compressed, b""),
        valid_block("stored_5", "5 bytes, stored", &at(0), &compressed, b"hello"),
        valid_block(
            "stored_16384",
            "one full chunk and an empty one",
            &at(u64::MAX),
            &STORED,
            &noise(1, 16_384),
        ),
        valid_block("stored_40000", "three chunks", &at(1 << 32), &STORED, &noise(2, 40_000)),
        valid_block("compressed", "a frame", &at(7), &compressed, &text(2000)),
        valid_block(
            "compressed_two_chunks",
            "a frame of two chunks",
            &at(7),
            &compressed,
            &two_chunks,
        ),
        valid_block(
            "compressed_full_chunk",
            "a frame of exactly one chunk, and the empty chunk after it",
            &at(7),
            &compressed,
            &full_chunk,
        ),
        valid_block("small", "profile small: a window of 2048 bytes", &at(7), &SMALL, &text(5000)),
        valid_block("zero", "4096 zero bytes", &at(7), &compressed, &[0; 4096]),
        valid_block("hash_id", "an id that is a keyed hash", &by_hash, &compressed, &text(1000)),
        Vector::new("block", "frame_checksum", "a frame with a checksum is legal", &framed)
            .input("session_key", session_key().expose())
            .intermediate("stored", &frame[..])
            .plain(&text(1000)),
    ]
}

pub const M: &str = "malformed";

fn broken_block(
    rule: &'static str,
    name: &str,
    about: &str,
    expect: &'static str,
    bytes: &[u8],
) -> Vector {
    let name = format!("{}_{name}", rule.to_lowercase());
    let vector = Vector::new("block", &name, about, bytes).breaks(rule, expect);
    vector.input("session_key", session_key().expose())
}

/// One broken rule in a header that is authentic otherwise.
fn broken_headers() -> Vec<Vector> {
    let good = RawHeader::stored(&session_key(), 40);
    let zero = RawHeader { flags: 2, stored_len: 0, ..good.clone() };
    let prefix = |at: usize, byte| {
        let mut header = good.clone();
        header.prefix[at] = byte;
        header
    };
    let reserved = RawHeader { reserved: [0, 0, 0, 0, 0, 1], ..good.clone() };
    let with_id = |id_type, id_len| RawHeader { id_type, id_len, ..good.clone() };
    let mut padded = good.clone();
    padded.block_id[31] = 1;
    let header = |rule, name: &str, about: &str, expect, header: RawHeader| {
        let stored = if header.stored_len == 0 { vec![] } else { text(40) };
        let block = forge::block(&session_key(), &header.to_bytes(), &stored);
        broken_block(rule, name, about, expect, &block)
    };
    vec![
        header("O1", "magic", "magic \"cOFR\"", M, prefix(0, b'c')),
        header("O1", "type", "object type 2, metadata", M, prefix(4, 2)),
        header("O1", "no_type", "object type 7", M, prefix(4, 7)),
        header("O2", "version", "version 3", "unsupported version", prefix(5, 3)),
        header("O2", "suite", "suite 2", "unsupported suite", prefix(6, 2)),
        header("O4", "flag", "flag 4", M, RawHeader { flags: 4, ..good.clone() }),
        header("O4", "reserved", "a reserved byte", M, reserved),
        header(
            "B2",
            "format",
            "67,108,865 zero bytes",
            "over limit",
            RawHeader { plain_len: (64 << 20) + 1, ..zero.clone() },
        ),
        header("B3", "both", "zero and compressed", M, RawHeader { flags: 3, ..zero.clone() }),
        header(
            "B3",
            "zero_of_nothing",
            "zero, of length 0",
            M,
            RawHeader { plain_len: 0, ..zero.clone() },
        ),
        header(
            "B3",
            "zero_with_bytes",
            "zero, with 40 stored bytes",
            M,
            RawHeader { flags: 2, ..good.clone() },
        ),
        header(
            "B3",
            "zero_with_window",
            "zero, with a window",
            M,
            RawHeader { window: 1024, ..zero.clone() },
        ),
        header(
            "B3",
            "stored_length",
            "not compressed, but shorter",
            M,
            RawHeader { plain_len: 41, ..good.clone() },
        ),
        header(
            "B3",
            "stored_with_window",
            "not compressed, with a window",
            M,
            RawHeader { window: 40, ..good.clone() },
        ),
        header(
            "B3",
            "not_shorter",
            "compressed, to the same length",
            M,
            RawHeader { flags: 1, window: 40, ..good.clone() },
        ),
        header(
            "B3",
            "no_window",
            "compressed, without a window",
            M,
            RawHeader { flags: 1, plain_len: 41, ..good.clone() },
        ),
        header("B4", "type_0", "block id type 0", M, with_id(0, 8)),
        header("B4", "restore_point", "a restore point's id on a block", M, with_id(3, 16)),
        header("B4", "position_of_32", "a position of 32 bytes", M, with_id(1, 32)),
        header("B4", "hash_of_8", "a hash of 8 bytes", M, with_id(2, 8)),
        header("B4", "padding", "a byte after the position", M, padded),
    ]
}

pub fn broken() -> Vec<Vector> {
    let good_header = RawHeader::stored(&session_key(), 40).to_bytes();
    let good = forge::block(&session_key(), &good_header, &text(40));
    let mut damaged = good.clone();
    damaged[150] ^= 1;
    let resized = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        fix_checksum(&mut bytes);
        bytes
    };
    let mut longer = RawHeader::stored(&session_key(), 40);
    (longer.plain_len, longer.stored_len) = (41, 41);
    let longer = forge::block(&session_key(), &longer.to_bytes(), &text(40));
    let chunks = forge::block(
        &session_key(),
        &RawHeader::stored(&session_key(), 32_768).to_bytes(),
        &noise(3, 32_768),
    );
    let second_first = resized(
        &[
            &chunks[..144],
            &chunks[144 + 16_400..144 + 32_800],
            &chunks[144..144 + 16_400],
            &chunks[144 + 32_800..],
        ]
        .concat(),
    );
    let bomb = frames::run(0, 5 << 20, 5 << 20);
    let bomb = frames::block(&session_key(), 5 << 20, 5 << 20, &bomb);
    let commitment = &good[112..144];
    let zeroed = RawHeader { flags: 2, stored_len: 0, ..RawHeader::stored(&session_key(), 40) };
    let zeroed = [&zeroed.to_bytes()[..], &good[88..144], &good[184..200], &[0; 8]].concat();
    let mut vectors = broken_headers();
    vectors.extend([
        broken_block("O3", "checksum", "a flipped bit", "damaged", &damaged),
        broken_block(
            "O5",
            "trailing",
            "a byte after the block",
            M,
            &resized(&[&good[..], &[0]].concat()),
        ),
        broken_block(
            "B1",
            "version_0",
            "a row that says version 0",
            "refused by policy",
            &text(40),
        )
        .input("version", &0),
        broken_block("B2", "policy_length", "5 MiB, where 4 MiB are allowed", "over limit", &bomb)
            .input("max_block", &(4 << 20)),
        broken_block(
            "B2",
            "policy_window",
            "a window of 5 MiB, where 4 are allowed",
            "over limit",
            &bomb,
        )
        .input("max_window", &(4 << 20)),
        broken_block("B5", "cut", "a byte is missing", M, &resized(&good[..good.len() - 1])),
        broken_block("B5", "length", "stored length 41, of 40 bytes", M, &longer),
        broken_block("B6", "wrong_key", "another session's key", "wrong key", &good)
            .input("session_key", key("vectors: another session key").expose()),
        missing_key(&good),
        broken_block(
            "B7",
            "commitment",
            "an altered commitment",
            "not authentic",
            &patched(&good, 143, &[commitment[31] ^ 1]),
        ),
        broken_block("B7", "salt", "another salt", "not authentic", &patched(&good, 88, &[0])),
        broken_block(
            "B7",
            "header",
            "another position",
            "not authentic",
            &patched(&good, 56, &[8]),
        ),
        broken_block(
            "B7",
            "tag",
            "an altered chunk",
            "not authentic",
            &patched(&good, 150, &[good[150] ^ 1]),
        ),
        broken_block(
            "B7",
            "chunks",
            "two chunks in each other's place",
            "not authentic",
            &second_first,
        ),
        broken_block(
            "B7",
            "zeroed",
            "a stored block turned into zeros",
            "not authentic",
            &resized(&zeroed),
        ),
        broken_block(
            "B8",
            "position",
            "position 7, where 8 is expected",
            "unexpected block",
            &good,
        )
        .input("expect_id_type", &1)
        .input("expect_id", &8u64.to_le_bytes()),
        broken_block(
            "B8",
            "id_type",
            "a position, where a hash is expected",
            "unexpected block",
            &good,
        )
        .input("expect_id_type", &2)
        .input("expect_id", &good[56..88]),
        broken_block(
            "B8",
            "commitment",
            "another commitment than expected",
            "unexpected block",
            &good,
        )
        .input("expect_commitment", &[1; 32]),
    ]);
    for (what, bytes) in frames::forbidden(&session_key()) {
        // Long ones test the library's inner workings, not the format.
        if bytes.len() < 4096 {
            let name = what.replace(' ', "_");
            vectors.push(broken_block(
                "B9",
                &name,
                &format!("a frame with this wrong: {what}"),
                "bad frame",
                &bytes,
            ));
        }
    }
    vectors
}

/// A reader that looks keys up by session id.
fn missing_key(block: &[u8]) -> Vector {
    let key = key("vectors: another session key");
    let id = expand256::<16>(&key, label::SESSION_ID, &[]);
    let sessions = serde_json::json!({
        (crate::common::to_hex(id.expose())): crate::common::to_hex(key.expose())
    });
    Vector::new("block", "b6_missing_key", "a session that is not in the record", block)
        .breaks("B6", "missing key")
        .input("sessions", &sessions)
}
