//! Reading a manifest a segment at a time, in any order; in order, to the root that proves it
//! whole.

use crate::checksum;
use crate::derive::Mac256;
use crate::error::{Error, Result};
use crate::limits;
use crate::manifest::{ENTRY, Entry, HEADER, Info, MAC, Macs, TRAILER};
use crate::object::ObjectType;
use crate::policy::Policy;
use crate::record::RecordKeys;
use crate::secret;

/// A manifest under examination.
pub struct ManifestReader {
    info: Info,
    macs: Macs,
    root: Mac256,
    checksum: checksum::Running,
    /// The segment that the root expects next.
    next: u64,
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
        let mut checksum = checksum::Running::default();
        checksum.update(header);
        Ok(ManifestReader { info, macs, root, checksum, next: 0 })
    }

    /// What the header says.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Checks a segment, MAC first; if it is the next in order, it counts towards the root.
    ///
    /// # Errors
    /// [`Error::NotFound`]: past the end. [`Error::Malformed`]: not a segment's size, or an entry
    /// that breaks a rule. [`Error::NotAuthentic`]: the MAC; none of its entries may be used.
    /// FORMAT.md \[M2\], \[M3\].
    pub fn segment(&mut self, segment: u64, bytes: &[u8]) -> Result<()> {
        let count = self.info.segment_entries(segment);
        if count == 0 {
            return Err(Error::NotFound);
        }
        if bytes.len() != self.info.segment_len(segment) {
            return Err(Error::Malformed);
        }
        let (entries, mac) = bytes.split_last_chunk::<MAC>().ok_or(Error::Malformed)?;
        let expected = self.macs.segment(segment, count).with(entries).finish();
        if !secret::equal(&expected, mac) {
            return Err(Error::NotAuthentic);
        }
        for index in 0..count {
            self.entry(segment, bytes, index as usize)?;
        }
        if segment == self.next {
            self.root.update(mac);
            self.checksum.update(bytes);
            self.next += 1;
        }
        Ok(())
    }

    /// Reads one entry of a segment that [`ManifestReader::segment`] accepted.
    ///
    /// # Errors
    /// [`Error::NotFound`]: past its end. [`Error::Malformed`]: not an entry of that position.
    pub fn entry(&self, segment: u64, bytes: &[u8], index: usize) -> Result<Entry> {
        if index as u64 >= self.info.segment_entries(segment) {
            return Err(Error::NotFound);
        }
        let (entries, _) = bytes.as_chunks::<ENTRY>();
        let entry = entries.get(index).ok_or(Error::NotFound)?;
        let position = segment * limits::SEGMENT_ENTRIES + index as u64;
        Entry::parse(entry, &self.info, position)
    }

    /// Checks root and checksum after all segments were read in order: the restore point is whole.
    ///
    /// # Errors
    /// [`Error::BadState`]: segments are missing. [`Error::Damaged`]: the checksum.
    /// [`Error::NotAuthentic`]: the root: the header was altered, or segments of two manifests were
    /// mixed.
    pub fn close(&self, trailer: &[u8; TRAILER]) -> Result<()> {
        if self.next != self.info.segment_count() {
            return Err(Error::BadState);
        }
        let (root, sum) = trailer.split_at(MAC);
        let mut checksum = self.checksum.clone();
        checksum.update(root);
        if sum != checksum.finish() {
            return Err(Error::Damaged);
        }
        if secret::equal(&self.root.clone().finish(), root) {
            Ok(())
        } else {
            Err(Error::NotAuthentic)
        }
    }
}
