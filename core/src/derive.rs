//! One table of labels, and the derivations that use them (FORMAT.md 2).
//!
//! A context is a label followed by fields of fixed size. No label is a prefix of another (a test
//! holds it), so no two contexts can be taken for each other.

use zeroize::Zeroizing;

use crate::bytes::copy;
#[cfg(feature = "password")]
use crate::hash::MacIterator;
use crate::hash::Sha256;
use crate::hmac512::{self, HmacKey};
use crate::secret::{Key, Secret};

/// A label of FORMAT.md 2. Only the constants of [`label`] exist.
#[derive(Clone, Copy)]
pub struct Label(&'static [u8]);

impl Label {
    /// The label's bytes.
    pub const fn bytes(self) -> &'static [u8] {
        self.0
    }
}

/// The table of labels, in FORMAT.md's order.
pub mod label {
    use super::Label;

    macro_rules! labels {
        ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
            $($(#[$doc])* pub const $name: Label = Label($text);)*
            /// All of them.
            pub const ALL: &[Label] = &[$($name,)*];
        };
    }

    labels! {
        /// Session id from a session key.
        SESSION_ID = b"coffre/v2/session-id";
        /// Salt secret and POLYVAL key of a writer.
        HEDGE = b"coffre/v2/hedge";
        /// Generated keys of a writer.
        GENERATE = b"coffre/v2/generate";
        /// Key id of a KEK.
        KEK_ID = b"coffre/v2/kek-id";
        /// Key id of a backy2 master key.
        V1_MASTER_ID = b"coffre/v2/v1-master-id";
        /// Wrapping key.
        WRAP = b"coffre/v2/wrap";
        /// Commitment to a storage key.
        STORAGE_KEY_COMMITMENT = b"coffre/v2/storage-key-commitment";
        /// MAC key of a record.
        RECORD_MAC = b"coffre/v2/record-mac";
        /// Recipient id of an external key, from its name.
        EXTERNAL_ID = b"coffre/v2/external-id";
        /// HPKE info.
        HPKE = b"coffre/v2/hpke";
        /// Session key of a restore point's metadata.
        METADATA = b"coffre/v2/metadata";
        /// MAC key of a manifest.
        MANIFEST = b"coffre/v2/manifest";
        /// MAC of a manifest's segment.
        SEGMENT = b"coffre/v2/segment";
        /// Root of a manifest.
        ROOT = b"coffre/v2/root";
        /// What an origin key signs.
        ORIGIN = b"coffre/v2/origin";
        /// C2SP chunked-encryption's own.
        CHUNKED = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM";
    }
}

/// `HKDF-Expand-SHA-256(key, label || context, N)`, N at most 32: one block. RFC 5869 2.3.
///
/// Written over HMAC: no length can be refused.
pub fn expand256<const N: usize>(key: &Key, label: Label, context: &[&[u8]]) -> Secret<N> {
    const { assert!(N <= 32) };
    let mut mac = Mac256::over(key, &[label.bytes()]);
    context.iter().for_each(|field| mac.update(field));
    mac.update(&[1]);
    let (mut block, mut out) = (Zeroizing::new([0; 32]), Secret::zero());
    mac.end(&mut block);
    copy(out.expose_mut(), &*block);
    out
}

/// `HKDF-Expand-SHA-512(key, label || context, N)`, N at most 128.
pub fn expand512<const N: usize>(key: &Key, label: Label, context: &[&[u8]]) -> Secret<N> {
    Expand512::new(key).expand(label, context)
}

/// A key of HKDF-Expand-SHA-512, made ready.
///
/// Written over HMAC: crate hkdf asks for a PRK of 64 bytes, C2SP chunked-encryption gives it 32.
#[derive(Clone)]
pub struct Expand512(HmacKey);

impl Expand512 {
    /// Makes `key` ready.
    pub fn new(key: &Key) -> Self {
        Expand512(HmacKey::new(key))
    }

    /// As [`expand512`].
    pub fn expand<const N: usize>(&self, label: Label, context: &[&[u8]]) -> Secret<N> {
        const { assert!(N <= 2 * hmac512::SIZE) };
        let mut out = Secret::<N>::zero();
        let mut previous = Secret::zero();
        let mut message = self.0.start();
        for (i, part) in out.expose_mut().chunks_mut(hmac512::SIZE).enumerate() {
            if i > 0 {
                message.update(previous.expose());
            }
            message.update(label.bytes());
            context.iter().for_each(|field| message.update(field));
            message.update(&[i as u8 + 1]);
            message.finish(previous.expose_mut());
            copy(part, previous.expose());
        }
        out
    }
}

/// `HKDF-Extract-SHA-256(salt = label, parts[0] || parts[1] || …)`. RFC 5869 2.2.
pub fn extract256(label: Label, parts: &[&[u8]]) -> Key {
    let mut mac = Mac256::short(label.bytes());
    parts.iter().for_each(|part| mac.update(part));
    Key::copy_of(&Zeroizing::new(mac.finish()))
}

/// HMAC-SHA-256 over bytes that come piece by piece; wiped on drop. RFC 2104.
#[derive(Clone)]
pub struct Mac256 {
    inner: Sha256,
    /// The state behind the outer pad.
    outer: Zeroizing<[u32; 8]>,
}

impl Mac256 {
    /// Starts a MAC under `key`.
    pub fn new(key: &Key) -> Self {
        Mac256::short(key.expose())
    }

    /// Starts a MAC under a key of at most a block, which is padded with zeros (RFC 2104 2): no
    /// length can be refused.
    fn short(key: &[u8]) -> Self {
        debug_assert!(key.len() <= Sha256::BLOCK);
        let behind = |pad: u8| {
            let mut block = Zeroizing::new([pad; Sha256::BLOCK]);
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            Zeroizing::new(Sha256::state_behind(&block))
        };
        Mac256 { inner: Sha256::behind(&behind(0x36)), outer: behind(0x5c) }
    }

    /// Starts a MAC under a key of any length. RFC 2104 2.
    #[cfg(feature = "password")]
    pub fn of_any(key: &[u8]) -> Self {
        if key.len() <= Sha256::BLOCK {
            return Mac256::short(key);
        }
        Mac256::short(&*Zeroizing::new(sha256(key)))
    }

    /// The key, for messages of 32 bytes; nothing was absorbed yet.
    #[cfg(feature = "password")]
    pub(crate) fn iterator(&self) -> MacIterator {
        MacIterator::new(self.inner.state(), *self.outer)
    }

    /// Starts a MAC under `key`, over these parts so far.
    pub fn over(key: &Key, parts: &[&[u8]]) -> Self {
        let mut mac = Mac256::new(key);
        parts.iter().for_each(|part| mac.update(part));
        mac
    }

    /// The MAC of these parts.
    pub fn of(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
        Mac256::over(key, parts).finish()
    }

    /// Absorbs `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
    }

    /// The MAC.
    pub fn finish(mut self) -> [u8; 32] {
        let mut mac = [0; 32];
        self.end(&mut mac);
        mac
    }

    /// Writes the MAC; nothing can be absorbed any more.
    fn end(&mut self, mac: &mut [u8; 32]) {
        self.inner.digest(mac);
        self.inner.begin_behind(&self.outer);
        self.inner.update(mac);
        self.inner.digest(mac);
    }

    /// The MAC of nothing, under no key: to be replaced.
    pub(crate) fn blank() -> Self {
        Mac256 { inner: Sha256::new(), outer: Zeroizing::new([0; 8]) }
    }
}

/// SHA-256. FIPS 180-4.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha256_of_parts(&[bytes])
}

/// SHA-256 of `bytes` in the domain of `label`.
pub fn sha256_of(label: Label, bytes: &[u8]) -> [u8; 32] {
    sha256_of_parts(&[label.bytes(), bytes])
}

fn sha256_of_parts(parts: &[&[u8]]) -> [u8; 32] {
    let (mut hash, mut digest) = (Sha256::new(), [0; 32]);
    parts.iter().for_each(|part| hash.update(part));
    hash.digest(&mut digest);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use hkdf::{Hkdf, HkdfExtract};

    /// Crate hkdf says the same.
    #[test]
    fn as_the_crate() {
        let key = Key::copy_of(&[7; 32]);
        let mut okm = [0; 32];
        let hkdf = Hkdf::<sha2::Sha256>::from_prk(key.expose()).unwrap();
        hkdf.expand_multi_info(&[label::WRAP.bytes(), b"one", b"two"], &mut okm).unwrap();
        assert_eq!(*expand256::<32>(&key, label::WRAP, &[b"one", b"two"]).expose(), okm);
        assert_eq!(*expand256::<16>(&key, label::WRAP, &[b"onetwo"]).expose(), okm[..16]);
        for label in label::ALL {
            let mut extract = HkdfExtract::<sha2::Sha256>::new(Some(label.bytes()));
            extract.input_ikm(b"onetwo");
            assert_eq!(*extract256(*label, &[b"one", b"two"]).expose(), *extract.finalize().0);
        }
    }

    /// No label is longer than the block that HMAC pads it to.
    #[test]
    fn labels_are_short() {
        assert!(label::ALL.iter().all(|label| label.bytes().len() <= Sha256::BLOCK));
    }

    /// FORMAT.md 2: no label is a prefix of another.
    #[test]
    fn labels_are_prefix_free() {
        for (i, a) in label::ALL.iter().enumerate() {
            for (j, b) in label::ALL.iter().enumerate() {
                assert!(i == j || !b.bytes().starts_with(a.bytes()), "{i} {j}");
            }
        }
    }
}
