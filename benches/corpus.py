#!/usr/bin/env python3
"""Makes a corpus like a disk image from this machine's files: the same bytes each time, as long as
the files stay the same.

Usage: corpus.py OUT [MIB]   (96 MiB unless told)

Of 32 parts 12 are binaries, 10 text and source code, 5 files that are compressed already, 5 zeros,
in extents of 128 KiB to 4 MiB by chance. Files lie as tar puts them: a name, the content, zeros to
the next 512 bytes. What a kind lacks on this machine, random bytes (compressed files) or more
zeros (others) make up for; the last line says how much of each kind was found.
"""

import os
import random
import sys

KIB, MIB = 1 << 10, 1 << 20
EXTENTS = [128 * KIB, 256 * KIB, 512 * KIB, MIB, 2 * MIB, 4 * MIB]
FILE_MAX = 4 * MIB
SECTOR = 512
CARGO = os.path.expanduser(os.environ.get("CARGO_HOME", "~/.cargo"))
PACKED = (".gz", ".xz", ".zst", ".bz2", ".zip", ".png", ".jpg", ".crate", ".whl", ".deb")
OBJECTS = (".so", ".a", ".o", ".bin", ".rlib", ".pyc")
BINARIES = ["/usr/bin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
TEXT = ["/usr/share/doc", "/usr/include", "/usr/share/perl", "/usr/lib/python3"]
TEXT.append(CARGO + "/registry/src")
COMPRESSED = ["/usr/share/doc", "/usr/share/man", CARGO + "/registry/cache", "/var/cache/apt"]


def names(directories, wanted):
    """The regular files below that have a wanted name, shuffled in the same way each time."""
    found = []
    for directory in directories:
        for path, below, files in os.walk(directory):
            below.sort()
            paths = (os.path.join(path, name) for name in sorted(files) if wanted(name))
            found.extend(p for p in paths if os.path.isfile(p) and not os.path.islink(p))
    random.Random(7).shuffle(found)
    return found


def content(directories, size, wanted):
    """`size` bytes of such files, or fewer."""
    parts, length = [], 0
    for path in names(directories, wanted):
        try:
            with open(path, "rb") as file:
                data = file.read(FILE_MAX)
        except OSError:
            continue
        head = os.path.basename(path).encode()[:100].ljust(SECTOR, b"\0")
        parts.append(head + data + bytes(-len(data) % SECTOR))
        length += len(parts[-1])
        if length >= size:
            break
    return b"".join(parts)[:size]


def main(out, total):
    part = total // 32
    kinds = {
        "binaries": content(BINARIES, 12 * part, lambda name: not name.endswith(PACKED)),
        "text": content(TEXT, 10 * part, lambda name: not name.endswith(PACKED + OBJECTS)),
        "compressed": content(COMPRESSED, 5 * part, lambda name: name.endswith(PACKED)),
    }
    found = ", ".join(f"{len(data) / MIB:.1f} MiB {kind}" for kind, data in kinds.items())
    lacking = 5 * part - len(kinds["compressed"])
    kinds["compressed"] += random.Random(1).randbytes(lacking)
    kinds["zeros"] = bytes(total - sum(map(len, kinds.values())))

    chance, extents = random.Random(42), []
    left = {kind: memoryview(data) for kind, data in kinds.items()}
    while any(left.values()):
        kind = chance.choices(list(left), weights=[len(rest) for rest in left.values()])[0]
        size = chance.choice(EXTENTS)
        extents.append(left[kind][:size])
        left[kind] = left[kind][size:]
    with open(out + ".new", "wb") as file:
        file.writelines(extents)
    os.rename(out + ".new", out)
    print(f"{out}: {total // MIB} MiB; of this machine's files {found}")


main(sys.argv[1], int(sys.argv[2]) * MIB if len(sys.argv) > 2 else 96 * MIB)
