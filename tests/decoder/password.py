"""Passwords: what a derivation may cost and what it yields; sections 4.1, 8.2 and 9 of
docs/FORMAT.md. [R10], [R11]. Where setting and cost stand in an object, it does not know."""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from notation import Malformed, NotAuthentic, OverCost, Policy

PBKDF2, ARGON2ID = 3, 4                                     # stanza types, and a kit's kdf
LOWEST_ITERATIONS, LARGEST_MEMORY, MOST_LANES, MEMORY_PER_LANE = 1_000, 4_194_304, 16, 8


@dataclass(frozen=True)
class Cost:
    kdf: int
    passes: int                                             # PBKDF2 calls them iterations
    memory: int = 0                                         # in KiB
    lanes: int = 0


@dataclass(frozen=True)
class Setting:
    """What was chosen when a password was set, without its hint."""
    recipient_id: bytes
    cost: Cost
    salt: bytes


def check_limits(cost, rule="R10"):
    """[R10], the format's own limits."""
    if cost.kdf == PBKDF2:
        if cost.passes < LOWEST_ITERATIONS:
            raise Malformed(rule, f"{cost.passes} iterations")
        return
    if not 1 <= cost.lanes <= MOST_LANES:
        raise Malformed(rule, f"{cost.lanes} lanes")
    if not MEMORY_PER_LANE * cost.lanes <= cost.memory <= LARGEST_MEMORY:
        raise Malformed(rule, f"{cost.memory} KiB for {cost.lanes} lanes")
    if cost.passes < 1:
        raise Malformed(rule, "no pass")


def check_policy(cost, policy, rule):
    """[R10], the caller's limits."""
    if cost.kdf == PBKDF2:
        if cost.passes > policy.max_iterations:
            raise OverCost(rule, f"{cost.passes} iterations")
    elif cost.memory > policy.max_memory or cost.passes > policy.max_passes:
        raise OverCost(rule, f"{cost.passes} passes over {cost.memory} KiB")


def derive(password, cost, salt, policy, rule="R10"):
    """Sections 4.1 and 8.2: 32 bytes from a password."""
    check_policy(cost, policy, rule)
    if cost.kdf == PBKDF2:
        return hashlib.pbkdf2_hmac("sha256", password, salt, cost.passes, 32)
    return Argon2id(salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes,
                    memory_cost=cost.memory).derive(password)


class Password:
    """Opens a record's only password stanza, whatever its recipient id ([R11])."""
    id = None

    def __init__(self, password, policy=Policy()):
        self.password, self.policy = password, policy

    def kek_for(self, setting):
        return derive(self.password, setting.cost, setting.salt, self.policy)

    def key_for(self, setting):
        return PasswordKey(setting, self.kek_for(setting))


class PasswordKey:
    """What was derived for one setting: opens every record that is wrapped for that setting."""

    def __init__(self, setting, kek):
        self.setting, self.kek, self.id = setting, kek, setting.recipient_id

    def kek_for(self, setting):
        if setting != self.setting:
            raise NotAuthentic("R11", "the key was derived for another cost or salt")
        return self.kek
