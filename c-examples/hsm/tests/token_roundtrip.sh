#!/bin/bash
# Seals for two keys in a fresh SoftHSM2 token and opens with either; then everything that can be
# wrong: keys, tokens, PINs, modules, sealed files. A test prints "ok NAME" or "not ok NAME" per
# case, and ends with their numbers. HSM names another program to test than ../hsm.
set -u
cd "$(dirname "$0")/.." || exit 1
hsm=${HSM:-$PWD/hsm} root=$PWD/../..
for module in "${SOFTHSM2_MODULE:-}" /usr/lib/softhsm/libsofthsm2.so \
    /usr/lib/*/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so; do
    [ ! -f "$module" ] || break
done
if ! command -v softhsm2-util >/dev/null || [ ! -f "$module" ]; then
    echo "SKIPPED: no SoftHSM2 here (Debian: apt-get install softhsm2)"
    exit 77
fi
if ! command -v pkcs11-tool >/dev/null; then
    echo "SKIPPED: no pkcs11-tool here (Debian: apt-get install opensc)"
    exit 77
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/hsm-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
pin=73915482

ok() {
    echo "ok $1"
    passed=$((passed + 1))
}
not_ok() {
    echo "not ok $1"
    failed=$((failed + 1))
}

# check NAME COMMAND...: the command succeeds
check() {
    local name=$1
    shift
    if "$@" >"$work/checked" 2>&1; then
        ok "$name"
    else
        not_ok "$name"
        sed 's/^/    /' "$work/checked"
    fi
}

# expect CODE NAME PATTERN ARGUMENTS...: exit code and message of the program, both. What it says is
# kept, to look for the PIN in it.
expect() {
    local code=$1 name=$2 pattern=$3 got
    shift 3
    "$hsm" "$@" >"$work/said" 2>&1
    got=$?
    cat "$work/said" >>"$work/all_said"
    if [ $got -eq "$code" ] && { [ -z "$pattern" ] || grep -q -- "$pattern" "$work/said"; }; then
        ok "$name"
    else
        not_ok "$name"
        echo "    expected exit $code and \"$pattern\", got exit $got and:"
        sed 's/^/    /' "$work/said"
    fi
}

# store NAME: a new place for tokens, with a configuration for SoftHSM2. use NAME: the tokens there.
store() {
    mkdir -p "$work/$1"
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' \
        "$work/$1" >"$work/$1.conf"
}
use() { export SOFTHSM2_CONF=$work/$1.conf; }
new_token() {
    softhsm2-util --init-token --free --label "$1" --pin "$pin" --so-pin 1234 >/dev/null
}

# keys LABEL [TOKEN [MODULE [PIN FILE]]]: the options that say where, in ${keys[@]}
keys() {
    keys=(--module "${3:-$module}" --token "${2:-backup vault}" --label "$1"
        --pin-file "${4:-$work/pin}")
}
tool() {
    pkcs11-tool --module "$module" --token-label 'backup vault' --login --pin "$pin" "$@" 2>&1
}

# refuses CODE NAME PATTERN WITH [SEALED FILE]: opening fails, and leaves nothing behind
refuses() {
    mkdir -p "$work/empty"
    expect "$1" "$2" "$3" open "${5:-$work/sealed}" "$work/empty/out" "${keys[@]}" --with "$4"
    if [ -n "$(ls -A "$work/empty")" ]; then
        not_ok "$2: nothing is left behind"
        rm -rf "$work/empty"
    fi
}

# round_trip NAME FILE: opens with both keys to the same bytes
round_trip() {
    rm -f "$work/sealed"
    expect 0 "$1: seal" '' seal "$2" "$work/sealed" "${keys[@]}"
    for with in aes p256; do
        rm -f "$work/opened"
        expect 0 "$1: open with $with" '' open "$work/sealed" "$work/opened" "${keys[@]}" \
            --with $with
        check "$1: the same bytes" cmp "$2" "$work/opened"
    done
}

# --- a token, two keys ---

(umask 077 && echo "$pin" >"$work/pin")
store first && use first && new_token 'backup vault'
keys 'nightly'
expect 0 "make an AES key" 'pkcs11:token=backup%20vault;object=nightly' keygen "${keys[@]}"
expect 0 "make a P-256 pair" 'BEGIN PUBLIC KEY' keygen "${keys[@]}" --p256
sed -n '/^-----BEGIN/,$p' "$work/said" >"$work/public.pem"
expect 5 "a second AES key of that label" 'already' keygen "${keys[@]}"
expect 5 "a second pair of that label" 'already' keygen "${keys[@]}" --p256

inside='Access: *sensitive, always sensitive, never extractable, local'
objects() { tool -O --type "$1" >"$work/objects"; }
objects secrkey
check "the AES key is 256 bits" grep -q 'AES length 32' "$work/objects"
check "the AES key stays inside" grep -q "$inside" "$work/objects"
check "the AES key can wrap and nothing else" grep -q 'Usage: *wrap, unwrap$' "$work/objects"
objects privkey
check "the private key stays inside" grep -q "$inside" "$work/objects"
check "the private key can derive and nothing else" grep -q 'Usage: *derive$' "$work/objects"
tool --read-object --type pubkey --label nightly -o "$work/public.der" >/dev/null
check "the public key is the token's" cmp \
    <(openssl pkey -pubin -in "$work/public.pem" -outform DER) \
    <(openssl pkey -pubin -inform DER -in "$work/public.der" -outform DER)

# --- real data, and the lengths around a block ---

tar -C "$root" -cf "$work/real.tar" include docs core/src build/libcoffre.a build/libcoffre.so \
    2>/dev/null # somebody may be building there; what counts is that it comes back as it is
check "the data are larger than two blocks" test "$(stat -c %s "$work/real.tar")" -gt 2097152
: >"$work/empty_file"
for size in 1 1048575 1048576 1048577; do
    head -c $size /dev/urandom >"$work/of_$size"
    round_trip "$size bytes" "$work/of_$size"
done
cp "$work/sealed" "$work/two_blocks" # of 1048577 bytes
round_trip "no bytes" "$work/empty_file"
cp "$work/sealed" "$work/one_block"
round_trip "a tar archive" "$work/real.tar"
check "the record names the AES key" \
    grep -aqF 'pkcs11:token=backup%20vault;object=nightly' "$work/sealed"
check "what is opened is its owner's alone" test "$(stat -c %a "$work/opened")" = 600

# --- sealed files that are not whole ---

record=$(($(od -An -tu4 -N4 "$work/two_blocks") + 4))
whole=$(stat -c %s "$work/two_blocks")
last=$(($(stat -c %s "$work/one_block") - record + 1)) # of one byte, and so one byte larger
cut_to() { head -c "$1" "$work/two_blocks" >"$work/cut"; }
cut_to $((whole - 1))
refuses 12 "cut in the last block" 'cut short' aes "$work/cut"
cut_to $((whole - last))
refuses 12 "cut between blocks" 'cut short' aes "$work/cut"
cut_to $((record - 1))
refuses 12 "cut in the record" 'cut short' aes "$work/cut"
cut_to 0
refuses 12 "an empty file" 'cut short' p256 "$work/cut"
{ head -c $record "$work/two_blocks" && tail -c $last "$work/two_blocks"; } >"$work/cut"
refuses 12 "a block left out" 'UNEXPECTED_BLOCK' aes "$work/cut"
{ cat "$work/two_blocks" && echo; } >"$work/cut"
refuses 12 "something behind the last block" 'goes on behind' aes "$work/cut"
# altered_at OFFSET: the byte there becomes another one, whatever it was.
altered_at() {
    local byte
    byte=$(od -An -tu1 -j "$1" -N 1 "$work/two_blocks")
    head -c "$1" "$work/two_blocks"
    printf %b "\\0$(printf %o $((byte ^ 1)))"
    tail -c +$(($1 + 2)) "$work/two_blocks"
}
altered_at 100 >"$work/cut"
refuses 12 "a damaged record" 'COFFRE_ERR_DAMAGED' aes "$work/cut"
altered_at 9999 >"$work/cut"
refuses 12 "a damaged block" 'COFFRE_ERR_DAMAGED' p256 "$work/cut"
refuses 12 "no sealed file at all" 'no sealed file' aes "$work/real.tar"
refuses 10 "no such file" 'No such file' aes "$work/none"

# --- files in the way ---

echo precious >"$work/precious"
expect 5 "seal to a file that exists" 'not overwritten' \
    seal "$work/real.tar" "$work/precious" "${keys[@]}"
expect 5 "open to a file that exists" 'not overwritten' \
    open "$work/sealed" "$work/precious" "${keys[@]}" --with aes
check "it is as it was" test "$(cat "$work/precious")" = precious
expect 3 "a directory that does not exist" 'cannot make' \
    open "$work/sealed" "$work/none/out" "${keys[@]}" --with aes

# --- wrong PINs, modules, labels, command lines ---

(umask 077 && echo 00000000 >"$work/wrong" && echo >"$work/blank")
(umask 022 && echo "$pin" >"$work/public")
keys nightly 'backup vault' "$module" "$work/wrong"
refuses 5 "a wrong PIN" 'wrong PIN' aes
keys nightly 'backup vault' "$module" "$work/blank"
refuses 2 "an empty PIN file" 'one line with a PIN' aes
keys nightly 'backup vault' "$module" "$work/public"
refuses 5 "a PIN file that others can read" 'chmod 600' aes
keys nightly 'backup vault' "$module" "$work/none"
refuses 10 "no PIN file" 'cannot open' aes
keys nightly nowhere
refuses 10 "a token that is not there" 'no token is labelled "nowhere"' aes
keys nightly 'backup vault' "$work/none.so"
refuses 3 "a module that is not there" 'cannot load the PKCS#11 module' aes
keys nightly 'backup vault' libc.so.6
refuses 3 "a library that is no module" 'is not a PKCS#11 module' aes
keys daily
refuses 10 "no such AES key" 'no AES key labelled "daily"' aes
refuses 10 "no such pair" 'no EC public key labelled "daily"' p256
expect 10 "sealing without keys" 'labelled "daily"' \
    seal "$work/real.tar" "$work/empty/out" "${keys[@]}"
expect 2 "an option without its value" usage keygen "${keys[@]}" --label
expect 15 "a label of 40 bytes" "a key's label has 1 to 32 bytes" \
    keygen "${keys[@]}" --label a234567890123456789012345678901234567890
expect 15 "a label that makes too long a name" 'more than 128 bytes' \
    keygen "${keys[@]}" --label "$(printf '%40s' x)"
expect 2 "no way to open" usage open "$work/sealed" "$work/empty/out" "${keys[@]}"
expect 2 "an unknown way to open" usage open "$work/sealed" "$work/empty/out" "${keys[@]}" \
    --with rsa
expect 2 "no command" usage

# --- other keys of the same name, and keys of another ---

store second && use second && new_token 'backup vault'
keys nightly
expect 0 "an AES key of the same name" '' keygen "${keys[@]}"
expect 0 "a pair of the same name" '' keygen "${keys[@]}" --p256
refuses 12 "it is another AES key" 'COFFRE_ERR_NOT_AUTHENTIC' aes
check "the token says what it refused" grep -q 'the token: C_UnwrapKey gave' "$work/said"
refuses 11 "it is another pair" 'COFFRE_ERR_WRONG_KEY' p256
new_token archive
keys nightly archive
expect 0 "an AES key in a token of another name" 'token=archive' keygen "${keys[@]}"
refuses 11 "it is not one of the recipients" 'COFFRE_ERR_WRONG_KEY' aes
new_token archive
refuses 5 "two tokens of one label" 'which is meant' aes

# --- keys that are not fit, or gone ---

use first
tool --keygen --key-type AES:32 --label twin >/dev/null
tool --keygen --key-type AES:32 --label twin >/dev/null
keys twin
refuses 5 "two keys of one label" 'more than one AES key' aes
tool --keygen --key-type AES:16 --label small >/dev/null
keys small
refuses 15 "an AES-128 key" '16 bytes' aes
tool --keypairgen --key-type EC:secp384r1 --label large >/dev/null
keys large
refuses 15 "a P-384 pair" 'not on curve P-256' p256
keys nightly
tool --delete-object --type secrkey --label nightly >/dev/null
refuses 10 "the AES key is gone" 'no AES key labelled "nightly"' aes
expect 0 "the pair opens as before" '' open "$work/sealed" "$work/again" "${keys[@]}" --with p256
check "to the same bytes" cmp "$work/real.tar" "$work/again"
tool --delete-object --type privkey --label nightly >/dev/null
refuses 10 "the private key is gone too" 'no EC private key labelled "nightly"' p256

# --- tokens that fail while they are in use: not the data's fault ---

use second
keys nightly
rm -f "$work/sealed"
expect 0 "seal again" '' seal "$work/of_1" "$work/sealed" "${keys[@]}"
check "a module that fails on demand" "${CC:-cc}" -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra \
    -Werror -I/usr/include/p11-kit-1 -DCRYPTOKI_COMPAT -shared -fPIC tests/failing_module.c \
    -o "$work/failing.so"
export REAL_MODULE=$module FAILING_CALL FAILING_RV
# fails CALL RV WITH PATTERN
fails() {
    FAILING_CALL=$1 FAILING_RV=$2
    refuses 3 "$1 gives $2 ($3)" "$4" "$3"
    check "$1 gives $2 ($3): coffre says callback" grep -q 'COFFRE_ERR_CALLBACK' "$work/said"
}
keys nightly 'backup vault' "$work/failing.so"
fails C_UnwrapKey 0x30 aes CKR_DEVICE_ERROR
fails C_UnwrapKey 0x32 aes CKR_DEVICE_REMOVED
fails C_UnwrapKey 0xb3 aes CKR_SESSION_HANDLE_INVALID
fails C_UnwrapKey 0x101 aes CKR_USER_NOT_LOGGED_IN
fails C_UnwrapKey 0x5 aes CKR_GENERAL_ERROR # of every wrap, and so not of this one's damage
fails C_UnwrapKey 0x80000123 aes 'no name here'
fails C_DestroyObject 0x5 aes 'C_DestroyObject of a result'
fails C_DestroyObject 0x5 p256 'C_DestroyObject of a result'
fails C_DeriveKey 0xe0 p256 CKR_TOKEN_NOT_PRESENT
for rv in 0x40 0x41 0x110 0x112; do
    FAILING_CALL=C_UnwrapKey FAILING_RV=$rv
    refuses 12 "C_UnwrapKey gives $rv, a damaged wrap" 'COFFRE_ERR_NOT_AUTHENTIC' aes
done
for call in C_CreateObject C_WrapKey C_DestroyObject; do
    FAILING_CALL=$call FAILING_RV=0x31
    expect 3 "$call fails while sealing" CKR_DEVICE_MEMORY \
        seal "$work/of_1" "$work/empty/out" "${keys[@]}"
    check "$call fails while sealing: nothing is left behind" \
        test -z "$(ls -A "$work/empty")"
done
FAILING_CALL=C_GetTokenInfo FAILING_RV=0xe1
refuses 10 "a token that cannot be read" 'no token is labelled' aes
FAILING_CALL=none
expect 0 "it does not fail otherwise" '' open "$work/sealed" "$work/last" "${keys[@]}" --with aes

# --- the PIN ---

check "no message has a PIN" test "$(grep -c "$pin\|00000000" "$work/all_said")" = 0

echo "$passed ok, $failed failed"
[ $failed -eq 0 ]
