"""Bech32m, written out from BIP 350 and, for what that takes over, BIP 173: data are numbers of 5
bits. It knows nothing of cases, lengths or kits."""

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATORS = (0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)
FINAL = 0x2bc830a3
CHECK = 6                                                   # characters


def polymod(values):
    """BIP 173: the remainder of a polynomial over GF(32)."""
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1ffffff) << 5 ^ value
        for i, generator in enumerate(GENERATORS):
            remainder ^= generator if top >> i & 1 else 0
    return remainder


def expand(human):
    """BIP 173: the human-readable part as the check sees it."""
    return [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human]


def encode(human, values):
    """The characters after the separator: the data and their check."""
    rest = polymod(expand(human) + values + [0] * CHECK) ^ FINAL
    check = [rest >> 5 * (CHECK - 1 - i) & 31 for i in range(CHECK)]
    return "".join(ALPHABET[value] for value in values + check)


def decode(human, text):
    """The data of lower-case characters after the separator; None when the check fails."""
    if len(text) < CHECK or any(c not in ALPHABET for c in text):
        return None
    values = [ALPHABET.index(c) for c in text]
    return values[:-CHECK] if polymod(expand(human) + values) == FINAL else None
