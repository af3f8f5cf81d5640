//! What a vector says, in the library's types. tests/decoder/vectors.py lists the inputs.

use coffre_core::block::{self, Expected};
use coffre_core::error::{Error, Result};
use coffre_core::external::External;
use coffre_core::header::BlockId;
use coffre_core::key_file;
use coffre_core::object::ObjectType;
use coffre_core::policy::Policy;
use coffre_core::recipient::Identity;
use coffre_core::record::Record;
use coffre_core::secret::Key;
use coffre_core::session::Session;
use coffre_core::text::Text;
use serde_json::Value;

use crate::common::keyring::{Mood, Service, derive_within};
use crate::common::*;

/// The word of FORMAT.md for an error.
pub fn word(error: Error) -> &'static str {
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
        Error::OtherStorageKey => "other storage key",
        Error::Conflict => "conflict",
        Error::Rollback => "rollback",
        Error::NotFound => "not found",
        Error::WrongKey => "wrong key",
        Error::MissingKey => "missing key",
        Error::WrongPassword => "wrong password",
        Error::PolicyVersion => "refused by policy",
        Error::OverLimit => "over limit",
        Error::OverCost => "over cost",
        Error::InvalidKey => "invalid key",
        Error::OriginUnverified => "origin unverified",
        Error::OriginForged => "origin forged",
        Error::OriginIsRecipient => "origin is recipient",
        Error::BadKitLine => "bad kit line",
        Error::Callback => "callback",
        _ => panic!("{error:?}"),
    }
}

/// What was made, or the error of a build that cannot make it.
pub fn made<T>(made: Result<T>) -> Result<T> {
    assert!(matches!(made, Ok(_) | Err(Error::NotBuilt)));
    made
}

/// The inputs of a vector.
pub struct Inputs<'v>(pub &'v Value);

impl Inputs<'_> {
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.0[name].as_str().map(hex)
    }

    pub fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).unwrap().try_into().unwrap()
    }

    pub fn key(&self, name: &str) -> Key {
        Key::copy_of(&self.array(name))
    }

    pub fn number(&self, name: &str, default: u64) -> u64 {
        self.0[name].as_u64().unwrap_or(default)
    }

    pub fn policy(&self, lowest_version: u64) -> Policy {
        let default = Policy::default();
        let cap = |name: &str, default: u32| self.number(name, default.into()) as u32;
        Policy {
            lowest_version: cap("lowest_version", lowest_version as u32),
            max_block: self.number("max_block", default.max_block),
            max_window: self.number("max_window", default.max_window),
            lowest_generation: self.number("lowest_generation", 0),
            max_pbkdf2_iterations: cap("max_iterations", default.max_pbkdf2_iterations),
            max_argon2_memory_kib: cap("max_memory", default.max_argon2_memory_kib),
            max_argon2_passes: cap("max_passes", default.max_argon2_passes),
            origin_required: self.0["demand_origin"] == true,
            ..default
        }
    }

    /// Whoever opens `record`.
    pub fn identity(&self, record: &[u8]) -> Result<Identity<'static>> {
        if let Some(pem) = self.0["private_key_pem"].as_str() {
            return made(key_file::read_private(pem.as_bytes())).map(Identity::P256);
        }
        if let Some(password) = self.bytes("password") {
            let derived_from = self.bytes("derived_from");
            let source = Record::parse(derived_from.as_deref().unwrap_or(record))?;
            let key = derive_within(&self.policy(2), &source.password()?, &password)?;
            return Ok(Identity::Password(key));
        }
        if let Some(name) = self.0["external_name"].as_str() {
            // As long as the test: an identity borrows its service.
            let service = Box::leak(Box::new(self.service()));
            let name = Text::new(name.as_bytes()).unwrap();
            return made(External::new(name, service.size, service)).map(Identity::External);
        }
        Ok(Identity::Kek(self.key("kek")))
    }

    /// A key service that knows the vector's sealed keys.
    fn service(&self) -> Service {
        let service = Service::new(4096);
        let known = self.0["external_keys"].as_object().unwrap();
        let known = known.iter().map(|(sealed, key)| {
            (hex(sealed), Key::copy_of(&hex(key.as_str().unwrap()).try_into().unwrap()))
        });
        service.known.borrow_mut().extend(known);
        if self.0["external_fails"] == true {
            service.mood.set(Mood::Fails(Error::Callback));
        }
        service
    }

    pub fn expected(&self) -> Expected {
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

    /// Whether a build may refuse the object for what it leaves out, and whether it has to.
    pub fn left_out(&self, kind: &str, object: &[u8]) -> (bool, bool) {
        let compressed = match kind {
            "block" | "metadata" => object.get(8).is_some_and(|flags| flags & 1 != 0),
            _ => kind == "v1",
        };
        let old = kind == "v1" || self.number("version", 2) == 0;
        let has = |input: &str| !self.0[input].is_null();
        let refused = kind == "rotation" && !cfg!(feature = "seal")
            || compressed && !cfg!(feature = "zstd-decompress")
            || old && !cfg!(feature = "legacy-v1")
            || has("private_key_pem") && !cfg!(feature = "public-key")
            || has("origin_key") && !cfg!(feature = "public-key")
            || has("password") && !cfg!(feature = "password")
            || has("external_name") && !cfg!(feature = "callbacks");
        // By which function a password is hashed, and what kind of key a kit holds, is inside.
        let inside = has("password")
            && (!cfg!(feature = "argon2")
                || kind.starts_with("kit") && !cfg!(feature = "public-key"));
        (refused || inside, refused)
    }

    /// The session of a block: given, or looked up.
    pub fn session(&self, block: &[u8]) -> Result<Session> {
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
