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

# A database from before there were notes of generations gets the table for them.
fresh
sqlite3 "$repo/coffre.sqlite" "DROP TABLE generations; PRAGMA user_version = 1"
expect 0 "a database of version 1: verify" "finding count  *0" verify
expect 0 "a database of version 1: backup" "restore point" backup "$work/b.img" --block-size 64K
check "its records' generations are noted" test \
    "$(sqlite3 "$repo/coffre.sqlite" 'SELECT max(generation) FROM generations')" = 2
fresh

# Two of one generation that are both genuine: nobody but the operator can decide.
run keygen --keys "$work/one" >/dev/null 2>&1
run keygen --keys "$work/two" >/dev/null 2>&1
mv "$repo" "$work/base"
for which in one two; do
    repo=$work/with-$which
    cp -a "$work/base" "$repo"
    expect 0 "another key: $which" "new key added  *3" add-key --new-keys "$work/$which"
done
repo=$work/repo
cp -a "$work/with-one" "$repo"
cp "$work/with-two/$record" "$repo/$record"
cp -a "$repo" "$work/conflict"
expect 12 "a conflict: verify" "differ, and both are of generation 3. Put one of them away" verify
expect 12 "a conflict: restore" "differ, and both are of generation" restore "$second" "$work/x"
expect 12 "a conflict: scrub" "^finding count  *1$" scrub
check "it names the record" grep -q "^corrupt: $record: .* differ, and both are of generation 3" \
    "$work/said"
check "and calls none older" test -z "$(grep "is older" "$work/said")"
expect 12 "a conflict: report" "differs from the other, and both are of generation 3" report
check "in its row too" grep -q "^$record .* another copy of that generation" "$work/said"
expect 12 "a conflict: no key is added" "differ, and both" add-key --new-keys "$work/two"
check "a conflict: nothing was written" cmp "$repo/$record" "$work/conflict/$record"
rm "$repo/$record"
expect 0 "a conflict: one is put away" "written again" backup "$work/b.img" --block-size 64K
check "a conflict: it restores" restores "$second" b.img

# The newer copy is damaged: the older one serves, is named, and is not taken for new by a writer.
rm -rf "$repo"
cp -a "$work/with-one" "$repo"
cp "$work/base/$record" "$repo/$record"
expect 0 "an older file: verify" "is older (generation 2) than the other (generation 3)" verify
cp -a "$repo" "$work/older-file"
sqlite3 "$repo/coffre.sqlite" "UPDATE records SET bytes = x'00' WHERE name = '$record'"
expect 0 "and a damaged row: verify" "the copy in the database is corrupt" verify
check "it says that there was a newer one" grep -q "the database knows of 3" "$work/said"
check "and a damaged row: restore" restores "$second" b.img
expect 14 "a rollback: no key is added" "the database knows of 3" add-key --new-keys "$work/two"
check "a rollback: the file is left" cmp "$repo/$record" "$work/base/$record"
rm -rf "$repo"
cp -a "$work/with-one" "$repo"
cp "$work/base/repository.rec" "$repo/repository.rec"
sqlite3 "$repo/coffre.sqlite" "DELETE FROM records WHERE name = 'repository.rec'"
expect 14 "a rollback of the repository record: check" "older copy than the one that the database" \
    check
expect 14 "a rollback of the repository record: backup" "the database knows of" \
    backup "$work/b.img"
expect 0 "what is there is accepted by a rebuild" "restore points" rebuild --force
expect 0 "and then it counts" "match" check
expect 0 "backup after that" "restore point" backup "$work/b.img" --block-size 64K

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
