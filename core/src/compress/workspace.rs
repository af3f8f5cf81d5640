//! Memory lent for libzstd's state, in which a context stays ready from call to call.
//!
//! To place a context takes libzstd two or three CPUID instructions, which a virtual machine's host
//! answers one by one: together as long as compressing a page. So the context of the last call
//! stands until a call needs the other kind. It was given all the memory there was, for libzstd
//! fixes that when it places one.
//!
//! ```text
//! [alignment][compressor                                        ]
//! [alignment][decompressor                     ][caller's staging]
//! ```

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use zeroize::Zeroize;

use super::compression::{self, Compressor};
use super::decompression::{self, Decompressor, Pieces};
use super::lent::{ALIGNMENT, aligned};
use super::settings::Settings;
use crate::error::{Error, Result};
use crate::out::Scratch;

/// Memory for calls that compress or decompress: of any kind, in any order, one at a time.
///
/// It is wiped at the end; until then plaintext may stay in it. libzstd's state points into itself,
/// so that the memory stays where it is; this object may move.
pub struct Workspace<'m> {
    start: NonNull<u8>,
    len: usize,
    standing: Standing,
    memory: PhantomData<Scratch<'m>>,
}

/// Which context stands at the memory's front.
#[derive(Clone, Copy)]
enum Standing {
    Nothing,
    Compressor(compression::Placed),
    /// With this many bytes of state.
    Decompressor(decompression::Placed, usize),
}

// SAFETY: the memory is lent exclusively, and libzstd ties nothing in it to a thread.
unsafe impl Send for Workspace<'_> {}

impl<'m> Workspace<'m> {
    /// Takes memory of any alignment; the calls' size functions say how much they need.
    pub fn new(memory: Scratch<'m>) -> Self {
        let len = memory.len();
        let start = NonNull::from(memory).cast();
        Workspace { start, len, standing: Standing::Nothing, memory: PhantomData }
    }

    /// No memory: enough for what is stored, not compressed.
    pub fn none() -> Self {
        Self::new(&mut [])
    }

    /// The memory that [`Workspace::decompressor`] needs for this window and staging.
    pub fn for_pieces(window: usize, staging: usize) -> usize {
        Self::for_frame(staging).saturating_add(part_len(window))
    }

    /// The memory that [`Workspace::frame_decompressor`] needs for this staging.
    pub fn for_frame(staging: usize) -> usize {
        Decompressor::state().saturating_add(ALIGNMENT).saturating_add(staging)
    }

    /// A compressor for `plain_len` bytes.
    ///
    /// # Errors
    /// [`Error::WorkspaceTooSmall`], [`Error::InvalidArgument`]: see [`Settings::workspace`].
    pub fn compressor(&mut self, settings: Settings, plain_len: usize) -> Result<Compressor<'_>> {
        self.admits(settings, plain_len)?;
        let context = match self.standing {
            Standing::Compressor(context) => context,
            _ => {
                self.standing = Standing::Nothing;
                let (start, len) = aligned(self.start.as_ptr(), self.len);
                // SAFETY: within the memory, of which nobody has another part.
                unsafe { Compressor::place(start, len) }.ok_or(Error::WorkspaceTooSmall)?
            }
        };
        self.standing = Standing::Compressor(context);
        // SAFETY: it stands in the memory, which is ours alone and borrowed with `self`.
        Ok(unsafe { Compressor::at(context) })
    }

    /// Whether [`Workspace::compressor`] would give one.
    ///
    /// # Errors
    /// As there.
    pub fn admits(&self, settings: Settings, plain_len: usize) -> Result<()> {
        self.check(settings.workspace(plain_len)?)
    }

    /// A decompressor for one frame with this window, in pieces into one buffer, and `staging`
    /// bytes apart.
    ///
    /// # Errors
    /// [`Error::WorkspaceTooSmall`]: smaller than [`Workspace::for_pieces`].
    pub fn decompressor(
        &mut self,
        window: usize,
        staging: usize,
    ) -> Result<(Pieces<'_>, Scratch<'_>)> {
        self.check(Self::for_pieces(window, staging))?;
        let (_, len) = aligned(self.start.as_ptr(), self.len);
        let (decompressor, rest) = self.with_state(Pieces::state(len - staging))?;
        let parts = rest.len().saturating_sub(staging);
        let parts = rest.split_at_mut_checked(parts).ok_or(Error::WorkspaceTooSmall)?;
        Ok((Pieces::new(decompressor, parts.0)?, parts.1))
    }

    /// A decompressor for one whole frame, and `staging` bytes apart.
    ///
    /// # Errors
    /// [`Error::WorkspaceTooSmall`]: smaller than [`Workspace::for_frame`].
    pub fn frame_decompressor(
        &mut self,
        staging: usize,
    ) -> Result<(Decompressor<'_>, Scratch<'_>)> {
        self.check(Self::for_frame(staging))?;
        let (decompressor, rest) = self.with_state(Decompressor::state())?;
        Ok((decompressor, rest.get_mut(..staging).ok_or(Error::WorkspaceTooSmall)?))
    }

    /// A decompressor with `state` bytes for itself, and the memory after them.
    fn with_state(&mut self, state: usize) -> Result<(Decompressor<'_>, Scratch<'_>)> {
        let (start, len) = aligned(self.start.as_ptr(), self.len);
        let rest = len.checked_sub(state).ok_or(Error::WorkspaceTooSmall)?;
        let context = match self.standing {
            Standing::Decompressor(context, placed) if placed == state => context,
            _ => {
                self.standing = Standing::Nothing;
                // SAFETY: within the memory, of which nobody has another part.
                unsafe { Decompressor::place(start, state) }?
            }
        };
        self.standing = Standing::Decompressor(context, state);
        // SAFETY: it stands in the memory, which is ours alone and borrowed with `self`; what is
        // handed out beside it lies after the bytes that it was given.
        unsafe {
            let rest = core::slice::from_raw_parts_mut(start.add(state).cast(), rest);
            Ok((Decompressor::at(context)?, rest))
        }
    }

    fn check(&self, needed: usize) -> Result<()> {
        if self.len < needed { Err(Error::WorkspaceTooSmall) } else { Ok(()) }
    }
}

/// The most that is kept of a frame until its other part comes: a block, or its header.
fn part_len(window: usize) -> usize {
    window.clamp(4, 128 << 10)
}

impl Drop for Workspace<'_> {
    fn drop(&mut self) {
        let start: *mut MaybeUninit<u8> = self.start.as_ptr().cast();
        // SAFETY: the memory is lent for 'm, and what was handed out has ended.
        unsafe { core::slice::from_raw_parts_mut(start, self.len) }.zeroize();
    }
}
