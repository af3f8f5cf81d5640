//! Every file of tests/vectors/format: opened, compared, and made again, bit for bit.

mod common;
#[path = "../examples/make_vectors/generate.rs"]
mod generate;
#[path = "vectors/inputs.rs"]
mod inputs;
#[path = "vectors/openers.rs"]
mod openers;
#[path = "vectors/paper.rs"]
mod paper;

use std::collections::BTreeSet;
use std::path::Path;

use coffre_core::derive::{Mac256, sha256};
use coffre_core::error::Error;
use coffre_core::origin::OriginSignature;
use coffre_core::origin_key::OriginKey;
use coffre_core::scrub::Scrubber;
use coffre_core::stream::BlockReader;
use common::*;
use inputs::{Inputs, word};
use openers::{open_block, open_vector};
use serde_json::Value;

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/format");

/// All files, by name.
fn files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Path::new(DIRECTORY)
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_stem().unwrap().to_str().unwrap().into(), text)
        })
        .collect();
    files.sort();
    files
}

fn vectors() -> Vec<Value> {
    files().iter().map(|(_, text)| serde_json::from_str(text).unwrap()).collect()
}

/// FORMAT.md 10: each vector is what it says it is.
#[test]
fn vectors_open_as_they_say() {
    let mut count = 0;
    for vector in vectors() {
        let bytes = hex(vector["bytes"].as_str().unwrap());
        let (inputs, opened) = (&vector["input"], open_vector(&vector, &bytes));
        let found = opened.as_ref().map_or_else(|error| word(*error), |_| "ok");
        assert_eq!(found, vector["expect"], "{}", vector["name"]);
        let Ok(Some(plain)) = opened else {
            count += 1;
            continue;
        };
        match inputs["plain"].as_str() {
            Some(expected) => assert_eq!(to_hex(&plain), expected, "{}", vector["name"]),
            None => {
                assert_eq!(inputs["plain_len"], plain.len(), "{}", vector["name"]);
                assert_eq!(inputs["plain_sha256"], to_hex(&sha256(&plain)), "{}", vector["name"]);
            }
        }
        count += 1;
    }
    assert!(count >= 458, "vectors are never taken away: {count}");
}

/// FORMAT.md 3.1.4: a block opens in a stream if and only if it opens whole, with the same content.
#[test]
fn blocks_open_the_same_in_a_stream() {
    for vector in vectors().iter().filter(|vector| vector["kind"] == "block") {
        let inputs = Inputs(&vector["input"]);
        let bytes = hex(vector["bytes"].as_str().unwrap());
        let mut delivered = vec![];
        let streamed = (|| {
            let (head, rest) = bytes.split_first_chunk().ok_or(Error::Malformed)?;
            let session = inputs.session(&bytes)?;
            let mut workspace = memory(10 << 20);
            let (policy, expected) = (inputs.policy(2), inputs.expected());
            let mut reader =
                BlockReader::begin(context(), &policy, &session, &expected, head, &mut workspace)?;
            reader.push(rest, &mut |piece| {
                delivered.extend_from_slice(piece);
                Ok(())
            })?;
            reader.finish()
        })();
        assert_eq!(streamed.is_ok(), vector["expect"] == "ok", "{}", vector["name"]);
        if streamed.is_ok() {
            assert!(delivered == open_block(&inputs, &bytes).unwrap(), "{}", vector["name"]);
        }
    }
}

/// FORMAT.md [O1], [O2], [O3]: what is wrong with an object without any key, in pieces of any size;
/// everything else is whole.
#[test]
fn objects_are_scrubbed_without_keys() {
    for vector in vectors() {
        // A version 1 block is no object, two slots are areas, a rotation has two records, and a
        // text is typed; an origin signature may be missing.
        let (kind, bytes) = (&vector["kind"], hex(vector["bytes"].as_str().unwrap()));
        if ["v1", "slots", "rotation", "kit_text"].contains(&kind.as_str().unwrap())
            || bytes.is_empty()
        {
            continue;
        }
        for piece in [1, 5, 8, 9, 4096, bytes.len()] {
            let mut scrubber = Scrubber::new();
            bytes.chunks(piece).for_each(|piece| scrubber.push(piece));
            let found = scrubber.finish();
            let (name, expect) = (&vector["name"], &vector["expect"]);
            match vector["rule"].as_str() {
                Some("B1") => assert_eq!(found, Err(Error::Malformed), "{name}"),
                Some("O2" | "O3") => assert_eq!(word(found.unwrap_err()), expect, "{name}"),
                Some("O1") if found == Err(Error::Malformed) => {}
                _ => assert_eq!(found.map(|object| object as u8), Ok(bytes[4]), "{name}"),
            }
        }
    }
}

/// FORMAT.md 3.1.3: salts are what the writer's values give.
#[test]
fn salts_follow_from_the_writers_values() {
    let mut count = 0;
    for vector in vectors().iter().filter(|vector| vector["writer"]["salt_secret"].is_string()) {
        let (writer, wanted) = (Inputs(&vector["writer"]), Inputs(&vector["intermediate"]));
        let mac = Mac256::of(
            &writer.key("salt_secret"),
            &[
                &writer.bytes("random").unwrap(),
                &writer.number("counter", 0).to_le_bytes(),
                &writer.bytes("polyval").unwrap(),
                &wanted.bytes("header").unwrap(),
            ],
        );
        assert_eq!(mac[..24], wanted.bytes("salt").unwrap(), "{}", vector["name"]);
        count += 1;
    }
    assert_eq!(count, 12);
}

/// FORMAT.md 6.1: signatures are what the writer's key gives, by RFC 6979.
#[test]
fn origin_signatures_follow_from_the_writers_key() {
    let mut count = 0;
    for vector in vectors() {
        let Some(pem) = vector["writer"]["private_key_pem"].as_str() else { continue };
        let bytes = hex(vector["bytes"].as_str().unwrap());
        let object = OriginSignature::parse(&bytes).unwrap();
        let signature = OriginKey::read(pem.as_bytes()).unwrap().sign(&object.message());
        let made = OriginSignature { signature, ..object };
        assert!(made.to_bytes() == *bytes, "{}", vector["name"]);
        count += 1;
    }
    assert_eq!(count, 5);
}

/// FORMAT.md 10: the generator gives the same files again, and there are no others.
#[test]
fn vectors_never_change() {
    let made = generate::vectors();
    let expected: BTreeSet<(String, String)> =
        made.iter().map(|vector| (vector.name.clone(), vector.to_json())).collect();
    assert_eq!(expected.len(), made.len(), "names are unique");
    let found = BTreeSet::from_iter(files());
    let changed: Vec<&String> =
        expected.symmetric_difference(&found).map(|(name, _)| name).collect();
    assert!(changed.is_empty(), "make vectors changes {changed:?}");
    let readme = std::fs::read_to_string(format!("{DIRECTORY}/README.md")).unwrap();
    assert!(readme == generate::readme(&made), "README.md");
}

/// Each rule that one object can break alone is broken by a vector.
#[test]
fn each_rule_has_a_vector() {
    let all = vectors();
    let broken: BTreeSet<&str> = all.iter().filter_map(|vector| vector["rule"].as_str()).collect();
    let rules = "O1 O2 O3 O4 O5 B1 B2 B3 B4 B5 B6 B7 B8 B9 L1 L2 L3 L4 \
                 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12 R13 S1 S3 S4 M1 M2 M3 M4 M5 \
                 G1 G2 G3 G4 G5 K1 T1 T2 T3";
    assert_eq!(broken, rules.split_whitespace().collect());
}
