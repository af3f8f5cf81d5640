//! AES-256-GCM by OpenSSL, AWS-LC and ring, each in the fastest way that its interface
//! has for a fresh key each time.

use std::mem::MaybeUninit;
use std::ptr;

use aws_lc_sys as aws;
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use ring::aead as ring_aead;

use super::rustcrypto_side::RustCrypto;
use super::{Aead, Apart, KeyBytes, TAG};

const NONCE: [u8; 12] = [0x24; 12];

/// All of them, by the names that figures have.
pub fn all() -> Vec<(&'static str, Box<dyn Aead>)> {
    vec![
        ("aws-lc", Box::new(AwsLc)),
        ("openssl", Box::new(OpenSsl::new())),
        ("ring", Box::new(Ring)),
        ("rustcrypto", Box::new(RustCrypto)),
    ]
}

/// EVP, with contexts that are reused, as careful programs do.
pub struct OpenSsl {
    encryption: CipherCtx,
    decryption: CipherCtx,
}

impl OpenSsl {
    pub fn new() -> OpenSsl {
        let cipher = Cipher::fetch(None, "AES-256-GCM", None).unwrap();
        let (mut encryption, mut decryption) =
            (CipherCtx::new().unwrap(), CipherCtx::new().unwrap());
        encryption.encrypt_init(Some(&cipher), None, None).unwrap();
        decryption.decrypt_init(Some(&cipher), None, None).unwrap();
        OpenSsl { encryption, decryption }
    }
}

impl Aead for OpenSsl {
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]) {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        self.encryption.encrypt_init(None, Some(key), Some(&NONCE)).unwrap();
        self.encryption.cipher_update_inplace(data, data.len()).unwrap();
        self.encryption.cipher_final(&mut []).unwrap();
        self.encryption.tag(tag).unwrap();
    }

    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        self.decryption.decrypt_init(None, Some(key), Some(&NONCE)).unwrap();
        self.decryption.set_tag(tag).unwrap();
        self.decryption.cipher_update_inplace(data, data.len()).unwrap();
        self.decryption.cipher_final(&mut []).is_ok()
    }
}

impl Apart for OpenSsl {
    fn seal_apart(&mut self, key: &KeyBytes, plain: &[u8], sealed: &mut [u8]) {
        let (data, tag) = sealed.split_last_chunk_mut::<TAG>().unwrap();
        self.encryption.encrypt_init(None, Some(key), Some(&NONCE)).unwrap();
        self.encryption.cipher_update(plain, Some(data)).unwrap();
        self.encryption.cipher_final(&mut []).unwrap();
        self.encryption.tag(tag).unwrap();
    }

    fn open_apart(&mut self, key: &KeyBytes, sealed: &[u8], plain: &mut [u8]) -> bool {
        let (data, tag) = sealed.split_last_chunk::<TAG>().unwrap();
        self.decryption.decrypt_init(None, Some(key), Some(&NONCE)).unwrap();
        self.decryption.set_tag(tag).unwrap();
        self.decryption.cipher_update(data, Some(plain)).unwrap();
        self.decryption.cipher_final(&mut []).is_ok()
    }
}

/// Through its C interface: crate aws-lc-rs would add a heap object for each key.
pub struct AwsLc;

impl AwsLc {
    fn with<T>(key: &KeyBytes, work: impl FnOnce(&aws::EVP_AEAD_CTX) -> T) -> T {
        let mut context = MaybeUninit::<aws::EVP_AEAD_CTX>::zeroed();
        // SAFETY: as aead.h wants it: zeroed, initialised, used, cleaned up; `key` has 32 bytes.
        unsafe {
            let aead = aws::EVP_aead_aes_256_gcm();
            let context = context.as_mut_ptr();
            let ready =
                aws::EVP_AEAD_CTX_init(context, aead, key.as_ptr(), 32, TAG, ptr::null_mut());
            assert_eq!(ready, 1);
            let result = work(&*context);
            aws::EVP_AEAD_CTX_cleanup(context);
            result
        }
    }

    /// `len` bytes at `from` and at `to`, which may be the same.
    unsafe fn encrypt(key: &KeyBytes, from: *const u8, len: usize, to: *mut u8, tag: &mut [u8]) {
        let mut tag_len = 0;
        // SAFETY: the caller's buffers; `tag` has room for a tag; nothing else is given.
        let done = AwsLc::with(key, |context| unsafe {
            #[rustfmt::skip]
            let done = aws::EVP_AEAD_CTX_seal_scatter(
                context, to, tag.as_mut_ptr(), &mut tag_len, TAG, NONCE.as_ptr(), NONCE.len(),
                from, len, ptr::null(), 0, ptr::null(), 0,
            );
            done
        });
        assert_eq!(done, 1);
    }

    /// As [`AwsLc::encrypt`].
    unsafe fn decrypt(
        key: &KeyBytes,
        from: *const u8,
        len: usize,
        to: *mut u8,
        tag: &[u8],
    ) -> bool {
        // SAFETY: the caller's buffers; nothing else is given.
        AwsLc::with(key, |context| unsafe {
            #[rustfmt::skip]
            let done = aws::EVP_AEAD_CTX_open_gather(
                context, to, NONCE.as_ptr(), NONCE.len(), from, len, tag.as_ptr(), TAG,
                ptr::null(), 0,
            );
            done == 1
        })
    }
}

impl Aead for AwsLc {
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]) {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        let at = data.as_mut_ptr();
        // SAFETY: in place.
        unsafe { AwsLc::encrypt(key, at, data.len(), at, tag) };
    }

    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        let at = data.as_mut_ptr();
        // SAFETY: in place.
        unsafe { AwsLc::decrypt(key, at, data.len(), at, tag) }
    }
}

impl Apart for AwsLc {
    fn seal_apart(&mut self, key: &KeyBytes, plain: &[u8], sealed: &mut [u8]) {
        let (data, tag) = sealed.split_last_chunk_mut::<TAG>().unwrap();
        assert_eq!(data.len(), plain.len());
        // SAFETY: two buffers of one length.
        unsafe { AwsLc::encrypt(key, plain.as_ptr(), plain.len(), data.as_mut_ptr(), tag) };
    }

    fn open_apart(&mut self, key: &KeyBytes, sealed: &[u8], plain: &mut [u8]) -> bool {
        let (data, tag) = sealed.split_last_chunk::<TAG>().unwrap();
        assert_eq!(data.len(), plain.len());
        // SAFETY: two buffers of one length.
        unsafe { AwsLc::decrypt(key, data.as_ptr(), data.len(), plain.as_mut_ptr(), tag) }
    }
}

pub struct Ring;

impl Ring {
    fn key(key: &KeyBytes) -> ring_aead::LessSafeKey {
        let key = ring_aead::UnboundKey::new(&ring_aead::AES_256_GCM, key).unwrap();
        ring_aead::LessSafeKey::new(key)
    }
}

impl Aead for Ring {
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]) {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        let nonce = ring_aead::Nonce::assume_unique_for_key(NONCE);
        let aad = ring_aead::Aad::empty();
        let made = Ring::key(key).seal_in_place_separate_tag(nonce, aad, data).unwrap();
        tag.copy_from_slice(made.as_ref());
    }

    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool {
        let nonce = ring_aead::Nonce::assume_unique_for_key(NONCE);
        Ring::key(key).open_in_place(nonce, ring_aead::Aad::empty(), message).is_ok()
    }
}
