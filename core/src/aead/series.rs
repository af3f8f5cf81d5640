//! Many messages under one key, with nonces that differ in little: chunks.
//!
//! An engine may keep, from one message to the next, what its nonces share. The bytes that come out
//! are those of [`GcmKey`].

use core::mem::MaybeUninit;

use super::{GcmKey, NONCE, TAG};
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use super::{Ready, Span, or_zeroed, same_tag, x86};
use crate::error::Result;

/// A key in use for a series of messages; what it keeps is wiped on drop.
pub struct Series<'k> {
    key: &'k GcmKey,
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    total: usize,
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    table: x86::Table,
}

impl GcmKey {
    /// Begins a series of messages, which will have about `total` bytes. It takes 4 KiB.
    #[inline(always)]
    pub fn series(&self, total: usize) -> Series<'_> {
        let _ = total;
        Series {
            key: self,
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            total,
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            table: x86::Table::blank(),
        }
    }
}

impl Series<'_> {
    /// As [`GcmKey::seal`].
    ///
    /// # Errors
    /// As [`GcmKey::seal`].
    pub fn seal(&mut self, nonce: &[u8; NONCE], data: &mut [u8]) -> Result<[u8; TAG]> {
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        if let Ready::X86(key) = &self.key.0 {
            let message = Span::in_place(data);
            let (_, tag) =
                key.message_in_series::<true>(self.total, &mut self.table, nonce, &[], message);
            return Ok(tag);
        }
        self.key.seal(nonce, data)
    }

    /// As [`GcmKey::seal_to`].
    ///
    /// # Errors
    /// As [`GcmKey::seal_to`].
    pub fn seal_to<'s>(
        &mut self,
        nonce: &[u8; NONCE],
        plain: &[u8],
        sealed: &'s mut [MaybeUninit<u8>],
    ) -> Result<(&'s mut [u8], [u8; TAG])> {
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        if let Ready::X86(key) = &self.key.0
            && plain.len() == sealed.len()
        {
            let message = Span::apart(plain, sealed);
            return Ok(key.message_in_series::<true>(
                self.total,
                &mut self.table,
                nonce,
                &[],
                message,
            ));
        }
        self.key.seal_to(nonce, plain, sealed)
    }

    /// As [`GcmKey::open_to`].
    ///
    /// # Errors
    /// As [`GcmKey::open_to`].
    pub fn open_to<'p>(
        &mut self,
        nonce: &[u8; NONCE],
        sealed: &[u8],
        plain: &'p mut [MaybeUninit<u8>],
        tag: &[u8; TAG],
    ) -> Result<&'p mut [u8]> {
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        if let Ready::X86(key) = &self.key.0
            && sealed.len() == plain.len()
        {
            let message = Span::apart(sealed, plain);
            let (data, made) =
                key.message_in_series::<false>(self.total, &mut self.table, nonce, &[], message);
            return or_zeroed(data, same_tag(&made, tag));
        }
        self.key.open_to(nonce, sealed, plain, tag)
    }
}
