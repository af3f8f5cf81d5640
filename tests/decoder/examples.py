#!/usr/bin/env python3
"""Vectors of the kinds that vectors.py lists, made by the mini encoder: the self-test runs them,
and another reader of the format can.

    examples.py DIRECTORY       writes each as a JSON file

They cover records for passwords and external keys, rotation, slots, origins and recovery kits. The
published vectors are others: those are made by the library.
"""

import hashlib
import json
import sys
from pathlib import Path

import encoder as e
import encoder_keys as k
from selftest_base import (
    INSTANCE, KEK, METAKEY, PAIR, POINT, POSITION_5, SESSION, STANZA_KEK, STORAGE, a_record, flip,
    secret,
)
from vectors import to_json

PLACE = (4, POINT)
WORD, ID, SALT, NAME, SEALED = b"correct horse", bytes(15) + b"\1", bytes(range(16)), "kms/1", b"s"
KEYS = {"metakey": METAKEY, "storage_key": STORAGE}


def vector(name, kind, data, fields, expect="ok", rule=None, **intermediate):
    return to_json({"name": name, "kind": kind, "rule": rule, "expect": expect, "bytes": data,
                    "input": fields, "intermediate": intermediate})


def word(kdf=3, cost=(1000,), salt=SALT, storage_key=STORAGE, place=PLACE, **more):
    return k.stanza_password(kdf, cost, ID, salt, b"the usual", WORD, *place, storage_key, **more)


def external(place=PLACE):
    return k.stanza_external(NAME.encode(), SEALED, STANZA_KEK, *place, STORAGE)


def of(generation, *stanzas, storage_key=STORAGE, entries=()):
    return e.record(4, INSTANCE, POINT, generation, storage_key, METAKEY, stanzas, entries)


def records():
    for kdf, cost, name in ((3, (1000,), "pbkdf2"), (4, (64, 2, 2), "argon2id")):
        data = a_record(stanzas=[word(kdf, cost)])
        derived = k.password_key(kdf, cost, SALT, WORD)
        yield vector(f"record_{name}", "record", data, {"password": WORD}, stanza_kek=derived,
                     recipient_id=ID, **KEYS)
        yield vector(f"record_r11_{name}", "record", data, {"password": b"x"}, "wrong password",
                     "R11")
    over = a_record(stanzas=[word(cost=(1001,), key=KEK)])
    yield vector("record_r10_policy", "record", over,
                 {"password": WORD, "max_iterations": 1000}, "over cost", "R10")
    yield vector("record_r10_limit", "record", a_record(stanzas=[word(cost=(999,), key=KEK)]),
                 {"kek": KEK}, "malformed", "R10")
    first = a_record(5, stanzas=[word(place=(5, INSTANCE))])
    derived = {"password": WORD, "derived_from": first}
    yield vector("record_derived", "record", a_record(stanzas=[word()]), derived, **KEYS)
    yield vector("record_r11_salt", "record", a_record(stanzas=[word(salt=bytes(16))]), derived,
                 "not authentic", "R11")
    answers = {"external_name": NAME, "external_keys": {SEALED.hex(): STANZA_KEK}}
    data = a_record(stanzas=[external()])
    yield vector("record_external", "record", data, answers, stanza_kek=STANZA_KEK, **KEYS)
    yield vector("record_r13_refused", "record", data, {"external_name": NAME}, "not authentic",
                 "R13")
    yield vector("record_r13_failed", "record", data,
                 {"external_name": NAME, "external_fails": True}, "callback", "R13")
    both = a_record(stanzas=[word(), external()])
    yield vector("recipients_two", "recipients", both, {}, recipients=[
        {"type": 3, "id": ID, "iterations": 1000, "salt": SALT, "hint": "the usual"},
        {"type": 5, "id": k.external_id(NAME.encode()), "name": NAME, "sealed": SEALED}])
    yield vector("challenge_r11", "challenge", first, {"password": b"x"}, "wrong password", "R11",
                 verdict="wrong key", status="wrong password", expected_id=None, found_id=None)


def rotations():
    new_key = secret("other storage")
    stanzas = e.stanza_kek(KEK, *PLACE, STORAGE), e.stanza_kek(KEK, *PLACE, new_key)
    before = of(3, stanzas[0], entries=[e.session_entry(STORAGE, *PLACE, SESSION)])
    after = k.rotated(before, STORAGE, new_key, 4, [stanzas[1]])
    yield vector("rotation", "rotation", after, {"before": before, "kek": KEK}, metakey=METAKEY,
                 storage_key_before=STORAGE, storage_key=new_key, generation=4,
                 sessions={e.session_id(SESSION).hex(): SESSION}, id_keys={})
    yield vector("rotation_unknown_entry", "rotation", b"", {"before": a_record(), "kek": KEK},
                 "unsupported version")


def slots():
    kek = e.stanza_kek(KEK, *PLACE, STORAGE)
    old, new, again = of(3, kek), of(4, kek), of(4, kek, e.stanza(6, (0, 0, 0), bytes(16), b""))
    demanded = {"kek": KEK, "object_type": 4, "instance_id": INSTANCE, "scope_id": POINT}
    for name, a, b, result in (
            ("settled", new, new + bytes(40), ("a", 4, False, True)),
            ("higher", old, new, ("b", 4, False, False)),
            ("one_empty", b"\xff" * 64, new, ("b", 4, False, False)),
            ("s2_fallen_back", old, flip(new, 70), ("a", 3, True, False))):
        names = ("slot", "generation", "fallen_back", "settled")
        yield vector(f"slots_{name}", "slots", a, {**demanded, "slot_b": b}, metakey=METAKEY,
                     **dict(zip(names, result)))
    yield vector("slots_s1", "slots", old, {**demanded, "slot_b": b"", "instance_id": POINT},
                 "foreign", "S1", status_a="foreign", status_b="empty")
    yield vector("slots_s3", "slots", new, {**demanded, "slot_b": again}, "conflict", "S3")
    yield vector("slots_s4", "slots", new, {**demanded, "slot_b": old, "lowest_generation": 5},
                 "rollback", "S4")


def origins():
    sealed = e.block(SESSION, 1, POSITION_5, b"content")
    entry = e.block_entry(0, 2, 1, 7, POSITION_5, sealed, hashlib.sha256(sealed[:-8]).digest())
    manifest = e.manifest(METAKEY, POINT, INSTANCE, 3, 7, 7, [entry], flags=1)
    signature = k.origin_signature(PAIR, INSTANCE, POINT, manifest)
    opened = {"manifest": manifest, "metakey": METAKEY, "restore_point_id": POINT}
    keyed = {**opened, "origin_key": e.spki(PAIR), "recipient_ids": [e.kek_id(KEK)]}
    yield vector("origin_verified", "origin", signature, keyed, verdict="verified",
                 origin_key_id=e.p256_id(PAIR), manifest_digest=hashlib.sha256(manifest).digest(),
                 message=k.origin_message(INSTANCE, POINT, manifest))
    yield vector("origin_no_key", "origin", signature, opened, verdict="unverified")
    yield vector("origin_g3", "origin", signature, {**keyed, "recipient_ids": [e.p256_id(PAIR)]},
                 "origin is recipient", "G3")
    yield vector("origin_g4_none", "origin", b"", keyed, "origin unverified", "G4",
                 verdict="unverified")
    yield vector("origin_g4_demanded", "origin", signature, {**opened, "demand_origin": True},
                 "origin unverified", "G4")
    yield vector("origin_g4_forged", "origin", e.recheck(flip(signature, 159)), keyed,
                 "origin forged", "G4", verdict="forged")


def kits():
    scalar = PAIR.private_numbers().private_value.to_bytes(32)
    for kind, kdf, cost, ident, inside in ((1, 3, (1000,), e.kek_id(KEK), KEK),
                                           (2, 4, (64, 2, 2), e.p256_id(PAIR), scalar)):
        kit = k.kit(kind, kdf, cost, SALT, WORD, ident, inside)
        text, qr = k.kit_text(kit), k.kit_qr(kit)
        yield vector(f"kit_{kind}", "kit", kit, {"password": WORD}, key_kind=kind, kdf=kdf,
                     key_id=ident, secret=inside, text=text, qr=qr,
                     derived_key=k.password_key(kdf, cost, SALT, WORD))
        yield vector(f"kit_t2_{kind}", "kit", kit, {"password": b"x"}, "wrong password", "T2")
        yield vector(f"kit_text_{kind}", "kit_text", text.encode(), {"password": WORD}, kit=kit,
                     secret=inside)
        yield vector(f"kit_text_qr_{kind}", "kit_text", qr.encode(), {}, kit=kit)
        wrong = text.replace("\n4: ", "\n4: q")
        yield vector(f"kit_text_t3_{kind}", "kit_text", wrong.encode(), {}, "bad kit line", "T3",
                     line=4)


def examples():
    return [v for make in (records, rotations, slots, origins, kits) for v in make()]


def main():
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for made in examples():
        text = json.dumps(made, indent=2, sort_keys=True) + "\n"
        (directory / f"{made['name']}.json").write_text(text)


if __name__ == "__main__":
    main()
