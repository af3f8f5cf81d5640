//! Version 1 against vectors that backy2 2.13.8 wrote, and against attacks that backy2 falls for.

#![cfg(all(feature = "seal", feature = "zstd", feature = "legacy-v1"))]

mod common;

use coffre_core::aead::{Engine, Nonce};
use coffre_core::derive::sha256;
use coffre_core::error::Error;
use coffre_core::key_wrap;
use coffre_core::legacy::{self, MasterKey};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::recipient::Recipient;
use coffre_core::secret::Key;
use common::backy2::{base64, file, json, master, open, open_sized, policy};
use common::*;

/// FORMAT.md [L1], [L2], [L3]: every blob opens, under the first master key and after backy2's
/// rekey.
#[test]
fn backy2_blobs_open() {
    let vectors = json("backy2_v1/vectors.json");
    let mut count = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        let file =
            |part: &str| file(&format!("backy2_v1/{}", vector[part]["file"].as_str().unwrap()));
        let (plain, blob) = (file("plaintext"), file("blob"));
        for keys in [vector, &vector["rekeyed"]] {
            let wrapped = hex(keys["enc_envkey"].as_str().unwrap());
            let opened = open(&policy(), &master(&keys["master_key"]), &wrapped, &blob).unwrap();
            assert!(opened == plain, "{}", vector["name"]);
            count += 1;
        }
        // Coffre's rekey is backy2's.
        let (old, new) = (master(&vector["master_key"]), master(&vector["rekeyed"]["master_key"]));
        let wrapped = hex(vector["enc_envkey"].as_str().unwrap()).try_into().unwrap();
        let rewrapped = old.rewrap(context(), &new, &wrapped).unwrap();
        assert_eq!(to_hex(&rewrapped), vector["rekeyed"]["enc_envkey"]);
        assert_eq!(new.rewrap(context(), &old, &rewrapped), Ok(wrapped));
        assert_eq!(new.rewrap(context(), &old, &wrapped), Err(Error::WrongKey));
    }
    assert_eq!(count, 18);
}

/// FORMAT.md [L1] to [L4]: each negative vector is refused for its reason; three of them backy2
/// accepts.
#[test]
fn backy2_negatives_are_refused() {
    let vectors = json("backy2_v1/vectors.json");
    let negatives = vectors["negative"].as_array().unwrap();
    let plain = vectors["negative_base_plaintext"]["sha256"].as_str().unwrap();
    let mut count = 0;
    for vector in negatives {
        let name = vector["name"].as_str().unwrap();
        if name == "master_key_len_16" {
            continue; // Of 32 bytes by its type; the C interface tests lengths.
        }
        count += 1;
        let blob = base64(vector["blob_base64"].as_str().unwrap());
        let wrapped = hex(vector["enc_envkey"].as_str().unwrap());
        let limited = Policy { max_block: 4 << 20, ..policy() };
        let opened = open(&limited, &master(&vector["master_key"]), &wrapped, &blob);
        let expected = match name {
            "control" | "zstd_with_checksum" => {
                assert_eq!(to_hex(&sha256(&opened.unwrap())), plain, "{name}");
                continue;
            }
            "wrong_master_key" | "envkey_flip_bit" => Error::WrongKey,
            "envkey_truncated_39" | "envkey_empty" | "blob_31_bytes_only" => Error::Malformed,
            "tag_flip_bit" | "ciphertext_flip_bit" | "blob_truncated_by_1" => Error::NotAuthentic,
            "zstd_no_content_size" | "zstd_two_frames" => Error::BadFrame,
            "zstd_64MiB_zero_bomb" => Error::OverLimit,
            _ => panic!("{name} is new"),
        };
        assert_eq!(opened, Err(expected), "{name}");
        if name == "zstd_64MiB_zero_bomb" {
            let master = master(&vector["master_key"]);
            let bomb = open_sized(&policy(), &master, &wrapped, &blob, 64 << 20);
            assert!(bomb.unwrap() == vec![0; 64 << 20], "within the format's limit it is a block");
        }
    }
    assert_eq!((count, negatives.len()), (13, 14));
}

/// A blob around any frame.
fn blob(data_key: &[u8; 32], frame: &[u8]) -> Vec<u8> {
    let mut data = frame.to_vec();
    let nonce = [9; 16];
    let key = Engine::detect().key(&key_of(data_key));
    let tag = key.seal_with(Nonce::Long(&nonce), &[], &mut data).unwrap();
    [&tag[..], &nonce, &data].concat()
}

/// FORMAT.md [L3], [L4]: frames that a holder of the data key could write.
#[test]
fn l3_forbidden_frames() {
    let master = MasterKey::from_bytes(&[1; 32]);
    let wrapped = key_wrap::wrap(Engine::detect(), &key_of(&[1; 32]), &key_of(&[2; 32]));
    let check =
        |policy: &Policy, frame: &[u8]| open(policy, &master, &wrapped, &blob(&[2; 32], frame));
    let plain = text(20_000);
    let good = frames::good(&plain);
    let skippable = [&[0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0][..], b"skip"].concat();
    let mut no_last_block = frames::run(b'x', 9000, 9000);
    no_last_block[9] &= !1;
    let checksummed = frames::with_checksum(&plain);
    assert!(check(&policy(), &good).unwrap() == plain);
    assert!(check(&policy(), &checksummed).unwrap() == plain);
    assert_eq!(check(&policy(), &frames::run(b'x', 9000, 9000)).unwrap(), [b'x'; 9000]);
    for (what, frame) in [
        ("no frame", b"this is no frame".to_vec()),
        ("reserved bit", frames::run_with(0xA8, &9000u32.to_le_bytes(), b'x', 9000)),
        ("dictionary id", frames::run_with(0xA1, &[7, 0x28, 0x23, 0, 0], b'x', 9000)),
        ("dictionary id of 0", frames::run_with(0xA1, &[0, 0x28, 0x23, 0, 0], b'x', 9000)),
        ("no last block", no_last_block),
        ("no content size", frames::run_with(0x00, &[0x28], b'x', 9000)),
        ("content size above", frames::run(b'x', 9000, 9001)),
        ("content size below", frames::run(b'x', 9000, 8999)),
        ("trailing byte", [&good[..], &[0]].concat()),
        ("second frame", [&good[..], &good].concat()),
        ("skippable frame after", [&good[..], &skippable].concat()),
        ("skippable frame before", [&skippable[..], &good].concat()),
        ("frame checksum cut", checksummed[..checksummed.len() - 1].to_vec()),
        ("frame checksum missing", checksummed[..checksummed.len() - 4].to_vec()),
        ("cut short", good[..good.len() - 1].to_vec()),
    ] {
        assert_eq!(check(&policy(), &frame), Err(Error::BadFrame), "{what}");
    }
    // [L4] Sizes are judged before anything is decompressed: 16 bytes say 2^63, 64 MiB + 1, 20,000.
    let huge = frames::run_with(0xE0, &(1u64 << 63).to_le_bytes(), b'x', 1);
    let above = frames::run(b'x', 1, (64 << 20) + 1);
    assert_eq!(check(&policy(), &huge), Err(Error::OverLimit));
    assert_eq!(check(&policy(), &above), Err(Error::OverLimit));
    let generous = Policy { max_block: u64::MAX, max_window: u64::MAX, ..policy() };
    assert_eq!(check(&generous, &above), Err(Error::OverLimit));
    assert_eq!(check(&Policy { max_block: 19_999, ..policy() }, &good), Err(Error::OverLimit));
    assert_eq!(check(&Policy { max_window: 19_999, ..policy() }, &good), Err(Error::OverLimit));
}

fn key_of(bytes: &[u8; 32]) -> Key {
    Key::copy_of(bytes)
}

/// FORMAT.md [L1], [L2]: every flipped bit and every other length of blob and wrapped key.
#[test]
fn l2_flips_and_lengths() {
    let (master, plain) = (MasterKey::from_bytes(&[1; 32]), text(300));
    let mut space = vec![0; legacy::v1_sealed_max(plain.len())];
    let mut out = Out::new(&mut space);
    let mut lent = memory(legacy::v1_seal_workspace(plain.len()).unwrap());
    let mut workspace = Workspace::new(&mut lent);
    let (mut random, ws) = (random(1), &mut workspace);
    let wrapped =
        legacy::v1_seal(context(), &policy(), &mut random, &master, &plain, ws, &mut out).unwrap();
    let blob = out.written().to_vec();
    let check = |wrapped: &[u8], blob: &[u8]| open(&policy(), &master, wrapped, blob);
    assert_eq!(check(&wrapped, &blob).unwrap(), plain);
    for bit in 0..8 * blob.len() {
        assert_eq!(check(&wrapped, &flipped(&blob, bit)), Err(Error::NotAuthentic), "{bit}");
    }
    for bit in 0..8 * wrapped.len() {
        assert_eq!(check(&flipped(&wrapped, bit), &blob), Err(Error::WrongKey), "{bit}");
    }
    for len in 0..blob.len() {
        let error = if len <= 32 { Error::Malformed } else { Error::NotAuthentic };
        assert_eq!(check(&wrapped, &blob[..len]), Err(error), "{len}");
    }
    let longer = [&blob[..], &[0]].concat();
    assert_eq!(check(&wrapped, &longer), Err(Error::NotAuthentic));
    for len in (0..40).chain([41]) {
        let other = [&wrapped[..], &[0]].concat();
        assert_eq!(check(&other[..len], &blob), Err(Error::Malformed), "{len}");
    }
}

/// Round trips, buffers, workspaces and policies of both old versions. FORMAT.md [B1].
#[test]
fn b1_old_versions_need_a_policy() {
    let master = MasterKey::from_bytes(&[1; 32]);
    let strict = Policy::default();
    let zero = Policy { lowest_version: 0, ..strict };
    for len in [0, 1, 255, 4096, 65_535, 65_536] {
        let plain = text(len);
        let max = legacy::v1_sealed_max(len);
        let mut space = vec![0xA5; max];
        let mut lent = memory(legacy::v1_seal_workspace(len).unwrap());
        let mut seal = |policy: &Policy, size: usize, workspace_len: usize| {
            let mut out = Out::new(&mut space[..size]);
            let (mut random, workspace) =
                (random(1), &mut Workspace::new(&mut lent[..workspace_len]));
            let sealed = legacy::v1_seal(
                context(),
                policy,
                &mut random,
                &master,
                &plain,
                workspace,
                &mut out,
            );
            sealed.map(|wrapped| (wrapped, out.written().to_vec())).map_err(|e| (e, out.needed()))
        };
        let full = legacy::v1_seal_workspace(len).unwrap();
        assert_eq!(seal(&strict, max, full), Err((Error::PolicyVersion, 0)));
        assert_eq!(seal(&policy(), max - 1, full), Err((Error::BufferTooSmall, max)));
        assert_eq!(seal(&policy(), max, full - 1).unwrap_err().0, Error::WorkspaceTooSmall);
        let (wrapped, blob) = seal(&policy(), max, full).unwrap();
        assert!(open(&policy(), &master, &wrapped, &blob).unwrap() == plain);
        assert_eq!(open(&strict, &master, &wrapped, &blob), Err(Error::PolicyVersion));
        if len > 0 {
            let small = open_sized(&policy(), &master, &wrapped, &blob, len - 1);
            assert_eq!(small, Err(Error::BufferTooSmall));
        }
        let mut out_space = vec![0; len];
        let mut out = Out::new(&mut out_space);
        let mut lent = memory(legacy::v1_open_workspace(blob.len()) - 1);
        let mut workspace = Workspace::new(&mut lent);
        let refused = legacy::v1_open(
            context(),
            &policy(),
            &master,
            &wrapped,
            &blob,
            &mut workspace,
            &mut out,
        );
        assert_eq!((refused, out.len()), (Err(Error::WorkspaceTooSmall), 0));

        let mut out = Out::new(&mut out_space);
        for policy in [strict, policy()] {
            assert_eq!(legacy::v0_seal(&policy, &plain, &mut out), Err(Error::PolicyVersion));
            assert_eq!(legacy::v0_open(&policy, &plain, &mut out), Err(Error::PolicyVersion));
        }
        legacy::v0_seal(&zero, &plain, &mut out).unwrap();
        assert!(out.written() == plain);
        out.truncate(0);
        legacy::v0_open(&zero, &plain, &mut out).unwrap();
        assert!(out.written() == plain);
        if len > 0 {
            let refused = legacy::v0_open(&zero, &plain, &mut out);
            assert_eq!((refused, out.needed()), (Err(Error::BufferTooSmall), 2 * len));
            let small = Policy { max_block: len as u64 - 1, ..zero };
            assert_eq!(legacy::v0_open(&small, &plain, &mut out), Err(Error::OverLimit));
        }
    }
    let too_large = vec![0; (64 << 20) + 1];
    let mut out = Out::new(&mut []);
    assert_eq!(legacy::v0_seal(&zero, &too_large, &mut out), Err(Error::TooLarge));
    let (mut random, workspace) = (random(1), &mut Workspace::none());
    let sealed = legacy::v1_seal(
        context(),
        &policy(),
        &mut random,
        &master,
        &too_large,
        workspace,
        &mut out,
    );
    assert_eq!(sealed, Err(Error::TooLarge));
}

/// The id of a master key is its own kind's, and not that of a key-encryption key of the same
/// bytes.
#[test]
fn master_key_id() {
    let bytes = [7; 32];
    let as_kek = Recipient::Kek(key_of(&bytes)).id();
    assert!(MasterKey::from_bytes(&bytes).id() != as_kek);
    assert!(MasterKey::from_bytes(&bytes).id() != MasterKey::from_bytes(&[8; 32]).id());
}
