//! Blocks of version 2: seal, open, inspect, scrub (FORMAT.md 3.1).
//!
//! ```text
//! plaintext ──compress──► stored bytes ──chunked──► salt, commitment, chunks ──header──► block
//! ```
//!
//! Everything here works on whole blocks in memory; `stream.rs` opens them piece by piece.

use crate::bytes::{Fields, copy};
use crate::checksum::{self, Following};
use crate::chunked::{self, COMMITMENT, Chunked, SALT};
use crate::compress::{self, Frame};
use crate::context::Context;
use crate::cpu::Cpu;
use crate::derive::sha256;
use crate::error::{Error, Result, built};
use crate::header::{self, BlockId, Form, Header};
use crate::limits;
use crate::object::{self, ObjectType};
use crate::out::Out;
use crate::policy::Policy;
use crate::random::{Random, RandomSource};
use crate::session::Session;

pub use crate::compress::{Settings, Workspace};

/// Where the chunks begin.
const CHUNKS: usize = header::SIZE + chunked::PREFIX;

/// How to seal.
#[derive(Clone, Copy, Debug)]
pub struct SealOptions {
    /// Compression; `None` stores the plaintext.
    pub compression: Option<Settings>,
    /// Leave the content out of the salt's hedge (FORMAT.md 3.1.3).
    pub trust_random: bool,
}

impl Default for SealOptions {
    fn default() -> Self {
        let level_1 = Settings { level: 1, small: false };
        SealOptions { compression: Some(level_1), trust_random: false }
    }
}

impl SealOptions {
    /// The workspace that [`seal`] needs for `plain_len` bytes.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: not a level that libzstd knows.
    pub fn workspace(&self, plain_len: usize) -> Result<usize> {
        self.compression.map_or(Ok(0), |settings| settings.workspace(plain_len))
    }
}

/// What a block says of itself without any key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Info {
    /// The header.
    pub header: Header,
    /// The commitment to the block's keys.
    pub commitment: [u8; COMMITMENT],
    /// The checksum at the block's end.
    pub checksum: [u8; checksum::SIZE],
}

/// Which block an opener wants. FORMAT.md \[B8\].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Expected {
    /// Its id, when known.
    pub block_id: Option<BlockId>,
    /// Its commitment, when known.
    pub commitment: Option<[u8; COMMITMENT]>,
    /// The length of its plaintext, when known.
    pub plain_len: Option<u64>,
}

impl Expected {
    fn accepts_header(&self, header: &Header) -> Result<()> {
        let id_fits = self.block_id.is_none_or(|expected| expected == header.block_id);
        let len_fits = self.plain_len.is_none_or(|expected| expected == header.plain_len);
        if id_fits && len_fits { Ok(()) } else { Err(Error::UnexpectedBlock) }
    }

    pub(crate) fn accepts_commitment(&self, commitment: &[u8; COMMITMENT]) -> Result<()> {
        let fits = self.commitment.is_none_or(|expected| expected == *commitment);
        if fits { Ok(()) } else { Err(Error::UnexpectedBlock) }
    }
}

/// The most that a block of `plain_len` bytes takes: stored, not compressed.
pub const fn sealed_max(plain_len: usize) -> usize {
    header::total_len(plain_len)
}

/// Seals one block and appends it to `out`.
///
/// # Errors
/// [`Error::TooLarge`]: more than [`limits::PLAIN`] bytes. [`Error::BufferTooSmall`]: less than
/// [`sealed_max`] is free. [`Error::WorkspaceTooSmall`], [`Error::InvalidArgument`]: see
/// [`SealOptions::workspace`]. [`Error::Random`], [`Error::RandomRepeated`]: see [`Random::draw`].
/// On any error `out` is as it was.
#[allow(clippy::too_many_arguments)]
pub fn seal<S: RandomSource>(
    context: &Context,
    random: &mut Random<S>,
    session: &Session,
    block_id: &BlockId,
    options: &SealOptions,
    plain: &[u8],
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<Info> {
    if matches!(block_id, BlockId::RestorePoint(_)) {
        return Err(Error::InvalidArgument);
    }
    let what = (ObjectType::Block, block_id);
    seal_object(context, random, session, what, options, plain, workspace, out)
}

/// Seals a block or metadata.
#[allow(clippy::too_many_arguments)]
pub(crate) fn seal_object<S: RandomSource>(
    context: &Context,
    random: &mut Random<S>,
    session: &Session,
    (object, block_id): (ObjectType, &BlockId),
    options: &SealOptions,
    plain: &[u8],
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<Info> {
    if plain.len() as u64 > limits::PLAIN {
        return Err(Error::TooLarge);
    }
    out.or_wipe_all(sealed_max(plain.len()), |out| {
        let start = out.len();
        out.push_zeros(CHUNKS)?;
        let form = write_stored(options, plain, workspace, out)?;
        let plain_len = plain.len() as u64;
        let header =
            Header { object, form, plain_len, session_id: *session.id(), block_id: *block_id };
        let header_bytes = header.to_bytes();
        let stored = match form {
            Form::Stored => plain,
            _ => out.written_from(start + CHUNKS),
        };
        let hedged = (!options.trust_random).then_some(stored);
        let salt = session.salt(context.cpu(), random, hedged, &header_bytes)?;
        let chunked = Chunked::derive(context.engine(), session.expand(), &salt, &header_bytes);
        let mut front = Fields::<CHUNKS>::new();
        front.put(&header_bytes).put(&salt).put(chunked.commitment());
        copy(out.written_from_mut(start), &front.finish());
        let mut checksum = Following::new(context.cpu());
        match form {
            Form::Stored => {
                chunked.seal_each(plain, out, |out| checksum.follow(out.written_from(start)))?
            }
            _ => chunked.seal_in_place(start + CHUNKS, out)?,
        }
        let checksum = checksum.finish(out.written_from(start));
        out.push(&checksum)?;
        Ok(Info { header, commitment: *chunked.commitment(), checksum })
    })
}

/// Chooses the form of `plain`; a frame is appended to `out`, anything else is not.
fn write_stored(
    options: &SealOptions,
    plain: &[u8],
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<Form> {
    if !plain.is_empty() && is_zero(plain) {
        return Ok(Form::Zero);
    }
    let Some(settings) = options.compression else { return Ok(Form::Stored) };
    if compress::incompressible(plain, settings.level) {
        return workspace.admits(settings, plain.len()).map(|()| Form::Stored);
    }
    let start = out.len();
    let shorter = plain.len().saturating_sub(1);
    let mut compressor = workspace.compressor(settings, plain.len())?;
    if !compress::compress(&mut compressor, plain, settings, shorter, out)? {
        return Ok(Form::Stored);
    }
    let frame = Frame::parse_header(out.written_from(start))?;
    // A window is at most the content's size, or a power of two just above: it fits.
    let window = u32::try_from(frame.window).map_err(|_| Error::BadFrame)?;
    Ok(Form::Compressed { stored_len: (out.len() - start) as u64, window })
}

/// Whether every byte is zero, 256 at a time.
fn is_zero(bytes: &[u8]) -> bool {
    let none = |bytes: &[u8]| bytes.iter().fold(0, |all, byte| all | byte) == 0;
    let (chunks, rest) = bytes.as_chunks::<256>();
    chunks.iter().all(|chunk| none(chunk)) && none(rest)
}

/// Reads what a whole block says of itself, and checks its size; no key, no checksum.
///
/// # Errors
/// Those of [`Header::parse`]; [`Error::Malformed`]: not the size that the header demands.
/// FORMAT.md \[B5\].
pub fn inspect(block: &[u8]) -> Result<Info> {
    let header = Header::parse(block)?;
    if block.len() != header.total_len() {
        return Err(Error::Malformed);
    }
    let after_salt = block.get(header::SIZE + SALT..).unwrap_or_default();
    let commitment = after_salt.first_chunk().ok_or(Error::Malformed)?;
    let checksum = block.last_chunk().ok_or(Error::Malformed)?;
    Ok(Info { header, commitment: *commitment, checksum: *checksum })
}

/// [`inspect`], and whether the block is whole: what a storage node can check without any key.
///
/// # Errors
/// Those of [`inspect`]; [`Error::Damaged`]: the checksum does not fit, whatever else is wrong.
///
/// FORMAT.md 1, the order of checks.
pub fn scrub(block: &[u8]) -> Result<Info> {
    scrub_by(Cpu::TARGET, block)
}

/// As [`scrub`], with the instructions of `cpu`.
fn scrub_by(cpu: Cpu, block: &[u8]) -> Result<Info> {
    let wanted = |object| matches!(object, ObjectType::Block | ObjectType::Metadata);
    let size = || header::total_len_in(block);
    object::read_whole(block, wanted, size, |block| checksum::holds_by(cpu, block))?;
    inspect(block)
}

/// The digest of a block's content that a manifest may list: SHA-256 of the block without its
/// checksum.
///
/// # Errors
/// Those of [`scrub`].
///
/// FORMAT.md 6, `content digest`.
pub fn digest(block: &[u8]) -> Result<[u8; 32]> {
    scrub(block)?;
    let (digested, _) = block.split_last_chunk::<{ checksum::SIZE }>().ok_or(Error::Malformed)?;
    Ok(sha256(digested))
}

/// The workspace that [`open`] needs for any block.
pub fn open_workspace() -> usize {
    Workspace::for_pieces(limits::PLAIN as usize, limits::CHUNK)
}

/// Opens one block: checks everything, decrypts chunk by chunk, and appends the plaintext to `out`.
///
/// All or nothing: on any error `out` is as it was, and what was written meanwhile is zeroed.
///
/// # Errors
/// Those of [`scrub`]; [`Error::PolicyVersion`], [`Error::OverLimit`]: refused by `policy`.
/// [`Error::WrongKey`]: the block belongs to another session. [`Error::UnexpectedBlock`]: not the
/// one in `expected`. [`Error::NotAuthentic`]: right key, altered bytes. [`Error::BadFrame`]: what
/// was sealed breaks \[B9\]. [`Error::BufferTooSmall`], [`Error::WorkspaceTooSmall`]: nothing was
/// decrypted.
///
/// FORMAT.md 3.1.
pub fn open(
    context: &Context,
    policy: &Policy,
    session: &Session,
    expected: &Expected,
    block: &[u8],
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<Info> {
    open_object(context, policy, session, (ObjectType::Block, expected), block, workspace, out)
}

/// Opens a block or metadata.
pub(crate) fn open_object(
    context: &Context,
    policy: &Policy,
    session: &Session,
    (object, expected): (ObjectType, &Expected),
    block: &[u8],
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<Info> {
    let info = scrub_by(context.cpu(), block)?;
    check_header(policy, (object, expected), session, &info.header)?;
    expected.accepts_commitment(&info.commitment)?;
    let chunked = derive(context, session, &info, block)?;
    let plain_len = info.header.plain_len as usize;
    let chunks = block.get(CHUNKS..).and_then(|rest| rest.split_last_chunk::<{ checksum::SIZE }>());
    let (chunks, _) = chunks.ok_or(Error::Malformed)?;
    out.or_wipe_all(plain_len, |out| match info.header.form {
        Form::Stored => chunked.open_to(chunks, out),
        Form::Zero => {
            chunked.open_to(chunks, out)?;
            out.push_zeros(plain_len).map(drop)
        }
        Form::Compressed { window, .. } => {
            open_compressed(&chunked, chunks, window, plain_len, workspace, out)
        }
    })?;
    Ok(info)
}

/// What can be refused from the header, before any key is derived.
///
/// FORMAT.md \[O1\], \[B1\], \[B2\], \[B8\], \[B6\], in this order.
pub(crate) fn check_header(
    policy: &Policy,
    (object, expected): (ObjectType, &Expected),
    session: &Session,
    header: &Header,
) -> Result<()> {
    if header.object != object {
        return Err(Error::Malformed);
    }
    policy.accepts_version(2)?;
    policy.accepts_block(header.plain_len)?;
    policy.accepts_window(header.window().into())?;
    expected.accepts_header(header)?;
    if header.session_id != *session.id() {
        return Err(Error::WrongKey);
    }
    built(cfg!(feature = "zstd-decompress") || !matches!(header.form, Form::Compressed { .. }))
}

/// FORMAT.md \[B7\].
///
/// The context is made from the header as it was checked, not read from the block again: memory
/// that somebody else can write may have changed.
fn derive(context: &Context, session: &Session, info: &Info, block: &[u8]) -> Result<Chunked> {
    let salt = block.get(header::SIZE..).and_then(|rest| rest.first_chunk::<SALT>());
    let salt = salt.ok_or(Error::Malformed)?;
    let header = info.header.to_bytes();
    Chunked::derive_committed(context.engine(), session.expand(), salt, &header, &info.commitment)
}

/// Decrypts chunk by chunk into the workspace, and decompresses from there to the end of `out`.
/// FORMAT.md \[B9\].
fn open_compressed(
    chunked: &Chunked,
    chunks: &[u8],
    window: u32,
    plain_len: usize,
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<()> {
    let start = out.len();
    let (mut pieces, staging) = workspace.decompressor(window as usize, limits::CHUNK)?;
    let mut series = chunked.series(chunks.len());
    for (index, chunk) in chunks.chunks(chunked::SEALED_CHUNK).enumerate() {
        let mut piece = Out::uninit(&mut *staging);
        chunked.open_one(&mut series, index as u64, chunk, &mut piece)?;
        if index == 0 {
            check_frame(piece.written(), window, plain_len)?;
        }
        pieces.step(piece.written(), out, start, plain_len)?;
    }
    let whole = pieces.finished() && out.len() - start == plain_len;
    if whole { Ok(()) } else { Err(Error::BadFrame) }
}

/// The header of a frame must say what the block's header says. FORMAT.md \[B9\].
pub(crate) fn check_frame(start: &[u8], window: u32, plain_len: usize) -> Result<()> {
    let frame = Frame::parse_header(start)?;
    let fits = frame.window == u64::from(window) && frame.content_size == plain_len as u64;
    if fits { Ok(()) } else { Err(Error::BadFrame) }
}
