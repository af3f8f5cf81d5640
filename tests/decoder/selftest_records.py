"""The self-test of sections 4 and 7 of docs/FORMAT.md: records and verdicts, opened by KEKs and key
pairs. The other recipients are selftest_recipients.py's."""

import struct

import encoder as e
import keyfile
from challenge import judge
from record import open_record
from selftest_base import (
    EPHEMERAL, INSTANCE, KEK, KEK_KEY, METAKEY, PAIR, PAIR_KEY, POINT, SESSION, STANZA_KEK, STORAGE,
    a_record, breaks, flip, opens, secret,
)


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
    longest = e.stanza(9, (0, 0, 0), bytes(16), bytes(16384))
    opens("stanza body of 16,384 bytes",
          lambda: open_record(a_record(stanzas=kek_only + [longest]), 4, [KEK_KEY]))
    broken("R2", "malformed", "generation 0", a_record(change=e.put(48, bytes(8))))
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
    broken("R6", "other storage key", "commitment", a_record(commitment=KEK))
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
    verdict(("corrupt", "other storage key"), e.recheck(flip(good, 70)))
    verdict(("corrupt", "not authentic"), e.recheck(flip(good, len(good) - 20)))
    verdict(("match", "ok"), good)
    verdict(("match", "ok"), good, key=PAIR_KEY)
    v = judge(a_record(4), PAIR_KEY, INSTANCE, 3, 4)
    opens("verdict on a key record", lambda: v.verdict, "match")
