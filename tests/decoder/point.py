"""A restore point in a repository directory, opened whole. Sections 3 to 6 of docs/FORMAT.md.

    repo/repository.rec    repo/points/<restore point id>/{keys.rec,manifest,metadata}
    repo/blocks/**/<block id>.<session id>                  keys/private.pem
"""

import os
from pathlib import Path

from block import HASH, Expected, check_version, open_block, open_metadata, open_v0
from keyfile import read_key
from manifest import KIND_HOLE, open_manifest
from notation import (
    KEY_RECORD, REPOSITORY_RECORD, Foreign, MissingKey, MissingObject, NotAuthentic, Policy,
    UnexpectedBlock, hmac256, same, sha256,
)
from record import open_record


def read(path):
    if not path.is_file():
        raise MissingObject("M6", f"{path.name} is not there")
    return path.read_bytes()


def open_sealed_metadata(directory, manifest, metakey, policy):
    """Sections 5 and 6: the metadata digest, then the metadata; None when there is none."""
    path = directory / "metadata"
    if manifest.metadata_digest == bytes(32):
        if path.exists():
            raise NotAuthentic("M7", "there is metadata, but the manifest knows none")
        return None
    sealed = read(path)
    if not same(sha256(sealed), manifest.metadata_digest):
        raise NotAuthentic("M7", "the metadata's digest does not fit")
    return open_metadata(sealed, metakey, manifest.restore_point_id, policy)


def open_entry(entry, data, manifest, sessions, policy):
    """One block: [B1], its content digest, [B2] to [B9]; versions 0 and 2."""
    check_version(entry.version, policy)
    if manifest.digests:
        covered = data[:-8] if entry.version == 2 else data
        if not same(sha256(covered), entry.digest):
            raise NotAuthentic("M7", f"the content digest of block {entry.position} does not fit")
    if entry.version == 2:
        expected = Expected(entry.id_type, entry.block_id, entry.commitment)
        header, plain = open_block(data, sessions, policy, expected)
        if header.session_id != entry.session_id:
            raise UnexpectedBlock("B8", f"session {header.session_id.hex()}")
    elif entry.version == 0:
        plain = open_v0(data, policy)
    else:
        raise MissingKey("L2", f"block {entry.position}: a wrapped key stands in no repository")
    if len(plain) != entry.plain_length:
        raise UnexpectedBlock("B8", f"block {entry.position} has {len(plain)} bytes")
    return plain


def restore(repo, keys, name, image, policy=Policy()):
    """Opens everything of a restore point and writes `image`; returns what it found, as lines."""
    repo, directory = Path(repo), Path(repo) / "points" / name
    restore_point_id = bytes.fromhex(name.replace("-", ""))
    key = read_key(read(Path(keys) / "private.pem"))
    repository = open_record(read(repo / "repository.rec"), REPOSITORY_RECORD, [key])
    record = open_record(read(directory / "keys.rec"), KEY_RECORD, [key],
                         instance_id=repository.instance_id, scope_id=restore_point_id)
    manifest = open_manifest(read(directory / "manifest"), record.metakey, restore_point_id)
    if manifest.instance_id != record.instance_id:
        raise Foreign("M4", "the manifest's instance id is not the key record's")
    metadata = open_sealed_metadata(directory, manifest, record.metakey, policy)

    # The example program names a block by its id and session; FORMAT.md has no file names.
    files = {path.name: path for path in (repo / "blocks").rglob("*")}
    blocks = holes = by_id_key = 0
    part = Path(str(image) + ".part")
    with open(part, "wb") as out:
        out.truncate(manifest.image_size)
        for entry in manifest.entries:
            if entry.kind == KIND_HOLE:                                                     # [M6]
                holes += 1
                continue
            file = f"{entry.block_id.hex()}.{entry.session_id.hex()}"
            if file not in files:
                raise MissingObject("M6", f"block {file} is not there")
            data = read(files[file])
            plain = open_entry(entry, data, manifest, record.sessions, policy)
            if entry.id_type == HASH:
                by_id_key += any(same(hmac256(k, plain), entry.block_id)
                                 for k in repository.id_keys.values())
            out.seek(entry.position * manifest.block_size)
            out.write(plain)
            blocks += 1
    os.replace(part, image)
    return [
        f"repository: instance {repository.instance_id.hex()}, {len(repository.id_keys)} id keys",
        f"key record: generation {record.generation}, {len(record.sessions)} session keys",
        f"manifest: generation {manifest.generation}, {len(manifest.entries)} entries, root holds",
        f"metadata: {'none' if metadata is None else f'{len(metadata)} bytes'}",
        f"blocks: {blocks} opened, {by_id_key} fit an id key, {holes} holes",
        f"image: {manifest.image_size} bytes",
    ]
