"""The self-test of section 4.3 of docs/FORMAT.md: two slots."""

import encoder as e
import encoder_keys as k
from notation import Callback, FormatError
from password import Password
from recipients import External
from selftest_base import (
    INSTANCE, KEK, KEK_KEY, METAKEY, POINT, PAIR_KEY, SESSION, STANZA_KEK, STORAGE, breaks,
    flip, opens, secret,
)
from slots import Expected, choose

EMPTY = (b"", b"\0", bytes(15), b"\xff" * 15, bytes(16), bytes(999), b"\xff" * 16 + b"rest")
WANTED = Expected(4, INSTANCE, POINT)


def of(generation, stanzas=None, object_type=4, scope_id=POINT):
    """A record of this generation."""
    stanzas = stanzas or [e.stanza_kek(KEK, object_type, scope_id, STORAGE)]
    return e.record(object_type, INSTANCE, scope_id, generation, STORAGE, METAKEY, stanzas, [])


def chosen(a, b, keys=(KEK_KEY,), expected=WANTED, **more):
    """The choice in short: slot, generation, fallen back, settled."""
    choice = choose(a, b, keys, expected, **more)
    return choice.slot, choice.record.generation, choice.fallen_back, choice.settled


def test_slots():
    old, new = of(3), of(4)
    opens("both slots the same: settled", lambda: chosen(new, new), ("a", 4, False, True))
    opens("the same, whatever follows", lambda: chosen(new + b"old", new + bytes(9)),
          ("a", 4, False, True))
    opens("the higher generation, a", lambda: chosen(new, old), ("a", 4, False, False))
    opens("the higher generation, b", lambda: chosen(old, new), ("b", 4, False, False))
    for empty in EMPTY:
        opens(f"the other is empty, {len(empty)} bytes",
              lambda: (chosen(new, empty), chosen(empty, new)),
              (("a", 4, False, False), ("b", 4, False, False)))
    for area, name in ((flip(new, 70), "damaged"), (new[:-1], "cut off"),
                       (bytes(15) + b"\1", "15 zeros and a one"), (b"no record", "text"),
                       (e.recheck(flip(new, 70)), "another commitment"),
                       (e.recheck(e.put(5, b"\3")(new)), "version 3"),
                       (e.put(12, b"\0\0\0\0")(new), "total length 0"),
                       (e.put(12, b"\xff\xff\xff\xff")(new), "total length 2^32-1"),
                       (b"\0" + new, "a byte before the record")):
        opens(f"fallen back, [S2]: {name}", lambda: (chosen(old, area), chosen(area, old)),
              (("a", 3, True, False), ("b", 3, True, False)))
    opens("fallen back: the lower one is damaged", lambda: chosen(new, flip(old, 70)),
          ("a", 4, True, False))
    opens("a challenge", lambda: chosen(
        of(3, object_type=5, scope_id=INSTANCE), b"", expected=Expected(5)), ("a", 3, False, False))
    opens("nothing demanded", lambda: chosen(old, b"", expected=Expected()),
          ("a", 3, False, False))


def test_slot_identities():
    """[S1]: valid is what opens under the identity at hand, and is what the reader demands."""
    kek = e.stanza_kek(KEK, 4, POINT, STORAGE)
    for generation, fallen_back in ((2, False), (3, True), (4, True)):
        others = of(generation, [e.stanza_kek(SESSION, 4, POINT, STORAGE)])
        opens(f"[S2]: generation {generation} is not for us", lambda: chosen(of(3), others),
              ("a", 3, fallen_back, False))
        altered = e.recheck(flip(of(generation), 70))
        opens(f"[S2]: generation {generation} has another commitment",
              lambda: chosen(altered, of(3)), ("b", 3, fallen_back, False))

    def word(n, password):
        return k.stanza_password(3, (1000 + n,), secret(f"setting {n}", 16), secret("salt", 16),
                                 b"", password, 4, POINT, STORAGE)

    both = (of(3, [word(3, b"old"), kek]), of(4, [word(4, b"new"), kek]))
    opens("the new password", lambda: chosen(*both, keys=[Password(b"new")]),
          ("b", 4, False, False))
    opens("the old password", lambda: chosen(*both, keys=[Password(b"old")]),
          ("a", 3, True, False))
    breaks("R11", "wrong password", "in both slots",
           lambda: chosen(*both, keys=[Password(b"other")]))

    def unreachable(sealed):
        raise Callback("R13", "no network")

    sealed = k.stanza_external(b"kms", b"sealed", STANZA_KEK, 4, POINT, STORAGE)
    keys = [External("kms", unreachable), KEK_KEY]
    breaks("R13", "callback", "in the newer slot: nothing is said of either",
           lambda: chosen(of(3), of(4, [sealed]), keys))

    challenge = of(9, object_type=5, scope_id=INSTANCE)
    foreign = {"object type": (challenge, WANTED),
               "instance id": (of(9), Expected(4, POINT, POINT)),
               "scope id": (of(9, scope_id=SESSION[:16]), WANTED)}
    for name, (area, expected) in foreign.items():
        for a, b in ((area, b""), (b"", area), (area, area)):
            breaks("S1", "foreign", name, lambda: chosen(a, b, expected=expected))
    for area, name in ((challenge, "object type"), (of(2, scope_id=INSTANCE), "scope id")):
        opens(f"fallen back: another {name}", lambda: chosen(area, of(3)), ("b", 3, True, False))


def test_slot_refusals():
    old, new = of(3), of(4)
    again = of(4, [e.stanza_kek(KEK, 4, POINT, STORAGE), e.stanza(6, (0, 0, 0), bytes(16), b"")])
    breaks("S3", "conflict", "two records of generation 4", lambda: chosen(new, again))
    breaks("S3", "conflict", "before the demanded generation",
           lambda: chosen(new, again, lowest_generation=5))
    opens("no conflict with a record that is not valid",
          lambda: chosen(new, e.recheck(flip(again, 70))), ("a", 4, True, False))
    for a, b in ((new, new), (new, b""), (old, new), (new, flip(of(9), 70))):
        breaks("S4", "rollback", "generation 4, where 5 is demanded",
               lambda: chosen(a, b, lowest_generation=5))
    opens("the generation demanded", lambda: chosen(new, old, lowest_generation=4),
          ("a", 4, False, False))
    breaks("O3", "damaged", "both slots", lambda: chosen(flip(new, 70), flip(old, 70)))
    breaks("O3", "damaged", "one slot, the other empty", lambda: chosen(b"", flip(old, 70)))
    breaks("R5", "wrong key", "both slots", lambda: chosen(new, old, keys=[PAIR_KEY]))
    breaks("S1", "not found", "both slots are empty", lambda: chosen(b"", bytes(16)))
    trace = {}
    try:
        choose(new, flip(old, 70), [PAIR_KEY], WANTED, trace=trace)
    except FormatError:
        opens("what each slot is", lambda: trace, {"status_a": "wrong key", "status_b": "damaged"})
