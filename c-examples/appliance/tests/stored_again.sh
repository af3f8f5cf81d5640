#!/bin/bash
# A backup never refers to a stored block that is damaged: it reads each in full before it first
# does, and stores the content again.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
start
first=$(point 0)
cp -a "$repo" "$work/good"
fresh() {
    rm -rf "$repo"
    cp -a "$work/good" "$repo"
}
# The largest block: noise, so that no other is like it.
block=$(find "$repo/blocks" -type f -printf '%s %p\n' | sort -n | tail -1 | cut -d ' ' -f 2)

expect 0 "whole blocks are read once and referred to" "damaged blocks  *0" \
    backup "$work/a.img" --block-size 64K
run backup "$work/a.img" --block-size 64K --json >"$work/json"
check "nothing is stored again" test "$(value new_blocks <"$work/json")" = 0
bytes=$(find "$repo/blocks" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
check "each was read once" test "$(value bytes_checked <"$work/json")" = "$bytes"

fresh
printf 'XXXX' | dd of="$block" bs=1 seek=30000 conv=notrunc status=none
expect 12 "damaged in the middle: scrub" "the next backup .* stores it again" scrub
expect 0 "damaged in the middle: backup" "damaged, and its content is stored again: blocks/" \
    backup "$work/a.img" --block-size 64K
check "it says so" grep -q "^damaged blocks  *1$" "$work/said"
check "and stores it" grep -q "^new blocks  *1$" "$work/said"
check "the new restore point restores" restores latest a.img
expect 12 "the old one is still hit" "COFFRE_ERR_DAMAGED" restore "$first" "$work/x"
expect 0 "the next backup uses the new block" "new blocks  *0$" backup "$work/a.img" \
    --block-size 64K
check "and restores" restores latest a.img

fresh
rm "$block"
mkdir "$block"
expect 0 "a directory in its place" "new blocks  *1$" backup "$work/a.img" --block-size 64K
check "it restores" restores latest a.img
fresh
rm "$block"
mkfifo "$block"
expect 0 "a pipe in its place" "new blocks  *1$" backup "$work/a.img" --block-size 64K
check "it restores as well" restores latest a.img

fresh
if can_inject; then
    strace -o "$work/trace" -P "$block" -e trace=pread64 -e inject=pread64:error=EIO:when=3+ \
        "$appliance" --repo "$repo" --keys "$keys" --quiet backup "$work/a.img" --block-size 64K \
        >"$work/said" 2>"$work/errors"
    check "an input/output error in it" grep -q "^new blocks  *1$" "$work/said"
    check "the error is named" grep -q "Input/output error" "$work/errors"
else
    skipped "an input/output error in it" "strace is missing, or cannot inject here"
fi
finish
