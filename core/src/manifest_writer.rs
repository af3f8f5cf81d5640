//! Writing a manifest in constant memory: header, entries in order, trailer, each given to a sink.

use crate::derive::Mac256;
use crate::error::{Error, Result, built};
use crate::manifest::{Entry, Info, Macs, Running, Whole};
use crate::object::ObjectType;
use crate::record::RecordKeys;
use crate::stream::Sink;

/// A manifest in the making.
pub struct ManifestWriter {
    info: Info,
    macs: Macs,
    segment: Mac256,
    root: Mac256,
    bytes: Running,
    position: u64,
    /// It is complete, or a sink failed.
    ended: bool,
}

impl ManifestWriter {
    /// Begins a manifest of the restore point whose keys these are, and emits its header.
    ///
    /// The restore point id and instance id of `info` are replaced by those of `keys`.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: not a key record's keys, block size 0 or generation 0.
    /// [`Error::TooLarge`]. Whatever `sink` returns.
    pub fn begin(keys: &RecordKeys, info: &Info, sink: Sink) -> Result<ManifestWriter> {
        let mut writer = ManifestWriter::blank();
        writer.start(keys, info, sink)?;
        Ok(writer)
    }

    /// One that has to be started, where it is to stay: it is too large to be moved about.
    pub fn blank() -> ManifestWriter {
        ManifestWriter {
            info: Info::default(),
            macs: Macs::blank(),
            segment: Mac256::blank(),
            root: Mac256::blank(),
            bytes: Running::default(),
            position: 0,
            ended: true,
        }
    }

    /// Begins a manifest with a blank writer, as [`ManifestWriter::begin`] does.
    ///
    /// # Errors
    /// As there; the writer can only be dropped then.
    pub fn start(&mut self, keys: &RecordKeys, info: &Info, sink: Sink) -> Result<()> {
        built(cfg!(feature = "seal"))?;
        if keys.scope.object != ObjectType::KeyRecord {
            return Err(Error::InvalidArgument);
        }
        let restore_point_id = keys.scope.id;
        let info = Info { restore_point_id, instance_id: keys.instance_id, ..*info };
        info.check()?;
        let header = info.to_bytes();
        self.macs = Macs::new(keys, info.generation);
        self.segment = self.macs.segment(0, info.segment_entries(0));
        self.root = self.macs.root(&header, info.segment_count());
        self.info = info;
        self.ended = false;
        self.emit(&header, sink)
    }

    /// What the header says.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Adds what stands at the next position, and emits it.
    ///
    /// # Errors
    /// [`Error::BadState`]: the image has no further position, or a sink failed before.
    /// [`Error::InvalidArgument`]: fields that the table of FORMAT.md 6 does not allow. Whatever
    /// `sink` returns; the manifest is unusable then.
    pub fn add(&mut self, entry: &Entry, sink: Sink) -> Result<()> {
        if self.ended || self.position >= self.info.entry_count() {
            return Err(Error::BadState);
        }
        if let Entry::Block(block) = entry
            && !block.fits(&self.info)
        {
            return Err(Error::InvalidArgument);
        }
        let bytes = entry.to_bytes(&self.info, self.position);
        self.segment.update(&bytes);
        self.emit(&bytes, sink)?;
        self.position += 1;
        let full = self.position.is_multiple_of(crate::limits::SEGMENT_ENTRIES);
        if full || self.position == self.info.entry_count() {
            self.end_segment(sink)?;
        }
        Ok(())
    }

    /// Emits root and checksum; the manifest is complete then. What it returns is what an origin
    /// key signs.
    ///
    /// # Errors
    /// [`Error::BadState`]: positions are missing. Whatever `sink` returns.
    pub fn finish(&mut self, sink: Sink) -> Result<Whole> {
        if self.ended || self.position != self.info.entry_count() {
            return Err(Error::BadState);
        }
        let root = self.root.clone().finish();
        self.emit(&root, sink)?;
        self.ended = true;
        let sum = self.bytes.checksum();
        self.emit(&sum, sink)?;
        Ok(self.bytes.whole(&self.info))
    }

    fn end_segment(&mut self, sink: Sink) -> Result<()> {
        let next = self.position.div_ceil(crate::limits::SEGMENT_ENTRIES);
        let following = self.macs.segment(next, self.info.segment_entries(next));
        let mac = core::mem::replace(&mut self.segment, following).finish();
        self.root.update(&mac);
        self.emit(&mac, sink)
    }

    fn emit(&mut self, bytes: &[u8], sink: Sink) -> Result<()> {
        self.bytes.update(bytes);
        sink(bytes).inspect_err(|_| self.ended = true)
    }
}
