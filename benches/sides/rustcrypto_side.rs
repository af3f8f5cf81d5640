//! AES-256-GCM by RustCrypto's aes-gcm: the processor's instructions, or software where the whole
//! build asks for it (`soft/portable.rs`).

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};

use super::{Aead, KeyBytes, TAG};

const NONCE: [u8; 12] = [0x24; 12];

pub struct RustCrypto;

impl Aead for RustCrypto {
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]) {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        let gcm = Aes256Gcm::new(key.into());
        *tag = gcm.encrypt_inout_detached(&NONCE.into(), &[], data.into()).unwrap().into();
    }

    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        let (gcm, tag) = (Aes256Gcm::new(key.into()), (*tag).into());
        gcm.decrypt_inout_detached(&NONCE.into(), &[], data.into(), &tag).is_ok()
    }
}
