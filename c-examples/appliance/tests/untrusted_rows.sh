#!/bin/bash
# Which restore points there are, and which is the latest, is not the database's to say.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
start
expect 0 "second backup" "restore point" backup "$work/b.img" --block-size 64K --name second
first=$(point 0) second=$(point 1)
cp -a "$repo" "$work/good"
sql() {
    rm -rf "$repo"
    cp -a "$work/good" "$repo"
    sqlite3 "$repo/coffre.sqlite" "$1"
}

sql "DELETE FROM points WHERE name = 'second'"
expect 17 "a row of a point is gone: verify" "restore point $second: the database has no row" verify
check "verify opens it all the same" grep -q "^restore points  *2$" "$work/said"
check "restore by its id" restores "$second" b.img
check "restore of the latest" restores latest b.img
expect 0 "ls names it" "$second .*no row in the database" ls
expect 0 "the next backup makes the rows again" "restore point" backup "$work/b.img" \
    --block-size 64K
expect 0 "verify" "finding count  *0" verify
expect 0 "ls does not guess what was stored" "$second .*  - stored  second" ls

sql "DELETE FROM points"
expect 17 "no rows of points at all: verify" "finding count  *2" verify
check "restore of the latest" restores latest b.img

sql "UPDATE points SET created = created + 1000000000000 WHERE name <> 'second'"
check "another time in a row: restore of the latest" restores latest b.img
expect 17 "another time: verify" "restore point $first: .*row has another time" verify
sql "UPDATE points SET name = 'third' WHERE name = 'second'"
expect 17 "another name" "restore point $second: .*row has another name" verify
sql "UPDATE points SET image_size = image_size + 1 WHERE name = 'second'"
expect 17 "another image size" "row has another image size" verify
sql "UPDATE points SET block_size = 512 WHERE name = 'second'"
expect 17 "another block size" "row has another block size" verify
sql "UPDATE points SET state = 0 WHERE name = 'second'"
expect 17 "a complete one called unfinished" "says that it is unfinished" verify
check "restore of the latest" restores latest b.img

sql "INSERT INTO points SELECT 9, zeroblob(16), state, created + 1, image_size, block_size,
    new_blocks, new_bytes, 'invented' FROM points WHERE name = 'second'"
expect 10 "a row without a point: verify" "restore point 0*: the database has a row for it" verify
expect 10 "a row without a point: scrub" "points/0* is missing" scrub
expect 0 "a row without a point: ls" "(missing beside the blocks) invented" ls
check "a row without a point: the latest" restores latest b.img
expect 6 "a row without a point: restore" "no complete restore point" restore 0000 "$work/x"

sql ""
rm -rf "$repo/points/$first"
expect 10 "points/ID is gone: verify" "restore point $first: the database has a row for it" verify
expect 10 "points/ID is gone: scrub" "$first" scrub

start_other
sql ""
cp "$work/other/coffre.sqlite" "$repo/coffre.sqlite"
expect 13 "another installation's database: verify" "restore point $second: .*installation" verify
check "it looked at both points" grep -q "^restore points  *2$" "$work/said"
expect 13 "another installation's database: scrub" "another installation's" scrub
expect 13 "another installation's database: restore" "installation" restore latest "$work/x"

# Metadata that cannot be read might be the latest one's.
sql ""
flip "$repo/points/$first/metadata" 160
expect 12 "no latest without all metadata" "cannot tell which restore point is the latest" \
    restore latest "$work/x"
check "by its id it restores" restores "$second" b.img
finish
