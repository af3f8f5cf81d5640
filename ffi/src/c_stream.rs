//! Opening a block piece by piece.

use core::ffi::c_void;

use coffre_core::error::Error;
use coffre_core::header::Header;
use coffre_core::limits;
use coffre_core::stream::BlockReader;

use crate::c_block_types::{coffre_block_expect, read_expect};
use crate::c_context::coffre_context;
use crate::c_policy::{self, coffre_policy};
use crate::c_session::coffre_session;
use crate::c_status::coffre_status;
use crate::raw::{self, Lent, Spans, opaque};

/// Takes `len` bytes of a result, in order, and returns 0, or anything else to end the call with
/// COFFRE_ERR_CALLBACK.
///
/// Called any number of times from within the call that takes it, in the caller's thread. It may
/// not use the object of that call, longjmp or throw.
pub type coffre_sink_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, bytes: *const u8, len: usize) -> i32>;

/// The sink as core wants it.
///
/// # Safety
/// `sink` may be called with `user` for as long as the result lives.
pub unsafe fn sink_of(
    sink: coffre_sink_fn,
    user: *mut c_void,
) -> coffre_core::error::Result<impl FnMut(&[u8]) -> coffre_core::error::Result<()>> {
    let sink = sink.ok_or(Error::InvalidArgument)?;
    Ok(move |bytes: &[u8]| {
        // SAFETY: the promise of our caller; `bytes` is readable for its length.
        match unsafe { sink(user, bytes.as_ptr(), bytes.len()) } {
            0 => Ok(()),
            _ => Err(Error::Callback),
        }
    })
}

/// A block being opened piece by piece. Caller-owned; it and its workspace must stay where they
/// are; wipe it.
#[repr(C)]
pub struct coffre_block_reader {
    opaque: [u64; 256],
}
opaque!(coffre_block_reader, Reading, b"coffrbrd", pinned: true);

/// A reader and its workspace.
pub struct Reading {
    reader: BlockReader<'static>,
    workspace: Lent,
}

/// The workspace to open a block with this header piece by piece; 0 if no policy opens it.
///
/// A stored block needs one chunk, about 16 KiB. A compressed one needs that, 34 KiB of zstd's
/// state and pieces, and up to three times its window; of profile small less than 64 KiB in all.
///
/// @param header  COFFRE_BLOCK_HEADER_SIZE bytes.
///
/// cbindgen:ptrs-as-arrays=[[header; COFFRE_BLOCK_HEADER_SIZE]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_reader_workspace(header: *const u8) -> usize {
    // SAFETY: the caller's contract.
    let header: Result<&[u8; 88], _> = unsafe { raw::array(header) };
    match header.and_then(|header| Header::parse(header)) {
        Ok(header) if u64::from(header.window()) <= limits::PLAIN => {
            BlockReader::workspace(&header)
        }
        _ => 0,
    }
}

/// Begins to open a block with its first COFFRE_BLOCK_HEADER_SIZE bytes; the rest follows by
/// coffre_block_reader_push.
///
/// @param policy, session, expect  as for coffre_block_open.
/// @param header     COFFRE_BLOCK_HEADER_SIZE bytes.
/// @param workspace  at least coffre_block_reader_workspace(header) bytes; lent until the reader is
///         wiped.
/// @param reader     written; zeroed on an error.
/// @retval COFFRE_ERR_WRONG_KEY, COFFRE_ERR_UNEXPECTED_BLOCK, COFFRE_ERR_POLICY_VERSION,
///         COFFRE_ERR_OVER_LIMIT, COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION,
///         COFFRE_ERR_UNSUPPORTED_SUITE, COFFRE_ERR_WORKSPACE_TOO_SMALL  as
///         for coffre_block_open.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
///
/// docs/FORMAT.md section 3.1.4.
///
/// cbindgen:ptrs-as-arrays=[[header; COFFRE_BLOCK_HEADER_SIZE]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_reader_begin(
    context: *const coffre_context,
    policy: *const coffre_policy,
    session: *const coffre_session,
    expect: *const coffre_block_expect,
    header: *const u8,
    workspace: *mut u8,
    workspace_len: usize,
    reader: *mut coffre_block_reader,
) -> coffre_status {
    raw::status_of_pieces(move || {
        let spans = Spans::default().reads(context, 1).reads(policy, 1).reads(session, 1);
        let spans = spans.reads(expect, 1).reads(header, 88).writes(workspace, workspace_len);
        spans.writes(reader, 1).disjoint()?;
        // SAFETY: the caller's contract: the workspace stays lent until the reader is wiped.
        unsafe {
            raw::create(reader, || {
                let context = &raw::get(context)?.context;
                let policy = c_policy::read(policy)?;
                let session = raw::get(session)?;
                let expected = read_expect(expect)?;
                let lent = Lent::of(workspace, workspace_len);
                let workspace = raw::output(workspace, workspace_len)?;
                let header = raw::array(header)?;
                let reader =
                    BlockReader::begin(context, &policy, session, &expected, header, workspace)?;
                Ok(Reading { reader, workspace: lent })
            })
        }
    })
}

/// Takes the block's next bytes, in pieces of any size, and gives the plaintext that they yield to
/// `sink`.
///
/// What the sink gets is authentic, but provisional until coffre_block_reader_finish: write it
/// under a temporary name. After an error the reader can only be wiped.
///
/// @param bytes  `len` bytes.
/// @param sink   called any number of times with pieces of plaintext.
/// @retval COFFRE_ERR_NOT_AUTHENTIC     a chunk is not what the key made: damage or attack, a scrub
///         tells which.
/// @retval COFFRE_ERR_UNEXPECTED_BLOCK  not the expected commitment.
/// @retval COFFRE_ERR_BAD_FRAME         what was sealed is not one valid zstd frame of the stated
///         length.
/// @retval COFFRE_ERR_DAMAGED           the checksum at the end does not fit.
/// @retval COFFRE_ERR_MALFORMED         bytes after the block's end.
/// @retval COFFRE_ERR_CALLBACK          the sink returned non-zero, or the caller's engine failed.
/// @retval COFFRE_ERR_BAD_STATE         it failed before, was moved, or is not live.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_reader_push(
    reader: *mut coffre_block_reader,
    bytes: *const u8,
    len: usize,
    sink: coffre_sink_fn,
    user: *mut c_void,
) -> coffre_status {
    raw::status_of_pieces(move || {
        Spans::default().writes(reader, 1).reads(bytes, len).disjoint()?;
        // SAFETY: the caller's contract.
        unsafe {
            let reading = raw::get_mut(reader)?;
            Spans::default().lent(&reading.workspace).reads(bytes, len).disjoint()?;
            reading.reader.push(raw::input(bytes, len)?, &mut sink_of(sink, user)?)
        }
    })
}

/// Says COMPLETE: the block was whole, and every byte that the sink got is its plaintext.
///
/// @retval COFFRE_OK             COMPLETE.
/// @retval COFFRE_ERR_MALFORMED  the block was cut short.
/// @retval COFFRE_ERR_BAD_STATE  a push failed before, or the reader is not live.
/// @retval COFFRE_ERR_INVALID_ARGUMENT
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_reader_finish(
    reader: *mut coffre_block_reader,
) -> coffre_status {
    // SAFETY: the caller's contract.
    raw::status(|| unsafe { raw::get_mut(reader)?.reader.finish() })
}

/// Ends a reader, zeroes its memory, and gives the workspace back, which may hold plaintext. NULL
/// is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_block_reader_wipe(reader: *mut coffre_block_reader) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(reader) }
}
