"""Section 7 of docs/FORMAT.md: the verdict on a challenge, or on a key record before a restore."""

from dataclasses import dataclass

from notation import (
    CHALLENGE, Damaged, Foreign, Malformed, NotAuthentic, OtherStorageKey, Stale, UnsupportedSuite,
    UnsupportedVersion, WrongKey, WrongPassword,
)
from record import check_claims, parse_record, unlock

VERDICTS = {
    Malformed: "corrupt", Damaged: "corrupt", NotAuthentic: "corrupt",
    UnsupportedVersion: "unsupported", UnsupportedSuite: "unsupported",
    Foreign: "foreign", Stale: "stale", WrongKey: "wrong key", WrongPassword: "wrong key",
    OtherStorageKey: "corrupt",
}


@dataclass
class Verdict:
    verdict: str
    status: str
    error: Exception | None = None
    expected_id: bytes | None = None                        # with "wrong key" only
    found_id: bytes | None = None                           # None of a password, too


def judge(data, key, instance_id=None, lowest_generation=None, object_type=CHALLENGE, trace=None):
    """Stops at the first check that fails. `data` is None when the file is not there.

    What keeps the check from being made at all has no verdict and is raised: OverCost, Callback.
    """
    if data is None:
        return Verdict("missing", "-")
    record = None
    try:
        record = parse_record(data, object_type)
        check_claims(record, instance_id, lowest_generation)
        unlock(record, [key], trace)
    except tuple(VERDICTS) as error:
        verdict = Verdict(VERDICTS[type(error)], error.kind, error)
        if isinstance(error, WrongKey):
            verdict.expected_id, verdict.found_id = record.stanzas[0].recipient_id, key.id
        return verdict
    return Verdict("match", "ok")
