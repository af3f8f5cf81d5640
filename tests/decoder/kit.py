"""Section 8.2 of docs/FORMAT.md: the recovery kit as 104 bytes; kittext.py has its text.
[T1], [T2].

Where FORMAT.md is silent: a private scalar that is none is an invalid key, by [K1].
"""

from dataclasses import dataclass

from keyfile import Kek, PrivateKey
from notation import (
    PURPOSE_KIT, RECOVERY_KIT, Malformed, NotAuthentic, Policy, WrongPassword, check_object,
    require_zero, u32, unwrap,
)
from password import ARGON2ID, PBKDF2, Cost, check_limits, derive

SIZE = 104
KIND_KEK, KIND_P256 = 1, 2
COST_RULES = "T1/R10"                                       # [T1] is [R10] as to costs


@dataclass
class Kit:
    kind: int
    cost: Cost
    salt: bytes
    key_id: bytes
    wrapped: bytes


def parse_kit(data):
    """Everything that needs no passphrase: [O1] to [O5], [T1]."""
    check_object(data, RECOVERY_KIT, SIZE, lambda d: SIZE, "T1")
    kind, kdf = data[8], data[9]
    if kind not in (KIND_KEK, KIND_P256):
        raise Malformed("T1", f"key kind {kind}")
    if kdf not in (PBKDF2, ARGON2ID):
        raise Malformed("T1", f"kdf {kdf}")
    require_zero(data[10:12], "O4", "the reserved field")
    if kdf == PBKDF2:
        require_zero(data[16:24], "T1/O4", "memory or lanes of PBKDF2")
    kit = Kit(kind, Cost(kdf, u32(data, 12), u32(data, 16), u32(data, 20)), salt=data[24:40],
              key_id=data[40:56], wrapped=data[56:96])
    check_limits(kit.cost, COST_RULES)
    return kit


def open_kit(data, passphrase, policy=Policy(), trace=None):
    """[T2]: the Kek or PrivateKey inside."""
    trace = {} if trace is None else trace
    kit = parse_kit(data)
    derived = derive(passphrase, kit.cost, kit.salt, policy, COST_RULES)
    trace.update(derived_key=derived)
    secret = unwrap(derived, RECOVERY_KIT, kit.key_id, PURPOSE_KIT, kit.key_id, kit.wrapped)
    if secret is None:
        raise WrongPassword("T2", "the key does not unwrap")
    trace.update(secret=secret)
    key = Kek(secret) if kit.kind == KIND_KEK else PrivateKey(int.from_bytes(secret, "big"))
    trace.update(key_id=key.id)
    if key.id != kit.key_id:
        raise NotAuthentic("T2", f"the key inside is {key.id.hex()}")
    return key
