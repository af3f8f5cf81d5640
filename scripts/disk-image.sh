#!/usr/bin/env bash
# Makes an ext4 image of 256 MiB from files of this machine, and a later state of the same disk.
#
# Usage: scripts/disk-image.sh FIRST SECOND
#
# FIRST holds about 200 MiB of programs, libraries and documents. SECOND is what the disk looks like
# after some work on it: directories gone, files new, replaced and grown.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
first=$1 second=$2
work=$(mktemp -d "$first.XXXXXX")
trap 'rm -rf "$work"' EXIT

# take DIR MIB: names files below DIR, in the order of their names, as long as they fit into MIB.
take() {
    find "$1" -xdev -type f -readable -size -16M -printf '%s %p\n' 2>/dev/null | sort -k 2 |
        awk -v left=$(($2 * 1048576)) '{
            blocks = int(($1 + 4095) / 4096) * 4096
            if (blocks > left || / .* /) next
            left -= blocks
            sub(/^[0-9]+ /, "")
            print }'
}

{
    take /usr/lib 90
    take /usr/share 50
    take /usr/bin 60
} >"$work/list"
mkdir "$work/files"
tar -C / -cf - -T "$work/list" 2>/dev/null | tar -xf - -C "$work/files"
rm -f "$first"
truncate -s 256M "$first"
mke2fs -q -t ext4 -F -L coffre-demo -d "$work/files" "$first"

# --- some work on the disk ---

cp --sparse=always "$first" "$second"
n=0
{
    # Of 250 files one goes, of 1000 one grows; and something comes that does not compress.
    awk 'NR % 250 == 0 { print "rm " $0 }' "$work/list"
    while read -r path; do
        n=$((n + 1))
        { cat "$path" && echo "changed"; } >"$work/changed$n"
        name=${path##*/}
        printf 'cd %s\nrm %s\nwrite %s %s\n' "${path%/*}" "$name" "$work/changed$n" "$name"
    done < <(awk 'NR % 1000 == 1' "$work/list")
    head -c 6M /dev/urandom >"$work/new"
    printf 'cd /\nwrite %s new.bin\n' "$work/new"
} >"$work/commands"
debugfs -w -f "$work/commands" "$second" >"$work/debugfs" 2>&1
for image in "$first" "$second"; do
    e2fsck -fn "$image" >"$work/check" 2>&1 || { cat "$work/check" >&2; exit 1; }
done
