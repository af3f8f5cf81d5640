//! XXH3-64 of every width beside crate xxhash-rust, whole and in pieces.

mod common;

use coffre_core::checksum::{self, Following, Running};
use coffre_core::cpu::Cpu;
use common::noise;

/// Lengths that repeat in every run (splitmix64).
struct Dice(u64);

impl Dice {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (z >> 33) as usize % end
    }
}

fn expected(bytes: &[u8]) -> [u8; 8] {
    xxhash_rust::xxh3::xxh3_64(bytes).to_le_bytes()
}

/// All three ways, the bytes in pieces of these lengths.
fn check(cpu: Cpu, bytes: &[u8], mut piece: impl FnMut() -> usize) {
    let expected = expected(bytes);
    assert_eq!(checksum::of_by(cpu, bytes), expected, "{cpu:?} {}", bytes.len());
    let (mut running, mut following) = (Running::new(cpu), Following::new(cpu));
    let mut done = 0;
    while done < bytes.len() {
        let next = bytes.len().min(done + piece());
        running.update(&bytes[done..next]);
        following.follow(&bytes[..next]);
        done = next;
    }
    assert_eq!(running.finish(), expected, "{cpu:?} {} running", bytes.len());
    assert_eq!(running.clone().finish(), expected);
    assert_eq!(following.finish(bytes), expected, "{cpu:?} {} following", bytes.len());
}

#[test]
fn every_short_length() {
    let bytes = noise(1, 2100);
    for cpu in Cpu::detect().levels() {
        for len in 0..=bytes.len() {
            for piece in [1, 63, 64, 65, 255, 256, 257, 1024] {
                if piece > 1 || len < 600 {
                    check(cpu, &bytes[..len], || piece);
                }
            }
        }
    }
}

#[test]
fn random_lengths_and_pieces() {
    let (mut dice, bytes) = (Dice(1), noise(2, 4 << 20));
    for cpu in Cpu::detect().levels() {
        for most in [300, 5_000, 70_000, 4 << 20] {
            for _ in 0..40 {
                let from = dice.below(most.min(100));
                let len = dice.below(most - from + 1);
                let piece = [70, 1_100, 20_000, 1 << 20][dice.below(4)];
                let piece = piece.max(len / 1_000);
                let mut own = Dice(len as u64);
                check(cpu, &bytes[from..from + len], || own.below(piece) + 1);
            }
        }
    }
}

/// What follows a checksum in memory is no part of it.
#[test]
fn holds() {
    let mut object = noise(3, 3000);
    for cpu in Cpu::detect().levels() {
        for len in [8, 9, 200, 300, 3000] {
            let (body, sum) = object[..len].split_at_mut(len - 8);
            sum.copy_from_slice(&expected(body));
            assert!(checksum::holds_by(cpu, &object[..len]), "{cpu:?} {len}");
            object[len / 2] ^= 1;
            assert!(!checksum::holds_by(cpu, &object[..len]), "{cpu:?} {len}");
        }
        assert!(!checksum::holds_by(cpu, &object[..7]));
    }
}
