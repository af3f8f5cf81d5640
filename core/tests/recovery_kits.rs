//! FORMAT.md 8.2, the 104 bytes of a recovery kit: [T1], [T2], and [R10] as to its cost.

#![cfg(all(feature = "seal", feature = "public-key", feature = "argon2"))]

mod common;

use std::mem::MaybeUninit;

use coffre_core::error::{Error, Result};
use coffre_core::external::{External, KeyService};
use coffre_core::kit::{self, KeyKind, Kit, SIZE};
use coffre_core::object::{Id, ObjectType};
use coffre_core::out::{Out, as_scratch};
use coffre_core::password::{Kdf, PasswordKey};
use coffre_core::policy::Policy;
use coffre_core::recipient::Identity;
use coffre_core::secret::Key;
use coffre_core::text::Text;
use coffre_core::wrap::{Purpose, Scope};
use common::forge::{fix_checksum, patched};
use common::*;

const WORD: &[u8] = b"correct horse battery staple";
const PBKDF2: Kdf = Kdf::Pbkdf2 { iterations: 1000 };
const ARGON2ID: Kdf = Kdf::Argon2id { memory_kib: 8, passes: 1, lanes: 1 };

fn create_with(
    identity: &Identity,
    password: &[u8],
    least_len: usize,
    kdf: Kdf,
) -> Result<Vec<u8>> {
    let mut space = [0xA5; SIZE + 6];
    let mut out = Out::new(&mut space);
    out.push(b"before").unwrap();
    let (mut random, mut workspace) = (random(1), memory(kdf.workspace()));
    let made =
        kit::create(&mut random, identity, password, least_len, kdf, &mut workspace, &mut out);
    let kit = out.written().strip_prefix(b"before").unwrap().to_vec();
    if made.is_err() {
        assert!(kit.is_empty());
        assert_wiped(&space[6..]);
    }
    made.map(|()| kit)
}

fn create(identity: &Identity, kdf: Kdf) -> Vec<u8> {
    create_with(identity, WORD, 15, kdf).unwrap()
}

fn open_with(policy: &Policy, kit: &[u8], password: &[u8]) -> Result<Identity<'static>> {
    let kit = Kit::parse(kit)?;
    let mut workspace = memory(kit.kdf.workspace().min(1 << 20));
    kit.open(policy, password, &mut workspace)
}

fn open(kit: &[u8]) -> Result<Identity<'static>> {
    open_with(&Policy::default(), kit, WORD)
}

/// The error, for an identity has no Debug.
fn error(kit: &[u8]) -> Error {
    open(kit).err().unwrap_or_else(|| panic!("it opens"))
}

fn secret(identity: &Identity) -> Vec<u8> {
    match identity {
        Identity::Kek(kek) => kek.expose().to_vec(),
        Identity::P256(private) => private.scalar_bytes().expose().to_vec(),
        _ => panic!("no kit has such a key"),
    }
}

/// A kit by the table alone, with PBKDF2.
struct RawKit {
    kind: u8,
    /// What the kit says.
    key_id: Id,
    /// What is wrapped.
    secret: [u8; 32],
    /// Under which object type and id it is wrapped.
    object: ObjectType,
    scope_id: Id,
    purpose: Purpose,
}

impl RawKit {
    fn new(identity: &Identity) -> RawKit {
        let (kind, key_id) =
            (if matches!(identity, Identity::Kek(_)) { 1 } else { 2 }, identity.id());
        let (object, purpose) = (ObjectType::RecoveryKit, Purpose::RecoveryKit);
        let secret = secret(identity).try_into().unwrap();
        RawKit { kind, key_id, secret, object, scope_id: key_id, purpose }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let salt = [0x5A; 16];
        let mut key = Key::zero();
        pbkdf2::pbkdf2_hmac::<sha2::Sha256>(WORD, &salt, 1000, key.expose_mut());
        let scope = Scope { object: self.object, id: self.scope_id };
        let secret = Key::copy_of(&self.secret);
        let wrapped = scope.wrap(&key, self.purpose, &self.key_id, &secret);
        let head = [&b"COFR\x08\x02\x01\x00"[..], &[self.kind, 3, 0, 0, 0xE8, 3, 0, 0]].concat();
        let mut kit = [&head[..], &[0; 8], &salt, &self.key_id, &wrapped, &[0; 8]].concat();
        fix_checksum(&mut kit);
        kit
    }
}

#[test]
fn both_kinds_of_keys_come_back_from_both_kdfs() {
    for (identity, kind) in [(kek("k"), KeyKind::Kek), (p256("p"), KeyKind::P256)] {
        for kdf in [PBKDF2, ARGON2ID, Kdf::Argon2id { memory_kib: 130, passes: 2, lanes: 16 }] {
            let bytes = create(&identity, kdf);
            assert_eq!(bytes.len(), SIZE);
            let kit = Kit::parse(&bytes).unwrap();
            assert!((kit.kind, kit.kdf, kit.key_id) == (kind, kdf, identity.id()));
            let opened = open(&bytes).unwrap_or_else(|e| panic!("{kind:?} {kdf:?}: {e:?}"));
            assert_eq!(secret(&opened), secret(&identity));
            assert_eq!(opened.id(), identity.id());
        }
        // What this file takes a kit to be is what the library opens.
        assert_eq!(secret(&open(&RawKit::new(&identity).to_bytes()).unwrap()), secret(&identity));
    }
}

/// Kits that tests/decoder/encoder_keys.py made: a KEK with PBKDF2, a scalar with Argon2id.
#[test]
fn kits_of_the_second_implementation_open() {
    for (kit, first) in [
        (
            "434f46520802010001030000e80300000000000000000000606162636465666768696a6b6c6d6e6f\
             13293d898b00d06db3358b10de252caa610d1f92e554926860f414038df2b904d1988a76a4bd0f67\
             3dabd820d898e2b92b57b5ea43f8875eb9c1472a18b5a0c9",
            0,
        ),
        (
            "434f46520802010002040000020000000800000001000000606162636465666768696a6b6c6d6e6f\
             f1d59449b727165de732bf283338122b5920d9db4d57de2a1de0d89cf232bb440af576f71acd38f9\
             318d73a3cd700f666fbb77c3ad0e7ce86c196c48c07d3ca4",
            1,
        ),
    ] {
        let expected: Vec<u8> = (first..first + 32).collect();
        assert_eq!(secret(&open(&hex(kit)).unwrap()), expected);
    }
}

/// [O3]: wherever one bit is flipped, that is damage; but in magic and type it is another file.
#[test]
fn every_flipped_bit_is_found() {
    for identity in [kek("k"), p256("p")] {
        let good = create(&identity, PBKDF2);
        for bit in 0..8 * SIZE {
            let expected = if bit < 8 * 5 { Error::Malformed } else { Error::Damaged };
            assert_eq!(Kit::parse(&flipped(&good, bit)).err(), Some(expected), "bit {bit}");
        }
    }
}

/// [T1], [O1], [O2], [O4], [O5]: a checksum that fits excuses nothing.
#[test]
fn other_sizes_kinds_kdfs_and_reserved_bytes_are_refused() {
    let good = create(&kek("k"), PBKDF2);
    let argon2id = create(&kek("k"), ARGON2ID);
    let sized = |len: usize| {
        let mut kit = good.clone();
        kit.resize(len, 0);
        fix_checksum(&mut kit);
        kit
    };
    for (what, kit, expected) in [
        ("nothing", vec![], Error::Malformed),
        ("15 bytes", good[..15].to_vec(), Error::Malformed),
        ("103 bytes", sized(103), Error::Malformed),
        ("105 bytes", sized(105), Error::Malformed),
        ("a byte behind", [&good[..], &[0]].concat(), Error::Malformed),
        ("magic", patched(&good, 0, b"X"), Error::Malformed),
        ("a challenge", patched(&good, 4, &[5]), Error::Malformed),
        ("an unknown object", patched(&good, 4, &[9]), Error::Malformed),
        ("version", patched(&good, 5, &[3]), Error::UnsupportedVersion),
        ("suite", patched(&good, 6, &[2]), Error::UnsupportedSuite),
        ("suite's high byte", patched(&good, 7, &[1]), Error::UnsupportedSuite),
        ("kind 0", patched(&good, 8, &[0]), Error::Malformed),
        ("kind 3", patched(&good, 8, &[3]), Error::Malformed),
        ("kdf 0", patched(&good, 9, &[0]), Error::Malformed),
        ("kdf 1", patched(&good, 9, &[1]), Error::Malformed),
        ("kdf 5", patched(&good, 9, &[5]), Error::Malformed),
        ("reserved", patched(&good, 10, &[1]), Error::Malformed),
        ("reserved's high byte", patched(&good, 11, &[1]), Error::Malformed),
        ("memory with PBKDF2", patched(&good, 16, &[1]), Error::Malformed),
        ("lanes with PBKDF2", patched(&good, 23, &[1]), Error::Malformed),
        ("Argon2id, called PBKDF2", patched(&argon2id, 9, &[3]), Error::Malformed),
        ("PBKDF2, called Argon2id", patched(&good, 9, &[4]), Error::Malformed),
    ] {
        assert_eq!(Kit::parse(&kit).err(), Some(expected), "{what}");
    }
    // Of another version nothing but the checksum is known, the size neither.
    for (len, sound) in [(40, true), (104, false), (300, true)] {
        let mut other = patched(&sized(len), 5, &[3]);
        other[20] ^= u8::from(!sound);
        let expected = if sound { Error::UnsupportedVersion } else { Error::Damaged };
        assert_eq!(Kit::parse(&other).err(), Some(expected));
    }
}

/// [R10] in a kit: the format's limits are *malformed*, the policy's *over cost*, before any work.
#[test]
fn costs_are_checked_before_any_work() {
    let pbkdf2 = create(&kek("k"), PBKDF2);
    let argon2id = create(&kek("k"), ARGON2ID);
    let cost =
        |kit: &[u8], cost: [u32; 3]| patched(kit, 12, cost.map(u32::to_le_bytes).as_flattened());
    for (kit, illegal) in [
        (&pbkdf2, [999, 0, 0]),
        (&argon2id, [0, 8, 1]),
        (&argon2id, [1, 7, 1]),
        (&argon2id, [1, 15, 2]),
        (&argon2id, [1, 8, 0]),
        (&argon2id, [1, 136, 17]),
        (&argon2id, [1, 4_194_305, 1]),
        (&argon2id, [1, u32::MAX, u32::MAX]),
    ] {
        assert_eq!(Kit::parse(&cost(kit, illegal)).err(), Some(Error::Malformed), "{illegal:?}");
    }
    // Any of these would take hours, or memory that was not lent.
    for (kit, dear) in [
        (&pbkdf2, [u32::MAX, 0, 0]),
        (&pbkdf2, [10_000_001, 0, 0]),
        (&argon2id, [u32::MAX, 8, 1]),
        (&argon2id, [17, 8, 1]),
        (&argon2id, [1, 1_048_577, 1]),
    ] {
        assert_eq!(error(&cost(kit, dear)), Error::OverCost, "{dear:?}");
    }
    let strict = Policy { max_pbkdf2_iterations: 999, ..Policy::default() };
    assert_eq!(open_with(&strict, &pbkdf2, WORD).err(), Some(Error::OverCost));
    let strict = Policy { max_argon2_memory_kib: 7, ..Policy::default() };
    assert_eq!(open_with(&strict, &argon2id, WORD).err(), Some(Error::OverCost));
}

/// [T2]: whatever is altered under a checksum that fits, the key does not unwrap.
#[test]
fn another_password_or_an_altered_kit_is_a_wrong_password() {
    for identity in [kek("k"), p256("p")] {
        for kdf in [PBKDF2, ARGON2ID] {
            let good = create(&identity, kdf);
            for password in
                [&b""[..], b"correct horse battery stapl", b"Correct horse battery staple"]
            {
                let opened = open_with(&Policy::default(), &good, password);
                assert_eq!(opened.err(), Some(Error::WrongPassword));
            }
            let another_cost = match kdf {
                Kdf::Pbkdf2 { .. } => patched(&good, 12, &1001u32.to_le_bytes()),
                Kdf::Argon2id { .. } => patched(&good, 16, &9u32.to_le_bytes()),
            };
            assert_eq!(error(&another_cost), Error::WrongPassword);
            // Salt, key id and the wrapped key, byte by byte.
            for offset in 24..96 {
                let altered = patched(&good, offset, &[good[offset] ^ 0x10]);
                assert_eq!(error(&altered), Error::WrongPassword, "byte {offset}");
            }
        }
    }
    let good = RawKit::new(&kek("k"));
    for (what, raw) in [
        ("purpose", RawKit { purpose: Purpose::StorageKey, ..RawKit::new(&kek("k")) }),
        ("object type", RawKit { object: ObjectType::Challenge, ..RawKit::new(&kek("k")) }),
        ("scope id", RawKit { scope_id: id("other"), ..good }),
    ] {
        assert_eq!(error(&raw.to_bytes()), Error::WrongPassword, "{what}");
    }
}

/// [T2], [K1]: what unwraps must be the key that the kit names.
#[test]
fn another_key_inside_is_not_authentic() {
    let other = secret(&kek("other")).try_into().unwrap();
    for identity in [kek("k"), p256("p")] {
        let raw = RawKit { secret: other, ..RawKit::new(&identity) };
        assert_eq!(error(&raw.to_bytes()), Error::NotAuthentic);
    }
    // The kind is not part of the wrap; the key id tells.
    let good = create(&kek("k"), PBKDF2);
    assert_eq!(error(&patched(&good, 8, &[2])), Error::NotAuthentic);
    let good = create(&p256("p"), PBKDF2);
    assert_eq!(error(&patched(&good, 8, &[1])), Error::NotAuthentic);
    for scalar in [[0; 32], [0xFF; 32]] {
        let raw = RawKit { secret: scalar, ..RawKit::new(&p256("p")) };
        assert_eq!(error(&raw.to_bytes()), Error::InvalidKey);
    }
}

struct NoService;

impl KeyService for NoService {
    fn wrap(&self, _: &Key, _: &mut [u8]) -> Result<usize> {
        Err(Error::Callback)
    }

    fn unwrap(&self, _: &[u8]) -> Result<Key> {
        Err(Error::Callback)
    }
}

#[test]
fn only_a_key_of_its_own_goes_into_a_kit() {
    let mut random = random(1);
    let hint = Text::empty();
    let password = PasswordKey::set(&mut random, WORD, 15, PBKDF2, hint, &mut []).unwrap();
    let external = External::new(Text::new(b"kms").unwrap(), 40, &NoService).unwrap();
    for identity in [Identity::Password(password), Identity::External(external)] {
        assert_eq!(create_with(&identity, WORD, 15, PBKDF2), Err(Error::UnsupportedKey));
    }
}

#[test]
fn weak_passwords_and_illegal_costs_make_no_kit() {
    let made = |password: &[u8], kdf| create_with(&kek("k"), password, 15, kdf);
    for weak in [&b""[..], b"fourteen bytes", b"abcdabcdabcdabcdabcd"] {
        assert_eq!(made(weak, PBKDF2), Err(Error::WeakPassword));
    }
    assert_eq!(create_with(&kek("k"), b"fivef", 5, PBKDF2), Err(Error::WeakPassword));
    assert!(create_with(&kek("k"), b"five5", 5, PBKDF2).is_ok());
    for illegal in [
        Kdf::Pbkdf2 { iterations: 999 },
        Kdf::Argon2id { memory_kib: 8, passes: 0, lanes: 1 },
        Kdf::Argon2id { memory_kib: 136, passes: 1, lanes: 17 },
        Kdf::Argon2id { memory_kib: u32::MAX, passes: 1, lanes: 1 },
    ] {
        let mut out = Out::new(&mut []);
        let made = kit::create(&mut random(1), &kek("k"), WORD, 15, illegal, &mut [], &mut out);
        assert_eq!(made, Err(Error::InvalidArgument), "{illegal:?}");
    }
}

/// Whatever is too small, nothing was drawn or derived.
#[test]
fn too_small_a_workspace_or_output_costs_nothing() {
    let mut random = random(1);
    let mut space = [0xA5; SIZE];
    let mut made = |workspace: &mut [MaybeUninit<u8>], space: &mut [u8]| {
        let mut out = Out::new(space);
        let made = kit::create(&mut random, &kek("k"), WORD, 15, ARGON2ID, workspace, &mut out);
        (made, out.needed(), random.draws())
    };
    let size = ARGON2ID.workspace();
    let too_small = made(&mut memory(size - 1), &mut space);
    assert_eq!(too_small, (Err(Error::WorkspaceTooSmall), 0, 0));
    let too_small = made(&mut memory(size), &mut space[..SIZE - 1]);
    assert_eq!(too_small, (Err(Error::BufferTooSmall), SIZE, 0));
    assert_eq!(made(&mut memory(size), &mut space), (Ok(()), 0, 1));
    let kit = Kit::parse(&space).unwrap();
    let opened = kit.open(&Policy::default(), WORD, &mut memory(size - 1));
    assert_eq!(opened.err(), Some(Error::WorkspaceTooSmall));
}

#[test]
fn what_was_lent_is_wiped() {
    let kit = create(&kek("k"), ARGON2ID);
    for password in [WORD, b"another password"] {
        let mut workspace = vec![0xA5; ARGON2ID.workspace()];
        let lent = as_scratch(&mut workspace);
        let opened = Kit::parse(&kit).unwrap().open(&Policy::default(), password, lent);
        assert_eq!(opened.is_ok(), password == WORD);
        assert_wiped(&workspace);
    }
}

/// The salt is drawn anew for each kit, and hedged: a source that is reset gives different keys
/// different salts. A source that fails makes no kit.
#[test]
fn salts_do_not_repeat() {
    let salt = |kit: Vec<u8>| kit[24..40].to_vec();
    let reset = [kek("k"), kek("l"), p256("p")].map(|identity| salt(create(&identity, PBKDF2)));
    assert!(reset[0] != reset[1] && reset[0] != reset[2] && reset[1] != reset[2]);
    let mut random = random(1);
    let mut space = [0; 2 * SIZE];
    let mut out = Out::new(&mut space);
    for _ in 0..2 {
        kit::create(&mut random, &kek("k"), WORD, 15, PBKDF2, &mut [], &mut out).unwrap();
    }
    let (first, second) = out.written().split_at(SIZE);
    assert_ne!(salt(first.to_vec()), salt(second.to_vec()));
    let mut failing = failing_after(0);
    let mut out = Out::new(&mut space);
    let made = kit::create(&mut failing, &kek("k"), WORD, 15, PBKDF2, &mut [], &mut out);
    assert_eq!((made, out.len()), (Err(Error::Random), 0));
}
