//! Recipients and identities: a recipient is what a storage key is wrapped for, an identity is what
//! unwraps it.
//!
//! Each recipient has one stanza in a record (FORMAT.md 4). To add a kind: a variant here, a number
//! in `kind`, its row in FORMAT.md.

use crate::aead::Engine;
use crate::bytes::{Fields, Reader};
use crate::derive::{expand256, label};
use crate::error::{Error, Result};
use crate::hpke::{self, CIPHERTEXT, ENC};
use crate::keypair::{PrivateKey, PublicKey};
use crate::limits;
use crate::object::Id;
use crate::out::Out;
use crate::policy::allow;
use crate::random::{Random, RandomSource};
use crate::secret::Key;
use crate::wrap::{Purpose, Scope, WRAPPED};

/// Numbers of stanza types.
pub mod kind {
    /// A 32-byte key-encryption key.
    pub const KEK: u16 = 1;
    /// A P-256 public key, by HPKE.
    pub const P256: u16 = 2;
}

/// Size of a stanza without its body.
pub const STANZA_HEAD: usize = 2 + 2 + 2 + 2 + 16 + 4;
/// Body of a P-256 stanza: enc, ciphertext, wrapped storage key.
const P256_BODY: usize = ENC + CIPHERTEXT + WRAPPED;

/// The size of the stanza of a KEK.
pub const KEK_STANZA: usize = STANZA_HEAD + WRAPPED;
/// The size of the stanza of a P-256 public key.
pub const P256_STANZA: usize = STANZA_HEAD + P256_BODY;

/// kem, kdf, aead (HPKE's numbers) of each type.
const KEK_SUITE: [u16; 3] = [0, 1, 0];
const P256_SUITE: [u16; 3] = [0x0010, 1, 2];

/// One that a storage key is wrapped for.
#[derive(Clone)]
pub enum Recipient {
    /// Whoever holds this key-encryption key.
    Kek(Key),
    /// Whoever holds the private key to this public key.
    P256(PublicKey),
}

/// One that opens what was wrapped for it.
pub enum Identity {
    /// A key-encryption key.
    Kek(Key),
    /// A P-256 private key.
    P256(PrivateKey),
}

impl Recipient {
    /// The key id (FORMAT.md 8).
    pub fn id(&self) -> Id {
        match self {
            Recipient::Kek(kek) => kek_id(kek),
            Recipient::P256(public) => public.key_id(),
        }
    }

    /// The size of its stanza.
    pub fn stanza_len(&self) -> usize {
        match self {
            Recipient::Kek(_) => KEK_STANZA,
            Recipient::P256(_) => P256_STANZA,
        }
    }

    /// Appends the stanza that wraps `storage_key` for this recipient.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`]; for a public key also those of [`Random::draw`].
    pub fn write_stanza<S: RandomSource>(
        &self,
        engine: Engine,
        random: &mut Random<S>,
        scope: &Scope,
        storage_key: &Key,
        out: &mut Out,
    ) -> Result<()> {
        out.reserve(self.stanza_len())?;
        let id = self.id();
        match self {
            Recipient::Kek(kek) => {
                let wrapped = scope.wrap(kek, Purpose::StorageKey, &id, storage_key);
                out.push(&stanza_head(kind::KEK, KEK_SUITE, &id, WRAPPED))?;
                out.push(&wrapped)?;
            }
            Recipient::P256(public) => {
                // The storage key goes into both, so that a repeating source repeats neither.
                let hedge: [&[u8]; 3] = [storage_key.expose(), &scope.id, &id];
                let kek = random.key(&hedge)?;
                let ephemeral = PrivateKey::generate(random, &hedge)?;
                let object = [scope.object as u8];
                let info = hpke_info(&object, &scope.id, &id);
                let sealed = hpke::seal_key(engine, public, &ephemeral, &info, &kek);
                let wrapped = scope.wrap(&kek, Purpose::StorageKey, &id, storage_key);
                out.push(&stanza_head(kind::P256, P256_SUITE, &id, P256_BODY))?;
                out.push(&sealed.enc)?;
                out.push(&sealed.ciphertext)?;
                out.push(&wrapped)?;
            }
        }
        Ok(())
    }
}

impl Identity {
    /// The key id (FORMAT.md 8): that of the recipient which it opens for.
    pub fn id(&self) -> Id {
        match self {
            Identity::Kek(kek) => kek_id(kek),
            Identity::P256(private) => private.public_key().key_id(),
        }
    }

    /// The recipient which it opens for.
    pub fn recipient(&self) -> Recipient {
        match self {
            Identity::Kek(kek) => Recipient::Kek(kek.clone()),
            Identity::P256(private) => Recipient::P256(private.public_key().clone()),
        }
    }

    /// Its kind, as a bit of [`Policy::recipients`](crate::policy::Policy::recipients).
    pub fn allowed_as(&self) -> u32 {
        match self {
            Identity::Kek(_) => allow::KEK,
            Identity::P256(_) => allow::PUBLIC_KEY,
        }
    }

    /// Unwraps the storage key from `stanza`, which carries this identity's id.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`]: the stanza was not made for this key in this scope, or was altered.
    pub fn open_stanza(&self, engine: Engine, scope: &Scope, stanza: &Stanza) -> Result<Key> {
        let (kek, wrapped) = match (self, stanza.body) {
            (Identity::Kek(kek), Body::Kek(wrapped)) => (kek.clone(), wrapped),
            (Identity::P256(private), Body::P256 { enc, ciphertext, wrapped }) => {
                let object = [scope.object as u8];
                let info = hpke_info(&object, &scope.id, &stanza.id);
                (hpke::open_key(engine, private, enc, &info, ciphertext)?, wrapped)
            }
            _ => return Err(Error::NotAuthentic),
        };
        scope.unwrap(&kek, Purpose::StorageKey, &stanza.id, wrapped)
    }
}

/// One stanza, read.
pub struct Stanza<'a> {
    /// Its type; see [`kind`].
    pub kind: u16,
    /// The recipient's id.
    pub id: Id,
    /// What it wraps.
    body: Body<'a>,
}

#[derive(Clone, Copy)]
enum Body<'a> {
    Kek(&'a [u8; WRAPPED]),
    P256 {
        enc: &'a [u8; ENC],
        ciphertext: &'a [u8; CIPHERTEXT],
        wrapped: &'a [u8; WRAPPED],
    },
    /// Of a type that this version does not know. FORMAT.md \[R3\].
    Unknown,
}

impl<'a> Stanza<'a> {
    /// Whether its type is one that can be opened; others are skipped. FORMAT.md \[R3\].
    pub fn is_known(&self) -> bool {
        !matches!(self.body, Body::Unknown)
    }

    /// Reads the stanza at the front of `reader`.
    ///
    /// # Errors
    /// [`Error::Malformed`]: cut short, or not as the table of FORMAT.md 4 has it.
    pub fn read(reader: &mut Reader<'a>) -> Result<Stanza<'a>> {
        let kind = reader.u16()?;
        let suite = [reader.u16()?, reader.u16()?, reader.u16()?];
        let id = reader.array()?;
        let body_len = reader.u32()?;
        if body_len > limits::STANZA_BODY {
            return Err(Error::Malformed);
        }
        let body = reader.take(body_len as usize)?;
        let body = match (kind, suite) {
            (kind::KEK, KEK_SUITE) => Body::read_kek(body)?,
            (kind::P256, P256_SUITE) => Body::read_p256(body)?,
            (kind::KEK | kind::P256, _) => return Err(Error::Malformed),
            _ => Body::Unknown,
        };
        Ok(Stanza { kind, id, body })
    }
}

impl<'a> Body<'a> {
    fn read_kek(body: &'a [u8]) -> Result<Self> {
        Ok(Body::Kek(body.try_into().map_err(|_| Error::Malformed)?))
    }

    fn read_p256(body: &'a [u8]) -> Result<Self> {
        let (enc, rest) = body.split_first_chunk().ok_or(Error::Malformed)?;
        let (ciphertext, rest) = rest.split_first_chunk().ok_or(Error::Malformed)?;
        let wrapped = rest.try_into().map_err(|_| Error::Malformed)?;
        Ok(Body::P256 { enc, ciphertext, wrapped })
    }
}

fn stanza_head(kind: u16, suite: [u16; 3], id: &Id, body_len: usize) -> [u8; STANZA_HEAD] {
    let [kem, kdf, aead] = suite.map(u16::to_le_bytes);
    Fields::<STANZA_HEAD>::new()
        .put(&kind.to_le_bytes())
        .put(&kem)
        .put(&kdf)
        .put(&aead)
        .put(id)
        .put(&(body_len as u32).to_le_bytes())
        .finish()
}

fn kek_id(kek: &Key) -> Id {
    *expand256::<16>(kek, label::KEK_ID, &[]).expose()
}

fn hpke_info<'i>(object: &'i [u8; 1], scope: &'i Id, recipient: &'i Id) -> [&'i [u8]; 4] {
    [label::HPKE.bytes(), object, scope, recipient]
}
