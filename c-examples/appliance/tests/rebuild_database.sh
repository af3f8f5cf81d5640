#!/bin/bash
# A lost database is made again from what lies beside it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
start
expect 0 "second backup" "restore point" backup "$work/b.img" --block-size 64K
first=$(point 0) second=$(point 1)
created() { run ls --json | value restore_points.0.created_microseconds; }
time=$(created)

rm "$repo/coffre.sqlite"
expect 10 "ls without a database" "appliance rebuild" ls
expect 10 "backup without a database" "appliance rebuild" backup "$work/b.img"
expect 5 "init is no way out" "appliance rebuild" init
expect 0 rebuild "restore points  *2" rebuild
expect 0 "check" "match" check
expect 0 "verify" "finding count  *0" verify
expect 0 "scrub" "finding count  *0" scrub
check "times are kept" test "$(created)" = "$time"
expect 0 "names are kept" "b.img" ls
check "the first restores" restores "$first" a.img
check "the second restores" restores "$second" b.img
expect 0 "blocks are found again" "new blocks  *0$" backup "$work/b.img" --block-size 64K
expect 5 "rebuild does not replace a database unasked" "nothing was changed" rebuild

expect 0 "with --force it is kept" "is kept as .*coffre.sqlite.old$" rebuild --force
cp "$repo/coffre.sqlite.old" "$work/old"
expect 0 "and what was kept before stays" "is kept as .*coffre.sqlite.old.2$" rebuild --force
check "byte for byte" cmp "$repo/coffre.sqlite.old" "$work/old"
expect 0 "ls does not guess what was stored" "  - stored  a.img" ls
check "nor does it in JSON" test -z "$(run ls --json | grep new_bytes)"

rm "$repo"/coffre.sqlite*
head -c 4096 /dev/urandom >"$repo/coffre.sqlite-journal" # another database's
expect 0 "a journal that is left does no harm" "restore points  *3" rebuild
expect 0 "verify" "finding count  *0" verify

rm "$repo/coffre.sqlite" "$repo/repository.rec"
expect 0 "without the repository record too" "repository.rec is missing" rebuild
check "the first restores" restores "$first" a.img
expect 0 "keygen makes another" "new repository record" keygen
expect 0 "and backups go on" "restore point" backup "$work/b.img" --block-size 64K
expect 0 "verify" "finding count  *0" verify

rm "$repo/coffre.sqlite" "$repo/points/$first/keys.rec"
expect 10 "a restore point without its key record is left out" "$first" rebuild
check "the second restores" restores "$second" b.img
rm "$repo/coffre.sqlite"
start_other
expect 11 "rebuild with another key" "wrong key" rebuild --keys "$work/others"
check "leaves no database" test -z "$(find "$repo" -name 'coffre.sqlite*')"
finish
