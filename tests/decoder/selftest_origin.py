"""The self-test of section 6.1 of docs/FORMAT.md: origin signatures."""

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec

import encoder as e
import encoder_keys as k
import keyfile
from notation import Policy
from origin import judge_origin, open_signed_manifest
from selftest_base import (
    INSTANCE, KEK, METAKEY, PAIR, POINT, POSITION_5, SESSION, breaks, flip, opens, secret,
)

ORIGIN = ec.derive_private_key(int.from_bytes(secret("origin")), ec.SECP256R1())
SEALED = e.block(SESSION, 1, POSITION_5, b"content")
DIGEST = hashlib.sha256(SEALED[:-8]).digest()
DEMANDING = Policy(demand_origin=True)


def public(pair):
    return keyfile.PublicKey(e.point_of(pair))


def a_manifest(flags=1, **more):
    digest = DIGEST if flags else bytes(32)
    entry = e.block_entry(0, 2, 1, 7, POSITION_5, SEALED, digest)
    return e.manifest(METAKEY, POINT, INSTANCE, 3, 7, 7, [entry], flags=flags, **more)


MANIFEST = a_manifest()
SIGNATURE = k.origin_signature(ORIGIN, INSTANCE, POINT, MANIFEST)


def judged(signature=SIGNATURE, manifest=MANIFEST, key=public(ORIGIN), recipients=(),
           policy=Policy()):
    opened = open_signed_manifest(manifest, METAKEY, POINT)
    return judge_origin(signature, manifest, opened, key, recipients, policy)


def made(change=e.unchanged, manifest=MANIFEST, instance=INSTANCE, point=POINT):
    return k.origin_signature(ORIGIN, instance, point, manifest, change)


def with_signature(r, s):
    return made(e.put(96, r.to_bytes(32) + s.to_bytes(32)))


def test_origin():
    order = keyfile.ORDER
    r, s = int.from_bytes(SIGNATURE[96:128]), int.from_bytes(SIGNATURE[128:160])
    recipients = [e.kek_id(KEK), e.p256_id(PAIR)]
    opens("verified", lambda: judged(recipients=recipients, policy=DEMANDING), "verified")
    opens("verified: the other s of ECDSA", lambda: judged(with_signature(r, order - s)),
          "verified")
    opens("no origin key: unverified", lambda: judged(key=None), "unverified")
    opens("no origin key, no signature: unverified", lambda: judged(None, key=None), "unverified")
    opens("no origin key: a signature is not looked at", lambda: judged(b"x", key=None),
          "unverified")

    def broken(rule, kind, name, signature=SIGNATURE, **more):
        breaks(rule, kind, name, lambda: judged(signature, **more))

    broken("O1", "malformed", "magic", e.recheck(e.put(0, b"X")(SIGNATURE)))
    broken("O1", "malformed", "a manifest for a signature", MANIFEST)
    broken("O2", "unsupported version", "signature", e.recheck(e.put(5, b"\3")(SIGNATURE)))
    broken("O2", "unsupported suite", "signature", e.recheck(e.put(6, b"\2")(SIGNATURE)))
    broken("O3", "damaged", "signature", flip(SIGNATURE, 100))
    broken("O4", "malformed", "signature's flags", made(e.put(8, b"\1")))
    broken("O4", "malformed", "signature's reserved field", made(e.put(15, b"\1")))
    broken("G1", "malformed", "167 bytes", e.add_checksum(SIGNATURE[:159]))
    broken("G1", "malformed", "169 bytes", e.add_checksum(SIGNATURE[:160] + b"\0"))
    broken("O5", "malformed", "a byte behind the signature", SIGNATURE + b"\0")
    broken("G1", "foreign", "another instance", made(instance=POINT))
    broken("G1", "foreign", "another restore point", made(point=INSTANCE))
    bare = a_manifest(flags=0)
    broken("G2", "malformed", "a manifest without digests", made(manifest=bare), manifest=bare)
    opens("an unsigned manifest needs no digests", lambda: judged(None, bare, None), "unverified")
    for signature, what in ((SIGNATURE, "that signed"), (None, "without a signature")):
        broken("G3", "origin is recipient", f"the origin key {what}", signature,
               recipients=[e.kek_id(KEK), e.p256_id(ORIGIN)])
    for policy in (Policy(), DEMANDING):
        broken("G4", "origin unverified", "no signature", None, policy=policy)
        broken("G4", "origin unverified", "another key's", key=public(PAIR), policy=policy)
    broken("G4", "origin unverified", "no origin key, but the policy demands one", key=None,
           policy=DEMANDING)
    broken("G4", "origin forged", "another manifest's digest", made(manifest=a_manifest(
        metadata_digest=secret("metadata"))))
    broken("G4", "origin forged", "another digest beside a signature that fits", made(
        e.put(64, secret("digest"))))
    broken("G4", "origin forged", "a digest put right", made(
        e.put(64, hashlib.sha256(MANIFEST).digest()), manifest=b"another"))
    claimed = k.origin_signature(PAIR, INSTANCE, POINT, MANIFEST,
                                 change=e.put(48, e.p256_id(ORIGIN)))
    broken("G4", "origin forged", "another key signed", claimed)
    for name, pair in (("r = 0", (0, s)), ("s = 0", (r, 0)), ("r = n", (order, s)),
                       ("s = n", (r, order)), ("s + n", (r, s + order & (1 << 256) - 1)),
                       ("2^256 - 1", ((1 << 256) - 1,) * 2), ("r and s exchanged", (s, r))):
        broken("G4", "origin forged", name, with_signature(*pair))
    rootless = a_manifest(change_root=lambda root: flip(root, 0))
    broken("G5", "not authentic", "a signed manifest whose root does not hold",
           made(manifest=rootless), manifest=rootless)
