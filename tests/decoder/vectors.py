"""Section 10 of docs/FORMAT.md: runs the vector files of a directory, one JSON file per vector.

    {"name": ..., "kind": one of those below, "rule": null or "B3", "expect": "ok" or a kind word,
     "input": {...}, "intermediate": {...}, "bytes": hex}

    kind        input (all byte strings in hexadecimal; [] optional)
    block       session_key or sessions {id: key} [expect_id_type expect_id expect_commitment
                max_block max_window] [version, lowest_version: for B1]
    metadata    metakey restore_point_id [max_block max_window]
    v1          master_key wrapped_key [max_block max_window lowest_version: 1 unless told]
    record      KEYS [object_type instance_id lowest_generation scope_id]
    recipients  [object_type]                      `bytes` is a record that nobody opens
    challenge   the same as record; of several keys the first is used
    rotation    KEYS before [object_type]          `bytes` is the record `before`, rotated; empty
                                                   where it must not be rotated
    slots       KEYS slot_b [object_type instance_id scope_id lowest_generation]
                                                   `bytes` is slot a; both are whole areas
    manifest    metakey restore_point_id [lowest_generation]
    origin      manifest metakey restore_point_id [origin_key recipient_ids demand_origin]
                                                   `bytes` is the signature, empty if there is none
    kit         [password CAPS]
    kit_text    the same                           `bytes` is the text

    KEYS are one or more of
      kek
      private_key_pem
      password [derived_from CAPS]                 derived_from is another record: the key was
                                                   derived for the password stanza in that one
      external_name external_keys {sealed: stanza KEK} [external_fails: true]
                                                   a key service that knows these and refuses what
                                                   else it is asked for, or that fails
    CAPS are max_iterations, max_memory (KiB) and max_passes, section 9's unless told; origin_key is
    an SPKI in DER, recipient_ids a list; names and PEM are text, a password is bytes.

The result of block, metadata and v1 is `plain`, or `plain_sha256` and `plain_len`, beside or in
`input`. Unknown inputs are ignored; every intermediate is compared, as far as the decoder came:

    record, challenge  recipient_id stanza_kek storage_key commitment mac_key mac metakey sessions
                       id_keys; of a challenge also verdict status expected_id found_id
    recipients  recipients: a list, in the record's order, of {type id} and, of type 3 {iterations
                salt hint}, of type 4 {memory passes lanes salt hint}, of type 5 {name sealed}
    rotation    as a record, and storage_key_before generation
    slots       status_a status_b ("ok", "empty" or a kind word), slot ("a" or "b") generation
                metakey fallen_back settled
    origin      origin_key_id manifest_digest message verdict
    kit         key_kind kdf passes memory lanes salt key_id text qr; derived_key secret
    kit_text    as a kit, and kit (the 104 bytes) or line (the number that [T3] names)
"""

import json
from pathlib import Path

from notation import FormatError, sha256
from vector_kinds import RUN


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
