#!/bin/bash
# The life of keys: from any kind to any kind, a further key and one less, new storage keys; and
# kill -9 at every write of what changes them.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2317 # functions whose names are given to check and sweep
. "$(dirname "$0")/common.bash"
printf 'the first of two long passwords' >"$work/first-password"
printf 'and this here is the second one' >"$work/second-password"
export APPLIANCE_PASSWORD_FILE=$work/first-password
export APPLIANCE_NEW_PASSWORD_FILE=$work/second-password
start
kinds="pair kek pbkdf2 argon2id"
for module in "${SOFTHSM2_MODULE:-}" /usr/lib/softhsm/libsofthsm2.so \
    /usr/lib/*/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so; do
    [ ! -f "$module" ] || break
done
mkdir "$work/tokens"
printf 'directories.tokendir = %s\n' "$work/tokens" >"$work/softhsm2.conf"
export SOFTHSM2_CONF=$work/softhsm2.conf
new_token=(softhsm2-util --init-token --free --label t --so-pin 12345678 --pin 1234567)
if "${new_token[@]}" >"$work/out" 2>&1; then
    printf 1234567 >"$work/pin"
    for kind in aes p256; do
        printf '%s\n' "module=$module" token=t key=$kind kind=$kind pin-file="$work/pin" \
            >"$work/$kind.conf"
    done
    run keygen --keys "$work/try" --token "$work/p256.conf" >"$work/out" 2>&1
    grep -q "without support" "$work/out" || kinds="$kinds aes p256"
fi
case $kinds in *aes*) ;; *) skipped "keys in tokens" "no SoftHSM2, or built without it" ;; esac

# key_of KIND DIR PASSWORD-FILE: a key of that kind for $repo
key_of() {
    case $1 in
    pair) set -- "$2" "$3" ;;
    kek) set -- "$2" "$3" --kek ;;
    pbkdf2) set -- "$2" "$3" --password --hint new ;;
    argon2id) set -- "$2" "$3" --password --argon2id ;;
    *) set -- "$2" "$3" --token "$work/$1.conf" ;;
    esac
    run keygen --keys "$1" --password-file "$2" "${@:3}" >"$work/out" 2>&1
}
id_of() { # id_of DIR [PASSWORD-FILE]
    run check --keys "$1" --password-file "${2:-$APPLIANCE_PASSWORD_FILE}" --json | value key_id
}

# From any kind to any kind.
mv "$repo" "$work/base"
for from in $kinds; do
    rm -rf "$repo" "$work/from"
    cp -a "$work/base" "$repo"
    key_of "$from" "$work/from" "$work/first-password"
    APPLIANCE_NEW_PASSWORD_FILE=$work/first-password run rekey --new-keys "$work/from" \
        >"$work/out" 2>&1 || cat "$work/out"
    rm -rf "$work/of-kind"
    mv "$repo" "$work/of-kind"
    for to in $kinds; do
        case $from$to in aesaes | p256p256) continue ;; esac # the same key
        rm -rf "$repo" "$work/to"
        cp -a "$work/of-kind" "$repo"
        key_of "$to" "$work/to" "$work/second-password"
        all() {
            run rekey --keys "$work/from" --new-keys "$work/to" &&
                run check --keys "$work/to" --password-file "$work/second-password" &&
                run verify --keys "$work/to" --password-file "$work/second-password" &&
                ! run verify --keys "$work/from"
        }
        check "from $from to $to" all
    done
done

# A further key, one less, new storage keys.
rm -rf "$repo"
cp -a "$work/base" "$repo"
keys=$work/keys
key_of kek "$work/second" ""
key_of pbkdf2 "$work/word" "$work/second-password"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/far.pem" 2>/dev/null
mkdir "$work/far"
openssl pkey -in "$work/far.pem" -pubout -out "$work/far/public.pem"
expect 0 "add a KEK" "new key added  *2" add-key --new-keys "$work/second"
expect 0 "add it again" "new key added  *0" add-key --new-keys "$work/second"
expect 0 "add a password" "new key added  *2" add-key --new-keys "$work/word"
expect 0 "add a public key" "was not tried" add-key --new-keys "$work/far"
expect 10 "rekey to a public key is not proven" "found only public.pem" rekey \
    --new-keys "$work/far"
expect 5 "keygen does not take it for a key of its own" "public.pem alone" keygen \
    --keys "$work/far"
expect 0 "report has four kinds" "opens 2 of 2 records" report
for kind in P-256 KEK "password (PBKDF2)"; do
    check "$kind" grep -q "^    $kind  *[0-9a-f]*-" "$work/said"
done
check "four keys" test "$(grep -c "opens 2 of 2" "$work/said")" = 4
mkdir "$work/at-far"
cp "$work/far.pem" "$work/at-far/private.pem"
expect 0 "the far key opens it" "finding count  *0" verify --keys "$work/at-far"
expect 0 "and makes itself a challenge" "new challenge  *yes" keygen --keys "$work/at-far"
second=$(id_of "$work/second") word=$(id_of "$work/word" "$work/second-password")
far=$(id_of "$work/at-far")
expect 2 "remove, mistyped" "expected a whole key id" remove-key "${second%?}"
expect 6 "remove, unknown" "no record names the key" \
    remove-key 0123-4567-89ab-cdef-0123-4567-89ab-cdef
expect 5 "remove the key at hand" "the key at hand" remove-key "$(id_of "$keys")"
cp -a "$repo" "$work/before-removal"
expect 0 "remove" "removed from 2 records; older copies still open with it" remove-key "$second"
expect 6 "remove again" "was removed already" remove-key "$second"
expect 11 "it opens nothing" "wrong key" verify --keys "$work/second"
check "but an older copy" run verify --repo "$work/before-removal" --keys "$work/second"
expect 0 "others do" "finding count  *0" verify --keys "$work/word" \
    --password-file "$work/second-password"

expect 5 "rotate would drop two" "2 keys would open nothing any more: .*$word.*$far" rotate
expect 5 "and one" "1 key would open nothing any more: .*$far" rotate --keep "$work/word"
expect 10 "a directory without a key" "expected private.pem" rotate --keep "$work/none"
run init --repo "$work/elsewhere" >"$work/out" 2>&1
run keygen --repo "$work/elsewhere" --keys "$work/strange" >"$work/out" 2>&1
expect 13 "rotate, another installation's keys" "--keep .*/strange belongs to installation" \
    rotate --force --keep "$work/strange"
expect 13 "and a backup" "--keep .*/strange belongs to installation" backup "$work/a.img" \
    --block-size 64K --keep "$work/strange"
expect 0 "nothing was changed" "finding count  *0" verify --keys "$work/at-far"
cp -a "$repo" "$work/before-rotation"
expect 0 "rotate, all kept" "dropped keys  *0" rotate --keep "$work/word" --keep "$work/far" \
    --keep "$work/keys"
for which in keys at-far; do
    expect 0 "$which opens it" "finding count  *0" verify --keys "$work/$which"
done
expect 0 "so does the password" "finding count  *0" verify --keys "$work/word" \
    --password-file "$work/second-password"
check "restore" restores latest a.img
differ() { # every record: the committed storage key is another, at 64
    (cd "$repo" && find . -name '*.rec') | while read -r name; do
        ! cmp -s <(tail -c +65 "$repo/$name" | head -c 32) \
            <(tail -c +65 "$work/before-rotation/$name" | head -c 32) || exit 1
    done
}
check "every storage key is new" differ
expect 0 "rotate, forced" "dropped: .*$word.*$far" rotate --force
expect 11 "the far key is out" "wrong key" verify --keys "$work/at-far"
expect 0 "backup goes on" "new blocks  *0$" backup "$work/a.img" --block-size 64K
expect 0 "and verifies" "finding count  *0" verify

# A rekey makes other keys' challenges stale; keygen renews those of keys that still open.
expect 0 "a second key" "new key added  *3" add-key --new-keys "$work/second"
run keygen --keys "$work/third" >"$work/out" 2>&1
expect 0 "rekey beside it" "committed  *yes" rekey --new-keys "$work/third"
expect 14 "its challenge is stale" "stale" check --keys "$work/second"
expect 0 "keygen renews it" "new challenge  *yes" keygen --keys "$work/second"
expect 0 "and it matches" "match" check --keys "$work/second"
expect 5 "not that of the one that went" "nothing was changed" keygen

if ! can_inject; then
    skipped "kill at every write" "strace is missing, or cannot inject here"
    finish
fi
rm -rf "$work/before"
cp -a "$work/before-removal" "$work/before"
fresh() {
    rm -rf "$repo" "$work/word"
    cp -a "$work/before" "$repo"
    cp -a "$work/word-before" "$work/word"
}
cp -a "$work/word" "$work/word-before"
every="write fsync rename unlink"
after_removal() { # the key at hand always opens; run again it is gone from both copies
    run verify && { run remove-key "$second" || [ $? -eq 6 ]; } &&
        ! run remove-key "$second" && run verify && ! run verify --keys "$work/second"
}
sweep 20 remove-key "$every" after_removal remove-key "$second"
rotate_all() { run rotate --keep "$work/second" --keep "$work/far" --keep "$work/word"; }
after_rotation() { # both keys always open; run again it ends
    run verify && run verify --keys "$work/second" && rotate_all && run verify &&
        run verify --keys "$work/second" && run scrub
}
sweep 10 rotate "rename unlink write" after_rotation rotate --keep "$work/second" \
    --keep "$work/far" --keep "$work/word"

# A later backup is sealed to whom its command names.
fresh
made() { sed -n 's/^restore point  *//p' "$work/said"; }
expect 0 "a backup" "restore point" backup "$work/a.img" --block-size 64K
expect 11 "is for the key at hand alone" "wrong key" verify "$(made)" --keys "$work/at-far"
expect 0 "a backup with --keep" "restore point" backup "$work/a.img" --block-size 64K \
    --keep "$work/far"
expect 0 "is for the other key too" "finding count  *0" verify "$(made)" --keys "$work/at-far"

# From a password to a password each record changes at once: killed, it is run again.
fresh
key_of argon2id "$work/words" "$work/first-password"
run remove-key "$word" >"$work/out" 2>&1
export APPLIANCE_NEW_PASSWORD_FILE=$work/first-password
run rekey --new-keys "$work/words" >"$work/out" 2>&1 || cat "$work/out"
export APPLIANCE_NEW_PASSWORD_FILE=$work/second-password
rm -rf "$work/before" "$work/word-before"
cp -a "$repo" "$work/before"
key_of pbkdf2 "$work/word-before" "$work/second-password"
keys=$work/words
after_passwords() {
    run rekey --new-keys "$work/word" &&
        run verify --keys "$work/word" --password-file "$work/second-password" && ! run verify &&
        run check --keys "$work/word" --password-file "$work/second-password"
}
sweep 5 "password to password" "rename unlink" after_passwords rekey --new-keys "$work/word"
finish
