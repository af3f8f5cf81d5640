//! What is used to make objects and keys alone.

use super::{Fault, Here, NONCE, SEALED, SEALED_PLAIN, Test, UNWRAPPED, WRAPPED, hex, key};
use crate::derive::{extract256, label};
use crate::key_wrap;
use crate::polyval;
use crate::secret::Key;

answers! {
    "HKDF-Extract-SHA-256" => extract;
    "AES-256-GCM seal" => gcm_seal;
    "AES-256-KW wrap" => kw_wrap;
    "POLYVAL" => |fault, here| {
        here.cpu.levels().all(|cpu| {
            polyval::of(cpu, &POLYVAL_KEY, &fault.input(&POLYVAL_IN)) == POLYVAL_OUT
                && polyval::of(cpu, &POLYVAL_KEY, &fault.long()) == POLYVAL_LONG
        })
    };
}

fn extract(fault: Fault, _: &Here) -> bool {
    *extract256(label::GENERATE, &[&fault.input(b"extract")]).expose() == EXTRACT
}

fn gcm_seal(fault: Fault, here: &Here) -> bool {
    here.engines.iter().all(|&engine| {
        let mut data = fault.input(SEALED_PLAIN);
        let tag = engine.key(&key()).seal(&NONCE, &mut data);
        data == SEALED.0 && tag == Ok(SEALED.1)
    })
}

fn kw_wrap(fault: Fault, here: &Here) -> bool {
    let secret = Key::copy_of(&fault.input(&UNWRAPPED));
    here.engines.iter().all(|&engine| key_wrap::wrap(engine, &key(), &secret) == WRAPPED)
}

const EXTRACT: [u8; 32] = hex(b"dcf1f91f3f4cfa18040697123ea7615a8f927e17f5da9880de2884e75b9194ef");
const POLYVAL_KEY: [u8; 16] = hex(b"25629347589242761d31f826ba4b757b");
const POLYVAL_IN: [u8; 32] =
    hex(b"4f4f95668c83dfb6401762bb2d01a262d1a24ddd2721d006bbe45f20d3c9f362");
const POLYVAL_OUT: [u8; 16] = hex(b"f7a3b47b846119fae5b7866cf5e5b77e");
const POLYVAL_LONG: [u8; 16] = hex(b"e2e57739b7502133b22681d75c024b3a");
