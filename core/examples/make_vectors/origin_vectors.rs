//! Origin signatures: verified, unverified, forged. FORMAT.md 6.1.

use coffre_core::derive::sha256;
use coffre_core::key_file::{Form, PRIVATE_PEM, PUBLIC_DER};
use coffre_core::keypair::PrivateKey;
use coffre_core::manifest::Info;
use coffre_core::object::Id;
use coffre_core::origin::{OriginSignature, SIZE};
use coffre_core::origin_key::OriginKey;
use coffre_core::out::Out;
use p256::{FieldBytes, NonZeroScalar};
use serde_json::Value;

use super::Vector;
use super::manifest_vectors::{block, info, metakey, point_id, three, write};
use super::record_vectors::{KEK, PAIR};
use crate::common::forge::{fix_checksum, patched};
use crate::common::{flipped, hex, id, kek, p256, to_hex};

const ORIGIN: &str = "vectors: origin key";
/// The order of P-256. SP 800-186 3.2.1.3.
pub const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
/// A manifest of this generation has a signature whose `r` begins with a zero byte.
const SHORT_R: u64 = 898;

fn origin_key(name: &str) -> OriginKey {
    OriginKey::new(PrivateKey::derive(name.as_bytes()).unwrap())
}

/// The object for a manifest, not signed yet.
fn unsigned(manifest: &[u8]) -> OriginSignature {
    OriginSignature {
        instance_id: manifest[32..48].try_into().unwrap(),
        restore_point_id: manifest[16..32].try_into().unwrap(),
        key_id: origin_key(ORIGIN).key_id(),
        manifest_digest: sha256(manifest),
        signature: [0; 64],
    }
}

/// What the object says, signed by the key of that name.
fn signed_by(name: &str, object: OriginSignature) -> Vec<u8> {
    let signature = origin_key(name).sign(&object.message());
    OriginSignature { signature, ..object }.to_bytes().to_vec()
}

/// The signature of a manifest.
fn sign(manifest: &[u8]) -> Vec<u8> {
    signed_by(ORIGIN, unsigned(manifest))
}

/// The same restore point in another generation.
fn of_generation(generation: u64) -> Vec<u8> {
    let info = Info { generation, ..info(3, true) };
    let entries = [0, 1, 2].map(|n| block(2, n, true));
    write(&info, &entries)
}

/// For a reader without an origin key.
fn keyless(name: &str, about: &str, signature: &[u8], manifest: &[u8]) -> Vector {
    Vector::new("origin", name, about, signature)
        .input("manifest", manifest)
        .input("metakey", metakey().expose())
        .input("restore_point_id", &point_id())
        .intermediate("verdict", "unverified")
}

/// For a reader that has the origin key, and two recipients in the key record.
fn vector(name: &str, about: &str, signature: &[u8], manifest: &[u8]) -> Vector {
    let key = origin_key(ORIGIN);
    let mut der = vec![0; PUBLIC_DER];
    key.public().write(Form::Der, &mut Out::new(&mut der)).unwrap();
    let vector = keyless(name, about, signature, manifest)
        .input("origin_key", &der[..])
        .intermediate("origin_key_id", &key.key_id());
    with_recipients(vector, &[kek(KEK).id(), p256(PAIR).id()])
}

fn with_recipients(vector: Vector, ids: &[Id]) -> Vector {
    let ids: Vec<String> = ids.iter().map(|id| to_hex(id)).collect();
    vector.input("recipient_ids", &Value::from(ids))
}

/// With what is signed, and the verdict on it.
fn judged(vector: Vector, manifest: &[u8], verdict: &str) -> Vector {
    let object = unsigned(manifest);
    vector
        .intermediate("manifest_digest", &object.manifest_digest)
        .intermediate("message", &object.message())
        .intermediate("verdict", verdict)
}

pub fn valid() -> Vec<Vector> {
    let verified = |name: &str, about: &str, signature: &[u8], manifest: &[u8]| {
        let mut pem = vec![0; PRIVATE_PEM];
        origin_key(ORIGIN).write(Form::Pem, &mut Out::new(&mut pem)).unwrap();
        let name = format!("verified{name}");
        judged(vector(&name, about, signature, manifest), manifest, "verified")
            .writer("private_key_pem", std::str::from_utf8(&pem).unwrap())
    };
    let (manifest, empty) = (three(), write(&info(0, true), &[]));
    let no_digests = write(&info(1, false), &[block(2, 0, false)]);
    let short_r = of_generation(SHORT_R);
    assert_eq!(sign(&short_r)[96], 0);
    let foreign = signed_by(
        ORIGIN,
        OriginSignature { instance_id: id("vectors: another"), ..unsigned(&manifest) },
    );
    let signature = sign(&manifest);
    let signed = |name: &str, about: &str| verified(name, about, &signature, &manifest);
    let negated = vector("verified_negated_s", "n - s for s", &negated(&signature), &manifest);
    vec![
        signed("", "signed by the origin key"),
        signed("_demanded", "the policy demands an origin").input("demand_origin", &true),
        with_recipients(signed("_alone", "no recipients to be told from"), &[]),
        verified("_empty", "an image of 0 bytes", &sign(&empty), &empty),
        verified("_short_r", "r begins with a zero byte", &sign(&short_r), &short_r),
        judged(negated, &manifest, "verified"),
        keyless("unverified", "no origin key, no signature", b"", &manifest),
        keyless("unverified_signed", "no origin key, but a signature", &signature, &manifest),
        keyless("unverified_foreign", "no origin key: nobody looks", &foreign, &manifest),
        keyless(
            "unverified_reserved",
            "no origin key: nobody looks at reserved bytes either",
            &patched(&signature, 12, &[1]),
            &manifest,
        ),
        keyless("unverified_no_digests", "not signed, without digests", b"", &no_digests),
    ]
}

/// The other signature of the same message: ECDSA has no rule which of the two it is.
fn negated(signature: &[u8]) -> Vec<u8> {
    let s = FieldBytes::try_from(&signature[128..160]).unwrap();
    let s = -NonZeroScalar::from_repr(s).unwrap();
    patched(signature, 128, &FieldBytes::from(s))
}

const M: &str = "malformed";
const UNVERIFIED: &str = "origin unverified";

fn broken(
    rule: &'static str,
    name: &str,
    about: &str,
    expect: &'static str,
    signature: &[u8],
) -> Vector {
    let name = format!("{}_{name}", rule.to_lowercase());
    vector(&name, about, signature, &three()).breaks(rule, expect)
}

/// What is no signature of this restore point.
pub fn refused() -> Vec<Vector> {
    let (manifest, signature) = (three(), sign(&three()));
    let with = |rule, name: &str, about: &str, expect, at: usize, to: &[u8]| {
        broken(rule, name, about, expect, &patched(&signature, at, to))
    };
    let longer = |by: usize| {
        let mut longer = [&signature[..], &vec![0; by]].concat();
        fix_checksum(&mut longer);
        longer
    };
    let mut shorter = signature[..SIZE - 1].to_vec();
    fix_checksum(&mut shorter);
    let claims = |object| signed_by(ORIGIN, object);
    let foreign =
        |name: &str, about: &str, object| broken("G1", name, about, "foreign", &claims(object));
    let no_digests = write(&info(3, false), &[0, 1, 2].map(|n| block(2, n, false)));
    let another = origin_key("vectors: another origin key").key_id();
    let others = signed_by(
        "vectors: another origin key",
        OriginSignature { key_id: another, ..unsigned(&manifest) },
    );
    let to_recipient = |name: &str, about: &str, signature: &[u8]| {
        let vector = broken("G3", name, about, "origin is recipient", signature);
        with_recipients(vector, &[kek(KEK).id(), origin_key(ORIGIN).key_id()])
    };
    let demanded = |name: &str, about: &str, signature: &[u8]| {
        keyless(name, about, signature, &manifest)
            .breaks("G4", UNVERIFIED)
            .input("demand_origin", &true)
    };
    let rootless = |name: &str, about: &str, at: usize| {
        let manifest = patched(&manifest, at, &[!manifest[at]]);
        vector(name, about, &sign(&manifest), &manifest).breaks("G5", "not authentic")
    };
    let root = manifest.len() - 40;
    vec![
        with("O1", "magic", "magic \"cOFR\"", M, 0, b"c"),
        with("O1", "type", "object type 3", M, 4, &[3]),
        broken("O1", "short", "15 bytes", M, &signature[..15]),
        with("O2", "version", "version 3", "unsupported version", 5, &[3]),
        with("O2", "suite", "suite 2", "unsupported suite", 6, &[2]),
        broken("O3", "checksum", "a flipped bit of s", "damaged", &flipped(&signature, 8 * 150)),
        with("O4", "flag", "a flag", M, 8, &[1]),
        with("O4", "reserved", "a reserved field", M, 15, &[1]),
        broken("O5", "trailing", "another checksum after the object", M, &longer(8)),
        broken("G1", "167_bytes", "a byte too few", M, &shorter),
        broken("G1", "169_bytes", "a byte too many", M, &longer(1)),
        foreign(
            "instance",
            "another instance's",
            OriginSignature { instance_id: id("vectors: another"), ..unsigned(&manifest) },
        ),
        foreign(
            "point",
            "another restore point's",
            OriginSignature { restore_point_id: id("vectors: another"), ..unsigned(&manifest) },
        ),
        vector("g2_no_digests", "a manifest without digests", &sign(&no_digests), &no_digests)
            .breaks("G2", M),
        to_recipient("recipient", "the origin key is a recipient", &signature),
        to_recipient("unsigned", "the same, without a signature", b""),
        to_recipient("another_key", "the same, signed by another key", &others),
        broken("G4", "no_signature", "no signature", UNVERIFIED, b""),
        broken("G4", "another_key", "signed by another key", UNVERIFIED, &others),
        demanded("g4_demanded", "an origin is demanded, but there is no key", &signature),
        demanded("g4_demanded_unsigned", "the same, without a signature", b""),
        rootless("g5_root", "another root, signed", root),
        rootless("g5_header", "another metadata digest, signed", 90),
        rootless("g5_entry", "an altered entry, signed", 130),
    ]
}

/// [G4]: what claims to be the origin key's signature of this manifest, and is not.
pub fn forged() -> Vec<Vector> {
    let (manifest, signature) = (three(), sign(&three()));
    let forged = |name: &str, about: &str, signature: &[u8]| {
        judged(broken("G4", name, about, "origin forged", signature), &manifest, "forged")
    };
    let with = |name: &str, about: &str, at: usize, to: &[u8]| {
        forged(name, about, &patched(&signature, at, to))
    };
    let older = sign(&of_generation(4));
    let moved = patched(&older, 64, &sha256(&manifest));
    let claimed = signed_by("vectors: another origin key", unsigned(&manifest));
    let unlabelled = {
        let object = unsigned(&manifest);
        let signature = origin_key(ORIGIN).sign(&object.message()[16..]);
        OriginSignature { signature, ..object }.to_bytes()
    };
    let (r, s) = (&signature[96..128], &signature[128..160]);
    let (order, ones) = (hex(ORDER), [0xFF; 64]);
    vec![
        forged("older", "the signature of another generation", &older),
        forged("moved", "the same, with this manifest's digest", &moved),
        forged("claimed", "another key's signature under our key id", &claimed),
        forged("unlabelled", "the message was signed without its label", &unlabelled),
        with("digest", "another digest beside the signature", 64, &sha256(b"another")),
        with("r", "another r", 100, &[!signature[100]]),
        with("s", "another s", 150, &[!signature[150]]),
        with("exchanged", "s in front of r", 96, &[s, r].concat()),
        with("r_0", "r is 0", 96, &[0; 32]),
        with("s_0", "s is 0", 128, &[0; 32]),
        with("both_0", "r and s are 0", 96, &[0; 64]),
        with("r_n", "r is n", 96, &order),
        with("s_n", "s is n", 128, &order),
        with("both_ones", "r and s are 2^256 - 1", 96, &ones),
    ]
}
