#!/usr/bin/env bash
# What an operator does with keys, told on one real backup: a line for each capability, with its
# result.
#
# Usage: make demo-keys
#
# Each command's exit code and answer have to be the expected ones, else the demo fails. The same
# cases and many more are tests: c-examples/appliance/tests, tests/c and core/tests. Everything is
# below build/demo-keys.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${MAKE:=make}"
"$MAKE" -s -C c-examples/appliance
program=$PWD/c-examples/appliance/appliance
root=$PWD
rm -rf build/demo-keys
mkdir -p build/demo-keys
cd build/demo-keys

bold='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; fi
chapter() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
lines=0

stop() {
    echo "demo-keys: FAILED: $1" >&2
    [ ! -s said ] || sed 's/^/    | /' said >&2
    exit 1
}

# tell CAPABILITY RESULT
tell() {
    lines=$((lines + 1))
    printf '%3d  %-60s %.75s\n' $lines "$1" "$2"
}

# attempt CODE PATTERN COMMAND...: exit code and output have to be these; `found` is what matched.
attempt() {
    local wanted=$1 pattern=$2 code=0
    shift 2
    "$@" >said 2>&1 || code=$?
    [ "$code" -eq "$wanted" ] || stop "exit code $code instead of $wanted: $*"
    found=$(grep -oE -m 1 -- "$pattern" said | sed -n 1p) || stop "no line matches '$pattern': $*"
}

# line CAPABILITY CODE PATTERN ARGUMENT...: runs the appliance, and tells what it answered.
line() {
    local what=$1
    shift
    attempt "$1" "$2" "$program" "${@:3}"
    tell "$what" "$(tr -s ' ' <<<"$found")"
}
quietly() { attempt 0 . "$program" "$@"; }
# test_program NAME: a program of tests/c, against the library.
test_program() {
    local flags=(-std=gnu11 -O1 -I"$root/include" -I"$root/tests/c")
    gcc "${flags[@]}" "$root/tests/c/$1.c" "$root/build/libcoffre.a" -pthread -o "$1"
    (cd "$root" && "build/demo-keys/$1") >said 2>&1 || stop "tests/c/$1.c"
}
blocks() { find repository/blocks -type f -printf '%p %s %i %T@\n' | sort | cksum; }
untouched() { [ "$(blocks)" = "$sealed" ] || stop "a block was touched: $1"; }
# id_of KIND: the recipient id of the first key of that kind in `appliance report`.
id_of() {
    "$program" report >said 2>&1 || stop "report"
    sed -n "/^key .*($1/s/^key \([^ ]*\).*/\1/p" said | sed -n 1p
}
flip() { # FILE OFFSET
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf %b "\\0$(printf %o $((byte ^ 1)))" |
        dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
secret() { (umask 077 && printf '%s\n' "$2" >"$1"); }

export APPLIANCE_REPO=repository APPLIANCE_KEYS=keys

chapter "A disk, a key pair, an origin key, a signed backup"
"$root/scripts/disk-image.sh" disk.img later.img
quietly init
line "a P-256 key pair, PKCS#8 and SPKI" 0 'key id .*' keygen
attempt 0 . openssl pkey -in keys/private.pem -noout -text
attempt 0 'P-256' openssl pkey -pubin -in keys/public.pem -noout -text
tell "  openssl reads both" "$found"
line "an origin key, which opens nothing" 0 'key id .*' origin-key --origin-key origin.pem
line "a backup, signed by it" 0 'restore point .*' backup disk.img --origin-key origin.pem
point=$(sed -n 's/^restore point  *//p' said)
sealed=$(blocks)

chapter "Who can open it: recipients of every kind; no block is touched"
line "a 32-byte key (KEK)" 0 'key id .*' keygen --keys kek --kek
line "  added to every record" 0 'new key added +2' add-key --new-keys kek
line "  and opens the whole backup" 0 'finding count +0' verify --keys kek
secret weak.txt 'aaaaaaaaaaaaaaaaaaaa'
line "a password that hardly varies is refused" 16 'password is too weak' \
    keygen --keys password --password --password-file weak.txt
secret word.txt 'five small words for it'
line "a password: PBKDF2, 600,000 iterations, with a hint" 0 'key kind .*' \
    keygen --keys password --password --hint 'the song' --password-file word.txt
line "  added" 0 'new key added +2' add-key --new-keys password --new-password-file word.txt
line "  opens everything after one derivation" 0 'finding count +0' \
    verify --keys password --password-file word.txt
secret wrong.txt 'six small words for it all'
line "  a wrong password is told from damage" 11 'wrong password' \
    check --keys password --password-file wrong.txt
secret other.txt 'another five little words'
quietly keygen --keys argon2 --password --argon2id --password-file other.txt
line "  a record has one password: a second is refused" 5 'one password[^.;:]*|at most[^.;:]*' \
    add-key --new-keys argon2 --new-password-file other.txt
quietly remove-key "$(id_of password)"
quietly add-key --new-keys argon2 --new-password-file other.txt
line "a password: Argon2id, 64 MiB, in its place" 0 'finding count +0' \
    verify --keys argon2 --password-file other.txt
mkdir auditor
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
    -out auditor/private.pem 2>openssl.log
mkdir auditor-public
openssl pkey -in auditor/private.pem -pubout -out auditor-public/public.pem
line "a public key that openssl made, its private half far away" 0 'new key added +2' \
    add-key --new-keys auditor-public
line "  the private half opens" 0 'finding count +0' verify --keys auditor

chapter "Keys that stay in a token (PKCS#11, SoftHSM2)"
module=$(find /usr/lib /usr/lib64 -name libsofthsm2.so 2>/dev/null | sed -n 1p)
mkdir tokens
printf 'directories.tokendir = %s\n' "$PWD/tokens" >softhsm2.conf
export SOFTHSM2_CONF=$PWD/softhsm2.conf
softhsm2-util --init-token --free --label backup --so-pin 12345678 --pin 73915482 >softhsm.log
secret pin 73915482
for kind in aes p256; do
    printf '%s\n' "module=$module" token=backup "key=$kind-key" kind=$kind \
        "pin-file=$PWD/pin" >$kind.conf
done
line "an AES key that never leaves it wraps and unwraps" 0 'key kind .*' \
    keygen --keys token-aes --token aes.conf
attempt 0 'never extractable' pkcs11-tool --module "$module" --token-label backup --login \
    --pin 73915482 --list-objects --type secrkey
tell "  pkcs11-tool says of it" "$found"
line "  added" 0 'new key added +2' add-key --new-keys token-aes
line "  and opens" 0 'finding count +0' verify --keys token-aes
quietly keygen --keys token-p256 --token p256.conf
quietly add-key --new-keys token-p256
line "a P-256 key that never leaves it opens what is sealed to it" 0 'finding count +0' \
    verify --keys token-p256
mv tokens tokens-away
line "  a token that is gone is not a wrong key" 3 'environment: [^:]*' verify --keys token-aes
mv tokens-away tokens

chapter "The key record's life"
attempt 0 'key .*opens .* records' "$program" report
tell "who can open it, told without any key" \
    "$(grep -c '^key ' said) recipients, $(sed -n 's/^key [^(]*(//p' said | sort -u | wc -l) kinds"
cp -r repository before-removal
quietly remove-key "$(id_of KEK)"
line "a key is removed; it is a wrong key now" 11 'wrong key' verify --keys kek
line "the storage keys are rotated, the others kept" 0 'records .*' rotate \
    --keep argon2 --keep auditor-public --keep token-aes --keep token-p256 \
    --new-password-file other.txt
for keys in keys auditor token-aes token-p256; do quietly verify --keys $keys; done
line "  each of them still opens" 0 'finding count +0' \
    verify --keys argon2 --password-file other.txt
untouched "by adding, removing and rotating"
tell "  and no block was touched" "$(find repository/blocks -type f | wc -l) files as before"
line "re-wrapping is not revoking: an older copy opens as before" 0 'finding count +0' \
    verify --repo before-removal --keys kek
rm -rf before-removal
flip "repository/points/$point/keys.rec" 200
line "a damaged copy: the other one is used, and it is said" 0 'keys.rec: the copy[^(]*' \
    verify
line "later backups are sealed to whom they shall be" 0 'restore point .*' \
    backup later.img --origin-key origin.pem --keep auditor-public
later=$(sed -n 's/^restore point  *//p' said)
line "  not to the token, which was not named" 11 'wrong key' verify "$later" --keys token-p256
line "  the auditor opens them too" 0 'finding count +0' verify "$later" --keys auditor
test_program many_keys
tell "ten thousand session keys in one record, found by id" "$(sed -n 'x;$p' said)"
test_program slots
tell "a power cut at any word of either slot in flash" "$(sed -n 'x;$p' said)"

chapter "Who made it: origin"
line "verified, before anything is restored" 0 'origin +verified' \
    restore "$point" back.img --origin origin.pem.pub
cmp disk.img back.img || stop "the restored image differs"
rm back.img
attempt 0 . "$program" origin-export "$point" --out signed
attempt 0 'Verified OK' openssl dgst -sha256 -verify origin.pem.pub \
    -signature "$(echo signed/*.der)" "$(echo signed/*.message)"
tell "  openssl says of the signature" "$found"
cp -r repository forged
rm "forged/points/$point/origin"
line "a stripped signature is refused" 16 'unverified[^.;:]*' \
    verify "$point" --repo forged --origin origin.pem.pub
cp "repository/points/$later/origin" "forged/points/$point/origin"
line "another restore point's signature is refused" 13 'foreign[^.;:]*|another[^.;:]*' \
    verify "$point" --repo forged --origin origin.pem.pub
quietly origin-key --origin-key stranger.pem
quietly sign "$point" --repo forged --origin-key stranger.pem
line "somebody else's signature is refused" 16 'unverified[^.;:]*' \
    restore "$point" forged.img --repo forged --origin origin.pem.pub
[ ! -e forged.img ] || stop "something was restored"
line "a key that opens backups cannot sign" 16 'which opens backups' \
    sign "$point" --origin-key keys/private.pem
rm -rf forged

chapter "What is where: the manifest"
test_program manifest_faults
tell "in constant memory, by threads and at random; each fault named" "$(sed -n 'x;$p' said)"
cp -r repository broken
block=$(find broken/blocks -type f | sort | sed -n 5p)
mv "$block" elsewhere
line "a block that is gone is named" 10 'missing[^.;]*' verify --repo broken
cp "$(find broken/blocks -type f | sort | sed -n 9p)" "$block"
line "another block in its place is named" 12 'corrupt[^.;]*' verify --repo broken
rm -rf broken

chapter "The day the key is lost: recovery kit"
secret kit-word.txt 'words for the recovery kit'
line "the key under a passphrase, to be printed, and with the backup" 0 'key id .*' \
    kit-export kit.txt --text --svg kit.svg --store --kit-password-file kit-word.txt
attempt 0 '^3: ([0-9a-z]{4} ){6}[0-9a-z]{3}' grep '^3:' kit.txt
tell "  its third line" "$found"
sed '/^3:/s/\(.*\)q/\1p/; t; /^3:/s/\(.*\)[^q]$/\1q/' kit.txt >typed.txt
line "  typed with a slip" 12 'line 3[^.;]*' kit-import typed.txt --keys typed \
    --kit-password-file kit-word.txt
line "  typed as printed" 0 'key id .*' kit-import kit.txt --keys typed \
    --kit-password-file kit-word.txt
mv keys keys-lost
line "the key directory is lost: the backup carries what opens it" 0 'key id .*' \
    kit-import --stored --keys keys --kit-password-file kit-word.txt
line "  and opens" 0 'finding count +0' verify --origin origin.pem.pub
cmp keys/private.pem keys-lost/private.pem || stop "another key came out of the kit"

chapter "Before anything: self-tests"
test_program self_tests
tell "each primitive and engine is known to answer right" "$(sed -n 'x;$p' said)"

rm -f disk.img later.img
echo
echo "demo-keys: $lines lines, everything as it should be; what is left is in build/demo-keys"
