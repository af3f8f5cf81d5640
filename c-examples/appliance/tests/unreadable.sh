#!/bin/bash
# scrub and verify look at every object, and go on after one that is damaged, in the wrong place,
# gone, or cannot be read.
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
one=points/$first two=points/$second
block=$(cd "$work/good" && find blocks -type f -printf '%s %p\n' | sort -n | tail -1)
block=${block#* }
total=$(find "$work/good/blocks" -type f | wc -l)

# What makes a restore point.
fresh
flip "$repo/$one/manifest" 1000
expect 12 "damaged manifest: scrub" "manifest: .*COFFRE_ERR_DAMAGED" scrub
fresh
cp "$repo/$two/manifest" "$repo/$one/manifest"
expect 13 "another point's manifest: scrub" "manifest is another restore point's" scrub
fresh
cp "$repo/$two/metadata" "$repo/$one/metadata"
expect 13 "another point's metadata: scrub" "metadata is another restore point's" scrub
fresh
cp "$repo/$one/metadata" "$repo/$one/manifest"
expect 12 "metadata for a manifest: scrub" "another kind of object" scrub
fresh
rm "$repo/$one/keys.rec"
expect 10 "no key record beside the blocks: scrub" "$one/keys.rec is missing" scrub
sqlite3 "$repo/coffre.sqlite" "DELETE FROM records WHERE name = '$one/keys.rec'"
expect 10 "no key record at all: scrub" "$one/keys.rec is missing" scrub
fresh
cp "$repo/$two/keys.rec" "$repo/$one/keys.rec"
expect 13 "another point's key record: scrub" "in the wrong place" scrub
fresh
flip "$repo/$one/keys.rec" 70
expect 12 "damaged key record: scrub" "keys.rec beside the blocks: .*COFFRE_ERR_DAMAGED" scrub
fresh
sqlite3 "$repo/coffre.sqlite" "UPDATE records SET bytes = x'00' WHERE name = '$one/keys.rec'"
expect 17 "a damaged copy in the database: scrub" "keys.rec in the database" scrub
fresh
rm "$repo/$one/metadata"
expect 10 "no metadata: scrub" "$one/metadata is missing" scrub

both_go_on() { # both_go_on CODE NAME PATTERN: scrub and verify see all the others
    expect "$1" "$2: scrub" "$3" scrub
    check "$2: scrub goes on" grep -q "^blocks  *\($total\|$((total - 1))\)$" "$work/said"
    expect "$1" "$2: verify" "$3" verify
    check "$2: verify goes on" grep -q "^restore points  *2$" "$work/said"
}
fresh
rm "$repo/$block"
mkdir "$repo/$block"
both_go_on 10 "a directory for a block" "is missing: a directory is in its place"
fresh
rm "$repo/$block"
mkfifo "$repo/$block"
both_go_on 12 "a pipe for a block" "expected a regular file"
for object in keys.rec manifest metadata; do
    fresh
    rm "$repo/$one/$object"
    mkfifo "$repo/$one/$object"
    expect 12 "a pipe for $object: scrub" "$object: expected a regular file" scrub
    check "a pipe for $object: the other restores" restores "$second" b.img
done
fresh
rm "$repo/coffre.sqlite"
mkfifo "$repo/coffre.sqlite"
expect 12 "a pipe for the database" "expected a regular file" verify
mkfifo "$work/pipe"
fresh
expect 2 "a pipe for an image" "expected a regular file or a block device" backup "$work/pipe"

# with FILE ARGUMENTS...: reading the file fails
with() {
    local file=$1
    shift
    strace -f -o /dev/null -P "$file" -e trace=pread64 -e inject=pread64:error=EIO \
        "$appliance" --repo "$repo" --keys "$keys" --quiet "$@" >"$work/said" 2>&1
    echo $? >>"$work/said"
}
if can_inject; then
    fresh
    with "$repo/$block" scrub
    check "input/output error in a block: scrub" grep -q "^environment: .*Input/output" "$work/said"
    check "goes on" grep -q "^blocks  *$total$" "$work/said"
    with "$repo/$block" verify
    check "input/output error in a block: verify" \
        grep -q "position .*Input/output error" "$work/said"
    check "goes on" grep -q "^restore points  *2$" "$work/said"
    check "with the code of that" test "$(tail -1 "$work/said")" = 3
    with "$repo/$one/manifest" verify
    check "input/output error in a manifest: verify" \
        grep -q "restore point $first: .*Input/output error" "$work/said"
    check "goes on" grep -q "^restore points  *2$" "$work/said"
else
    skipped "input/output errors" "strace is missing, or cannot inject here"
fi

# Objects that may not be read, as another user.
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
if [ "$(id -u)" = 0 ] && nobody true 2>/dev/null; then
    fresh
    chmod 755 "$work"
    cp "$appliance" "$work/program"
    chmod 0 "$repo/$block" "$repo/$one/manifest"
    chown -R 65534:65534 "$repo" "$keys"
    nobody "$work/program" --repo "$repo" --keys "$keys" --quiet scrub >"$work/said" 2>&1
    check "may not be read: scrub" grep -q "^finding count  *2$" "$work/said"
    nobody "$work/program" --repo "$repo" --keys "$keys" --quiet verify >"$work/said" 2>&1
    check "may not be read: verify" grep -q "manifest: Permission denied" "$work/said"
    check "and goes on" grep -q "position .*Permission denied" "$work/said"
    chmod 0 "$repo/blocks/${block:7:2}"
    nobody "$work/program" --repo "$repo" --keys "$keys" --quiet scrub >"$work/said" 2>&1
    check "a directory that may not be read: scrub" grep -q "cannot list .*denied" "$work/said"
    check "goes on with the others" grep -q "^manifests  *2$" "$work/said"
    chmod 0 "$keys"
    nobody "$work/program" --repo "$repo" --keys "$keys" check >"$work/said" 2>&1
    check "keys that may not be looked at" grep -q "cannot look at .*Permission denied" "$work/said"
    chmod 0 "$repo"
    nobody "$work/program" --repo "$repo" --keys "$keys" ls >"$work/said" 2>&1
    check "a repository that may not be looked at" \
        grep -q "cannot look at .*Permission denied" "$work/said"
    chmod 700 "$repo" "$keys"
else
    skipped "objects that may not be read" "needs root and setpriv"
fi
finish
