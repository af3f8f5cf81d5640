"""Section 6.1 of docs/FORMAT.md: who made a backup. [G1] to [G5].

Where FORMAT.md is silent: a reader without an origin key does not look at the signature at all.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from manifest import open_manifest
from notation import (
    ORIGIN_SIGNATURE, Foreign, Malformed, NotAuthentic, OriginForged, OriginIsRecipient,
    OriginUnverified, Policy, check_object, require_zero, same, sha256,
)

SIZE = 168


@dataclass
class Origin:
    instance_id: bytes
    restore_point_id: bytes
    key_id: bytes
    manifest_digest: bytes
    signature: bytes


def parse_origin(data):
    """[O1] to [O5], [G1]'s size."""
    check_object(data, ORIGIN_SIGNATURE, SIZE, lambda d: SIZE, "G1")
    require_zero(data[8:12], "O4", "flags")
    require_zero(data[12:16], "O4", "the reserved field")
    return Origin(instance_id=data[16:32], restore_point_id=data[32:48], key_id=data[48:64],
                  manifest_digest=data[64:96], signature=data[96:160])


def open_signed_manifest(data, metakey, restore_point_id, lowest_generation=None):
    """[G5]: nothing is said about the origin of a manifest whose root does not hold."""
    try:
        return open_manifest(data, metakey, restore_point_id, lowest_generation)
    except NotAuthentic as error:
        error.rules.append("G5")
        raise


def check_place(origin, manifest):
    """[G1], [G2]."""
    if (origin.instance_id, origin.restore_point_id) != (manifest.instance_id,
                                                         manifest.restore_point_id):
        raise Foreign("G1", "the signature of another restore point")
    if not manifest.digests:
        raise Malformed("G2", "a manifest without digests is signed")


def message(instance_id, restore_point_id, manifest_digest):
    """The 80 bytes that are signed."""
    return b"coffre/v2/origin" + instance_id + restore_point_id + manifest_digest


def signature_holds(key, signed, signature):
    r, s = int.from_bytes(signature[0:32], "big"), int.from_bytes(signature[32:64], "big")
    try:
        key.key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def check_signature(origin, manifest_data, key, trace):
    """[G4], with an origin key and a signature."""
    if origin.key_id != key.id:
        raise OriginUnverified("G4", f"signed by {origin.key_id.hex()}")
    digest = sha256(manifest_data)
    signed = message(origin.instance_id, origin.restore_point_id, digest)
    trace.update(verdict="forged", manifest_digest=digest, message=signed)
    if not same(digest, origin.manifest_digest):
        raise OriginForged("G4", "the manifest's digest does not fit")
    if not signature_holds(key, signed, origin.signature):
        raise OriginForged("G4", "the signature does not fit")


def judge_origin(data, manifest_data, manifest, key=None, recipient_ids=(), policy=Policy(),
                 trace=None):
    """Section 6.1: "verified" or "unverified"; whatever must be refused is raised.

    `data` is None when there is no signature; `manifest` is what open_signed_manifest returned for
    manifest_data; `key` is the origin's keyfile.PublicKey, if the reader has one.
    """
    trace = {} if trace is None else trace
    trace.update(verdict="unverified")
    if key is None:
        if policy.demand_origin:
            raise OriginUnverified("G4", "the policy demands an origin, but there is no key")
        return "unverified"
    origin = None if data is None else parse_origin(data)
    if origin:
        check_place(origin, manifest)
    if key.id in recipient_ids:                                                             # [G3]
        raise OriginIsRecipient("G3", f"{key.id.hex()} is a recipient")
    if origin is None:
        raise OriginUnverified("G4", "no signature")
    check_signature(origin, manifest_data, key, trace)
    trace.update(verdict="verified")
    return "verified"
