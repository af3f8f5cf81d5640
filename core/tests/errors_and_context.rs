//! The table of errors, and contexts whose self-tests fail.

use std::collections::BTreeSet;

use coffre_core::context::Context;
use coffre_core::error::Error;
use coffre_core::selftest;

/// Numbers and names are unique; numbers are negative and find their error again.
#[test]
fn the_table_of_errors() {
    let codes: BTreeSet<i32> = Error::ALL.iter().map(|e| e.code()).collect();
    let names: BTreeSet<_> = Error::ALL.iter().map(|e| e.name()).collect();
    let messages: BTreeSet<_> = Error::ALL.iter().map(|e| e.message()).collect();
    let count = Error::ALL.len();
    assert_eq!((codes.len(), names.len(), messages.len()), (count, count, count));
    for error in Error::ALL {
        assert!(error.code() < 0);
        assert_eq!(Error::from_code(error.code()), Some(*error));
        assert!(error.name().to_str().unwrap().starts_with("COFFRE_ERR_"));
    }
    for code in [0, 1, -10, -100, i32::MIN, i32::MAX] {
        assert_eq!(Error::from_code(code), None);
    }
}

/// There is no context when any of the self-tests fails, so that nothing can be called.
#[test]
fn a_failed_self_test_leaves_no_context() {
    assert!(Context::new(0).is_ok());
    for fault in 1..=selftest::COUNT as u32 {
        assert_eq!(Context::new(fault).err(), Some(Error::SelfTest), "{fault}");
    }
    let names: BTreeSet<_> = (0..selftest::COUNT).filter_map(selftest::name).collect();
    assert_eq!((names.len(), selftest::name(selftest::COUNT)), (selftest::COUNT, None));
}
