"""Section 4 of docs/FORMAT.md: key record, challenge and repository record."""

from dataclasses import dataclass, field

from notation import (
    CHALLENGE, KEY_RECORD, PURPOSE_ID_KEY, PURPOSE_METAKEY, PURPOSE_SESSION, Foreign, Malformed,
    NotAuthentic, OtherStorageKey, Stale, check_object, hmac256, record_mac_key, require_zero, same,
    session_id, storage_key_commitment, u16, u32, u64, unwrap,
)
from recipients import check_stanzas, find_stanza, open_stanza, read_stanzas

ENTRY_SESSION, ENTRY_ID_KEY = 1, 4
MOST_STANZAS, MOST_ENTRIES = 64, 1_048_576                                          # section 9


@dataclass
class Entry:
    type: int
    id: bytes
    body: bytes


@dataclass
class Record:
    object_type: int
    instance_id: bytes
    scope_id: bytes
    generation: int
    commitment: bytes
    wrapped_metakey: bytes
    stanzas: list
    entries: list
    mac_input: bytes
    mac: bytes
    # What opening adds:
    storage_key: bytes = b""
    metakey: bytes = b""
    sessions: dict = field(default_factory=dict)            # session id: session key
    id_keys: dict = field(default_factory=dict)             # epoch: id key


def parse_record(data, object_type):
    """Everything that needs no key: [O1] to [O5], [R1] to [R4], [R9], [R10]'s limits, [R12]."""
    check_object(data, object_type, 136 + 40, lambda d: u32(d, 12), "R1")
    record = Record(object_type=object_type, instance_id=data[16:32], scope_id=data[32:48],
                    generation=u64(data, 48), commitment=data[64:96], wrapped_metakey=data[96:136],
                    stanzas=[], entries=[], mac_input=data[:-40], mac=data[-40:-8])
    require_zero(data[8:12], "O4", "flags")
    require_zero(data[58:60], "O4", "the reserved field")
    stanza_count, entry_count = u16(data, 56), u32(data, 60)
    check_header(record, stanza_count, entry_count)
    end = len(data) - 40
    record.stanzas, at = read_stanzas(data, 136, end, stanza_count)
    if at + 64 * entry_count != end:
        raise Malformed("R1", "stanzas and entries do not fill the record")
    for at in range(at, end, 64):
        require_zero(data[at + 2:at + 8], "O4", "an entry's reserved field")
        record.entries.append(Entry(u16(data, at), data[at + 8:at + 24], data[at + 24:at + 64]))
    check_stanzas(record.stanzas)
    check_entries(record.entries)
    return record


def check_header(record, stanza_count, entry_count):
    """[R2]."""
    if not 1 <= stanza_count <= MOST_STANZAS:
        raise Malformed("R2", f"{stanza_count} stanzas")
    if entry_count > (0 if record.object_type == CHALLENGE else MOST_ENTRIES):
        raise Malformed("R2", f"{entry_count} entries")
    if record.generation == 0:
        raise Malformed("R2", "generation 0")
    if record.object_type != KEY_RECORD and record.scope_id != record.instance_id:
        raise Malformed("R2", "the scope id is not the instance id")


def check_entries(entries):
    """[R4], [O4]."""
    order = [(e.type, e.id) for e in entries]
    if any(a >= b for a, b in zip(order, order[1:])):
        raise Malformed("R4", "the entries do not ascend")
    for e in entries:
        if e.type == ENTRY_ID_KEY:
            require_zero(e.id[8:16], "O4", "the end of an id key's id")


def check_claims(record, instance_id=None, lowest_generation=None, scope_id=None):
    """[R8]. A restore point id other than the demanded one is taken as foreign, too."""
    if instance_id is not None and record.instance_id != instance_id:
        raise Foreign("R8", f"instance id {record.instance_id.hex()}")
    if scope_id is not None and record.scope_id != scope_id:
        raise Foreign("R8", f"scope id {record.scope_id.hex()}")
    if lowest_generation is not None and record.generation < lowest_generation:
        raise Stale("R8", f"generation {record.generation}, below {lowest_generation}")


def unlock(record, keys, trace=None):
    """[R5], [R6]: storage key, commitment, MAC, metakey."""
    trace = {} if trace is None else trace
    stanza, key = find_stanza(record.stanzas, keys)
    place = (record.object_type, record.scope_id)
    storage_key = open_stanza(stanza, key, *place, trace)
    trace.update(storage_key=storage_key)
    commitment = storage_key_commitment(storage_key, *place)
    trace.update(commitment=commitment)
    if not same(commitment, record.commitment):
        raise OtherStorageKey("R6", "the commitment does not fit")
    mac = hmac256(record_mac_key(storage_key, *place), record.mac_input)
    trace.update(mac_key=record_mac_key(storage_key, *place), mac=mac)
    if not same(mac, record.mac):
        raise NotAuthentic("R6", "the MAC does not fit")
    metakey = unwrap(storage_key, *place, PURPOSE_METAKEY, bytes(16), record.wrapped_metakey)
    if metakey is None:
        raise NotAuthentic("R6", "the metakey does not unwrap")
    trace.update(metakey=metakey)
    record.storage_key, record.metakey = storage_key, metakey


def unwrap_entries(record):
    """[R7], and the id keys."""
    for e in record.entries:
        if e.type not in (ENTRY_SESSION, ENTRY_ID_KEY):
            continue
        purpose = PURPOSE_SESSION if e.type == ENTRY_SESSION else PURPOSE_ID_KEY
        key = unwrap(record.storage_key, record.object_type, record.scope_id, purpose, e.id, e.body)
        if key is None:
            raise NotAuthentic("R7", f"entry {e.id.hex()} does not unwrap")
        if e.type == ENTRY_ID_KEY:
            record.id_keys[u64(e.id, 0)] = key
        elif same(session_id(key), e.id):
            record.sessions[e.id] = key
        else:
            raise NotAuthentic("R7", f"entry {e.id.hex()} holds another session's key")


def open_record(data, object_type, keys, instance_id=None, lowest_generation=None, scope_id=None,
                trace=None):
    """Section 4, in the order of section 7."""
    record = parse_record(data, object_type)
    check_claims(record, instance_id, lowest_generation, scope_id)
    unlock(record, keys, trace)
    unwrap_entries(record)
    if trace is not None:
        trace.update(sessions=record.sessions, id_keys=record.id_keys)
    return record
