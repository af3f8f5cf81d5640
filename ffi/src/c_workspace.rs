//! The memory in which blocks are compressed and decompressed.

use coffre_core::compress::Workspace;
use coffre_core::error::Result;

use crate::c_status::coffre_status;
use crate::raw::{self, Lent, Spans, opaque};

/// Memory in which blocks and metadata are sealed and opened, kept ready from call to call.
/// Caller-owned; it and its memory must stay where they are; wipe it.
///
/// One serves calls of every kind in any order, fastest if many of a kind come one after the other:
/// give each thread its own. Plaintext of earlier calls stays in its memory until
/// coffre_workspace_wipe. Where a call takes one, NULL is a workspace without memory: enough for
/// what is stored, not compressed; COFFRE_ERR_WORKSPACE_TOO_SMALL elsewhere.
#[repr(C)]
pub struct coffre_workspace {
    opaque: [u64; 16],
}
opaque!(coffre_workspace, Bench, b"coffrwsp", pinned: true);

/// A workspace and the memory that it was lent.
pub struct Bench {
    workspace: Workspace<'static>,
    memory: Lent,
}

/// Makes a workspace of lent memory.
///
/// @param workspace  written; zeroed on an error.
/// @param memory     `memory_len` bytes of any alignment, as many as the size functions of the
///         calls that it shall serve give at most (coffre_seal_workspace, coffre_open_workspace,
///         coffre_v1_seal_workspace, coffre_v1_open_workspace). Lent until coffre_workspace_wipe:
///         until then nobody else may use it.
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_workspace_init(
    workspace: *mut coffre_workspace,
    memory: *mut u8,
    memory_len: usize,
) -> coffre_status {
    raw::status(move || {
        Spans::default().writes(workspace, 1).writes(memory, memory_len).disjoint()?;
        // SAFETY: the caller's contract: the memory stays lent until the workspace is wiped.
        unsafe {
            raw::create(workspace, || {
                let lent = Lent::of(memory, memory_len);
                let workspace = Workspace::new(raw::output(memory, memory_len)?);
                Ok(Bench { workspace, memory: lent })
            })
        }
    })
}

/// Ends a workspace, zeroes its memory and gives it back. NULL and a zeroed object are fine; of one
/// that was moved the object alone is zeroed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_workspace_wipe(workspace: *mut coffre_workspace) {
    // SAFETY: the caller's contract.
    unsafe { raw::wipe(workspace) }
}

/// The spans of a call that takes a workspace: the object, and the memory that it was lent.
///
/// # Safety
/// As [`raw::get`].
pub unsafe fn spans_of(workspace: *mut coffre_workspace) -> Spans {
    let spans = Spans::default().writes(workspace, 1);
    // SAFETY: the caller's promise.
    match unsafe { raw::get(workspace.cast_const()) } {
        Ok(bench) => spans.lent(&bench.memory),
        Err(_) => spans,
    }
}

/// Runs `work` in a workspace; in one without memory if none was given.
///
/// # Safety
/// As [`raw::get_mut`].
pub unsafe fn with_workspace<T>(
    workspace: *mut coffre_workspace,
    work: impl FnOnce(&mut Workspace) -> Result<T>,
) -> Result<T> {
    if workspace.is_null() {
        return work(&mut Workspace::none());
    }
    // SAFETY: the caller's promise.
    work(unsafe { &mut raw::get_mut(workspace)?.workspace })
}
