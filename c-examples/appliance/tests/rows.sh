#!/bin/bash
# Rows swapped or altered in the database: a restore is not hit, verify names them, and the next
# backup does not use them.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
start
expect 0 "second backup" "restore point" backup "$work/b.img" --block-size 64K
first=$(point 0) second=$(point 1)
cp -a "$repo" "$work/good"
sql() {
    rm -rf "$repo"
    cp -a "$work/good" "$repo"
    sqlite3 "$repo/coffre.sqlite" "$1"
}

harmless() { # harmless NAME PATTERN: after sql
    expect 17 "$1: verify names it" "$2" verify
    check "$1: the first restores" restores "$first" a.img
    check "$1: the second restores" restores "$second" b.img
    backup b.img >/dev/null 2>"$work/notes"
    check "$1: the next backup restores" restores latest b.img
}

sql "CREATE TEMP TABLE t AS SELECT * FROM entries WHERE point = 1 AND position IN (0, 7);
     UPDATE entries SET block = (SELECT block FROM t WHERE t.position = 7 - entries.position)
     WHERE point = 1 AND position IN (0, 7)"
harmless "two positions swapped" "position 0: the database's row has another block id"

sql "CREATE TEMP TABLE t AS SELECT * FROM blocks WHERE block IN (1, 3);
     UPDATE blocks SET (commitment, checksum, total_len) =
         (SELECT commitment, checksum, total_len FROM t WHERE t.block = 4 - blocks.block)
     WHERE block IN (1, 3)"
harmless "two rows' contents swapped" "the database's row has another commitment"
check "the backup said so" grep -q "does not fit the stored block" "$work/notes"

sql "CREATE TEMP TABLE t AS SELECT * FROM blocks WHERE block IN (1, 3);
     UPDATE blocks SET id = zeroblob(32) WHERE block = 1;
     UPDATE blocks SET id = (SELECT id FROM t WHERE block = 1) WHERE block = 3;
     UPDATE blocks SET id = (SELECT id FROM t WHERE block = 3) WHERE block = 1"
harmless "two rows' ids swapped" "the database's row has another block id"

sql "UPDATE blocks SET version = 0"
harmless "rows that say version 0" "the database's row has another version"

sql "UPDATE blocks SET session = zeroblob(16)"
harmless "rows of another session" "the database's row has another session id"

sql "DELETE FROM entries WHERE point = 2 AND position = 1"
harmless "a row removed" "the database has no row for it"

sql "INSERT INTO entries SELECT 1, 999, 1"
harmless "a row added" "the database has rows for"

sql "INSERT INTO entries SELECT 1, 15, 1"
harmless "a row where there is a hole" "the manifest has a hole"

sql "DELETE FROM blocks; DELETE FROM entries; DELETE FROM sessions"
harmless "all rows removed" "the database has no row for it"

sql "UPDATE blocks SET commitment = x'00' WHERE block = 1"
expect 17 "a row of another shape" "instead of 32" verify
check "and it restores" restores "$first" a.img

sql ""
"$python" -c '
import os, sys
with open(sys.argv[1], "r+b") as f: # all pages but those that are needed to begin with
    for at in range(4096 * 4, os.path.getsize(sys.argv[1]), 4096):
        f.seek(at)
        f.write(os.urandom(64))' "$repo/coffre.sqlite"
expect 17 "pages overwritten: one finding, not one a row" "finding count  *1$" verify
check "which is of the database" grep -q "inconsistent: .*coffre.sqlite is damaged" "$work/said"
check "and it restores" restores "$first" a.img

sql "DROP TABLE entries"
expect 17 "a table is gone: one finding, not one a row" "finding count  *1$" verify
expect 17 "which says what to do" "rebuild --force.* not compared any further" verify
head -c 20000 /dev/urandom >"$repo/coffre.sqlite"
expect 12 "noise for a database" "rebuild --force" ls
expect 0 "rebuild --force" "restore points  *2" rebuild --force
check "keeps the old one" test -e "$repo/coffre.sqlite.old"
expect 0 "all is well" "finding count  *0" verify
check "the first restores" restores "$first" a.img
check "the second restores" restores "$second" b.img
finish
