"""Seals, opens and rekeys as backy2 2.13 does with encryption version 1, for benches/ratios.rs.

Usage: backy2_way.py DATA   and on the standard input, a line each:

    blocks OFFSET STRIDE COUNT SIZE   seals and opens so many blocks
    rekey COUNT                       unwraps and wraps so many keys

It answers with nanoseconds: of sealing and of opening, or of all keys.

The same packages in the same order as there: python-zstandard with one context of level 1 and no
threads, behind a lock; pycryptodome's AES-GCM with a nonce of 16 bytes that it draws itself; a data
key a block; RFC 3394 in Python over pycryptodome's ECB. Before anything else it says its versions.
"""

import platform
import struct
import sys
import threading
import time

import Crypto
import zstandard
from Crypto.Cipher import AES
from Crypto.Random import get_random_bytes

TAG = NONCE = 16
INTEGRITY = 0xA6A6A6A6A6A6A6A6
NUMBER = struct.Struct(">Q")


def wrap(kek, key):
    """RFC 3394 2.2.1, step by step."""
    encrypt = AES.new(kek, AES.MODE_ECB).encrypt
    count = len(key) // 8
    parts = [key[8 * i : 8 * i + 8] for i in range(count)]
    check = INTEGRITY
    for step in range(6 * count):
        block = encrypt(NUMBER.pack(check) + parts[step % count])
        check = NUMBER.unpack(block[:8])[0] ^ (step + 1)
        parts[step % count] = block[8:]
    return NUMBER.pack(check) + b"".join(parts)


def unwrap(kek, wrapped):
    """RFC 3394 2.2.2."""
    decrypt = AES.new(kek, AES.MODE_ECB).decrypt
    count = len(wrapped) // 8 - 1
    parts = [wrapped[8 * i : 8 * i + 8] for i in range(1, count + 1)]
    check = NUMBER.unpack(wrapped[:8])[0]
    for step in reversed(range(6 * count)):
        block = decrypt(NUMBER.pack(check ^ (step + 1)) + parts[step % count])
        check = NUMBER.unpack(block[:8])[0]
        parts[step % count] = block[8:]
    if check != INTEGRITY:
        raise ValueError("wrong key")
    return b"".join(parts)


class Version1:
    def __init__(self, master_key):
        self.master_key = master_key
        self.lock = threading.Lock()
        self.compressor = zstandard.ZstdCompressor(level=1)
        self.decompressor = zstandard.ZstdDecompressor()

    def seal(self, plain):
        with self.lock:
            frame = self.compressor.compress(plain)
        data_key = get_random_bytes(32)
        cipher = AES.new(data_key, AES.MODE_GCM)
        ciphertext, tag = cipher.encrypt_and_digest(frame)
        return tag + cipher.nonce + ciphertext, wrap(self.master_key, data_key)

    def open(self, blob, wrapped):
        tag, nonce, ciphertext = blob[:TAG], blob[TAG : TAG + NONCE], blob[TAG + NONCE :]
        data_key = unwrap(self.master_key, wrapped)
        cipher = AES.new(data_key, AES.MODE_GCM, nonce=nonce)
        frame = cipher.decrypt_and_verify(ciphertext, tag)
        with self.lock:
            return self.decompressor.decompress(frame)


def timed(work):
    """What it returns, and nanoseconds: the lesser of wall and processor time."""
    wall, processor = time.perf_counter_ns(), time.thread_time_ns()
    result = work()
    wall, processor = time.perf_counter_ns() - wall, time.thread_time_ns() - processor
    return result, min(wall, processor)


def blocks(way, data, offset, stride, count, size):
    plain = [data[at : at + size] for at in range(offset, offset + stride * count, stride)]
    sealed, seal_ns = timed(lambda: [way.seal(block) for block in plain])
    opened, open_ns = timed(lambda: [way.open(*pair) for pair in sealed])
    assert opened == plain
    return seal_ns, open_ns


def rekey(way, count):
    new_key = bytes(range(32))
    rows = [wrap(way.master_key, bytes([i % 256] * 32)) for i in range(count)]
    rekeyed, ns = timed(lambda: [wrap(new_key, unwrap(way.master_key, row)) for row in rows])
    assert unwrap(new_key, rekeyed[-1]) == unwrap(way.master_key, rows[-1])
    return (ns,)


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    way = Version1(bytes(range(100, 132)))
    zstd = ".".join(map(str, zstandard.ZSTD_VERSION))
    print(
        f"Python {platform.python_version()}, zstandard {zstandard.__version__} with zstd {zstd},"
        f" pycryptodome {Crypto.__version__}",
        flush=True,
    )
    for line in sys.stdin:
        what, *numbers = line.split()
        numbers = list(map(int, numbers))
        answer = blocks(way, data, *numbers) if what == "blocks" else rekey(way, *numbers)
        print(*answer, flush=True)


main()
