#!/usr/bin/env bash
# Blocks that the library sealed as version 1, opened by Python as backy2 does it; and whether the
# list of backy2's vectors, which backy2.c reads, is what vectors.json says.
#
# Usage: tests/c/backy2.sh   (after make lib; PYTHON names the Python with the decoder's packages)
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-$PWD/build/venv/bin/python}
"$python" -c 'import cryptography, zstandard' || { echo "no Python with the packages"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

vectors=tests/vectors/backy2_v1
"$python" -B tests/c/backy2_vectors.py $vectors >"$work/vectors.txt"
diff "$work/vectors.txt" $vectors/vectors.txt

gcc -std=gnu11 -O1 -Wall -Wextra -Wconversion -Werror -Iinclude -Itests/c \
    tests/c/programs/backy2_seal.c build/libcoffre.a -pthread -o "$work/backy2_seal"
mkdir "$work/blocks"
"$work/backy2_seal" "$work/blocks"
"$python" -B tests/c/backy2_peer.py "$work/blocks"
