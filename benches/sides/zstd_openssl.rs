//! What a careful C program does today: zstd level 1, then OpenSSL's EVP AES-256-GCM, with contexts
//! that are reused.
//!
//! `form || frame or plaintext, encrypted || tag`. Bytes that don't shrink are encrypted as they
//! are, straight from the source. It does less than Coffre: no header, no commitment, no checksum,
//! and nobody wraps the key, which stays in memory beside the block.
//!
//! Written in Rust over the same libzstd as Coffre's and OpenSSL's C functions: what is called for
//! a block is what a C program calls, and nothing is allocated or copied in between.

use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;

use super::heap_zstd::{Compressor, Decompressor};
use super::{Pipeline, Sealed, TAG};

const STORED: u8 = 0;
const COMPRESSED: u8 = 1;
/// Each key encrypts one message.
const NONCE: [u8; 12] = [0; 12];

pub struct ZstdOpenSsl {
    compressor: Compressor,
    decompressor: Decompressor,
    encryption: CipherCtx,
    decryption: CipherCtx,
    frame: Vec<u8>,
}

impl ZstdOpenSsl {
    pub fn new(plain_len: usize) -> ZstdOpenSsl {
        let compressor = Compressor::new(1);
        let cipher = Cipher::fetch(None, "AES-256-GCM", None).unwrap();
        let (mut encryption, mut decryption) =
            (CipherCtx::new().unwrap(), CipherCtx::new().unwrap());
        encryption.encrypt_init(Some(&cipher), None, None).unwrap();
        decryption.decrypt_init(Some(&cipher), None, None).unwrap();
        let frame = vec![0; zstd_safe::compress_bound(plain_len)];
        ZstdOpenSsl { compressor, decompressor: Decompressor::new(), encryption, decryption, frame }
    }
}

impl Pipeline for ZstdOpenSsl {
    fn name(&self) -> &'static str {
        "zstd+openssl"
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut Sealed) {
        let frame_len = self.compressor.compress(&mut self.frame, plain).unwrap();
        let shrinks = frame_len < plain.len();
        let content = if shrinks { &self.frame[..frame_len] } else { plain };
        let (form, rest) = sealed.bytes.split_first_mut().unwrap();
        *form = if shrinks { COMPRESSED } else { STORED };
        let (body, rest) = rest.split_at_mut(content.len());

        let key = &mut sealed.key[..32];
        getrandom::fill(key).unwrap();
        self.encryption.encrypt_init(None, Some(key), Some(&NONCE)).unwrap();
        self.encryption.cipher_update(content, Some(body)).unwrap();
        self.encryption.cipher_final(&mut []).unwrap();
        self.encryption.tag(&mut rest[..TAG]).unwrap();
        sealed.len = 1 + content.len() + TAG;
    }

    fn open(&mut self, sealed: &Sealed, plain: &mut [u8]) {
        let (form, rest) = sealed.bytes[..sealed.len].split_first().unwrap();
        let (body, tag) = rest.split_last_chunk::<TAG>().unwrap();
        let content =
            if *form == COMPRESSED { &mut self.frame[..body.len()] } else { &mut plain[..] };

        self.decryption.decrypt_init(None, Some(&sealed.key[..32]), Some(&NONCE)).unwrap();
        self.decryption.set_tag(tag).unwrap();
        self.decryption.cipher_update(body, Some(content)).unwrap();
        self.decryption.cipher_final(&mut []).unwrap();
        if *form == COMPRESSED {
            let len = self.decompressor.decompress(plain, &self.frame[..body.len()]).unwrap();
            assert_eq!(len, plain.len());
        }
    }
}
