"""Section 4.3 of docs/FORMAT.md: which of two slots holds the record. [S1] to [S5].
"""

from dataclasses import dataclass

from notation import (
    CHALLENGE, KEY_RECORD, REPOSITORY_RECORD, Callback, Conflict, Foreign, FormatError,
    NotFound, Rollback, u32,
)
from record import Record, parse_record, unlock

RECORDS = (KEY_RECORD, CHALLENGE, REPOSITORY_RECORD)


@dataclass
class Expected:
    """What the reader demands; None demands nothing."""
    object_type: int = KEY_RECORD
    instance_id: bytes | None = None
    scope_id: bytes | None = None


@dataclass
class Slot:
    name: str
    data: bytes = b""                                       # the record without what follows it
    record: Record | None = None                            # a record that the reader demands
    error: FormatError | None = None                        # of a slot neither valid nor empty

    @property
    def valid(self):
        return self.record is not None and self.error is None

    @property
    def status(self):
        return self.error.kind if self.error else "ok" if self.record else "empty"


@dataclass
class Choice:
    slot: str
    record: Record
    fallen_back: bool
    settled: bool


def read_slot(name, area, keys, expected):
    """[S1]."""
    slot = Slot(name)
    if set(area[0:16]) <= {0} or set(area[0:16]) <= {255}:
        return slot
    slot.data = area[:u32(area, 12)] if u32(area, 12) <= len(area) else area
    try:
        slot.record = read_demanded(slot.data, expected)
        unlock(slot.record, keys)
    except Callback:
        raise
    except FormatError as error:
        slot.error = error
    return slot


def read_demanded(data, expected):
    """What needs no key: the record, which is the reader's."""
    own_type = data[4] if data[4:5] and data[4] in RECORDS else expected.object_type
    record = parse_record(data, own_type)
    for own, demanded in ((own_type, expected.object_type),
                          (record.instance_id, expected.instance_id),
                          (record.scope_id, expected.scope_id)):
        if demanded is not None and own != demanded:
            raise Foreign("S1/R8", "another object type, instance id or scope id")
    return record


def in_use(a, b):
    """[S2], [S3]: the slot that holds."""
    valid = [slot for slot in (a, b) if slot.valid]
    if not valid:
        claimed = [slot.record.generation if slot.record else 0 for slot in (a, b)]
        first, second = (b, a) if claimed[1] > claimed[0] else (a, b)
        raise first.error or second.error or NotFound("S1", "both slots are empty")
    if len({s.record.generation for s in valid}) < len({s.data for s in valid}):
        raise Conflict("S3", f"two records of generation {valid[0].record.generation}")
    return max(valid, key=lambda slot: slot.record.generation)


def fallen_back(used, other):
    """[S2]."""
    if other.error is None:
        return False
    return other.record is None or other.record.generation >= used.record.generation


def choose(slot_a, slot_b, keys, expected=Expected(), lowest_generation=None, trace=None):
    """[S1] to [S5]: the record to be used, and what the reader must say about it."""
    trace = {} if trace is None else trace
    a, b = read_slot("a", slot_a, keys, expected), read_slot("b", slot_b, keys, expected)
    trace.update(status_a=a.status, status_b=b.status)
    used = in_use(a, b)
    other = b if used is a else a
    if lowest_generation is not None and used.record.generation < lowest_generation:        # [S4]
        raise Rollback("S4", f"generation {used.record.generation}, below {lowest_generation}")
    choice = Choice(used.name, used.record, fallen_back(used, other),
                    settled=used.data == other.data)
    trace.update(slot=choice.slot, generation=choice.record.generation,
                 fallen_back=choice.fallen_back, settled=choice.settled,
                 metakey=choice.record.metakey)
    return choice
