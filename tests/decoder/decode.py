#!/usr/bin/env python3
"""An educational decoder of the Coffre format, written from docs/FORMAT.md alone.

It wants to be read rather than to be fast: every function names the section that it follows.
"""

import argparse
import sys
from pathlib import Path

from block import Expected, open_block, open_metadata, open_v1
from challenge import judge
from keyfile import Kek, key_id_text, read_key
from manifest import KIND_HOLE, open_manifest
from notation import (
    CHALLENGE, KEY_RECORD, LARGEST_BLOCK, REPOSITORY_RECORD, FormatError, Policy,
)
from point import restore
from record import open_record
from vectors import run_directory


def file(name):
    return Path(name).read_bytes()


def key_of(args):
    return Kek(args.kek) if args.kek else read_key(file(args.key))


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


def command_record(args):
    data = file(args.file)
    object_type = REPOSITORY_RECORD if args.repository else KEY_RECORD
    record = open_record(data, object_type, [key_of(args)], args.instance_id,
                         args.lowest_generation, args.restore_point_id)
    print(f"instance   {record.instance_id.hex()}\nscope      {record.scope_id.hex()}")
    print(f"generation {record.generation}")
    for stanza in record.stanzas:
        print(f"stanza     type {stanza.type}, recipient {key_id_text(stanza.recipient_id)}")
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


def command_challenge(args):
    data = file(args.file) if Path(args.file).is_file() else None
    v = judge(data, key_of(args), args.instance_id, args.lowest_generation,
              KEY_RECORD if args.key_record else CHALLENGE)
    print(v.verdict if not v.expected_id else
          f"{v.verdict}: expected {key_id_text(v.expected_id)}, found {key_id_text(v.found_id)}")
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


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name, function, *positional):
        sub = commands.add_parser(name)
        sub.set_defaults(function=function)
        for argument in positional:
            sub.add_argument(argument)
        return sub

    def hexes(sub, *names):
        for name in names:
            sub.add_argument(name, type=bytes.fromhex, metavar="HEX")

    def keys(sub):
        group = sub.add_mutually_exclusive_group(required=True)
        group.add_argument("--kek", type=bytes.fromhex, metavar="HEX")
        group.add_argument("--key", metavar="FILE", help="private key (PEM, DER) or KEK file")

    sub = command("block", command_block, "file")
    hexes(sub, "--session-key", "--expect-id", "--expect-commitment", "--metakey",
          "--restore-point-id", "--master-key", "--wrapped-key")
    sub.add_argument("--expect-id-type", type=int)
    sub.add_argument("--max-block", type=int, default=LARGEST_BLOCK)
    sub.add_argument("--max-window", type=int, default=LARGEST_BLOCK)
    sub.add_argument("-o", "--output")

    sub = command("record", command_record, "file")
    keys(sub)
    hexes(sub, "--instance-id", "--restore-point-id")
    sub.add_argument("--lowest-generation", type=int)
    sub.add_argument("--repository", action="store_true", help="a repository record")
    sub.add_argument("--show-keys", action="store_true")

    sub = command("manifest", command_manifest, "file")
    hexes(sub, "--metakey", "--restore-point-id")
    sub.add_argument("--lowest-generation", type=int)

    sub = command("challenge", command_challenge, "file")
    keys(sub)
    hexes(sub, "--instance-id")
    sub.add_argument("--lowest-generation", type=int)
    sub.add_argument("--key-record", action="store_true", help="judge a key record")

    sub = command("point", command_point, "directory", "id", "image")
    sub.add_argument("--repo")
    sub.add_argument("--keys")
    sub.add_argument("--lowest-version", type=int, default=2)

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
