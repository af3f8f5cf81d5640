#!/bin/bash
# Whatever the number of threads: the same blocks are stored, the same restore point comes out, and
# the first failure in the order of the image is the one that is told. Under ThreadSanitizer too.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
python3 -c '
import random, sys
r = random.Random(4)
once, twice = r.randbytes(65536), r.randbytes(65536)
with open(sys.argv[1], "wb") as f:
    for i in range(300):  # equal blocks side by side and far apart, text, zeros, noise, a part
        f.write([once, once, twice, r.randbytes(65536), bytes(65536),
                 (b"line %d\n" % (i // 40) * 10000)[:65536]][i % 6])
    f.write(r.randbytes(12345))' "$work/a.img"

try() { # try THREADS: prints what has to be the same for any number
    rm -rf "$repo" "$keys" "$work/b.img"
    run init >/dev/null && run keygen >/dev/null || return 1
    local backup=(backup "$work/a.img" --block-size 64K --threads "$1" --json)
    run "${backup[@]}" --digests >"$work/json" || return 1
    for name in new_blocks reused_blocks zero_blocks holes; do
        echo "$name $(value $name <"$work/json")"
    done
    run "${backup[@]}" >"$work/json" || return 1
    echo "again $(value new_blocks <"$work/json") $(value reused_blocks <"$work/json")"
    run verify >/dev/null || return 1
    run restore latest "$work/b.img" --threads "$1" >/dev/null || return 1
    cmp "$work/a.img" "$work/b.img"
}

try 1 >"$work/one"
check "one thread" grep -q "^new_blocks 62$" "$work/one"
for threads in 2 3 7 64; do
    try $threads >"$work/many"
    check "$threads threads" cmp "$work/one" "$work/many"
done
expect 2 "no thread" "expected 1 to 64" backup "$work/a.img" --threads 0
expect 2 "65 threads" "expected 1 to 64" backup "$work/a.img" --threads 65
expect 2 "a word" "expected 1 to 64" restore latest "$work/c.img" --threads many

# Two blocks are damaged: the earlier one is named, always.
entry() { # entry N: the stored block of position N of the newest restore point
    local id
    id=$(sqlite3 "$repo/coffre.sqlite" "SELECT lower(hex(id)) FROM blocks WHERE block =
        (SELECT block FROM entries WHERE position = $1 LIMIT 1)")
    find "$repo/blocks" -name "$id.*"
}
early=$(entry 3) late=$(entry 9)
check "two blocks are found" test -f "$early" -a -f "$late"
printf 'XX' | dd of="$late" bs=1 seek=5000 conv=notrunc status=none
printf 'XX' | dd of="$early" bs=1 seek=5000 conv=notrunc status=none
named=0
for _ in 1 2 3 4 5; do
    run restore latest "$work/c.img" --threads 7 >"$work/said" 2>&1
    [ $? -eq 12 ] && grep -q "$(basename "$early")" "$work/said" && named=$((named + 1))
done
check "the earlier of two damaged blocks is named" test $named -eq 5
rm "$late"
run restore latest "$work/c.img" --threads 7 >"$work/said" 2>&1
check "before a later one that is missing" grep -q "$(basename "$early")" "$work/said"
check "nothing was restored" test ! -e "$work/c.img"

if echo 'int main(void){return 0;}' | gcc -fsanitize=thread -x c - -o "$work/empty" 2>/dev/null &&
    "$work/empty"; then
    sources=("$here"/../*.c)
    gcc -g -O1 -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -fsanitize=thread \
        -I"$here/../../../include" "${sources[@]}" "$here/../../../build/libcoffre.a" -lsqlite3 \
        -lqrencode -pthread -o "$work/tsan" >"$work/log" 2>&1 || cat "$work/log"
    appliance=$work/tsan
    export TSAN_OPTIONS=halt_on_error=1:exitcode=66
    try 5 >"$work/many"
    check "ThreadSanitizer has nothing to say" cmp "$work/one" "$work/many"
    cp "$(find "$repo/blocks" -type f | sed -n 1p)" "$work/kept"
    find "$repo/blocks" -type f -exec dd if=/dev/zero of={} bs=1 seek=300 count=2 conv=notrunc \
        status=none \;
    run restore latest "$work/c.img" --threads 5 >"$work/said" 2>&1
    check "nor when blocks are damaged" test $? -eq 12
else
    skipped "ThreadSanitizer" "this compiler has none"
fi
finish
