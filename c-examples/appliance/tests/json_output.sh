#!/bin/bash
# --json: one object on standard output for every command, also when it fails, and nothing on
# standard error; exit code and outcome in it are the program's.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
json() { # json CODE NAME ARGUMENTS...
    local code=$1 name=$2 got exit_and_ok="$1 False"
    shift 2
    [ "$code" -ne 0 ] || exit_and_ok="0 True"
    run "$@" --json >"$work/json" 2>"$work/err"
    got=$?
    if [ $got -eq "$code" ] && python3 -m json.tool <"$work/json" >/dev/null &&
        [ ! -s "$work/err" ] &&
        [ "$(value exit <"$work/json") $(value ok <"$work/json")" = "$exit_and_ok" ]; then
        ok "$name"
    else
        not_ok "$name"
        echo "    exit $got"
        sed 's/^/    /' "$work/json" "$work/err"
    fi
}
make_image "$work/a.img"
json 10 "check, no repository" check
json 0 init init
json 10 "check, no key" check
json 0 keygen keygen
json 0 check check
json 0 backup backup "$work/a.img" --block-size 64K
check "peak memory is in it" test "$(value peak_memory_kib <"$work/json")" -gt 0
name=$(printf 'quote " backslash \\ tab\t line\n é \377 end')
json 0 "backup with a difficult name" backup "$work/a.img" --name "$name"
json 0 ls ls
check "the name comes back" \
    grep -q 'quote \\" backslash \\\\ tab\\u0009 line\\u000a é \\ufffd end' "$work/json"
json 0 verify verify
json 0 scrub scrub
json 0 report report
json 0 restore restore latest "$work/x"
json 5 "restore, refused" restore latest "$work/x"
json 0 "keygen 2" keygen --keys "$work/new"
json 0 "rekey, prepared" rekey --new-keys "$work/new" --prepare
json 0 rekey rekey --new-keys "$work/new"
json 14 "check, stale" check
json 0 "keygen of a KEK" keygen --keys "$work/kek" --kek
json 0 add-key add-key --keys "$work/new" --new-keys "$work/kek"
json 5 "rotate, refused" rotate --keys "$work/new"
json 0 rotate rotate --keys "$work/new" --keep "$work/kek"
kek=$(run check --keys "$work/kek" --json | value key_id)
json 5 "remove-key, refused" remove-key --keys "$work/kek" "$kek"
json 0 remove-key remove-key --keys "$work/new" "$kek"
check "how many" test "$(value removed_from <"$work/json")" = 3
json 5 "rebuild, refused" rebuild --keys "$work/new"
json 0 rebuild rebuild --keys "$work/new" --force
json 0 origin-key origin-key --origin-key "$work/origin"
json 5 "origin-key, refused" origin-key --origin-key "$work/origin"
json 0 "signed backup" backup "$work/a.img" --keys "$work/new" --origin-key "$work/origin"
check "it says who signed" grep -q '"digests":true,"signed_by":"[0-9a-f-]*"' "$work/json"
json 0 "restore, verified" restore latest "$work/y" --keys "$work/new" --origin "$work/origin.pub"
check "it says so" grep -q '"origin":"verified","origin_key_id":"[0-9a-f-]*"' "$work/json"
json 16 "verify, unverified ones" verify --keys "$work/new" --origin "$work/origin.pub"
json 0 sign sign latest --keys "$work/new" --origin-key "$work/origin"
json 0 origin-export origin-export latest --keys "$work/new" --out "$work/export"
echo 'correct horse battery staple' >"$work/pw"
json 0 kit-export kit-export "$work/kit" --keys "$work/new" --store --kit-password-file "$work/pw"
json 0 kit-import kit-import --stored --keys "$work/from-kit" --kit-password-file "$work/pw"
json 12 "kit-import, no kit" kit-import "$work/json" --keys "$work/k" --kit-password-file "$work/pw"
json 0 "ls, with signature and kit" ls
rm "$(find "$repo/blocks" -type f | sed -n 1p)"
json 10 "verify, a block is missing" verify --keys "$work/new"
json 10 "scrub, a block is missing" scrub
json 2 "no command"
json 2 "unknown command" frobnicate
json 2 "too many arguments" ls here
json 2 "bad block size" backup "$work/a.img" --block-size 65M
json 2 "unknown option" ls --frobnicate
json 2 "rekey without a new key" rekey
json 6 "no image" backup "$work/none.img" --keys "$work/new"
json 2 "an image that is none" backup "$work" --keys "$work/new"
finish
