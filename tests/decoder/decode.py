#!/usr/bin/env python3
"""An educational decoder of the Coffre format, written from docs/FORMAT.md alone.

It wants to be read rather than to be fast: every function names the section that it follows.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import kittext
from block import Expected, open_block, open_metadata, open_v1
from challenge import judge
from keyfile import Kek, key_id_text, read_key, read_public_key
from kit import open_kit, parse_kit
from manifest import KIND_HOLE, open_manifest
from notation import (
    CHALLENGE, KEY_RECORD, LARGEST_BLOCK, MAGIC, REPOSITORY_RECORD, Callback, FormatError, Policy,
)
from origin import judge_origin, open_signed_manifest
from password import Password
from point import restore
from recipients import External, describe
from record import open_record, parse_record
from slots import Expected as ExpectedSlot
from slots import choose
from vectors import run_directory


def file(name):
    return Path(name).read_bytes()


def password_of(args):
    """From the command line or, as they stand, the bytes of a file; None when there is neither."""
    if args.password is not None:
        return args.password.encode()
    return file(args.password_file) if args.password_file else None


def costs_of(args):
    return Policy(max_iterations=args.max_iterations, max_memory=args.max_memory,
                  max_passes=args.max_passes)


def external(name, command):
    """A command is the key service: it refuses by exit code 1."""
    def unseal(sealed):
        done = subprocess.run(command, shell=True, input=sealed, stdout=subprocess.PIPE)
        if done.returncode > 1 or done.returncode < 0:
            raise Callback("R13", f"exit code {done.returncode}")
        return None if done.returncode else done.stdout
    return External(name, unseal)


def key_of(args):
    if args.kek:
        return Kek(args.kek)
    if args.key:
        return read_key(file(args.key))
    if args.external:
        return external(*args.external)
    return Password(password_of(args), costs_of(args))


def write(args, plain):
    if args.output:
        Path(args.output).write_bytes(plain)
    print(f"{len(plain)} bytes")


def command_block(args):
    data, policy = file(args.file), Policy(args.max_block, args.max_window)
    if args.metakey:
        plain = open_metadata(data, args.metakey, args.restore_point_id, policy)
    elif args.master_key:
        policy.lowest_version = 1
        plain = open_v1(data, args.master_key, args.wrapped_key, policy)
    else:
        expected = Expected(args.expect_id_type, args.expect_id, args.expect_commitment)
        header, plain = open_block(data, args.session_key, policy, expected)
        print(f"block id type {header.id_type}, {header.block_id.hex()}")
    write(args, plain)


def print_stanzas(record):
    for stanza in record.stanzas:
        told = describe(stanza)
        more = [f"{name} {value.hex() if isinstance(value, bytes) else value}"
                for name, value in told.items() if name not in ("type", "id")]
        print(", ".join([f"stanza     type {stanza.type}",
                         f"recipient {key_id_text(stanza.recipient_id)}", *more]))


def command_recipients(args):
    """Needs no key."""
    data = file(args.file)
    own = data[4] if data[4:5] and data[4] in (CHALLENGE, REPOSITORY_RECORD) else KEY_RECORD
    print_stanzas(parse_record(data, own))


def command_slots(args):
    expected = ExpectedSlot(args.object_type, args.instance_id, args.scope_id)
    areas, keys, trace = (file(args.slot_a), file(args.slot_b)), [key_of(args)], {}
    try:
        choice = choose(*areas, keys, expected, args.lowest_generation, trace)
    finally:
        print(f"slot a: {trace['status_a']}\nslot b: {trace['status_b']}")
    print(f"slot {choice.slot}, generation {choice.record.generation}"
          + (", fallen back" if choice.fallen_back else "")
          + (", settled" if choice.settled else ""))


def command_record(args):
    data = file(args.file)
    object_type = REPOSITORY_RECORD if args.repository else KEY_RECORD
    record = open_record(data, object_type, [key_of(args)], args.instance_id,
                         args.lowest_generation, args.restore_point_id)
    print(f"instance   {record.instance_id.hex()}\nscope      {record.scope_id.hex()}")
    print(f"generation {record.generation}")
    print_stanzas(record)
    for session in record.sessions:
        print(f"session    {session.hex()}")
    for epoch in record.id_keys:
        print(f"id key     epoch {epoch}")
    if args.show_keys:
        print(f"metakey    {record.metakey.hex()}")
        for session, key in record.sessions.items():
            print(f"key        {session.hex()} {key.hex()}")


def command_manifest(args):
    manifest = open_manifest(file(args.file), args.metakey, args.restore_point_id,
                             args.lowest_generation)
    for e in manifest.entries:
        print(f"{e.position} hole" if e.kind == KIND_HOLE else
              f"{e.position} version {e.version} id {e.block_id.hex()} {e.plain_length} bytes")
    print(f"generation {manifest.generation}, image of {manifest.image_size} bytes, root holds")


def command_origin(args):
    data = file(args.signature) if Path(args.signature).is_file() else None
    key = read_public_key(file(args.origin_key)) if args.origin_key else None
    recipients = []
    if args.record:
        record = parse_record(file(args.record), KEY_RECORD)
        recipients = [stanza.recipient_id for stanza in record.stanzas]
    manifest = open_signed_manifest(file(args.manifest), args.metakey, args.restore_point_id)
    print(judge_origin(data, file(args.manifest), manifest, key, recipients,
                       Policy(demand_origin=args.demand)))


def command_kit(args):
    data = file(args.file)
    if data[0:4] != MAGIC:
        data = kittext.read_text(data)
    kit, word = parse_kit(data), password_of(args)
    if args.text or args.qr:
        print(kittext.write_qr(data) if args.qr else kittext.write_lines(data), end="")
        return
    print(f"key kind {kit.kind}, {key_id_text(kit.key_id)}\n{kit.cost}")
    if word is None:
        return
    key = open_kit(data, word, costs_of(args))
    if args.output:
        Path(args.output).write_bytes(key.kek if isinstance(key, Kek) else key.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    print("the passphrase opens it")


def command_challenge(args):
    data = file(args.file) if Path(args.file).is_file() else None
    v = judge(data, key_of(args), args.instance_id, args.lowest_generation,
              KEY_RECORD if args.key_record else CHALLENGE)
    print(v.verdict if not v.expected_id else
          f"{v.verdict}: expected {key_id_text(v.expected_id)}, found "
          + (key_id_text(v.found_id) if v.found_id else "a password"))
    if v.error:
        print(v.error, file=sys.stderr)
    return 0 if v.verdict == "match" else 1


def command_point(args):
    directory = Path(args.directory)
    policy = Policy(lowest_version=args.lowest_version)
    print("\n".join(restore(args.repo or directory / "repo", args.keys or directory / "keys",
                            args.id, args.image, policy)))


def command_vectors(args):
    passed, failed = run_directory(args.directory)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


# -- The command line ------------------------------------------------------------------------------

def hexes(sub, *names):
    for name in names:
        sub.add_argument(name, type=bytes.fromhex, metavar="HEX")


def passwords(sub, group):
    group.add_argument("--password", metavar="TEXT")
    group.add_argument("--password-file", metavar="FILE", help="every byte of it counts")
    for name in ("max_iterations", "max_memory", "max_passes"):
        sub.add_argument("--" + name.replace("_", "-"), type=int, default=getattr(Policy, name))


def keys(sub):
    group = sub.add_mutually_exclusive_group(required=True)
    group.add_argument("--kek", type=bytes.fromhex, metavar="HEX")
    group.add_argument("--key", metavar="FILE", help="private key (PEM, DER) or KEK file")
    group.add_argument("--external", nargs=2, metavar=("NAME", "COMMAND"),
                       help="the command reads `sealed` and writes the stanza KEK")
    passwords(sub, group)


def add_records(command):
    """The commands that need no more than records and keys."""
    sub = command("record", command_record, "file")
    keys(sub)
    hexes(sub, "--instance-id", "--restore-point-id")
    sub.add_argument("--lowest-generation", type=int)
    sub.add_argument("--repository", action="store_true", help="a repository record")
    sub.add_argument("--show-keys", action="store_true")

    command("recipients", command_recipients, "file")

    sub = command("slots", command_slots, "slot_a", "slot_b")
    keys(sub)
    hexes(sub, "--instance-id", "--scope-id")
    sub.add_argument("--object-type", type=int, default=KEY_RECORD)
    sub.add_argument("--lowest-generation", type=int)

    sub = command("challenge", command_challenge, "file")
    keys(sub)
    hexes(sub, "--instance-id")
    sub.add_argument("--lowest-generation", type=int)
    sub.add_argument("--key-record", action="store_true", help="judge a key record")

    sub = command("kit", command_kit, "file")
    passwords(sub, sub.add_mutually_exclusive_group())
    sub.add_argument("--text", action="store_true", help="write it as lines")
    sub.add_argument("--qr", action="store_true", help="write it as a QR code's text")
    sub.add_argument("-o", "--output", metavar="FILE", help="a KEK file or private key (PEM)")


def add_points(command):
    """The commands that read blocks and manifests."""
    sub = command("block", command_block, "file")
    hexes(sub, "--session-key", "--expect-id", "--expect-commitment", "--metakey",
          "--restore-point-id", "--master-key", "--wrapped-key")
    sub.add_argument("--expect-id-type", type=int)
    sub.add_argument("--max-block", type=int, default=LARGEST_BLOCK)
    sub.add_argument("--max-window", type=int, default=LARGEST_BLOCK)
    sub.add_argument("-o", "--output")

    sub = command("manifest", command_manifest, "file")
    hexes(sub, "--metakey", "--restore-point-id")
    sub.add_argument("--lowest-generation", type=int)

    sub = command("origin", command_origin, "signature", "manifest")
    hexes(sub, "--metakey", "--restore-point-id")
    sub.add_argument("--origin-key", metavar="FILE", help="public key (PEM, DER)")
    sub.add_argument("--record", metavar="FILE", help="the key record, for its recipients")
    sub.add_argument("--demand", action="store_true", help="the policy demands an origin")

    sub = command("point", command_point, "directory", "id", "image")
    sub.add_argument("--repo")
    sub.add_argument("--keys")
    sub.add_argument("--lowest-version", type=int, default=2)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name, function, *positional):
        sub = commands.add_parser(name)
        sub.set_defaults(function=function)
        for argument in positional:
            sub.add_argument(argument)
        return sub

    add_records(command)
    add_points(command)
    command("vectors", command_vectors, "directory")
    return parser.parse_args()


def main():
    args = arguments()
    try:
        return args.function(args) or 0
    except FormatError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
