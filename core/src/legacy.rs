//! Blocks of versions 0 and 1 (FORMAT.md 3.2, 3.3).
//!
//! Version 1 is backy2's encryption version 1, bit for bit: `tag[16] || nonce[16] ||
//! AES-256-GCM(zstd frame)` under a key per block, which is kept outside the block, wrapped by the
//! master key. Version 0 is the plain bytes. Both need a policy that accepts them.

use crate::aead::{Engine, Nonce, TAG};
use crate::compress::{self, Decompressor, Frame, Settings, Workspace};
use crate::context::Context;
use crate::derive::{expand256, label};
use crate::error::{Error, Result, built};
use crate::key_wrap::{self, WRAPPED};
use crate::limits;
use crate::object::Id;
use crate::out::Out;
use crate::policy::Policy;
use crate::random::{Random, RandomSource};
use crate::secret::Key;

/// Where blocks of theirs are opened.
const OPENS: bool = cfg!(feature = "legacy-v1");
/// Where keys and blocks of theirs are made.
const SEALS: bool = OPENS && cfg!(feature = "seal");

const NONCE: usize = 16;
/// Tag and nonce, before the ciphertext.
const PREFIX: usize = TAG + NONCE;
const LEVEL_1: Settings = Settings { level: 1, small: false };

/// A backy2 master key: a key kind of its own, never a KEK of version 2.
#[derive(Clone)]
pub struct MasterKey(Key);

impl MasterKey {
    /// The master key of these bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> MasterKey {
        MasterKey(Key::copy_of(bytes))
    }

    /// Its key id (FORMAT.md 8).
    pub fn id(&self) -> Id {
        *expand256::<16>(&self.0, label::V1_MASTER_ID, &[]).expose()
    }

    /// Unwraps a block's data key. FORMAT.md \[L2\].
    fn unwrap(&self, engine: Engine, wrapped: &[u8; WRAPPED]) -> Result<Key> {
        built(OPENS)?;
        key_wrap::unwrap(engine, &self.0, wrapped).map_err(|_| Error::WrongKey)
    }

    /// Re-wraps one block's key for another master key: backy2's rekey. The block is not touched.
    ///
    /// # Errors
    /// [`Error::WrongKey`]: it is not wrapped under this master key.
    pub fn rewrap(
        &self,
        context: &Context,
        to: &MasterKey,
        wrapped: &[u8; WRAPPED],
    ) -> Result<[u8; WRAPPED]> {
        built(SEALS)?;
        let engine = context.engine();
        Ok(key_wrap::wrap(engine, &to.0, &self.unwrap(engine, wrapped)?))
    }

    /// Re-wraps the keys of many blocks, many at a time, and gives `each` the results, in order.
    ///
    /// What it may get is [`Error::WrongKey`]: a row is not wrapped under this master key. The
    /// others are good nevertheless.
    pub fn rewrap_batch(
        &self,
        context: &Context,
        to: &MasterKey,
        rows: &[[u8; WRAPPED]],
        mut each: impl FnMut(Result<[u8; WRAPPED]>),
    ) {
        if built(SEALS).is_err() {
            return rows.iter().for_each(|_| each(Err(Error::NotBuilt)));
        }
        key_wrap::rewrap(context.engine(), &self.0, &to.0, rows, |rewrapped| {
            each(rewrapped.map_err(|_| Error::WrongKey));
        });
    }
}

/// The most that a version 1 block of `plain_len` bytes takes.
pub fn v1_sealed_max(plain_len: usize) -> usize {
    compress::bound(plain_len).saturating_add(PREFIX)
}

/// The workspace that [`v1_seal`] needs.
///
/// # Errors
/// None for lengths within the format.
pub fn v1_seal_workspace(plain_len: usize) -> Result<usize> {
    LEVEL_1.workspace(plain_len)
}

/// The workspace that [`v1_open`] needs: the decrypted frame stays there until its tag held.
pub fn v1_open_workspace(blob_len: usize) -> usize {
    Workspace::for_frame(blob_len.saturating_sub(PREFIX))
}

/// Seals one version 1 block, appends it to `out`, and returns its wrapped key.
///
/// Data key and nonce are hedged with the plaintext under the master key: a repeat would be
/// catastrophic.
///
/// # Errors
/// [`Error::PolicyVersion`]: the policy does not accept version 1. [`Error::TooLarge`],
/// [`Error::BufferTooSmall`], [`Error::WorkspaceTooSmall`], [`Error::Random`],
/// [`Error::RandomRepeated`]; `out` is as it was.
pub fn v1_seal<S: RandomSource>(
    context: &Context,
    policy: &Policy,
    random: &mut Random<S>,
    master: &MasterKey,
    plain: &[u8],
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<[u8; WRAPPED]> {
    built(SEALS)?;
    policy.accepts_version(1)?;
    if plain.len() as u64 > limits::PLAIN {
        return Err(Error::TooLarge);
    }
    let data_key = random.key(&[b"v1 data key", master.0.expose(), plain])?;
    let nonce = random.key(&[b"v1 nonce", data_key.expose()])?;
    let (nonce, _) = nonce.expose().split_first_chunk().unwrap_or((&[0; NONCE], &[]));
    v1_seal_with(context.engine(), &data_key, nonce, plain, workspace, out)?;
    Ok(key_wrap::wrap(context.engine(), &master.0, &data_key))
}

fn v1_seal_with(
    engine: Engine,
    data_key: &Key,
    nonce: &[u8; NONCE],
    plain: &[u8],
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<()> {
    // With less space than its bound libzstd might choose other bytes than backy2's.
    out.reserve(v1_sealed_max(plain.len()))?;
    out.or_wipe(|out| {
        let start = out.len();
        out.push_zeros(TAG)?;
        out.push(nonce)?;
        let limit = compress::bound(plain.len());
        let mut compressor = workspace.compressor(LEVEL_1, plain.len())?;
        if !compress::compress(&mut compressor, plain, LEVEL_1, limit, out)? {
            return Err(Error::BufferTooSmall);
        }
        let block = out.written_from_mut(start).split_first_chunk_mut::<TAG>();
        let (tag, rest) = block.ok_or(Error::BufferTooSmall)?;
        let frame = rest.get_mut(NONCE..).unwrap_or_default();
        let key = engine.key_for(data_key, frame.len());
        *tag = key.seal_with(Nonce::Long(nonce), &[], frame)?;
        Ok(())
    })
}

/// Opens one version 1 block and appends the plaintext to `out`; all or nothing.
///
/// # Errors
/// [`Error::PolicyVersion`]: the policy does not accept version 1. [`Error::Malformed`]: too short,
/// or a wrapped key that is not 40 bytes. [`Error::WrongKey`]: the wrapped key does not unwrap.
/// [`Error::NotAuthentic`]: altered. [`Error::BadFrame`], [`Error::OverLimit`]: the frame breaks
/// \[L3\] or \[L4\]. [`Error::BufferTooSmall`], [`Error::WorkspaceTooSmall`].
///
/// FORMAT.md 3.2.
pub fn v1_open(
    context: &Context,
    policy: &Policy,
    master: &MasterKey,
    wrapped: &[u8],
    blob: &[u8],
    workspace: &mut Workspace,
    out: &mut Out,
) -> Result<()> {
    built(OPENS && cfg!(feature = "zstd-decompress"))?;
    policy.accepts_version(1)?;
    let wrapped = wrapped.try_into().map_err(|_| Error::Malformed)?;
    let (tag, rest) = blob.split_first_chunk::<TAG>().ok_or(Error::Malformed)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or(Error::Malformed)?;
    if ciphertext.is_empty() {
        return Err(Error::Malformed);
    }
    let (decompressor, staging) = workspace.frame_decompressor(ciphertext.len())?;
    let data_key = master.unwrap(context.engine(), wrapped)?;
    let mut frame = Out::uninit(staging);
    let key = context.engine().key_for(&data_key, ciphertext.len());
    key.open_with(Nonce::Long(nonce), &[], frame.push(ciphertext)?, tag)?;
    v1_decompress(policy, decompressor, frame.written(), out)
}

/// Appends the content of a version 1 block's frame to `out`; all or nothing.
///
/// # Errors
/// [`Error::BadFrame`], [`Error::OverLimit`], [`Error::BufferTooSmall`],
/// [`Error::WorkspaceTooSmall`]: as [`v1_open`].
///
/// FORMAT.md \[L3\], \[L4\].
pub fn v1_decompress(
    policy: &Policy,
    decompressor: Decompressor,
    frame: &[u8],
    out: &mut Out,
) -> Result<()> {
    let header = Frame::parse(frame)?;
    policy.accepts_block(header.content_size)?;
    policy.accepts_window(header.window)?;
    compress::decompress(decompressor, frame, header.content_size as usize, out)
}

/// Appends the plain bytes of a version 0 block to `out`.
///
/// # Errors
/// [`Error::PolicyVersion`]: the policy does not accept version 0. [`Error::TooLarge`],
/// [`Error::BufferTooSmall`].
pub fn v0_seal(policy: &Policy, plain: &[u8], out: &mut Out) -> Result<()> {
    built(SEALS)?;
    policy.accepts_version(0)?;
    if plain.len() as u64 > limits::PLAIN {
        return Err(Error::TooLarge);
    }
    out.push(plain).map(drop)
}

/// Appends the plain bytes of a version 0 block to `out`.
///
/// # Errors
/// [`Error::PolicyVersion`], [`Error::OverLimit`]: refused by the policy.
/// [`Error::BufferTooSmall`].
pub fn v0_open(policy: &Policy, block: &[u8], out: &mut Out) -> Result<()> {
    built(OPENS)?;
    policy.accepts_version(0)?;
    policy.accepts_block(block.len() as u64)?;
    out.push(block).map(drop)
}

#[cfg(all(test, feature = "legacy-v1", feature = "zstd"))]
mod tests {
    use std::vec;

    use super::*;
    use crate::out::as_scratch;

    fn hex<const N: usize>(value: &serde_json::Value) -> [u8; N] {
        let digits = value.as_str().unwrap();
        core::array::from_fn(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap())
    }

    /// FORMAT.md 3.2: with backy2's data key and nonce, backy2's blob, bit for bit; and its wrapped
    /// keys.
    #[test]
    fn seals_as_backy2_does() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/backy2_v1/");
        let read = |name: &str| std::fs::read(std::format!("{directory}{name}")).unwrap();
        let file: serde_json::Value = serde_json::from_slice(&read("vectors.json")).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        assert_eq!(vectors.len(), 9);
        for vector in vectors {
            let plain = read(vector["plaintext"]["file"].as_str().unwrap());
            let blob = read(vector["blob"]["file"].as_str().unwrap());
            let data_key = Key::copy_of(&hex(&vector["data_key"]));
            let nonce = hex(&vector["enc_nonce"]);
            let mut space = vec![0; v1_sealed_max(plain.len())];
            let mut memory = vec![0; v1_seal_workspace(plain.len()).unwrap()];
            let workspace = &mut Workspace::new(as_scratch(&mut memory));
            let mut out = Out::new(&mut space);
            v1_seal_with(Engine::detect(), &data_key, &nonce, &plain, workspace, &mut out).unwrap();
            assert!(out.written() == blob, "{}", vector["name"]);
            for wrapped in [vector, &vector["rekeyed"]] {
                let master = Key::copy_of(&hex(&wrapped["master_key"]));
                let made = key_wrap::wrap(Engine::detect(), &master, &data_key);
                assert_eq!(made, hex(&wrapped["enc_envkey"]));
            }
        }
    }
}
