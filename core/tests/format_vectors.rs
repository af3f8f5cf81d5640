//! Every file of tests/vectors/format: opened, compared, and made again, bit for bit.

mod common;
#[path = "../examples/make_vectors/generate.rs"]
mod generate;

use std::collections::BTreeSet;
use std::path::Path;

use coffre_core::block::{self, Expected};
use coffre_core::challenge::{self, Report};
use coffre_core::derive::{Mac256, sha256};
use coffre_core::error::{Error, Result};
use coffre_core::header::BlockId;
use coffre_core::key_file;
use coffre_core::legacy::{self, MasterKey};
use coffre_core::metadata;
use coffre_core::object::{Id, ObjectType};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::recipient::Identity;
use coffre_core::record::{Record, entry};
use coffre_core::scrub::Scrubber;
use coffre_core::secret::Key;
use coffre_core::session::Session;
use coffre_core::stream::BlockReader;
use common::*;
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

/// The word of FORMAT.md for an error.
fn word(error: Error) -> &'static str {
    match error {
        Error::Malformed => "malformed",
        Error::UnsupportedVersion => "unsupported version",
        Error::UnsupportedSuite => "unsupported suite",
        Error::Damaged => "damaged",
        Error::NotAuthentic => "not authentic",
        Error::BadFrame => "bad frame",
        Error::UnexpectedBlock => "unexpected block",
        Error::Foreign => "foreign",
        Error::Stale => "stale",
        Error::WrongKey => "wrong key",
        Error::MissingKey => "missing key",
        Error::PolicyVersion => "refused by policy",
        Error::OverLimit => "over limit",
        _ => panic!("{error:?}"),
    }
}

/// The inputs of a vector.
struct Inputs<'v>(&'v Value);

impl Inputs<'_> {
    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.0[name].as_str().map(hex)
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).unwrap().try_into().unwrap()
    }

    fn key(&self, name: &str) -> Key {
        Key::copy_of(&self.array(name))
    }

    fn number(&self, name: &str, default: u64) -> u64 {
        self.0[name].as_u64().unwrap_or(default)
    }

    fn policy(&self, lowest_version: u64) -> Policy {
        let default = Policy::default();
        Policy {
            lowest_version: self.number("lowest_version", lowest_version) as u32,
            max_block: self.number("max_block", default.max_block),
            max_window: self.number("max_window", default.max_window),
            lowest_generation: self.number("lowest_generation", 0),
            ..default
        }
    }

    fn identity(&self) -> Identity {
        match self.0["private_key_pem"].as_str() {
            Some(pem) => Identity::P256(key_file::read_private(pem.as_bytes()).unwrap()),
            None => Identity::Kek(self.key("kek")),
        }
    }

    fn expected(&self) -> Expected {
        let block_id = self.bytes("expect_id").map(|id| {
            let mut padded = [0; 32];
            padded[..id.len()].copy_from_slice(&id);
            let id_type = self.number("expect_id_type", 0) as u8;
            let len = if id_type == 1 { 8 } else { 32 };
            BlockId::from_fields(id_type, len, &padded).unwrap()
        });
        let commitment = self.bytes("expect_commitment").map(|c| c.try_into().unwrap());
        Expected { block_id, commitment, ..Expected::default() }
    }

    /// The session of a block: given, or looked up.
    fn session(&self, block: &[u8]) -> Result<Session> {
        let Some(sessions) = self.0["sessions"].as_object() else {
            return Ok(Session::from_key(self.key("session_key")));
        };
        let mut record = forge::RawRecord::new(ObjectType::KeyRecord, &key("k"));
        record.entries = sessions
            .values()
            .map(|value| Key::copy_of(&hex(value.as_str().unwrap()).try_into().unwrap()))
            .map(|key| record.session_entry(&key))
            .collect();
        let bytes = record.to_bytes();
        let record = Record::parse(&bytes).unwrap();
        let keys = record.open(context(), &Policy::default(), &kek("k")).unwrap();
        keys.session(&record, &block::scrub(block)?.header.session_id)
    }
}

/// Opens a vector; the plaintext where there is one.
fn open_vector(kind: &str, inputs: &Inputs, bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    match kind {
        "block" => open_block(inputs, bytes).map(Some),
        "metadata" => open_metadata(inputs, bytes).map(Some),
        "v1" => open_v1(inputs, bytes).map(Some),
        "record" => open_record(inputs, bytes).map(|()| None),
        "challenge" => open_challenge(inputs, bytes).map(|()| None),
        "manifest" => open_manifest(inputs, bytes).map(|()| None),
        _ => panic!("{kind}"),
    }
}

fn open_block(inputs: &Inputs, bytes: &[u8]) -> Result<Vec<u8>> {
    if inputs.number("version", 2) == 0 {
        let mut space = vec![0; bytes.len()];
        let mut out = Out::new(&mut space);
        legacy::v0_open(&inputs.policy(2), bytes, &mut out)?;
        return Ok(out.written().to_vec());
    }
    open_with(&inputs.policy(2), &inputs.session(bytes)?, &inputs.expected(), bytes)
}

fn open_metadata(inputs: &Inputs, bytes: &[u8]) -> Result<Vec<u8>> {
    let (metakey, point) = (inputs.key("metakey"), inputs.array("restore_point_id"));
    let keys = point::keys(&metakey, &point, &id("any instance"));
    let mut space = vec![0; 10_000];
    let mut out = Out::new(&mut space);
    let mut workspace = memory(block::open_workspace());
    metadata::open(context(), &inputs.policy(2), &keys, bytes, &mut workspace, &mut out)?;
    Ok(out.written().to_vec())
}

fn open_v1(inputs: &Inputs, bytes: &[u8]) -> Result<Vec<u8>> {
    let master = MasterKey::from_bytes(&inputs.array("master_key"));
    let wrapped = inputs.bytes("wrapped_key").unwrap();
    backy2::open(&inputs.policy(1), &master, &wrapped, bytes)
}

fn open_record(inputs: &Inputs, bytes: &[u8]) -> Result<()> {
    let record = Record::parse(bytes)?;
    // [R8]: what the caller of the library compares.
    if inputs.bytes("scope_id").is_some_and(|scope| scope != record.scope_id) {
        return Err(Error::Foreign);
    }
    open_challenge(inputs, bytes)?;
    let keys = record.open(context(), &inputs.policy(2), &inputs.identity())?;
    for index in 0..record.entry_count as usize {
        let found = record.entry(index).unwrap();
        let epoch = u64::from_le_bytes(found.id[..8].try_into().unwrap());
        match found.kind {
            entry::SESSION_KEY => keys.session(&record, &found.id).map(drop)?,
            entry::ID_KEY => keys.id_key(&record, epoch).map(drop)?,
            _ => {}
        }
    }
    Ok(())
}

fn open_challenge(inputs: &Inputs, bytes: &[u8]) -> Result<()> {
    let instance: Id = match inputs.bytes("instance_id") {
        Some(id) => id.try_into().unwrap(),
        None => Record::parse(bytes)?.instance_id,
    };
    let lowest = inputs.number("lowest_generation", 0);
    let mut report = Report::default();
    challenge::check(context(), &inputs.identity(), &instance, lowest, bytes, &mut report)
}

fn open_manifest(inputs: &Inputs, bytes: &[u8]) -> Result<()> {
    let (metakey, point) = (inputs.key("metakey"), inputs.array("restore_point_id"));
    let keys = point::keys(&metakey, &point, &bytes[32..48].try_into().unwrap());
    point::read(&inputs.policy(2), &keys, bytes).map(drop)
}

/// FORMAT.md 10: each vector is what it says it is.
#[test]
fn vectors_open_as_they_say() {
    let mut count = 0;
    for vector in vectors() {
        let bytes = hex(vector["bytes"].as_str().unwrap());
        let kind = vector["kind"].as_str().unwrap();
        let mut inputs = vector["input"].clone();
        if kind == "challenge" && inputs["object_type"].is_null() {
            // The library's check takes every type of record; its caller knows which it asked for.
            inputs["object_type"] = 5.into();
        }
        let of_type = inputs["object_type"].as_u64();
        let of_other_type = kind == "challenge" && of_type != Some(bytes[4].into());
        let opened = match of_other_type {
            true => Err(Error::Malformed),
            false => open_vector(kind, &Inputs(&inputs), &bytes),
        };
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
    assert!(count >= 197, "vectors are never taken away: {count}");
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
    for vector in vectors().iter().filter(|vector| vector["kind"] != "v1") {
        let bytes = hex(vector["bytes"].as_str().unwrap());
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
    for vector in vectors().iter().filter(|vector| vector["writer"].is_object()) {
        let (writer, wanted) = (Inputs(&vector["writer"]), Inputs(&vector["intermediate"]));
        let mac = Mac256::new(&writer.key("salt_secret"))
            .with(&writer.bytes("random").unwrap())
            .with(&writer.number("counter", 0).to_le_bytes())
            .with(&writer.bytes("polyval").unwrap())
            .with(&wanted.bytes("header").unwrap())
            .finish();
        assert_eq!(mac[..24], wanted.bytes("salt").unwrap(), "{}", vector["name"]);
        count += 1;
    }
    assert_eq!(count, 12);
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
                 R1 R2 R3 R4 R5 R6 R7 R8 M1 M2 M3 M4 M5";
    assert_eq!(broken, rules.split_whitespace().collect());
}
