//! Keys from passwords, without memory.

use super::{Fault, Here, Test, hex};
use crate::password::Kdf;

answers! {
    "PBKDF2-HMAC-SHA-256" => pbkdf2;
}

fn pbkdf2(fault: Fault, _: &Here) -> bool {
    let kdf = Kdf::Pbkdf2 { iterations: 3 };
    let key = kdf.derive(&fault.input(b"pbkdf2-hmac-sha256"), b"sixteen bytes :)", &mut []);
    key.is_ok_and(|key| *key.expose() == PBKDF2)
}

const PBKDF2: [u8; 32] = hex(b"79fcb24b71abd5ed65e7c5d06c11b06f5a6f852ea60ace1afe7f775559585c1d");
