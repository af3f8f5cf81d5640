#!/bin/bash
# One writer at a time; readers go on; a lock ends with its process.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
start
run keygen --keys "$work/new" >/dev/null 2>&1
hold "$repo/lock"
expect 4 "backup" "locked by process $holder" backup "$work/a.img"
expect 4 "rekey" "locked by process $holder" rekey --new-keys "$work/new"
expect 4 "rebuild" "locked by process $holder" rebuild --force
expect 4 "keygen" "locked by process $holder" keygen --keys "$work/another"
expect 4 "init" "locked by process $holder" init
expect 0 "check needs no lock" match check
expect 0 "verify needs no lock" "finding count  *0" verify
check "restore needs no lock" restores latest a.img
release
expect 0 "after the holder was killed" "restore point" backup "$work/a.img"

# Two at once: one does it, the other says so, or comes after it.
run backup "$work/b.img" --block-size 512 >"$work/1" 2>&1 &
one=$!
run backup "$work/b.img" --block-size 512 >"$work/2" 2>&1
two=$?
wait $one
one=$?
case $one-$two in
0-0 | 0-4 | 4-0) ok "two backups at once: exit codes $one and $two" ;;
*) not_ok "two backups at once: exit codes $one and $two" ;;
esac
expect 0 "verify" "finding count  *0" verify
finish
