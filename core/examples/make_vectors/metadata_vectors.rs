//! Metadata of a restore point. FORMAT.md 5.

use coffre_core::block::{self, SealOptions};
use coffre_core::derive::{expand256, label};
use coffre_core::metadata;
use coffre_core::out::Out;
use coffre_core::secret::Key;

use super::Vector;
use super::block_vectors::{M, stored_bytes, with_intermediates};
use crate::common::forge::{self, RawHeader, patched};
use crate::common::{Workspace, context, id, key, memory, point, random, text};

pub fn all() -> Vec<Vector> {
    let metakey = key("vectors: metakey");
    let point_id = id("vectors: restore point");
    let keys = point::keys(&metakey, &point_id, &id("vectors: instance"));
    let seal = |plain: &[u8]| {
        let mut space = vec![0; block::sealed_max(plain.len())];
        let mut out = Out::new(&mut space);
        let mut lent = memory(SealOptions::default().workspace(plain.len()).unwrap());
        let mut workspace = Workspace::new(&mut lent);
        let mut random = random(plain.len() as u64);
        metadata::seal(context(), &mut random, &keys, plain, &mut workspace, &mut out).unwrap();
        out.written().to_vec()
    };
    let derived = expand256::<32>(&metakey, label::METADATA, &[&point_id]);
    let session_key = Key::copy_of(derived.expose());
    let vector = |name: &str, about: &str, bytes: &[u8]| {
        Vector::new("metadata", name, about, bytes)
            .input("metakey", metakey.expose())
            .input("restore_point_id", &point_id)
    };
    let valid = |name: &str, about: &str, plain: &[u8]| {
        let object = seal(plain);
        let stored = stored_bytes(&session_key, &object);
        let vector = vector(name, about, &object).intermediate("session_key", session_key.expose());
        with_intermediates(vector, &session_key, &object, &stored, plain)
    };
    let broken = |rule: &'static str, name: &str, about: &str, expect, bytes: &[u8]| {
        vector(&format!("{}_{name}", rule.to_lowercase()), about, bytes).breaks(rule, expect)
    };
    let json = br#"{"name": "a restore point"}"#;
    let object = seal(json);
    let header = RawHeader::stored(&session_key, 40).to_bytes();
    let as_block = forge::block(&session_key, &header, &text(40));
    let mut position = RawHeader::stored(&session_key, 40);
    position.prefix[4] = 2;
    let position = forge::block(&session_key, &position.to_bytes(), &text(40));
    vec![
        valid("stored", "a few bytes, stored", json),
        valid("compressed", "a frame", &text(3000)),
        broken("O1", "block", "a block", M, &as_block),
        broken("B4", "position", "a position for its id", M, &position),
        broken("B6", "metakey", "another metakey", "wrong key", &object)
            .input("metakey", key("vectors: another metakey").expose()),
        broken("B8", "point", "another restore point's", "unexpected block", &object)
            .input("restore_point_id", &id("vectors: another restore point")),
        broken(
            "B7",
            "tag",
            "an altered chunk",
            "not authentic",
            &patched(&object, 150, &[object[150] ^ 1]),
        ),
    ]
}
