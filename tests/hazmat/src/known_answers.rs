//! What Wycheproof has no files for: engines, HPKE, Argon2id, and zstd as the format has it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::hazmat_library::*;
use crate::tally::{Outcome, Tally, gives, refuses};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors");

/// Header of a block of version 2, its salt and commitment, its checksum. docs/FORMAT.md 3.1.
const HEADER: usize = 88;
const CHECKSUM: usize = 8;

/// Names of the blocks in which a frame is.
const FRAMES: [&str; 4] = ["block_b9_", "block_compressed", "block_frame_checksum", "block_small"];

/// All engines' names; one in software is there on every processor.
pub fn engines(library: &Library) -> Vec<String> {
    let names = library.engines();
    assert!(names.iter().any(|name| name == "portable" || name == "small"), "{names:?}");
    names
}

/// The frames in tests/vectors/format: decrypted as chunks, then decompressed.
pub fn frames(library: &Library, engine: i32, tally: &mut Tally) {
    let mut paths: Vec<_> = fs::read_dir(Path::new(VECTORS).join("format"))
        .expect("tests/vectors/format")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if FRAMES.iter().any(|start| name.starts_with(start)) {
            let vector = read(&path);
            tally.case(&name, frame_case(library, engine, &name, &vector));
        }
    }
}

fn frame_case(
    library: &Library,
    engine: i32,
    name: &str,
    vector: &Value,
) -> Result<Outcome, String> {
    let block = hex(&vector["bytes"]);
    let (header, rest) = block.split_at(HEADER);
    let cipher = &rest[..rest.len() - CHECKSUM];
    let key = array(&vector["input"]["session_key"]);
    let frame = library
        .chunked_decrypt(engine, &key, header, cipher)
        .map_err(|status| format!("decrypt: status {status}"))?;
    let salt = cipher.first_chunk().ok_or("no salt")?;
    gives("encrypt", library.chunked_encrypt(engine, (&key, salt), header, &frame), cipher)?;
    let opened = library.zstd_decompress(&frame, 1 << 20);
    match name {
        // These frames are whole by themselves; it is the block's header that says otherwise.
        "block_b9_window_above"
        | "block_b9_window_below"
        | "block_b9_content_size_above"
        | "block_b9_content_size_below" => {
            opened.map(|_| Outcome::Accepted).map_err(|status| format!("status {status}"))
        }
        _ if vector["expect"] == "ok" => match &vector["input"]["plain"] {
            Value::Null => {
                let digest = opened.map(|plain| Sha256::digest(&plain).to_vec());
                gives("digest", digest, &hex(&vector["input"]["plain_sha256"]))
            }
            plain => gives("plain", opened, &hex(plain)),
        },
        _ => refuses("decompress", opened, &[BAD_FRAME]),
    }
}

/// FORMAT.md [L4]: at most 64 MiB of content and of window, found out before any work.
pub fn frame_limits(library: &Library, _: i32, tally: &mut Tally) {
    const MAX: u32 = 64 << 20;
    // One block of one byte, repeated, says a content size and nothing else.
    let single = |size: u32| {
        let header = [&[0x28, 0xB5, 0x2F, 0xFD, 0xA0][..], &size.to_le_bytes()].concat();
        [&header[..], &[0x0B, 0, 0, 7]].concat()
    };
    let windowed = |log: u8| {
        let start = [0x28, 0xB5, 0x2F, 0xFD, 0x80, (log - 10) << 3, 1, 0, 0, 0];
        [&start[..], &[0x0B, 0, 0, 7]].concat()
    };
    let decompress = |frame: &[u8]| library.zstd_decompress(frame, 1);
    tally.case("window of 64 MiB", gives("content", decompress(&windowed(26)), &[7]));
    tally.case("window of 128 MiB", refuses("window", decompress(&windowed(27)), &[OVER_LIMIT]));
    tally.case("a byte more", refuses("content", decompress(&single(MAX + 1)), &[OVER_LIMIT]));
    tally.case("one byte", gives("content", decompress(&single(1)), &[7]));
}

/// RFC 9180 A: the vector of the product's suite, its first message; both ways.
pub fn hpke(library: &Library, _: i32, tally: &mut Tally) {
    let file = read(&Path::new(VECTORS).join("hpke/rfc9180_base_p256_sha256_aes256gcm.json"));
    for vector in file.as_array().expect("an array") {
        let first = &vector["encryptions"][0];
        let (info, aad) = (hex(&vector["info"]), hex(&first["aad"]));
        let (plain, cipher) = (hex(&first["pt"]), hex(&first["ct"]));
        let enc = array(&vector["enc"]);
        let keys = (&array(&vector["pkRm"]), &hex(&vector["ikmE"])[..]);
        let sealed = library.hpke_seal(keys, &info, &aad, &plain);
        let sealed = sealed.map(|(enc, cipher)| [enc, cipher].concat());
        let private = array(&vector["skRm"]);
        let opened = library.hpke_open((&private, &enc), &info, &aad, &cipher);
        let outcome = gives("seal", sealed, &[&enc[..], &cipher].concat());
        let outcome = outcome.and_then(|_| gives("open", opened, &plain));
        tally.case("RFC 9180", outcome.and_then(|_| hpke_shapes(library, keys.0, &private)));
    }
}

/// A message of 32 bytes without additional data takes the product's own way; one beside it, with
/// the same parts, does not.
fn hpke_shapes(
    library: &Library,
    public: &[u8; 65],
    private: &[u8; 32],
) -> Result<Outcome, String> {
    let status = |status| format!("HPKE: status {status}");
    let (ikm, plain) = ([7; 32], [9; 33]);
    let (enc, short) =
        library.hpke_seal((public, &ikm), b"i", b"", &plain[..32]).map_err(status)?;
    let (_, long) = library.hpke_seal((public, &ikm), b"i", b"", &plain).map_err(status)?;
    if short[..32] != long[..32] {
        return Err("the product's way gives another ciphertext".into());
    }
    let enc = enc.try_into().map_err(|_| "enc")?;
    for (cipher, plain) in [(&short, &plain[..32]), (&long, &plain)] {
        gives("open", library.hpke_open((private, &enc), b"i", b"", cipher), plain)?;
        for (info, aad) in [(&b"j"[..], &b""[..]), (b"i", b"a")] {
            let opened = library.hpke_open((private, &enc), info, aad, cipher);
            refuses("another info or aad", opened, &[NOT_AUTHENTIC])?;
        }
    }
    Ok(Outcome::Accepted)
}

/// Argon2id from test.c of its reference implementation, by the crate; and both functions as
/// OpenSSL 3 has them, by the product's own way.
pub fn passwords(library: &Library, _: i32, tally: &mut Tally) {
    let salt: [u8; 16] = std::array::from_fn(|n| n as u8);
    let usual = "correct horse battery staple é".as_bytes();
    for (cost, password, salt, key) in [
        (
            [256, 2, 1],
            &b"password"[..],
            &b"somesalt"[..],
            "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe",
        ),
        (
            [256, 2, 2],
            b"password",
            b"somesalt",
            "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037",
        ),
        (
            [64, 3, 1],
            usual,
            &salt,
            "3174f9e3fb40bf016bd111a000e8971c3e23c1b4029ee342b36a16a3d9b959b2",
        ),
        (
            [33, 2, 4],
            usual,
            &salt,
            "ef8e1a0bc0d9bdbcf9c00e5a7436d0ff6cc4f3d85db2ae46fda691ca82fe5fb2",
        ),
        ([8, 1, 1], b"", &salt, "31ed41e2d73f27fdfe4eb4bec651341e58ba43477051c6fe4adad735d82ee08a"),
    ] {
        let made = library.argon2id(password, salt, cost, 32);
        tally.case(format!("Argon2id {cost:?}"), gives("key", made, &digits(key)));
    }
    for (iterations, password, key) in [
        (1000, usual, "069190ef69409259b4aee6d279ce9d8f2d9b41afb49d6a8cf85fd5b88a76bae1"),
        (4096, usual, "2630380cd563588bd28ac281af303cf63e4b0b3d1a95b7167a991ca10deb40ff"),
        (1000, b"", "c5b301b1fd61bced63f00642a2304ec674519fbd7cd83c4bc83dafe1743f9855"),
    ] {
        let made = library.pbkdf2(password, &salt, iterations, 32);
        // The first of two blocks is the same, and comes by the crate.
        let longer = library.pbkdf2(password, &salt, iterations, 33).map(|key| key[..32].to_vec());
        let outcome = gives("key", made, &digits(key));
        let outcome = outcome.and_then(|_| gives("longer key", longer, &digits(key)));
        tally.case(format!("PBKDF2 {iterations}"), outcome);
    }
    let none = library.pbkdf2(usual, &salt, 0, 32);
    let outcome = refuses("no iterations", none, &[INVALID_ARGUMENT]);
    tally.case("PBKDF2 0", outcome.map(|_| Outcome::Accepted));
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("a vector");
    serde_json::from_str(&text).expect("JSON")
}

fn hex(value: &Value) -> Vec<u8> {
    digits(value.as_str().expect("hexadecimal digits"))
}

fn digits(text: &str) -> Vec<u8> {
    let byte = |i: usize| u8::from_str_radix(&text[i..i + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    hex(value).try_into().expect("a fixed size")
}
