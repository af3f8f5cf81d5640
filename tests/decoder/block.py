"""Sections 3 and 5 of docs/FORMAT.md: blocks of version 2, 1 and 0, and metadata."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from frame import decompress
from notation import (
    BLOCK, METADATA, LARGEST_BLOCK, Malformed, MissingKey, NotAuthentic, OverLimit, Policy,
    RefusedByPolicy, UnexpectedBlock, WrongKey, check_object, expand512, kw_unwrap, metadata_key,
    require_zero, same, session_id, u32, u64,
)

CHUNK, TAG = 16384, 16
COMPRESSED, ZERO = 1, 2
POSITION, HASH, RESTORE_POINT = 1, 2, 3
ID_LENGTH = {POSITION: 8, HASH: 32, RESTORE_POINT: 16}


@dataclass
class Header:
    flags: int
    window: int
    plain_length: int
    stored_length: int
    session_id: bytes
    id_type: int
    block_id: bytes
    raw: bytes
    commitment: bytes


@dataclass
class Expected:
    """[B8]: what the caller knows of the block; None is not compared."""
    id_type: int | None = None
    block_id: bytes | None = None
    commitment: bytes | None = None


def block_size(data):
    """[B5]."""
    stored = u64(data, 24)
    return 88 + 56 + stored + TAG * (stored // CHUNK + 1) + 8


def read_header(data, object_type, policy):
    """Section 3.1: the header, [B2] to [B5]."""
    check_object(data, object_type, 88 + 56 + TAG + 8, block_size, "B5")
    h = Header(flags=u32(data, 8), window=u32(data, 12), plain_length=u64(data, 16),
               stored_length=u64(data, 24), session_id=data[32:48], id_type=data[48],
               block_id=data[56:56 + data[49]], raw=data[0:88], commitment=data[112:144])
    if h.flags & ~(COMPRESSED | ZERO):
        raise Malformed("O4", f"undefined flags {h.flags:#x}")
    require_zero(data[50:56], "O4", "the reserved field")

    if h.plain_length > min(LARGEST_BLOCK, policy.max_block):
        raise OverLimit("B2", f"plaintext of {h.plain_length} bytes")
    if h.window > policy.max_window:
        raise OverLimit("B2", f"window of {h.window} bytes")

    if h.flags == COMPRESSED | ZERO:
        raise Malformed("B3", "both zero and compressed")
    if h.flags == ZERO:
        fits = h.plain_length > 0 and h.stored_length == 0
    elif h.flags == COMPRESSED:
        fits = 0 < h.stored_length < h.plain_length
    else:
        fits = h.stored_length == h.plain_length
    if not fits:
        raise Malformed("B3", f"lengths {h.plain_length}, {h.stored_length}; flags {h.flags}")
    if (h.window > 0) != (h.flags == COMPRESSED):
        raise Malformed("B3", f"window {h.window} with flags {h.flags}")

    if ID_LENGTH.get(h.id_type) != data[49]:
        raise Malformed("B4", f"block id type {h.id_type} of length {data[49]}")
    if (h.id_type == RESTORE_POINT) != (object_type == METADATA):
        raise Malformed("B4", f"block id type {h.id_type} in object type {object_type}")
    require_zero(data[56 + data[49]:88], "B4", "the block id's padding")
    return h


def open_chunks(key, context, sealed, trace):
    """Section 3.1.1: C2SP chunked-encryption. sealed = salt || commitment || chunks. [B7]."""
    salt, commitment, chunks = sealed[0:24], sealed[24:56], sealed[56:]
    if len(commitment) != 32:
        raise NotAuthentic("B7", "salt and commitment are cut off")
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00" + salt + context
    derived = expand512(key, info, 76)
    aead_key, base_nonce = derived[0:32], derived[32:44]
    trace.update(salt=salt, aead_key=aead_key, base_nonce=base_nonce, commitment=derived[44:76])
    if not same(derived[44:76], commitment):
        raise NotAuthentic("B7", "the commitment does not fit")

    aead, out, i, at = AESGCM(aead_key), [], 0, 0
    while True:
        chunk = chunks[at:at + CHUNK + TAG]
        nonce = bytes(a ^ b for a, b in zip(base_nonce, i.to_bytes(12, "big")))
        if len(chunk) < TAG:
            raise NotAuthentic("B7", f"chunk {i} is cut off")
        try:
            out.append(aead.decrypt(nonce, chunk, None))
        except InvalidTag:
            raise NotAuthentic("B7", f"the tag of chunk {i} does not fit") from None
        i, at = i + 1, at + len(chunk)
        if len(chunk) < CHUNK + TAG:                # only the last chunk is short, and it must be
            break
    return b"".join(out)


def open_block(data, key, policy=Policy(), expected=Expected(), object_type=BLOCK, trace=None):
    """Section 3.1. `key` is a session key, or a dictionary of them by session id."""
    trace = {} if trace is None else trace
    h = read_header(data, object_type, policy)
    trace.update(header=h.raw)

    # [B8]. The header and the commitment are authenticated below.
    if expected.id_type is not None and expected.id_type != h.id_type:
        raise UnexpectedBlock("B8", f"block id type {h.id_type}")
    if expected.block_id is not None and expected.block_id != h.block_id:
        raise UnexpectedBlock("B8", f"block id {h.block_id.hex()}")

    # [B6].
    if isinstance(key, dict):
        if h.session_id not in key:
            raise MissingKey("B6", f"no key of session {h.session_id.hex()}")
        key = key[h.session_id]
    trace.update(session_id=session_id(key))
    if not same(session_id(key), h.session_id):
        raise WrongKey("B6", f"the block is of session {h.session_id.hex()}")
    if expected.commitment is not None and not same(expected.commitment, h.commitment):
        raise UnexpectedBlock("B8", "another commitment")

    stored = open_chunks(key, h.raw, data[88:-8], trace)
    trace.update(stored=stored)
    if h.flags == ZERO:
        plain = bytes(h.plain_length)
    elif h.flags == COMPRESSED:
        plain = decompress(stored, "B9", policy, h.plain_length, h.window)
    else:
        plain = stored
    trace.update(plain=plain)
    return h, plain


def open_metadata(data, metakey, restore_point_id, policy=Policy(), trace=None):
    """Section 5."""
    trace = {} if trace is None else trace
    key = metadata_key(metakey, restore_point_id)
    trace.update(session_key=key)
    expected = Expected(RESTORE_POINT, restore_point_id)
    return open_block(data, key, policy, expected, METADATA, trace)[1]


def check_version(version, policy):
    """[B1]."""
    if version < policy.lowest_version:
        raise RefusedByPolicy("B1", f"version {version}; lowest is {policy.lowest_version}")


def open_v1(blob, master_key, wrapped_key, policy=Policy(lowest_version=1), trace=None):
    """Section 3.2."""
    trace = {} if trace is None else trace
    check_version(1, policy)
    if len(blob) <= 32:
        raise Malformed("L1", f"a blob of {len(blob)} bytes")
    if len(wrapped_key) != 40:
        raise Malformed("L1", f"a wrapped key of {len(wrapped_key)} bytes")
    data_key = kw_unwrap(master_key, wrapped_key)
    if data_key is None:
        raise WrongKey("L2", "the data key does not unwrap")
    tag, nonce, ciphertext = blob[0:16], blob[16:32], blob[32:]
    trace.update(data_key=data_key, tag=tag, nonce=nonce)
    try:
        stored = AESGCM(data_key).decrypt(nonce, ciphertext + tag, None)
    except InvalidTag:
        raise NotAuthentic("L2", "the tag does not fit") from None
    trace.update(stored=stored)
    plain = decompress(stored, "L3", policy)
    trace.update(plain=plain)
    return plain


def open_v0(data, policy=Policy(lowest_version=0)):
    """Section 3.3."""
    check_version(0, policy)
    return data
