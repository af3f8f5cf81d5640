"""A mini encoder for the self-test, written from docs/FORMAT.md without the decoder's functions.

Everything is given by the caller, random bytes too. `change` arguments take a function that alters
a header or body before MACs, tags and checksums are made, so that one rule breaks alone.
"""

import hashlib
import hmac
import struct

import xxhash
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import hpke


def expand256(key, info, size):
    return HKDFExpand(hashes.SHA256(), size, info).derive(key)


def expand512(key, info, size):
    return HKDFExpand(hashes.SHA512(), size, info).derive(key)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def add_checksum(body):
    """Section 1."""
    return bytes(body) + struct.pack("<Q", xxhash.xxh3_64_intdigest(bytes(body)))


def recheck(data):
    """The same object, with the checksum that fits again."""
    return add_checksum(data[:-8])


def unchanged(data):
    return data


def put(at, value):
    """A change: these bytes at this offset."""
    def change(data):
        return data[:at] + value + data[at + len(value):]
    return change


def wrap(key, object_type, scope_id, purpose, ident, secret):
    """Section 2."""
    info = b"coffre/v2/wrap" + struct.pack("<B16sH16s", object_type, scope_id, purpose, ident)
    return keywrap.aes_key_wrap(expand256(key, info, 32), secret)


# -- Section 3.1.3: the hedged salt ----------------------------------------------------------------

def polyval(key, data):
    """RFC 8452, section 3: little-endian, modulo x^128 + x^127 + x^126 + x^121 + 1."""
    def dot(a, b):                                          # a * b * x^-128
        out = 0
        for i in range(128):
            out ^= b if a >> i & 1 else 0
            out = (out ^ (1 << 128 | 1 << 127 | 1 << 126 | 1 << 121 | 1)) >> 1 if out & 1 \
                else out >> 1
        return out
    state, h = 0, int.from_bytes(key, "little")
    for at in range(0, len(data), 16):
        state = dot(state ^ int.from_bytes(data[at:at + 16].ljust(16, b"\0"), "little"), h)
    return state.to_bytes(16, "little")


def hedged_salt(session_key, random, counter, stored, header):
    hedge = expand512(session_key, b"coffre/v2/hedge", 48)
    digest = polyval(hedge[32:48], stored)
    return mac(hedge[0:32], random + struct.pack("<Q", counter) + digest + header)[0:24]


# -- Section 3: blocks -----------------------------------------------------------------------------

def session_id(session_key):
    return expand256(session_key, b"coffre/v2/session-id", 16)


def block(session_key, id_type, block_id, plain, *, frame=None, window=0, zero=False,
          object_type=1, change=unchanged, stored=None):
    """`frame` and `window`: a compressed block; `zero`: a zero block."""
    if stored is None:
        stored = b"" if zero else plain if frame is None else frame
    flags = (1 if frame is not None else 0) | (2 if zero else 0)
    header = change(struct.pack(
        "<4sBBHIIQQ16sBB6x32s", b"COFR", object_type, 2, 1, flags, window, len(plain),
        len(stored), session_id(session_key), id_type, len(block_id), block_id))
    salt = hedged_salt(session_key, bytes(range(32)), 7, stored, header)
    info = b"c2sp.org/chunked-encryption@v1+" + b"AEAD_AES_256_GCM" + b"\0" + salt + header
    keys = expand512(session_key, info, 76)
    out, aead, nonce = header + salt + keys[44:], AESGCM(keys[:32]), int.from_bytes(keys[32:44])
    for i in range(len(stored) // 16384 + 1):
        chunk = stored[16384 * i:16384 * (i + 1)]
        out += aead.encrypt((nonce ^ i).to_bytes(12), chunk, None)
    return add_checksum(out)


def metadata(metakey, restore_point_id, plain, **more):
    """Section 5."""
    key = expand256(metakey, b"coffre/v2/metadata" + restore_point_id, 32)
    return block(key, 3, restore_point_id, plain, object_type=2, **more)


def v1_blob(data_key, nonce, frame):
    """Section 3.2."""
    sealed = AESGCM(data_key).encrypt(nonce, frame, None)
    return sealed[-16:] + nonce + sealed[:-16]


def rle_frame(byte, size, *, window_byte=None, content_size=True, dictionary=b"", reserved=0,
              checksum=False):
    """A zstd frame of one RLE block (RFC 8878), with whatever header a test wants."""
    single = window_byte is None
    descriptor = reserved << 3 | checksum << 2 | len(dictionary) | single << 5
    out = struct.pack("<I", 0xFD2FB528)
    out += bytes([descriptor | (0x80 if content_size else 0)])
    out += (b"" if single else bytes([window_byte])) + dictionary
    out += struct.pack("<I", size) if content_size else b""
    out += (size << 3 | 1 << 1 | 1).to_bytes(3, "little") + byte
    return out + (struct.pack("<Q", xxhash.xxh64_intdigest(byte * size))[:4] if checksum else b"")


# -- Section 4: records ----------------------------------------------------------------------------

def kek_id(kek):
    return expand256(kek, b"coffre/v2/kek-id", 16)


def stanza(kind, suite, recipient_id, body):
    return struct.pack("<HHHH16sI", kind, *suite, recipient_id, len(body)) + body


def stanza_kek(kek, object_type, scope_id, storage_key):
    ident = kek_id(kek)
    return stanza(1, (0, 1, 0), ident, wrap(kek, object_type, scope_id, 1, ident, storage_key))


def point_of(key):
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def spki(key):
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def p256_id(key):
    return hashlib.sha256(spki(key)).digest()[0:16]


def stanza_p256(key, ephemeral, stanza_kek_bytes, object_type, scope_id, storage_key,
                change=unchanged):
    """`key` is the recipient's pair, of which only the public half is used."""
    ident, enc = p256_id(key), point_of(ephemeral)
    dh = ephemeral.exchange(ec.ECDH(), key.public_key())
    info = b"coffre/v2/hpke" + struct.pack("<B16s16s", object_type, scope_id, ident)
    aead_key, nonce = hpke.key_schedule(hpke.shared_secret(dh, enc, point_of(key)), info)
    ct = AESGCM(aead_key).encrypt(nonce, stanza_kek_bytes, b"")
    wrapped = wrap(stanza_kek_bytes, object_type, scope_id, 1, ident, storage_key)
    return stanza(2, (0x10, 1, 2), ident, change(enc + ct + wrapped))


def entry(kind, ident, body, reserved=0):
    return struct.pack("<HHI16s40s", kind, reserved, 0, ident, body)


def session_entry(storage_key, object_type, scope_id, session_key, ident=None):
    ident = ident or session_id(session_key)
    return entry(1, ident, wrap(storage_key, object_type, scope_id, 3, ident, session_key))


def id_key_entry(storage_key, object_type, scope_id, epoch, id_key):
    ident = struct.pack("<QQ", epoch, 0)
    return entry(4, ident, wrap(storage_key, object_type, scope_id, 4, ident, id_key))


def record(object_type, instance_id, scope_id, generation, storage_key, metakey, stanzas, entries,
           change=unchanged, commitment=None):
    place = struct.pack("<B16s", object_type, scope_id)
    commitment = commitment or expand256(
        storage_key, b"coffre/v2/storage-key-commitment" + place, 32)
    body = b"".join(stanzas) + b"".join(entries)
    header = struct.pack("<4sBBHII16s16sQHHI", b"COFR", object_type, 2, 1, 0,
                         136 + len(body) + 40, instance_id, scope_id, generation, len(stanzas), 0,
                         len(entries))
    body = change(header + commitment
                  + wrap(storage_key, object_type, scope_id, 2, bytes(16), metakey) + body)
    return add_checksum(body + mac(expand256(storage_key, b"coffre/v2/record-mac" + place, 32),
                                   body))


# -- Section 6: manifest ---------------------------------------------------------------------------

def hole(position, length):
    return struct.pack("<QBBBBI112x", position, 2, 0, 0, 0, length)


def block_entry(position, version, id_type, length, block_id, sealed=None, digest=bytes(32)):
    session, commitment = (sealed[32:48], sealed[112:144]) if version == 2 else (b"", b"")
    return struct.pack("<QBBBBI32s16s32s32s", position, 1, version, id_type, len(block_id), length,
                       block_id, session, commitment, digest)


def manifest(metakey, restore_point_id, instance_id, generation, block_size, image_size, entries, *,
             flags=0, metadata_digest=bytes(32), change=unchanged, change_root=unchanged):
    key = expand256(metakey, b"coffre/v2/manifest" + restore_point_id, 32)
    header = change(struct.pack("<4sBBHII16s16sQQQ8x32s", b"COFR", 3, 2, 1, flags, block_size,
                                restore_point_id, instance_id, generation, image_size,
                                len(entries), metadata_digest))
    out, macs = header, []
    for i in range(0, len(entries), 1024):
        segment = b"".join(entries[i:i + 1024])
        macs.append(mac(key, b"coffre/v2/segment" + restore_point_id + struct.pack(
            "<QQI", generation, i // 1024, len(entries[i:i + 1024])) + segment))
        out += segment + macs[-1]
    root = mac(key, b"coffre/v2/root" + header + struct.pack("<Q", len(macs)) + b"".join(macs))
    return add_checksum(out + change_root(root))
