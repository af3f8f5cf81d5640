#!/usr/bin/env bash
# Every engine of the library and OpenSSL's: what one seals the other opens.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -c 1000001 /dev/urandom >"$work/file"
engines=$(./engine | sed -n 's/^  \([^ ]*\)$/\1/p')
count=0
for engine in $engines; do
    ./engine "$engine" "$work/file" | grep -F ": 16 blocks sealed here"
    count=$((count + 1))
done
[ "$count" -ge 3 ] || { echo "only $count engines"; exit 1; }
! ./engine no-such-engine "$work/file" 2>"$work/said"
grep -q 'no-such-engine: an argument is NULL, unknown or out of range' "$work/said"
