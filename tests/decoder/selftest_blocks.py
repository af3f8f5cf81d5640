"""The self-test of sections 3 to 3.3 of docs/FORMAT.md: blocks of each version, metadata, and
backy2's own vectors of version 1."""

import base64
import hashlib
import json
import struct

import zstandard
from cryptography.hazmat.primitives import keywrap

import encoder as e
from block import (
    Expected, check_version, open_block, open_chunks, open_metadata, open_v0, open_v1,
)
from notation import Policy
from selftest_base import (
    KEK, METAKEY, POINT, POSITION_5, SESSION, breaks, flip, opens, secret,
)


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
