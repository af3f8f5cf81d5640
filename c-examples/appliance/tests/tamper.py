"""What somebody does who holds keys of a backup, or only its files: for origin.sh and kit.sh.

    tamper.py content REPO KEYS POINT BLOCK-FILE    other content under the same key
    tamper.py manifest REPO KEYS POINT              two blocks exchanged, MACs made again
    tamper.py put FILE OFFSET HEX                   other bytes, and the checksum that fits
    tamper.py slips FILE                            the text of a kit, mistyped in many ways:
                                                    "bad line <tab> text", "|" for a line feed
    tamper.py blocks                                a QR code of half blocks from stdin, as PGM

The formats are those of tests/decoder, which knows nothing of the library.
"""

import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests" / "decoder"))


def open_point(repo, keys, point):
    from keyfile import read_key
    from notation import KEY_RECORD
    from record import open_record
    directory = Path(repo) / "points" / point
    key = read_key((Path(keys) / "private.pem").read_bytes())
    return directory, open_record((directory / "keys.rec").read_bytes(), KEY_RECORD, [key])


def content(repo, keys, point, block_file):
    """The salt and the header stay, so the key and the commitment do as well: FORMAT.md 3.1.1."""
    from block import CHUNK, open_block
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from encoder import add_checksum
    _, record = open_point(repo, keys, point)
    data, trace = Path(block_file).read_bytes(), {}
    open_block(data, record.sessions, trace=trace)
    stored = bytearray(trace["stored"])
    assert len(stored) == struct.unpack_from("<Q", data, 16)[0], "a compressed block"
    stored[0] ^= 1
    stored[-1] ^= 1
    sealed = b""
    for i in range(len(stored) // CHUNK + 1):
        nonce = bytes(a ^ b for a, b in zip(trace["base_nonce"], i.to_bytes(12, "big")))
        part = bytes(stored[CHUNK * i:CHUNK * (i + 1)])
        sealed += AESGCM(trace["aead_key"]).encrypt(nonce, part, None)
    Path(block_file).write_bytes(add_checksum(data[:144] + sealed))


def manifest(repo, keys, point):
    from encoder import add_checksum, expand256, mac
    directory, record = open_point(repo, keys, point)
    data = bytearray((directory / "manifest").read_bytes())
    count, scope = struct.unpack_from("<Q", data, 64)[0], bytes(data[16:32])
    assert count <= 1024, "one segment is enough here"
    whole = [i for i in range(count) if data[112 + 128 * i + 8] == 1][:2]
    one, other = (slice(112 + 128 * i + 16, 112 + 128 * i + 128) for i in whole)
    data[one], data[other] = data[other], data[one]
    key = expand256(record.metakey, b"coffre/v2/manifest" + scope, 32)
    entries = bytes(data[112:112 + 128 * count])
    segment = mac(key, b"coffre/v2/segment" + scope + bytes(data[48:56])
                  + struct.pack("<QI", 0, count) + entries)
    root = mac(key, b"coffre/v2/root" + bytes(data[:112]) + struct.pack("<Q", 1) + segment)
    (directory / "manifest").write_bytes(add_checksum(bytes(data[:112]) + entries + segment + root))


def put(file, offset, value):
    from encoder import recheck
    data = bytearray(Path(file).read_bytes())
    at, value = int(offset), bytes.fromhex(value)
    data[at:at + len(value)] = value
    Path(file).write_bytes(recheck(bytes(data)))


def slips(file):
    lines = [line for line in Path(file).read_text().splitlines() if not line.startswith("#")]
    for i, line in enumerate(lines):
        head, body = line[:3], line[3:]

        def typed(text, number=i + 1, at=i):
            print(number, "|".join(lines[:at] + [text] + lines[at + 1:]), sep="\t")
        letters = [at for at, c in enumerate(body) if c != " "]
        for at in letters[::4]:
            typed(head + body[:at] + ("q" if body[at] != "q" else "p") + body[at + 1:])
            typed(head + body[:at] + body[at + 1:])                                 # left out
            typed(head + body[:at] + body[at] + body[at:])                          # twice
            typed(head + body[:at] + "b" + body[at + 1:])           # a letter that the text has not
        pairs = [(a, b) for a, b in zip(letters, letters[1:]) if body[a] != body[b]]
        for a, b in pairs[::5]:
            typed(head + body[:a] + body[b] + body[a + 1:b] + body[a] + body[b + 1:])
        typed(head)
        typed(body.strip())                                                         # no number
        other = lines[(i + 1) % 8]
        typed(head + other[3:])                                 # another line's letters
        print(i + 1, "|".join(lines[:i] + lines[i + 1:]), sep="\t")                 # left out


def blocks():
    rows = []
    for line in sys.stdin.read().splitlines():
        rows.append([c in "\u2580\u2588" for c in line])
        rows.append([c in "\u2584\u2588" for c in line])
    scale = 4
    out = sys.stdout.buffer
    out.write(b"P5 %d %d 255\n" % (len(rows[0]) * scale, len(rows) * scale))
    for row in rows:
        out.write(b"".join((b"\xff" if light else b"\0") * scale for light in row) * scale)


if __name__ == "__main__":
    {"content": content, "manifest": manifest, "put": put, "slips": slips,
     "blocks": blocks}[sys.argv[1]](*sys.argv[2:])
