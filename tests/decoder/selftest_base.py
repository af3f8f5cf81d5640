"""What the parts of selftest.py share: the count of cases, fixed keys, a record made of them."""

import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric import ec

import encoder as e
import keyfile
from notation import FormatError

count = {"passed": 0, "failed": 0}


def result(name, problem=None):
    count["failed" if problem else "passed"] += 1
    print(f"{'FAIL' if problem else 'ok  '} {name}{': ' + problem if problem else ''}")


def opens(name, function, want=None):
    """function() opens, and returns `want` if that is told."""
    try:
        found = function()
    except FormatError as error:
        return result(name, str(error))
    result(name, None if want is None or found == want else f"found {found!r:.100}")


def breaks(rule, kind, name, function):
    """function() fails with this rule and kind word."""
    name = f"[{rule}] {kind}: {name}"
    try:
        function()
    except FormatError as error:
        fits = error.kind == kind and rule in error.rules
        return result(name, None if fits else f"found {error}")
    result(name, "it opened")


def secret(label, size=32):
    """Fixed bytes that look random."""
    return hashlib.shake_256(label.encode()).digest(size)


SESSION, METAKEY, STORAGE, KEK = (secret(x) for x in ("session", "metakey", "storage", "kek"))
INSTANCE, POINT = secret("instance", 16), secret("point", 16)
PAIR = ec.derive_private_key(int.from_bytes(secret("pair")), ec.SECP256R1())
EPHEMERAL = ec.derive_private_key(int.from_bytes(secret("ephemeral")), ec.SECP256R1())
STANZA_KEK = secret("stanza kek")
KEK_KEY = keyfile.Kek(KEK)
PAIR_KEY = keyfile.PrivateKey(PAIR.private_numbers().private_value)
POSITION_5 = struct.pack("<Q", 5)


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def a_record(object_type=4, stanzas=None, entries=None, scope_id=None, **more):
    scope_id = scope_id or (POINT if object_type == 4 else INSTANCE)
    place = (object_type, scope_id)
    if stanzas is None:
        stanzas = [e.stanza(6, (9, 9, 9), bytes(16), b"unknown"),
                   e.stanza_kek(KEK, *place, STORAGE),
                   e.stanza_p256(PAIR, EPHEMERAL, STANZA_KEK, *place, STORAGE)]
    if entries is None and object_type == 4:
        keys = sorted((SESSION, secret("second session")), key=e.session_id)
        entries = [e.session_entry(STORAGE, *place, k) for k in keys]
        entries.append(e.entry(77, bytes(16), bytes(40)))
    if entries is None and object_type == 6:
        entries = [e.id_key_entry(STORAGE, *place, n, secret(f"id key {n}")) for n in (1, 2)]
    return e.record(object_type, INSTANCE, scope_id, 3, STORAGE, METAKEY, stanzas, entries or [],
                    **more)
