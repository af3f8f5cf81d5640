//! Recipients and identities: a recipient is what a storage key is wrapped for, an identity is what
//! unwraps it.
//!
//! Each recipient has one stanza in a record (FORMAT.md 4.1; `stanza.rs` reads them). Every kind
//! yields a 32-byte stanza KEK; derive-then-wrap comes last for all, and binds the record.

use crate::aead::Engine;
use crate::bytes::{Fields, copy};
use crate::derive::{expand256, label};
use crate::error::{Error, Result};
use crate::external::{External, TokenKey};
use crate::hpke::{self, CIPHERTEXT, ENC};
use crate::keypair::{PrivateKey, PublicKey};
use crate::object::Id;
use crate::out::Out;
use crate::password::{Kdf, PasswordKey};
use crate::password_hash::SALT;
use crate::policy::allow;
use crate::random::{Random, RandomSource};
use crate::secret::Key;
use crate::stanza::{BODY_LEN, Body, P256_SUITE, STANZA_HEAD, Stanza, WRAP_SUITE, kind};
use crate::wrap::{Purpose, Scope, WRAPPED};

/// The size of the stanza of a KEK.
pub const KEK_STANZA: usize = STANZA_HEAD + WRAPPED;
/// The size of the stanza of a P-256 public key.
pub const P256_STANZA: usize = STANZA_HEAD + ENC + CIPHERTEXT + WRAPPED;

/// One that a storage key is wrapped for.
#[derive(Clone)]
pub enum Recipient<'k> {
    /// Whoever holds this key-encryption key.
    Kek(Key),
    /// Whoever holds the private key to this public key.
    P256(PublicKey),
    /// Whoever knows the password.
    Password(PasswordKey),
    /// Whoever may use a key service's key.
    External(External<'k>),
}

/// One that opens what was wrapped for it.
pub enum Identity<'k> {
    /// A key-encryption key.
    Kek(Key),
    /// A P-256 private key.
    P256(PrivateKey),
    /// A P-256 private key in a token.
    Token(TokenKey<'k>),
    /// The key of a password.
    Password(PasswordKey),
    /// A key service's key.
    External(External<'k>),
}

impl Recipient<'_> {
    /// The recipient id (FORMAT.md 4.1).
    pub fn id(&self) -> Id {
        match self {
            Recipient::Kek(kek) => kek_id(kek),
            Recipient::P256(public) => public.key_id(),
            Recipient::Password(password) => password.setting().id,
            Recipient::External(external) => external.id(),
        }
    }

    /// Whether it is a password, of which a record holds one at most. FORMAT.md \[R9\].
    pub(crate) fn is_password(&self) -> bool {
        matches!(self, Recipient::Password(_))
    }

    /// The size of its stanza; of an external key the most that it can be.
    pub fn stanza_len(&self) -> usize {
        match self {
            Recipient::Kek(_) => KEK_STANZA,
            Recipient::P256(_) => P256_STANZA,
            Recipient::Password(password) => {
                let setting = password.setting();
                let cost = match setting.kdf {
                    Kdf::Pbkdf2 { .. } => 4,
                    Kdf::Argon2id { .. } => 12,
                };
                STANZA_HEAD + cost + SALT + 1 + setting.hint.bytes().len() + WRAPPED
            }
            Recipient::External(external) => {
                STANZA_HEAD + 1 + external.name().len() + 2 + external.sealed_max() + WRAPPED
            }
        }
    }

    /// Appends the stanza that wraps `storage_key` for this recipient.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`]; those of [`Random::draw`]; [`Error::Callback`]: the key service.
    pub fn write_stanza<S: RandomSource>(
        &self,
        engine: Engine,
        random: &mut Random<S>,
        scope: &Scope,
        storage_key: &Key,
        out: &mut Out,
    ) -> Result<()> {
        out.reserve(self.stanza_len())?;
        let (id, start) = (self.id(), out.len());
        out.push(&self.head(&id))?;
        let kek = self.write_body(engine, random, scope, storage_key, out)?;
        out.push(&scope.wrap(&kek, Purpose::StorageKey, &id, storage_key))?;
        let body_len = (out.len() - start - STANZA_HEAD) as u32;
        copy(out.written_from_mut(start + BODY_LEN), &body_len.to_le_bytes());
        Ok(())
    }

    /// Everything before the body; its length is still 0.
    fn head(&self, id: &Id) -> [u8; STANZA_HEAD] {
        let (kind, suite) = match self {
            Recipient::Kek(_) => (kind::KEK, WRAP_SUITE),
            Recipient::P256(_) => (kind::P256, P256_SUITE),
            Recipient::Password(password) => match password.setting().kdf {
                Kdf::Pbkdf2 { .. } => (kind::PBKDF2, WRAP_SUITE),
                Kdf::Argon2id { .. } => (kind::ARGON2ID, WRAP_SUITE),
            },
            Recipient::External(_) => (kind::EXTERNAL, WRAP_SUITE),
        };
        let [kem, kdf, aead] = suite.map(u16::to_le_bytes);
        let mut head = Fields::<STANZA_HEAD>::new();
        head.put(&kind.to_le_bytes()).put(&kem).put(&kdf).put(&aead).put(id).finish()
    }

    /// Appends what stands before the wrapped storage key; returns the stanza KEK.
    fn write_body<S: RandomSource>(
        &self,
        engine: Engine,
        random: &mut Random<S>,
        scope: &Scope,
        storage_key: &Key,
        out: &mut Out,
    ) -> Result<Key> {
        let id = self.id();
        // The storage key goes into every generated key, so that a repeating source repeats none.
        let hedge: [&[u8]; 3] = [storage_key.expose(), &scope.id, &id];
        match self {
            Recipient::Kek(kek) => Ok(kek.clone()),
            Recipient::P256(public) => {
                let kek = random.key(&hedge)?;
                let ephemeral = PrivateKey::generate(random, &hedge)?;
                let object = [scope.object as u8];
                let info = hpke_info(&object, &scope.id, &id);
                let sealed = hpke::seal_key(engine, public, &ephemeral, &info, &kek)?;
                out.push(&sealed.enc)?;
                out.push(&sealed.ciphertext)?;
                Ok(kek)
            }
            Recipient::Password(password) => {
                let setting = password.setting();
                match setting.kdf {
                    Kdf::Pbkdf2 { iterations } => out.push(&iterations.to_le_bytes())?,
                    Kdf::Argon2id { memory_kib, passes, lanes } => {
                        let cost = [memory_kib, passes, lanes].map(u32::to_le_bytes);
                        out.push(cost.as_flattened())?
                    }
                };
                let hint = setting.hint.bytes();
                out.push(&setting.salt)?;
                out.push(&[hint.len() as u8])?;
                out.push(hint)?;
                Ok(password.kek().clone())
            }
            Recipient::External(external) => {
                let kek = random.key(&hedge)?;
                out.push(&[external.name().len() as u8])?;
                out.push(external.name())?;
                write_sealed(external, &kek, out)?;
                Ok(kek)
            }
        }
    }
}

/// `sealed length u16 || sealed`, as the key service makes it of `kek`.
fn write_sealed(external: &External, kek: &Key, out: &mut Out) -> Result<()> {
    let start = out.len();
    let space = out.push_zeros(2 + external.sealed_max())?;
    let (len, sealed) = space.split_first_chunk_mut::<2>().ok_or(Error::BufferTooSmall)?;
    let sealed_len = external.service().wrap(kek, sealed)?;
    if sealed_len == 0 || sealed_len > sealed.len() {
        return Err(Error::Callback);
    }
    *len = (sealed_len as u16).to_le_bytes();
    out.truncate(start + 2 + sealed_len);
    Ok(())
}

impl<'k> Identity<'k> {
    /// The recipient id (FORMAT.md 4.1): that of the recipient which it opens for.
    pub fn id(&self) -> Id {
        match self {
            Identity::Kek(kek) => kek_id(kek),
            Identity::P256(private) => private.public_key().key_id(),
            Identity::Token(key) => key.public.key_id(),
            Identity::Password(password) => password.setting().id,
            Identity::External(external) => external.id(),
        }
    }

    /// The recipient which it opens for.
    pub fn recipient(&self) -> Recipient<'k> {
        match self {
            Identity::Kek(kek) => Recipient::Kek(kek.clone()),
            Identity::P256(private) => Recipient::P256(private.public_key().clone()),
            Identity::Token(key) => Recipient::P256(key.public.clone()),
            Identity::Password(password) => Recipient::Password(password.clone()),
            Identity::External(external) => Recipient::External(external.clone()),
        }
    }

    /// Its kind, as a bit of [`Policy::recipients`](crate::policy::Policy::recipients).
    pub fn allowed_as(&self) -> u32 {
        match self {
            Identity::Kek(_) => allow::KEK,
            Identity::P256(_) | Identity::Token(_) => allow::PUBLIC_KEY,
            Identity::Password(_) => allow::PASSWORD,
            Identity::External(_) => allow::EXTERNAL,
        }
    }

    /// Unwraps the storage key from `stanza`, which carries this identity's id.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`]: the stanza was not made for this key in this scope, or was altered.
    /// [`Error::WrongPassword`]. [`Error::Callback`]: key service or token could not be asked.
    ///
    /// FORMAT.md \[R6\], \[R11\], \[R13\].
    pub fn open_stanza(&self, engine: Engine, scope: &Scope, stanza: &Stanza) -> Result<Key> {
        let known = stanza.known.ok_or(Error::NotAuthentic)?;
        let kek = self.stanza_kek(engine, scope, &stanza.id, &known.body)?;
        let opened = scope.unwrap(&kek, Purpose::StorageKey, &stanza.id, known.wrapped);
        match self {
            Identity::Password(_) => opened.map_err(|_| Error::WrongPassword),
            _ => opened,
        }
    }

    fn stanza_kek(&self, engine: Engine, scope: &Scope, id: &Id, body: &Body) -> Result<Key> {
        let object = [scope.object as u8];
        let info = hpke_info(&object, &scope.id, id);
        match (self, *body) {
            (Identity::Kek(kek), Body::Kek) => Ok(kek.clone()),
            (Identity::P256(private), Body::P256 { enc, ciphertext }) => {
                hpke::open_key(engine, private, enc, &info, ciphertext)
            }
            (Identity::Token(key), Body::P256 { enc, ciphertext }) => {
                // The token may be careless: it never sees a point that is not on the curve.
                PublicKey::from_uncompressed(enc).map_err(|_| Error::NotAuthentic)?;
                let z = key.token.diffie_hellman(enc)?;
                hpke::open_key_with_z(engine, &key.public, &z, enc, &info, ciphertext)
            }
            (Identity::Password(password), Body::Password { kdf, salt, .. })
                if password.setting().kdf == kdf && password.setting().salt == *salt =>
            {
                Ok(password.kek().clone())
            }
            (Identity::External(external), Body::External { sealed, .. }) => {
                external.service().unwrap(sealed)
            }
            _ => Err(Error::NotAuthentic),
        }
    }
}

fn kek_id(kek: &Key) -> Id {
    *expand256::<16>(kek, label::KEK_ID, &[]).expose()
}

fn hpke_info<'i>(object: &'i [u8; 1], scope: &'i Id, recipient: &'i Id) -> [&'i [u8]; 4] {
    [label::HPKE.bytes(), object, scope, recipient]
}
