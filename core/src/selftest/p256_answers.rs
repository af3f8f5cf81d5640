//! P-256: ECDH, ECDSA, HPKE.

use super::{Fault, Here, Test, hex};
use crate::ecdsa;
use crate::hpke;
use crate::keypair::{PrivateKey, PublicKey};

answers! {
    "P-256 ECDH" => ecdh;
    "ECDSA P-256 sign" => ecdsa_sign;
    "ECDSA P-256 verify" => ecdsa_verify;
    "HPKE" => hpke_decap;
}

fn ecdh(fault: Fault, _: &Here) -> bool {
    let private = PrivateKey::from_scalar_bytes(&fault.input(&SCALAR));
    let peer = PublicKey::from_uncompressed(&PEER);
    let (Ok(private), Ok(peer)) = (private, peer) else { return false };
    *private.diffie_hellman(&peer).expose() == Z
}

/// RFC 6979 A.2.5, SHA-256, message "sample".
fn ecdsa_sign(fault: Fault, _: &Here) -> bool {
    let private = PrivateKey::from_scalar_bytes(&ECDSA_PRIVATE);
    private.is_ok_and(|key| ecdsa::sign(&key, &fault.input(b"sample")) == ECDSA_SAMPLE)
}

/// The same section, message "test".
fn ecdsa_verify(fault: Fault, _: &Here) -> bool {
    let public = PublicKey::from_uncompressed(&ECDSA_PUBLIC);
    public.is_ok_and(|key| ecdsa::verify(&key, b"test", &fault.input(&ECDSA_TEST)))
}

/// RFC 9180 A.3's key pair, with AES-256-GCM (the RFC's published vectors).
fn hpke_decap(fault: Fault, _: &Here) -> bool {
    let Ok(private) = PrivateKey::from_scalar_bytes(&fault.input(&HPKE_PRIVATE)) else {
        return false;
    };
    hpke::decap(&private, &HPKE_ENC).is_ok_and(|shared| {
        *shared.expose() == HPKE_SHARED
            && *hpke::key_schedule(&shared, &[b"Ode on a Grecian Urn"]).key.expose() == HPKE_KEY
    })
}

const SCALAR: [u8; 32] = hex(b"e092cd6b3336201e7138dcdc73449f74af8be36a7444d994744bb120b4d3723f");
const PEER: [u8; 65] =
    hex(b"04d20da48ac77b90f562b42b680c3db26abf53d7a529fd03e57c6d55c983c4f418675668f84cc6e9\
        956666c19ab4891fd47e111dbd0633ba312ceb10f0d8d9c63a");
const Z: [u8; 32] = hex(b"c4109ee963d5a00531f333b4e30609df99a592751c0c10b12f2755277839d8e2");
const ECDSA_PRIVATE: [u8; 32] =
    hex(b"c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
const ECDSA_PUBLIC: [u8; 65] =
    hex(b"0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc\
        99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
const ECDSA_SAMPLE: [u8; 64] =
    hex(b"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41\
        d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
const ECDSA_TEST: [u8; 64] =
    hex(b"f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14\
        bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
const HPKE_PRIVATE: [u8; 32] =
    hex(b"317f915db7bc629c48fe765587897e01e282d3e8445f79f27f65d031a88082b2");
const HPKE_ENC: [u8; 65] =
    hex(b"04c06b4f6bebc7bb495cb797ab753f911aff80aefb86fd8b6fcc35525f3ab5f03e0b21bd31a86c60\
        48af3cb2d98e0d3bf01da5cc4c39ff5370d331a4f1f7d5a4e0");
const HPKE_SHARED: [u8; 32] =
    hex(b"48893fecd82f7c3456af6a42d8f56325d21e08c10fa81299986aaff54cde7b49");
const HPKE_KEY: [u8; 32] = hex(b"ee16802a936d5f544771131900ee6973d0551de9e852ece2ef34bf0d5f9e1d1d");
