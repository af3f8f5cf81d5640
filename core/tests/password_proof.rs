//! A password's setting that came from a file: it opens at once, and is wrapped for once it is
//! proven.

#![cfg(all(feature = "seal", feature = "argon2"))]

mod common;

use coffre_core::error::Error;
use coffre_core::object::ObjectType::KeyRecord;
use coffre_core::password::{Kdf, PasswordKey, Setting};
use coffre_core::policy::Policy;
use coffre_core::recipient::Recipient;
use coffre_core::record::Record;
use common::forge::RawRecord;
use common::keyring::{ARGON2ID, PBKDF2, derive, setting};
use common::rewrite::{scope_of, write_as};
use common::{context, key};

const KDFS: [Kdf; 2] = [PBKDF2, ARGON2ID];

/// FORMAT.md [R10]: nothing is wrapped for a setting that was only read: whoever wrote the file may
/// have chosen the cost. A record that opens under the password proves the setting.
#[test]
fn r10_a_setting_is_proven_before_it_is_wrapped_for() {
    let policy = Policy::default();
    let write = |key: PasswordKey| {
        let recipients = [Recipient::Password(key)];
        write_as(scope_of(KeyRecord, "point"), 5, &recipients, |_| Ok(())).map(|made| made.0)
    };
    let wraps = |key: PasswordKey| write(key).err();
    for kdf in KDFS {
        let mut memory = common::memory(kdf.workspace());
        let genuine = derive(&setting("s", kdf), b"password");
        let bytes = write(genuine).unwrap();
        let record = Record::parse(&bytes).unwrap();
        let derived = record.derive(context(), &policy, b"password", &mut memory).unwrap();
        assert_eq!(wraps(derived), None);
        let derived = record.derive(context(), &policy, b"passwort", &mut memory).unwrap();
        assert_eq!(wraps(derived), Some(Error::WrongPassword));
        // Whoever has a recipient's public half can make a record, with a password stanza of his.
        let mut forged = RawRecord::new(KeyRecord, &key("his own"));
        let Setting { id, salt, .. } = setting("s", kdf);
        let stanza = forged.raw_password_stanza(&id, kdf, &salt, b"", &key("not the password's"));
        forged.stanzas.push(stanza);
        let bytes = forged.to_bytes();
        let record = Record::parse(&bytes).unwrap();
        let derived = record.derive(context(), &policy, b"password", &mut memory).unwrap();
        assert_eq!(wraps(derived), Some(Error::WrongPassword));
    }
}
