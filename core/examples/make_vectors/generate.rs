//! All vectors of the format, and the file that lists them.

#[path = "block_vectors.rs"]
mod block_vectors;
#[path = "kit_text_vectors.rs"]
mod kit_text_vectors;
#[path = "kit_vectors.rs"]
mod kit_vectors;
#[path = "manifest_vectors.rs"]
mod manifest_vectors;
#[path = "metadata_vectors.rs"]
mod metadata_vectors;
#[path = "origin_vectors.rs"]
mod origin_vectors;
#[path = "recipient_vectors.rs"]
mod recipient_vectors;
#[path = "record_vectors.rs"]
mod record_vectors;
#[path = "rotation_vectors.rs"]
mod rotation_vectors;
#[path = "slot_vectors.rs"]
mod slot_vectors;
#[path = "stanza_vectors.rs"]
mod stanza_vectors;
#[path = "v1_vectors.rs"]
mod v1_vectors;

use serde_json::{Map, Value, json};

use crate::common::to_hex;

/// One file: an object, how to open it, and what comes out.
pub struct Vector {
    pub name: String,
    kind: &'static str,
    about: String,
    rule: Option<&'static str>,
    expect: &'static str,
    input: Map<String, Value>,
    /// What a reader computes on its way.
    intermediate: Map<String, Value>,
    /// What only the writer knew.
    writer: Map<String, Value>,
    bytes: Vec<u8>,
}

/// What can be written into a vector.
pub trait Field {
    fn value(&self) -> Value;
}

impl Field for u64 {
    fn value(&self) -> Value {
        (*self).into()
    }
}

impl Field for [u8] {
    fn value(&self) -> Value {
        to_hex(self).into()
    }
}

impl<const N: usize> Field for [u8; N] {
    fn value(&self) -> Value {
        to_hex(self).into()
    }
}

impl Field for bool {
    fn value(&self) -> Value {
        (*self).into()
    }
}

impl Field for str {
    fn value(&self) -> Value {
        self.into()
    }
}

impl Field for Value {
    fn value(&self) -> Value {
        self.clone()
    }
}

impl Vector {
    /// A vector that opens.
    pub fn new(kind: &'static str, name: &str, about: &str, bytes: &[u8]) -> Vector {
        Vector {
            name: format!("{kind}_{name}"),
            kind,
            about: about.into(),
            rule: None,
            expect: "ok",
            input: Map::new(),
            intermediate: Map::new(),
            writer: Map::new(),
            bytes: bytes.to_vec(),
        }
    }

    /// It breaks `rule`, and is refused as `expect`.
    pub fn breaks(mut self, rule: &'static str, expect: &'static str) -> Vector {
        (self.rule, self.expect) = (Some(rule), expect);
        self
    }

    /// It breaks no rule of one object, and is refused as `expect`.
    pub fn refused(mut self, expect: &'static str) -> Vector {
        self.expect = expect;
        self
    }

    pub fn input(mut self, name: &str, value: &(impl Field + ?Sized)) -> Vector {
        self.input.insert(name.into(), value.value());
        self
    }

    pub fn intermediate(mut self, name: &str, value: &(impl Field + ?Sized)) -> Vector {
        self.intermediate.insert(name.into(), value.value());
        self
    }

    /// Without an intermediate that readers need not agree on.
    pub fn without(mut self, name: &str) -> Vector {
        self.intermediate.remove(name);
        self
    }

    pub fn writer(mut self, name: &str, value: &(impl Field + ?Sized)) -> Vector {
        self.writer.insert(name.into(), value.value());
        self
    }

    /// What comes out; a digest where it is long.
    pub fn plain(mut self, plain: &[u8]) -> Vector {
        if plain.len() <= 4096 {
            return self.input("plain", plain);
        }
        self.input.insert("plain_len".into(), plain.len().into());
        self.input("plain_sha256", &coffre_core::derive::sha256(plain))
    }

    pub fn to_json(&self) -> String {
        let mut file = json!({
            "name": self.name,
            "about": self.about,
            "kind": self.kind,
            "rule": self.rule,
            "expect": self.expect,
            "input": self.input,
            "intermediate": self.intermediate,
            "bytes": to_hex(&self.bytes),
        });
        if !self.writer.is_empty() {
            file["writer"] = self.writer.clone().into();
        }
        serde_json::to_string_pretty(&file).unwrap() + "\n"
    }
}

/// Every vector, in the order of FORMAT.md's sections.
pub fn vectors() -> Vec<Vector> {
    let mut vectors = block_vectors::valid();
    vectors.extend(block_vectors::broken());
    vectors.extend(metadata_vectors::all());
    vectors.extend(v1_vectors::all());
    vectors.extend(record_vectors::valid());
    vectors.extend(record_vectors::broken());
    vectors.extend(record_vectors::verdicts());
    vectors.extend(recipient_vectors::valid());
    vectors.extend(stanza_vectors::passwords());
    vectors.extend(stanza_vectors::external_keys());
    vectors.extend(recipient_vectors::refused());
    vectors.extend(rotation_vectors::all());
    vectors.extend(slot_vectors::all());
    vectors.extend(manifest_vectors::valid());
    vectors.extend(manifest_vectors::broken());
    vectors.extend(origin_vectors::valid());
    vectors.extend(origin_vectors::refused());
    vectors.extend(origin_vectors::forged());
    vectors.extend(kit_vectors::valid());
    vectors.extend(kit_vectors::malformed());
    vectors.extend(kit_vectors::refused());
    vectors.extend(kit_text_vectors::valid());
    vectors.extend(kit_text_vectors::broken());
    vectors
}

/// The file that lists the vectors.
pub fn readme(vectors: &[Vector]) -> String {
    let mut text = String::from(README);
    for vector in vectors {
        let rule = vector.rule.map_or("–".into(), |rule| format!("[{rule}]"));
        text += &format!("| {} | {rule} | {} | {} |\n", vector.name, vector.expect, vector.about);
    }
    text
}

const README: &str = "# Vectors of the Coffre format, version 2

One JSON file a vector: `bytes` is the object, `input` says how to open it, `expect` what a reader
says, `rule` the one rule of [FORMAT.md](../../../docs/FORMAT.md) that it breaks. `intermediate` are
values that a reader computes on its way, `writer` those that only the writer knew (the salt's
random bytes, for instance). Byte strings are hexadecimal. `make vectors` writes the files; they
never change, new ones are added. `core/tests/format_vectors.rs` and `tests/decoder/vectors.py` read
them; the latter lists the inputs of each kind.

Where a rule is broken the object is right otherwise: authentic under the keys, checksum in order.

| file | rule | expect | what it is |
|---|---|---|---|
";
