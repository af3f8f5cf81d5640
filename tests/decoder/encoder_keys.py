"""The mini encoder's other half: password and external stanzas, rotation (section 4 of
docs/FORMAT.md), origin signatures (6.1) and recovery kits (8.2). Like encoder.py it uses none of
the decoder's functions, takes all that is random from the caller, and breaks single rules by
`change`."""

import hashlib
import struct

from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

import bech32m
import encoder as e
from notation import UnsupportedVersion

PBKDF2, ARGON2ID, EXTERNAL = 3, 4, 5
AES_ONLY = (0, 1, 0)


# -- Section 4.1: passwords and external keys ------------------------------------------------------

def password_key(kdf, cost, salt, password):
    """`cost` in the order of 4.1: (iterations,), or (memory, passes, lanes)."""
    if kdf == PBKDF2:
        return PBKDF2HMAC(hashes.SHA256(), 32, salt, *cost).derive(password)
    memory, passes, lanes = cost
    return Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes,
                    memory_cost=memory).derive(password)


def stanza_password(kdf, cost, ident, salt, hint, password, object_type, scope_id, storage_key, *,
                    key=None, change=e.unchanged):
    """`key`: what the cost would yield, where that is not to be computed."""
    key = key or password_key(kdf, cost, salt, password)
    body = struct.pack(f"<{len(cost)}I16sB", *cost, salt, len(hint)) + hint
    body += e.wrap(key, object_type, scope_id, 1, ident, storage_key)
    return e.stanza(kdf, AES_ONLY, ident, change(body))


def external_id(name):
    return hashlib.sha256(b"coffre/v2/external-id" + name).digest()[0:16]


def stanza_external(name, sealed, kek, object_type, scope_id, storage_key, *, ident=None,
                    change=e.unchanged):
    ident = ident or external_id(name)
    body = struct.pack("<B", len(name)) + name + struct.pack("<H", len(sealed)) + sealed
    body += e.wrap(kek, object_type, scope_id, 1, ident, storage_key)
    return e.stanza(EXTERNAL, AES_ONLY, ident, change(body))


# -- Section 4.2: rotation -------------------------------------------------------------------------

PURPOSES = {1: 3, 4: 4}                                     # of an entry's type


def rotated(data, storage_key, new_storage_key, generation, stanzas):
    """The record `data` under a new storage key; what is wrapped in it stays the same."""
    object_type, instance_id, scope_id = data[4], data[16:32], data[32:48]

    def unwrapped(purpose, ident, wrapped):
        info = b"coffre/v2/wrap" + struct.pack("<B16sH16s", object_type, scope_id, purpose, ident)
        return keywrap.aes_key_unwrap(e.expand256(storage_key, info, 32), wrapped)

    entries = []
    first = len(data) - 40 - 64 * struct.unpack_from("<I", data, 60)[0]
    for at in range(first, len(data) - 40, 64):
        kind, _, _, ident, body = struct.unpack_from("<HHI16s40s", data, at)
        if kind not in PURPOSES:
            raise UnsupportedVersion("4.2", f"an entry of type {kind} cannot be wrapped again")
        key = unwrapped(PURPOSES[kind], ident, body)
        entries.append(e.entry(kind, ident, e.wrap(new_storage_key, object_type, scope_id,
                                                   PURPOSES[kind], ident, key)))
    metakey = unwrapped(2, bytes(16), data[96:136])
    return e.record(object_type, instance_id, scope_id, generation, new_storage_key, metakey,
                    stanzas, entries)


# -- Section 6.1: origin ---------------------------------------------------------------------------

def origin_message(instance_id, restore_point_id, manifest):
    digest = hashlib.sha256(manifest).digest()
    return b"coffre/v2/origin" + instance_id + restore_point_id + digest


def origin_signature(key, instance_id, restore_point_id, manifest, change=e.unchanged):
    """`key` is the origin's pair; the signature is deterministic (RFC 6979)."""
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    signature = key.sign(origin_message(instance_id, restore_point_id, manifest), algorithm)
    r, s = decode_dss_signature(signature)
    body = struct.pack("<4sBBHII16s16s16s32s", b"COFR", 7, 2, 1, 0, 0, instance_id,
                       restore_point_id, e.p256_id(key), hashlib.sha256(manifest).digest())
    return e.add_checksum(change(body + r.to_bytes(32) + s.to_bytes(32)))


# -- Section 8.2: recovery kits --------------------------------------------------------------------

def kit(kind, kdf, cost, salt, passphrase, key_id, secret, *, key=None, change=e.unchanged):
    """`cost` and `key` as in stanza_password; `secret` is a KEK or a private scalar."""
    memory, passes, lanes = cost if kdf == ARGON2ID else (0, cost[0], 0)
    key = key or password_key(kdf, cost, salt, passphrase)
    head = struct.pack("<4sBBHBBHIII16s16s", b"COFR", 8, 2, 1, kind, kdf, 0, passes, memory, lanes,
                       salt, key_id)
    return e.add_checksum(change(head + e.wrap(key, 8, key_id, 5, key_id, secret)))


def kit_line(number, part, padding=0):
    """The 27 characters of a line."""
    bits = "".join(f"{byte:08b}" for byte in part) + str(padding)
    return bech32m.encode(f"kit{number}", [int(bits[i:i + 5], 2) for i in range(0, 105, 5)])


def kit_lines(data):
    return [kit_line(i + 1, data[13 * i:13 * i + 13]) for i in range(8)]


def kit_text(data):
    grouped = (" ".join(line[i:i + 4] for i in range(0, 27, 4)) for line in kit_lines(data))
    return "".join(f"{i}: {line}\n" for i, line in enumerate(grouped, 1))


def kit_qr(data):
    return "/".join(f"{i}:{line}" for i, line in enumerate(kit_lines(data), 1)).upper()
