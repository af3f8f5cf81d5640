//! POLYVAL of every width beside crate polyval, and RFC 8452's own example.

mod common;

use coffre_core::cpu::Cpu;
use coffre_core::polyval;
use common::{hex, noise};

fn expected(key: &[u8; 16], bytes: &[u8]) -> [u8; 16] {
    use ::polyval::Polyval;
    use ::polyval::universal_hash::UniversalHash;
    let mut hash = Polyval::new(key.into());
    hash.update_padded(bytes);
    hash.finalize().into()
}

fn key(seed: usize) -> [u8; 16] {
    noise(seed as u64 + 7, 16).try_into().unwrap()
}

fn check(cpu: Cpu, key: &[u8; 16], bytes: &[u8]) {
    assert_eq!(polyval::of(cpu, key, bytes), expected(key, bytes), "{cpu:?} {}", bytes.len());
}

/// RFC 8452 appendix A.
#[test]
fn the_example() {
    let key = hex("25629347589242761d31f826ba4b757b").try_into().unwrap();
    let bytes = hex("4f4f95668c83dfb6401762bb2d01a262d1a24ddd2721d006bbe45f20d3c9f362");
    for cpu in Cpu::detect().levels() {
        let hash = polyval::of(cpu, &key, &bytes);
        assert_eq!(hash[..], hex("f7a3b47b846119fae5b7866cf5e5b77e"), "{cpu:?}");
    }
}

#[test]
fn every_short_length() {
    let bytes = noise(1, 4096);
    for cpu in Cpu::detect().levels() {
        for len in 0..=bytes.len() {
            check(cpu, &key(len), &bytes[..len]);
        }
    }
}

#[test]
fn long_ones() {
    let bytes = noise(2, 1 << 20);
    for cpu in Cpu::detect().levels() {
        for i in 0..60_usize {
            let from = i.wrapping_mul(0x9e37_79b9) % 64;
            let len = i.wrapping_mul(0x85eb_ca77) % (bytes.len() - from);
            check(cpu, &key(i), &bytes[from..from + len]);
        }
        check(cpu, &key(0), &bytes);
        check(cpu, &[0; 16], &bytes);
        check(cpu, &[0xff; 16], &bytes);
    }
}

/// Every bit of the input counts, in every lane and place of a stride.
#[test]
fn every_block_counts() {
    let mut bytes = noise(3, 2100);
    for cpu in Cpu::detect().levels() {
        for at in (0..bytes.len()).step_by(5) {
            bytes[at] ^= 1 << (at % 8);
            check(cpu, &key(1), &bytes);
            bytes[at] ^= 1 << (at % 8);
        }
    }
}
