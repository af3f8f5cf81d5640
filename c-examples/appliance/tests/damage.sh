#!/bin/bash
# Objects that are damaged, gone, or too many: what scrub, verify, restore and the next backup do.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
start
expect 0 "second backup" "restore point" backup "$work/b.img" --block-size 64K
first=$(point 0) second=$(point 1)
mv "$repo" "$work/good"
fresh() {
    rm -rf "$repo"
    cp -a "$work/good" "$repo"
}
next_backup() { # next_backup NAME PATTERN: of the first image
    expect 0 "$1" "$2" backup "$work/a.img" --block-size 64K
}
# A block that the first restore point alone refers to: the last of a.img was changed in b.img.
block=$(sqlite3 "$work/good/coffre.sqlite" "
    SELECT 'blocks/' || lower(substr(hex(b.id), 1, 2)) || '/' || lower(hex(b.id)) || '.'
        || lower(hex(b.session))
    FROM entries e JOIN blocks b USING (block)
    WHERE e.point = 1 ORDER BY e.position DESC LIMIT 1")

fresh
flip "$repo/$block" 150
expect 12 "damaged block: scrub, without keys" "COFFRE_ERR_DAMAGED.*; needed by $first" \
    scrub --keys "$work/none"
expect 12 "damaged block: verify" "position 18: .*COFFRE_ERR_DAMAGED" verify
echo before >"$work/target"
expect 12 "damaged block: restore" "COFFRE_ERR_DAMAGED" restore "$first" "$work/target" --force
check "the old target is untouched, nothing else is left" test "$(cat "$work"/target*)" = before
check "the other restore point restores" restores "$second" b.img
next_backup "the next backup" "restore point"
expect 12 "verify still names the first" "restore point $first" verify

fresh
rm "$repo/$block"
expect 10 "missing block: scrub" "is missing; needed by $first" scrub
expect 10 "missing block: verify" "missing: restore point $first, position 18" verify
expect 10 "missing block: restore" "is missing" restore "$first" "$work/x"
next_backup "missing block: the next backup stores it again" "new blocks  *1$"
check "and restores" restores latest a.img

fresh
truncate -s -30 "$repo/$block"
expect 12 "block cut short: scrub" "needed by $first" scrub
expect 12 "block cut short: verify" "position 18" verify

fresh
other=$(find "$repo/blocks" -type f | grep -v "${block##*/}" | sed -n 1p)
cp "$other" "$repo/$block"
expect 12 "another block under its name: scrub" "holds another block" scrub
expect 12 "another block under its name: verify" "position 18" verify

fresh
cp "$repo/$block" "$repo/${block%.*}.00000000000000000000000000000000"
expect 12 "a copy under another session's name: scrub" "holds another block" scrub
fresh
echo hello >"$repo/blocks/README"
expect 0 "an unknown file: scrub" "unknown files  *1" scrub
expect 0 "an unknown file: verify" "finding count  *0" verify

# Records lie in two places.
record=points/$first/keys.rec
fresh
flip "$repo/$record" 70
expect 0 "damaged key record: verify" "the copy beside the blocks is corrupt" verify
next_backup "damaged key record: the next backup repairs it" "written again"
check "repaired" cmp "$repo/$record" "$work/good/$record"
rm "$repo/$record"
check "missing key record: restore" restores "$first" a.img
sqlite3 "$repo/coffre.sqlite" "UPDATE records SET bytes = x'00' WHERE name = '$record'"
expect 12 "missing here and damaged there: restore" \
    "the copy in the database: .*COFFRE_ERR_MALFORMED" restore "$first" "$work/x"
expect 12 "and verify" "corrupt: restore point $first:" verify
fresh
cp "$repo/$record" "$work/older"
run keygen --keys "$work/new" >/dev/null 2>&1
run rekey --new-keys "$work/new" --prepare >/dev/null 2>&1
cp "$work/older" "$repo/$record"
expect 0 "an older copy of a record: verify" "is older (generation 2) than .* (generation 3)" verify
sqlite3 "$repo/coffre.sqlite" "DELETE FROM records WHERE name = '$record'"
expect 0 "and none in the database: the new key" "match" check --keys "$work/new"
expect 11 "but the older copy is not for it" "wrong key" verify --keys "$work/new"
expect 0 "the old key's opens, with a note" "the database knows of 3" verify
expect 14 "a writer does not build on it" "the database knows of 3" rekey --new-keys "$work/new"
expect 0 "unless that is what there is" "restore points" rebuild --force
expect 0 "running the rekey again helps" "new key added  *1" rekey --new-keys "$work/new"
expect 0 "verify" "finding count  *0" verify --keys "$work/new"
fresh
sqlite3 "$repo/coffre.sqlite" "
    UPDATE records SET bytes = (SELECT bytes FROM records WHERE name = 'points/$second/keys.rec')
    WHERE name = '$record'"
expect 0 "records swapped in the database: verify" "in the database is another record" verify
next_backup "and the next backup repairs it" "written again"
expect 0 "verify" "finding count  *0" verify
# A record that claims to be newer, by somebody without the key: checksum and all, but no MAC.
if "$python" -c 'import xxhash' 2>/dev/null; then
    fresh
    "$python" -c '
import sys, xxhash
b = bytearray(open(sys.argv[1], "rb").read())
b[48] = 99
b[-8:] = xxhash.xxh3_64_intdigest(bytes(b[:-8])).to_bytes(8, "little")
open(sys.argv[1], "wb").write(b)' "$repo/$record"
    expect 0 "a forged newer record: verify" "beside the blocks is corrupt" verify
    check "a forged newer record: restore" restores "$first" a.img
    expect 0 "a forged newer record: report believes it" "generation 99" report
    next_backup "a forged newer record: the next backup replaces it" "written again"
    check "the genuine one is back" cmp "$repo/$record" "$work/good/$record"
else
    skipped "a forged newer record" "no python3 with xxhash"
fi
fresh
cp "$repo/points/$second/keys.rec" "$repo/$record"
sqlite3 "$repo/coffre.sqlite" "DELETE FROM records WHERE name = '$record'"
expect 13 "another restore point's record: verify" "foreign" verify

fresh
flip "$repo/points/$first/manifest" 1000
expect 12 "damaged manifest: verify" "position 0: .*segment 0.*COFFRE_ERR_NOT_AUTHENTIC" verify
expect 12 "damaged manifest: restore" "COFFRE_ERR_NOT_AUTHENTIC" restore "$first" "$work/x"
check "nothing appeared" test ! -e "$work/x"
fresh
truncate -s -1 "$repo/points/$first/manifest"
expect 12 "manifest cut short: scrub" "manifest: .*COFFRE_ERR_" scrub
expect 12 "manifest cut short: verify" "manifest: expected" verify
fresh
flip "$repo/points/$first/manifest" -20
expect 12 "damaged root: verify" "is not whole" verify
expect 12 "damaged root: restore" "is not whole" restore "$first" "$work/x"
check "nothing appeared, again" test ! -e "$work/x"
fresh
rm "$repo/points/$first/manifest"
expect 10 "no manifest: verify" "manifest is missing" verify
expect 10 "no manifest: scrub" "manifest is missing" scrub
next_backup "no manifest: the next backup goes on" "has no manifest"
fresh
cp "$repo/points/$second/manifest" "$repo/points/$first/manifest"
expect 13 "another point's manifest: verify" "foreign" verify
fresh
flip "$repo/points/$first/metadata" 160
expect 12 "damaged metadata: verify" "metadata" verify
expect 12 "damaged metadata: scrub" "metadata" scrub
check "it restores all the same" restores "$first" a.img

# The repository record, lost in both places: what is there restores, the next backup is a full one.
fresh
rm "$repo/repository.rec"
sqlite3 "$repo/coffre.sqlite" "DELETE FROM records WHERE name = 'repository.rec'"
expect 10 "no repository record: check" "keygen" check
expect 10 "no repository record: backup" "keygen" backup "$work/a.img"
check "no repository record: restore" restores "$first" a.img
expect 0 "keygen makes another" "new repository record  *yes" keygen
next_backup "the next backup is a full one" "reused blocks  *[0-3]$"
expect 0 "verify" "finding count  *0" verify
finish
