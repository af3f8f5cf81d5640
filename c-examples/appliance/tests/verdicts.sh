#!/bin/bash
# Every verdict of `check`: exit code, message, and the row in JSON. And that a backup heeds it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
start
expect 0 match "match" check
right_key=$(run check --json | value key_id)

verdict() { # verdict CODE WORD PATTERN NAME: with $keys as they are
    expect "$1" "$4" "$3" check
    check "$4, in JSON" test "$(run check --json | value verdict)" = "$2"
    expect "$1" "$4: no backup" "$3" backup "$work/a.img"
}
fresh() {
    rm -rf "$work/case"
    cp -r "$work/keys" "$work/case"
    keys=$work/case
}
openssl_key() { # openssl_key CURVE: in place of the private key
    openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$1" -out "$keys/private.pem"
}

# wrong key: a challenge and another key beside it
fresh
openssl_key P-256
id=$(run check --json | value key_id)
verdict 11 "wrong key" "challenge.rec expects key $right_key, found key $id" "wrong key"

# corrupt: each kind of it
fresh
flip "$keys/challenge.rec" 100
verdict 12 corrupt "corrupt: .*challenge.rec" "corrupt"
fresh
truncate -s -1 "$keys/challenge.rec"
verdict 12 corrupt "corrupt: .*challenge.rec" "cut short"
fresh
: >"$keys/challenge.rec"
verdict 12 corrupt "corrupt: .*challenge.rec" "empty"
fresh
head -c 40 /dev/urandom >>"$keys/challenge.rec"
verdict 12 corrupt "corrupt: .*challenge.rec" "with bytes after it"
fresh
echo "no key" >"$keys/private.pem"
verdict 12 corrupt "private.pem: expected a P-256 private key" "damaged private key"
fresh
rm "$keys/private.pem"
head -c 31 /dev/urandom >"$keys/kek.bin"
verdict 12 corrupt "exactly 32 bytes" "a KEK of 31 bytes"

fresh
flip "$keys/challenge.rec" 100
expect 12 "it may be made again" "delete it and run .appliance keygen.*opens the repository" check
openssl_key P-256
expect 11 "not with a key that does not open the repository" "repository.rec expects key" check
rm "$keys/challenge.rec"
expect 11 "no challenge, and the wrong key" "repository.rec expects key $right_key" check
expect 11 "nor a backup with it" "wrong key" backup "$work/a.img"

# key files that openssl makes, and how to make them fit
fresh
openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:x -in "$work/keys/private.pem" \
    -out "$keys/private.pem"
expect 12 "an encrypted key" "openssl pkcs8 -topk8 -nocrypt" check
openssl ec -aes256 -passout pass:x -in "$work/keys/private.pem" -out "$keys/private.pem" 2>/dev/null
expect 12 "an encrypted key in the older form" "openssl pkcs8 -topk8 -nocrypt" check
openssl ecparam -name prime256v1 -genkey -out "$keys/private.pem"
expect 12 "parameters before the key" "openssl pkey -in OLD -out NEW" check

# unsupported: another version, with a checksum that holds; a key of another curve
if "$python" -c 'import xxhash' 2>/dev/null; then
    fresh
    "$python" -c '
import sys, xxhash
b = bytearray(open(sys.argv[1], "rb").read())
b[5] = 9
b[-8:] = xxhash.xxh3_64_intdigest(bytes(b[:-8])).to_bytes(8, "little")
open(sys.argv[1], "wb").write(b)' "$keys/challenge.rec"
    verdict 15 unsupported "unsupported: .*challenge.rec" "unsupported version"
else
    skipped "unsupported version" "no python3 with xxhash, to make a challenge of version 9"
fi
fresh
openssl_key P-384
verdict 15 unsupported "private.pem" "a key of another curve"

# foreign: another machine's keys directory
start_other
keys=$work/others
verdict 13 foreign "belongs to installation [0-9a-f]*, this repository is installation [0-9a-f]*" \
    foreign
expect 13 "keygen does not take it in" "belongs to installation" keygen

# missing
keys=$work/nowhere
verdict 10 missing "expected private.pem or kek.bin in .*, found neither" "no keys directory"
fresh
rm "$keys/private.pem"
verdict 10 missing "found only public.pem" "public key alone"
fresh
rm "$keys/challenge.rec"
verdict 10 missing "expected .*challenge.rec, found nothing" "no challenge"
expect 0 "keygen writes the challenge again" "new challenge  *yes" keygen
expect 0 "and it matches" "match" check
fresh
head -c 32 /dev/urandom >"$keys/kek.bin"
expect 2 "two keys" "holds two keys" check

# stale: the directory from before a rekey
keys=$work/keys
expect 0 "keygen" "key id" keygen --keys "$work/new"
expect 0 "rekey" "committed  *yes" rekey --new-keys "$work/new"
verdict 14 stale "has generation 1, expected at least 2" "stale"
keys=$work/new
expect 0 "the new one" "match" check

# no repository, and one whose database is gone
expect 10 "no repository" "is no repository" check --repo "$work/nothing"
mv "$repo/coffre.sqlite" "$work/away"
expect 10 "no database" "appliance rebuild" check
finish
