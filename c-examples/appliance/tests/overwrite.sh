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
ln -s "$repo/points" "$work/way-in"
kept_out() { expect 5 "$1" "Nothing was changed; name another" restore latest "$2" --force; }
kept_out "a file of the repository, even with --force" "$repo/repository.rec"
kept_out "a new file in there" "$work/way-in/$(point 0)/target"
kept_out "a key, even with --force" "$keys/private.pem"
expect 0 "beside them" "target" restore latest "$repo-2"
expect 0 "and nothing was lost" "finding count  *0" verify
expect 3 "a directory that does not exist" "cannot open" restore latest "$work/none/target"
expect 6 "a restore point that does not exist" "appliance ls" restore 0123 "$work/x"

ln -s "$work/a.img" "$work/x.appliance-partial"
expect 3 "a link in the temporary file's place" "cannot open" restore latest "$work/x"
check "nothing is left" test ! -e "$work/x"
rm "$work/x.appliance-partial"

old=$(umask)
umask 077 # as a restore makes it
hold "$work/x.appliance-partial"
umask "$old"
expect 4 "another restore to the same target" "locked by process $holder" \
    restore latest "$work/x"
release
expect 0 "after it" "target" restore latest "$work/x"
check "the same bytes" cmp "$work/x" "$work/a.img"

# The temporary file: what a killed restore left is replaced, anything else is not.
rm -f "$work/x"
partial=$work/x.appliance-partial
echo precious >"$partial"
chmod 644 "$partial"
expect 5 "somebody's file under that name" "not what a killed restore leaves" \
    restore latest "$work/x"
check "it is untouched" test "$(cat "$partial")" = precious
chmod 600 "$partial"
ln "$partial" "$work/second-name"
expect 5 "one with two names" "not what a killed restore leaves" restore latest "$work/x"
rm "$work/second-name"
expect 0 "what a killed restore left" "target" restore latest "$work/x"
check "it is gone" test ! -e "$partial"
check "the target is its owner's alone" test "$(stat -c %a "$work/x")" = 600
rm "$work/x"
mkfifo "$partial"
expect 5 "a pipe under that name" "not what a killed restore leaves" restore latest "$work/x"
finish
