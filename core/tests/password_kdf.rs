//! Keys from passwords: known answers, what they may cost, the memory they are derived in, and what
//! makes a password.

#![cfg(all(feature = "seal", feature = "argon2"))]

mod common;

use coffre_core::error::{Error, Result};
use coffre_core::limits;
use coffre_core::object::Id;
use coffre_core::out::as_scratch;
use coffre_core::password::{Kdf, PasswordKey, Setting};
use coffre_core::password_hash;
use coffre_core::policy::Policy;
use coffre_core::recipient::{Identity, Recipient};
use coffre_core::record::Record;
use coffre_core::secret::Key;
use coffre_core::text::Text;
use coffre_core::wrap::Purpose;
use common::keyring::{ARGON2ID, PBKDF2, derive, derive_within, setting};
use common::rewrite::{edit, open, write};
use common::*;

const fn argon2id(memory_kib: u32, passes: u32, lanes: u32) -> Kdf {
    Kdf::Argon2id { memory_kib, passes, lanes }
}

const fn pbkdf2(iterations: u32) -> Kdf {
    Kdf::Pbkdf2 { iterations }
}

/// The primitives: RFC 7914 11, and test.c of the Argon2 reference implementation (version 0x13).
#[test]
fn published_answers() {
    for (password, salt, iterations, expected) in [
        (
            "passwd",
            "salt",
            1,
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
             49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
        ),
        (
            "Password",
            "NaCl",
            80_000,
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56\
             a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
        ),
    ] {
        let block = |number| {
            let (password, salt) = (password.as_bytes(), salt.as_bytes());
            password_hash::pbkdf2(iterations, password, salt, number).unwrap()
        };
        assert_eq!(to_hex(block(1).expose()) + &to_hex(block(2).expose()), expected);
    }
    for (lanes, expected) in [
        (1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        (2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
    ] {
        let key = argon2id_key([256, 2, lanes], b"password", b"somesalt");
        assert_eq!(to_hex(key.expose()), expected);
    }
}

fn argon2id_key(cost: [u32; 3], password: &[u8], salt: &[u8]) -> Key {
    let mut space = memory(argon2id(cost[0], cost[1], cost[2]).workspace());
    password_hash::argon2id(cost, password, salt, &mut space).unwrap()
}

/// Crate argon2 says the same, for segments of more than 128 blocks, too: each 128 take addresses
/// of their own.
#[test]
fn argon2id_as_the_crate() {
    for (memory, passes, lanes) in
        [(8, 1, 1), (37, 3, 2), (512, 1, 1), (520, 2, 1), (1040, 1, 2), (1539, 2, 1), (4096, 1, 1)]
    {
        let params = argon2::Params::new(memory, passes, lanes, Some(32)).unwrap();
        let mut blocks = vec![argon2::Block::new(); params.block_count()];
        let mut expected = [0; 32];
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into_with_memory(b"password", b"any salt", &mut expected, &mut blocks)
            .unwrap();
        let key = argon2id_key([memory, passes, lanes], b"password", b"any salt");
        assert_eq!(*key.expose(), expected, "{memory} {passes} {lanes}");
    }
}

/// FORMAT.md 4.1: what OpenSSL 3 makes of a password, salt and cost is the stanza KEK.
#[test]
fn stanza_keks_of_openssl() {
    let salt: Id = std::array::from_fn(|n| n as u8);
    let usual = "correct horse battery staple é".as_bytes();
    let long: Vec<u8> = (0..5 * 256).map(|n| n as u8).collect();
    for (kdf, password, kek) in [
        (pbkdf2(1000), usual, "069190ef69409259b4aee6d279ce9d8f2d9b41afb49d6a8cf85fd5b88a76bae1"),
        (pbkdf2(1001), usual, "c6841188ed34547d439ca1845333ca64dbf56f94a4ca8daa40bbb2356e9a6c5c"),
        (pbkdf2(4096), usual, "2630380cd563588bd28ac281af303cf63e4b0b3d1a95b7167a991ca10deb40ff"),
        (pbkdf2(1000), &long, "9f4d004c8081da78430ffefb93bf9112007bc89f124417caded9fe1887aa8761"),
        (pbkdf2(1000), b"", "c5b301b1fd61bced63f00642a2304ec674519fbd7cd83c4bc83dafe1743f9855"),
        (
            argon2id(8, 1, 1),
            usual,
            "52a21d93c78116143295611026a6c2cb0d1daf1645ccb22bd65f24d6c241fca8",
        ),
        (
            argon2id(9, 1, 1),
            usual,
            "127218403ec2ddc4a5f0d6af37800168da96794c92e4b3aa8a8bda0e007af5ce",
        ),
        (
            argon2id(64, 3, 1),
            usual,
            "3174f9e3fb40bf016bd111a000e8971c3e23c1b4029ee342b36a16a3d9b959b2",
        ),
        (
            argon2id(33, 2, 4),
            usual,
            "ef8e1a0bc0d9bdbcf9c00e5a7436d0ff6cc4f3d85db2ae46fda691ca82fe5fb2",
        ),
        (
            argon2id(128, 1, 16),
            usual,
            "c04ce4650a81d165b47c0044fd1be7fce7df12d9a0dd1ed192e38c1545720f2e",
        ),
        (
            argon2id(8, 1, 1),
            &long,
            "133ab1487dbc5562f6d8db0c39e201ac637d5a689489ccc0722df263175c6659",
        ),
        (
            argon2id(8, 1, 1),
            b"",
            "31ed41e2d73f27fdfe4eb4bec651341e58ba43477051c6fe4adad735d82ee08a",
        ),
    ] {
        let setting = Setting { salt, ..setting("any", kdf) };
        let key = derive(&setting, password);
        let (bytes, _) = write("point", &[&Identity::Password(key)], |_| Ok(()));
        let record = Record::parse(&bytes).unwrap();
        let wrapped = bytes[bytes.len() - 80..][..40].try_into().unwrap();
        let kek = Key::copy_of(&hex(kek).try_into().unwrap());
        let unwrapped = record.scope().unwrap(&kek, Purpose::StorageKey, &setting.id, &wrapped);
        assert!(unwrapped.is_ok(), "{kdf:?}");
    }
}

/// FORMAT.md [R10]: a cost above the policy's is refused before anything is derived. Two to the
/// 32nd passes would outlast this test, and the workspace would hold their traces.
#[test]
fn r10_over_cost_before_any_work() {
    let policy = Policy {
        max_pbkdf2_iterations: 2000,
        max_argon2_memory_kib: 100,
        max_argon2_passes: 3,
        ..Policy::default()
    };
    let derive = |policy: &Policy, kdf: Kdf| {
        let mut space = vec![0xA5; 200 << 10];
        let workspace = as_scratch(&mut space);
        let made = PasswordKey::derive(policy, setting("s", kdf), b"password", workspace);
        let untouched = space.iter().all(|byte| *byte == 0xA5);
        (made.err(), untouched)
    };
    for kdf in [pbkdf2(2001), pbkdf2(u32::MAX), argon2id(101, 1, 1), argon2id(8, 4, 1)]
        .into_iter()
        .chain([argon2id(8, u32::MAX, 1), argon2id(limits::ARGON2_MEMORY_KIB, 1, 1)])
    {
        assert_eq!(derive(&policy, kdf), (Some(Error::OverCost), true), "{kdf:?}");
        // Not even a workspace was asked for.
        let made = PasswordKey::derive(&policy, setting("s", kdf), b"password", &mut []);
        assert_eq!(made.err(), Some(Error::OverCost), "{kdf:?}");
    }
    for kdf in [pbkdf2(2000), argon2id(100, 1, 1), argon2id(8, 3, 1)] {
        assert_eq!(derive(&policy, kdf).0, None, "{kdf:?}");
    }
    // Lanes are work that is done either way; the policy has no limit of its own.
    assert_eq!(derive(&policy, argon2id(64, 1, 8)).0, None);
    // FORMAT.md 9: the policy by default.
    for (kdf, error) in [
        (pbkdf2(10_000_001), Error::OverCost),
        (argon2id(1_048_577, 1, 1), Error::OverCost),
        (argon2id(1_048_576, 16, 1), Error::WorkspaceTooSmall),
        (argon2id(8, 17, 1), Error::OverCost),
        (argon2id(8, 16, 1), Error::WorkspaceTooSmall),
    ] {
        let made = PasswordKey::derive(&Policy::default(), setting("s", kdf), b"p", &mut []);
        assert_eq!(made.err(), Some(error), "{kdf:?}");
    }
    assert_eq!(Policy::default().max_pbkdf2_iterations, 10_000_000);
}

/// The workspace: as large as the size function says at any address, zeroed after use, untouched
/// when it is too small.
#[test]
fn workspaces() {
    assert_eq!(pbkdf2(u32::MAX).workspace(), 0);
    // More than a processor of 32 bits has memory.
    let most = (u32::MAX as usize).saturating_mul(1024).saturating_add(64);
    assert_eq!(argon2id(u32::MAX, 1, 1).workspace(), most);
    let kdf = argon2id(16, 1, 2);
    let need = kdf.workspace();
    let expected = derive(&setting("s", kdf), b"password");
    for offset in 0..64 {
        let mut space = vec![0xA5; offset + need + 100];
        let workspace = as_scratch(&mut space[offset..offset + need]);
        let policy = Policy::default();
        let made = PasswordKey::derive(&policy, setting("s", kdf), b"password", workspace);
        let made = made.unwrap().trusted();
        same_key(&made, &expected);
        let used = space.iter().filter(|byte| **byte == 0).count();
        assert_eq!(used, 16 << 10, "zeroed: every block that was used");
        assert_wiped(&space);
        assert!(space[..offset].iter().chain(&space[offset + need..]).all(|byte| *byte == 0xA5));
    }
    for size in [0, 1, need / 2, need - 1] {
        let mut space = vec![0xA5; size];
        let workspace = as_scratch(&mut space);
        let made = PasswordKey::derive(&Policy::default(), setting("s", kdf), b"p", workspace);
        assert_eq!(made.err(), Some(Error::WorkspaceTooSmall), "{size}");
        let set = set_in(&mut failing_after(0), b"password", 8, kdf, &mut space);
        assert_eq!(set.err(), Some(Error::WorkspaceTooSmall), "before a draw: {size}");
        assert!(space.iter().all(|byte| *byte == 0xA5));
    }
    // Setting a password zeroes it as well, and touches nothing when the source fails.
    let mut space = vec![0xA5; need];
    let failed = set_in(&mut failing_after(0), b"password", 8, kdf, &mut space);
    assert_eq!(failed.err(), Some(Error::Random));
    assert!(space.iter().all(|byte| *byte == 0xA5));
    set_in(&mut random(1), b"password", 8, kdf, &mut space).unwrap();
    assert_wiped(&space);
    assert_eq!(space.iter().filter(|byte| **byte == 0).count(), 16 << 10);
}

/// Whether two keys are one: what is wrapped for the one, opens with the other.
fn same_key(a: &PasswordKey, b: &PasswordKey) {
    let (bytes, _) = write("point", &[&Identity::Password(a.clone())], |_| Ok(()));
    assert!(open(&bytes, &Identity::Password(b.clone())).is_ok());
}

fn set_in<S: coffre_core::random::RandomSource>(
    random: &mut coffre_core::random::Random<S>,
    password: &[u8],
    least_len: usize,
    kdf: Kdf,
    space: &mut [u8],
) -> Result<PasswordKey> {
    let hint = Text::new(b"a hint").unwrap();
    PasswordKey::set(random, password, least_len, kdf, hint, as_scratch(space))
}

fn set(seed: u64, password: &[u8], least_len: usize, kdf: Kdf) -> Result<PasswordKey> {
    let mut space = vec![0; kdf.workspace().min(1 << 20)];
    set_in(&mut random(seed), password, least_len, kdf, &mut space)
}

/// A password is long enough, and of at least 5 different bytes.
#[test]
fn weak_passwords() {
    for (password, least_len, weak) in [
        (&b"password"[..], 8, false),
        (b"password", 9, true),
        (b"password", 0, false),
        (b"abcde", 0, false),
        (b"abcde", 5, false),
        (b"abcde", 6, true),
        (b"abcd", 0, true),
        (b"abcdabcdabcdabcdabcdabcdabcd", 0, true),
        (b"aaaaaaaaaaaaaaaaaaaaaaaaaaaa", 8, true),
        (b"", 0, true),
        (b"\x00\x01\x02\x03\xFF", 5, false),
        ("éàü".as_bytes(), 0, true),
        ("éàüè".as_bytes(), 8, false),
    ] {
        let expected = weak.then_some(Error::WeakPassword);
        assert_eq!(set(1, password, least_len, PBKDF2).err(), expected, "{password:?} {least_len}");
    }
    // Before anything else: cost, workspace and source are not looked at.
    let set = set_in(&mut failing_after(0), b"weak", 8, pbkdf2(1), &mut []);
    assert_eq!(set.err(), Some(Error::WeakPassword));
    // A file's password is whatever it is.
    assert!(derive_within(&Policy::default(), &setting("s", PBKDF2), b"").is_ok());
}

/// FORMAT.md [R10]: the format's limits of a cost, where the caller names it.
#[test]
fn r10_costs_of_writers() {
    for (kdf, legal) in [
        (pbkdf2(0), false),
        (pbkdf2(999), false),
        (pbkdf2(1000), true),
        (argon2id(7, 1, 1), false),
        (argon2id(8, 1, 1), true),
        (argon2id(8, 0, 1), false),
        (argon2id(8, 1, 0), false),
        (argon2id(15, 1, 2), false),
        (argon2id(16, 1, 2), true),
        (argon2id(127, 1, 16), false),
        (argon2id(128, 1, 16), true),
        (argon2id(136, 1, 17), false),
        (argon2id(u32::MAX, 1, u32::MAX), false),
        (argon2id(limits::ARGON2_MEMORY_KIB + 1, 1, 1), false),
    ] {
        let expected = (!legal).then_some(Error::InvalidArgument);
        assert_eq!(set(1, b"password", 8, kdf).err(), expected, "{kdf:?}");
    }
    let most = argon2id(limits::ARGON2_MEMORY_KIB, 1, 1);
    assert_eq!(set(1, b"password", 8, most).err(), Some(Error::WorkspaceTooSmall));
}

/// A setting is chosen anew each time, with the caller's cost and hint.
#[test]
fn settings_are_random() {
    let [a, b] = [1, 2].map(|seed| set(seed, b"password", 8, PBKDF2).unwrap());
    let again = set(1, b"another password", 8, ARGON2ID).unwrap();
    assert!(a.setting().id != b.setting().id && a.setting().salt != b.setting().salt);
    assert!(a.setting().id != a.setting().salt);
    // The KDF and the password have no say in what is drawn.
    assert_eq!((a.setting().id, a.setting().salt), (again.setting().id, again.setting().salt));
    assert_eq!((a.setting().kdf, again.setting().kdf), (PBKDF2, ARGON2ID));
    assert_eq!(a.setting().hint.bytes(), b"a hint");
    assert_eq!(Recipient::Password(a.clone()).id(), a.setting().id);
    same_key(&a, &derive(a.setting(), b"password"));
}

/// FORMAT.md [R10]: a new wrap has the caller's cost, whatever a file says.
#[test]
fn r10_new_wraps_take_no_cost_from_a_file() {
    let old = Identity::Password(derive(&setting("s", pbkdf2(5000)), b"password"));
    let made = write("point", &[&old], |_| Ok(()));
    let found = Record::parse(&made.0).unwrap().password().unwrap();
    assert_eq!(found.kdf, pbkdf2(5000));
    let new = Identity::Password(set(1, b"password", 8, pbkdf2(3000)).unwrap());
    let (rekeyed, _) = edit(&made, 6, |writer| {
        writer.replace_recipient(context(), &mut random(1), &old.id(), &new.recipient())
    })
    .unwrap();
    let found = Record::parse(&rekeyed).unwrap().password().unwrap();
    assert_eq!((found.kdf, found.id), (pbkdf2(3000), new.id()));
    assert!(open(&rekeyed, &new).is_ok());
}
