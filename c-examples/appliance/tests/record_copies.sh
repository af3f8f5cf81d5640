#!/bin/bash
# A key record lies in two places: which copy counts, and which one a writer replaces. A good copy
# must never be overwritten by one that only claims to be newer.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2317 # functions whose names are given to check
. "$(dirname "$0")/common.bash"
start
expect 0 "keygen of the next key" "key id" keygen --keys "$work/new"
expect 0 "rekey" "committed  *yes" rekey --new-keys "$work/new"
keys=$work/new
expect 0 "second backup" "restore point" backup "$work/b.img" --block-size 64K
first=$(point 0) second=$(point 1)
mv "$repo" "$work/good"
fresh() {
    rm -rf "$repo"
    cp -a "$work/good" "$repo"
}
record=points/$second/keys.rec
row() { # the copy in the database, as hexadecimal
    sqlite3 "$1/coffre.sqlite" "SELECT hex(bytes) FROM records WHERE name = '$2'"
}
row_is_kept() { [ "$(row "$repo" "$1")" = "$(row "$work/good" "$1")" ]; }
all_is_well() { # all_is_well NAME: after the next backup
    check "$1: the file is the genuine one again" cmp "$repo/$record" "$work/good/$record"
    check "$1: the row was not touched" row_is_kept "$record"
    check "$1: the first restores" restores "$first" a.img
    check "$1: the second restores" restores "$second" b.img
    expect 0 "$1: verify" "finding count  *0" verify
}

# The first one's record has generation 4 after the rekey, the second one's 2.
fresh
cp "$repo/points/$first/keys.rec" "$repo/$record"
check "another point's record: restore" restores "$second" b.img
expect 0 "another point's record: backup" \
    "the copy beside the blocks is foreign .*in the wrong place.*; written again" \
    backup "$work/b.img" --block-size 64K
all_is_well "another point's record"

fresh
sqlite3 "$repo/coffre.sqlite" "
    UPDATE records SET bytes = (SELECT bytes FROM records WHERE name = 'points/$first/keys.rec')
    WHERE name = '$record'"
expect 0 "and in the database: backup" "in the database is foreign .*; written again" \
    backup "$work/b.img" --block-size 64K
all_is_well "and in the database"

if ! "$python" -c 'import xxhash' 2>/dev/null; then
    skipped "forged records" "no python3 with xxhash"
    finish
fi
# forge OFFSET BYTE: in $record, with a checksum that fits
forge() {
    "$python" -c '
import sys, xxhash
b = bytearray(open(sys.argv[1], "rb").read())
b[int(sys.argv[2])] = int(sys.argv[3])
b[-8:] = xxhash.xxh3_64_intdigest(bytes(b[:-8])).to_bytes(8, "little")
open(sys.argv[1], "wb").write(b)' "$repo/$record" "$1" "$2"
}
fresh
forge 48 99
expect 0 "a forged generation: verify" "beside the blocks is corrupt" verify
expect 0 "a forged generation: backup" "corrupt .*NOT_AUTHENTIC.*; written again" \
    backup "$work/b.img" --block-size 64K
all_is_well "a forged generation"

# It claims to be newer and another key's: it could be what a killed rekey left, so it stays.
fresh
forge 48 99
at=$("$python" -c '
import sys
print(open(sys.argv[1], "rb").read().find(bytes.fromhex(sys.argv[2])))' "$repo/$record" \
    "$(run report --json | "$python" -c '
import json, sys
print(json.load(sys.stdin)["records"][0]["keys"][0]["key_id"].replace("-", ""))')")
if [ "$at" -gt 0 ]; then
    forge "$at" 0
    cp "$repo/$record" "$work/forged"
    check "forged for another key: restore" restores "$second" b.img
    expect 0 "forged for another key: backup" "wrong key .*it is left alone" \
        backup "$work/b.img" --block-size 64K
    check "forged for another key: it is left" cmp "$repo/$record" "$work/forged"
    check "forged for another key: so is the row" row_is_kept "$record"
    expect 0 "keygen of a third key" "key id" keygen --keys "$work/third"
    expect 5 "forged for another key: a rekey does not overwrite it" "Put it away" \
        rekey --new-keys "$work/third"
    mv "$repo/$record" "$work/away"
    expect 0 "put away, the rekey goes on" "committed  *yes" rekey --new-keys "$work/third"
    keys=$work/third
    expect 0 "verify" "finding count  *0" verify
else
    skipped "forged for another key" "the record does not name its key by the printed id"
fi
finish
