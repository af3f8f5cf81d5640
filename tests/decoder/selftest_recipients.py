"""The self-test of sections 4.1 and 4.2 of docs/FORMAT.md: passwords, external keys, rotation."""

import encoder as e
import encoder_keys as k
from challenge import judge
from notation import Callback, Policy
from password import Cost, Password, Setting
from recipients import External, describe
from record import open_record, parse_record
from selftest_base import (
    EPHEMERAL, INSTANCE, KEK, KEK_KEY, METAKEY, PAIR, POINT, SESSION, STANZA_KEK, STORAGE, a_record,
    breaks, opens, secret,
)

PLACE = (4, POINT)
WORD, ID, SALT, HINT = b"correct horse", secret("setting", 16), secret("salt", 16), b"the usual"
NAME, SEALED = "kms/Schlüssel".encode(), secret("sealed", 90)
CHEAP = {3: (1000,), 4: (8, 1, 1)}
OTHER_STORAGE = secret("other storage")


def word(kdf=3, cost=None, ident=ID, salt=SALT, hint=HINT, password=WORD, place=PLACE,
         storage_key=STORAGE, **more):
    """A password stanza."""
    return k.stanza_password(kdf, cost or CHEAP[kdf], ident, salt, hint, password, *place,
                             storage_key, **more)


def outside(name=NAME, sealed=SEALED, place=PLACE, **more):
    """An external stanza."""
    return k.stanza_external(name, sealed, STANZA_KEK, *place, STORAGE, **more)


def service(name=NAME, kek=STANZA_KEK):
    """The key service of that name, which knows SEALED alone."""
    return External(name.decode(), lambda sealed: kek if sealed == SEALED else None)


def with_kek(*stanzas):
    """A record that a KEK opens, too; nothing is derived where the KEK is used."""
    return a_record(stanzas=[*stanzas, e.stanza_kek(KEK, *PLACE, STORAGE)], entries=[])


def opened(data, key, object_type=4, **more):
    return open_record(data, object_type, key if isinstance(key, list) else [key], **more).metakey


def accepts(name, stanza, key):
    opens(name, lambda: opened(with_kek(stanza), key), METAKEY)


def refuses(rule, kind, name, stanza, key=KEK_KEY):
    breaks(rule, kind, name, lambda: opened(with_kek(stanza), key))


def test_passwords():
    right = Password(WORD)
    for kdf, name in ((3, "PBKDF2"), (4, "Argon2id")):
        for object_type, scope_id in ((4, POINT), (5, INSTANCE), (6, INSTANCE)):
            data = a_record(object_type, [word(kdf, place=(object_type, scope_id))])
            opens(f"{name}, object type {object_type}",
                  lambda: opened(data, right, object_type), METAKEY)
        accepts(f"{name}, a password of any bytes", word(kdf, password=b"\0\xff\n"),
                Password(b"\0\xff\n"))
        accepts(f"{name}, an empty password", word(kdf, password=b""), Password(b""))
        refuses("R11", "wrong password", name, word(kdf), Password(b"Correct horse"))
        refuses("R11", "wrong password", f"{name}, of another record",
                word(kdf, place=(4, INSTANCE)), right)
        refuses("R3", "malformed", f"{name}, a byte too many",
                word(kdf, change=lambda body: body + b"\0"))
        refuses("R3", "malformed", f"{name}, a byte missing", word(kdf, change=lambda b: b[:-1]))
        refuses("R3", "malformed", f"{name}, a hint beyond the end",
                word(kdf, change=lambda b: b[:-41 - len(HINT)] + b"\x40" + b[-40 - len(HINT):]))
        refuses("R3", "malformed", f"{name}, an empty body", word(kdf, change=lambda b: b""))
        refuses("R6", "other storage key", name, word(kdf, storage_key=OTHER_STORAGE), right)
    accepts("Argon2id with several lanes and passes", word(4, (100, 3, 7)), right)
    breaks("R11", "wrong key", "no password stanza", lambda: opened(a_record(), right))
    refuses("R5", "wrong key", "a KEK with the password's recipient id alone",
            e.stanza(3, (0, 1, 0), e.kek_id(SESSION), word()[28:]), type(KEK_KEY)(SESSION))
    for change, name in ((e.put(2, b"\1"), "kem"), (e.put(4, b"\0"), "kdf"),
                         (e.put(6, b"\2"), "aead")):
        for stanza in (word(3), word(4), outside()):
            refuses("R3", "malformed", f"type {stanza[0]}: {name}", change(stanza))
    for kinds in ((3, 3), (3, 4), (4, 4)):
        two = [word(kind, ident=secret(f"setting {i}", 16)) for i, kind in enumerate(kinds)]
        breaks("R9", "malformed", f"types {kinds}", lambda: opened(with_kek(*two), KEK_KEY))


def test_password_keys():
    """[R11]: one derivation opens all that is wrapped for a setting, and nothing else."""
    for kdf, other_cost in ((3, (1001,)), (4, (9, 1, 1))):
        cost = Cost(3, 1000) if kdf == 3 else Cost(4, passes=1, memory=8, lanes=1)
        key = Password(WORD).key_for(Setting(ID, cost, SALT))
        accepts(f"derived key, type {kdf}", word(kdf), key)
        accepts(f"derived key, type {kdf}, another hint", word(kdf, hint=b""), key)
        challenge = a_record(5, [word(kdf, place=(5, INSTANCE))])
        opens("derived key, another record", lambda: opened(challenge, key, 5), METAKEY)
        refuses("R11", "not authentic", "another salt",
                word(kdf, salt=secret("other", 16), key=key.kek), key)
        refuses("R11", "not authentic", "another cost", word(kdf, other_cost, key=key.kek), key)
        refuses("R11", "not authentic", "another kdf", word(7 - kdf, key=key.kek), key)
        refuses("R11", "wrong password", "another derived key", word(kdf, key=secret("k")), key)
        refuses("R5", "wrong key", "a later setting", word(kdf, ident=secret("later", 16)), key)


def test_costs():
    """[R10]."""
    for kdf, cost in ((3, (999,)), (3, (0,)), (4, (7, 1, 1)), (4, (15, 1, 2)), (4, (0, 1, 1)),
                      (4, (4_194_305, 1, 1)), (4, (8, 0, 1)), (4, (8, 1, 0)), (4, (136, 1, 17)),
                      (4, (8, 1, 4_294_967_295))):
        for key in (Password(WORD), KEK_KEY):
            refuses("R10", "malformed", f"type {kdf}: {cost}, {type(key).__name__}",
                    word(kdf, cost, key=KEK), key)
    for kdf, cost in ((3, (10_000_001,)), (3, (4_294_967_295,)), (4, (1_048_577, 1, 1)),
                      (4, (4_194_304, 1, 16)), (4, (8, 17, 1)), (4, (8, 4_294_967_295, 1))):
        refuses("R10", "over cost", f"type {kdf}: {cost}", word(kdf, cost, key=KEK),
                Password(WORD))
        accepts(f"a KEK is not held back by cost {cost}", word(kdf, cost, key=KEK), KEK_KEY)
    accepts("16 lanes", word(4, (128, 1, 16)), Password(WORD))
    exact = Policy(max_iterations=1000, max_memory=9, max_passes=2)
    for kdf, fits, above in ((3, (1000,), (1001,)), (4, (9, 2, 1), (10, 2, 1)),
                             (4, (9, 2, 1), (9, 3, 1))):
        accepts(f"a policy's exact cost, type {kdf}", word(kdf, fits), Password(WORD, exact))
        refuses("R10", "over cost", f"type {kdf}: {above}", word(kdf, above),
                Password(WORD, exact))


def test_printable():
    """[R12], and section 9's lengths."""
    def named(text):
        return outside(text) if text else outside(ident=k.external_id(b""), name=b"")

    for make, what in ((lambda text: word(hint=text), "hint"), (named, "name")):
        for text in ("é€𝄞", "\u00a0", "\u202f", " ~"):
            accepts(f"{what} {text!r}", make(text.encode()), KEK_KEY)
        for text in (b"\0", b"a\x1fb", b"\x7f", b"\xc2\x80", b"\xc2\x9f", b"\xff", b"\xc0\xaf",
                     b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"cut \xc3"):
            refuses("R12", "malformed", f"{what} {text!r}", make(text))
    accepts("no hint", word(hint=b""), Password(WORD))
    accepts("hint of 64 bytes", word(hint=b"h" * 64), Password(WORD))
    refuses("R12", "malformed", "hint of 65 bytes", word(hint=b"h" * 65))
    accepts("name of one byte", outside(b"n"), service(b"n"))
    accepts("name of 128 bytes", outside(b"n" * 128), service(b"n" * 128))
    refuses("R12", "malformed", "name of 129 bytes", outside(b"n" * 129))
    refuses("R12", "malformed", "no name", named(b""))
    accepts("4096 sealed bytes", outside(sealed=bytes(4096)), KEK_KEY)
    refuses("R12", "malformed", "4097 sealed bytes", outside(sealed=bytes(4097)))
    refuses("R12", "malformed", "nothing sealed", outside(sealed=b""))


def test_external():
    for object_type, scope_id in ((4, POINT), (5, INSTANCE), (6, INSTANCE)):
        data = a_record(object_type, [outside(place=(object_type, scope_id))])
        opens(f"external key, object type {object_type}",
              lambda: opened(data, service(), object_type), METAKEY)
    accepts("one sealed byte", outside(sealed=b"x"), External(NAME.decode(), lambda _: STANZA_KEK))

    def unreachable(sealed):
        raise Callback("R13", "no network")

    refuses("R13", "callback", "key service cannot be reached", outside(),
            External(NAME.decode(), unreachable))
    refuses("R13", "not authentic", "key service refuses", outside(sealed=b"x"), service())
    refuses("R6", "not authentic", "key service gives another key", outside(), service(kek=KEK))
    refuses("R6", "not authentic", "of another record", outside(place=(4, INSTANCE)), service())
    refuses("R5", "wrong key", "another name", outside(b"other"), service())
    refuses("R12", "malformed", "another name's recipient id", outside(ident=bytes(16)))
    refuses("R3", "malformed", "name beyond the end", outside(change=e.put(0, b"\x80")))
    refuses("R3", "malformed", "sealed bytes beyond the end",
            outside(change=e.put(1 + len(NAME), b"\xff\x0f")))
    refuses("R3", "malformed", "a byte too many", outside(change=lambda body: body + b"\0"))


def test_several():
    """[R5]: the order of stanzas, not of keys, decides; and what a listing tells."""
    all_three = [word(4), outside(), e.stanza_kek(KEK, *PLACE, STORAGE)]
    for key in (Password(WORD), service(), KEK_KEY):
        opens(f"one of three recipients, {type(key).__name__}",
              lambda: opened(a_record(stanzas=all_three), key), METAKEY)
    first_is_other = [e.stanza_kek(KEK, *PLACE, OTHER_STORAGE), word()]
    for keys in ([KEK_KEY, Password(WORD)], [Password(WORD), KEK_KEY]):
        breaks("R6", "other storage key", "no second try",
               lambda: opened(a_record(stanzas=first_is_other), keys))
        opens("the first stanza serves", lambda: opened(a_record(
            stanzas=first_is_other[::-1]), keys), METAKEY)

    pair = e.stanza_p256(PAIR, EPHEMERAL, STANZA_KEK, *PLACE, STORAGE)
    unknown = e.stanza(6, (9, 9, 9), bytes(16), b"")
    data = a_record(stanzas=[word(4, (100, 2, 3)), outside(), pair, unknown])
    opens("listing without a key", lambda: [describe(s) for s in parse_record(data, 4).stanzas], [
        {"type": 4, "id": ID, "memory": 100, "passes": 2, "lanes": 3, "salt": SALT,
         "hint": HINT.decode()},
        {"type": 5, "id": k.external_id(NAME), "name": NAME.decode(), "sealed": SEALED},
        {"type": 2, "id": e.p256_id(PAIR)}, {"type": 6, "id": bytes(16)}])
    opens("listing, PBKDF2", lambda: describe(parse_record(with_kek(word()), 4).stanzas[0]),
          {"type": 3, "id": ID, "iterations": 1000, "salt": SALT, "hint": HINT.decode()})


def test_password_verdicts():
    data = a_record(5, [word(place=(5, INSTANCE))])

    def verdict(want, key, data=data):
        v = judge(data, key, INSTANCE, 3)
        opens(f"verdict {want}", lambda: (v.verdict, v.status, v.expected_id, v.found_id), want)

    verdict(("match", "ok", None, None), Password(WORD))
    verdict(("wrong key", "wrong password", None, None), Password(b"x"))
    verdict(("wrong key", "wrong key", ID, e.kek_id(KEK)), KEK_KEY)
    verdict(("wrong key", "wrong key", e.kek_id(KEK), None), Password(WORD),
            a_record(5, [e.stanza_kek(KEK, 5, INSTANCE, STORAGE)]))
    verdict(("corrupt", "other storage key", None, None), Password(WORD),
            a_record(5, [word(place=(5, INSTANCE), storage_key=OTHER_STORAGE)]))
    verdict(("corrupt", "not authentic", None, None), service(),
            a_record(5, [outside(sealed=b"x", place=(5, INSTANCE))]))
    verdict(("corrupt", "malformed", None, None), Password(WORD),
            a_record(5, [word(cost=(999,), key=KEK, place=(5, INSTANCE))]))
    breaks("R10", "over cost", "no verdict", lambda: judge(
        data, Password(WORD, Policy(max_iterations=999)), INSTANCE, 3))


def test_rotation():
    """Section 4.2, and what stays of the old record."""
    keys = sorted((SESSION, secret("second session")), key=e.session_id)
    entries = [e.session_entry(STORAGE, *PLACE, key) for key in keys]
    old = a_record(entries=entries)
    new = k.rotated(old, STORAGE, OTHER_STORAGE, 4, [word(storage_key=OTHER_STORAGE)])
    before, after = open_record(old, 4, [KEK_KEY]), open_record(new, 4, [Password(WORD)])
    opens("rotated: the same keys", lambda: (after.metakey, after.sessions),
          (before.metakey, before.sessions))
    opens("rotated: another storage key, generation 4",
          lambda: (after.storage_key, after.generation), (OTHER_STORAGE, 4))
    breaks("R5", "wrong key", "a recipient who was removed", lambda: opened(new, KEK_KEY))
    breaks("R8", "stale", "the old record",
           lambda: opened(old, KEK_KEY, lowest_generation=4))
    repository = k.rotated(a_record(6), STORAGE, OTHER_STORAGE, 4,
                           [e.stanza_kek(KEK, 6, INSTANCE, OTHER_STORAGE)])
    opens("rotated repository record", lambda: open_record(repository, 6, [KEK_KEY]).id_keys,
          {1: secret("id key 1"), 2: secret("id key 2")})
    mixed = [*stanzas_of(new), e.stanza_kek(KEK, *PLACE, STORAGE)]
    breaks("R6", "other storage key", "a stanza of before the rotation",
           lambda: opened(e.record(4, INSTANCE, POINT, 5, OTHER_STORAGE, METAKEY, mixed, []),
                          KEK_KEY))
    breaks("4.2", "unsupported version", "an entry of an unknown type",
           lambda: k.rotated(a_record(), STORAGE, OTHER_STORAGE, 4, []))


def stanzas_of(data):
    """The stanzas of a record, as they stand."""
    return [e.stanza(s.type, s.suite, s.recipient_id, s.body)
            for s in parse_record(data, 4).stanzas]
