#!/usr/bin/env bash
# The library at work in a C program: a real disk image is backed up twice, rekeyed, verified,
# restored.
#
# Usage: make demo                  with an ext4 image of 256 MiB made from this machine's files
#        make demo IMAGE=disk.img   with an image of yours, which is only read
#
# Each command's exit code and verdict have to be the expected ones, and the restored images have to
# be the originals byte for byte; else the demo fails. Everything is below build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."
image=${1:-}
[ -z "$image" ] || image=$(realpath -e "$image")
: "${MAKE:=make}"

"$MAKE" -s -C c-examples/appliance
program=$PWD/c-examples/appliance/appliance
demo=build/demo
rm -rf $demo
mkdir -p $demo
cd $demo

bold='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }

stop() {
    echo "demo: FAILED: $1" >&2
    exit 1
}

# expect CODE PATTERN ARGUMENT...: runs the appliance; exit code and output have to be these. What
# it said is in the file `said`, how long it took in `took` (milliseconds). Standard error is left
# alone on a terminal when all should go well: the progress bar is there.
expect() {
    local code=0 wanted=$1 pattern=$2 start
    shift 2
    echo "\$ appliance $*"
    start=$(date +%s%N)
    if [ -t 2 ] && [ "$wanted" -eq 0 ]; then
        "$program" "$@" >said || code=$?
    else
        "$program" "$@" >said 2>&1 || code=$?
    fi
    took=$((($(date +%s%N) - start) / 1000000))
    sed '/^[a-z]*:  *[0-9]*%/d; s/^/    /' said
    [ "$code" -eq "$wanted" ] || stop "exit code $code instead of $wanted"
    grep -qE "$pattern" said || stop "no line matches: $pattern"
    [ "$code" -eq 0 ] || echo "    (exit code $code, as it should be)"
}

blocks() { find repository/blocks -type f -printf '%p %s %i %T@\n' | sort | cksum; }
same() { cmp "$1" "$2" || stop "$2 is not $1"; }
number_of() { sed -n "s/^$1  *\([0-9]*\).*/\1/p" said; }
stored_bytes() { du -sb --apparent-size repository | cut -f 1; }

say "A disk"
if [ -z "$image" ]; then
    image=$PWD/disk.img
    ../../scripts/disk-image.sh disk.img later.img
    reuse='[1-9]'
    echo "an ext4 file system with files of this machine, and the same after some work on it"
else
    reuse='[0-9]' # an image of one block has nothing in common with a changed one
    cp --sparse=always "$image" later.img
    size=$(stat -c %s "$image")
    for part in 1 2 3; do
        head -c $((size / 64 < 1048576 ? size / 64 + 1 : 1048576)) /dev/urandom |
            dd of=later.img seek=$((size * part / 4)) oflag=seek_bytes conv=notrunc status=none
    done
    echo "$image, and a copy of it in which three places changed"
fi
size=$(stat -c %s "$image")
data=$(du -B 1 "$image" | cut -f 1)

say "A repository and a key"
here=(--repo repository --keys keys)
expect 0 'instance id' init "${here[@]}"
expect 0 'new key +yes' keygen "${here[@]}"
expect 0 '^verdict +match$' check "${here[@]}"

say "The first backup, and the second after some work on the disk"
expect 0 'restore point' backup "$image" "${here[@]}" --name disk
first_took=$took first_stored=$(stored_bytes)
first_point=$(sed -n 's/^restore point  *//p' said)
expect 0 "^reused blocks +$reuse" backup later.img "${here[@]}" --name disk
second_took=$took second_stored=$(stored_bytes)
second_point=$(sed -n 's/^restore point  *//p' said)
reused=$(number_of 'reused blocks') new=$(number_of 'new blocks')
expect 0 "$second_point" ls "${here[@]}"

say "Another key takes over; no block is written again"
expect 0 'new key +yes' keygen --repo repository --keys keys-new
before=$(blocks)
expect 0 'old key still opens +0' rekey "${here[@]}" --new-keys keys-new
[ "$(blocks)" = "$before" ] || stop "the rekey touched a block"
old=("${here[@]}")
here=(--repo repository --keys keys-new)
expect 0 '^verdict +match$' check "${here[@]}"

say "Whole, and genuine?"
expect 0 '^finding count +0' scrub --repo repository
expect 0 '^finding count +0' verify "${here[@]}"
verify_took=$took

say "Both images come back"
expect 0 '^bytes written' restore "$first_point" first.img "${here[@]}"
restore_took=$took
expect 0 '^bytes written' restore "$second_point" second.img "${here[@]}"
same "$image" first.img
same later.img second.img
echo "both are byte for byte what was backed up"

say "A start with the key that was replaced"
expect 14 'stale' check "${old[@]}"

say "A start with a wrong key"
cp -r keys-new keys-wrong
expect 0 '^new key +yes' keygen --repo repository --keys keys-other
cp keys-other/private.pem keys-wrong/private.pem
expect 11 '^verdict +wrong key$' check --repo repository --keys keys-wrong

say "A start with a damaged challenge"
cp -r keys-new keys-damaged
printf '\377' | dd of=keys-damaged/challenge.rec bs=1 seek=100 conv=notrunc status=none
expect 12 '^verdict +corrupt$' check --repo repository --keys keys-damaged

say "A start with another machine's keys directory"
expect 0 'instance id' init --repo other-machine --keys keys-foreign
expect 0 '^new repository record +yes' keygen --repo other-machine --keys keys-foreign
expect 13 '^verdict +foreign$' check --repo repository --keys keys-foreign

say "And the right one still is"
expect 0 '^verdict +match$' check "${here[@]}"

# row LABEL BYTES [SPEED]
row() { printf '%-34s %14s %8s\n' "$1" "$2" "${3:-}"; }
# speed BYTES MILLISECONDS: in MB/s
speed() { echo $(($1 / ($2 * 1000 + 1))); }
percent() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f %%", b ? 100 * a / b : 0 }'; }

say "$(row '' bytes MB/s)"
row 'disk image' "$size"
row '  of it data, the rest is holes' "$data"
row 'repository after the first backup' "$first_stored" "$(speed "$data" "$first_took")"
row 'added by the second backup' $((second_stored - first_stored)) "$(speed "$data" "$second_took")"
row 'verified, both backups' $((2 * data)) "$(speed $((2 * data)) "$verify_took")"
row 'restored, the first' "$data" "$(speed "$data" "$restore_took")"
echo
echo "compressed and sealed, the data takes $(percent "$first_stored" "$data") of its size;" \
    "$(percent "$reused" $((reused + new))) of the second backup's blocks were stored already"

rm -f first.img second.img later.img disk.img
rm -rf keys-wrong keys-damaged keys-foreign keys-other other-machine said
echo "demo: everything was as it should be; the repository and its keys are in $demo"
