#!/bin/bash
# From init to a restore after a rekey, and the same with other keys, images and block sizes.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"

expect 0 init "instance id" init
expect 5 "init of a repository" "is a repository already" init
expect 0 keygen "key id" keygen
expect 5 "keygen over a key" "nothing was changed" keygen
check "private key is the owner's alone" test "$(stat -c %a "$keys/private.pem")" = 600
expect 0 check "match" check
make_image "$work/a.img"
expect 0 "first backup" "restore point" backup "$work/a.img" --block-size 64K
cp "$work/a.img" "$work/b.img"
change_image "$work/b.img"
expect 0 "second backup" "restore point" backup "$work/b.img" --block-size 64K
new=$(run ls --json | value restore_points.1.new_blocks)
check "unchanged blocks are not stored again" test "$new" -le 4
expect 0 "third backup, unchanged" "new blocks  *0$" backup "$work/b.img" --block-size 64K
expect 0 ls "b.img" ls
expect 0 verify "finding count  *0" verify
expect 0 scrub "finding count  *0" scrub
expect 0 "report, without keys" "opens 4 of 4 records" report --keys "$work/none"
first=$(point 0) second=$(point 1)

expect 0 "keygen for a rekey" "does not open the repository yet: .appliance add-key " \
    keygen --keys "$work/new"
expect 11 "the new key before the rekey" "wrong key" check --keys "$work/new"
expect 0 "rekey, prepared" "both keys open everything" rekey --new-keys "$work/new" --prepare
expect 0 "old key after that" "match" check
expect 0 "new key after that" "match" check --keys "$work/new"
expect 0 "rekey" "re-wrapping is not revoking" rekey --new-keys "$work/new"
expect 0 "rekey once more" "old key removed  *0" rekey --new-keys "$work/new"
generation=$(run check --keys "$work/new" --json | value records.0.generation)
check "a second rekey does not raise the generation" test "$generation" = 2
expect 2 "rekey to the same key" "hold the same key" rekey --keys "$work/new" --new-keys "$work/new"
expect 14 "check with the old keys" "stale" check
expect 14 "backup with the old keys" "stale" backup "$work/b.img"
expect 11 "verify with the old keys" "wrong key" verify
expect 11 "restore with the old keys" "wrong key" restore latest "$work/x"
check "nothing was restored" test ! -e "$work/x"
keys=$work/new
expect 0 "check with the new keys" "match" check
expect 0 "verify with the new keys" "finding count  *0" verify
check "restore of the first" restores "$first" a.img
check "restore of the second" restores "${second:0:8}" b.img
sectors=$(($(stat -c '%s' "$work/restored") / 512))
check "the restored file is sparse" test "$(stat -c '%b' "$work/restored")" -lt $sectors
expect 0 "backup after the rekey" "new blocks  *0$" backup "$work/b.img" --block-size 64K

# Images and block sizes at the edges.
: >"$work/empty.img"
printf x >"$work/one.img"
head -c 65536 /dev/zero >"$work/zero.img"
truncate -s 10M "$work/hole.img"
for image in empty.img one.img zero.img hole.img a.img; do
    for size in 512 4K 1M 64M; do
        [ $image$size = hole.img512 ] && continue
        expect 0 "backup of $image in blocks of $size" "restore point" \
            backup "$work/$image" --block-size $size
        check "restore of it" restores latest $image
    done
done
expect 0 "verify of all" "finding count  *0" verify
expect 0 "a name of one's own" "name  *with  spaces" backup "$work/one.img" --name "with  spaces"

# A 32-byte key, and to a P-256 pair from there.
repo=$work/repo2 keys=$work/kek
expect 0 "init 2" "instance id" init
expect 0 "keygen --kek" "kek.bin" keygen --kek
check "KEK file" test "$(stat -c %a-%s "$keys/kek.bin")" = 600-32
expect 0 "check with a KEK" "match" check
expect 0 "backup with a KEK" "restore point" backup "$work/a.img"
expect 0 "keygen of a pair" "key id" keygen --keys "$work/pair"
expect 0 "rekey from KEK to pair" "committed  *yes" rekey --new-keys "$work/pair"
keys=$work/pair
check "restore with the pair" restores latest a.img
check "openssl reads the pair" openssl pkey -in "$keys/private.pem" -noout
finish
