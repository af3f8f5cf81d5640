//! The calls of include/coffre_hazmat.h, in the loaded library, as safe functions on slices.
//!
//! Outputs begin as [`POISON`], so that a case sees what an error left there.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::null_mut;

pub const TOO_LARGE: i32 = -5;
pub const INVALID_ARGUMENT: i32 = -1;
pub const KEY_LENGTH: i32 = -6;
pub const OVER_LIMIT: i32 = -21;
pub const MALFORMED: i32 = -40;
pub const NOT_AUTHENTIC: i32 = -44;
pub const BAD_FRAME: i32 = -45;
pub const BAD_KEY_FILE: i32 = -62;
pub const UNSUPPORTED_KEY: i32 = -63;
pub const INVALID_KEY: i32 = -64;

const POISON: u8 = 0xA5;
const RTLD_NOW: c_int = 2;

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

type In = *const u8;
type Out = *mut u8;
type Len = usize;

macro_rules! calls {
    ($($name:ident($($arg:ty),*) $(-> $result:ty)?;)*) => {
        struct Calls { $($name: unsafe extern "C" fn($($arg),*) $(-> $result)?,)* }

        impl Calls {
            fn find(library: *mut c_void) -> Result<Calls, String> {
                Ok(Calls { $($name: {
                    let address = symbol(library, concat!("coffre_hazmat_", stringify!($name)))?;
                    // SAFETY: the header says that the function of this name has this type.
                    unsafe {
                        std::mem::transmute::<
                            *mut c_void,
                            unsafe extern "C" fn($($arg),*) $(-> $result)?,
                        >(address)
                    }
                },)* })
            }
        }
    };
}

calls! {
    engines(*mut Len) -> i32;
    engine_name(Len) -> *const c_char;
    aes256gcm_seal(i32, In, In, Len, In, Len, In, Len, Out, Out) -> i32;
    aes256gcm_open(i32, In, In, Len, In, Len, In, Len, In, Out) -> i32;
    aes256kw_wrap(i32, In, In, Len, Out, Len, *mut Len) -> i32;
    aes256kw_unwrap(i32, In, In, Len, Out, Len, *mut Len) -> i32;
    hmac_sha256(In, Len, In, Len, Out) -> i32;
    hkdf_sha256(In, Len, In, Len, In, Len, Out, Len) -> i32;
    pbkdf2_hmac_sha256(In, Len, In, Len, u32, Out, Len) -> i32;
    argon2id(In, Len, In, Len, u32, u32, u32, Out, Len, Out, Len) -> i32;
    p256_ecdh(In, In, Len, Out) -> i32;
    p256_ecdsa_verify(In, Len, In, Len, In, Len) -> i32;
    hpke_open_base(In, In, In, Len, In, Len, In, Len, Out, Len, *mut Len) -> i32;
    hpke_seal_base(In, In, Len, In, Len, In, Len, In, Len, Out, Out, Len, *mut Len) -> i32;
    chunked_encrypt(i32, In, In, In, Len, In, Len, Out, Len, *mut Len) -> i32;
    chunked_decrypt(i32, In, In, Len, In, Len, Out, Len, *mut Len) -> i32;
    zstd_decompress(In, Len, Out, Len, *mut Len) -> i32;
}

fn symbol(library: *mut c_void, name: &str) -> Result<*mut c_void, String> {
    let c_name = CString::new(name).map_err(|error| error.to_string())?;
    // SAFETY: a live library, a C string.
    let address = unsafe { dlsym(library, c_name.as_ptr()) };
    if address.is_null() { Err(format!("no {name}")) } else { Ok(address) }
}

/// What a call gives: the result, or its status.
pub type Given<T = Vec<u8>> = Result<T, i32>;

/// The loaded library. Every function passes live slices with their lengths, which is all that the
/// calls ask for.
pub struct Library(Calls);

impl Library {
    pub fn load(path: &str) -> Result<Library, String> {
        let path = CString::new(path).map_err(|error| error.to_string())?;
        // SAFETY: a C string; the library runs nothing when it is loaded.
        let library = unsafe { dlopen(path.as_ptr(), RTLD_NOW) };
        if library.is_null() {
            return Err("can't be loaded".into());
        }
        Calls::find(library).map(Library)
    }

    /// The names of all engines, by number.
    pub fn engines(&self) -> Vec<String> {
        let mut count = 0;
        // SAFETY: see the type.
        assert_eq!(unsafe { (self.0.engines)(&mut count) }, 0);
        let name = |i| {
            // SAFETY: see the type; what is not NULL is a C string that lives forever.
            unsafe {
                let name = (self.0.engine_name)(i);
                (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned())
            }
        };
        assert_eq!(name(count), None);
        (0..count).map_while(name).collect()
    }

    /// Ciphertext and tag; in place, or from one buffer to the other.
    pub fn gcm_seal(
        &self,
        engine: i32,
        (key, iv, aad): (&[u8; 32], &[u8], &[u8]),
        plain: &[u8],
        in_place: bool,
    ) -> Given<(Vec<u8>, [u8; 16])> {
        let (mut out, mut tag) = (buffer(plain, in_place), [POISON; 16]);
        let from = if in_place { out.as_ptr() } else { plain.as_ptr() };
        let (len, to, tag_to) = (plain.len(), out.as_mut_ptr(), tag.as_mut_ptr());
        let (iv_len, aad_len) = (iv.len(), aad.len());
        let (key, iv, aad) = (key.as_ptr(), iv.as_ptr(), aad.as_ptr());
        let call = self.0.aes256gcm_seal;
        // SAFETY: see the type.
        let status = unsafe { call(engine, key, iv, iv_len, aad, aad_len, from, len, to, tag_to) };
        given(status, (out, tag))
    }

    /// The plaintext; what a wrong tag leaves behind has to be zeros.
    pub fn gcm_open(
        &self,
        engine: i32,
        (key, iv, aad): (&[u8; 32], &[u8], &[u8]),
        (cipher, tag): (&[u8], &[u8; 16]),
        in_place: bool,
    ) -> Given {
        let mut out = buffer(cipher, in_place);
        let from = if in_place { out.as_ptr() } else { cipher.as_ptr() };
        let (len, to, tag) = (cipher.len(), out.as_mut_ptr(), tag.as_ptr());
        let (iv_len, aad_len) = (iv.len(), aad.len());
        let (key, iv, aad) = (key.as_ptr(), iv.as_ptr(), aad.as_ptr());
        let call = self.0.aes256gcm_open;
        // SAFETY: see the type.
        let status = unsafe { call(engine, key, iv, iv_len, aad, aad_len, from, len, tag, to) };
        assert!(status != NOT_AUTHENTIC || out.iter().all(|byte| *byte == 0), "not zeroed");
        given(status, out)
    }

    pub fn wrap(&self, engine: i32, kek: &[u8; 32], key: &[u8]) -> Given {
        let (kek, len, key) = (kek.as_ptr(), key.len(), key.as_ptr());
        // SAFETY: see the type.
        triplet(64, |to, cap, n| unsafe {
            (self.0.aes256kw_wrap)(engine, kek, key, len, to, cap, n)
        })
    }

    pub fn unwrap(&self, engine: i32, kek: &[u8; 32], key: &[u8]) -> Given {
        let (kek, len, key) = (kek.as_ptr(), key.len(), key.as_ptr());
        let call = self.0.aes256kw_unwrap;
        // SAFETY: see the type.
        triplet(64, |to, cap, n| unsafe { call(engine, kek, key, len, to, cap, n) })
    }

    pub fn hmac(&self, key: &[u8], msg: &[u8]) -> Given {
        // SAFETY: see the type.
        filled(32, |to, _| unsafe {
            (self.0.hmac_sha256)(key.as_ptr(), key.len(), msg.as_ptr(), msg.len(), to)
        })
    }

    pub fn hkdf(&self, salt: &[u8], ikm: &[u8], info: &[u8], len: usize) -> Given {
        let ((salt, salt_len), (ikm, ikm_len), (info, info_len)) = (ptr(salt), ptr(ikm), ptr(info));
        let call = self.0.hkdf_sha256;
        // SAFETY: see the type.
        filled(len, |to, n| unsafe { call(salt, salt_len, ikm, ikm_len, info, info_len, to, n) })
    }

    pub fn pbkdf2(&self, password: &[u8], salt: &[u8], iterations: u32, len: usize) -> Given {
        let ((password, password_len), (salt, salt_len)) = (ptr(password), ptr(salt));
        let call = self.0.pbkdf2_hmac_sha256;
        // SAFETY: see the type.
        filled(len, |to, n| unsafe {
            call(password, password_len, salt, salt_len, iterations, to, n)
        })
    }

    /// `cost` is memory in KiB, passes, lanes.
    pub fn argon2id(&self, password: &[u8], salt: &[u8], cost: [u32; 3], len: usize) -> Given {
        let ((password, password_len), (salt, salt_len)) = (ptr(password), ptr(salt));
        let [m, t, p] = cost;
        let mut workspace = vec![POISON; m as usize * 1024 + 64];
        let (work, work_len) = (workspace.as_mut_ptr(), workspace.len());
        let call = self.0.argon2id;
        // SAFETY: see the type.
        filled(len, |to, n| unsafe {
            call(password, password_len, salt, salt_len, m, t, p, work, work_len, to, n)
        })
    }

    pub fn ecdh(&self, private: &[u8; 32], public: &[u8]) -> Given {
        let (private, (public, len)) = (private.as_ptr(), ptr(public));
        // SAFETY: see the type.
        filled(32, |to, _| unsafe { (self.0.p256_ecdh)(private, public, len, to) })
    }

    pub fn ecdsa_verify(&self, public: &[u8], msg: &[u8], der: &[u8]) -> Given<()> {
        let ((public, public_len), (msg, len), (der, der_len)) = (ptr(public), ptr(msg), ptr(der));
        // SAFETY: see the type.
        given(unsafe { (self.0.p256_ecdsa_verify)(public, public_len, msg, len, der, der_len) }, ())
    }

    pub fn hpke_open(
        &self,
        (private, enc): (&[u8; 32], &[u8; 65]),
        info: &[u8],
        aad: &[u8],
        cipher: &[u8],
    ) -> Given {
        let (private, enc, call) = (private.as_ptr(), enc.as_ptr(), self.0.hpke_open_base);
        let ((info, info_len), (aad, aad_len), (cipher, len)) = (ptr(info), ptr(aad), ptr(cipher));
        // SAFETY: see the type.
        triplet(len, |to, cap, n| unsafe {
            call(private, enc, info, info_len, aad, aad_len, cipher, len, to, cap, n)
        })
    }

    /// The encapsulated key, and the ciphertext.
    pub fn hpke_seal(
        &self,
        (public, ikm): (&[u8; 65], &[u8]),
        info: &[u8],
        aad: &[u8],
        plain: &[u8],
    ) -> Given<(Vec<u8>, Vec<u8>)> {
        let mut enc = vec![POISON; 65];
        let (public, enc_to, call) = (public.as_ptr(), enc.as_mut_ptr(), self.0.hpke_seal_base);
        let ((ikm, ikm_len), (plain, len)) = (ptr(ikm), ptr(plain));
        let ((info, info_len), (aad, aad_len)) = (ptr(info), ptr(aad));
        #[rustfmt::skip]
        // SAFETY: see the type.
        let sealed = triplet(len + 16, |to, cap, n| unsafe {
            call(public, ikm, ikm_len, info, info_len, aad, aad_len, plain, len, enc_to, to, cap, n)
        })?;
        Ok((enc, sealed))
    }

    pub fn chunked_encrypt(
        &self,
        engine: i32,
        (key, salt): (&[u8; 32], &[u8; 24]),
        context: &[u8],
        plain: &[u8],
    ) -> Given {
        let (key, salt, call) = (key.as_ptr(), salt.as_ptr(), self.0.chunked_encrypt);
        let ((context, context_len), (plain, len)) = (ptr(context), ptr(plain));
        // SAFETY: see the type.
        triplet(len + len / 1024 + 88, |to, cap, n| unsafe {
            call(engine, key, salt, context, context_len, plain, len, to, cap, n)
        })
    }

    pub fn chunked_decrypt(
        &self,
        engine: i32,
        key: &[u8; 32],
        context: &[u8],
        cipher: &[u8],
    ) -> Given {
        let (key, call) = (key.as_ptr(), self.0.chunked_decrypt);
        let ((context, context_len), (cipher, len)) = (ptr(context), ptr(cipher));
        // SAFETY: see the type.
        triplet(len, |to, cap, n| unsafe {
            call(engine, key, context, context_len, cipher, len, to, cap, n)
        })
    }

    pub fn zstd_decompress(&self, frame: &[u8], room: usize) -> Given {
        let (frame, len) = ptr(frame);
        // SAFETY: see the type.
        triplet(room, |to, cap, n| unsafe { (self.0.zstd_decompress)(frame, len, to, cap, n) })
    }
}

fn ptr(bytes: &[u8]) -> (In, Len) {
    (bytes.as_ptr(), bytes.len())
}

fn given<T>(status: i32, result: T) -> Given<T> {
    if status == 0 { Ok(result) } else { Err(status) }
}

/// Where a message goes: what is there is the message itself, or nothing of it.
fn buffer(message: &[u8], in_place: bool) -> Vec<u8> {
    if in_place { message.to_vec() } else { vec![POISON; message.len()] }
}

/// A call that fills `len` bytes. What is larger than any result may be is not allocated.
fn filled(len: usize, call: impl FnOnce(Out, Len) -> i32) -> Given {
    let mut out = vec![POISON; len];
    let to = if len == 0 { null_mut() } else { out.as_mut_ptr() };
    given(call(to, len), out)
}

/// A call with the output triplet; after an error nothing but the poison or zeros is in it.
fn triplet(room: usize, call: impl FnOnce(Out, Len, *mut Len) -> i32) -> Given {
    let (mut out, mut len) = (vec![POISON; room], usize::MAX);
    let status = call(out.as_mut_ptr(), room, &mut len);
    let clean = out.iter().all(|byte| matches!(*byte, 0 | POISON));
    assert!(status == 0 || (clean && len == 0), "an error left something behind");
    out.truncate(len);
    given(status, out)
}
