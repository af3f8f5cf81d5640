//! Recovery kits, as 104 bytes. FORMAT.md 8.2.

use coffre_core::keypair::PrivateKey;
use coffre_core::kit::{self, Kit, SIZE};
use coffre_core::kit_text::{self, Form};
use coffre_core::object::{Id, ObjectType};
use coffre_core::out::Out;
use coffre_core::password::{Kdf, Setting};
use coffre_core::recipient::Identity;
use coffre_core::secret::Key;
use coffre_core::text::Text;
use coffre_core::wrap::{Purpose, Scope};

use super::Vector;
use super::origin_vectors::ORDER;
use super::record_vectors::{KEK, PAIR};
use crate::common::forge::{fix_checksum, patched};
use crate::common::keyring::{ARGON2ID, PBKDF2, password_kek};
use crate::common::{flipped, hex, id, kek, key, memory, p256, random};

const PASSWORD: &[u8] = "vectors: phrase de passe, gardée sur papier".as_bytes();
/// A cost with several passes and the most lanes.
const LANES: Kdf = Kdf::Argon2id { memory_kib: 130, passes: 2, lanes: 16 };

/// The kit of a key, as the library makes it.
pub fn create(identity: &Identity, kdf: Kdf) -> Vec<u8> {
    let mut space = [0; SIZE];
    let (mut random, mut workspace) = (random(8), memory(kdf.workspace()));
    let mut out = Out::new(&mut space);
    kit::create(&mut random, identity, PASSWORD, 15, kdf, &mut workspace, &mut out).unwrap();
    space.to_vec()
}

fn derived(kdf: Kdf, salt: Id) -> Key {
    password_kek(&Setting { id: [0; 16], kdf, salt, hint: Text::empty() }, PASSWORD)
}

/// A kit by the table alone.
struct RawKit {
    kind: u8,
    kdf: Kdf,
    key_id: Id,
    /// What is wrapped.
    secret: Key,
    /// What it is wrapped under, instead of what the password yields.
    under: Option<Key>,
}

impl RawKit {
    /// The kit of that key.
    fn new(identity: &Identity) -> RawKit {
        let (kind, secret) = secret_of(identity);
        RawKit { kind, kdf: PBKDF2, key_id: identity.id(), secret, under: None }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let salt = id("vectors: salt of a kit");
        let (number, cost) = numbers(self.kdf);
        let under = self.under.clone().unwrap_or_else(|| derived(self.kdf, salt));
        let scope = Scope { object: ObjectType::RecoveryKit, id: self.key_id };
        let wrapped = scope.wrap(&under, Purpose::RecoveryKit, &self.key_id, &self.secret);
        let mut bytes = [
            &b"COFR\x08\x02\x01\x00"[..],
            &[self.kind, number, 0, 0],
            cost.map(u32::to_le_bytes).as_flattened(),
            &salt,
            &self.key_id,
            &wrapped,
            &[0; 8],
        ]
        .concat();
        fix_checksum(&mut bytes);
        bytes
    }
}

/// The KDF's number, and its cost in the order of the table.
fn numbers(kdf: Kdf) -> (u8, [u32; 3]) {
    match kdf {
        Kdf::Pbkdf2 { iterations } => (3, [iterations, 0, 0]),
        Kdf::Argon2id { memory_kib, passes, lanes } => (4, [passes, memory_kib, lanes]),
    }
}

fn secret_of(identity: &Identity) -> (u8, Key) {
    match identity {
        Identity::Kek(kek) => (1, kek.clone()),
        Identity::P256(private) => (2, private.scalar_bytes()),
        _ => unreachable!("no kit has such a key"),
    }
}

/// The key pair of a scalar.
fn of_scalar(scalar: &[u8; 32]) -> Identity<'static> {
    Identity::P256(PrivateKey::from_scalar_bytes(scalar).unwrap())
}

fn vector(name: &str, about: &str, kit: &[u8]) -> Vector {
    Vector::new("kit", name, about, kit).input("password", PASSWORD)
}

/// The password, and all that a kit yields to it.
pub fn opened(vector: Vector, kit: &[u8], identity: &Identity) -> Vector {
    told(vector.input("password", PASSWORD), kit)
        .intermediate("derived_key", derived_of(kit).expose())
        .intermediate("secret", secret_of(identity).1.expose())
}

/// What a kit's password yields.
fn derived_of(kit: &[u8]) -> Key {
    derived(Kit::parse(kit).unwrap().kdf, kit[24..40].try_into().unwrap())
}

/// What a kit says to everybody.
pub fn told(vector: Vector, bytes: &[u8]) -> Vector {
    let kit = Kit::parse(bytes).unwrap();
    let (kdf, [passes, memory, lanes]) = numbers(kit.kdf);
    vector
        .intermediate("key_kind", &u64::from(kit.kind as u8))
        .intermediate("kdf", &u64::from(kdf))
        .intermediate("passes", &u64::from(passes))
        .intermediate("memory", &u64::from(memory))
        .intermediate("lanes", &u64::from(lanes))
        .intermediate("salt", &bytes[24..40])
        .intermediate("key_id", &kit.key_id)
        .intermediate("text", &text(bytes, Form::Lines)[..])
        .intermediate("qr", &text(bytes, Form::Scan)[..])
}

pub fn text(kit: &[u8], form: Form) -> String {
    let mut space = vec![0; form.size()];
    kit_text::to_text(kit, form, &mut Out::new(&mut space)).unwrap();
    String::from_utf8(space).unwrap()
}

pub fn valid() -> Vec<Vector> {
    let valid = |name: &str, about: &str, identity: &Identity, kdf| {
        let kit = create(identity, kdf);
        opened(vector(name, about, &kit), &kit, identity)
    };
    let (kek, pair) = (kek(KEK), p256(PAIR));
    let mut one = [0; 32];
    one[31] = 1;
    let mut largest: [u8; 32] = hex(ORDER).try_into().unwrap();
    largest[31] -= 1;
    let closed = create(&pair, ARGON2ID);
    // Nobody can pay that; what it says can be read all the same.
    let cost = Kdf::Argon2id { memory_kib: 4_194_304, passes: u32::MAX, lanes: 16 };
    let dear = RawKit { kdf: cost, under: Some(key("any")), ..RawKit::new(&kek) }.to_bytes();
    vec![
        valid("kek_pbkdf2", "a KEK, PBKDF2", &kek, PBKDF2),
        valid("kek_argon2id", "a KEK, Argon2id", &kek, ARGON2ID),
        valid("kek_argon2id_lanes", "a KEK, two passes in 16 lanes", &kek, LANES),
        valid("p256_pbkdf2", "a private key, PBKDF2", &pair, PBKDF2),
        valid("p256_argon2id", "a private key, Argon2id", &pair, ARGON2ID),
        valid("p256_scalar_1", "the scalar 1", &of_scalar(&one), PBKDF2),
        valid("p256_scalar_largest", "the scalar n - 1", &of_scalar(&largest), PBKDF2),
        told(Vector::new("kit", "closed", "what a kit says to everybody", &closed), &closed),
        told(Vector::new("kit", "closed_dear", "a cost that no policy allows", &dear), &dear),
    ]
}

const M: &str = "malformed";

fn broken(rule: &'static str, name: &str, about: &str, expect: &'static str, kit: &[u8]) -> Vector {
    vector(&format!("{}_{name}", rule.to_lowercase()), about, kit).breaks(rule, expect)
}

/// What can't be read.
pub fn malformed() -> Vec<Vector> {
    let pbkdf2 = create(&kek(KEK), PBKDF2);
    let argon2id = create(&kek(KEK), ARGON2ID);
    let with = |rule, name: &str, about: &str, expect, at: usize, to: &[u8]| {
        broken(rule, name, about, expect, &patched(&pbkdf2, at, to))
    };
    let t1 = |name: &str, about: &str, kit: &[u8]| broken("T1", name, about, M, kit);
    let t1_with = |name: &str, about: &str, at, to: &[u8]| with("T1", name, about, M, at, to);
    let sized = |len: usize| {
        let mut kit = pbkdf2.clone();
        kit.resize(len, 0);
        fix_checksum(&mut kit);
        kit
    };
    let cost = |name: &str, about: &str, kdf| {
        t1(
            name,
            about,
            &RawKit { kdf, under: Some(key("any")), ..RawKit::new(&kek(KEK)) }.to_bytes(),
        )
    };
    let argon = |memory_kib, passes, lanes| Kdf::Argon2id { memory_kib, passes, lanes };
    vec![
        with("O1", "magic", "magic \"cOFR\"", M, 0, b"c"),
        with("O1", "type", "object type 7", M, 4, &[7]),
        broken("O1", "short", "15 bytes", M, &pbkdf2[..15]),
        with("O2", "version", "version 3", "unsupported version", 5, &[3]),
        with("O2", "suite", "suite 2", "unsupported suite", 6, &[2]),
        broken("O3", "checksum", "a flipped bit", "damaged", &flipped(&pbkdf2, 8 * 60)),
        with("O4", "reserved", "a reserved field", M, 10, &[1]),
        with("O4", "reserved_high", "its other byte", M, 11, &[0x80]),
        broken("O5", "trailing", "another checksum after the kit", M, &sized(SIZE + 8)),
        t1("103_bytes", "a byte too few", &sized(SIZE - 1)),
        t1("105_bytes", "a byte too many", &sized(SIZE + 1)),
        t1_with("kind_0", "key kind 0", 8, &[0]),
        t1_with("kind_3", "key kind 3", 8, &[3]),
        t1_with("kdf_0", "kdf 0", 9, &[0]),
        t1_with("kdf_2", "kdf 2", 9, &[2]),
        t1("kdf_5", "kdf 5", &patched(&argon2id, 9, &[5])),
        t1_with("memory", "PBKDF2 with memory", 16, &[1]),
        t1_with("lanes", "PBKDF2 with lanes", 23, &[1]),
        cost("iterations", "999 iterations", Kdf::Pbkdf2 { iterations: 999 }),
        cost("argon2id_memory", "7 KiB", argon(7, 1, 1)),
        cost("argon2id_memory_of_lanes", "15 KiB for two lanes", argon(15, 1, 2)),
        cost("argon2id_memory_above", "a KiB above 4 GiB", argon(4_194_305, 1, 1)),
        cost("argon2id_no_pass", "no pass", argon(8, 0, 1)),
        cost("argon2id_no_lane", "no lane", argon(8, 1, 0)),
        cost("argon2id_lanes", "17 lanes", argon(136, 1, 17)),
    ]
}

/// What can be read and does not open.
pub fn refused() -> Vec<Vector> {
    let dear = |name: &str, about: &str, kdf: Kdf, under| {
        let kit = RawKit { kdf, under, ..RawKit::new(&kek(KEK)) }.to_bytes();
        told(broken("T1", name, about, "over cost", &kit), &kit)
    };
    let over = |name: &str, about: &str, kdf| dear(name, about, kdf, Some(key("any")));
    let above = |name: &str, about: &str, kdf| dear(name, about, kdf, None);
    let argon = |memory_kib, passes| Kdf::Argon2id { memory_kib, passes, lanes: 1 };
    let t2 = |name: &str, about: &str, expect, kit: &[u8]| {
        told(broken("T2", name, about, expect, kit), kit)
            .intermediate("derived_key", derived_of(kit).expose())
    };
    let wrong = |name: &str, about: &str, kit: &[u8]| t2(name, about, "wrong password", kit);
    let (good, pair) = (create(&kek(KEK), PBKDF2), create(&p256(PAIR), PBKDF2));
    let argon2id = create(&p256(PAIR), ARGON2ID);
    let another_password = |name: &str, about: &str, kit: &[u8]| {
        wrong(name, about, kit).input("password", &b"another password"[..]).without("derived_key")
    };
    // What is found inside has another id than what the kit says.
    let inside = |rule, name: &str, about: &str, expect, secret: Key, kit: &[u8]| {
        told(broken(rule, name, about, expect, kit), kit)
            .intermediate("derived_key", derived_of(kit).expose())
            .intermediate("secret", secret.expose())
            .without("key_id")
    };
    let other = |rule, name: &str, about: &str, expect, identity: &Identity, secret: Key| {
        let kit = RawKit { secret: secret.clone(), ..RawKit::new(identity) }.to_bytes();
        inside(rule, name, about, expect, secret, &kit)
    };
    const N: &str = "not authentic";
    let called = |name: &str, about: &str, kind: u8, identity: &Identity, kit: &[u8]| {
        inside("T2", name, about, N, secret_of(identity).1, &patched(kit, 8, &[kind]))
    };
    let order = Key::copy_of(&hex(ORDER).try_into().unwrap());
    vec![
        over("over_iterations", "2^32 - 1 iterations", Kdf::Pbkdf2 { iterations: u32::MAX }),
        over("over_memory", "a KiB above the policy's GiB", argon(1_048_577, 1)),
        over("over_passes", "17 passes", argon(8, 17)),
        above(
            "policy_iterations",
            "1001 iterations, 1000 are allowed",
            Kdf::Pbkdf2 { iterations: 1001 },
        )
        .input("max_iterations", &1000),
        above("policy_memory", "9 KiB, where 8 are allowed", argon(9, 1)).input("max_memory", &8),
        above("policy_passes", "2 passes, where one is allowed", argon(8, 2))
            .input("max_passes", &1),
        another_password("wrong_password_pbkdf2", "another password, PBKDF2", &good),
        another_password("wrong_password_argon2id", "another password, Argon2id", &argon2id),
        wrong("wrapped", "an altered key", &patched(&good, 60, &[!good[60]])),
        wrong("salt", "another salt", &patched(&good, 24, &[!good[24]])),
        wrong("cost", "another cost", &patched(&good, 12, &1001u32.to_le_bytes())),
        wrong("key_id", "another key's id", &patched(&good, 40, &p256(PAIR).id())),
        other("T2", "kek", "another KEK inside", N, &kek(KEK), key("vectors: another")),
        other("T2", "scalar", "another scalar inside", N, &p256(PAIR), key("vectors: another")),
        called("kek_as_scalar", "a KEK, called a private key", 2, &kek(KEK), &good),
        called("scalar_as_kek", "a scalar, called a KEK", 1, &p256(PAIR), &pair),
        other("K1", "scalar_0", "the scalar 0", "invalid key", &p256(PAIR), Key::zero()),
        other("K1", "scalar_n", "the scalar n", "invalid key", &p256(PAIR), order),
    ]
}
