//! How vectors of origin signatures and recovery kits are opened.

use coffre_core::error::{Error, Result};
use coffre_core::kit::{self, Kit};
use coffre_core::kit_text::{self, Form};
use coffre_core::object::{Id, ObjectType};
use coffre_core::origin::{Evidence, OriginSignature, Report, Verdict};
use coffre_core::origin_key::OriginPublic;
use coffre_core::out::Out;
use coffre_core::password::{Kdf, PasswordKey, Setting};
use coffre_core::recipient::Identity;
use coffre_core::record::Record;
use coffre_core::text::Text;
use coffre_core::wrap::{Purpose, Scope};
use serde_json::{Value, json};

use super::inputs::{Inputs, made};
use super::openers::assert_found;
use crate::common::*;

/// FORMAT.md 6.1, with all that is said of the origin; no bytes are no signature.
pub fn open_origin(vector: &Value, bytes: &[u8]) -> Result<()> {
    let inputs = Inputs(&vector["input"]);
    let (manifest, metakey) = (inputs.bytes("manifest").unwrap(), inputs.key("metakey"));
    let (point, instance): (Id, Id) =
        (inputs.array("restore_point_id"), manifest[32..48].try_into().unwrap());
    let mut record = point::raw_record(&metakey, &point, &instance);
    let recipients = vector["input"]["recipient_ids"].as_array();
    record.stanzas.extend(recipients.into_iter().flatten().map(|id| {
        let id = hex(id.as_str().unwrap()).try_into().unwrap();
        forge::stanza([9, 0, 0, 0], &id, b"whatever its type")
    }));
    let record = record.to_bytes();
    let record = Record::parse(&record).unwrap();
    let origin =
        inputs.bytes("origin_key").map(|der| made(OriginPublic::read(&der))).transpose()?;
    let signature = Some(bytes).filter(|bytes| !bytes.is_empty());
    let evidence = Evidence { origin: origin.as_ref(), record: Some(&record), signature };
    let mut report = Report::default();
    let keys = point::keys(&metakey, &point, &instance);
    let judged = point::read_judged(&inputs.policy(2), &keys, &manifest, &evidence, &mut report);

    let verdict = match report.verdict {
        Verdict::Unverified => "unverified",
        Verdict::Verified => "verified",
        Verdict::Forged => "forged",
    };
    let mut found = json!({ "verdict": verdict });
    if let Some(origin) = &origin {
        found["origin_key_id"] = to_hex(&origin.key_id()).into();
    }
    if let (Some(whole), Some(Ok(object))) = (report.whole, signature.map(OriginSignature::parse)) {
        let signed = OriginSignature { manifest_digest: whole.digest, ..object };
        found["manifest_digest"] = to_hex(&whole.digest).into();
        found["message"] = to_hex(&signed.message()).into();
    }
    assert_found(vector, &found);
    judged.map(drop)
}

/// FORMAT.md 8.2: what everybody can read in a kit, and what a password finds in it. `found` is
/// what was found before.
pub fn open_kit(vector: &Value, bytes: &[u8], mut found: Value) -> Result<()> {
    let opened = read_kit(&Inputs(&vector["input"]), bytes, &mut found);
    if opened != Err(Error::NotBuilt) {
        assert_found(vector, &found);
    }
    opened
}

fn read_kit(inputs: &Inputs, bytes: &[u8], found: &mut Value) -> Result<()> {
    let kit = Kit::parse(bytes)?;
    let (kdf, [passes, memory_kib, lanes]) = match kit.kdf {
        Kdf::Pbkdf2 { iterations } => (3, [iterations, 0, 0]),
        Kdf::Argon2id { memory_kib, passes, lanes } => (4, [passes, memory_kib, lanes]),
    };
    let salt: Id = bytes[24..40].try_into().unwrap();
    for (name, value) in [
        ("key_kind", Value::from(kit.kind as u8)),
        ("kdf", kdf.into()),
        ("passes", passes.into()),
        ("memory", memory_kib.into()),
        ("lanes", lanes.into()),
        ("salt", to_hex(&salt).into()),
        ("key_id", to_hex(&kit.key_id).into()),
        ("text", text(bytes, Form::Lines).into()),
        ("qr", text(bytes, Form::Scan).into()),
    ] {
        found[name] = value;
    }
    let Some(password) = inputs.bytes("password") else { return Ok(()) };
    // A cost that is refused is refused before there is memory for it.
    let policy = inputs.policy(2);
    let mut workspace = memory(kit.kdf.workspace().min(1 << 20));
    let opened = kit.open(&policy, &password, &mut workspace);
    let setting = Setting { id: [0; 16], kdf: kit.kdf, salt, hint: Text::empty() };
    let key = match PasswordKey::derive(&policy, setting, &password, &mut workspace) {
        Ok(key) => key,
        Err(error) => {
            assert_eq!(opened.err(), Some(error));
            return Err(error);
        }
    };
    found["derived_key"] = to_hex(key.kek().expose()).into();
    let scope = Scope { object: ObjectType::RecoveryKit, id: kit.key_id };
    let wrapped = bytes[56..96].try_into().unwrap();
    let unwrapped = scope.unwrap(key.kek(), Purpose::RecoveryKit, &kit.key_id, wrapped);
    if let Ok(secret) = &unwrapped {
        found["secret"] = to_hex(secret.expose()).into();
    }
    let secret = match &opened? {
        Identity::Kek(kek) => kek.clone(),
        Identity::P256(private) => private.scalar_bytes(),
        _ => panic!("no kit has such a key"),
    };
    assert!(secret.expose() == unwrapped.unwrap().expose());
    Ok(())
}

fn text(kit: &[u8], form: Form) -> String {
    let mut space = vec![0; form.size()];
    let mut out = Out::new(&mut space);
    kit_text::to_text(kit, form, &mut out).unwrap();
    String::from_utf8(out.written().to_vec()).unwrap()
}

/// FORMAT.md [T3]: the kit in a text, or the line that is wrong.
pub fn open_kit_text(vector: &Value, text: &[u8]) -> Result<()> {
    let mut space = [0; kit::SIZE];
    let mut out = Out::new(&mut space);
    let mut bad_line = 0;
    let read = kit_text::from_text(text, &mut bad_line, &mut out);
    if read == Err(Error::BadKitLine) {
        assert_found(vector, &json!({ "line": bad_line }));
    }
    read?;
    let kit = out.written();
    open_kit(vector, kit, json!({ "kit": to_hex(kit) }))
}
