"""Opens blocks of version 1 as backy2 2.13 does it, with other code than the library's.

Usage: backy2_peer.py DIRECTORY   (which programs/backy2_seal.c wrote)

Beyond what backy2 checks, the frame has to look as backy2's zstd would have made it: the content
size present, no checksum, one frame and nothing after it.
"""

import json
import pathlib
import sys

import zstandard
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

TAG = NONCE = 16


def open_block(master_key, enc_envkey, blob):
    """backy2.data_backends.encryption: aes_256_gcm with a wrapped key; then its zstd."""
    envelope_key = aes_key_unwrap(master_key, enc_envkey)
    tag, nonce, ciphertext = blob[:TAG], blob[TAG : TAG + NONCE], blob[TAG + NONCE :]
    decryptor = Cipher(algorithms.AES(envelope_key), modes.GCM(nonce, tag)).decryptor()
    frame = decryptor.update(ciphertext) + decryptor.finalize()
    parameters = zstandard.get_frame_parameters(frame)
    assert not parameters.has_checksum and parameters.dict_id == 0
    decompressor = zstandard.ZstdDecompressor().decompressobj()
    plain = decompressor.decompress(frame)
    assert decompressor.eof and not decompressor.unused_data
    assert parameters.content_size == len(plain)
    assert zstandard.ZstdDecompressor().decompress(frame) == plain
    return plain, envelope_key, nonce, frame


def main(directory):
    blocks = json.loads((directory / "list.json").read_text())
    keys, nonces, same_bytes = set(), set(), 0
    for block in blocks:
        blob = (directory / f"{block['name']}.blob").read_bytes()
        expected = (directory / f"{block['name']}.plain").read_bytes()
        for prefix in "", "new_":
            master_key = bytes.fromhex(block[prefix + "master_key"])
            wrapped = bytes.fromhex(block[prefix + "enc_envkey"])
            plain, key, nonce, frame = open_block(master_key, wrapped, blob)
            assert plain == expected, block["name"]
        keys.add(key)
        nonces.add(nonce)
        same_bytes += zstandard.ZstdCompressor(level=1).compress(plain) == frame
    assert len(keys) == len(nonces) == len(blocks), "a data key or nonce was used twice"
    version = ".".join(map(str, zstandard.ZSTD_VERSION))
    print(f"zstd {version} at level 1 makes the same frame of {same_bytes} of {len(blocks)} blocks")
    print(f"{2 * len(blocks)} passed, 0 failed")


main(pathlib.Path(sys.argv[1]))
