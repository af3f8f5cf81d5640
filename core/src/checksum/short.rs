//! XXH3-64 of at most 240 bytes (xxHash specification, "XXH3 algorithm for small inputs" and "for
//! medium inputs"), made for size: without a seed, and with the default secret.

use super::xxh3::{PRIME64_1, PRIME64_2, PRIME64_3, SECRET, avalanche, fold, word};

/// The hash of `bytes`.
pub fn of(bytes: &[u8]) -> u64 {
    let len = bytes.len() as u64;
    match bytes.len() {
        0 => avalanche_of_old(secret(56) ^ secret(64)),
        1..=3 => {
            let byte = |at: usize| bytes.get(at).map_or(0, |byte| u64::from(*byte));
            let (first, middle, last) = (byte(0), byte(bytes.len() / 2), byte(bytes.len() - 1));
            let combined = first << 16 | middle << 24 | last | len << 8;
            avalanche_of_old(combined ^ u64::from(secret(0) as u32 ^ secret(4) as u32))
        }
        4..=8 => {
            let (first, last) = (half(bytes, 0), half(bytes, bytes.len() - 4));
            let keyed = (last + (first << 32)) ^ (secret(8) ^ secret(16));
            let mixed = keyed ^ keyed.rotate_left(49) ^ keyed.rotate_left(24);
            let mixed = mixed.wrapping_mul(MIX);
            let mixed = (mixed ^ (mixed >> 35).wrapping_add(len)).wrapping_mul(MIX);
            mixed ^ mixed >> 28
        }
        9..=16 => {
            let low = word(bytes, 0) ^ (secret(24) ^ secret(32));
            let high = word(bytes, bytes.len() - 8) ^ (secret(40) ^ secret(48));
            let sum = len.wrapping_add(low.swap_bytes()).wrapping_add(high);
            avalanche(sum.wrapping_add(fold(low, high)))
        }
        17..=128 => {
            let mut sum = len.wrapping_mul(PRIME64_1);
            for i in 0..=(bytes.len() - 1) / 32 {
                sum = sum.wrapping_add(mix(bytes, 16 * i, 32 * i));
                sum = sum.wrapping_add(mix(bytes, bytes.len() - 16 * (i + 1), 32 * i + 16));
            }
            avalanche(sum)
        }
        _ => {
            let mut sum = len.wrapping_mul(PRIME64_1);
            for i in 0..8 {
                sum = sum.wrapping_add(mix(bytes, 16 * i, 16 * i));
            }
            sum = avalanche(sum);
            for i in 8..bytes.len() / 16 {
                sum = sum.wrapping_add(mix(bytes, 16 * i, 16 * (i - 8) + 3));
            }
            sum = sum.wrapping_add(mix(bytes, bytes.len() - 16, 136 - 17));
            avalanche(sum)
        }
    }
}

/// What four to eight bytes are multiplied by.
const MIX: u64 = 0x9fb2_1c65_1e98_df25;

fn secret(at: usize) -> u64 {
    word(&SECRET, at)
}

/// Four bytes.
fn half(bytes: &[u8], at: usize) -> u64 {
    let half = bytes.get(at..).and_then(|rest| rest.first_chunk());
    half.map_or(0, |half| u32::from_le_bytes(*half)).into()
}

/// 16 bytes with 16 of the secret.
#[inline(never)]
fn mix(bytes: &[u8], at: usize, key: usize) -> u64 {
    fold(word(bytes, at) ^ secret(key), word(bytes, at + 8) ^ secret(key + 8))
}

/// XXH64's.
fn avalanche_of_old(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 33).wrapping_mul(PRIME64_2);
    let hash = (hash ^ hash >> 29).wrapping_mul(PRIME64_3);
    hash ^ hash >> 32
}
