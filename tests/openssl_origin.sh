#!/usr/bin/env bash
# Origin keys and origin signatures (docs/FORMAT.md 6.1) between the library and openssl, both ways.
#
# Usage: tests/openssl_origin.sh   (after make lib; PYTHON is a Python with the decoder's packages;
# exits with 77 when it or openssl is missing)
#
# openssl knows nothing of the 168-byte object, so tests/decoder puts openssl's signatures into one.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v openssl >/dev/null || { echo "no openssl here"; exit 77; }
python=
for candidate in "${PYTHON:-}" "$PWD/build/venv/bin/python" python3; do
    if [ -n "$candidate" ] && "$candidate" -c 'import cryptography, xxhash' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || { echo "no Python with the decoder's packages"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p build/tests
program=$PWD/build/tests/openssl_origin
gcc -std=gnu11 -O1 -g -Wall -Wextra -Wconversion -Werror -Iinclude -Itests/c \
    tests/openssl_origin.c build/libcoffre.a -pthread -o "$program"
decoder=$PWD/tests/decoder
cd "$work"
passed=0 failed=0

# same WHAT EXPECTED FOUND
same() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
        echo "ok      $1"
    else
        failed=$((failed + 1))
        echo "FAILED  $1: expected '$2', found '$3'"
    fi
}

# same_file WHAT EXPECTED FOUND
same_file() { same "$1" "$(sha256sum <"$2")" "$(sha256sum <"$3")"; }

# openssl_says PUBLIC SIGNATURE MESSAGE
openssl_says() { openssl dgst -sha256 -verify "$1" -signature "$2" "$3" 2>&1 | sed -n 1p; }

# flip FILE OFFSET: FILE with another byte there.
flip() {
    "$python" -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[2])] ^= 1
sys.stdout.buffer.write(data)' "$@"
}

# object PUBLIC DER DIRECTORY OUT [FLIPPED]: the origin signature of the manifest in DIRECTORY, with
# openssl's signature in it; a byte before the checksum may be wrong.
object() {
    PYTHONPATH=$decoder "$python" -B - "$@" <<'PYTHON'
import hashlib
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from encoder import add_checksum

public, der, directory, out, *flipped = sys.argv[1:]
read = lambda path: open(path, "rb").read()  # noqa: E731
manifest = read(directory + "/manifest")
r, s = decode_dss_signature(read(der))
data = bytearray(struct.pack(
    "<4sBBHII16s16s16s32s", b"COFR", 7, 2, 1, 0, 0, manifest[32:48], manifest[16:32],
    hashlib.sha256(read(public)).digest()[:16], hashlib.sha256(manifest).digest()))
data += r.to_bytes(32, "big") + s.to_bytes(32, "big")
for offset in flipped:
    data[int(offset)] ^= 1
open(out, "wb").write(add_checksum(data))
PYTHON
}

# --- keys: ours read by openssl, theirs by us ---

mkdir ours theirs again
"$program" files ours
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out theirs/private.pem
openssl pkcs8 -topk8 -nocrypt -in theirs/private.pem -outform DER -out theirs/private.der
openssl pkey -in theirs/private.pem -pubout -out theirs/public.pem
openssl pkey -in theirs/private.pem -pubout -outform DER -out theirs/public.der
openssl pkey -in theirs/private.pem -outform DER -out theirs/sec1.der

for form in pem der; do
    said=$(openssl pkey -inform $form -in ours/private.$form -check -noout 2>&1 || true)
    same "openssl checks our private.$form" 'Key is valid' "$(tail -n 1 <<<"$said")"
    openssl pkey -inform $form -in ours/private.$form -pubout -out public
    same_file "openssl finds the public half of our private.$form" ours/public.pem public
    openssl pkey -pubin -inform $form -in ours/public.$form -out public
    same_file "openssl reads our public.$form" ours/public.pem public
done
for file in private.pem private.der sec1.der; do
    "$program" files again theirs/$file
    for written in private.pem private.der public.pem public.der; do
        same_file "$written of openssl's $file" theirs/$written again/$written
    done
done
for key in ours theirs; do
    digest=$(sha256sum <$key/public.der | cut -d' ' -f1)
    id=$(cut -c1-32 <<<"$digest" | sed 's/..../&-/g; s/-$//')
    for file in "$key"/*; do
        same "id and digest of $file" "$id $digest" "$("$program" id "$file")"
    done
done

# --- signatures: ours verified by openssl ---

# library KEY POINT SIGNATURE: what coffre_manifest_close says, given that key's public half.
library() { "$program" verify "$1/public.pem" "$2" "$3"; }

# ours_by_openssl KEY OTHER POINT [ZERO]: a new restore point, signed until this byte is zero.
ours_by_openssl() {
    local key=$1 other=$2 point=$3
    mkdir "$point"
    "$program" sign "$key/private.pem" "$point" ${4:+"$4"}
    [ $# -eq 3 ] || same "$point: byte $4" 00 \
        "$(od -An -tx1 -j"$4" -N1 "$point/signature" | tr -d ' ')"
    {
        printf coffre/v2/origin
        tail -c +33 "$point/manifest" | head -c 16
        tail -c +17 "$point/manifest" | head -c 16
        openssl dgst -sha256 -binary "$point/manifest"
    } >message
    same_file "$point: the message is the manifest's" message "$point/message"
    same "$point: openssl" 'Verified OK' \
        "$(openssl_says "$key/public.pem" "$point/der" message)"
    same "$point: openssl with $other" 'Verification failure' \
        "$(openssl_says "$other/public.pem" "$point/der" message)"
    same "$point: the library" 'COFFRE_OK verified' "$(library "$key" "$point" "$point/signature")"
    same "$point: the library with $other" 'COFFRE_ERR_ORIGIN_UNVERIFIED unverified' \
        "$(library "$other" "$point" "$point/signature")"
    for offset in 0 16 32 79; do
        flip "$point/message" $offset >message
        same "$point: openssl, with another message byte $offset" 'Verification failure' \
            "$(openssl_says "$key/public.pem" "$point/der" message)"
    done
}

# --- signatures: openssl's verified by us ---

# theirs_by_library KEY OTHER POINT
theirs_by_library() {
    local key=$1 other=$2 point=$3
    # Its nonces are random, and so the sizes of r and s.
    for n in 1 2 3 4 5 6 7 8; do
        openssl dgst -sha256 -sign "$key/private.pem" -out der "$point/message"
        object "$key/public.der" der "$point" signature
        same "$point: openssl's signature $n" 'COFFRE_OK verified' \
            "$(library "$key" "$point" signature)"
    done
    for offset in 64 95 96 127 128 159; do
        object "$key/public.der" der "$point" signature $offset
        same "$point: openssl's, with another byte $offset" 'COFFRE_ERR_ORIGIN_FORGED forged' \
            "$(library "$key" "$point" signature)"
    done
    openssl dgst -sha256 -sign "$other/private.pem" -out der "$point/message"
    object "$key/public.der" der "$point" signature
    same "$point: $other's under the id of $key" 'COFFRE_ERR_ORIGIN_FORGED forged' \
        "$(library "$key" "$point" signature)"
}

for pair in 'ours theirs' 'theirs ours'; do
    read -r key other <<<"$pair"
    ours_by_openssl "$key" "$other" "$key-point"
    ours_by_openssl "$key" "$other" "$key-short-r" 96 # a zero byte in front is left out in DER
    ours_by_openssl "$key" "$other" "$key-short-s" 128
    theirs_by_library "$key" "$other" "$key-point"
    same "$key: another restore point's signature" 'COFFRE_ERR_FOREIGN unverified' \
        "$(library "$key" "$key-point" "$key-short-r/signature")"
done

echo "$passed ok, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
