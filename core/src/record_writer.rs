//! Records, written: made anew, or an opened one changed (FORMAT.md 4).
//!
//! The record grows in the caller's buffer, in its final layout without the tail: head, stanzas,
//! entries. It is a record only after [`RecordWriter::finish`], which writes the counts, the MAC
//! and the checksum. No block is ever touched.

use crate::bytes::{Fields, Reader, copy};
use crate::checksum;
use crate::context::Context;
use crate::derive::Mac256;
use crate::error::{Error, Result, built};
use crate::limits;
use crate::object::{self, Id, ObjectType};
use crate::out::Out;
use crate::random::{Random, RandomSource};
use crate::recipient::Recipient;
use crate::record::{
    ENTRY, Entry, HEAD, Record, RecordKeys, TAIL, TOTAL_LEN, commitment, entry, epoch_id, mac_key,
};
use crate::secret::Key;
use crate::session::{IdKey, Session};
use crate::stanza::Stanza;
use crate::wrap::{Purpose, Scope, WRAPPED};

const STANZA_COUNT: usize = 56;
const ENTRY_COUNT: usize = 60;

/// A record in the making.
pub struct RecordWriter<'o> {
    keys: RecordKeys,
    out: Out<'o>,
    stanza_count: u16,
    /// Where the stanzas end and the entries begin.
    stanzas_end: usize,
    finished: bool,
}

impl<'o> RecordWriter<'o> {
    /// Begins a new record with a new storage key and metakey, at the start of `out`.
    ///
    /// `scope_id` is the restore point's id for a key record, and the instance id otherwise.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: not a type of record, a scope id that does not fit it, or
    /// generation 0. Those of [`Random::draw`]. [`Error::BufferTooSmall`].
    pub fn create<S: RandomSource>(
        random: &mut Random<S>,
        scope: Scope,
        instance_id: &Id,
        generation: u64,
        out: Out<'o>,
    ) -> Result<RecordWriter<'o>> {
        let scope_fits = match scope.object {
            ObjectType::KeyRecord => true,
            ObjectType::Challenge | ObjectType::RepositoryRecord => scope.id == *instance_id,
            _ => false,
        };
        if !scope_fits || generation == 0 || !out.is_empty() {
            return Err(Error::InvalidArgument);
        }
        let hedge: [&[u8]; 2] = [instance_id, &scope.id];
        let storage_key = random.key(&hedge)?;
        let metakey = random.key(&hedge)?;
        let keys = RecordKeys { scope, instance_id: *instance_id, storage_key, metakey };
        RecordWriter::begin(keys, generation, 0, out)
    }

    /// Begins with a copy of `record`, under the same storage key and a higher generation.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: `out` is not empty. [`Error::Stale`]: the generation is not
    /// above the record's. [`Error::OtherStorageKey`]: `keys` are not the record's.
    /// [`Error::NotAuthentic`]: altered. [`Error::BufferTooSmall`].
    pub fn edit(
        keys: &RecordKeys,
        record: &Record,
        generation: u64,
        out: Out<'o>,
    ) -> Result<RecordWriter<'o>> {
        check_successor(keys, record, generation, &out)?;
        let copied = record.stanza_bytes().len() + record.entry_bytes().len();
        let mut writer = RecordWriter::begin(keys.clone(), generation, copied, out)?;
        writer.out.push(record.stanza_bytes())?;
        writer.stanza_count = record.stanza_count;
        writer.stanzas_end = writer.out.len();
        writer.out.push(record.entry_bytes())?;
        Ok(writer)
    }

    /// Begins with the keys of `record` under a new storage key and a higher generation, without
    /// recipients: all that shall open it are added anew. FORMAT.md 4.2.
    ///
    /// # Errors
    /// Those of [`RecordWriter::edit`] and [`Random::draw`]. [`Error::UnsupportedVersion`]: an
    /// entry of an unknown type, which would be lost.
    pub fn rotate<S: RandomSource>(
        random: &mut Random<S>,
        keys: &RecordKeys,
        record: &Record,
        generation: u64,
        out: Out<'o>,
    ) -> Result<RecordWriter<'o>> {
        check_successor(keys, record, generation, &out)?;
        let storage_key = random.key(&[keys.storage_key.expose(), &keys.scope.id])?;
        let rotated = RecordKeys { storage_key, ..keys.clone() };
        let entries = record.entry_bytes().len();
        let mut writer = RecordWriter::begin(rotated, generation, entries, out)?;
        for entry in record.entries() {
            let purpose = entry.purpose().ok_or(Error::UnsupportedVersion)?;
            let key = keys.entry_key(&entry, purpose)?;
            writer.push_entry(entry.kind, purpose, &entry.id, &key)?;
        }
        Ok(writer)
    }

    /// Only the head, so far; `more` bytes will follow, and fit.
    fn begin(
        keys: RecordKeys,
        generation: u64,
        more: usize,
        mut out: Out<'o>,
    ) -> Result<RecordWriter<'o>> {
        built(cfg!(feature = "seal"))?;
        out.reserve(HEAD + more + TAIL)?;
        let mut writer =
            RecordWriter { keys, out, stanza_count: 0, stanzas_end: HEAD, finished: false };
        writer.push_head(generation)?;
        Ok(writer)
    }

    /// Lets `recipient` open the record.
    ///
    /// # Errors
    /// [`Error::Duplicate`]: it can already, or it is a second password. [`Error::TooLarge`]: as
    /// many recipients as fit. [`Error::BufferTooSmall`]; those of [`Random::draw`];
    /// [`Error::Callback`]: the key service; [`Error::WrongPassword`]: a password that opened no
    /// record yet. The record is unchanged then.
    pub fn add_recipient<S: RandomSource>(
        &mut self,
        context: &Context,
        random: &mut Random<S>,
        recipient: &Recipient,
    ) -> Result<()> {
        self.admits(recipient, None)?;
        if self.stanza_count >= limits::STANZAS {
            return Err(Error::TooLarge);
        }
        self.push_stanza(context, random, recipient)
    }

    /// Puts `recipient` in the place of another one, or of itself to wrap anew: all or nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`]: there is none of the id `old`. Those of
    /// [`RecordWriter::add_recipient`]; the record is unchanged then.
    pub fn replace_recipient<S: RandomSource>(
        &mut self,
        context: &Context,
        random: &mut Random<S>,
        old: &Id,
        recipient: &Recipient,
    ) -> Result<()> {
        let (start, len) = self.find_stanza(old).ok_or(Error::NotFound)?;
        self.admits(recipient, Some(old))?;
        self.push_stanza(context, random, recipient)?;
        self.cut_stanza(start, len);
        Ok(())
    }

    /// Takes a recipient out. What it opened before, in older copies, it still opens: re-wrapping
    /// is not revoking.
    ///
    /// # Errors
    /// [`Error::NotFound`]: there is none of that id.
    pub fn remove_recipient(&mut self, id: &Id) -> Result<()> {
        let (start, len) = self.find_stanza(id).ok_or(Error::NotFound)?;
        self.cut_stanza(start, len);
        Ok(())
    }

    /// Takes a session key in, so that whoever opens the record opens that session's blocks.
    ///
    /// # Errors
    /// [`Error::Duplicate`]: it is there already. [`Error::InvalidArgument`]: a challenge holds no
    /// keys. [`Error::TooLarge`], [`Error::BufferTooSmall`].
    pub fn add_session(&mut self, session: &Session) -> Result<()> {
        self.add_entry(entry::SESSION_KEY, Purpose::SessionKey, session.id(), session.key())
    }

    /// Drops a session key.
    ///
    /// # Errors
    /// [`Error::NotFound`]: there is none of that id.
    pub fn remove_session(&mut self, id: &Id) -> Result<()> {
        let index = self.find_entry((entry::SESSION_KEY, *id)).map_err(|_| Error::NotFound)?;
        self.cut(self.stanzas_end + index * ENTRY, ENTRY);
        Ok(())
    }

    /// Takes the repository's id key in.
    ///
    /// # Errors
    /// As [`RecordWriter::add_session`].
    pub fn add_id_key(&mut self, id_key: &IdKey) -> Result<()> {
        let id = epoch_id(id_key.epoch());
        self.add_entry(entry::ID_KEY, Purpose::IdKey, &id, id_key.key())
    }

    /// Completes the record; returns its size and its keys.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: nobody could open it. [`Error::BufferTooSmall`].
    /// [`Error::BadState`]: it was completed before.
    pub fn finish(&mut self) -> Result<(usize, RecordKeys)> {
        if self.finished {
            return Err(Error::BadState);
        }
        if self.stanza_count == 0 {
            return Err(Error::InvalidArgument);
        }
        self.out.reserve(TAIL)?;
        let total_len = self.out.len() + TAIL;
        let total_len_u32 = u32::try_from(total_len).map_err(|_| Error::TooLarge)?;
        let entry_count = (self.out.len() - self.stanzas_end) / ENTRY;
        let head = self.out.written_mut();
        for (at, number) in [
            (TOTAL_LEN, total_len_u32),
            // Two reserved bytes follow the count.
            (STANZA_COUNT, self.stanza_count.into()),
            (ENTRY_COUNT, entry_count as u32),
        ] {
            copy(head.get_mut(at..).unwrap_or_default(), &number.to_le_bytes());
        }
        let mac_key = mac_key(&self.keys.scope, &self.keys.storage_key);
        let mac = Mac256::of(&mac_key, &[self.out.written()]);
        self.out.push(&mac)?;
        let checksum = checksum::of(self.out.written());
        self.out.push(&checksum)?;
        self.finished = true;
        Ok((total_len, self.keys.clone()))
    }

    /// The size that the buffer would have needed when a call ended with [`Error::BufferTooSmall`].
    pub fn needed(&self) -> usize {
        self.out.needed()
    }

    /// The buffer, as it stands.
    pub(crate) fn into_out(self) -> Out<'o> {
        self.out
    }

    /// FORMAT.md \[R3\], \[R9\], once the stanza of `without` is gone.
    fn admits(&self, recipient: &Recipient, without: Option<&Id>) -> Result<()> {
        if let Recipient::Password(key) = recipient
            && !key.is_proven()
        {
            return Err(Error::WrongPassword);
        }
        let id = recipient.id();
        let mut stays = self.stanzas().filter(|stanza| Some(&stanza.id) != without);
        let refused = stays
            .any(|stanza| stanza.id == id || (recipient.is_password() && stanza.is_password()));
        if refused { Err(Error::Duplicate) } else { Ok(()) }
    }

    /// Writes a stanza behind the others.
    fn push_stanza<S: RandomSource>(
        &mut self,
        context: &Context,
        random: &mut Random<S>,
        recipient: &Recipient,
    ) -> Result<()> {
        self.out.reserve(recipient.stanza_len() + TAIL)?;
        let RecordKeys { scope, storage_key, .. } = &self.keys;
        let before = self.out.len();
        self.out.or_wipe(|out| {
            recipient.write_stanza(context.engine(), random, scope, storage_key, out)
        })?;
        let len = self.out.len() - before;
        rotate_right(self.out.written_from_mut(self.stanzas_end), len);
        self.stanzas_end += len;
        self.stanza_count += 1;
        Ok(())
    }

    fn cut_stanza(&mut self, start: usize, len: usize) {
        self.cut(start, len);
        self.stanzas_end -= len;
        self.stanza_count -= 1;
    }

    fn push_head(&mut self, generation: u64) -> Result<()> {
        let RecordKeys { scope, instance_id, storage_key, metakey } = &self.keys;
        let wrapped = scope.wrap(storage_key, Purpose::Metakey, &[0; 16], metakey);
        let mut head = Fields::<HEAD>::new();
        head.put(&object::prefix(scope.object))
            .put(&[0; 4])
            .put(&[0; 4])
            .put(instance_id)
            .put(&scope.id)
            .put(&generation.to_le_bytes())
            .put(&[0; 8])
            .put(&commitment(scope, storage_key))
            .put(&wrapped);
        self.out.push(&head.finish()).map(drop)
    }

    fn add_entry(&mut self, kind: u16, purpose: Purpose, id: &Id, key: &Key) -> Result<()> {
        if self.keys.scope.object == ObjectType::Challenge {
            return Err(Error::InvalidArgument);
        }
        let Err(index) = self.find_entry((kind, *id)) else { return Err(Error::Duplicate) };
        if self.entries().len() >= limits::RECORD_ENTRIES as usize {
            return Err(Error::TooLarge);
        }
        self.out.reserve(ENTRY + TAIL)?;
        self.push_entry(kind, purpose, id, key)?;
        let start = self.stanzas_end + index * ENTRY;
        rotate_right(self.out.written_from_mut(start), ENTRY);
        Ok(())
    }

    /// Writes an entry behind the others.
    fn push_entry(&mut self, kind: u16, purpose: Purpose, id: &Id, key: &Key) -> Result<()> {
        let wrapped: [u8; WRAPPED] = self.keys.scope.wrap(&self.keys.storage_key, purpose, id, key);
        let mut bytes = Fields::<ENTRY>::new();
        bytes.put(&kind.to_le_bytes()).put(&[0; 6]).put(id);
        self.out.push(&bytes.put(&wrapped).finish()).map(drop)
    }

    fn stanzas(&self) -> impl Iterator<Item = Stanza<'_>> {
        let mut reader = Reader::new(self.stanza_bytes());
        core::iter::from_fn(move || Stanza::read(&mut reader).ok())
    }

    fn entries(&self) -> &[[u8; ENTRY]] {
        self.out.written_from(self.stanzas_end).as_chunks().0
    }

    fn stanza_bytes(&self) -> &[u8] {
        self.out.written().get(HEAD..self.stanzas_end).unwrap_or_default()
    }

    /// Where the entry of that type and id stands, or where it would.
    fn find_entry(&self, wanted: (u16, Id)) -> core::result::Result<usize, usize> {
        self.entries().binary_search_by_key(&wanted, |bytes| Entry::read(bytes).key())
    }

    /// Where the stanza of that recipient stands, and its size.
    fn find_stanza(&self, id: &Id) -> Option<(usize, usize)> {
        let stanzas = self.stanza_bytes();
        let mut reader = Reader::new(stanzas);
        loop {
            let start = stanzas.len() - reader.rest().len();
            let stanza = Stanza::read(&mut reader).ok()?;
            if stanza.id == *id {
                return Some((HEAD + start, stanzas.len() - reader.rest().len() - start));
            }
        }
    }

    /// Removes `len` bytes at `start`.
    fn cut(&mut self, start: usize, len: usize) {
        let place = self.out.written_from_mut(start);
        rotate_right(place, place.len().saturating_sub(len));
        self.out.truncate(self.out.len().saturating_sub(len));
    }
}

/// As the slice's own, but for a count that is too large, which changes nothing.
fn rotate_right(bytes: &mut [u8], count: usize) {
    let Some(start) = bytes.len().checked_sub(count) else { return };
    if let Some((first, last)) = bytes.split_at_mut_checked(start) {
        first.reverse();
        last.reverse();
        bytes.reverse();
    }
}

/// What follows `record` is begun in an empty buffer, with a higher generation, by who has its
/// keys.
fn check_successor(keys: &RecordKeys, record: &Record, generation: u64, out: &Out) -> Result<()> {
    if !out.is_empty() {
        return Err(Error::InvalidArgument);
    }
    if generation <= record.generation {
        return Err(Error::Stale);
    }
    record.prove(&keys.scope, &keys.storage_key).map(drop)
}
