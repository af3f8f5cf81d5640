//! The labelled HKDF of RFC 9180 section 4, with the suites that Coffre has.
//!
//! Written over HMAC: every output here has at most 32 bytes, which is HKDF-Expand's first block,
//! so no length can be refused. Knows nothing of keys on curves.

use zeroize::Zeroizing;

use crate::bytes::copy;
use crate::derive::Mac256;
use crate::secret::{Key, Secret};

/// A `suite_id` of RFC 9180. Only the constants of this file exist.
#[derive(Clone, Copy)]
pub struct Suite(&'static [u8]);

/// RFC 9180 4.1: `"KEM" || kem_id`, of DHKEM(P-256, HKDF-SHA256).
pub const KEM: Suite = Suite(b"KEM\x00\x10");
/// RFC 9180 5.1: `"HPKE" || kem_id || kdf_id || aead_id`, of that KEM, HKDF-SHA256 and AES-256-GCM.
pub const HPKE: Suite = Suite(b"HPKE\x00\x10\x00\x01\x00\x02");

const VERSION: &[u8] = b"HPKE-v1";

/// RFC 9180 4; `ikm` is the concatenation of its parts, no `salt` the RFC's empty string.
///
/// ```text
/// def LabeledExtract(salt, label, ikm):
///   labeled_ikm = concat("HPKE-v1", suite_id, label, ikm)
///   return Extract(salt, labeled_ikm)
/// ```
pub fn labeled_extract(suite: Suite, salt: Option<&Key>, label: &[u8], ikm: &[&[u8]]) -> Key {
    // HMAC pads its key with zeros (RFC 2104 2), so an empty salt and 32 zero bytes are the same.
    let mut mac = Mac256::new(salt.unwrap_or(&Key::zero()));
    for part in [VERSION, suite.0, label] {
        mac.update(part);
    }
    ikm.iter().for_each(|part| mac.update(part));
    Key::copy_of(&Zeroizing::new(mac.finish()))
}

/// RFC 9180 4, for L = `N` at most 32; `info` is the concatenation of its parts.
///
/// ```text
/// def LabeledExpand(prk, label, info, L):
///   labeled_info = concat(I2OSP(L, 2), "HPKE-v1", suite_id, label, info)
///   return Expand(prk, labeled_info, L)
/// ```
pub fn labeled_expand<const N: usize>(
    suite: Suite,
    prk: &Key,
    label: &[u8],
    info: &[&[u8]],
) -> Secret<N> {
    const { assert!(N <= 32, "one block of HKDF-Expand") };
    let mut mac = Mac256::new(prk);
    for part in [&[0, N as u8], VERSION, suite.0, label] {
        mac.update(part);
    }
    info.iter().for_each(|part| mac.update(part));
    // RFC 5869 2.3: T(1) = HMAC-Hash(PRK, T(0) | info | 0x01), T(0) = empty string.
    mac.update(&[1]);
    let block = Zeroizing::new(mac.finish());
    let mut out = Secret::zero();
    copy(out.expose_mut(), &*block);
    out
}
