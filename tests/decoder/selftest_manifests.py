"""The self-test of section 6 of docs/FORMAT.md: manifests, and a whole restore point."""

import hashlib
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import encoder as e
from manifest import open_manifest
from point import restore
from selftest_base import (
    INSTANCE, KEK, METAKEY, PAIR, POINT, POSITION_5, SESSION, STORAGE, a_record, breaks, flip,
    opens, secret,
)


def test_manifests():
    sealed = e.block(SESSION, 1, POSITION_5, b"x")
    size, count = 1000, 1026
    image = size * count - 400
    entries = [e.hole(i, size) for i in range(count)]
    entries[5] = e.block_entry(5, 2, 1, size, POSITION_5, sealed)
    entries[-1] = e.block_entry(count - 1, 2, 2, 600, secret("block id"), sealed)

    def made(block_size=size, image_size=image, entries=entries, **more):
        return e.manifest(METAKEY, POINT, INSTANCE, 3, block_size, image_size, entries, **more)

    def opened(data, metakey=METAKEY, point=POINT, lowest=3):
        return open_manifest(data, metakey, point, lowest)

    def one(entry, size=size, image=size, **more):
        return made(size, image, [entry], **more)

    good = made()
    opens("manifest of 2 segments", lambda: len(opened(good).entries), count)
    opens("manifest of an empty image", lambda: opened(made(1, 0, [])).entries, [])
    opens("a block's entry", lambda: (lambda x: (x.version, x.block_id, x.session_id,
                                                 x.commitment))(opened(good).entries[5]),
          (2, POSITION_5, e.session_id(SESSION), sealed[112:144]))
    digest = secret("digest")
    opens("versions 0, 1 with digests", lambda: opened(made(1, 2, [
        e.block_entry(0, 0, 1, 1, POSITION_5, digest=digest),
        e.block_entry(1, 1, 2, 1, bytes(32), digest=digest)], flags=1)).entries[1].digest, digest)

    def broken(rule, kind, name, data, **more):
        breaks(rule, kind, name, lambda: opened(data, **more))

    broken("O1", "malformed", "a record for a manifest", a_record())
    broken("O2", "unsupported version", "manifest", e.recheck(e.put(5, b"\7")(good)))
    broken("O2", "unsupported suite", "manifest", e.recheck(e.put(6, b"\7")(good)))
    broken("O3", "damaged", "manifest", flip(good, 300))
    broken("O4", "malformed", "manifest's flags", made(change=e.put(8, b"\2")))
    broken("O4", "malformed", "manifest's reserved field", made(change=e.put(79, b"\1")))
    broken("O5", "malformed", "a byte behind the manifest", good + b"\0")
    broken("M1", "malformed", "entry count", made(change=e.put(64, b"\0\0")))
    broken("M1", "malformed", "cut off", good[:-1])
    broken("M1", "malformed", "image size", made(image_size=image + 401))
    broken("M1", "malformed", "block size 0", made(0))
    broken("M1", "malformed", "block size 67,108,865", made(67_108_865, 1, [e.hole(0, 1)]))
    broken("M2", "not authentic", "an entry", e.recheck(flip(good, 400)))
    broken("M2", "not authentic", "MAC of segment 1", e.recheck(flip(good, len(good) - 60)))
    broken("M2", "not authentic", "root", made(change_root=lambda root: flip(root, 0)))
    broken("M2", "not authentic", "metadata digest under the root", e.recheck(flip(good, 100)))
    broken("M2", "not authentic", "another metakey", good, metakey=KEK)

    holes = [e.hole(0, size), e.hole(2, size)]
    broken("M3", "malformed", "position", made(size, 2 * size, holes))
    broken("M3", "malformed", "a hole with a version", one(e.put(9, b"\2")(e.hole(0, size))))
    broken("M3", "malformed", "a hole with a commitment", one(e.put(70, b"\2")(e.hole(0, size))))
    block = e.block_entry(0, 2, 1, size, POSITION_5, sealed)
    broken("M3", "malformed", "kind 0", one(e.put(8, b"\0")(block)))
    broken("M3", "malformed", "kind 3", one(e.put(8, b"\3")(block)))
    broken("M3", "malformed", "version 3",
           one(e.block_entry(0, 3, 1, size, POSITION_5, digest=digest), flags=1))
    broken("M3", "malformed", "block id type 3", one(e.put(10, b"\3\x10")(block)))
    broken("M3", "malformed", "block id length", one(e.put(11, b"\7")(block)))
    broken("M3", "malformed", "block id's padding", one(e.put(47, b"\1")(block)))
    broken("M3", "malformed", "digest without digests", one(e.put(96, b"\1")(block)))
    broken("M3", "malformed", "session id in version 1",
           one(e.put(9, b"\1")(block), flags=1))
    broken("M3", "malformed", "plaintext length", one(e.hole(0, size - 1)))
    broken("M3", "malformed", "last plaintext length", one(e.hole(0, size), image=size - 1))
    broken("M4", "foreign", "restore point id", good, point=INSTANCE)
    broken("M4", "stale", "generation", good, lowest=4)
    for version in (0, 1):
        broken("M5", "malformed", f"version {version} without digests",
               one(e.block_entry(0, version, 1, size, POSITION_5)))


def test_point():
    size, id_key = 4096, secret("id key 1")
    plains = [secret("0", size), b"a" * size, bytes(size), bytes(size), secret("4", 100)]
    ids = [e.mac(id_key, p) for p in plains]
    frame = e.rle_frame(b"a", size)
    sealed = [e.block(SESSION, 2, ids[0], plains[0]),
              e.block(SESSION, 2, ids[1], plains[1], frame=frame, window=size),
              e.block(SESSION, 2, ids[2], plains[2], zero=True), None,
              e.block(SESSION, 2, ids[4], plains[4])]
    meta = e.metadata(METAKEY, POINT, b"name")
    entries = [e.hole(i, size) if b is None else
               e.block_entry(i, 2, 2, len(plains[i]), ids[i], b, hashlib.sha256(b[:-8]).digest())
               for i, b in enumerate(sealed)]
    files = {
        "keys/private.pem": PAIR.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "repo/repository.rec": a_record(6),
        f"repo/points/{POINT.hex()}/keys.rec": a_record(4),
        f"repo/points/{POINT.hex()}/metadata": meta,
        f"repo/points/{POINT.hex()}/manifest": e.manifest(
            METAKEY, POINT, INSTANCE, 3, size, 4 * size + 100, entries, flags=1,
            metadata_digest=hashlib.sha256(meta).digest()),
    }
    names = [f"{block_id.hex()}.{b[32:48].hex()}" if b else None
             for block_id, b in zip(ids, sealed)]
    files.update({f"repo/blocks/{name[:2]}/{name}": b for name, b in zip(names, sealed) if b})

    def restored(changes=None):
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            for name, data in {**files, **(changes or {})}.items():
                if data is not None:
                    (root / name).parent.mkdir(parents=True, exist_ok=True)
                    (root / name).write_bytes(data)
            restore(root / "repo", root / "keys", POINT.hex(), root / "image")
            return (root / "image").read_bytes()

    def file(end):
        return next(name for name in files if name.endswith(end))

    opens("restore point", restored, b"".join(plains))
    first, second = file(names[0]), file(names[1])
    breaks("M6", "missing", "a block", lambda: restored({first: None}))
    breaks("M7", "not authentic", "content digest", lambda: restored({first: files[second]}))
    breaks("M7", "not authentic", "metadata digest",
           lambda: restored({file("metadata"): e.recheck(flip(meta, 150))}))
    breaks("M6", "missing", "metadata", lambda: restored({file("metadata"): None}))
    breaks("R8", "foreign", "another point's key record",
           lambda: restored({file("keys.rec"): a_record(4, scope_id=INSTANCE)}))
    breaks("O3", "damaged", "the block's checksum alone",
           lambda: restored({first: flip(files[first], len(files[first]) - 1)}))
    without = e.session_entry(STORAGE, 4, POINT, KEK)
    breaks("B6", "missing key", "a session key",
           lambda: restored({file("keys.rec"): a_record(4, entries=[without])}))
