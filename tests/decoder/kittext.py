"""Section 8.2 of docs/FORMAT.md: a recovery kit as text, typed or scanned. [T3]. What the 104 bytes
say it does not look at.
"""

import re

import bech32m
from notation import BadKitLine

LINES, BYTES = 8, 13                                        # in a kit; in a line
DATA, CHARACTERS = 21, 27                                   # 104 bits and one of padding; + check


def encode_line(number, part):
    """Thirteen bytes as 27 characters."""
    bits = int.from_bytes(part, "big") << 1                 # the padding bit is 0
    values = [bits >> 5 * (DATA - 1 - i) & 31 for i in range(DATA)]
    return bech32m.encode(f"kit{number}", values)


def decode_line(number, text):
    if len(text) != CHARACTERS:
        raise BadKitLine(number, f"{len(text)} characters")
    values = bech32m.decode(f"kit{number}", text)
    if values is None:
        raise BadKitLine(number, "another character, or the check fails")
    bits = 0
    for value in values:
        bits = bits << 5 | value
    if bits & 1:
        raise BadKitLine(number, "the padding bit is set")
    return (bits >> 1).to_bytes(BYTES, "big")


def coded_lines(kit):
    return [encode_line(i, kit[BYTES * (i - 1):BYTES * i]) for i in range(1, LINES + 1)]


def write_lines(kit):
    """To be printed: eight lines with groups of four characters, each ended by a line feed."""
    return "".join(f"{i}: {' '.join(re.findall('.{1,4}', line))}\n"
                   for i, line in enumerate(coded_lines(kit), 1))


def write_qr(kit):
    """To be scanned."""
    return "/".join(f"{i}:{line}" for i, line in enumerate(coded_lines(kit), 1)).upper()


def read_text(data):
    """[T3]: the 104 bytes of a kit, from bytes of text."""
    # Latin-1 keeps every byte a character of its own, so that only ASCII has cases and none of the
    # other characters turns into one of the alphabet.
    parts = {}
    text = re.sub("[ \t\r-]", "", data.decode("latin-1"))
    lines = re.split("[\n/]", re.sub("(?:^|(?<=/))#.*$", "", text, flags=re.MULTILINE))
    for place, line in enumerate(filter(None, lines), 1):
        if not re.match("[1-8]:", line):
            raise BadKitLine(place, "no number from 1 to 8 and a colon")
        number = int(line[0])
        if number in parts:
            raise BadKitLine(number, "it comes twice")
        parts[number] = decode_line(number, line[2:].lower())
    for number in range(1, LINES + 1):
        if number not in parts:
            raise BadKitLine(number, "it is not there")
    return b"".join(parts[number] for number in range(1, LINES + 1))
