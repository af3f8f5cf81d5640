#!/usr/bin/env bash
# What the C program wrote, read by the Python decoder in a process without the library.
#
# Usage: tests/second_decoder.sh   (after make lib; PYTHON is a Python with the decoder's packages)
#
# An image with data, zeros, holes and a crooked end is backed up, changed, backed up again, and the
# repository gets another key. Then both restore points and the challenges are opened by
# tests/decoder, which was written from docs/FORMAT.md alone; altered blocks, records and manifests
# have to be refused.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$PWD/build/venv/bin/python
[ -x "$python" ] || python=python3
if ! "$python" -c 'import cryptography.hazmat.primitives.kdf.argon2, xxhash, zstandard'; then
    echo "no Python with the decoder's packages"
    exit 77
fi
make -s -C c-examples/appliance
program=$PWD/c-examples/appliance/appliance
decode="$python -B $PWD/tests/decoder/decode.py"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -B tests/decoder/selftest.py tests/vectors | tail -n 1
$decode vectors tests/vectors/format | tail -n 1

cd "$work"
stop() {
    echo "FAILED: $1"
    exit 1
}
# appliance KEYS ARGUMENT...
appliance() {
    local keys=$1
    shift
    "$program" "$@" --repo repo --keys "$keys" --quiet >>log 2>&1 || stop "$* $(tail -n 3 log)"
}
# point N: the id of a restore point, 0 is the oldest.
point() {
    "$program" ls --json --repo repo |
        "$python" -c "import json, sys; print(json.load(sys.stdin)['restore_points'][$1]['id'])"
}

# --- the repository ---

{
    head -c 3000000 "$program"
    head -c 1000000 /dev/urandom
    head -c 500000 /dev/zero
} >first.img
truncate -s 9000001 first.img
cp first.img second.img
head -c 100000 /dev/urandom | dd of=second.img bs=1 seek=70000 conv=notrunc status=none
appliance keys init
appliance keys keygen
appliance keys backup first.img --block-size 64K
blocks=$(find repo/blocks -type f | sort | sed -n 1,2p)
appliance keys backup second.img --block-size 64K
first=$(point 0) second=$(point 1)

# read_back KEYS: both restore points with this key.
read_back() {
    $decode point --repo repo --keys "$1" . "$first" first.out
    cmp first.img first.out
    $decode point --repo repo --keys "$1" . "$second" second.out
    cmp second.img second.out
    $decode challenge --key "$1/private.pem" "$1/challenge.rec" | grep '^match' >/dev/null
}
read_back keys
appliance keys-new keygen
appliance keys rekey --new-keys keys-new
read_back keys-new
if $decode point --repo repo --keys keys . "$first" old.out 2>said; then
    stop "the key that was replaced still opens the restore point"
fi

# --- what has to be refused: one bit is turned in each file that the first restore point needs ---

refused=0
while read -r path; do
    size=$(stat -c %s "$path")
    for offset in 4 $((size / 3)) $((size / 2)) $((size - 1)); do
        cp "$path" saved
        "$python" - "$path" "$offset" <<<'import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2])); byte = f.read(1)[0]; f.seek(-1, 1); f.write(bytes([byte ^ 4]))'
        if $decode point --repo repo --keys keys-new . "$first" bad.out >said 2>&1; then
            stop "$path with an altered byte $offset was taken"
        fi
        mv saved "$path"
        refused=$((refused + 1))
    done
done < <(echo "$blocks"; find "repo/points/$first" -type f)
$decode point --repo repo --keys keys-new . "$first" first.out | tail -n 3
echo "both restore points read before and after a rekey, $refused altered files refused"
