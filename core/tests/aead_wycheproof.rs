//! AES-256-GCM against Wycheproof's file: every case with a key of 256 bits and a nonce that the
//! product has, on every engine.

use coffre_core::aead::{Engine, Nonce};
use coffre_core::error::Error;
use coffre_core::secret::Key;
use wycheproof::TestResult;
use wycheproof::aead::{Test, TestName, TestSet};

/// Cases with nonces of 12 and of 16 bytes; those that must open, and those that must not.
const SHORT: [usize; 2] = [39, 27];
const LONG: [usize; 2] = [19, 0];

fn tests() -> Vec<Test> {
    let set = TestSet::load(TestName::AesGcm).unwrap();
    let groups = set.test_groups.into_iter().filter(|group| group.key_size == 256);
    groups.flat_map(|group| group.tests).collect()
}

fn nonce(test: &Test) -> Option<Nonce<'_>> {
    let short = test.nonce[..].try_into().map(Nonce::Short);
    short.or_else(|_| test.nonce[..].try_into().map(Nonce::Long)).ok()
}

#[test]
fn all_cases() {
    for engine in Engine::available() {
        let (mut short, mut long) = ([0; 2], [0; 2]);
        for test in tests() {
            let Some(nonce) = nonce(&test) else { continue };
            let count = if matches!(nonce, Nonce::Short(_)) { &mut short } else { &mut long };
            count[usize::from(test.result != TestResult::Valid)] += 1;
            check(engine, &test, nonce);
        }
        println!("{}: short nonces {short:?}, long {long:?}", engine.name());
        assert_eq!((short, long), (SHORT, LONG), "{}", engine.name());
    }
}

fn check(engine: Engine, test: &Test, nonce: Nonce) {
    let what = format!("{}: case {}", engine.name(), test.tc_id);
    let key = engine.key_for(&Key::copy_of(test.key[..].try_into().unwrap()), test.pt.len());
    let mut data = test.ct.to_vec();
    let tag = test.tag[..].try_into().unwrap();
    let opened = key.open_with(nonce, &test.aad, &mut data, tag);
    if test.result == TestResult::Valid {
        assert_eq!(opened, Ok(()), "{what}");
        assert!(data == test.pt[..], "{what}");
        let made = key.seal_with(nonce, &test.aad, &mut data).unwrap();
        assert_eq!(made, test.tag[..], "{what}");
        assert!(data == test.ct[..], "{what}");
    } else {
        assert_eq!(opened, Err(Error::NotAuthentic), "{what}");
        assert!(data.iter().all(|byte| *byte == 0), "{what}");
    }
}
