#!/usr/bin/env bash
# Public-key stanzas between the library and pyhpke, an independent HPKE (RFC 9180), both ways, for
# a key pair that openssl made; and what either must refuse.
#
# Usage: tests/hpke_peer.sh [RECORDS]   (after make lib; PYTHON is a Python with pyhpke and the
# decoder's packages; exits with 77 when there is none)
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-20}
command -v openssl >/dev/null || { echo "no openssl here"; exit 77; }

python=
for candidate in "${PYTHON:-}" "$PWD/build/venv/bin/python" python3; do
    if [ -n "$candidate" ] && "$candidate" -c 'import pyhpke, xxhash' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || { echo "no Python with pyhpke (tests/hpke/requirements.txt)"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

mkdir -p build/tests
program=build/tests/hpke_records
gcc -std=gnu11 -O1 -g -Wall -Wextra -Wconversion -Werror -Iinclude -Itests/c \
    tests/hpke/hpke_records.c build/libcoffre.a -pthread -o $program
peer() { "$python" -B tests/hpke/peer.py "$@"; }

# compare WHAT CASES EXPECTED FOUND: both files have the same lines, as many as there are cases.
compare() {
    local what=$1 cases=$2 line name found
    while read -r line; do
        name=${line%% *} found=$(grep "^${line%% *} " "$4") || found=nothing
        if [ "$line" = "$found" ]; then
            passed=$((passed + 1))
            echo "ok      $what: $name"
        else
            failed=$((failed + 1))
            printf 'FAILED  %s: %s\n  expected %s\n  found    %s\n' \
                "$what" "$name" "$line" "$found"
        fi
    done <"$3"
    if [ "$(wc -l <"$3")" -ne "$cases" ] || [ "$(wc -l <"$4")" -ne "$cases" ]; then
        failed=$((failed + 1))
        echo "FAILED  $what: $(wc -l <"$3") and $(wc -l <"$4") lines for $cases cases"
    fi
}

cd "$work"
mkdir c python forged
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out private.pem
openssl pkey -in private.pem -pubout -out public.pem
cd "$OLDPWD"

$program write "$work/public.pem" "$work/c" "$count" >"$work/c.txt"
peer open "$work/private.pem" "$work/c" >"$work/c.opened"
compare "sealed by the library, opened by pyhpke" "$count" "$work/c.txt" "$work/c.opened"

peer make "$work/public.pem" "$work/python" "$count" >"$work/python.txt"
$program open "$work/private.pem" "$work"/python/*.rec >"$work/python.opened"
compare "sealed by pyhpke, opened by the library" "$count" "$work/python.txt" "$work/python.opened"

ways='scope type recipient label no-info aad aead kdf second-message'
rm -f "$work"/c/c-0[3-9].rec "$work"/c/c-[1-9]*.rec # one of each type is left
for record in c-00 c-01 c-02; do
    for way in $ways; do echo "$record-$way refused"; done
done >"$work/refused.txt"
peer refuse "$work/private.pem" "$work/c" >"$work/refused"
compare "refused by pyhpke" 27 "$work/refused.txt" "$work/refused"

peer forge "$work/public.pem" "$work/forged" >"$work/forged.txt"
$program open "$work/private.pem" "$work"/forged/*.rec >"$work/forged.opened"
compare "refused by the library" 27 "$work/forged.txt" "$work/forged.opened"

echo "$passed ok, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
