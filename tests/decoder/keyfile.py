"""Section 8 of docs/FORMAT.md: key files and key ids. [K1]."""

import base64
import binascii
import re

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from notation import BadKeyFile, InvalidKey, UnsupportedKey, expand256, sha256

ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
OID_EC, OID_P256 = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06082a8648ce3d030107")
SPKI_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


def key_id_text(key_id):
    """Eight groups of four hexadecimal digits."""
    digits = key_id.hex()
    return "-".join(digits[i:i + 4] for i in range(0, 32, 4))


def v1_master_id(master_key):
    return expand256(master_key, b"coffre/v2/v1-master-id", 16)


class Kek:
    """A recipient of stanza type 1."""

    def __init__(self, kek):
        if len(kek) != 32:
            raise BadKeyFile("K1", f"a KEK of {len(kek)} bytes")
        self.kek = kek
        self.id = expand256(kek, b"coffre/v2/kek-id", 16)


class PublicKey:
    def __init__(self, point):
        """`point` is 04 || x || y. [K1]."""
        if len(point) != 65 or point[0] != 4:
            raise UnsupportedKey("K1", "no uncompressed point")
        try:
            self.key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError:
            raise InvalidKey("K1", "the point is not on the curve") from None
        self.point = point
        self.spki = SPKI_PREFIX + point
        self.id = sha256(self.spki)[0:16]


class PrivateKey:
    """A recipient of stanza type 2."""

    def __init__(self, scalar, point=None):
        """`point` is the public key that the file carries, if it does. [K1]."""
        if not 1 <= scalar < ORDER:
            raise InvalidKey("K1", "the private scalar is not in 1 .. n-1")
        self.key = ec.derive_private_key(scalar, ec.SECP256R1())
        own = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        if point is not None and point != own:
            raise InvalidKey("K1", "the public key in the file is not that of the private key")
        self.public = PublicKey(own)
        self.id = self.public.id


class Der:
    """As much DER as a PKCS#8 file needs."""

    def __init__(self, data):
        self.data = data

    def more(self, tag):
        return self.data[0:1] == bytes([tag])

    def take(self, tag):
        """The contents of the next element, which must have this tag."""
        if not self.more(tag) or len(self.data) < 2:
            raise BadKeyFile("K1", f"DER: no element with tag {tag:#x}")
        size, at = self.data[1], 2
        if size in (0x81, 0x82):
            at += size - 0x80
            size = int.from_bytes(self.data[2:at], "big")
        elif size >= 0x80:
            raise BadKeyFile("K1", "DER: a length that no key file has")
        value = self.data[at:at + size]
        if len(value) != size:
            raise BadKeyFile("K1", "DER: cut off")
        self.data = self.data[at + size:]
        return value

    def end(self):
        if self.data:
            raise BadKeyFile("K1", "DER: bytes after the last element")


def bits(value):
    """A BIT STRING without unused bits."""
    if value[0:1] != b"\x00":
        raise BadKeyFile("K1", "DER: unused bits")
    return value[1:]


def pem(text, labels):
    """RFC 7468: the bytes under one of these labels, or None."""
    label = "|".join(labels)
    match = re.search(rf"-----BEGIN ({label})-----\s([A-Za-z0-9+/=\s]*)-----END \1-----", text)
    try:
        return base64.b64decode("".join(match[2].split()), validate=True) if match else None
    except binascii.Error:
        raise BadKeyFile("K1", "PEM: no base64") from None


def to_der(data, *labels):
    if b"-----BEGIN " not in data:
        return data
    der = pem(data.decode("latin-1"), labels)
    if der is None:
        raise BadKeyFile("K1", f"PEM: no {labels[0]}")
    return der


def read_private_key(data):
    """PKCS#8 (RFC 5958, version 0 or 1) around ECPrivateKey, or ECPrivateKey alone; DER or PEM."""
    der = to_der(data, "PRIVATE KEY", "EC PRIVATE KEY")
    outer = Der(der)
    fields = Der(outer.take(0x30))
    outer.end()
    version = fields.take(0x02)
    if fields.more(0x04):                                   # SEC 1: must name its curve itself
        return private_key(*ec_private_key(der, curve=None), None)
    if version not in (b"\x00", b"\x01") or fields.take(0x30) != OID_EC + OID_P256:
        raise UnsupportedKey("K1", "no P-256 key")
    scalar, point = ec_private_key(fields.take(0x04), curve=OID_P256)
    if fields.more(0xa0):
        fields.take(0xa0)                                   # attributes say nothing about the key
    # RFC 5958's own public key.
    other = bits(fields.take(0x81)) if fields.more(0x81) else None
    fields.end()
    return private_key(scalar, point, other)


def ec_private_key(der, curve):
    """RFC 5915: scalar and public point; `curve` is what its parameters may leave out."""
    outer = Der(der)
    fields = Der(outer.take(0x30))
    outer.end()
    if fields.take(0x02) != b"\x01":
        raise BadKeyFile("K1", "ECPrivateKey of another version")
    scalar = fields.take(0x04)
    if fields.more(0xa0):
        curve = fields.take(0xa0)
    if curve != OID_P256:
        raise UnsupportedKey("K1", "another curve inside")
    if len(scalar) != 32:
        raise BadKeyFile("K1", "the private scalar has not 32 bytes")
    point = bits(Der(fields.take(0xa1)).take(0x03)) if fields.more(0xa1) else None
    fields.end()
    return scalar, point


def private_key(scalar, *points):
    key = PrivateKey(int.from_bytes(scalar, "big"))
    for point in points:
        if point is not None:
            PrivateKey(int.from_bytes(scalar, "big"), point)
    return key


def read_public_key(data):
    """SPKI (RFC 5480): 91 bytes of DER, or PEM."""
    der = to_der(data, "PUBLIC KEY")
    if len(der) != 91 or der[0:26] != SPKI_PREFIX:
        raise UnsupportedKey("K1", "no SPKI of an uncompressed P-256 point")
    return PublicKey(der[26:])


def read_key(data):
    """A KEK file is its 32 bytes; anything else is a private key."""
    return Kek(data) if len(data) == 32 else read_private_key(data)
