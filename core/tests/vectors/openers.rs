//! How a vector of each kind is opened.

use coffre_core::block;
use coffre_core::challenge::{self, Report};
use coffre_core::error::{Error, Result};
use coffre_core::legacy::{self, MasterKey};
use coffre_core::metadata;
use coffre_core::object::{Id, ObjectType};
use coffre_core::out::Out;
use coffre_core::record::{Record, RecordKeys, entry};
use coffre_core::slots::{self, Wanted};
use coffre_core::wrap::Scope;
use serde_json::{Value, json};

use super::inputs::{Inputs, word};
use super::paper::{open_kit, open_kit_text, open_origin};
use crate::common::rewrite::rotate;
use crate::common::*;

/// Opens a vector; the plaintext where there is one.
pub fn open_vector(vector: &Value, bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let (kind, inputs) = (vector["kind"].as_str().unwrap(), &Inputs(&vector["input"]));
    match kind {
        "block" => open_block(inputs, bytes).map(Some),
        "metadata" => open_metadata(inputs, bytes).map(Some),
        "v1" => open_v1(inputs, bytes).map(Some),
        "record" => open_record(inputs, bytes).map(|_| None),
        "recipients" => Record::parse(bytes).map(|_| None),
        "rotation" => open_rotation(inputs, bytes).map(|()| None),
        "slots" => open_slots(vector, bytes).map(|()| None),
        "challenge" => open_challenge(inputs, 5, bytes).map(|()| None),
        "manifest" => open_manifest(inputs, bytes).map(|()| None),
        "origin" => open_origin(vector, bytes).map(|()| None),
        "kit" => open_kit(vector, bytes, json!({})).map(|()| None),
        "kit_text" => open_kit_text(vector, bytes).map(|()| None),
        _ => panic!("{kind}"),
    }
}

pub fn open_block(inputs: &Inputs, bytes: &[u8]) -> Result<Vec<u8>> {
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
    let mut lent = memory(block::open_workspace());
    let mut workspace = Workspace::new(&mut lent);
    metadata::open(context(), &inputs.policy(2), &keys, bytes, &mut workspace, &mut out)?;
    Ok(out.written().to_vec())
}

fn open_v1(inputs: &Inputs, bytes: &[u8]) -> Result<Vec<u8>> {
    let master = MasterKey::from_bytes(&inputs.array("master_key"));
    let wrapped = inputs.bytes("wrapped_key").unwrap();
    backy2::open(&inputs.policy(1), &master, &wrapped, bytes)
}

/// Of each entry its id, and something that only its key gives.
type Entries = Vec<(Id, Vec<u8>)>;

fn open_record(inputs: &Inputs, bytes: &[u8]) -> Result<(RecordKeys, Entries)> {
    let record = Record::parse(bytes)?;
    // [R8]: what the caller of the library compares.
    if inputs.bytes("scope_id").is_some_and(|scope| scope != record.scope_id) {
        return Err(Error::Foreign);
    }
    open_challenge(inputs, bytes[4], bytes)?;
    let keys = record.open(context(), &inputs.policy(2), &inputs.identity(bytes)?)?;
    let mut entries = vec![];
    for index in 0..record.entry_count as usize {
        let found = record.entry(index).unwrap();
        let epoch = u64::from_le_bytes(found.id[..8].try_into().unwrap());
        let given = match found.kind {
            entry::SESSION_KEY if cfg!(feature = "seal") => {
                seal(&keys.session(&record, &found.id)?, &STORED, b"")
            }
            entry::SESSION_KEY => keys.session(&record, &found.id)?.id().to_vec(),
            entry::ID_KEY => keys.id_key(&record, epoch)?.block_id(b"").fields().2.to_vec(),
            _ => continue,
        };
        entries.push((found.id, given));
    }
    Ok((keys, entries))
}

/// The library's check takes every type of record; its caller knows which one he asked for.
fn open_challenge(inputs: &Inputs, asked: u8, bytes: &[u8]) -> Result<()> {
    if inputs.number("object_type", asked.into()) != u64::from(bytes[4]) {
        return Err(Error::Malformed);
    }
    let record = Record::parse(bytes)?;
    let instance = inputs.bytes("instance_id").map(|id| id.try_into().unwrap());
    let lowest = inputs.number("lowest_generation", 0);
    let (identity, mut report) = (inputs.identity(bytes)?, Report::default());
    let instance: Id = instance.unwrap_or(record.instance_id);
    challenge::check(context(), &identity, &instance, lowest, bytes, &mut report)
}

/// FORMAT.md 4.2: the same entries and metakey under another storage key, in the vector's rotation
/// and in the library's own; or a record that the library does not rotate.
fn open_rotation(inputs: &Inputs, bytes: &[u8]) -> Result<()> {
    let before = inputs.bytes("before").unwrap();
    let (keys, entries) = open_record(inputs, &before)?;
    let generation = Record::parse(&before)?.generation;
    let identity = inputs.identity(&before)?;
    let rotated = rotate(&(before.clone(), keys), generation + 1, &[&identity])?;
    let old = forge::storage_key(&before, &identity);
    for after in [bytes, &rotated.0] {
        assert!(Record::parse(after)?.generation > generation);
        assert_eq!(open_record(inputs, after)?.1, entries);
        let new = forge::storage_key(after, &identity);
        assert!(old.expose() != new.expose());
        let metakeys = [forge::metakey(&before, &old), forge::metakey(after, &new)];
        assert!(metakeys[0].expose() == metakeys[1].expose());
    }
    Ok(())
}

/// All intermediates of a vector are found.
pub fn assert_found(vector: &Value, found: &Value) {
    for (name, value) in vector["intermediate"].as_object().unwrap() {
        assert_eq!(&found[name], value, "{}: {name}", vector["name"]);
    }
}

/// FORMAT.md 4.3, with all that is said of the slots.
fn open_slots(vector: &Value, slot_a: &[u8]) -> Result<()> {
    let inputs = Inputs(&vector["input"]);
    let slot_b = inputs.bytes("slot_b").unwrap();
    let object = ObjectType::from_number(inputs.number("object_type", 4) as u8).unwrap();
    let scope = Scope { object, id: inputs.array("scope_id") };
    let wanted = Wanted { scope, instance_id: inputs.array("instance_id") };
    let mut report = slots::Report::default();
    let (policy, identity) = (inputs.policy(2), inputs.identity(slot_a)?);
    let areas = [slot_a, &slot_b];
    let opened = slots::open(context(), &policy, &identity, &wanted, areas, &mut report);
    let status = |slot: usize| match report.slots[slot] {
        Ok(()) => "ok",
        Err(Error::NotFound) => "empty",
        Err(error) => word(error),
    };
    let mut found = json!({ "status_a": status(0), "status_b": status(1) });
    if let Ok((record, _)) = &opened {
        let storage_key = forge::storage_key(record.bytes(), &identity);
        found["slot"] = ["a", "b"][report.used.unwrap()].into();
        found["generation"] = record.generation.into();
        found["metakey"] = to_hex(forge::metakey(record.bytes(), &storage_key).expose()).into();
        found["fallen_back"] = report.fell_back.into();
        found["settled"] = report.settled.into();
    }
    assert_found(vector, &found);
    opened.map(drop)
}

fn open_manifest(inputs: &Inputs, bytes: &[u8]) -> Result<()> {
    let (metakey, point) = (inputs.key("metakey"), inputs.array("restore_point_id"));
    let keys = point::keys(&metakey, &point, &bytes[32..48].try_into().unwrap());
    point::read(&inputs.policy(2), &keys, bytes).map(drop)
}
