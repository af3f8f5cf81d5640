"""What a vector of each kind asks of the decoder: run(bytes, input, trace) opens the object, fills
`trace` with all that it computed, and raises what a reader reports. vectors.py lists the inputs."""

import dataclasses

import kittext
from block import Expected, check_version, open_block, open_metadata, open_v1
from challenge import judge
from keyfile import Kek, read_private_key, read_public_key
from kit import open_kit, parse_kit
from manifest import open_manifest
from notation import (
    CHALLENGE, KEY_RECORD, REPOSITORY_RECORD, BadKitLine, Callback, Policy, UnsupportedVersion,
)
from origin import judge_origin, open_signed_manifest
from password import Password
from recipients import PASSWORDS, External, describe
from record import ENTRY_ID_KEY, ENTRY_SESSION, open_record, parse_record
from slots import Expected as ExpectedSlot
from slots import choose


# -- Inputs that several kinds have ----------------------------------------------------------------

def hex_field(fields, name):
    value = fields.get(name)
    return None if value is None else bytes.fromhex(value)


def policy_of(fields, lowest_version=2):
    told = {f.name: fields[f.name] for f in dataclasses.fields(Policy) if f.name in fields}
    return Policy(**{"lowest_version": lowest_version, **told})


def password_of(fields):
    """The password, or the key that it yields for the setting in another record."""
    password = Password(hex_field(fields, "password"), policy_of(fields))
    if "derived_from" not in fields:
        return password
    data = hex_field(fields, "derived_from")
    stanzas = parse_record(data, data[4]).stanzas
    return password.key_for(next(s.setting for s in stanzas if s.type in PASSWORDS))


def external_of(fields):
    """A key service that is made of the vector's own answers."""
    answers = {bytes.fromhex(k): bytes.fromhex(v)
               for k, v in fields.get("external_keys", {}).items()}

    def unseal(sealed):
        if fields.get("external_fails"):
            raise Callback("R13", "the key service could not look")
        return answers.get(sealed)
    return External(fields["external_name"], unseal)


def keys_of(fields):
    keys = []
    if "kek" in fields:
        keys.append(Kek(bytes.fromhex(fields["kek"])))
    if "private_key_pem" in fields:
        keys.append(read_private_key(fields["private_key_pem"].encode()))
    if "password" in fields:
        keys.append(password_of(fields))
    if "external_name" in fields:
        keys.append(external_of(fields))
    return keys


def record_type(data, fields):
    """The type to be demanded: the vector's, else what a key or repository record says itself."""
    own = data[4] if data[4:5] == bytes([REPOSITORY_RECORD]) else KEY_RECORD
    return fields.get("object_type", own)


# -- One function a kind ---------------------------------------------------------------------------

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
    open_record(data, record_type(data, fields), keys_of(fields), hex_field(fields, "instance_id"),
                fields.get("lowest_generation"), hex_field(fields, "scope_id"), trace)


def run_recipients(data, fields, trace):
    record = parse_record(data, record_type(data, fields))
    trace.update(recipients=[describe(stanza) for stanza in record.stanzas])


def run_challenge(data, fields, trace):
    verdict = judge(data, keys_of(fields)[0], hex_field(fields, "instance_id"),
                    fields.get("lowest_generation"), fields.get("object_type", CHALLENGE), trace)
    trace.update(verdict=verdict.verdict, status=verdict.status, expected_id=verdict.expected_id,
                 found_id=verdict.found_id)
    if verdict.error:
        raise verdict.error


def run_rotation(data, fields, trace):
    """Section 4.2 is for writers: what they must keep is compared, what they must refuse raised."""
    old = hex_field(fields, "before")
    object_type = record_type(old, fields)
    before = open_record(old, object_type, keys_of(fields))
    if any(entry.type not in (ENTRY_SESSION, ENTRY_ID_KEY) for entry in before.entries):
        raise UnsupportedVersion("4.2", "an entry that cannot be wrapped again")
    after = open_record(data, object_type, keys_of(fields), before.instance_id,
                        before.generation + 1, before.scope_id, trace)
    trace.update(generation=after.generation, storage_key_before=before.storage_key)
    if before.storage_key == after.storage_key:
        raise ValueError("the storage key stayed")
    for name in ("metakey", "sessions", "id_keys"):
        if getattr(before, name) != getattr(after, name):
            raise ValueError(f"{name}: not what it was before the rotation")


def run_slots(data, fields, trace):
    expected = ExpectedSlot(fields.get("object_type", KEY_RECORD), hex_field(fields, "instance_id"),
                            hex_field(fields, "scope_id"))
    choose(data, hex_field(fields, "slot_b"), keys_of(fields), expected,
           fields.get("lowest_generation"), trace)


def run_manifest(data, fields, trace):
    open_manifest(data, hex_field(fields, "metakey"), hex_field(fields, "restore_point_id"),
                  fields.get("lowest_generation"), trace)


def run_origin(data, fields, trace):
    manifest_data = hex_field(fields, "manifest")
    manifest = open_signed_manifest(manifest_data, hex_field(fields, "metakey"),
                                    hex_field(fields, "restore_point_id"))
    key = read_public_key(hex_field(fields, "origin_key")) if "origin_key" in fields else None
    trace.update(origin_key_id=key.id if key else None)
    recipient_ids = [bytes.fromhex(i) for i in fields.get("recipient_ids", [])]
    judge_origin(data or None, manifest_data, manifest, key, recipient_ids, policy_of(fields),
                 trace)


def run_kit(data, fields, trace):
    kit = parse_kit(data)
    cost = kit.cost
    trace.update(key_kind=kit.kind, kdf=cost.kdf, passes=cost.passes, memory=cost.memory,
                 lanes=cost.lanes, salt=kit.salt, key_id=kit.key_id,
                 text=kittext.write_lines(data), qr=kittext.write_qr(data))
    if "password" in fields:
        open_kit(data, hex_field(fields, "password"), policy_of(fields), trace)


def run_kit_text(data, fields, trace):
    try:
        trace.update(kit=kittext.read_text(data))
    except BadKitLine as error:
        trace.update(line=error.line)
        raise
    run_kit(trace["kit"], fields, trace)


RUN = {"block": run_block, "metadata": run_metadata, "v1": run_v1, "record": run_record,
       "recipients": run_recipients, "challenge": run_challenge, "rotation": run_rotation,
       "slots": run_slots, "manifest": run_manifest, "origin": run_origin, "kit": run_kit,
       "kit_text": run_kit_text}
