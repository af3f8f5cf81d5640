//! Recipients of every kind: passwords, and stand-ins for a key service and a token that count what
//! they are asked.

use std::cell::{Cell, RefCell};

use coffre_core::aead::Engine;
use coffre_core::error::{Error, Result};
use coffre_core::external::{EcdhToken, External, KeyService, TokenKey};
use coffre_core::hpke;
use coffre_core::keypair::{PrivateKey, PublicKey};
use coffre_core::object::Id;
use coffre_core::password::{Kdf, PasswordKey, Setting};
use coffre_core::policy::Policy;
use coffre_core::recipient::Identity;
use coffre_core::secret::{Key, Secret};
use coffre_core::text::Text;
use coffre_core::wrap::Purpose;

use super::forge::{RawRecord, stanza};

/// The least that the format allows.
pub const PBKDF2: Kdf = Kdf::Pbkdf2 { iterations: 1000 };
/// The least that the format allows.
pub const ARGON2ID: Kdf = Kdf::Argon2id { memory_kib: 8, passes: 1, lanes: 1 };

/// A setting that depends on `name` and the KDF alone.
pub fn setting(name: &str, kdf: Kdf) -> Setting {
    let hint = Text::new(format!("hint of {name}").as_bytes()).unwrap();
    Setting { id: super::id(&format!("{name} {kdf:?}")), kdf, salt: super::id(name), hint }
}

/// The key that `password` yields for a setting.
pub fn derive(setting: &Setting, password: &[u8]) -> PasswordKey {
    derive_within(&Policy::default(), setting, password).unwrap()
}

/// The same within a policy.
pub fn derive_within(policy: &Policy, setting: &Setting, password: &[u8]) -> Result<PasswordKey> {
    // What a strict policy allows at most; 32 bits have no memory for what it refuses.
    let mut workspace = super::memory(setting.kdf.workspace().min((1 << 30) + 64));
    PasswordKey::derive(policy, setting.clone(), password, &mut workspace).map(PasswordKey::trusted)
}

/// A password as an identity.
pub fn password(name: &str, kdf: Kdf) -> Identity<'static> {
    Identity::Password(derive(&setting(name, kdf), name.as_bytes()))
}

/// The stanza KEK of a password, by the primitives alone.
pub fn password_kek(setting: &Setting, password: &[u8]) -> Key {
    let mut kek = Key::zero();
    match setting.kdf {
        Kdf::Pbkdf2 { iterations } => {
            let out = kek.expose_mut();
            pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, &setting.salt, iterations, out);
        }
        Kdf::Argon2id { memory_kib, passes, lanes } => {
            let params = argon2::Params::new(memory_kib, passes, lanes, Some(32)).unwrap();
            let mut blocks = vec![argon2::Block::new(); params.block_count()];
            let (id, v19) = (argon2::Algorithm::Argon2id, argon2::Version::V0x13);
            argon2::Argon2::new(id, v19, params)
                .hash_password_into_with_memory(
                    password,
                    &setting.salt,
                    kek.expose_mut(),
                    &mut blocks,
                )
                .unwrap();
        }
    }
    kek
}

/// What a service or token does when it is asked.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mood {
    Works,
    /// Fails like this.
    Fails(Error),
    /// Says that it made so many bytes.
    Claims(usize),
    /// Gives another key.
    Errs,
    /// Works so many times, and is not there afterwards.
    Tires(usize),
}

/// A key service that remembers what it wrapped, so that sealed keys have any size.
pub struct Service {
    pub mood: Cell<Mood>,
    /// Size of what it makes of a key.
    pub size: usize,
    pub wraps: Cell<usize>,
    pub unwraps: Cell<usize>,
    /// Sealed keys and what is in them.
    pub known: RefCell<Vec<(Vec<u8>, Key)>>,
}

impl Service {
    pub fn new(size: usize) -> Service {
        let counts = [(); 2].map(|()| Cell::new(0));
        let [wraps, unwraps] = counts;
        Service { mood: Cell::new(Mood::Works), size, wraps, unwraps, known: RefCell::default() }
    }

    /// Its key of that name, which makes at most as many bytes as it does.
    pub fn external(&self, name: &str) -> External<'_> {
        External::new(Text::new(name.as_bytes()).unwrap(), self.size, self).unwrap()
    }

    pub fn identity(&self, name: &str) -> Identity<'_> {
        Identity::External(self.external(name))
    }

    /// How often it was asked to wrap and to unwrap.
    pub fn calls(&self) -> (usize, usize) {
        (self.wraps.get(), self.unwraps.get())
    }
}

impl KeyService for Service {
    fn wrap(&self, key: &Key, sealed: &mut [u8]) -> Result<usize> {
        self.wraps.set(self.wraps.get() + 1);
        assert!(sealed.len() == self.size && sealed.iter().all(|byte| *byte == 0));
        let number = self.known.borrow().len() as u64;
        sealed.copy_from_slice(&super::noise(0x5EA1 + number, self.size));
        self.known.borrow_mut().push((sealed.to_vec(), key.clone()));
        match self.mood.get() {
            Mood::Fails(error) => Err(error),
            Mood::Claims(len) => Ok(len),
            Mood::Works | Mood::Errs | Mood::Tires(_) => Ok(self.size),
        }
    }

    fn unwrap(&self, sealed: &[u8]) -> Result<Key> {
        self.unwraps.set(self.unwraps.get() + 1);
        match self.mood.get() {
            Mood::Fails(error) => return Err(error),
            Mood::Errs => return Ok(super::key("the service's other key")),
            Mood::Tires(calls) if self.unwraps.get() > calls => return Err(Error::Callback),
            Mood::Works | Mood::Claims(_) | Mood::Tires(_) => {}
        }
        let known = self.known.borrow();
        let found = known.iter().find(|(bytes, _)| bytes == sealed);
        found.map(|(_, key)| key.clone()).ok_or(Error::NotAuthentic)
    }
}

/// A token that holds the key pair of [`super::p256`].
pub struct Token {
    private: PrivateKey,
    pub mood: Cell<Mood>,
    /// The points that it was asked about.
    pub seen: RefCell<Vec<[u8; 65]>>,
}

impl Token {
    pub fn new(name: &str) -> Token {
        let private = PrivateKey::derive(name.as_bytes()).unwrap();
        Token { private, mood: Cell::new(Mood::Works), seen: RefCell::default() }
    }

    pub fn public(&self) -> PublicKey {
        self.private.public_key().clone()
    }

    pub fn identity(&self) -> Identity<'_> {
        Identity::Token(TokenKey { public: self.public(), token: self })
    }
}

impl EcdhToken for Token {
    fn diffie_hellman(&self, peer: &[u8; 65]) -> Result<Secret<32>> {
        self.seen.borrow_mut().push(*peer);
        // A careless token would answer whatever the point is.
        let peer = PublicKey::from_uncompressed(peer).expect("the library validated it");
        let mut z = self.private.diffie_hellman(&peer);
        match self.mood.get() {
            Mood::Fails(error) => return Err(error),
            Mood::Errs => z.expose_mut()[31] ^= 1,
            Mood::Works | Mood::Claims(_) | Mood::Tires(_) => {}
        }
        Ok(z)
    }
}

/// Stanzas by FORMAT.md 4.1's tables, right or wrong.
impl RawRecord {
    /// The storage key under a stanza KEK.
    pub fn wrapped(&self, kek: &Key, id: &Id) -> [u8; 40] {
        self.scope().wrap(kek, Purpose::StorageKey, id, &self.storage_key)
    }

    pub fn password_stanza(&self, setting: &Setting, kek: &Key) -> Vec<u8> {
        self.raw_password_stanza(&setting.id, setting.kdf, &setting.salt, setting.hint.bytes(), kek)
    }

    pub fn raw_password_stanza(
        &self,
        id: &Id,
        kdf: Kdf,
        salt: &Id,
        hint: &[u8],
        kek: &Key,
    ) -> Vec<u8> {
        let (kind, cost) = match kdf {
            Kdf::Pbkdf2 { iterations } => (3, iterations.to_le_bytes().to_vec()),
            Kdf::Argon2id { memory_kib, passes, lanes } => {
                (4, [memory_kib, passes, lanes].map(u32::to_le_bytes).concat())
            }
        };
        let body = [&cost[..], salt, &[hint.len() as u8], hint, &self.wrapped(kek, id)].concat();
        stanza([kind, 0, 1, 0], id, &body)
    }

    /// The stanza of an external key; its id is what the name gives unless told.
    pub fn external_stanza(
        &self,
        id: Option<Id>,
        name: &[u8],
        sealed: &[u8],
        kek: &Key,
    ) -> Vec<u8> {
        let id = id.unwrap_or_else(|| external_id(name));
        let sealed_len = (sealed.len() as u16).to_le_bytes();
        let wrapped = self.wrapped(kek, &id);
        let body = [&[name.len() as u8], name, &sealed_len, sealed, &wrapped].concat();
        stanza([5, 0, 1, 0], &id, &body)
    }

    /// The stanza of a public key around any stanza KEK.
    pub fn p256_stanza(&self, public: &PublicKey, kek: &Key) -> Vec<u8> {
        let id = public.key_id();
        let object = [self.object as u8];
        let info: [&[u8]; 4] = [b"coffre/v2/hpke", &object, &self.scope_id, &id];
        let ephemeral = PrivateKey::derive(b"ephemeral").unwrap();
        let sealed = hpke::seal_key(Engine::detect(), public, &ephemeral, &info, kek).unwrap();
        let body = [&sealed.enc[..], &sealed.ciphertext, &self.wrapped(kek, &id)].concat();
        stanza([2, 0x10, 1, 2], &id, &body)
    }
}

/// FORMAT.md 4.1, type 5.
pub fn external_id(name: &[u8]) -> Id {
    let digest = coffre_core::derive::sha256(&[b"coffre/v2/external-id", name].concat());
    digest[..16].try_into().unwrap()
}
