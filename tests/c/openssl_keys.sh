#!/usr/bin/env bash
# Key files between the library and openssl, both ways: private and public, PEM and DER.
#
# Usage: tests/c/openssl_keys.sh   (after make lib; exits with 77 when there is no openssl)
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v openssl >/dev/null || { echo "no openssl here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -std=gnu11 -O1 -Wall -Wextra -Wconversion -Werror -Iinclude -Itests/c \
    tests/c/programs/key_tool.c build/libcoffre.a -pthread -o "$work/key_tool"
passed=0 failed=0

# same WHAT EXPECTED FOUND
same() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$1: expected '$2', found '$3'"
    fi
}

# refused WHAT COMMAND...
refused() {
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then same "$what" refused accepted; else same "$what" 1 1; fi
}

tool() { "$work/key_tool" "$@"; }
spki() { openssl pkey -outform DER -pubout "$@" | sha256sum | cut -d' ' -f1; }

# ids DIRECTORY DIGEST: each file of a pair has the key id and digest that follow from its SPKI.
ids() {
    local file id
    id=$(cut -c1-32 <<<"$2" | sed 's/..../&-/g; s/-$//')
    for file in "$1"/*.pem "$1"/*.der; do
        same "id of $(basename "$file")" "$id" "$(tool id "$file")"
        same "digest of $(basename "$file")" "$2" "$(tool digest "$file")"
    done
}

# --- ours, read by openssl ---

for round in 1 2 3; do
    ours=$work/ours$round
    mkdir "$ours"
    tool new "$ours"
    for form in pem der; do
        openssl pkey -inform $form -in "$ours/private.$form" -check -noout \
            >"$work/said" 2>&1 || true
        same "check of private.$form" 'Key is valid' "$(tail -n 1 "$work/said")"
        openssl pkey -inform $form -in "$ours/private.$form" -pubout -out "$work/public.pem"
        same "public half of private.$form" "$(<"$ours/public.pem")" "$(<"$work/public.pem")"
        openssl pkey -pubin -inform $form -in "$ours/public.$form" -out "$work/again.pem"
        same "public.$form" "$(<"$ours/public.pem")" "$(<"$work/again.pem")"
        openssl pkcs8 -topk8 -nocrypt -inform $form -in "$ours/private.$form" \
            -out "$work/again.pem"
        same "private.$form is PKCS#8" "$(<"$ours/private.pem")" "$(<"$work/again.pem")"
    done
    openssl pkey -in "$ours/private.pem" -text -noout >"$work/said"
    same "curve" 1 "$(grep -c 'prime256v1' "$work/said")"
    ids "$ours" "$(spki -in "$ours/private.pem")"
done

# --- openssl's, read by us ---

for round in 1 2 3; do
    theirs=$work/theirs$round
    mkdir "$theirs"
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$theirs/private.pem"
    openssl pkcs8 -topk8 -nocrypt -in "$theirs/private.pem" -outform DER -out "$theirs/private.der"
    openssl pkey -in "$theirs/private.pem" -outform DER -out "$theirs/sec1.der"
    openssl pkey -in "$theirs/private.pem" -pubout -out "$theirs/public.pem"
    openssl pkey -in "$theirs/private.pem" -pubout -outform DER -out "$theirs/public.der"
    ids "$theirs" "$(spki -in "$theirs/private.pem")"
    for public in public.pem public.der; do
        for private in private.pem private.der sec1.der; do
            same "$public and $private" match "$(tool match "$theirs/$public" "$theirs/$private")"
        done
    done
    same "another pair" 'wrong key' "$(tool match "$theirs/public.pem" "$work/ours1/private.pem")"
done

# --- other keys of openssl's are refused ---

for curve in P-224 P-384 P-521 secp256k1; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:$curve -out "$work/other.pem"
    refused "$curve" tool id "$work/other.pem"
    openssl pkey -in "$work/other.pem" -pubout -out "$work/other_public.pem"
    refused "$curve, public" tool id "$work/other_public.pem"
done
openssl genpkey -algorithm ED25519 -out "$work/other.pem"
refused Ed25519 tool id "$work/other.pem"
openssl pkcs8 -topk8 -passout pass:test -in "$work/theirs1/private.pem" -out "$work/other.pem"
refused "an encrypted key" tool id "$work/other.pem"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
