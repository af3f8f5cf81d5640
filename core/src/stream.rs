//! Opening a block piece by piece, in bounded memory (FORMAT.md 3.1.4).
//!
//! A chunk is handed out after its tag held, never before. What was handed out is provisional until
//! [`BlockReader::finish`] says that the block was whole: programs write to a temporary name.
//!
//! Workspace: `[a sealed chunk][decompressed bytes, one piece][libzstd's state and window]`; a
//! stored block needs the first part alone.

use crate::aead::{Engine, TAG};
use crate::block::{self, Expected};
use crate::checksum;
use crate::chunked::{self, Chunked, SALT};
use crate::compress::Decompressor;
use crate::context::Context;
use crate::derive::Expand512;
use crate::error::{Error, Result};
use crate::header::{self, Form, Header};
use crate::limits::CHUNK;
use crate::object::ObjectType;
use crate::out::{Out, Scratch, as_scratch};
use crate::policy::Policy;
use crate::secret::Key;
use crate::session::Session;

/// Decompressed bytes are handed out in pieces of at most this size: a quarter of a small window,
/// for who opens it counts every byte of memory.
fn piece_len(window: u32) -> usize {
    (window as usize / 4).clamp(256, 2048)
}

/// Takes plaintext, in order.
pub type Sink<'s> = &'s mut dyn FnMut(&[u8]) -> Result<()>;

/// What the next bytes are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Salt and commitment.
    Prefix,
    /// A chunk with its tag.
    Chunk(u64),
    /// The checksum.
    Trailer,
    /// Nothing: all is checked.
    Complete,
    /// Nothing: something failed.
    Failed,
}

/// Opens one block from bytes that come as they come.
pub struct BlockReader<'w> {
    engine: Engine,
    /// Of the session: made ready it would take more room than it saves time.
    key: Key,
    expected: Expected,
    header: Header,
    stage: Stage,
    chunked: Option<Chunked>,
    checksum: checksum::Running,
    /// The bytes of the stage that came so far.
    held: Out<'w>,
    piece: Scratch<'w>,
    decompressor: Option<Decompressor<'w>>,
    delivered: u64,
}

impl<'w> BlockReader<'w> {
    /// The workspace for a block of this header.
    pub fn workspace(header: &Header) -> usize {
        let decompression = match header.form {
            Form::Compressed { window, .. } => {
                piece_len(window) + Decompressor::workspace(window as usize)
            }
            _ => 0,
        };
        held_len(header) + decompression
    }

    /// Begins with the block's header; the bytes after it follow with [`BlockReader::push`].
    ///
    /// # Errors
    /// Those of [`Header::parse`]; [`Error::Malformed`]: not a block, or not exactly a header.
    /// [`Error::PolicyVersion`], [`Error::OverLimit`], [`Error::WrongKey`],
    /// [`Error::UnexpectedBlock`]: as [`block::open`]. [`Error::WorkspaceTooSmall`]: smaller than
    /// [`BlockReader::workspace`].
    pub fn begin(
        context: &Context,
        policy: &Policy,
        session: &Session,
        expected: &Expected,
        header_bytes: &[u8; header::SIZE],
        workspace: Scratch<'w>,
    ) -> Result<BlockReader<'w>> {
        let header = Header::parse(header_bytes)?;
        block::check_header(policy, (ObjectType::Block, expected), session, &header)?;
        if workspace.len() < BlockReader::workspace(&header) {
            return Err(Error::WorkspaceTooSmall);
        }
        let parts = workspace.split_at_mut_checked(held_len(&header));
        let (held, rest) = parts.ok_or(Error::WorkspaceTooSmall)?;
        let (piece, decompressor) = match header.form {
            Form::Compressed { window, .. } => {
                let parts = rest.split_at_mut_checked(piece_len(window));
                let (piece, state) = parts.ok_or(Error::WorkspaceTooSmall)?;
                (piece, Some(Decompressor::new(state, window as usize)?))
            }
            _ => (as_scratch(&mut []), None),
        };
        let mut checksum = checksum::Running::new(context.cpu());
        checksum.update(header_bytes);
        Ok(BlockReader {
            engine: context.engine(),
            key: session.key().clone(),
            expected: *expected,
            header,
            stage: Stage::Prefix,
            chunked: None,
            checksum,
            held: Out::uninit(held),
            piece,
            decompressor,
            delivered: 0,
        })
    }

    /// Takes the block's next bytes, and gives what they yield to `sink`.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`]: salt, commitment or a chunk is not what the key made.
    /// [`Error::UnexpectedBlock`]: not the expected commitment. [`Error::BadFrame`]: what was
    /// sealed breaks \[B9\]. [`Error::Damaged`]: the checksum. [`Error::Malformed`]: bytes after
    /// the block. Whatever `sink` returns. [`Error::BadState`]: it failed before. After an error
    /// the reader can only be dropped.
    pub fn push(&mut self, mut bytes: &[u8], sink: Sink) -> Result<()> {
        while !bytes.is_empty() {
            let missing = match self.wanted() {
                Some(wanted) => wanted - self.held.len(),
                None if self.stage == Stage::Complete => return self.fail(Error::Malformed),
                None => return Err(Error::BadState),
            };
            let (taken, rest) = bytes.split_at(missing.min(bytes.len()));
            self.held.push(taken)?;
            bytes = rest;
            if taken.len() == missing {
                if let Err(error) = self.take_stage(sink) {
                    return self.fail(error);
                }
                self.held.rewind();
            }
        }
        Ok(())
    }

    /// Says COMPLETE: every byte that was handed out is the block's, and nothing is missing.
    ///
    /// # Errors
    /// [`Error::Malformed`]: the block was cut short. [`Error::BadState`]: it failed before.
    pub fn finish(&self) -> Result<()> {
        match self.stage {
            Stage::Complete => Ok(()),
            Stage::Failed => Err(Error::BadState),
            _ => Err(Error::Malformed),
        }
    }

    fn fail(&mut self, error: Error) -> Result<()> {
        self.stage = Stage::Failed;
        self.held.truncate(0);
        Err(error)
    }

    /// How many bytes the stage has; `None` if there is nothing more to come.
    fn wanted(&self) -> Option<usize> {
        let stored_len = self.header.stored_len() as usize;
        match self.stage {
            Stage::Prefix => Some(chunked::PREFIX),
            Stage::Chunk(index) => Some(CHUNK.min(stored_len - index as usize * CHUNK) + TAG),
            Stage::Trailer => Some(checksum::SIZE),
            Stage::Complete | Stage::Failed => None,
        }
    }

    /// All bytes of the stage are held: checks and uses them.
    fn take_stage(&mut self, sink: Sink) -> Result<()> {
        match self.stage {
            Stage::Prefix => {
                self.checksum.update(self.held.written());
                self.take_prefix()?;
                self.stage = Stage::Chunk(0);
            }
            Stage::Chunk(index) => {
                self.checksum.update(self.held.written());
                self.take_chunk(index, sink)?;
                let is_last = index == self.header.stored_len() / CHUNK as u64;
                self.stage = if is_last { Stage::Trailer } else { Stage::Chunk(index + 1) };
            }
            Stage::Trailer => {
                if self.held.written() != self.checksum.finish() {
                    return Err(Error::Damaged);
                }
                self.stage = Stage::Complete;
            }
            Stage::Complete | Stage::Failed => {}
        }
        Ok(())
    }

    /// FORMAT.md \[B7\], \[B8\].
    fn take_prefix(&mut self) -> Result<()> {
        let prefix = self.held.written().split_first_chunk::<SALT>();
        let (salt, commitment) = prefix.ok_or(Error::Malformed)?;
        let commitment = commitment.first_chunk().ok_or(Error::Malformed)?;
        self.expected.accepts_commitment(commitment)?;
        let header = self.header.to_bytes();
        let key = Expand512::new(&self.key);
        self.chunked =
            Some(Chunked::derive_committed(self.engine, &key, salt, &header, commitment)?);
        Ok(())
    }

    fn take_chunk(&mut self, index: u64, sink: Sink) -> Result<()> {
        let chunked = self.chunked.as_ref().ok_or(Error::BadState)?;
        let stored = chunked.open_in_place(index, self.held.written_mut())?;
        match self.header.form {
            Form::Stored => sink(stored),
            Form::Zero => deliver_zeros(self.header.plain_len, sink),
            Form::Compressed { window, .. } => {
                let plain_len = self.header.plain_len;
                if index == 0 {
                    block::check_frame(stored, window, plain_len as usize)?;
                }
                let decompressor = self.decompressor.as_mut().ok_or(Error::BadState)?;
                let piece = Out::uninit(&mut *self.piece);
                let left = plain_len.saturating_sub(self.delivered);
                self.delivered += decompress(decompressor, stored, left, piece, sink)?;
                let is_last = index == self.header.stored_len() / CHUNK as u64;
                let whole = decompressor.finished() && self.delivered == plain_len;
                if is_last && !whole { Err(Error::BadFrame) } else { Ok(()) }
            }
        }
    }
}

/// A stage's bytes: the prefix, or a chunk with its tag.
fn held_len(header: &Header) -> usize {
    let chunk = CHUNK.min(header.stored_len() as usize) + TAG;
    chunk.max(chunked::PREFIX)
}

/// Decompresses all of `stored` and hands it out, `left` bytes at most; returns how much it was.
fn decompress(
    decompressor: &mut Decompressor,
    mut stored: &[u8],
    left: u64,
    mut piece: Out,
    sink: Sink,
) -> Result<u64> {
    // The last chunk may be empty, after a frame that filled the others.
    if stored.is_empty() && decompressor.finished() {
        return Ok(0);
    }
    let len = piece.spare().len();
    let piece = piece.push_zeros(len)?;
    let mut delivered = 0;
    loop {
        let (used, made) = decompressor.step(stored, piece)?;
        stored = stored.get(used..).unwrap_or_default();
        if made > 0 {
            delivered += made as u64;
            if delivered > left {
                return Err(Error::BadFrame);
            }
            sink(piece.get(..made).unwrap_or_default())?;
        }
        let may_have_more = made == len && !decompressor.finished();
        if stored.is_empty() && !may_have_more {
            return Ok(delivered);
        }
        if used == 0 && made == 0 {
            return Err(Error::BadFrame);
        }
    }
}

fn deliver_zeros(count: u64, sink: Sink) -> Result<()> {
    const ZEROS: [u8; 256] = [0; 256];
    let mut left = count as usize;
    while left > 0 {
        let len = left.min(ZEROS.len());
        sink(&ZEROS[..len])?;
        left -= len;
    }
    Ok(())
}
