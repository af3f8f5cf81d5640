//! RFC 3394 by AWS-LC, OpenSSL and RustCrypto.

use std::mem::MaybeUninit;
use std::ptr;

use aes_kw::cipher::consts::U32;
use aes_kw::{KeyInit, KwAes256};
use aws_lc_sys as aws;
use openssl::cipher::Cipher;
use openssl::cipher_ctx::{CipherCtx, CipherCtxFlags};

use super::{KeyBytes, Pair, Rekey, Wrapped};

/// Key schedules: to unwrap, to wrap.
pub struct AwsLc {
    from: aws::AES_KEY,
    to: aws::AES_KEY,
}

impl AwsLc {
    pub fn new(from: &KeyBytes, to: &KeyBytes) -> AwsLc {
        let (mut unwrapping, mut wrapping) = (MaybeUninit::zeroed(), MaybeUninit::zeroed());
        // SAFETY: keys of 256 bits; zeroed schedules, which are plain numbers, are schedules.
        unsafe {
            assert_eq!(aws::AES_set_decrypt_key(from.as_ptr(), 256, unwrapping.as_mut_ptr()), 0);
            assert_eq!(aws::AES_set_encrypt_key(to.as_ptr(), 256, wrapping.as_mut_ptr()), 0);
            AwsLc { from: unwrapping.assume_init(), to: wrapping.assume_init() }
        }
    }

    /// Under the second key.
    pub fn wrap(&self, key: &KeyBytes) -> Wrapped {
        let mut out = [0; 40];
        let (to, key) = (ptr::from_ref(&self.to), key.as_ptr());
        // SAFETY: 32 bytes become 40; no IV means the standard's.
        let done = unsafe { aws::AES_wrap_key(to, ptr::null(), out.as_mut_ptr(), key, 32) };
        assert_eq!(done, 40);
        out
    }

    fn one(&self, row: &Wrapped) -> Wrapped {
        let mut key = [0; 32];
        let (from, row) = (ptr::from_ref(&self.from), row.as_ptr());
        // SAFETY: 40 bytes become 32; no IV means the standard's.
        let done = unsafe { aws::AES_unwrap_key(from, ptr::null(), key.as_mut_ptr(), row, 40) };
        assert_eq!(done, 32);
        self.wrap(&key)
    }
}

impl Rekey for AwsLc {
    fn rewrap(&mut self, rows: &[Wrapped], out: &mut [Wrapped]) {
        rows.iter().zip(out).for_each(|(row, out)| *out = self.one(row));
    }
}

/// Two EVP contexts.
pub struct OpenSsl {
    from: CipherCtx,
    to: CipherCtx,
}

impl OpenSsl {
    pub fn new(from: &KeyBytes, to: &KeyBytes) -> OpenSsl {
        let cipher = Cipher::fetch(None, "AES-256-WRAP", None).unwrap();
        let context = || {
            let mut context = CipherCtx::new().unwrap();
            context.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
            context
        };
        let (mut unwrapping, mut wrapping) = (context(), context());
        unwrapping.decrypt_init(Some(&cipher), Some(from), None).unwrap();
        wrapping.encrypt_init(Some(&cipher), Some(to), None).unwrap();
        OpenSsl { from: unwrapping, to: wrapping }
    }

    fn one(&mut self, row: &Wrapped) -> Wrapped {
        // The interface wants room for a block more than it writes.
        let (mut key, mut out) = ([0; 56], [0; 64]);
        assert_eq!(self.from.cipher_update(row, Some(&mut key)).unwrap(), 32);
        assert_eq!(self.to.cipher_update(&key[..32], Some(&mut out)).unwrap(), 40);
        *out.first_chunk().unwrap()
    }
}

impl Rekey for OpenSsl {
    fn rewrap(&mut self, rows: &[Wrapped], out: &mut [Wrapped]) {
        rows.iter().zip(out).for_each(|(row, out)| *out = self.one(row));
    }
}

pub struct RustCrypto {
    from: KwAes256,
    to: KwAes256,
}

impl RustCrypto {
    pub fn new(from: &KeyBytes, to: &KeyBytes) -> RustCrypto {
        RustCrypto { from: KwAes256::new(from.into()), to: KwAes256::new(to.into()) }
    }

    fn one(&self, row: &Wrapped) -> Wrapped {
        let mut key = [0; 32];
        self.from.unwrap_key(row, &mut key).unwrap();
        self.to.wrap_fixed_key::<U32>(&key.into()).into()
    }
}

impl Rekey for RustCrypto {
    fn rewrap(&mut self, rows: &[Wrapped], out: &mut [Wrapped]) {
        rows.iter().zip(out).for_each(|(row, out)| *out = self.one(row));
    }
}

/// A peer whose schedules are made for each pair.
pub struct Fresh<P>(pub fn(&KeyBytes, &KeyBytes) -> P);

impl<P: Rekey> Pair for Fresh<P> {
    fn pair(&mut self, from: &KeyBytes, to: &KeyBytes, row: &Wrapped) -> Wrapped {
        let mut out = [[0; 40]];
        (self.0)(from, to).rewrap(&[*row], &mut out);
        out[0]
    }
}
