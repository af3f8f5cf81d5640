#!/bin/bash
# Peak memory of backup, verify and restore of a 4 GiB sparse image with 1 GiB of random data
# scattered in it: below 64 MiB. Takes a minute and 3.5 GiB of disk; TMPDIR says where.
# shellcheck source-path=SCRIPTDIR
TMPDIR=${TMPDIR:-/tmp}
. "$(dirname "$0")/common.bash"
if [ "$(df -Pk "$work" | awk 'NR == 2 { print $4 }')" -lt 4000000 ]; then
    skipped "peak memory" "needs 4 GB in $work"
    finish
fi
python3 -c '
import os, sys
with open(sys.argv[1], "wb") as f:
    f.truncate(4 << 30)
    for i in range(1024):  # 1 MiB each; most do not begin where a block does
        f.seek((i << 22) + (i * 7 % 3 << 20) + (i % 5) * 4096)
        f.write(os.urandom(1 << 20))' "$work/a.img"
echo "image: $(stat -c '%s bytes, %b sectors of %B' "$work/a.img")"
check "init" run init
check "keygen" run keygen

below() { # below NAME ARGUMENTS...: the larger of what the program and time(1) say
    local name=$1 peak seconds time=()
    shift
    [ ! -x /usr/bin/time ] || time=(/usr/bin/time -f %M -o "$work/time")
    if ! "${time[@]}" "$appliance" --repo "$repo" --keys "$keys" "$@" --json >"$work/json"; then
        not_ok "$name"
        cat "$work/json"
        return
    fi
    peak=$(value peak_memory_kib <"$work/json")
    [ ! -x /usr/bin/time ] || peak=$(sort -n "$work/time" - <<<"$peak" | tail -1)
    seconds=$(value seconds <"$work/json")
    check "$name: peak $peak KiB, $seconds s" test "$peak" -lt 65536 -a -n "$seconds"
}
below "backup" backup "$work/a.img"
below "backup again" backup "$work/a.img"
check "nothing is stored twice" test "$(value new_blocks <"$work/json")" = 0
below "verify" verify latest
below "restore" restore latest "$work/b.img"
check "the image is the same" cmp "$work/a.img" "$work/b.img"
sectors=$(stat -c %b "$work/a.img")
check "and as sparse" test "$(stat -c %b "$work/b.img")" -le $((sectors * 2 + 2048))
finish
