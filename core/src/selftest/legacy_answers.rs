//! What blocks of version 1 alone use: nonces of 16 bytes, and rows of wrapped keys.

use super::{Fault, Here, Test, UNWRAPPED, WRAPPED, hex, key};
use crate::aead::Nonce;
use crate::error::Error;
use crate::key_wrap;
use crate::secret::Key;

answers! {
    "AES-256-GCM with a 16-byte nonce" => gcm_nonce16;
    "AES-256-KW rows" => kw_rewrap;
}

fn gcm_nonce16(fault: Fault, here: &Here) -> bool {
    let nonce = core::array::from_fn(|i| i as u8);
    here.engines.iter().all(|&engine| {
        let mut data = fault.input(b"aes-256-gcm nonce16");
        let tag = engine.key(&key()).seal_with(Nonce::Long(&nonce), &[], &mut data);
        data == SEALED16.0 && tag == Ok(SEALED16.1)
    })
}

/// More rows than any engine works on at a time, and a damaged one among them.
fn kw_rewrap(fault: Fault, here: &Here) -> bool {
    const DAMAGED: usize = 5;
    let mut rows = [WRAPPED; 33];
    rows[32] = fault.input(&WRAPPED);
    rows[DAMAGED][0] ^= 1;
    let to = Key::copy_of(&UNWRAPPED);
    here.engines.iter().all(|&engine| {
        let (mut good, mut row) = (true, 0);
        key_wrap::rewrap(engine, &key(), &to, &rows, |rewrapped| {
            let expected = if row == DAMAGED { Err(Error::NotAuthentic) } else { Ok(REWRAPPED) };
            good &= rewrapped == expected;
            row += 1;
        });
        good && row == rows.len()
    })
}

const SEALED16: ([u8; 19], [u8; 16]) =
    (hex(b"0609d35b0bd17c05fa9cb6093bcb42d031825d"), hex(b"5698acc786c120c5730d93d2a729341e"));
const REWRAPPED: [u8; 40] =
    hex(b"f221574085c19a55adb8f054d80ab095c9854800aad060bed9d8af1bb980d13011ea3d79202eb6aa");
