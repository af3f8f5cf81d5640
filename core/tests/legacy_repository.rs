//! A repository that backy2 wrote: the image is rebuilt from its rows and blobs, in both versions,
//! and rows that lie are refused.

#![cfg(all(feature = "seal", feature = "zstd", feature = "legacy-v1"))]

mod common;

use coffre_core::derive::sha256;
use coffre_core::error::{Error, Result};
use coffre_core::legacy::{self, MasterKey};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use common::backy2::{self, file, json, master};
use common::*;

/// A row of a backy2 export.
#[derive(Clone)]
struct Row {
    uid: String,
    len: usize,
    version: u32,
    wrapped: Vec<u8>,
    nonce: Vec<u8>,
}

fn rows(name: &str) -> Vec<Row> {
    let text = String::from_utf8(file(&format!("backy2_repository/{name}"))).unwrap();
    let rows = text.lines().skip(2).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        Row {
            uid: fields[0].into(),
            len: fields[5].parse().unwrap(),
            version: fields[7].parse().unwrap(),
            wrapped: hex(fields[8]),
            nonce: hex(fields[9]),
        }
    });
    rows.collect()
}

fn blob(uid: &str) -> Vec<u8> {
    file(&format!("backy2_repository/data/{}/{}/{uid}.blob", &uid[..2], &uid[2..4]))
}

/// Opens what a row says, in the version that it says.
fn open(policy: &Policy, master: &MasterKey, row: &Row) -> Result<Vec<u8>> {
    let blob = blob(&row.uid);
    match row.version {
        1 => backy2::open(policy, master, &row.wrapped, &blob),
        _ => {
            let mut space = vec![0; blob.len()];
            let mut out = Out::new(&mut space);
            legacy::v0_open(policy, &blob, &mut out).map(|()| out.written().to_vec())
        }
    }
}

/// The image; rows without a uid are holes.
fn rebuild(policy: &Policy, master: &MasterKey, rows: &[Row]) -> Result<Vec<u8>> {
    let mut image = vec![];
    for row in rows {
        let block = if row.uid.is_empty() { vec![0; row.len] } else { open(policy, master, row)? };
        assert_eq!(block.len(), row.len);
        image.extend_from_slice(&block);
    }
    Ok(image)
}

fn keys() -> serde_json::Value {
    json("backy2_repository/keys.json")
}

fn image() -> Vec<u8> {
    let image = file("backy2_repository/image.raw");
    assert_eq!(to_hex(&sha256(&image)), keys()["image_sha256"]);
    image
}

#[test]
fn version_1_rows_rebuild_the_image() {
    let rows = rows("v1.before_rekey.csv");
    assert_eq!(rows.iter().filter(|row| row.version == 1).count(), 6);
    let old = master(&keys()["keys"]["before_rekey"]);
    let policy = backy2::policy();
    assert!(rebuild(&policy, &old, &rows).unwrap() == image());
    for row in rows.iter().filter(|row| row.version == 1) {
        assert_eq!(row.nonce, blob(&row.uid)[16..32]);
    }

    // After a rekey the new key opens every row, and the old one none.
    let new = master(&keys()["keys"]["after_rekey"]);
    let rekeyed: Vec<Row> = rows
        .iter()
        .map(|row| match <&[u8; 40]>::try_from(&row.wrapped[..]) {
            Ok(wrapped) => Row {
                wrapped: old.rewrap(context(), &new, wrapped).unwrap().to_vec(),
                ..row.clone()
            },
            Err(_) => row.clone(),
        })
        .collect();
    assert!(rebuild(&policy, &new, &rekeyed).unwrap() == image());
    assert_eq!(rebuild(&policy, &old, &rekeyed), Err(Error::WrongKey));
    let wrong = master(&keys()["keys"]["wrong"]);
    assert_eq!(rebuild(&policy, &wrong, &rows), Err(Error::WrongKey));
}

/// FORMAT.md [B1]: plain rows are read only where the policy says so.
#[test]
fn b1_version_0_rows_need_the_policy() {
    let rows = rows("v0.csv");
    let master = master(&keys()["keys"]["before_rekey"]);
    let zero = Policy { lowest_version: 0, ..Policy::default() };
    assert!(rebuild(&zero, &master, &rows).unwrap() == image());
    for policy in [Policy::default(), backy2::policy()] {
        assert_eq!(rebuild(&policy, &master, &rows), Err(Error::PolicyVersion));
    }
}

/// FORMAT.md [B1]: the attack on backy2: a row says "version 0" of an attacker's plain bytes, or of
/// an encrypted blob.
#[test]
fn b1_the_downgrade_attack() {
    let master = master(&keys()["keys"]["before_rekey"]);
    for row in rows("v1.before_rekey.csv").iter().filter(|row| row.version == 1) {
        let lying = Row { version: 0, ..row.clone() };
        for policy in [Policy::default(), backy2::policy()] {
            assert_eq!(open(&policy, &master, &lying), Err(Error::PolicyVersion));
        }
        assert_eq!(open(&Policy::default(), &master, row), Err(Error::PolicyVersion));
    }
}

/// FORMAT.md [L2]: wrapped keys of two rows, exchanged.
#[test]
fn l2_exchanged_rows() {
    let rows = rows("v1.before_rekey.csv");
    let master = master(&keys()["keys"]["before_rekey"]);
    let encrypted: Vec<&Row> = rows.iter().filter(|row| row.version == 1).collect();
    for a in &encrypted {
        for b in encrypted.iter().filter(|b| b.uid != a.uid) {
            let mixed = Row { wrapped: b.wrapped.clone(), ..(*a).clone() };
            assert_eq!(open(&backy2::policy(), &master, &mixed), Err(Error::NotAuthentic));
        }
    }
}
