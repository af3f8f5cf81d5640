//! Cobblestone-256 of the C2SP chunked-encryption specification (FORMAT.md 3.1.1).
//!
//! Knows salts, contexts and chunks; knows nothing of headers or compression. The ciphertext of a
//! message is `salt[24] || commitment[32] || chunk 0 || chunk 1 || …`, each chunk `ciphertext ||
//! tag[16]`.

use crate::aead::{Engine, GcmKey, NONCE, Series, TAG};
use crate::derive::{Expand512, label};
use crate::error::{Error, Result};
use crate::limits::CHUNK;
use crate::out::Out;
use crate::secret::{self, Key};

/// Size of a salt.
pub const SALT: usize = 24;
/// Size of a commitment.
pub const COMMITMENT: usize = 32;
/// What stands before the chunks.
pub const PREFIX: usize = SALT + COMMITMENT;
/// A full chunk and its tag.
pub const SEALED_CHUNK: usize = CHUNK + TAG;

/// The size of all sealed chunks of a message: the last one is shorter than [`CHUNK`], and may be
/// empty.
pub const fn chunks_len(message_len: usize) -> usize {
    message_len + TAG * (message_len / CHUNK + 1)
}

/// The keys of one message.
pub struct Chunked {
    key: GcmKey,
    base_nonce: [u8; NONCE],
    commitment: [u8; COMMITMENT],
}

impl Chunked {
    /// Derives a message's keys, and the commitment to them.
    ///
    /// `key || base nonce || commitment = HKDF-Expand-SHA-512(session key, label || 0 || salt ||
    /// context, 76)`.
    pub fn derive(
        engine: Engine,
        session_key: &Expand512,
        salt: &[u8; SALT],
        context: &[u8],
    ) -> Chunked {
        let okm = session_key.expand::<76>(label::CHUNKED, &[&[0], salt, context]);
        let mut key = Key::zero();
        let mut base_nonce = [0; NONCE];
        let mut commitment = [0; COMMITMENT];
        let (k, rest) = okm.expose().split_at(32);
        let (n, c) = rest.split_at(NONCE);
        key.expose_mut().copy_from_slice(k);
        base_nonce.copy_from_slice(n);
        commitment.copy_from_slice(c);
        Chunked { key: engine.key_for(&key, CHUNK), base_nonce, commitment }
    }

    /// Derives a message's keys if they are those that `commitment` was made for.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`]: another key, salt or context. Nothing was decrypted.
    pub fn derive_committed(
        engine: Engine,
        session_key: &Expand512,
        salt: &[u8; SALT],
        context: &[u8],
        commitment: &[u8; COMMITMENT],
    ) -> Result<Chunked> {
        let chunked = Chunked::derive(engine, session_key, salt, context);
        if secret::equal(&chunked.commitment, commitment) {
            Ok(chunked)
        } else {
            Err(Error::NotAuthentic)
        }
    }

    /// The commitment to the keys.
    pub fn commitment(&self) -> &[u8; COMMITMENT] {
        &self.commitment
    }

    /// Appends the sealed chunks of `message` to `out`.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`]: nothing was encrypted. [`Error::Callback`]: the caller's engine
    /// failed; its chunk is zeroed.
    pub fn seal_from(&self, message: &[u8], out: &mut Out) -> Result<()> {
        self.seal_each(message, out, |_| ())
    }

    /// As [`Chunked::seal_from`], and shows `out` to `each` after every chunk, while the chunk is
    /// near the processor.
    ///
    /// # Errors
    /// As [`Chunked::seal_from`].
    pub(crate) fn seal_each(
        &self,
        message: &[u8],
        out: &mut Out,
        mut each: impl FnMut(&Out),
    ) -> Result<()> {
        out.reserve(chunks_len(message.len()))?;
        let (full, last) = message.as_chunks::<CHUNK>();
        let mut series = self.key.series(message.len());
        for (index, chunk) in full.iter().map(|c| c.as_slice()).chain([last]).enumerate() {
            let nonce = self.nonce(index as u64);
            let tag = out.push_with(chunk.len(), |space| series.seal_to(&nonce, chunk, space))?;
            out.push(&tag)?;
            each(out);
        }
        Ok(())
    }

    /// Seals the message that stands at the end of `out`, from byte `start` on, where it stands.
    ///
    /// Chunk i moves up by 16 i bytes to make room for the tags, so the last one goes first.
    ///
    /// # Errors
    /// As [`Chunked::seal_from`].
    pub fn seal_in_place(&self, start: usize, out: &mut Out) -> Result<()> {
        let message_len = out.written_from(start).len();
        out.push_zeros(chunks_len(message_len) - message_len)?;
        let space = out.written_from_mut(start);
        let mut series = self.key.series(message_len);
        for index in (0..=message_len / CHUNK).rev() {
            let len = CHUNK.min(message_len - index * CHUNK);
            // From where the chunk stands to where it will.
            let place = space.get_mut(index * CHUNK..).unwrap_or_default();
            let place = place.get_mut(..len + index * TAG + TAG).unwrap_or_default();
            let sealed = move_up(place, len, index * TAG).ok_or(Error::BadState)?;
            let (data, tag) = sealed.split_last_chunk_mut::<TAG>().ok_or(Error::BadState)?;
            *tag = series.seal(&self.nonce(index as u64), data)?;
        }
        Ok(())
    }

    /// Appends the opened message to `out`; on an error `out` is as it was, and what was written is
    /// zeroed.
    ///
    /// # Errors
    /// [`Error::Malformed`]: not a length that sealed chunks have. [`Error::NotAuthentic`]: a tag
    /// does not fit. [`Error::BufferTooSmall`]: nothing was decrypted.
    pub fn open_to(&self, chunks: &[u8], out: &mut Out) -> Result<()> {
        let (full, last) = chunks.as_chunks::<SEALED_CHUNK>();
        let last_len = last.len().checked_sub(TAG).ok_or(Error::Malformed)?;
        out.reserve(full.len() * CHUNK + last_len)?;
        let mut series = self.key.series(chunks.len());
        out.or_wipe(|out| {
            for (index, chunk) in full.iter().map(|c| c.as_slice()).chain([last]).enumerate() {
                self.open_one(&mut series, index as u64, chunk, out)?;
            }
            Ok(())
        })
    }

    /// Begins to open the chunks of a message of about `total` bytes, one by one.
    pub fn series(&self, total: usize) -> Series<'_> {
        self.key.series(total)
    }

    /// Appends the opened chunk `index` of a series to `out`; `sealed` is its ciphertext and tag.
    ///
    /// # Errors
    /// As [`Chunked::open_to`]; what was appended is zeroed.
    pub fn open_one(
        &self,
        series: &mut Series,
        index: u64,
        sealed: &[u8],
        out: &mut Out,
    ) -> Result<()> {
        let (data, tag) = sealed.split_last_chunk::<TAG>().ok_or(Error::Malformed)?;
        let nonce = self.nonce(index);
        out.push_with(data.len(), |space| Ok((series.open_to(&nonce, data, space, tag)?, ())))
    }

    /// Opens chunk `index` where it stands, and returns its plaintext.
    ///
    /// # Errors
    /// As [`Chunked::open_to`]; the chunk is zeroed.
    pub fn open_in_place<'c>(&self, index: u64, sealed: &'c mut [u8]) -> Result<&'c [u8]> {
        let (data, tag) = sealed.split_last_chunk_mut::<TAG>().ok_or(Error::Malformed)?;
        self.key.open(&self.nonce(index), data, tag)?;
        Ok(data)
    }

    /// The base nonce XOR the chunk's number, big-endian.
    fn nonce(&self, index: u64) -> [u8; NONCE] {
        let mut nonce = self.base_nonce;
        for (n, i) in nonce[NONCE - 8..].iter_mut().zip(index.to_be_bytes()) {
            *n ^= i;
        }
        nonce
    }
}

impl Drop for Chunked {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.base_nonce);
    }
}

/// Moves the first `len` bytes of `place` up by `by`; returns all from there on.
fn move_up(place: &mut [u8], len: usize, by: usize) -> Option<&mut [u8]> {
    if len <= place.len() && by <= place.len() - len {
        place.copy_within(..len, by);
    }
    place.get_mut(by..)
}
