//! The recovery kit: a KEK or private key under a password, 104 bytes that open without anything
//! else (FORMAT.md 8.2). `kit_text.rs` prints them and reads them back.
//!
//! What a kit costs to open was chosen by whoever made it, and is checked against the policy before
//! any work. What it says without its password ([`Kit::parse`]) is whose key is inside; who can
//! write the file can lie about that, until it is opened.

use crate::bytes::Fields;
use crate::checksum;
use crate::error::{Error, Result};
use crate::keypair::PrivateKey;
use crate::object::{self, Id, ObjectType, PREFIX};
use crate::out::{Out, Scratch};
use crate::password::Kdf;
use crate::password_hash::SALT;
use crate::policy::Policy;
use crate::random::{Random, RandomSource};
use crate::recipient::Identity;
use crate::secret::Key;
use crate::stanza::kind;
use crate::wrap::{Purpose, Scope, WRAPPED};

/// Size of a kit.
pub const SIZE: usize = 104;

/// Everything before the checksum.
const BODY: usize = SIZE - checksum::SIZE;
// Prefix; kind, kdf, reserved; cost; salt; key id; wrapped. FORMAT.md 8.2.
const _: () = assert!(BODY == PREFIX + (1 + 1 + 2) + 3 * 4 + SALT + 16 + WRAPPED);

/// The stanza types' numbers of the KDFs.
const PBKDF2: u8 = kind::PBKDF2 as u8;
const ARGON2ID: u8 = kind::ARGON2ID as u8;

/// What is inside a kit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum KeyKind {
    /// A 32-byte KEK.
    Kek = 1,
    /// A P-256 private key.
    P256 = 2,
}

/// A kit that was read, and is still closed.
#[derive(Clone)]
pub struct Kit {
    /// What is inside.
    pub kind: KeyKind,
    /// How the key is derived from the password, and what that costs.
    pub kdf: Kdf,
    /// The key id of what is inside (FORMAT.md 8.1).
    pub key_id: Id,
    salt: [u8; SALT],
    wrapped: [u8; WRAPPED],
}

/// Puts the key of `identity` under `password`, and appends the kit, [`SIZE`] bytes, to `out`. The
/// cost is the writer's own.
///
/// # Errors
/// [`Error::UnsupportedKey`]: not a KEK or a private key of its own. [`Error::BufferTooSmall`].
/// [`Error::WeakPassword`]: shorter than `least_len` bytes, or of fewer than 5 different bytes.
/// [`Error::InvalidArgument`]: a cost outside the format's limits. [`Error::WorkspaceTooSmall`]:
/// smaller than [`Kdf::workspace`]. Those of [`Random::draw`]. On any error `out` is as it was.
pub fn create<S: RandomSource>(
    random: &mut Random<S>,
    identity: &Identity,
    password: &[u8],
    least_len: usize,
    kdf: Kdf,
    workspace: Scratch,
    out: &mut Out,
) -> Result<()> {
    let (kind, secret) = secret_of(identity)?;
    kdf.check_new(password, least_len, workspace.len())?;
    out.reserve(SIZE)?;
    let key_id = identity.id();
    // Everybody can read the salt, so the password takes no part in it: with a source that somebody
    // can guess, the salt would tell good guesses from bad ones without the KDF's cost.
    let drawn = random.key(&[b"recovery kit", secret.expose(), &key_id])?;
    let salt = drawn.expose().first_chunk().ok_or(Error::Random)?;
    let key = kdf.derive(password, salt, workspace)?;
    let wrapped = scope(key_id).wrap(&key, Purpose::RecoveryKit, &key_id, &secret);
    let body = Kit { kind, kdf, key_id, salt: *salt, wrapped }.body();
    out.push(&body)?;
    out.push(&checksum::of(&body)).map(drop)
}

impl Kit {
    /// Reads a kit and checks everything that needs no password.
    ///
    /// # Errors
    /// [`Error::Malformed`]: not a kit, or one that breaks a rule. [`Error::Damaged`]: the
    /// checksum. [`Error::UnsupportedVersion`], [`Error::UnsupportedSuite`].
    ///
    /// FORMAT.md \[O1\] to \[O5\] in the order of section 1, \[T1\], \[R10\]'s first half.
    pub fn parse(bytes: &[u8]) -> Result<Kit> {
        let wanted = |object| object == ObjectType::RecoveryKit;
        let (_, mut reader) = object::read_whole(bytes, wanted, || Some(SIZE), checksum::holds)?;
        let kind = read_kind(reader.u8()?)?;
        let kdf = reader.u8()?;
        reader.reserved::<2>()?;
        let kdf = read_kdf(kdf, [reader.u32()?, reader.u32()?, reader.u32()?])?;
        let (salt, key_id, wrapped) = (*reader.array()?, *reader.array()?, *reader.array()?);
        Ok(Kit { kind, kdf, key_id, salt, wrapped })
    }

    /// Takes the key out.
    ///
    /// # Errors
    /// [`Error::OverCost`]: more than the policy allows; nothing was derived.
    /// [`Error::WorkspaceTooSmall`]: smaller than [`Kdf::workspace`]. [`Error::WrongPassword`]: or
    /// bytes that somebody altered who made the checksum fit. [`Error::InvalidKey`]: what is inside
    /// is no private key. [`Error::NotAuthentic`]: it is not the key that the kit names.
    ///
    /// FORMAT.md \[R10\], \[T2\], \[K1\].
    pub fn open(
        &self,
        policy: &Policy,
        password: &[u8],
        workspace: Scratch,
    ) -> Result<Identity<'static>> {
        let key = self.kdf.derive_within(policy, password, &self.salt, workspace)?;
        let opened =
            scope(self.key_id).unwrap(&key, Purpose::RecoveryKit, &self.key_id, &self.wrapped);
        let secret = opened.map_err(|_| Error::WrongPassword)?;
        let identity = match self.kind {
            KeyKind::Kek => Identity::Kek(secret),
            KeyKind::P256 => Identity::P256(PrivateKey::from_scalar_bytes(secret.expose())?),
        };
        if identity.id() == self.key_id { Ok(identity) } else { Err(Error::NotAuthentic) }
    }

    /// Everything before the checksum.
    fn body(&self) -> [u8; BODY] {
        let (kdf, cost) = match self.kdf {
            Kdf::Pbkdf2 { iterations } => (PBKDF2, [iterations, 0, 0]),
            Kdf::Argon2id { memory_kib, passes, lanes } => (ARGON2ID, [passes, memory_kib, lanes]),
        };
        Fields::<BODY>::new()
            .put(&object::prefix(ObjectType::RecoveryKit))
            .put(&[self.kind as u8, kdf, 0, 0])
            .put(cost.map(u32::to_le_bytes).as_flattened())
            .put(&self.salt)
            .put(&self.key_id)
            .put(&self.wrapped)
            .finish()
    }
}

/// FORMAT.md 2: the key id is the scope.
fn scope(key_id: Id) -> Scope {
    Scope { object: ObjectType::RecoveryKit, id: key_id }
}

/// The 32 bytes that a kit carries.
fn secret_of(identity: &Identity) -> Result<(KeyKind, Key)> {
    match identity {
        Identity::Kek(kek) => Ok((KeyKind::Kek, kek.clone())),
        Identity::P256(private) => Ok((KeyKind::P256, private.scalar_bytes())),
        _ => Err(Error::UnsupportedKey),
    }
}

/// FORMAT.md \[T1\].
fn read_kind(number: u8) -> Result<KeyKind> {
    [KeyKind::Kek, KeyKind::P256]
        .into_iter()
        .find(|kind| *kind as u8 == number)
        .ok_or(Error::Malformed)
}

/// FORMAT.md \[T1\], \[R10\]'s first half.
fn read_kdf(number: u8, cost: [u32; 3]) -> Result<Kdf> {
    let kdf = match (number, cost) {
        (PBKDF2, [iterations, 0, 0]) => Kdf::Pbkdf2 { iterations },
        (ARGON2ID, [passes, memory_kib, lanes]) => Kdf::Argon2id { memory_kib, passes, lanes },
        _ => return Err(Error::Malformed),
    };
    if kdf.is_legal() { Ok(kdf) } else { Err(Error::Malformed) }
}
