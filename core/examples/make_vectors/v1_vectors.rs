//! Version 1: blobs that backy2 wrote, and what it should have refused. FORMAT.md 3.2.

use coffre_core::aead::{Engine, Nonce};
use coffre_core::key_wrap::{self, WRAPPED};
use coffre_core::secret::Key;

use super::Vector;
use crate::common::{backy2, frames, hex, key, text};

fn vector(
    rule: &'static str,
    name: &str,
    about: &str,
    expect: &'static str,
    bytes: &[u8],
) -> Vector {
    let name = format!("{}_{name}", rule.to_lowercase());
    let wrapped = wrapped_key();
    Vector::new("v1", &name, about, bytes)
        .breaks(rule, expect)
        .input("master_key", key("vectors: master key").expose())
        .input("wrapped_key", &wrapped)
}

fn data_key() -> Key {
    key("vectors: data key")
}

fn wrapped_key() -> [u8; WRAPPED] {
    key_wrap::wrap(Engine::detect(), &key("vectors: master key"), &data_key())
}

/// A blob around any frame.
fn blob(frame: &[u8]) -> Vec<u8> {
    let (nonce, mut data) = ([9; 16], frame.to_vec());
    let key = Engine::detect().key(&data_key());
    let tag = key.seal_with(Nonce::Long(&nonce), &[], &mut data).unwrap();
    [&tag[..], &nonce, &data].concat()
}

pub fn all() -> Vec<Vector> {
    let vectors = backy2::json("backy2_v1/vectors.json");
    let mut all = vec![];
    for name in ["empty", "hello", "4KiB_zeros", "4095_text"] {
        let found =
            vectors["vectors"].as_array().unwrap().iter().find(|v| v["name"] == name).unwrap();
        let file = |part: &str| {
            backy2::file(&format!("backy2_v1/{}", found[part]["file"].as_str().unwrap()))
        };
        let bytes = file("blob");
        all.push(
            Vector::new("v1", &name.to_lowercase(), "written by backy2 2.13.8", &bytes)
                .input("master_key", &found["master_key"])
                .input("wrapped_key", &found["enc_envkey"])
                .intermediate("data_key", &found["data_key"])
                .intermediate("nonce", &found["enc_nonce"])
                .intermediate("tag", &found["tag"])
                .plain(&file("plaintext")),
        );
        assert_eq!(hex(found["tag"].as_str().unwrap()), bytes[..16]);
    }
    let plain = text(1000);
    let frame = frames::good(&plain);
    let good = blob(&frame);
    let short_key = wrapped_key()[..39].to_vec();
    let bomb = blob(&frames::run(0, 5 << 20, 5 << 20));
    let mut tag = good.clone();
    tag[0] ^= 1;
    let skippable = [&[0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0][..], b"skip"].concat();
    const M: &str = "malformed";
    const F: &str = "bad frame";
    all.extend([
        vector("B1", "policy", "where the lowest version is 2", "refused by policy", &good)
            .input("lowest_version", &2),
        vector("L1", "32_bytes", "tag and nonce alone", M, &good[..32]),
        vector("L1", "wrapped_key", "a wrapped key of 39 bytes", M, &good)
            .input("wrapped_key", &short_key[..]),
        vector("L2", "master_key", "another master key", "wrong key", &good)
            .input("master_key", key("vectors: another master key").expose()),
        vector("L2", "tag", "an altered tag", "not authentic", &tag),
        vector("L2", "cut", "a byte is missing", "not authentic", &good[..good.len() - 1]),
        vector(
            "L3",
            "no_content_size",
            "a frame without content size",
            F,
            &blob(&frames::run_with(0x00, &[0x00], b'x', 500)),
        ),
        vector(
            "L3",
            "dictionary",
            "a frame with a dictionary id",
            F,
            &blob(&frames::run_with(0x61, &[7, 0, 0], b'x', 256)),
        ),
        vector("L3", "trailing", "a byte after the frame", F, &blob(&[&frame[..], &[0]].concat())),
        vector("L3", "second_frame", "two frames", F, &blob(&[&frame[..], &frame].concat())),
        vector(
            "L3",
            "skippable",
            "a skippable frame after the frame",
            F,
            &blob(&[&frame[..], &skippable].concat()),
        ),
        vector(
            "L3",
            "content_above",
            "more content than it says",
            F,
            &blob(&frames::run(b'x', 501, 500)),
        ),
        vector(
            "L3",
            "content_below",
            "less content than it says",
            F,
            &blob(&frames::run(b'x', 499, 500)),
        ),
        vector("L4", "length", "5 MiB, where 4 MiB are allowed", "over limit", &bomb)
            .input("max_block", &(4 << 20)),
        vector("L4", "window", "a window of 5 MiB, where 4 MiB are allowed", "over limit", &bomb)
            .input("max_window", &(4 << 20)),
    ]);
    all
}
