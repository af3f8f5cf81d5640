//! The origin signature: who made a restore point (FORMAT.md 6.1).
//!
//! [`sign`] makes one for a manifest that a writer finished. A reader takes one as [`Evidence`]
//! when it closes a manifest (`manifest_reader.rs`), and fills in a [`Report`]. An operator's own
//! tools check it too: [`OriginSignature::message`] and [`OriginSignature::write_der`] are what
//! `openssl dgst -sha256 -verify` takes.

use crate::bytes::Fields;
use crate::checksum;
use crate::derive::label;
use crate::ecdsa::{self, SIGNATURE};
use crate::error::{Error, Result};
use crate::manifest::Whole;
use crate::object::{self, Id, ObjectType};
use crate::origin_key::{OriginKey, OriginPublic};
use crate::out::Out;
use crate::record::{Record, RecordKeys};

/// Size of the object.
pub const SIZE: usize = 96 + SIGNATURE + checksum::SIZE;
/// Size of what is signed.
pub const MESSAGE: usize = label::ORIGIN.bytes().len() + 16 + 16 + 32;

const _: () = assert!(SIZE == 168 && MESSAGE == 80);

/// Who made a restore point, as far as a reader can say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u32)]
pub enum Verdict {
    /// No signature of the key at hand, or no key at hand.
    #[default]
    Unverified = 0,
    /// The origin key signed this manifest.
    Verified = 1,
    /// A signature that claims to be the origin key's is not, or is another manifest's.
    Forged = 2,
}

/// What a reader has to judge a restore point's origin by; nothing by default.
#[derive(Clone, Copy, Default)]
pub struct Evidence<'e> {
    /// The key that the restore point has to be signed with.
    pub origin: Option<&'e OriginPublic>,
    /// The key record that the manifest was opened with; required with `origin`, whose key may be
    /// none of its recipients'.
    pub record: Option<&'e Record<'e>>,
    /// The origin signature's bytes, as they lie beside the manifest; without an origin key nothing
    /// is judged by them.
    pub signature: Option<&'e [u8]>,
}

/// What a reader saw, whatever it returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// The manifest; `None` if it is not whole.
    pub whole: Option<Whole>,
    /// Who made it.
    pub verdict: Verdict,
    /// The key id that the signature names, if there is one that could be read; proven only if
    /// `verdict` is verified.
    pub found_key_id: Option<Id>,
}

/// The object, read; nothing in it is proven but that it is whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OriginSignature {
    /// The installation that wrote the manifest.
    pub instance_id: Id,
    /// The restore point.
    pub restore_point_id: Id,
    /// The key that signed.
    pub key_id: Id,
    /// SHA-256 of the whole manifest.
    pub manifest_digest: [u8; 32],
    /// `r || s`.
    pub signature: [u8; SIGNATURE],
}

impl OriginSignature {
    /// Reads the object and checks everything that needs neither key nor manifest.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Damaged`], [`Error::UnsupportedVersion`],
    /// [`Error::UnsupportedSuite`]. FORMAT.md \[O1\] to \[O5\], \[G1\].
    pub fn parse(bytes: &[u8]) -> Result<OriginSignature> {
        let wanted = |object| object == ObjectType::OriginSignature;
        let (_, mut reader) = object::read_whole(bytes, wanted, || Some(SIZE), checksum::holds)?;
        reader.reserved::<8>()?;
        Ok(OriginSignature {
            instance_id: *reader.array()?,
            restore_point_id: *reader.array()?,
            key_id: *reader.array()?,
            manifest_digest: *reader.array()?,
            signature: *reader.array()?,
        })
    }

    /// The object's bytes.
    pub fn to_bytes(&self) -> [u8; SIZE] {
        let mut bytes = Fields::<SIZE>::new()
            .put(&object::prefix(ObjectType::OriginSignature))
            .put(&[0; 8])
            .put(&self.instance_id)
            .put(&self.restore_point_id)
            .put(&self.key_id)
            .put(&self.manifest_digest)
            .put(&self.signature)
            .finish();
        let (body, sum) = bytes.split_at_mut(SIZE - checksum::SIZE);
        sum.copy_from_slice(&checksum::of(body));
        bytes
    }

    /// What is signed.
    pub fn message(&self) -> [u8; MESSAGE] {
        Fields::<MESSAGE>::new()
            .put(label::ORIGIN.bytes())
            .put(&self.instance_id)
            .put(&self.restore_point_id)
            .put(&self.manifest_digest)
            .finish()
    }

    /// Appends the signature in DER, at most [`ecdsa::SIGNATURE_DER`] bytes.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`]: nothing was written.
    pub fn write_der(&self, out: &mut Out) -> Result<()> {
        ecdsa::write_der(&self.signature, out)
    }

    /// FORMAT.md \[G1\], \[G2\].
    fn belongs_to(&self, whole: &Whole) -> Result<()> {
        if (self.instance_id, self.restore_point_id) != (whole.instance_id, whole.restore_point_id)
        {
            return Err(Error::Foreign);
        }
        if whole.digests { Ok(()) } else { Err(Error::Malformed) }
    }
}

/// Appends the origin signature of a manifest to `out`, [`SIZE`] bytes.
///
/// `record` is the restore point's key record, `keys` are its keys.
///
/// # Errors
/// - [`Error::InvalidArgument`]: not a key record.
/// - [`Error::Foreign`]: a key record of another restore point or instance.
/// - [`Error::NotAuthentic`], [`Error::OtherStorageKey`]: the record does not hold under `keys`.
/// - [`Error::OriginIsRecipient`]: the key is one of its recipients'.
/// - [`Error::Malformed`]: the manifest has no digests.
/// - [`Error::BufferTooSmall`]: nothing was written.
///
/// FORMAT.md \[G2\], \[G3\].
pub fn sign(
    key: &OriginKey,
    keys: &RecordKeys,
    record: &Record,
    whole: &Whole,
    out: &mut Out,
) -> Result<()> {
    expect_key_record(record)?;
    refuse_recipient(&key.key_id(), keys, record, whole)?;
    let mut signature = OriginSignature {
        instance_id: whole.instance_id,
        restore_point_id: whole.restore_point_id,
        key_id: key.key_id(),
        manifest_digest: whole.digest,
        signature: [0; SIGNATURE],
    };
    signature.belongs_to(whole)?;
    out.reserve(SIZE)?;
    signature.signature = key.sign(&signature.message());
    out.push(&signature.to_bytes()).map(drop)
}

impl Evidence<'_> {
    /// What the caller got wrong, before anything is judged.
    pub(crate) fn check(&self) -> Result<()> {
        match (self.origin, self.record) {
            (Some(_), None) => Err(Error::InvalidArgument),
            (_, Some(record)) => expect_key_record(record),
            (None, None) => Ok(()),
        }
    }

    /// Judges the origin of a manifest whose root held; `required` is the policy's.
    ///
    /// FORMAT.md \[G1\] to \[G4\]. A signature that nobody has a key for stops no restore, whatever
    /// its state.
    pub(crate) fn judge(
        &self,
        whole: &Whole,
        keys: &RecordKeys,
        required: bool,
        report: &mut Report,
    ) -> Result<()> {
        let signature = self.signature.map(OriginSignature::parse).transpose();
        report.found_key_id = signature.ok().flatten().map(|signature| signature.key_id);
        let (Some(key), Some(record)) = (self.origin, self.record) else {
            return if required { Err(Error::OriginUnverified) } else { Ok(()) };
        };
        let signature = signature?;
        if let Some(signature) = signature {
            signature.belongs_to(whole)?;
        }
        let key_id = key.key_id();
        refuse_recipient(&key_id, keys, record, whole)?;
        let signature = signature.filter(|signature| signature.key_id == key_id);
        let signature = signature.ok_or(Error::OriginUnverified)?;
        let fits = signature.manifest_digest == whole.digest
            && key.verify(&signature.message(), &signature.signature);
        report.verdict = if fits { Verdict::Verified } else { Verdict::Forged };
        if fits { Ok(()) } else { Err(Error::OriginForged) }
    }
}

fn expect_key_record(record: &Record) -> Result<()> {
    if record.object == ObjectType::KeyRecord { Ok(()) } else { Err(Error::InvalidArgument) }
}

/// FORMAT.md \[G3\]; the record is the manifest's restore point's.
fn refuse_recipient(key_id: &Id, keys: &RecordKeys, record: &Record, whole: &Whole) -> Result<()> {
    if (record.instance_id, record.scope_id) != (whole.instance_id, whole.restore_point_id) {
        return Err(Error::Foreign);
    }
    // Without its MAC a record's list of recipients is anybody's.
    record.prove(&keys.scope, &keys.storage_key)?;
    if record.stanzas().any(|stanza| stanza.id == *key_id) {
        return Err(Error::OriginIsRecipient);
    }
    Ok(())
}
