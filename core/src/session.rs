//! Session keys, which encrypt blocks, and the repository's id key, which names them.

use zeroize::Zeroizing;

use crate::bytes::copy;
use crate::chunked::SALT;
use crate::cpu::Cpu;
use crate::derive::{Expand512, Mac256, expand256, label};
use crate::error::Result;
use crate::header::BlockId;
use crate::object::Id;
use crate::polyval;
use crate::random::{Random, RandomSource};
use crate::secret::{Key, Secret};

/// The key of one job session, with what is derived from it.
#[derive(Clone)]
pub struct Session {
    key: Key,
    /// The key, made ready for blocks.
    expand: Expand512,
    id: Id,
    #[cfg(feature = "seal")]
    hedge: Hedge,
}

/// What hedges salts (FORMAT.md 3.1.3).
#[cfg(feature = "seal")]
#[derive(Clone)]
struct Hedge {
    salt_secret: Key,
    hash_key: Secret<16>,
}

#[cfg(feature = "seal")]
impl Hedge {
    fn of(expand: &Expand512) -> Hedge {
        let hedge = expand.expand::<48>(label::HEDGE, &[]);
        let (mut salt_secret, mut hash_key) = (Key::zero(), Secret::zero());
        if let Some((secret, key)) = hedge.expose().split_first_chunk() {
            *salt_secret.expose_mut() = *secret;
            copy(hash_key.expose_mut(), key);
        }
        Hedge { salt_secret, hash_key }
    }
}

impl Session {
    /// A new session.
    ///
    /// # Errors
    /// Those of [`Random::draw`].
    pub fn generate<S: RandomSource>(random: &mut Random<S>) -> Result<Session> {
        Ok(Session::from_key(random.key(&[label::SESSION_ID.bytes()])?))
    }

    /// The session of a key that was unwrapped or derived.
    pub fn from_key(key: Key) -> Session {
        let id = Session::id_of(&key);
        let expand = Expand512::new(&key);
        Session {
            key,
            id,
            #[cfg(feature = "seal")]
            hedge: Hedge::of(&expand),
            expand,
        }
    }

    /// The id of the session of that key.
    pub(crate) fn id_of(key: &Key) -> Id {
        *expand256::<16>(key, label::SESSION_ID, &[]).expose()
    }

    /// The id that blocks carry: derived from the key, so that no two keys share one. FORMAT.md
    /// \[B6\].
    pub fn id(&self) -> &Id {
        &self.id
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    pub(crate) fn expand(&self) -> &Expand512 {
        &self.expand
    }

    /// The salt of one block (FORMAT.md 3.1.3), over `stored` unless the source is trusted.
    ///
    /// A source that repeats itself gives equal salts only to equal blocks in equal places.
    #[cfg(feature = "seal")]
    pub(crate) fn salt<S: RandomSource>(
        &self,
        cpu: Cpu,
        random: &mut Random<S>,
        stored: Option<&[u8]>,
        header: &[u8],
    ) -> Result<[u8; SALT]> {
        let drawn = random.draw()?;
        let hash = |stored| polyval::of(cpu, self.hedge.hash_key.expose(), stored);
        // With a message that is known, it tells the key.
        let content = Zeroizing::new(stored.map_or([0; 16], hash));
        let mac = Mac256::of(
            &self.hedge.salt_secret,
            &[drawn.expose(), &random.draws().to_le_bytes(), &*content, header],
        );
        let mut salt = [0; SALT];
        salt.copy_from_slice(&mac[..SALT]);
        Ok(salt)
    }

    /// There is none.
    #[cfg(not(feature = "seal"))]
    pub(crate) fn salt<S: RandomSource>(
        &self,
        _: Cpu,
        _: &mut Random<S>,
        _: Option<&[u8]>,
        _: &[u8],
    ) -> Result<[u8; SALT]> {
        Err(crate::error::Error::NotBuilt)
    }
}

/// The repository's key for block ids: equal plaintext, equal id.
#[derive(Clone)]
pub struct IdKey {
    key: Key,
    epoch: u64,
}

impl IdKey {
    /// A new id key.
    ///
    /// # Errors
    /// Those of [`Random::draw`].
    pub fn generate<S: RandomSource>(random: &mut Random<S>, epoch: u64) -> Result<IdKey> {
        let hedge = epoch.to_le_bytes();
        Ok(IdKey { key: random.key(&[b"id key", &hedge])?, epoch })
    }

    pub(crate) fn from_key(key: Key, epoch: u64) -> IdKey {
        IdKey { key, epoch }
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// The number under which a repository record keeps it.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// `HMAC-SHA-256(id key, plaintext)`.
    pub fn block_id(&self, plain: &[u8]) -> BlockId {
        BlockId::Hash(Mac256::of(&self.key, &[plain]))
    }
}
