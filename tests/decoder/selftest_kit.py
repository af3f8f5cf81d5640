"""The self-test of section 8.2 of docs/FORMAT.md: recovery kits, as bytes and as text."""

import random

import bech32m
import encoder as e
import encoder_keys as k
import keyfile
import kittext
from kit import open_kit, parse_kit
from notation import BadKitLine, Policy
from selftest_base import KEK, PAIR, PAIR_KEY, SESSION, breaks, flip, opens, result, secret

WORD, SALT = b"on paper", secret("kit salt", 16)
SCALAR = PAIR.private_numbers().private_value.to_bytes(32)


def a_kit(kind=1, kdf=3, cost=(1000,), secret=KEK, key_id=None, **more):
    key_id = key_id or (e.kek_id(KEK) if kind == 1 else e.p256_id(PAIR))
    return k.kit(kind, kdf, cost, SALT, WORD, key_id, secret, **more)


GOOD = a_kit()
LINES = k.kit_text(GOOD).splitlines()


def test_kit():
    for kdf, cost in ((3, (1000,)), (4, (8, 1, 1)), (4, (130, 2, 16))):
        opens(f"kit of a KEK, kdf {kdf}", lambda: open_kit(a_kit(1, kdf, cost), WORD).kek, KEK)
        opens(f"kit of a key pair, kdf {kdf}",
              lambda: open_kit(a_kit(2, kdf, cost, SCALAR), WORD).id, PAIR_KEY.id)
    opens("a kit's size", lambda: len(GOOD), 104)
    opens("what a kit says without its passphrase", lambda: parse_kit(GOOD).key_id, e.kek_id(KEK))

    def broken(rule, kind, name, data, word=WORD, policy=Policy()):
        breaks(rule, kind, name, lambda: open_kit(data, word, policy))

    broken("O1", "malformed", "magic", e.recheck(e.put(0, b"X")(GOOD)))
    broken("O1", "malformed", "object type", e.recheck(e.put(4, b"\7")(GOOD)))
    broken("O2", "unsupported version", "kit", e.recheck(e.put(5, b"\1")(GOOD)))
    broken("O2", "unsupported suite", "kit", e.recheck(e.put(6, b"\2")(GOOD)))
    broken("O3", "damaged", "kit", flip(GOOD, 50))
    broken("O4", "malformed", "kit's reserved field", a_kit(change=e.put(10, b"\1")))
    broken("O4", "malformed", "kit's reserved field", a_kit(change=e.put(11, b"\1")))
    broken("O5", "malformed", "a byte behind the kit", GOOD + b"\0")
    broken("T1", "malformed", "103 bytes", e.add_checksum(GOOD[:95]))
    broken("T1", "malformed", "105 bytes", e.add_checksum(GOOD[:96] + b"\0"))
    for at, value, name in ((8, 0, "key kind 0"), (8, 3, "key kind 3"), (9, 0, "kdf 0"),
                            (9, 2, "kdf 2"), (9, 5, "kdf 5"), (16, 1, "memory with PBKDF2"),
                            (23, 1, "lanes with PBKDF2")):
        broken("T1", "malformed", name, a_kit(change=e.put(at, bytes([value]))))
    broken("T1", "malformed", "kdf 5 with Argon2id's cost",
           a_kit(kdf=4, cost=(8, 1, 1), change=e.put(9, b"\5")))
    for kdf, cost in ((3, (999,)), (4, (7, 1, 1)), (4, (8, 0, 1)), (4, (8, 1, 0)),
                      (4, (4_194_305, 1, 1)), (4, (136, 1, 17))):
        broken("R10", "malformed", f"kdf {kdf}: {cost}", a_kit(kdf=kdf, cost=cost, key=KEK))
    for kdf, cost in ((3, (10_000_001,)), (4, (1_048_577, 1, 1)), (4, (8, 17, 1))):
        broken("T1", "over cost", f"kdf {kdf}: {cost}", a_kit(kdf=kdf, cost=cost, key=KEK))
    broken("T1", "over cost", "policy", GOOD, policy=Policy(max_iterations=999))
    broken("T2", "wrong password", "kit", GOOD, b"in paper")
    broken("T2", "wrong password", "an altered key", e.recheck(flip(GOOD, 60)))
    broken("T2", "wrong password", "another key's id", e.recheck(flip(GOOD, 40)))
    broken("T2", "not authentic", "another KEK inside", a_kit(secret=SESSION))
    broken("T2", "not authentic", "a scalar for a KEK",
           a_kit(key_id=e.p256_id(PAIR), secret=SCALAR))
    broken("T2", "not authentic", "another scalar inside", a_kit(2, secret=secret("other")))
    for scalar in (bytes(32), keyfile.ORDER.to_bytes(32)):
        broken("K1", "invalid key", "no private scalar", a_kit(2, secret=scalar))


# -- Text: [T3] ------------------------------------------------------------------------------------

def read(lines, end="\n"):
    return kittext.read_text(end.join(lines).encode())


def test_kit_text():
    text = k.kit_text(GOOD)
    opens("text as written", lambda: kittext.write_lines(GOOD), text)
    opens("QR as written", lambda: kittext.write_qr(GOOD), k.kit_qr(GOOD))
    opens("how every kit begins", lambda: text[:17], "1: gd85 v5sg qgqs")
    opens("a kit's alphabet", lambda: set(k.kit_qr(GOOD)) <= set(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"), True)
    one_by_one = {
        "as written": text, "QR": k.kit_qr(GOOD), "upper case": text.upper(),
        "mixed case": "".join(c.upper() if i % 3 else c for i, c in enumerate(text)),
        "CR LF": text.replace("\n", "\r\n"), "no line feed at the end": text.rstrip(),
        "tabs and more blanks": "\t" + text.replace(" ", " \t  ").replace("1:", "1 :"),
        "minus signs": text.replace(" ", "-"), "one character a group": " ".join(k.kit_qr(GOOD)),
        "empty lines, comments": "\n# a kit: 2:x\n" + text.replace("\n", "\n \r\n  # x\n") + "//\n",
        "another order": "\n".join(LINES[::-1]), "QR and lines": "/".join(LINES[:4]) + "\n"
        + "\n".join(LINES[4:])}
    for name, variant in one_by_one.items():
        opens(f"text: {name}", lambda: kittext.read_text(variant.encode()), GOOD)


def bad(name, line, text):
    """[T3] names this line."""
    try:
        kittext.read_text(text if isinstance(text, bytes) else "\n".join(text).encode())
    except BadKitLine as error:
        return result(f"[T3] bad kit line: {name}",
                      None if error.line == line else f"found {error}")
    result(f"[T3] bad kit line: {name}", "it was read")


def swapped(number, line):
    """The text with another line of this number."""
    return [line if i == number else LINES[i - 1] for i in range(1, 9)]


def test_bad_kit_lines():
    bad("nothing at all", 1, [])
    for number in range(1, 9):
        bad(f"line {number} is not there", number, LINES[:number - 1] + LINES[number:])
        bad(f"line {number} twice", number, LINES + [LINES[number - 1]])
        line = LINES[number - 1]
        other = "2" if number == 1 else "1"
        bad(f"line {number} with another number", int(other), [other + line[1:]])
        bad("a character too many", number, swapped(number, line + "q"))
        bad("a character too few", number, swapped(number, line[:-1]))
        bad("a character that is none", number, swapped(number, line[:-1] + "b"))
        short = bech32m.encode(f"kit{number}", [0] * 20)
        bad("a fitting check of too few characters", number, swapped(number, f"{number}:{short}"))
        padded = f"{number}:" + k.kit_line(number, GOOD[13 * number - 13:13 * number], padding=1)
        bad("the padding bit", number, swapped(number, padded))
    for name, line in (("no number", LINES[2][2:]), ("number 0", "0:" + LINES[2][2:]),
                       ("number 9", "9:" + LINES[2][2:]), ("number 03", "0" + LINES[2]),
                       ("number 33", "3" + LINES[2]), ("no colon", "3" + LINES[2][2:]),
                       ("words", "keep this safe"), ("a colon alone", ":")):
        bad(name, 3, swapped(3, line))
    bad("its place does not count ignored lines", 3, ["# a kit", ""] + swapped(3, "words"))
    bad("its place counts lines that / ends", 3, "/".join(swapped(3, "words")).encode())
    bad("a number is enough", 3, swapped(3, "3:"))
    bad("the first bad line is named", 4, swapped(4, "4:x")[:7] + ["7:y"])
    for other in (b"\x0b", b"\0", b"\xa0", b"_", b".", "\u212a".encode()):
        bad(f"{other!r} is not ignored", 6, "\n".join(swapped(6, LINES[5] + "?")).encode()
            .replace(b"?", other))
    bad("a byte order mark", 1, b"\xef\xbb\xbf" + "\n".join(LINES).encode())


def test_kit_line_errors():
    """The check finds each wrong character, two that changed places, and up to four errors."""
    chance, alphabet = random.Random(8), "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    line = k.kit_lines(GOOD)[4]

    def taken(number, text):
        try:
            return bool(kittext.decode_line(number, text))
        except BadKitLine:
            return False

    singles = [line[:i] + c + line[i + 1:] for i in range(27) for c in alphabet if c != line[i]]
    opens("837 single errors", lambda: sum(taken(5, wrong) for wrong in singles), 0)
    numbers = [taken(number, line) for number in range(1, 9) if number != 5]
    opens("every other number", lambda: sum(numbers), 0)
    swaps = [line[:i] + line[i + 1] + line[i] + line[i + 2:] for i in range(26)
             if line[i] != line[i + 1]]
    opens("neighbours exchanged", lambda: sum(taken(5, wrong) for wrong in swaps), 0)

    def several(errors):
        wrong = list(line)
        for i in chance.sample(range(27), errors):
            wrong[i] = chance.choice(alphabet.replace(wrong[i], ""))
        return "".join(wrong)

    opens("2 to 4 errors", lambda: sum(
        taken(5, several(errors)) for errors in (2, 3, 4) for _ in range(500)), 0)
