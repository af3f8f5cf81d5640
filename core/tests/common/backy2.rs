//! Vectors and a repository that backy2 itself wrote.

use coffre_core::compress::Workspace;
use coffre_core::error::Result;
use coffre_core::legacy::{self, MasterKey};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use serde_json::Value;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/");

/// A file under tests/vectors.
pub fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{VECTORS}{name}")).unwrap_or_else(|e| panic!("{name}: {e}"))
}

pub fn json(name: &str) -> Value {
    serde_json::from_slice(&file(name)).unwrap()
}

/// The policy of a backy2 site.
pub fn policy() -> Policy {
    Policy { lowest_version: 1, ..Policy::default() }
}

pub fn master(value: &Value) -> MasterKey {
    MasterKey::from_bytes(&super::hex(value.as_str().unwrap()).try_into().unwrap())
}

/// Opens a blob; what is left in the buffer after an error must be zero.
pub fn open(policy: &Policy, master: &MasterKey, wrapped: &[u8], blob: &[u8]) -> Result<Vec<u8>> {
    open_sized(policy, master, wrapped, blob, 70_000)
}

pub fn open_sized(
    policy: &Policy,
    master: &MasterKey,
    wrapped: &[u8],
    blob: &[u8],
    size: usize,
) -> Result<Vec<u8>> {
    let mut space = vec![0xA5; size];
    let mut out = Out::new(&mut space);
    let mut lent = super::memory(legacy::v1_open_workspace(blob.len()));
    let mut workspace = Workspace::new(&mut lent);
    let opened =
        legacy::v1_open(super::context(), policy, master, wrapped, blob, &mut workspace, &mut out);
    let plain = out.written().to_vec();
    if opened.is_err() {
        assert!(plain.is_empty());
        super::assert_wiped(&space);
    }
    opened.map(|()| plain)
}

pub fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().take_while(|c| *c != b'=');
    let values = digits.map(|c| ALPHABET.iter().position(|a| *a == c).unwrap() as u32);
    let mut bytes = vec![];
    for group in values.collect::<Vec<u32>>().chunks(4) {
        let bits = group.iter().enumerate().fold(0, |bits, (i, v)| bits | v << (18 - 6 * i));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}
