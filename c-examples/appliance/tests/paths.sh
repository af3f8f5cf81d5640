#!/bin/bash
# Paths that are not what they should be, parts of a repository that are gone, and names that would
# act on a terminal.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
expect 10 "no such directory" "does not exist, and so is no repository" ls
mkdir "$repo"
expect 10 "an empty directory" "is no repository" ls
rmdir "$repo"
start
cp -a "$repo" "$work/good"
fresh() {
    rm -rf "$repo"
    cp -a "$work/good" "$repo"
}
expect 2 "a file for a repository" "is not a directory" ls --repo "$work/a.img"
expect 2 "a file for keys" "is not a directory" check --keys "$work/a.img"
expect 2 "a file for keys: keygen" "is not a directory" keygen --keys "$work/a.img"
expect 2 "a file for a repository: init" "is not a directory" init --repo "$work/a.img"

# init must not make a new installation where there are backups.
: >"$repo/coffre.sqlite"
expect 5 "init on an empty database" "appliance rebuild" init
check "the database is still empty" test ! -s "$repo/coffre.sqlite"
expect 0 "rebuild" "restore points  *1" rebuild --force
check "it restores" restores latest a.img
fresh
sqlite3 "$repo/coffre.sqlite" "DELETE FROM installation"
expect 5 "init on a database without an installation" "appliance rebuild" init
fresh
rm -rf "$repo/coffre.sqlite" "$repo/repository.rec" "$repo/points"
expect 5 "init over blocks alone" "appliance rebuild" init
fresh
rm -rf "$repo/coffre.sqlite" "$repo/repository.rec" "$repo"/{points,blocks,unfinished}/*
expect 0 "init over what a killed init left" "instance id" init

# A part is gone.
fresh
mv "$repo/blocks" "$work/unmounted"
expect 10 "blocks/ is gone: backup" "no directory blocks. Is the file system mounted" \
    backup "$work/a.img"
expect 10 "blocks/ is gone: scrub" "no directory blocks" scrub
check "nothing was made in its place" test ! -e "$repo/blocks"
expect 5 "blocks/ is gone: init" "is a repository already" init
check "nor by init" test ! -e "$repo/blocks"
mv "$work/unmounted" "$repo/blocks"
rm -rf "$repo/tmp" "$repo/unfinished"
expect 0 "tmp/ and unfinished/ are gone: verify" "finding count  *0" verify
expect 0 "tmp/ and unfinished/ are gone: backup" "restore point" backup "$work/b.img"
check "they are there again" test -d "$repo/tmp" -a -d "$repo/unfinished"

# Names.
fresh
name=$(printf 'red \033[31m \177 \302\233 line\nbell \007 bad \377 fine \303\251')
expect 2 "an empty name" "expected at least one character" backup "$work/a.img" --name ''
expect 0 "a name with control characters" "restore point" backup "$work/a.img" --name "$name"
expect 0 "ls prints none of them" \
    'red \\x1b\[31m \\x7f \\xc2\\x9b line\\x0abell \\x07 bad \\xff fine é' ls
check "not one byte" test -z "$(tr -d '\n' <"$work/said" | tr -dc '\000-\037\177\377')"
expect 0 "verify compares the name as it is" "finding count  *0" verify
expect 10 "nor do messages" 'esc\\x1b' check --keys "$work/$(printf 'esc\033')/none"

# Words.
repo=$work/empty
expect 0 "init" "instance id" init
expect 0 "ls of an empty repository" "no restore point yet" ls
keys=$work/kek
expect 0 "keygen --kek" "key id" keygen --kek
check "a KEK has no digest of a public key" test -z "$(grep 'public key' "$work/said")"
expect 6 "the latest of none" "no restore point yet" restore latest "$work/x"
printf x >"$work/one.img"
expect 0 "backup of one byte" "restore point" backup "$work/one.img"
expect 0 "1 byte is one" " 1 byte " ls
expect 2 "usage" "expected: appliance restore POINT FILE \[OPTIONS\]$" restore
"$appliance" --repo "$repo" ls 2>"$work/errors" >/dev/full
check "standard output that is full: code" test $? = 3
check "standard output that is full: message" \
    grep -q "standard output: No space left" "$work/errors"
"$appliance" --help >"$work/said"
check "help says that codes are ordered" grep -q "to the gravest" "$work/said"
"$appliance" --repo "$repo" --keys "$keys" verify 2>"$work/errors" >/dev/null
check "progress says which restore point" grep -q "^verify: 100%, .*, $(point 0)$" "$work/errors"
finish
