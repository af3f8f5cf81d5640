"""Section 6 of docs/FORMAT.md: the manifest."""

from dataclasses import dataclass

from block import HASH, ID_LENGTH, POSITION
from notation import (
    LARGEST_BLOCK, MANIFEST, Foreign, Malformed, NotAuthentic, Stale, check_object, hmac256, le,
    manifest_key, require_zero, same, u32, u64,
)

HEADER, ENTRY, SEGMENT = 112, 128, 1024
KIND_BLOCK, KIND_HOLE = 1, 2
DIGESTS = 1


@dataclass
class Entry:
    position: int
    kind: int
    version: int
    id_type: int
    plain_length: int
    block_id: bytes
    session_id: bytes
    commitment: bytes
    digest: bytes


@dataclass
class Manifest:
    digests: bool
    block_size: int
    restore_point_id: bytes
    instance_id: bytes
    generation: int
    image_size: int
    metadata_digest: bytes
    root: bytes
    entries: list


def segment_count(entry_count):
    return -(-entry_count // SEGMENT)


def manifest_size(data):
    """[M1]: what follows from the entry count."""
    count = u64(data, 64)
    return HEADER + ENTRY * count + 32 * segment_count(count) + 32 + 8


def read_entry(data, position, manifest):
    """[M3], [M5]."""
    e = Entry(position=u64(data, 0), kind=data[8], version=data[9], id_type=data[10],
              plain_length=u32(data, 12), block_id=data[16:16 + data[11]],
              session_id=data[48:64], commitment=data[64:96], digest=data[96:128])
    what = f"entry {position}: "
    if e.position != position:
        raise Malformed("M3", what + f"position {e.position}")
    rest = manifest.image_size - position * manifest.block_size
    if e.plain_length != min(manifest.block_size, rest):
        raise Malformed("M3", what + f"plaintext length {e.plain_length}")
    if e.kind == KIND_HOLE:
        require_zero(data[9:12], "M3", what + "a hole's version, id type or id length")
        require_zero(data[16:128], "M3", what + "the rest of a hole")
        return e
    if e.kind != KIND_BLOCK:
        raise Malformed("M3", what + f"kind {e.kind}")
    if e.version not in (0, 1, 2):
        raise Malformed("M3", what + f"version {e.version}")
    if e.id_type not in (POSITION, HASH) or ID_LENGTH[e.id_type] != data[11]:
        raise Malformed("M3", what + f"block id type {e.id_type} of length {data[11]}")
    require_zero(data[16 + data[11]:48], "M3", what + "the block id's padding")
    if e.version != 2:
        require_zero(data[48:96], "M3", what + "session id or commitment")
        if not manifest.digests:
            raise Malformed("M5", what + f"version {e.version} without a content digest")
    if not manifest.digests:
        require_zero(e.digest, "M3", what + "the content digest")
    elif e.digest == bytes(32):
        raise Malformed("M5", what + "no content digest")
    return e


def open_manifest(data, metakey, restore_point_id, lowest_generation=None, trace=None):
    """[M1] to [M5]; returns only when the root held."""
    trace = {} if trace is None else trace
    check_object(data, MANIFEST, HEADER + 32 + 8, manifest_size, "M1")
    if u32(data, 8) & ~DIGESTS:
        raise Malformed("O4", f"undefined flags {u32(data, 8):#x}")
    require_zero(data[72:80], "O4", "the reserved field")
    m = Manifest(digests=bool(u32(data, 8) & DIGESTS), block_size=u32(data, 12),
                 restore_point_id=data[16:32], instance_id=data[32:48], generation=u64(data, 48),
                 image_size=u64(data, 56), metadata_digest=data[80:112], root=data[-40:-8],
                 entries=[])
    count = u64(data, 64)
    if m.generation == 0:
        raise Malformed("M1", "generation 0")
    if not 1 <= m.block_size <= LARGEST_BLOCK:
        raise Malformed("M1", f"block size {m.block_size}")
    if count != -(-m.image_size // m.block_size) or count > 1 << 32:
        raise Malformed("M1", f"{count} entries for {m.image_size} bytes")

    if m.restore_point_id != restore_point_id:                                              # [M4]
        raise Foreign("M4", f"restore point id {m.restore_point_id.hex()}")
    if lowest_generation is not None and m.generation < lowest_generation:
        raise Stale("M4", f"generation {m.generation}, below {lowest_generation}")

    key = manifest_key(metakey, restore_point_id)
    trace.update(manifest_key=key, segment_macs=[])
    at, position, macs = HEADER, 0, b""
    for i in range(segment_count(count)):                                                   # [M2]
        size = min(SEGMENT, count - SEGMENT * i)
        entries, mac = data[at:at + ENTRY * size], data[at + ENTRY * size:at + ENTRY * size + 32]
        own = hmac256(key, b"coffre/v2/segment" + restore_point_id + le(m.generation, 8)
                      + le(i, 8) + le(size, 4) + entries)
        trace["segment_macs"].append(own)
        if not same(own, mac):
            raise NotAuthentic("M2", f"the MAC of segment {i} does not fit")
        for j in range(0, len(entries), ENTRY):
            m.entries.append(read_entry(entries[j:j + ENTRY], position, m))
            position += 1
        macs += mac
        at += ENTRY * size + 32
    root = hmac256(key, b"coffre/v2/root" + data[0:HEADER] + le(segment_count(count), 8) + macs)
    trace.update(root=root, entries=len(m.entries))
    if not same(root, m.root):
        raise NotAuthentic("M2", "the root does not fit")
    return m
