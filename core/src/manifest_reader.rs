//! Reading a manifest: a segment at a time in any order, or, where no segment fits in memory, an
//! entry at a time in order. In order it goes on to the root, which proves the manifest whole, and
//! to its origin.
//!
//! An entry that was read by itself is provisional until its segment's MAC held; the reader that
//! gave out a forged one refuses everything afterwards.

use crate::derive::Mac256;
use crate::error::{Error, Result};
use crate::limits;
use crate::manifest::{ENTRY, Entry, HEADER, Info, MAC, Macs, Running, TRAILER};
use crate::object::ObjectType;
use crate::origin::{Evidence, Report};
use crate::policy::Policy;
use crate::record::RecordKeys;
use crate::secret;

/// A manifest under examination.
///
/// Invariant: `root` and `bytes` cover what stands before segment `next`, `bytes` also the entries
/// of `begun`.
pub struct ManifestReader {
    info: Info,
    /// They prove the record that the origin is judged by.
    keys: RecordKeys,
    macs: Macs,
    root: Mac256,
    bytes: Running,
    /// The segment that the root expects next.
    next: u64,
    /// That segment, if it is being read entry by entry.
    begun: Option<Begun>,
    origin_required: bool,
    /// Entries were given out that turned out to be forged.
    dead: bool,
}

/// A segment of which some entries were read.
struct Begun {
    mac: Mac256,
    entries: u64,
}

impl ManifestReader {
    /// Begins with the header; it is proven by [`ManifestReader::close`] only.
    ///
    /// # Errors
    /// Those of [`Info::parse`]; [`Error::InvalidArgument`]: not a key record's keys.
    /// [`Error::Foreign`]: another restore point's or instance's. [`Error::Stale`]: below the
    /// policy's lowest generation. FORMAT.md \[M4\].
    pub fn open(policy: &Policy, keys: &RecordKeys, header: &[u8; HEADER]) -> Result<Self> {
        if keys.scope.object != ObjectType::KeyRecord {
            return Err(Error::InvalidArgument);
        }
        let info = Info::parse(header)?;
        if info.restore_point_id != keys.scope.id || info.instance_id != keys.instance_id {
            return Err(Error::Foreign);
        }
        policy.accepts_generation(info.generation)?;
        let macs = Macs::new(keys, info.generation);
        let root = macs.root(header, info.segment_count());
        let mut bytes = Running::default();
        bytes.update(header);
        let origin_required = policy.origin_required;
        let (next, begun, dead) = (0, None, false);
        let keys = keys.clone();
        Ok(ManifestReader { info, keys, macs, root, bytes, next, begun, origin_required, dead })
    }

    /// What the header says.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Checks a segment, MAC first; if it is the next in order, it counts towards the root.
    ///
    /// # Errors
    /// Those of [`ManifestReader::check_segment`]. [`Error::BadState`]: also in the middle of a
    /// segment that is read entry by entry.
    pub fn segment(&mut self, segment: u64, bytes: &[u8]) -> Result<()> {
        if self.begun.is_some() {
            return Err(Error::BadState);
        }
        let mac = self.checked_mac(segment, bytes)?;
        if segment == self.next {
            self.root.update(mac);
            self.bytes.update(bytes);
            self.next += 1;
        }
        Ok(())
    }

    /// Checks a segment, MAC first, without counting it towards the root: for random access, and
    /// for several threads at once.
    ///
    /// # Errors
    /// [`Error::NotFound`]: past the end. [`Error::Malformed`]: not a segment's size, or an entry
    /// that breaks a rule. [`Error::NotAuthentic`]: the MAC; none of its entries may be used.
    /// [`Error::BadState`]: a segment that was read entry by entry was forged. FORMAT.md \[M2\],
    /// \[M3\].
    pub fn check_segment(&self, segment: u64, bytes: &[u8]) -> Result<()> {
        self.checked_mac(segment, bytes).map(drop)
    }

    /// The MAC of a segment, all of which holds.
    fn checked_mac<'b>(&self, segment: u64, bytes: &'b [u8]) -> Result<&'b [u8; MAC]> {
        self.expect_alive()?;
        let count = self.info.segment_entries(segment);
        if count == 0 {
            return Err(Error::NotFound);
        }
        if bytes.len() != self.info.segment_len(segment) {
            return Err(Error::Malformed);
        }
        let (entries, mac) = bytes.split_last_chunk::<MAC>().ok_or(Error::Malformed)?;
        let mut expected = self.macs.segment(segment, count);
        expected.update(entries);
        let expected = expected.finish();
        if !secret::equal(&expected, mac) {
            return Err(Error::NotAuthentic);
        }
        for index in 0..count {
            self.entry(segment, bytes, index as usize)?;
        }
        Ok(mac)
    }

    /// Reads one entry of a segment that [`ManifestReader::segment`] or
    /// [`ManifestReader::check_segment`] accepted.
    ///
    /// # Errors
    /// [`Error::NotFound`]: past its end. [`Error::Malformed`]: not an entry of that position.
    /// [`Error::BadState`]: as there.
    pub fn entry(&self, segment: u64, bytes: &[u8], index: usize) -> Result<Entry> {
        self.expect_alive()?;
        if index as u64 >= self.info.segment_entries(segment) {
            return Err(Error::NotFound);
        }
        let (entries, _) = bytes.as_chunks::<ENTRY>();
        let entry = entries.get(index).ok_or(Error::NotFound)?;
        let position = segment * limits::SEGMENT_ENTRIES + index as u64;
        Entry::parse(entry, &self.info, position)
    }

    /// The position whose entry [`ManifestReader::provisional_entry`] takes next; the number of
    /// entries at the end.
    pub fn position(&self) -> u64 {
        let in_segment = self.begun.as_ref().map_or(0, |begun| begun.entries);
        (self.next * limits::SEGMENT_ENTRIES + in_segment).min(self.info.entry_count())
    }

    /// Reads the entry of the next position, which is provisional until
    /// [`ManifestReader::end_segment`] accepts its segment's MAC: what it led to is to be undone if
    /// that fails.
    ///
    /// # Errors
    /// [`Error::NotFound`]: past the end. [`Error::BadState`]: the segment's MAC is due, or one
    /// failed. [`Error::Malformed`]: not an entry of that position; whether damaged or forged only
    /// the MAC could tell, and the same position may be tried again. FORMAT.md \[M2\], \[M3\].
    pub fn provisional_entry(&mut self, bytes: &[u8; ENTRY]) -> Result<Entry> {
        self.expect_alive()?;
        let count = self.info.segment_entries(self.next);
        if count == 0 {
            return Err(Error::NotFound);
        }
        if self.begun.as_ref().is_some_and(|begun| begun.entries >= count) {
            return Err(Error::BadState);
        }
        let entry = Entry::parse(bytes, &self.info, self.position())?;
        let begin = || Begun { mac: self.macs.segment(self.next, count), entries: 0 };
        let begun = self.begun.get_or_insert_with(begin);
        begun.mac.update(bytes);
        begun.entries += 1;
        self.bytes.update(bytes);
        Ok(entry)
    }

    /// Ends a segment that was read entry by entry: its entries are proven, and it counts towards
    /// the root.
    ///
    /// # Errors
    /// [`Error::BadState`]: entries are missing, or a MAC failed before. [`Error::NotAuthentic`]:
    /// the MAC; whatever the segment's entries led to is to be undone, and the reader takes no
    /// further call. FORMAT.md \[M2\].
    pub fn end_segment(&mut self, mac: &[u8; MAC]) -> Result<()> {
        self.expect_alive()?;
        let count = self.info.segment_entries(self.next);
        let begun = self.begun.take_if(|begun| begun.entries == count).ok_or(Error::BadState)?;
        if !secret::equal(&begun.mac.finish(), mac) {
            self.dead = true;
            return Err(Error::NotAuthentic);
        }
        self.root.update(mac);
        self.bytes.update(mac);
        self.next += 1;
        Ok(())
    }

    /// Checks root and checksum after all segments were read in order, which proves the restore
    /// point whole, and then its origin.
    ///
    /// `report` says what was found, for every result; its parts that were not reached are empty.
    ///
    /// # Errors
    /// - [`Error::InvalidArgument`]: an origin key without a record, or not a key record.
    /// - [`Error::BadState`]: segments are missing, or one was forged.
    /// - [`Error::Damaged`]: the checksum; or, the manifest being whole, the signature's.
    /// - [`Error::NotAuthentic`]: the root: the header was altered, or segments of two manifests
    ///   were mixed.
    ///
    /// All others after the manifest proved whole:
    /// - [`Error::Malformed`], [`Error::UnsupportedVersion`], [`Error::UnsupportedSuite`]: not an
    ///   origin signature, or one of a manifest without digests.
    /// - [`Error::Foreign`]: the signature or the record is another restore point's or instance's.
    /// - [`Error::OriginIsRecipient`]: the origin key is one of the record's recipients.
    /// - [`Error::OriginUnverified`]: no signature, or another key's; without an origin key, when
    ///   the policy demands an origin.
    /// - [`Error::OriginForged`]: the signature is not the key's, or is another manifest's.
    ///
    /// FORMAT.md \[M2\], \[G1\] to \[G5\].
    pub fn close(
        &self,
        trailer: &[u8; TRAILER],
        evidence: &Evidence,
        report: &mut Report,
    ) -> Result<()> {
        *report = Report::default();
        evidence.check()?;
        self.expect_alive()?;
        if self.next != self.info.segment_count() {
            return Err(Error::BadState);
        }
        let (root, sum) = trailer.split_at(MAC);
        let mut bytes = self.bytes.clone();
        bytes.update(root);
        if sum != bytes.checksum() {
            return Err(Error::Damaged);
        }
        if !secret::equal(&self.root.clone().finish(), root) {
            return Err(Error::NotAuthentic);
        }
        bytes.update(sum);
        let whole = bytes.whole(&self.info);
        report.whole = Some(whole);
        evidence.judge(&whole, &self.keys, self.origin_required, report)
    }

    fn expect_alive(&self) -> Result<()> {
        if self.dead { Err(Error::BadState) } else { Ok(()) }
    }
}
