"""HPKE (RFC 9180), base mode, single shot, with the one suite of section 4 of docs/FORMAT.md:
DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from notation import expand256, extract256

KEM_SUITE = b"KEM\x00\x10"
HPKE_SUITE = b"HPKE\x00\x10\x00\x01\x00\x02"


def labeled_extract(suite, salt, label, ikm):
    """RFC 9180, 4."""
    return extract256(salt, b"HPKE-v1" + suite + label + ikm)


def labeled_expand(suite, prk, label, info, size):
    """RFC 9180, 4."""
    return expand256(prk, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size)


def shared_secret(dh, enc, public_point):
    """RFC 9180, 4.1: ExtractAndExpand."""
    prk = labeled_extract(KEM_SUITE, b"", b"eae_prk", dh)
    return labeled_expand(KEM_SUITE, prk, b"shared_secret", enc + public_point, 32)


def key_schedule(secret, info):
    """RFC 9180, 5.1, mode_base: the AEAD's key and base nonce."""
    context = (b"\x00" + labeled_extract(HPKE_SUITE, b"", b"psk_id_hash", b"")
               + labeled_extract(HPKE_SUITE, b"", b"info_hash", info))
    secret = labeled_extract(HPKE_SUITE, secret, b"secret", b"")
    return (labeled_expand(HPKE_SUITE, secret, b"key", context, 32),
            labeled_expand(HPKE_SUITE, secret, b"base_nonce", context, 12))


def decap(private_key, public_point, enc):
    """RFC 9180, 4.1: Decap. ValueError when enc is no point of the curve."""
    ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), enc)
    return shared_secret(private_key.exchange(ec.ECDH(), ephemeral), enc, public_point)


def open_base(private_key, public_point, enc, info, aad, ciphertext):
    """RFC 9180, 6.1: OpenBase; None when it does not open."""
    try:
        key, nonce = key_schedule(decap(private_key, public_point, enc), info)
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except (ValueError, InvalidTag):
        return None
