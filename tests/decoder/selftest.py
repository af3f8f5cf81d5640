#!/usr/bin/env python3
"""Proves the decoder without the library: encoder.py makes objects, the decoder opens them, and
each rule of docs/FORMAT.md is broken once. Published vectors below tests/vectors run if present.

    selftest.py [VECTORS]
"""

import base64
import hashlib
import json
import struct
import sys
import tempfile
from pathlib import Path

import zstandard
from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat,
)

import encoder as e
import hpke
import keyfile
from block import (
    Expected, check_version, open_block, open_chunks, open_metadata, open_v0, open_v1,
)
from challenge import judge
from manifest import open_manifest
from notation import FormatError, Policy
from point import restore
from record import open_record

passed = failed = 0


def result(name, problem=None):
    global passed, failed
    passed, failed = passed + (not problem), failed + bool(problem)
    print(f"{'FAIL' if problem else 'ok  '} {name}{': ' + problem if problem else ''}")


def opens(name, function, want=None):
    """function() opens, and returns `want` if that is told."""
    try:
        found = function()
    except FormatError as error:
        return result(name, str(error))
    result(name, None if want is None or found == want else f"found {found!r:.100}")


def breaks(rule, kind, name, function):
    """function() fails with this rule and kind word."""
    name = f"[{rule}] {kind}: {name}"
    try:
        function()
    except FormatError as error:
        fits = error.kind == kind and rule in error.rules
        return result(name, None if fits else f"found {error}")
    result(name, "it opened")


def secret(label, size=32):
    """Fixed bytes that look random."""
    return hashlib.shake_256(label.encode()).digest(size)


SESSION, METAKEY, STORAGE, KEK = (secret(x) for x in ("session", "metakey", "storage", "kek"))
INSTANCE, POINT = secret("instance", 16), secret("point", 16)
PAIR = ec.derive_private_key(int.from_bytes(secret("pair")), ec.SECP256R1())
EPHEMERAL = ec.derive_private_key(int.from_bytes(secret("ephemeral")), ec.SECP256R1())
STANZA_KEK = secret("stanza kek")
KEK_KEY = keyfile.Kek(KEK)
PAIR_KEY = keyfile.PrivateKey(PAIR.private_numbers().private_value)
POSITION_5 = struct.pack("<Q", 5)


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


# -- Published values of the primitives ------------------------------------------------------------

def test_primitives():
    h = bytes.fromhex("25629347589242761d31f826ba4b757b")                   # RFC 8452, appendix A
    x = bytes.fromhex("4f4f95668c83dfb6401762bb2d01a262d1a24ddd2721d006bbe45f20d3c9f362")
    opens("POLYVAL", lambda: e.polyval(h, x).hex(), "f7a3b47b846119fae5b7866cf5e5b77e")
    opens("POLYVAL of nothing", lambda: e.polyval(h, b""), bytes(16))


def test_hpke(directory):
    """RFC 9180's vectors of our suite; a single shot is the first of their encryptions."""
    vectors = [v for path in sorted(directory.glob("*.json")) for v in json.loads(path.read_text())]
    opens("HPKE: there are vectors", lambda: len(vectors) > 0, True)
    for v in vectors:
        values = {k: bytes.fromhex(x) for k, x in v.items() if isinstance(x, str)}
        key = keyfile.PrivateKey(int.from_bytes(values["skRm"]))
        enc, first = values["enc"], v["encryptions"][0]
        opens("HPKE: public key", lambda: key.public.point, values["pkRm"])
        opens("HPKE: shared secret", lambda: hpke.decap(key.key, key.public.point, enc),
              values["shared_secret"])
        opens("HPKE: key, base nonce",
              lambda: hpke.key_schedule(values["shared_secret"], values["info"]),
              (values["key"], values["base_nonce"]))
        opens("HPKE: open", lambda: hpke.open_base(
            key.key, key.public.point, enc, values["info"], bytes.fromhex(first["aad"]),
            bytes.fromhex(first["ct"])), bytes.fromhex(first["pt"]))


# -- Sections 1 and 3.1: blocks --------------------------------------------------------------------

def test_blocks():
    good = e.block(SESSION, 1, POSITION_5, b"content")
    text = b"a" * 4000
    rle = e.rle_frame(b"a", 4000)

    for size in (0, 1, 16383, 16384, 16385, 40000):
        plain = secret("plain", size)
        opens(f"stored block of {size} bytes",
              lambda: open_block(e.block(SESSION, 1, POSITION_5, plain), SESSION)[1], plain)
    lines = b"".join(b"line %d of a text\n" % i for i in range(9000))
    level1 = zstandard.ZstdCompressor(level=1).compress(lines)
    window = zstandard.get_frame_parameters(level1).window_size
    opens("compressed block, libzstd's frame", lambda: open_block(
        e.block(SESSION, 2, bytes(32), lines, frame=level1, window=window), SESSION)[1], lines)
    opens("zero block", lambda: open_block(
        e.block(SESSION, 1, POSITION_5, bytes(65536), zero=True), SESSION)[1], bytes(65536))
    opens("metadata", lambda: open_metadata(e.metadata(METAKEY, POINT, b"name"), METAKEY, POINT),
          b"name")
    opens("key from a dictionary", lambda: open_block(
        good, {e.session_id(SESSION): SESSION})[1], b"content")

    def broken(rule, kind, name, data, key=SESSION, **more):
        breaks(rule, kind, name, lambda: open_block(data, key, **more))

    def made(change=e.unchanged, plain=b"content", **more):
        return e.block(SESSION, 1, POSITION_5, plain, change=change, **more)

    broken("O1", "malformed", "magic", e.recheck(e.put(0, b"X")(good)))
    broken("O1", "malformed", "metadata for a block", e.metadata(METAKEY, POINT, b"name"))
    for size in (0, 4, 8, 15, 16, 31):
        broken("B5", "malformed", f"the first {size} bytes", good[:size])
    broken("O2", "unsupported version", "version 3", e.recheck(e.put(5, b"\3")(good)))
    broken("O3", "damaged", "version 3 without a fitting checksum", e.put(5, b"\3")(good))
    broken("O2", "unsupported suite", "suite 2", e.recheck(e.put(6, b"\2")(good)))
    broken("O3", "damaged", "a bit of the ciphertext", flip(good, 150))
    broken("O3", "damaged", "a bit of the checksum", flip(good, len(good) - 1))
    broken("O4", "malformed", "flag bit 2", made(e.put(8, b"\4")))
    broken("O4", "malformed", "reserved byte", made(e.put(55, b"\1")))
    broken("O5", "malformed", "a byte behind the block", good + b"\0")

    breaks("B1", "refused by policy", "version 1", lambda: check_version(1, Policy()))
    breaks("B1", "refused by policy", "version 0", lambda: open_v0(b"x", Policy()))
    broken("B2", "over limit", "plaintext length", made(e.put(16, struct.pack("<Q", 67_108_865))))
    broken("B2", "over limit", "policy's largest block", made(), policy=Policy(max_block=6))
    broken("B3", "malformed", "both flags", made(e.put(8, b"\3")))
    broken("B3", "malformed", "zero with stored bytes", made(e.put(8, b"\2")))
    broken("B3", "malformed", "zero of length 0", made(plain=b"", zero=True))
    broken("B3", "malformed", "stored < plaintext, not compressed",
           made(e.put(16, struct.pack("<Q", 8))))
    broken("B3", "malformed", "compressed and not shorter", made(e.put(8, b"\1\0\0\0\0\4")))
    broken("B3", "malformed", "compressed to nothing", made(plain=text, frame=b"", window=4000))
    broken("B3", "malformed", "compressed without window", made(plain=text, frame=rle))
    broken("B3", "malformed", "window without compressed", made(e.put(12, b"\1")))
    broken("B4", "malformed", "block id type 0", made(e.put(48, b"\0")))
    broken("B4", "malformed", "block id length", made(e.put(49, b"\x20")))
    broken("B4", "malformed", "type 3 in a block", e.block(SESSION, 3, POINT, b""))
    broken("B4", "malformed", "type 1 in metadata",
           e.block(SESSION, 1, POSITION_5, b"", object_type=2), object_type=2)
    broken("B4", "malformed", "padding", made(e.put(87, b"\1")))
    broken("B5", "malformed", "stored length", made(e.put(24, struct.pack("<Q", 8))))
    broken("B5", "malformed", "cut off", good[:-9])
    broken("B5", "malformed", "header alone", good[:88])
    broken("B6", "wrong key", "another key", good, key=KEK)
    broken("B6", "missing key", "no key of the session", good, key={bytes(16): KEK})
    broken("B7", "not authentic", "commitment", e.recheck(flip(good, 112)))
    broken("B7", "not authentic", "salt", e.recheck(flip(good, 88)))
    broken("B7", "not authentic", "ciphertext", e.recheck(flip(good, 144)))
    broken("B7", "not authentic", "header", e.recheck(e.put(56, b"\6")(good)))
    for size, name in ((55, "commitment cut off"), (56, "no chunk"), (56 + 16400, "last is full")):
        sealed = e.block(SESSION, 1, POSITION_5, secret("plain", 20000))[:88 + size]
        breaks("B7", "not authentic", name,
               lambda: open_chunks(SESSION, sealed[:88], sealed[88:], {}))
    broken("B8", "unexpected block", "id", good, expected=Expected(1, struct.pack("<Q", 6)))
    broken("B8", "unexpected block", "id type", good, expected=Expected(2))
    broken("B8", "unexpected block", "commitment", good, expected=Expected(commitment=KEK))
    breaks("B8", "unexpected block", "metadata of another restore point", lambda: open_metadata(
        e.metadata(METAKEY, POINT, b""), METAKEY, bytes(16)))
    breaks("B6", "wrong key", "metadata, another metakey", lambda: open_metadata(
        e.metadata(METAKEY, POINT, b""), KEK, POINT))

    def framed(frame, window=4000):
        return made(plain=text, frame=frame, window=window)

    opens("RLE frame", lambda: open_block(framed(rle), SESSION)[1], text)
    opens("frame checksum", lambda: open_block(
        framed(e.rle_frame(b"a", 4000, checksum=True)), SESSION)[1], text)
    opens("window descriptor", lambda: open_block(
        framed(e.rle_frame(b"a", 4000, window_byte=0x14), 6144), SESSION)[1], text)
    broken("B9", "bad frame", "wrong frame checksum",
           framed(flip(e.rle_frame(b"a", 4000, checksum=True), 16)))
    broken("B9", "bad frame", "no frame", framed(b"no frame"))
    broken("B9", "bad frame", "no content size",
           framed(e.rle_frame(b"a", 4000, window_byte=0x14, content_size=False), 6144))
    broken("B9", "bad frame", "content size", framed(e.rle_frame(b"a", 3999), 3999))
    broken("B9", "bad frame", "dictionary id", framed(e.rle_frame(b"a", 4000, dictionary=b"\1")))
    broken("B9", "bad frame", "reserved bit", framed(e.rle_frame(b"a", 4000, reserved=1)))
    broken("B9", "bad frame", "window is not the header's", framed(rle, 4001))
    broken("B2", "over limit", "window over the policy's limit", framed(rle),
           policy=Policy(max_window=2048))
    broken("B9", "bad frame", "second frame", framed(rle + e.rle_frame(b"", 0)))
    broken("B9", "bad frame", "skippable frame behind", framed(rle + b"\x50\x2a\x4d\x18\0\0\0\0"))
    broken("B9", "bad frame", "skippable frame before", framed(b"\x50\x2a\x4d\x18\0\0\0\0" + rle))
    broken("B9", "bad frame", "trailing byte", framed(rle + b"\0"))
    broken("B9", "bad frame", "cut off", framed(rle[:-1]))
    broken("B9", "bad frame", "holds less than its content size",
           framed(e.rle_frame(b"a", 4000)[:-4] + (3999 << 3 | 3).to_bytes(3, "little") + b"a"))
    broken("B9", "bad frame", "reserved block type",
           framed(rle[:-4] + (1 << 3 | 7).to_bytes(3, "little") + b"a"))


def test_v1():
    data_key, nonce, master = secret("data key"), secret("nonce", 16), secret("master")
    wrapped, rle = keywrap.aes_key_wrap(master, data_key), e.rle_frame(b"a", 4000)

    def v1(frame=rle, wrapped=wrapped, master=master, change=e.unchanged, **policy):
        blob = change(e.v1_blob(data_key, nonce, frame))
        return open_v1(blob, master, wrapped, Policy(lowest_version=1, **policy))

    opens("version 1", v1, b"a" * 4000)
    opens("version 0", lambda: open_v0(b"plain", Policy(lowest_version=0)), b"plain")
    breaks("B1", "refused by policy", "version 1 by default",
           lambda: open_v1(bytes(99), master, wrapped, Policy()))
    breaks("L1", "malformed", "32 bytes", lambda: v1(change=lambda b: b[:32]))
    breaks("L2", "wrong key", "another master key", lambda: v1(master=KEK))
    breaks("L1", "malformed", "39 wrapped bytes", lambda: v1(wrapped=wrapped[:39]))
    breaks("L2", "not authentic", "tag", lambda: v1(change=lambda b: flip(b, 0)))
    breaks("L2", "not authentic", "ciphertext", lambda: v1(change=lambda b: flip(b, 32)))
    breaks("L3", "bad frame", "two frames", lambda: v1(rle + rle))
    breaks("L3", "bad frame", "no content size",
           lambda: v1(e.rle_frame(b"a", 4000, window_byte=0x14, content_size=False)))
    breaks("L3", "bad frame", "dictionary", lambda: v1(e.rle_frame(b"a", 9, dictionary=b"\1")))
    breaks("L4", "over limit", "content size", lambda: v1(max_block=3999))
    breaks("L4", "over limit", "content size 2^32-1, checked before decompression",
           lambda: v1(e.rle_frame(b"a", 4000)[:5] + b"\xff" * 4 + rle[9:]))


# -- Section 4: records, section 7: verdicts -------------------------------------------------------

def a_record(object_type=4, stanzas=None, entries=None, scope_id=None, **more):
    scope_id = scope_id or (POINT if object_type == 4 else INSTANCE)
    place = (object_type, scope_id)
    if stanzas is None:
        stanzas = [e.stanza(5, (9, 9, 9), bytes(16), b"unknown"),
                   e.stanza_kek(KEK, *place, STORAGE),
                   e.stanza_p256(PAIR, EPHEMERAL, STANZA_KEK, *place, STORAGE)]
    if entries is None and object_type == 4:
        keys = sorted((SESSION, secret("second session")), key=e.session_id)
        entries = [e.session_entry(STORAGE, *place, k) for k in keys]
        entries.append(e.entry(77, bytes(16), bytes(40)))
    if entries is None and object_type == 6:
        entries = [e.id_key_entry(STORAGE, *place, n, secret(f"id key {n}")) for n in (1, 2)]
    return e.record(object_type, INSTANCE, scope_id, 3, STORAGE, METAKEY, stanzas, entries or [],
                    **more)


def test_records():
    place = (4, POINT)
    for key in (KEK_KEY, PAIR_KEY):
        name = type(key).__name__
        record = open_record(a_record(), 4, [key], INSTANCE, 3, POINT)
        opens(f"key record, {name}",
              lambda: (record.metakey, record.sessions[e.session_id(SESSION)]), (METAKEY, SESSION))
        opens(f"repository record, {name}", lambda: open_record(a_record(6), 6, [key]).id_keys,
              {1: secret("id key 1"), 2: secret("id key 2")})
        opens(f"challenge, {name}", lambda: open_record(a_record(5), 5, [key]).metakey, METAKEY)

    def broken(rule, kind, name, data, object_type=4, key=KEK_KEY, **more):
        breaks(rule, kind, name, lambda: open_record(data, object_type, [key], **more))

    good = a_record()
    kek_only = [e.stanza_kek(KEK, *place, STORAGE)]
    broken("O1", "malformed", "a challenge for a key record", a_record(5))
    broken("O2", "unsupported version", "record", e.recheck(e.put(5, b"\1")(good)))
    broken("O2", "unsupported suite", "record", e.recheck(e.put(6, b"\0")(good)))
    broken("O3", "damaged", "record", flip(good, 70))
    broken("O4", "malformed", "record's flags", a_record(change=e.put(8, b"\1")))
    broken("O4", "malformed", "record's reserved field", a_record(change=e.put(58, b"\1")))
    broken("O4", "malformed", "entry's reserved field",
           a_record(entries=[e.entry(77, bytes(16), bytes(40), reserved=1)]))
    broken("O4", "malformed", "the end of an id key's id",
           a_record(6, entries=[e.entry(4, bytes(15) + b"\1", bytes(40))]), 6)
    broken("O5", "malformed", "a byte behind the record", good + b"\0")
    broken("R1", "malformed", "total length", a_record(change=e.put(12, b"\0\0\0\1")))
    broken("R1", "malformed", "one stanza less", a_record(change=e.put(56, b"\2")))
    broken("R1", "malformed", "one entry more", a_record(change=e.put(60, b"\4")))
    broken("R1", "malformed", "stanza body beyond the end",
           a_record(stanzas=kek_only, entries=[], change=e.put(136 + 24, b"\x29")))
    broken("R1", "malformed", "stanza header beyond the end",
           a_record(stanzas=kek_only, entries=[], change=e.put(56, b"\2")))
    broken("R2", "malformed", "no stanza", a_record(stanzas=[]))
    many = [e.stanza(9, (0, 0, 0), struct.pack("<QQ", 1, n), b"") for n in range(64)]
    opens("64 stanzas", lambda: open_record(a_record(stanzas=kek_only + many[:63]), 4, [KEK_KEY]))
    broken("R2", "malformed", "65 stanzas", a_record(stanzas=kek_only + many))
    broken("R2", "malformed", "1,048,577 entries", a_record(change=e.put(60, b"\1\0\x10\0")))
    broken("R2", "malformed", "stanza body of 16,385 bytes",
           a_record(stanzas=kek_only + [e.stanza(9, (0, 0, 0), bytes(16), bytes(16385))]))
    broken("R2", "malformed", "challenge with an entry",
           a_record(5, entries=[e.entry(77, bytes(16), bytes(40))]), 5)
    broken("R2", "malformed", "challenge's scope id", a_record(5, scope_id=POINT), 5)
    broken("R2", "malformed", "repository record's scope id", a_record(6, scope_id=POINT), 6)
    broken("R3", "malformed", "the same recipient twice", a_record(stanzas=kek_only * 2))
    for at, field in ((2, "kem"), (4, "kdf"), (6, "aead")):
        broken("R3", "malformed", field, a_record(change=e.put(136 + at, b"\7"), stanzas=kek_only))
    broken("R3", "malformed", "body length", a_record(
        stanzas=[e.stanza(1, (0, 1, 0), e.kek_id(KEK), bytes(48))]))
    session = e.session_entry(STORAGE, *place, SESSION)
    broken("R4", "malformed", "the same entry twice", a_record(entries=[session] * 2))
    broken("R4", "malformed", "entries descend",
           a_record(entries=[e.entry(77, bytes(16), bytes(40)), session]))
    broken("R5", "wrong key", "another KEK", good, key=keyfile.Kek(SESSION))
    broken("R5", "wrong key", "another pair", good, key=keyfile.PrivateKey(5))
    broken("R6", "not authentic", "wrapped storage key",
           a_record(stanzas=kek_only, entries=[], change=lambda d: flip(d, 170)))
    broken("R6", "not authentic", "storage key of another record",
           a_record(stanzas=[e.stanza_kek(KEK, 4, INSTANCE, STORAGE)]))
    broken("R6", "not authentic", "commitment", a_record(commitment=KEK))
    broken("R6", "not authentic", "MAC", e.recheck(flip(good, len(good) - 20)))
    broken("R6", "not authentic", "a MACed byte", e.recheck(flip(good, 48)))
    broken("R6", "not authentic", "metakey", a_record(change=lambda d: flip(d, 100)))
    for at, what in ((1, "enc, no point"), (65, "ct"), (113, "wrapped storage key")):
        data = a_record(stanzas=[e.stanza_p256(PAIR, EPHEMERAL, STANZA_KEK, *place, STORAGE,
                                               change=lambda d: flip(d, at))])
        broken("R6", "not authentic", "P-256 stanza: " + what, data, key=PAIR_KEY)
    broken("R7", "not authentic", "another session's key", a_record(
        entries=[e.session_entry(STORAGE, *place, SESSION, ident=secret("other id", 16))]))
    broken("R7", "not authentic", "entry does not unwrap",
           a_record(entries=[e.entry(1, e.session_id(SESSION), bytes(40))]))
    broken("R8", "stale", "generation", good, lowest_generation=4)
    broken("R8", "foreign", "instance id", good, instance_id=POINT)


def test_verdicts():
    good = a_record(5)

    def verdict(want, data, key=KEK_KEY, instance=INSTANCE, lowest=3):
        v = judge(data, key, instance, lowest)
        opens(f"verdict {want}", lambda: (v.verdict, v.status), want)
        return v

    verdict(("missing", "-"), None)
    verdict(("corrupt", "malformed"), good + b"\0")
    verdict(("corrupt", "damaged"), flip(good, 20))
    verdict(("corrupt", "damaged"), flip(good, 5))
    verdict(("unsupported", "unsupported version"), e.recheck(flip(good, 5)))
    verdict(("unsupported", "unsupported suite"), e.recheck(flip(good, 6)))
    verdict(("foreign", "foreign"), good, instance=POINT, lowest=9)
    verdict(("stale", "stale"), good, key=keyfile.Kek(SESSION), lowest=4)
    wrong = verdict(("wrong key", "wrong key"), good, key=keyfile.Kek(SESSION))
    opens("expected id, found id", lambda: (wrong.expected_id, wrong.found_id),
          (bytes(16), e.kek_id(SESSION)))
    verdict(("corrupt", "not authentic"), e.recheck(flip(good, 70)))
    verdict(("match", "ok"), good)
    verdict(("match", "ok"), good, key=PAIR_KEY)
    v = judge(a_record(4), PAIR_KEY, INSTANCE, 3, 4)
    opens("verdict on a key record", lambda: v.verdict, "match")


# -- Section 6: manifest ---------------------------------------------------------------------------

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


# -- Section 8: key files --------------------------------------------------------------------------

def test_keys():
    der = PAIR.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    pem = PAIR.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    spki = PAIR.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    spki_pem = PAIR.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    opens("private key, DER", lambda: keyfile.read_key(der).id, e.p256_id(PAIR))
    opens("private key, PEM", lambda: keyfile.read_key(pem).id, e.p256_id(PAIR))
    opens("public key, DER", lambda: keyfile.read_public_key(spki).id, e.p256_id(PAIR))
    opens("public key, PEM", lambda: keyfile.read_public_key(spki_pem).id, e.p256_id(PAIR))
    opens("KEK file", lambda: keyfile.read_key(KEK).id, e.kek_id(KEK))
    opens("printed key id", lambda: keyfile.key_id_text(bytes(range(16))),
          "0001-0203-0405-0607-0809-0a0b-0c0d-0e0f")

    scalar, order = PAIR.private_numbers().private_value.to_bytes(32), keyfile.ORDER.to_bytes(32)

    def broken(kind, name, function):
        breaks("K1", kind, name, function)

    sec1_pem = PAIR.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    opens("private key, SEC 1", lambda: keyfile.read_key(sec1_pem).id, e.p256_id(PAIR))

    for value, name in ((bytes(32), "0"), (order, "n"), (b"\xff" * 32, "2^256-1")):
        broken("invalid key", f"private scalar {name}",
               lambda: keyfile.read_private_key(der.replace(scalar, value)))
    other = e.point_of(EPHEMERAL)
    broken("invalid key", "another public key inside",
           lambda: keyfile.read_private_key(der.replace(e.point_of(PAIR), other)))
    broken("invalid key", "point not on the curve", lambda: keyfile.read_public_key(flip(spki, 90)))
    broken("unsupported key", "point at infinity", lambda: keyfile.PublicKey(b"\0"))
    broken("unsupported key", "compressed point", lambda: keyfile.PublicKey(b"\2" + other[1:33]))
    broken("bad key file", "bytes after the key", lambda: keyfile.read_private_key(der + b"\0"))
    broken("bad key file", "cut off", lambda: keyfile.read_private_key(der[:-1]))
    other_curve = ec.generate_private_key(ec.SECP256K1()).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    broken("unsupported key", "another curve", lambda: keyfile.read_private_key(other_curve))
    broken("bad key file", "another PEM label", lambda: keyfile.read_private_key(spki_pem))
    broken("bad key file", "KEK of 31 bytes", lambda: keyfile.Kek(KEK[:31]))


# -- A whole restore point -------------------------------------------------------------------------

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


# -- backy2's own vectors of version 1 -------------------------------------------------------------

def test_backy2(directory):
    vectors = json.loads((directory / "vectors.json").read_text())
    for v in vectors["vectors"]:
        blob = (directory / v["blob"]["file"]).read_bytes()
        plain = (directory / v["plaintext"]["file"]).read_bytes()
        for name, keys in ((v["name"], v), (v["name"] + ", rekeyed", v["rekeyed"])):
            opens(f"backy2: {name}", lambda: open_v1(blob, bytes.fromhex(
                keys["master_key"]), bytes.fromhex(keys["enc_envkey"])), plain)

    rules = {                                   # what backy2 does not refuse, or calls otherwise
        "wrong_master_key": ("L2", "wrong key"), "envkey_flip_bit": ("L2", "wrong key"),
        "envkey_truncated_39": ("L1", "malformed"), "envkey_empty": ("L1", "malformed"),
        "tag_flip_bit": ("L2", "not authentic"), "ciphertext_flip_bit": ("L2", "not authentic"),
        "blob_truncated_by_1": ("L2", "not authentic"), "blob_31_bytes_only": ("L1", "malformed"),
        "zstd_no_content_size": ("L3", "bad frame"), "zstd_two_frames": ("L3", "bad frame"),
        "zstd_64MiB_zero_bomb": ("L4", "over limit"),
    }
    for v in vectors["negative"]:
        if "blob_base64" not in v:
            continue                            # a configuration error, without bytes
        def negative():
            return open_v1(base64.b64decode(v["blob_base64"]), bytes.fromhex(v["master_key"]),
                           bytes.fromhex(v["enc_envkey"]),
                           Policy(lowest_version=1, max_block=4 * 1024 * 1024))
        if v["name"] in rules:
            breaks(*rules[v["name"]], f"backy2: {v['name']}", negative)
        else:
            opens(f"backy2: {v['name']}", lambda: hashlib.sha256(negative()).hexdigest(),
                  vectors["negative_base_plaintext"]["sha256"])


def main():
    vectors = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "vectors")
    test_primitives()
    test_blocks()
    test_v1()
    test_records()
    test_verdicts()
    test_manifests()
    test_keys()
    test_point()
    for name, test in (("hpke", test_hpke), ("backy2_v1", test_backy2)):
        if (vectors / name).is_dir():
            test(vectors / name)
        else:
            print(f"skipped: no {name} vectors")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
