#!/bin/bash
# A key in a PKCS#11 token (SoftHSM2) as the repository's key: an AES key that wraps, a P-256 key
# that agrees; with a rekey between them and other kinds, and everything that a token can refuse.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2317 # functions whose names are given to check
. "$(dirname "$0")/common.bash"
for module in "${SOFTHSM2_MODULE:-}" /usr/lib/softhsm/libsofthsm2.so \
    /usr/lib/*/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so; do
    [ ! -f "$module" ] || break
done
if ! command -v softhsm2-util >/dev/null || [ ! -f "$module" ]; then
    skipped "keys in tokens" "no SoftHSM2 here (Debian: apt-get install softhsm2)"
    finish
fi
make_image "$work/a.img"
cp "$work/a.img" "$work/b.img"
change_image "$work/b.img"
pin=73915482 all_said=$work/all_said
mkdir "$work/tokens"
printf 'directories.tokendir = %s\n' "$work/tokens" >"$work/softhsm2.conf"
export SOFTHSM2_CONF=$work/softhsm2.conf
softhsm2-util --init-token --free --label backup --so-pin 12345678 --pin $pin >"$work/out" 2>&1 || {
    skipped "keys in tokens" "softhsm2-util cannot make a token here"
    finish
}
printf '%s\n' $pin >"$work/pin"
chmod 600 "$work/pin"
conf() { # conf KEY KIND [LINE...]
    printf '%s\n' "module=$module" "token=backup" "key=$1" "kind=$2" "pin-file=$work/pin" "${@:3}"
}
conf wrapping aes >"$work/aes.conf"
conf agreeing p256 >"$work/p256.conf"

expect 0 init "instance id" init
expect 0 "keygen --token" "key kind  *key in a token" keygen --token "$work/aes.conf"
if grep -q "without support for tokens" "$work/said"; then
    skipped "keys in tokens" "this appliance was built without p11-kit's header"
    finish
fi
check "it copies the description" cmp "$work/aes.conf" "$keys/token.conf"
check "for the owner alone" test "$(stat -c %a "$keys/token.conf")" = 600
check "no key lies there" test "$(cd "$keys" && echo *)" = "challenge.rec token.conf"
expect 5 "keygen again" "nothing was changed" keygen --token "$work/aes.conf"
expect 0 check "match" check
expect 0 "first backup" "restore point" backup "$work/a.img" --block-size 64K
expect 0 "second backup" "restore point" backup "$work/b.img" --block-size 64K
first=$(point 0) second=$(point 1)
expect 0 verify "finding count  *0" verify
check restore restores "$first" a.img
expect 0 "report names token and key" \
    'external key .*, name "pkcs11:token=backup;object=wrapping"' report --keys "$work/none"

cp -a "$repo" "$work/with-aes"
cp -a "$keys" "$work/aes"

# To a P-256 key in the token, and from there to a pair.
expect 0 "keygen --token, P-256" "public key sha256" keygen --keys "$work/p256" \
    --token "$work/p256.conf"
check "its public half is written" openssl pkey -pubin -in "$work/p256/public.pem" -noout
expect 0 "rekey from AES to P-256" "committed  *yes" rekey --new-keys "$work/p256"
expect 14 "the AES key after that" "stale" check
keys=$work/p256
expect 0 "the P-256 key" "match" check
check "restore with it" restores "$second" b.img
expect 0 "backup with it" "new blocks  *0$" backup "$work/b.img" --block-size 64K
expect 0 "keygen of a pair" "key id" keygen --keys "$work/pair"
expect 0 "rekey from the token to a pair" "committed  *yes" rekey --new-keys "$work/pair"
keys=$work/pair
check "restore with the pair" restores "$first" a.img
mkdir "$work/half"
cp "$work/p256/public.pem" "$work/half"
expect 0 "its public half as a further key" "was not tried" add-key --new-keys "$work/half"
expect 0 "which the token's key opens" "finding count  *0" verify --keys "$work/p256"
expect 0 "rotate for both" "opens all of them" rotate --keep "$work/p256"
check "restore with the token" restores "$first" a.img
expect 0 "verify with the token" "finding count  *0" verify --keys "$work/p256"
expect 0 "keygen makes its stale challenge again" "new challenge  *yes" keygen --keys "$work/p256"
expect 0 "and it matches" "match" check --keys "$work/p256"

# What a token, or its description, can refuse.
keys=$work/p256
bad() { # bad CODE NAME PATTERN SED-SCRIPT
    sed "$4" "$work/p256.conf" >"$work/p256/token.conf"
    expect "$1" "$2" "$3" check
    cat "$work/said" >>"$all_said"
}
echo 1234567 >"$work/wrong-pin"
bad 5 "a wrong PIN" "wrong PIN" "s|^pin-file=.*|pin-file=$work/wrong-pin|"
bad 10 "no file with a PIN" "is missing" "s|^pin-file=.*|pin-file=$work/none|"
bad 5 "no PIN at all" "wants a PIN" "/^pin-file/d"
bad 10 "no such token" 'no token is labelled "nothing"' "s/^token=.*/token=nothing/"
bad 10 "no such key" 'no EC private key labelled "nothing"' "s/^key=.*/key=nothing/"
bad 3 "no such module" "cannot load the PKCS#11 module" "s|^module=.*|module=/nowhere.so|"
bad 2 "no kind" "expected kind=aes or kind=p256" "/^kind/d"
bad 2 "no token in it" "expected module=, token= and key=" "/^token/d"
bad 2 "an unknown name" "line 1: expected module, token" "s/^module/modul/"
bad 2 "no name" "line 2: expected NAME=VALUE" "s/^token=/token/"
bad 2 "twice the same" "line 6: this stands there twice" "\$atoken=backup"
bad 2 "a relative path" "begins with / in pin-file=" "s|^pin-file=.*|pin-file=pin|"
bad 0 "lines without meaning" "match" "1i# a comment\n"
bad 0 "it is put back" "match" ""
conf other p256 >"$work/other.conf"
expect 0 "a second key in that token" "key id" keygen --keys "$work/other" \
    --token "$work/other.conf"
bad 11 "another key of that token" "expects key .*, found key" "s/^key=.*/key=other/"
keys=$work/pair
check "no message has the PIN" test -z "$(grep -l $pin "$all_said")"

# The token's key is gone: nothing is lost for the other one.
rm -rf "$work/tokens"/*
expect 10 "the token is gone" "no token is labelled" verify --keys "$work/p256"
softhsm2-util --init-token --free --label backup --so-pin 12345678 --pin $pin >"$work/out" 2>&1
run keygen --keys "$work/same-name" --token "$work/aes.conf" >"$work/out" 2>&1
expect 12 "another key of the same name" "the token's key of that name is another one" verify \
    --repo "$work/with-aes" --keys "$work/aes"
check "the pair restores" restores "$second" b.img
finish
