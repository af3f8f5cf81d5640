//! Records, read: the key record of a restore point, the challenge, the repository record
//! (FORMAT.md 4).
//!
//! [`Record`] is what the bytes say without any key. [`Record::open`] proves them with an identity
//! and gives [`RecordKeys`], which finds session keys by id afterwards. `record_writer.rs` makes
//! records.

use crate::bytes::Reader;
use crate::checksum;
use crate::context::Context;
use crate::derive::{Mac256, expand256, label};
use crate::error::{Error, Result};
use crate::limits;
use crate::object::{self, Id, ObjectType};
use crate::out::Scratch;
use crate::password::{PasswordKey, Setting};
use crate::policy::Policy;
use crate::recipient::Identity;
use crate::secret::{self, Key};
use crate::session::{IdKey, Session};
use crate::stanza::{Body, Known, Stanza};
use crate::text::Text;
use crate::wrap::{Purpose, Scope, WRAPPED};

/// Size of what stands before the stanzas.
pub const HEAD: usize = 136;
/// Where the record's size stands.
pub(crate) const TOTAL_LEN: usize = 12;
/// Size of an entry.
pub const ENTRY: usize = 64;
/// Size of MAC and checksum.
pub const TAIL: usize = 32 + checksum::SIZE;

/// Types of entries.
pub mod entry {
    /// A session key; its id is the session id.
    pub const SESSION_KEY: u16 = 1;
    /// An id key; its id is the epoch.
    pub const ID_KEY: u16 = 4;
}

/// A record, as its bytes say; nothing in it is proven but that it is whole.
#[derive(Clone)]
pub struct Record<'a> {
    bytes: &'a [u8],
    /// Key record, challenge or repository record.
    pub object: ObjectType,
    /// The installation that wrote it.
    pub instance_id: Id,
    /// The restore point of a key record; otherwise the instance id again.
    pub scope_id: Id,
    /// Raised with every rewrite.
    pub generation: u64,
    /// Number of recipients.
    pub stanza_count: u16,
    /// Number of entries.
    pub entry_count: u32,
    commitment: &'a [u8; 32],
    metakey: &'a [u8; WRAPPED],
    stanzas: &'a [u8],
    entries: &'a [[u8; ENTRY]],
}

/// One entry, as it stands.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Its type; see [`entry`].
    pub kind: u16,
    /// Its id.
    pub id: Id,
    /// The wrapped key.
    pub body: &'a [u8; WRAPPED],
}

impl<'a> Record<'a> {
    /// Reads a record and checks everything that needs no key.
    ///
    /// # Errors
    /// [`Error::Malformed`]: not a record, or one that breaks a rule. [`Error::Damaged`]: the
    /// checksum. [`Error::UnsupportedVersion`], [`Error::UnsupportedSuite`].
    ///
    /// FORMAT.md \[O1\] to \[O5\], \[R1\] to \[R4\], in the order of section 7.
    pub fn parse(bytes: &'a [u8]) -> Result<Record<'a>> {
        let wanted = |object| {
            use ObjectType::{Challenge, KeyRecord, RepositoryRecord};
            matches!(object, KeyRecord | Challenge | RepositoryRecord)
        };
        let size = || Some(total_len_in(bytes));
        let (object, mut reader) = object::read_whole(bytes, wanted, size, checksum::holds)?;
        reader.reserved::<4>()?;
        reader.u32()?;
        let (instance_id, scope_id) = (reader.array()?, reader.array()?);
        let generation = reader.u64()?;
        let stanza_count = reader.u16()?;
        reader.reserved::<2>()?;
        let entry_count = reader.u32()?;
        let (commitment, metakey) = (reader.array()?, reader.array()?);
        let scope_fits = object == ObjectType::KeyRecord || scope_id == instance_id;
        let entries_fit = match object {
            ObjectType::Challenge => entry_count == 0,
            _ => entry_count <= limits::RECORD_ENTRIES,
        };
        let stanzas_fit = (1..=limits::STANZAS).contains(&stanza_count);
        let generation_fits = generation > 0;
        if !(scope_fits && entries_fit && stanzas_fit && generation_fits) {
            return Err(Error::Malformed);
        }
        let rest = reader.rest();
        check_stanzas(&mut reader, stanza_count)?;
        let stanzas = rest.get(..rest.len() - reader.rest().len()).unwrap_or_default();
        let (entries, _) = reader.take(entry_count as usize * ENTRY)?.as_chunks();
        check_order(entries)?;
        reader.take(TAIL)?;
        reader.end()?;
        Ok(Record {
            bytes,
            object,
            instance_id: *instance_id,
            scope_id: *scope_id,
            generation,
            stanza_count,
            entry_count,
            commitment,
            metakey,
            stanzas,
            entries,
        })
    }

    /// The scope of its wrapped keys.
    pub fn scope(&self) -> Scope {
        Scope { object: self.object, id: self.scope_id }
    }

    /// The record that stands at the front of `area`, as it does in a slot; what follows it is
    /// ignored.
    ///
    /// # Errors
    /// As [`Record::parse`].
    pub fn parse_front(area: &'a [u8]) -> Result<Record<'a>> {
        Record::parse(area.get(..total_len_in(area)).unwrap_or(area))
    }

    /// Its recipients, in the order in which they were added.
    pub fn stanzas(&self) -> impl Iterator<Item = Stanza<'a>> + use<'a> {
        let mut reader = Reader::new(self.stanzas);
        core::iter::from_fn(move || Stanza::read(&mut reader).ok())
    }

    /// What its only password stanza says.
    ///
    /// # Errors
    /// [`Error::WrongKey`]: no password opens it. FORMAT.md \[R11\].
    pub fn password(&self) -> Result<Setting> {
        let stanza = self.stanzas().find(Stanza::is_password).ok_or(Error::WrongKey)?;
        match stanza.known {
            Some(Known { body: Body::Password { kdf, salt, hint }, .. }) => {
                Ok(Setting { id: stanza.id, kdf, salt: *salt, hint: Text::new(hint)? })
            }
            _ => Err(Error::WrongKey),
        }
    }

    /// Derives the key of the record's password. When the record opens under it, records can be
    /// wrapped for it too: whoever does not know the password cannot have chosen the cost.
    ///
    /// # Errors
    /// Those of [`Record::password`] and [`PasswordKey::derive`]. A wrong password is none: the key
    /// opens nothing. FORMAT.md \[R10\], \[R11\].
    pub fn derive(
        &self,
        context: &Context,
        policy: &Policy,
        password: &[u8],
        workspace: Scratch,
    ) -> Result<PasswordKey> {
        let key = PasswordKey::derive(policy, self.password()?, password, workspace)?;
        let opened = self.open(context, &policy.any_generation(), &Identity::Password(key.clone()));
        Ok(if opened.is_ok() { key.trusted() } else { key })
    }

    /// Entry `index`.
    pub fn entry(&self, index: usize) -> Option<Entry<'a>> {
        self.entries.get(index).map(Entry::read)
    }

    /// All entries, in ascending order of type and id.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        self.entries.iter().map(Entry::read)
    }

    /// The whole record.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn stanza_bytes(&self) -> &'a [u8] {
        self.stanzas
    }

    pub(crate) fn entry_bytes(&self) -> &'a [u8] {
        self.entries.as_flattened()
    }

    /// Proves the record with `identity`: storage key, commitment, MAC, metakey.
    ///
    /// # Errors
    /// [`Error::Stale`], [`Error::PolicyRecipient`]: refused by `policy`. [`Error::WrongKey`]: no
    /// recipient has the identity's id. [`Error::NotAuthentic`]: one has, but the bytes are not
    /// what its owner wrote. [`Error::OtherStorageKey`]: one has, and was given another storage key
    /// than the record's. [`Error::WrongPassword`]. [`Error::Callback`]: the key service or token.
    ///
    /// FORMAT.md \[R5\], \[R6\].
    pub fn open(
        &self,
        context: &Context,
        policy: &Policy,
        identity: &Identity,
    ) -> Result<RecordKeys> {
        policy.accepts_generation(self.generation)?;
        policy.accepts_recipient(identity.allowed_as())?;
        let id = identity.id();
        let mine = |stanza: &Stanza| stanza.id == id && stanza.known.is_some();
        let stanza = self.stanzas().find(mine).ok_or(Error::WrongKey)?;
        let scope = self.scope();
        let storage_key = identity.open_stanza(context.engine(), &scope, &stanza)?;
        let metakey = self.prove(&scope, &storage_key)?;
        Ok(RecordKeys { scope, instance_id: self.instance_id, storage_key, metakey })
    }

    /// Checks commitment and MAC under `storage_key`, and unwraps the metakey. FORMAT.md \[R6\].
    pub(crate) fn prove(&self, scope: &Scope, storage_key: &Key) -> Result<Key> {
        if !secret::equal(&commitment(scope, storage_key), self.commitment) {
            return Err(Error::OtherStorageKey);
        }
        let (signed, tail) = self.bytes.split_last_chunk::<TAIL>().ok_or(Error::Malformed)?;
        let mac = Mac256::of(&mac_key(scope, storage_key), &[signed]);
        if !secret::equal(&mac, &tail[..32]) {
            return Err(Error::NotAuthentic);
        }
        scope.unwrap(storage_key, Purpose::Metakey, &[0; 16], self.metakey)
    }

    /// The wrapped key of that type and id.
    fn find(&self, kind: u16, id: &Id) -> Option<Entry<'a>> {
        let wanted = (kind, *id);
        let found = self.entries.binary_search_by_key(&wanted, |bytes| Entry::read(bytes).key());
        found.ok().and_then(|index| self.entry(index))
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn read(bytes: &'a [u8; ENTRY]) -> Entry<'a> {
        let (head, rest) = bytes.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let (id, rest) = rest.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
        let body = rest.first_chunk().unwrap_or(&[0; WRAPPED]);
        Entry { kind: u16::from_le_bytes([head[0], head[1]]), id: *id, body }
    }

    /// What its key is for, if its type is known.
    pub(crate) fn purpose(&self) -> Option<Purpose> {
        match self.kind {
            entry::SESSION_KEY => Some(Purpose::SessionKey),
            entry::ID_KEY => Some(Purpose::IdKey),
            _ => None,
        }
    }

    /// What entries are sorted by. FORMAT.md \[R4\].
    pub(crate) fn key(&self) -> (u16, Id) {
        (self.kind, self.id)
    }
}

/// The keys of an opened record.
#[derive(Clone)]
pub struct RecordKeys {
    pub(crate) scope: Scope,
    pub(crate) instance_id: Id,
    pub(crate) storage_key: Key,
    pub(crate) metakey: Key,
}

impl RecordKeys {
    /// Restore point id of a key record, instance id otherwise; proven.
    pub fn scope_id(&self) -> &Id {
        &self.scope.id
    }

    /// The installation that wrote the record; proven.
    pub fn instance_id(&self) -> &Id {
        &self.instance_id
    }

    /// The session of that id. The record is the one that was opened, or a later one of the same
    /// storage key: what it gives is proven by itself.
    ///
    /// # Errors
    /// [`Error::MissingKey`]: the record holds no such key. [`Error::NotAuthentic`]: what it holds
    /// is not it.
    ///
    /// FORMAT.md \[R7\].
    pub fn session(&self, record: &Record, id: &Id) -> Result<Session> {
        let entry = record.find(entry::SESSION_KEY, id).ok_or(Error::MissingKey)?;
        Ok(Session::from_key(self.entry_key(&entry, Purpose::SessionKey)?))
    }

    /// The repository's id key of that epoch.
    ///
    /// # Errors
    /// As [`RecordKeys::session`].
    pub fn id_key(&self, record: &Record, epoch: u64) -> Result<IdKey> {
        let id = epoch_id(epoch);
        let entry = record.find(entry::ID_KEY, &id).ok_or(Error::MissingKey)?;
        Ok(IdKey::from_key(self.entry_key(&entry, Purpose::IdKey)?, epoch))
    }

    /// The key of an entry; a session's has to be the one that its id names. FORMAT.md \[R7\].
    ///
    /// # Errors
    /// [`Error::NotAuthentic`]: it is not what the record's writer put there.
    pub(crate) fn entry_key(&self, entry: &Entry, purpose: Purpose) -> Result<Key> {
        let key = self.scope.unwrap(&self.storage_key, purpose, &entry.id, entry.body)?;
        let is_session = entry.kind == entry::SESSION_KEY;
        if is_session && Session::id_of(&key) != entry.id {
            return Err(Error::NotAuthentic);
        }
        Ok(key)
    }
}

/// What a record says of its size; 0 if it is too short to.
fn total_len_in(bytes: &[u8]) -> usize {
    let field = bytes.get(TOTAL_LEN..).and_then(|rest| rest.first_chunk());
    field.map_or(0, |len| u32::from_le_bytes(*len) as usize)
}

/// The id of an id key's entry.
pub(crate) fn epoch_id(epoch: u64) -> Id {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&epoch.to_le_bytes());
    id
}

/// FORMAT.md 2, `storage-key-commitment`.
pub(crate) fn commitment(scope: &Scope, storage_key: &Key) -> [u8; 32] {
    let context: [&[u8]; 2] = [&[scope.object as u8], &scope.id];
    *expand256::<32>(storage_key, label::STORAGE_KEY_COMMITMENT, &context).expose()
}

/// FORMAT.md 2, `record-mac`.
pub(crate) fn mac_key(scope: &Scope, storage_key: &Key) -> Key {
    expand256(storage_key, label::RECORD_MAC, &[&[scope.object as u8], &scope.id])
}

/// FORMAT.md \[R3\], \[R9\]: every stanza can be read, no two have the same id, and at most one is
/// a password's.
fn check_stanzas(reader: &mut Reader, count: u16) -> Result<()> {
    let mut seen: heapless::Vec<Id, { limits::STANZAS as usize }> = heapless::Vec::new();
    let mut passwords = 0;
    for _ in 0..count {
        let stanza = Stanza::read(reader)?;
        passwords += u32::from(stanza.is_password());
        if seen.contains(&stanza.id) || seen.push(stanza.id).is_err() {
            return Err(Error::Malformed);
        }
    }
    if passwords > 1 { Err(Error::Malformed) } else { Ok(()) }
}

/// FORMAT.md \[R4\], \[O4\].
fn check_order(entries: &[[u8; ENTRY]]) -> Result<()> {
    let ascending = entries.is_sorted_by(|a, b| Entry::read(a).key() < Entry::read(b).key());
    let reserved = entries.iter().all(|bytes| {
        let entry = Entry::read(bytes);
        bytes[2..8] == [0; 6] && (entry.kind != entry::ID_KEY || entry.id[8..] == [0; 8])
    });
    if ascending && reserved { Ok(()) } else { Err(Error::Malformed) }
}
