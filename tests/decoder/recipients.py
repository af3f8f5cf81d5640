"""Section 4.1 of docs/FORMAT.md: stanzas, who they are for, and the storage key under them."""

import unicodedata
from dataclasses import dataclass

from hpke import open_base
from keyfile import Kek, PrivateKey
from notation import (
    PURPOSE_STORAGE_KEY, Malformed, NotAuthentic, WrongKey, WrongPassword, external_id, u16, u32,
    unwrap,
)
from password import ARGON2ID, PBKDF2, Cost, Password, PasswordKey, Setting, check_limits

STANZA_KEK, STANZA_P256, STANZA_EXTERNAL = 1, 2, 5
PASSWORDS = (PBKDF2, ARGON2ID)
# [R12]: they turn the direction, break a line or are not seen.
UNPRINTABLE = {0x61C, 0xFEFF, *range(0x200B, 0x2010), *range(0x2028, 0x202F),
               *range(0x2060, 0x206A)}
AES_ONLY = (0, 1, 0)
SUITES = {STANZA_KEK: AES_ONLY, STANZA_P256: (0x0010, 1, 2), PBKDF2: AES_ONLY, ARGON2ID: AES_ONLY,
          STANZA_EXTERNAL: AES_ONLY}                        # type: kem, kdf, aead
LONGEST_BODY, LONGEST_HINT, LONGEST_NAME, LONGEST_SEALED = 16_384, 64, 128, 4_096


@dataclass
class Stanza:
    type: int
    suite: tuple
    recipient_id: bytes
    body: bytes
    # What the body of a known type holds:
    wrapped: bytes = b""
    enc: bytes = b""
    ct: bytes = b""
    setting: Setting | None = None
    hint: bytes = b""                                       # it and the name are UTF-8 by [R12]
    name: bytes = b""
    sealed: bytes = b""


class External:
    """A key in a key service. unseal(sealed) returns the stanza KEK, or None when the service
    refuses; it raises notation.Callback when the service could not look at it ([R13])."""

    def __init__(self, name, unseal):
        self.id, self.unseal = external_id(name.encode()), unseal


class Body:
    """Reads a stanza's body field by field. [R3]."""

    def __init__(self, stanza):
        self.rest, self.what = stanza.body, f"stanza type {stanza.type}, {len(stanza.body)} bytes"

    def take(self, size):
        if size > len(self.rest):
            raise Malformed("R3", self.what)
        value, self.rest = self.rest[:size], self.rest[size:]
        return value

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def end(self):
        if self.rest:
            raise Malformed("R3", self.what)


# -- Reading: [R1] to [R3], [R9], [R10], [R12] -----------------------------------------------------

def read_stanzas(data, at, end, count):
    """`count` stanzas, and where the last one ends."""
    stanzas = []
    for _ in range(count):
        if at + 28 > end:
            raise Malformed("R1", "the stanzas do not fit in")
        length = u32(data, at + 24)
        if length > LONGEST_BODY:
            raise Malformed("R2", f"a stanza body of {length} bytes")
        if at + 28 + length > end:
            raise Malformed("R1", "the stanzas do not fit in")
        stanzas.append(Stanza(
            type=u16(data, at), suite=(u16(data, at + 2), u16(data, at + 4), u16(data, at + 6)),
            recipient_id=data[at + 8:at + 24], body=data[at + 28:at + 28 + length]))
        at += 28 + length
    return stanzas, at


def check_stanzas(stanzas):
    if len({s.recipient_id for s in stanzas}) != len(stanzas):
        raise Malformed("R3", "two stanzas have the same recipient id")
    for stanza in stanzas:
        if stanza.type in SUITES:
            if stanza.suite != SUITES[stanza.type]:
                raise Malformed("R3", f"stanza type {stanza.type}: {stanza.suite}")
            read_body(stanza)
            check_body(stanza)
    if sum(s.type in PASSWORDS for s in stanzas) > 1:
        raise Malformed("R9", "two passwords")


def read_body(stanza):
    """[R3]: the fields of 4.1 fill the body."""
    body = Body(stanza)
    if stanza.type == STANZA_P256:
        stanza.enc, stanza.ct = body.take(65), body.take(48)
    elif stanza.type in PASSWORDS:
        stanza.setting = Setting(stanza.recipient_id, read_cost(stanza.type, body), body.take(16))
        stanza.hint = body.take(body.number(1))
    elif stanza.type == STANZA_EXTERNAL:
        stanza.name = body.take(body.number(1))
        stanza.sealed = body.take(body.number(2))
    stanza.wrapped = body.take(40)
    body.end()


def read_cost(kdf, body):
    if kdf == PBKDF2:
        return Cost(PBKDF2, passes=body.number(4))
    memory, passes, lanes = body.number(4), body.number(4), body.number(4)
    return Cost(ARGON2ID, passes, memory, lanes)


def check_body(stanza):
    """[R10]'s limits, [R12]."""
    if stanza.type in PASSWORDS:
        check_limits(stanza.setting.cost)
        if len(stanza.hint) > LONGEST_HINT:
            raise Malformed("R10/R12", f"a hint of {len(stanza.hint)} bytes")
        check_printable(stanza.hint)
    if stanza.type == STANZA_EXTERNAL:
        if not 1 <= len(stanza.name) <= LONGEST_NAME:
            raise Malformed("R10/R12", f"a name of {len(stanza.name)} bytes")
        if not 1 <= len(stanza.sealed) <= LONGEST_SEALED:
            raise Malformed("R10/R12", f"{len(stanza.sealed)} sealed bytes")
        check_printable(stanza.name)
        if stanza.recipient_id != external_id(stanza.name):
            raise Malformed("R12", "the recipient id is not the name's")


def check_printable(text):
    """[R12]. Unicode's category Cc is exactly U+0000 to U+001F and U+007F to U+009F."""
    try:
        text = text.decode()
    except UnicodeDecodeError:
        raise Malformed("R12", "a hint or name is not UTF-8") from None
    if any(unicodedata.category(c) == "Cc" or ord(c) in UNPRINTABLE for c in text):
        raise Malformed("R12", "a control character in a hint or name")


def describe(stanza):
    """What can be told about a recipient without any key."""
    told = {"type": stanza.type, "id": stanza.recipient_id}
    if stanza.type == PBKDF2:
        told.update(iterations=stanza.setting.cost.passes)
    if stanza.type == ARGON2ID:
        cost = stanza.setting.cost
        told.update(memory=cost.memory, passes=cost.passes, lanes=cost.lanes)
    if stanza.type in PASSWORDS:
        told.update(salt=stanza.setting.salt, hint=stanza.hint.decode())
    if stanza.type == STANZA_EXTERNAL:
        told.update(name=stanza.name.decode(), sealed=stanza.sealed)
    return told


# -- Opening: [R5], [R6], [R11], [R13] -------------------------------------------------------------

KEYS = {STANZA_KEK: Kek, STANZA_P256: PrivateKey, PBKDF2: (Password, PasswordKey),
        ARGON2ID: (Password, PasswordKey), STANZA_EXTERNAL: External}


def find_stanza(stanzas, keys):
    """[R5], [R11]: the first stanza that one of the keys is for, and that key."""
    for stanza in stanzas:
        for key in keys:
            if isinstance(key, KEYS.get(stanza.type, ())) and key.id in (None, stanza.recipient_id):
                return stanza, key
    raise WrongKey("R5/R11", "no stanza for " + ", ".join(
        key.id.hex() if key.id else "a password" for key in keys))


def stanza_kek(stanza, key, object_type, scope_id):
    """Section 4.1, the table's last column."""
    if stanza.type == STANZA_KEK:
        return key.kek
    if stanza.type in PASSWORDS:
        return key.kek_for(stanza.setting)
    if stanza.type == STANZA_EXTERNAL:
        kek = key.unseal(stanza.sealed)
        if kek is None or len(kek) != 32:
            raise NotAuthentic("R13", "the key service refused")
        return kek
    info = b"coffre/v2/hpke" + bytes([object_type]) + scope_id + stanza.recipient_id
    kek = open_base(key.key, key.public.point, stanza.enc, info, b"", stanza.ct)
    if kek is None:
        raise NotAuthentic("R6", "the stanza KEK does not open")
    return kek


def open_stanza(stanza, key, object_type, scope_id, trace):
    """The storage key, which nothing has committed to yet."""
    kek = stanza_kek(stanza, key, object_type, scope_id)
    trace.update(recipient_id=stanza.recipient_id, stanza_kek=kek)
    storage_key = unwrap(kek, object_type, scope_id, PURPOSE_STORAGE_KEY, stanza.recipient_id,
                         stanza.wrapped)
    if storage_key is not None:
        return storage_key
    if stanza.type in PASSWORDS:
        raise WrongPassword("R11", "the storage key does not unwrap")
    raise NotAuthentic("R6", "the storage key does not unwrap")
