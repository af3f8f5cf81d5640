//! Stanzas, read: what a record says of each recipient without any key (FORMAT.md 4.1).
//!
//! `recipient.rs` writes and opens them. To add a kind: a number in [`kind`], its row in
//! FORMAT.md, a variant of [`Body`], and one of `Recipient` and `Identity`.

use crate::bytes::Reader;
use crate::error::{Error, Result};
use crate::external::external_id;
use crate::hpke::{CIPHERTEXT, ENC};
use crate::limits;
use crate::object::Id;
use crate::password::Kdf;
use crate::password_hash::SALT;
use crate::text;
use crate::wrap::WRAPPED;

/// Numbers of stanza types.
pub mod kind {
    /// A 32-byte key-encryption key.
    pub const KEK: u16 = 1;
    /// A P-256 public key, by HPKE.
    pub const P256: u16 = 2;
    /// A password, by PBKDF2.
    pub const PBKDF2: u16 = 3;
    /// A password, by Argon2id.
    pub const ARGON2ID: u16 = 4;
    /// A key in a key service.
    pub const EXTERNAL: u16 = 5;
}

/// Size of a stanza without its body.
pub const STANZA_HEAD: usize = 2 + 2 + 2 + 2 + 16 + 4;
/// Where the body's length stands in a stanza.
pub(crate) const BODY_LEN: usize = 24;

/// kem, kdf, aead: HPKE's numbers, with key wrap as 0.
pub(crate) const WRAP_SUITE: [u16; 3] = [0, 1, 0];
pub(crate) const P256_SUITE: [u16; 3] = [0x0010, 1, 2];

/// One stanza.
#[derive(Clone, Copy)]
pub struct Stanza<'a> {
    /// Its type; see [`kind`].
    pub kind: u16,
    /// The recipient's id.
    pub id: Id,
    /// What it says, if its type is known. FORMAT.md \[R3\].
    pub known: Option<Known<'a>>,
}

/// A stanza of a known type.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// What leads to the stanza KEK.
    pub body: Body<'a>,
    /// The storage key under the stanza KEK.
    pub(crate) wrapped: &'a [u8; WRAPPED],
}

/// What leads to the stanza KEK, by type.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// The KEK is the recipient's own.
    Kek,
    /// It is sealed to a public key.
    P256 {
        /// The encapsulated key.
        enc: &'a [u8; ENC],
        /// The sealed KEK.
        ciphertext: &'a [u8; CIPHERTEXT],
    },
    /// It is derived from a password.
    Password {
        /// How.
        kdf: Kdf,
        /// The salt.
        salt: &'a [u8; SALT],
        /// The hint, printable.
        hint: &'a [u8],
    },
    /// A key service unwraps it.
    External {
        /// Which key, in which service; printable.
        name: &'a [u8],
        /// What the service made of it.
        sealed: &'a [u8],
    },
}

impl<'a> Stanza<'a> {
    /// Reads the stanza at the front of `reader`.
    ///
    /// # Errors
    /// [`Error::Malformed`]: cut short, or not as the tables of FORMAT.md 4.1 have it.
    pub fn read(reader: &mut Reader<'a>) -> Result<Stanza<'a>> {
        let kind = reader.u16()?;
        let suite = [reader.u16()?, reader.u16()?, reader.u16()?];
        let id = *reader.array()?;
        let body_len = reader.u32()?;
        if body_len > limits::STANZA_BODY {
            return Err(Error::Malformed);
        }
        let mut body = Reader::new(reader.take(body_len as usize)?);
        let expected = if kind == kind::P256 { P256_SUITE } else { WRAP_SUITE };
        let read = match kind {
            kind::KEK => Body::Kek,
            kind::P256 => Body::read_p256(&mut body)?,
            kind::PBKDF2 => Body::read_pbkdf2(&mut body)?,
            kind::ARGON2ID => Body::read_argon2id(&mut body)?,
            kind::EXTERNAL => Body::read_external(&mut body, &id)?,
            _ => return Ok(Stanza { kind, id, known: None }),
        };
        let wrapped = body.take(WRAPPED)?.first_chunk().ok_or(Error::Malformed)?;
        body.end()?;
        if suite != expected {
            return Err(Error::Malformed);
        }
        Ok(Stanza { kind, id, known: Some(Known { body: read, wrapped }) })
    }

    /// Whether a password opens it.
    pub fn is_password(&self) -> bool {
        matches!(self.known, Some(Known { body: Body::Password { .. }, .. }))
    }
}

impl<'a> Body<'a> {
    fn read_p256(body: &mut Reader<'a>) -> Result<Self> {
        let enc = body.take(ENC)?.first_chunk().ok_or(Error::Malformed)?;
        let ciphertext = body.take(CIPHERTEXT)?.first_chunk().ok_or(Error::Malformed)?;
        Ok(Body::P256 { enc, ciphertext })
    }

    fn read_pbkdf2(body: &mut Reader<'a>) -> Result<Self> {
        let kdf = Kdf::Pbkdf2 { iterations: body.u32()? };
        Body::read_password(kdf, body)
    }

    fn read_argon2id(body: &mut Reader<'a>) -> Result<Self> {
        let (memory_kib, passes, lanes) = (body.u32()?, body.u32()?, body.u32()?);
        Body::read_password(Kdf::Argon2id { memory_kib, passes, lanes }, body)
    }

    /// FORMAT.md \[R10\], \[R12\].
    fn read_password(kdf: Kdf, body: &mut Reader<'a>) -> Result<Self> {
        let salt = body.take(SALT)?.first_chunk().ok_or(Error::Malformed)?;
        let hint_len = body.u8()?.into();
        let hint = body.take(hint_len)?;
        let fits = kdf.is_legal() && hint_len <= limits::HINT && text::is_printable(hint);
        if fits { Ok(Body::Password { kdf, salt, hint }) } else { Err(Error::Malformed) }
    }

    /// FORMAT.md \[R12\].
    fn read_external(body: &mut Reader<'a>, id: &Id) -> Result<Self> {
        let name_len = body.u8()?.into();
        let name = body.take(name_len)?;
        let sealed_len = body.u16()?.into();
        let sealed = body.take(sealed_len)?;
        let name_fits = (1..=limits::EXTERNAL_NAME).contains(&name_len)
            && text::is_printable(name)
            && external_id(name) == *id;
        let sealed_fits = (1..=limits::EXTERNAL_SEALED).contains(&sealed_len);
        if name_fits && sealed_fits {
            Ok(Body::External { name, sealed })
        } else {
            Err(Error::Malformed)
        }
    }
}
