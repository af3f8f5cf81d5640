"""The public-key stanza (docs/FORMAT.md 4.1, type 2) by pyhpke, an HPKE of other authors, in the
place of tests/decoder/hpke.py. The rest of a record is read and written by tests/decoder.

Usage: peer.py open PRIVATE DIRECTORY         opens each record, says what is in it
       peer.py refuse PRIVATE DIRECTORY       opens each record's stanza in every wrong way
       peer.py make PUBLIC DIRECTORY COUNT    makes records, says what the library must say of them
       peer.py forge PUBLIC DIRECTORY         makes records sealed in every wrong way

A line of output is 'NAME TYPE INSTANCE SCOPE GENERATION ENTRY...', as hpke_records.c prints it, or
'NAME VERDICT'. An entry is its type, a colon and its id.
"""

import pathlib
import sys
from random import SystemRandom

from cryptography.hazmat.primitives.asymmetric import ec
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey, KEMKeyPair, OpenError

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "decoder"))
import encoder as e  # noqa: E402
from keyfile import read_private_key, read_public_key  # noqa: E402
from notation import (  # noqa: E402
    CHALLENGE, KEY_RECORD, PURPOSE_METAKEY, PURPOSE_STORAGE_KEY, REPOSITORY_RECORD, hmac256,
    record_mac_key, storage_key_commitment, unwrap,
)
from record import parse_record, unwrap_entries  # noqa: E402

TYPES = (KEY_RECORD, CHALLENGE, REPOSITORY_RECORD)
# What another stanza's HPKE would have differently.
WRONG = ("scope", "type", "recipient", "label", "no-info", "aad", "aead", "kdf", "second-message")
rng = SystemRandom()


# -- HPKE ------------------------------------------------------------------------------------------

def terms(object_type, scope_id, recipient_id, wrong=None):
    """Suite, info and aad of 4.1, or one of them wrong."""
    def other(data):
        return data[:-1] + bytes([data[-1] ^ 1])

    label = b"coffre/v3/hpke" if wrong == "label" else b"coffre/v2/hpke"
    object_type = object_type % 6 + 1 if wrong == "type" else object_type
    scope_id = other(scope_id) if wrong == "scope" else scope_id
    recipient_id = other(recipient_id) if wrong == "recipient" else recipient_id
    info = label + bytes([object_type]) + scope_id + recipient_id
    suite = CipherSuite.new(
        KEMId.DHKEM_P256_HKDF_SHA256,
        KDFId.HKDF_SHA512 if wrong == "kdf" else KDFId.HKDF_SHA256,
        AEADId.CHACHA20_POLY1305 if wrong == "aead" else AEADId.AES256_GCM)
    return suite, b"" if wrong == "no-info" else info, b"\0" if wrong == "aad" else b""


def hpke_open(private, stanza, place, wrong=None):
    suite, info, aad = terms(*place, stanza.recipient_id, wrong)
    key = KEMKey.from_pyca_cryptography_key(private.key)
    context = suite.create_recipient_context(stanza.enc, key, info)
    if wrong == "second-message":
        context.open(stanza.ct, aad)
    return context.open(stanza.ct, aad)


def hpke_seal(public, stanza_kek, place, wrong=None, ephemeral=None):
    suite, info, aad = terms(*place, public.id, wrong)
    key = KEMKey.from_pyca_cryptography_key(public.key)
    enc, context = suite.create_sender_context(key, info, eks=ephemeral)
    if wrong == "second-message":
        context.seal(stanza_kek, aad)
    return enc, context.seal(stanza_kek, aad)


def ephemeral_of_short_secret(public):
    """A pair whose Diffie-Hellman result begins with a zero byte, which nobody may drop."""
    while True:
        pair = ec.generate_private_key(ec.SECP256R1())
        if pair.exchange(ec.ECDH(), public.key)[0] == 0:
            return KEMKeyPair(*map(KEMKey.from_pyca_cryptography_key, (pair, pair.public_key())))


# -- Records ---------------------------------------------------------------------------------------

def describe(name, record):
    entries = sorted((entry.type, entry.id) for entry in record.entries)
    print(name, record.object_type, record.instance_id.hex(), record.scope_id.hex(),
          record.generation, *(f"{kind}:{ident.hex()}" for kind, ident in entries))


def stanza_of(private, record):
    return next(s for s in record.stanzas if (s.type, s.recipient_id) == (2, private.id))


def open_record(private, record):
    """[R6], [R7]: all that proves that the storage key is the one."""
    place, stanza = (record.object_type, record.scope_id), stanza_of(private, record)
    stanza_kek = hpke_open(private, stanza, place)
    record.storage_key = unwrap(stanza_kek, *place, PURPOSE_STORAGE_KEY, private.id, stanza.wrapped)
    assert record.storage_key, "the storage key does not unwrap"
    assert storage_key_commitment(record.storage_key, *place) == record.commitment, "commitment"
    assert hmac256(record_mac_key(record.storage_key, *place), record.mac_input) == record.mac
    assert unwrap(record.storage_key, *place, PURPOSE_METAKEY, bytes(16), record.wrapped_metakey)
    unwrap_entries(record)
    assert len(record.sessions) + len(record.id_keys) == len(record.entries), "an entry is missing"


def make_record(public, object_type, wrong=None, ephemeral=None):
    instance_id, storage_key, stanza_kek = map(rng.randbytes, (16, 32, 32))
    scope_id = rng.randbytes(16) if object_type == KEY_RECORD else instance_id
    place = object_type, scope_id
    enc, ct = hpke_seal(public, stanza_kek, place, wrong, ephemeral)
    wrapped = e.wrap(stanza_kek, *place, PURPOSE_STORAGE_KEY, public.id, storage_key)
    stanzas = [e.stanza(2, (0x10, 1, 2), public.id, enc + ct + wrapped)]
    if rng.randrange(2):                                    # another recipient, before or after
        stanzas.insert(rng.randrange(2), e.stanza_kek(rng.randbytes(32), *place, storage_key))
    entries = []
    if object_type != CHALLENGE:
        entries += [e.session_entry(storage_key, *place, rng.randbytes(32))
                    for _ in range(rng.randrange(5))]
    if object_type == REPOSITORY_RECORD:
        entries += [e.id_key_entry(storage_key, *place, epoch, rng.randbytes(32))
                    for epoch in (1, 256, rng.randrange(257, 2**64))]
    entries.sort(key=lambda entry: (entry[0:2], entry[8:24]))
    return e.record(object_type, instance_id, scope_id, rng.randrange(1, 2**63), storage_key,
                    rng.randbytes(32), stanzas, entries)


# -- Commands --------------------------------------------------------------------------------------

def records(directory):
    for path in sorted(directory.glob("*.rec")):
        data = path.read_bytes()
        yield path.stem, parse_record(data, data[4])


def open_all(private, directory):
    for name, record in records(directory):
        try:
            open_record(private, record)
            describe(name, record)
        except Exception as error:                          # a line of its own, and on to the next
            print(name, type(error).__name__, error)


def refuse_all(private, directory):
    for name, record in records(directory):
        stanza, place = stanza_of(private, record), (record.object_type, record.scope_id)
        for wrong in WRONG:
            try:
                hpke_open(private, stanza, place, wrong)
                print(f"{name}-{wrong} opened")
            except OpenError:
                print(f"{name}-{wrong} refused")


def make_all(public, directory, count):
    for i in range(count):
        ephemeral = ephemeral_of_short_secret(public) if i < len(TYPES) else None
        data = make_record(public, TYPES[i % 3], ephemeral=ephemeral)
        name = f"python-{i:02}" + ("-short-secret" if ephemeral else "")
        (directory / f"{name}.rec").write_bytes(data)
        describe(name, parse_record(data, data[4]))


def forge_all(public, directory):
    for object_type in TYPES:
        for wrong in WRONG:
            name = f"forged-{object_type}-{wrong}"
            data = make_record(public, object_type, wrong)
            (directory / f"{name}.rec").write_bytes(data)
            print(name, "COFFRE_ERR_NOT_AUTHENTIC")


def main(command, key_file, directory, count="0"):
    key, directory = pathlib.Path(key_file).read_bytes(), pathlib.Path(directory)
    if command == "open":
        open_all(read_private_key(key), directory)
    elif command == "refuse":
        refuse_all(read_private_key(key), directory)
    elif command == "make":
        make_all(read_public_key(key), directory, int(count))
    elif command == "forge":
        forge_all(read_public_key(key), directory)
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
