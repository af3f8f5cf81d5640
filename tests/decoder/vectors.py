"""Section 10 of docs/FORMAT.md: runs the vector files of a directory, one JSON file per vector.

    {"name": ..., "kind": "block|metadata|v1|record|challenge|manifest", "rule": null or "B3",
     "expect": "ok" or a kind word, "input": {...}, "intermediate": {...}, "bytes": hex}

    kind       input (all byte strings in hexadecimal; [] optional)
    block      session_key or sessions {id: key} [expect_id_type expect_id expect_commitment
               max_block max_window] [version, lowest_version: for B1]
    metadata   metakey restore_point_id [max_block max_window]
    v1         master_key wrapped_key [max_block max_window lowest_version: 1 unless told]
    record     kek or private_key_pem [object_type instance_id lowest_generation scope_id]
    challenge  the same
    manifest   metakey restore_point_id [lowest_generation]

The result of block, metadata and v1 is `plain`, or `plain_sha256` and `plain_len`, beside or in
`input`. Unknown inputs are ignored; every intermediate is compared, as far as the decoder came.
"""

import json
from pathlib import Path

from block import Expected, check_version, open_block, open_metadata, open_v1
from challenge import judge
from keyfile import Kek, read_private_key
from manifest import open_manifest
from notation import CHALLENGE, KEY_RECORD, LARGEST_BLOCK, REPOSITORY_RECORD, FormatError, Policy, \
    sha256
from record import open_record


def hex_field(fields, name):
    value = fields.get(name)
    return None if value is None else bytes.fromhex(value)


def policy_of(fields, lowest_version=2):
    return Policy(max_block=fields.get("max_block", LARGEST_BLOCK),
                  max_window=fields.get("max_window", LARGEST_BLOCK),
                  lowest_version=fields.get("lowest_version", lowest_version))


def key_of(fields):
    if "kek" in fields:
        return Kek(bytes.fromhex(fields["kek"]))
    return read_private_key(fields["private_key_pem"].encode())


def run_block(data, fields, trace):
    policy = policy_of(fields)
    check_version(fields.get("version", 2), policy)
    if "sessions" in fields:
        key = {bytes.fromhex(i): bytes.fromhex(k) for i, k in fields["sessions"].items()}
    else:
        key = hex_field(fields, "session_key")
    expected = Expected(fields.get("expect_id_type"), hex_field(fields, "expect_id"),
                        hex_field(fields, "expect_commitment"))
    open_block(data, key, policy, expected, trace=trace)


def run_metadata(data, fields, trace):
    open_metadata(data, hex_field(fields, "metakey"), hex_field(fields, "restore_point_id"),
                  policy_of(fields), trace)


def run_v1(data, fields, trace):
    open_v1(data, hex_field(fields, "master_key"), hex_field(fields, "wrapped_key"),
            policy_of(fields, lowest_version=1), trace)


def run_record(data, fields, trace):
    own = data[4] if data[4:5] == bytes([REPOSITORY_RECORD]) else KEY_RECORD
    open_record(data, fields.get("object_type", own), [key_of(fields)],
                hex_field(fields, "instance_id"), fields.get("lowest_generation"),
                hex_field(fields, "scope_id"), trace)


def run_challenge(data, fields, trace):
    verdict = judge(data, key_of(fields), hex_field(fields, "instance_id"),
                    fields.get("lowest_generation"), fields.get("object_type", CHALLENGE), trace)
    trace.update(verdict=verdict.verdict, status=verdict.status)
    if verdict.error:
        raise verdict.error


def run_manifest(data, fields, trace):
    open_manifest(data, hex_field(fields, "metakey"), hex_field(fields, "restore_point_id"),
                  fields.get("lowest_generation"), trace)


RUN = {"block": run_block, "metadata": run_metadata, "v1": run_v1, "record": run_record,
       "challenge": run_challenge, "manifest": run_manifest}


def to_json(value):
    """What a trace holds, as a vector writes it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [to_json(v) for v in value]
    if isinstance(value, dict):
        return {to_json(k) if isinstance(k, bytes) else str(k): to_json(v)
                for k, v in value.items()}
    return value


def wanted_results(vector):
    """The intermediates, and the plaintext wherever the vector names it."""
    wanted = dict(vector.get("intermediate") or {})
    for place in (vector.get("input") or {}, vector.get("result") or {}, vector):
        for name in ("plain", "plain_sha256", "plain_len"):
            if isinstance(place, dict) and name in place:
                wanted[name] = place[name]
    return wanted


def run_vector(vector):
    """None when the vector holds, else what is wrong."""
    if vector.get("kind") not in RUN:
        return f"unknown kind {vector.get('kind')}"
    fields, trace = vector.get("input") or {}, {}
    found, error = "ok", None
    try:
        RUN[vector["kind"]](bytes.fromhex(vector["bytes"]), fields, trace)
    except FormatError as e:
        found, error = e.kind, e
    if found != vector["expect"]:
        return f"expected {vector['expect']!r}, found {error or 'ok'}"
    if error and vector.get("rule") and vector["rule"] not in error.rules:
        return f"breaks {vector['rule']}, but found {error}"

    if "plain" in trace:
        trace.update(plain_sha256=sha256(trace["plain"]), plain_len=len(trace["plain"]))
    if "stored" in trace:
        trace.update(stored_sha256=sha256(trace["stored"]), stored_len=len(trace["stored"]))
    for name, value in wanted_results(vector).items():
        if name not in trace and not error:
            return f"{name}: the decoder does not know this value"
        if name in trace and to_json(trace[name]) != value:
            return f"{name}: {to_json(trace[name])}, not {value}"
    return None


def run_directory(directory):
    """One line for each vector; returns passed, failed."""
    passed = failed = 0
    for path in sorted(Path(directory).glob("*.json")):
        try:
            vector = json.loads(path.read_text())
            problem = run_vector(vector)
        except (KeyError, TypeError, ValueError, AttributeError) as e:
            vector, problem = {}, f"no vector: {type(e).__name__}: {e}"
        passed, failed = passed + (not problem), failed + bool(problem)
        print(f"{'FAIL' if problem else 'ok  '} {path.stem}"
              f" [{vector.get('rule') or '-'}]{': ' + problem if problem else ''}")
    return passed, failed
