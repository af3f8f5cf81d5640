"""Writes tests/vectors/backy2_v1/vectors.txt, the vectors as C reads them, from vectors.json.

Usage: tests/c/backy2_vectors.py tests/vectors/backy2_v1 >tests/vectors/backy2_v1/vectors.txt

One line a vector, of words parted by blanks; bytes are hexadecimal, '-' stands for none:
    vector NAME MASTER WRAPPED NEW_MASTER REWRAPPED PLAIN_FILE BLOB_FILE
    negative NAME MASTER WRAPPED BLOB
    base PLAINTEXT (that of the negative vectors which are legal)
"""

import base64
import hashlib
import json
import pathlib
import sys

TEXT = (
    b"2025-06-12 14:37:50 th-0348 01 main_primary.c 114 * db version is v5.1.0...\n"
    b"2025-06-12 14:37:50 th-0348 01 urity_encryption_key.c 66 Initialize encryption key\n"
)


def base_plaintext(expected):
    text = b"".join(b"%08d " % i + TEXT for i in range(10))[:1000]
    if hashlib.sha256(text).hexdigest() != expected:
        sys.exit("the plaintext of the negative vectors is another one")
    return text


def lines(directory):
    with open(directory / "vectors.json", encoding="utf-8") as file:
        vectors = json.load(file)
    for vector in vectors["vectors"]:
        new = vector["rekeyed"]
        keys = vector["master_key"], vector["enc_envkey"], new["master_key"], new["enc_envkey"]
        yield "vector", vector["name"], *keys, vector["plaintext"]["file"], vector["blob"]["file"]
    for vector in vectors["negative"]:
        keys = vector.get("master_key", "00" * 16), vector.get("enc_envkey")
        blob = base64.b64decode(vector.get("blob_base64", ""))
        yield "negative", vector["name"], *keys, blob.hex()
    yield "base", base_plaintext(vectors["negative_base_plaintext"]["sha256"]).hex()


for words in lines(pathlib.Path(sys.argv[1])):
    print(*(word or "-" for word in words))
