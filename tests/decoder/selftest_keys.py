"""The self-test of section 8.1 of docs/FORMAT.md: key files and key ids."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat,
)

import encoder as e
import keyfile
from selftest_base import EPHEMERAL, KEK, PAIR, breaks, flip, opens


def test_keys():
    der = PAIR.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    pem = PAIR.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    spki = PAIR.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    spki_pem = PAIR.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    opens("private key, DER", lambda: keyfile.read_key(der).id, e.p256_id(PAIR))
    opens("private key, PEM", lambda: keyfile.read_key(pem).id, e.p256_id(PAIR))
    opens("public key, DER", lambda: keyfile.read_public_key(spki).id, e.p256_id(PAIR))
    opens("public key, PEM", lambda: keyfile.read_public_key(spki_pem).id, e.p256_id(PAIR))
    opens("KEK file", lambda: keyfile.read_key(KEK).id, e.kek_id(KEK))
    opens("printed key id", lambda: keyfile.key_id_text(bytes(range(16))),
          "0001-0203-0405-0607-0809-0a0b-0c0d-0e0f")

    scalar, order = PAIR.private_numbers().private_value.to_bytes(32), keyfile.ORDER.to_bytes(32)

    def broken(kind, name, function):
        breaks("K1", kind, name, function)

    sec1_pem = PAIR.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    opens("private key, SEC 1", lambda: keyfile.read_key(sec1_pem).id, e.p256_id(PAIR))

    for value, name in ((bytes(32), "0"), (order, "n"), (b"\xff" * 32, "2^256-1")):
        broken("invalid key", f"private scalar {name}",
               lambda: keyfile.read_private_key(der.replace(scalar, value)))
    other = e.point_of(EPHEMERAL)
    broken("invalid key", "another public key inside",
           lambda: keyfile.read_private_key(der.replace(e.point_of(PAIR), other)))
    broken("invalid key", "point not on the curve", lambda: keyfile.read_public_key(flip(spki, 90)))
    broken("unsupported key", "point at infinity", lambda: keyfile.PublicKey(b"\0"))
    broken("unsupported key", "compressed point", lambda: keyfile.PublicKey(b"\2" + other[1:33]))
    broken("bad key file", "bytes after the key", lambda: keyfile.read_private_key(der + b"\0"))
    broken("bad key file", "cut off", lambda: keyfile.read_private_key(der[:-1]))
    other_curve = ec.generate_private_key(ec.SECP256K1()).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    broken("unsupported key", "another curve", lambda: keyfile.read_private_key(other_curve))
    broken("bad key file", "another PEM label", lambda: keyfile.read_private_key(spki_pem))
    broken("bad key file", "KEK of 31 bytes", lambda: keyfile.Kek(KEK[:31]))
