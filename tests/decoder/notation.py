"""Sections 1 and 2 of docs/FORMAT.md: integers, errors, derivations, key wrap, the object frame."""

import hashlib
import hmac
from dataclasses import dataclass

import xxhash
from cryptography.hazmat.primitives import keywrap

MAGIC = b"COFR"
BLOCK, METADATA, MANIFEST, KEY_RECORD, CHALLENGE, REPOSITORY_RECORD = 1, 2, 3, 4, 5, 6
ORIGIN_SIGNATURE, RECOVERY_KIT = 7, 8
LARGEST_BLOCK = 67_108_864                                                          # section 9


# -- Errors: one class for each kind word of FORMAT.md ---------------------------------------------

class FormatError(Exception):
    """`rule` is the name in brackets; where two rules forbid the same thing, both: "B5/O5"."""
    kind = "error"

    def __init__(self, rule, text):
        super().__init__(f"[{rule}] {self.kind}: {text}")
        self.rule, self.rules = rule, rule.split("/")


class Malformed(FormatError):
    kind = "malformed"


class UnsupportedVersion(FormatError):
    kind = "unsupported version"


class UnsupportedSuite(FormatError):
    kind = "unsupported suite"


class Damaged(FormatError):
    kind = "damaged"


class NotAuthentic(FormatError):
    kind = "not authentic"


class BadFrame(FormatError):
    kind = "bad frame"


class WrongKey(FormatError):
    kind = "wrong key"


class MissingKey(FormatError):
    kind = "missing key"


class UnexpectedBlock(FormatError):
    kind = "unexpected block"


class Foreign(FormatError):
    kind = "foreign"


class Stale(FormatError):
    kind = "stale"


class OverLimit(FormatError):
    kind = "over limit"


class RefusedByPolicy(FormatError):
    kind = "refused by policy"


class BadKeyFile(FormatError):
    kind = "bad key file"


class UnsupportedKey(FormatError):
    kind = "unsupported key"


class InvalidKey(FormatError):
    kind = "invalid key"


class MissingObject(FormatError):
    kind = "missing"


class NotFound(FormatError):
    kind = "not found"


class WrongPassword(FormatError):
    kind = "wrong password"


class OverCost(FormatError):
    kind = "over cost"


class OtherStorageKey(FormatError):
    kind = "other storage key"


class Callback(FormatError):
    kind = "callback"


class Conflict(FormatError):
    kind = "conflict"


class Rollback(FormatError):
    kind = "rollback"


class OriginUnverified(FormatError):
    kind = "origin unverified"


class OriginForged(FormatError):
    kind = "origin forged"


class OriginIsRecipient(FormatError):
    kind = "origin is recipient"


class BadKitLine(FormatError):
    kind = "bad kit line"

    def __init__(self, line, text):
        super().__init__("T3", f"line {line}: {text}")
        self.line = line


@dataclass
class Policy:
    """What the caller allows."""
    max_block: int = LARGEST_BLOCK
    max_window: int = LARGEST_BLOCK
    lowest_version: int = 2
    max_iterations: int = 10_000_000                        # PBKDF2
    max_memory: int = 1_048_576                             # Argon2id, in KiB
    max_passes: int = 16                                    # Argon2id
    demand_origin: bool = False


# -- Section 1: integers, comparison, checksum -----------------------------------------------------

def u16(data, at):
    return int.from_bytes(data[at:at + 2], "little")


def u32(data, at):
    return int.from_bytes(data[at:at + 4], "little")


def u64(data, at):
    return int.from_bytes(data[at:at + 8], "little")


def le(value, size):
    return value.to_bytes(size, "little")


def same(a, b):
    """Comparison in constant time."""
    return hmac.compare_digest(a, b)


def checksum(data):
    return xxhash.xxh3_64_intdigest(data)


def require_zero(data, rule, what):
    """[O4] and its relatives."""
    if any(data):
        raise Malformed(rule, f"{what} is not zero")


def check_object(data, object_type, smallest, size_of, size_rule):
    """Section 1: [O1], the size, [O3] and [O2], in this order.

    size_of(data) computes the size from the lengths in the header. An object of another version or
    suite has lengths that we do not know; only its checksum is checked (section 7, last paragraph).
    """
    if len(data) < 16:
        raise Malformed(size_rule + "/O1", f"{len(data)} bytes are no object")
    if data[0:4] != MAGIC:
        raise Malformed("O1", f"magic {data[0:4].hex()}")
    if data[4] != object_type:
        raise Malformed("O1", f"object type {data[4]}, not {object_type}")
    version, suite = data[5], u16(data, 6)
    if (version, suite) == (2, 1):
        if len(data) < smallest:
            raise Malformed(size_rule, f"{len(data)} bytes, at least {smallest} are needed")
        size = size_of(data)
        if len(data) < size:
            raise Malformed(size_rule, f"{len(data)} bytes, but {size} by its header")
        if len(data) > size:
            raise Malformed(size_rule + "/O5", f"{len(data)} bytes, but {size} by its header")
    if u64(data, len(data) - 8) != checksum(data[:-8]):
        raise Damaged("O3", "the checksum does not fit")
    if version != 2:
        raise UnsupportedVersion("O2", f"version {version}")
    if suite != 1:
        raise UnsupportedSuite("O2", f"suite {suite}")


# -- Section 1: HKDF (RFC 5869), HMAC, key wrap (RFC 3394) -----------------------------------------

def hmac256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def extract256(salt, ikm):
    """HKDF-Extract; an absent salt is 32 zero bytes, which HMAC takes like an empty key."""
    return hmac256(salt, ikm)


def expand(hash_function, key, info, size):
    out, block, count = b"", b"", 0
    while len(out) < size:
        count += 1
        block = hmac.new(key, block + info + bytes([count]), hash_function).digest()
        out += block
    return out[:size]


def expand256(key, info, size):
    return expand(hashlib.sha256, key, info, size)


def expand512(key, info, size):
    return expand(hashlib.sha512, key, info, size)


def kw_unwrap(kek, wrapped):
    """KW backwards: the 32 bytes, or None when they do not unwrap."""
    if len(wrapped) != 40:
        return None
    try:
        return keywrap.aes_key_unwrap(kek, wrapped)
    except keywrap.InvalidUnwrap:
        return None


# -- Section 2: contexts ---------------------------------------------------------------------------

PURPOSE_STORAGE_KEY, PURPOSE_METAKEY, PURPOSE_SESSION, PURPOSE_ID_KEY, PURPOSE_KIT = 1, 2, 3, 4, 5


def wrapping_key(key, object_type, scope_id, purpose, ident):
    info = b"coffre/v2/wrap" + bytes([object_type]) + scope_id + le(purpose, 2) + ident
    return expand256(key, info, 32)


def unwrap(key, object_type, scope_id, purpose, ident, wrapped):
    """Wrap of section 2 backwards; None when it does not unwrap."""
    return kw_unwrap(wrapping_key(key, object_type, scope_id, purpose, ident), wrapped)


def session_id(session_key):
    return expand256(session_key, b"coffre/v2/session-id", 16)


def storage_key_commitment(storage_key, object_type, scope_id):
    info = b"coffre/v2/storage-key-commitment" + bytes([object_type]) + scope_id
    return expand256(storage_key, info, 32)


def record_mac_key(storage_key, object_type, scope_id):
    return expand256(storage_key, b"coffre/v2/record-mac" + bytes([object_type]) + scope_id, 32)


def external_id(name):
    return sha256(b"coffre/v2/external-id" + name)[0:16]


def metadata_key(metakey, restore_point_id):
    return expand256(metakey, b"coffre/v2/metadata" + restore_point_id, 32)


def manifest_key(metakey, restore_point_id):
    return expand256(metakey, b"coffre/v2/manifest" + restore_point_id, 32)


def sha256(data):
    return hashlib.sha256(data).digest()
