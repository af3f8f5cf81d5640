#!/bin/bash
# What restore refuses to overwrite, and how --force does it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
start
echo precious >"$work/target"
expect 5 "an existing file" "nothing was changed" restore latest "$work/target"
check "is untouched" test "$(cat "$work/target")" = precious
expect 0 "--force" "target" restore latest "$work/target" --force
check "replaces it" cmp "$work/target" "$work/a.img"

refused() { expect 5 "$1" "not a regular file" restore latest "$2" --force; }
mkdir "$work/directory"
refused "a directory, even with --force" "$work/directory"
ln -s "$work/elsewhere" "$work/link"
refused "a dangling link, even with --force" "$work/link"
mkfifo "$work/fifo"
refused "a pipe, even with --force" "$work/fifo"
expect 3 "a directory that does not exist" "cannot open" restore latest "$work/none/target"
expect 6 "a restore point that does not exist" "appliance ls" restore 0123 "$work/x"

ln -s "$work/a.img" "$work/x.appliance-partial"
expect 3 "a link in the temporary file's place" "cannot open" restore latest "$work/x"
check "nothing is left" test ! -e "$work/x"
rm "$work/x.appliance-partial"

hold "$work/x.appliance-partial"
expect 4 "another restore to the same target" "locked by process $holder" \
    restore latest "$work/x"
release
expect 0 "after it" "target" restore latest "$work/x"
check "the same bytes" cmp "$work/x" "$work/a.img"
finish
