"""The self-test's published values: of the primitives, of RFCs and of BIP 350."""

import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

import bech32m
import encoder as e
import hpke
import keyfile
from notation import Policy
from origin import signature_holds
from password import Cost, derive
from selftest_base import opens


def test_primitives():
    h = bytes.fromhex("25629347589242761d31f826ba4b757b")                   # RFC 8452, appendix A
    x = bytes.fromhex("4f4f95668c83dfb6401762bb2d01a262d1a24ddd2721d006bbe45f20d3c9f362")
    opens("POLYVAL", lambda: e.polyval(h, x).hex(), "f7a3b47b846119fae5b7866cf5e5b77e")
    opens("POLYVAL of nothing", lambda: e.polyval(h, b""), bytes(16))


def test_passwords_published():
    opens("PBKDF2: RFC 7914, 11", lambda: derive(b"passwd", Cost(3, 1), b"salt", Policy()).hex(),
          "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
    opens("Argon2id: the reference implementation's test.c", lambda: derive(
        b"password", Cost(4, passes=2, memory=256, lanes=2), b"somesalt", Policy()).hex(),
        "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037")
    # RFC 9106, 5.3 has a secret and associated data, which derive() does not take.
    opens("Argon2id: RFC 9106, 5.3", lambda: Argon2id(
        salt=b"\2" * 16, length=32, iterations=3, lanes=4, memory_cost=32, ad=b"\4" * 12,
        secret=b"\3" * 8).derive(b"\1" * 32).hex(),
        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")


def test_ecdsa_published():
    """RFC 6979, A.2.5: P-256, SHA-256, "sample"."""
    scalar = 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721
    published = (0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716,
                 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8)
    pair = keyfile.PrivateKey(scalar)
    opens("ECDSA: signed", lambda: decode_dss_signature(pair.key.sign(
        b"sample", ec.ECDSA(hashes.SHA256(), deterministic_signing=True))), published)
    signature = b"".join(value.to_bytes(32) for value in published)
    opens("ECDSA: verified", lambda: signature_holds(pair.public, b"sample", signature), True)
    opens("ECDSA: another message", lambda: signature_holds(pair.public, b"simple", signature),
          False)


def test_bech32m():
    """BIP 350, test vectors; what concerns cases and the whole length is not bech32m.py's."""
    for text in ("a1lqfn3a", "an83characterlonghumanreadablepartthatcontainsthetheexcluded"
                 "charactersbioandnumber11sg7hg6", "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
                 "11" + "l" * 82 + "ludsr8", "?1v759aa",
                 "split1checkupstagehandshakeupstreamerranterredcaperredlc445v"):
        human, _, data = text.rpartition("1")
        opens(f"Bech32m: {text:.20}", lambda: bech32m.encode(human, bech32m.decode(human, data)),
              data)
    for text in ("y1b0jsk6g", "lt1igcx5c0", "in1muywd", "mm1crxm3i", "au1s5cgom", "m1vuxwez",
                 "a12uel5l"):                               # the last one is valid Bech32
        human, _, data = text.rpartition("1")
        opens(f"no Bech32m: {text}", lambda: bech32m.decode(human, data) is None, True)


def test_hpke(directory):
    """RFC 9180's vectors of our suite; a single shot is the first of their encryptions."""
    vectors = [v for path in sorted(directory.glob("*.json")) for v in json.loads(path.read_text())]
    opens("HPKE: there are vectors", lambda: len(vectors) > 0, True)
    for v in vectors:
        values = {k: bytes.fromhex(x) for k, x in v.items() if isinstance(x, str)}
        key = keyfile.PrivateKey(int.from_bytes(values["skRm"]))
        enc, first = values["enc"], v["encryptions"][0]
        opens("HPKE: public key", lambda: key.public.point, values["pkRm"])
        opens("HPKE: shared secret", lambda: hpke.decap(key.key, key.public.point, enc),
              values["shared_secret"])
        opens("HPKE: key, base nonce",
              lambda: hpke.key_schedule(values["shared_secret"], values["info"]),
              (values["key"], values["base_nonce"]))
        opens("HPKE: open", lambda: hpke.open_base(
            key.key, key.public.point, enc, values["info"], bytes.fromhex(first["aad"]),
            bytes.fromhex(first["ct"])), bytes.fromhex(first["pt"]))
