#!/bin/bash
# kill -9 at every write of a backup, rekey, rebuild, restore and keygen. Just after it nothing is
# lost; the next run goes on.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2317 # functions whose names are given to sweep
. "$(dirname "$0")/common.bash"
if ! can_inject; then
    skipped "kill at every write" "strace is missing, or cannot inject here"
    finish
fi
start
expect 0 "keygen of the next key" "key id" keygen --keys "$work/new"
mv "$repo" "$work/before"
mv "$work/new" "$work/new-before"
fresh() {
    rm -rf "$repo" "$work/new" "$work/out.img"* "$work/k"
    cp -a "$work/before" "$repo"
    cp -a "$work/new-before" "$work/new"
}

says() { grep -q "$1" <(shift && run "$@" --json); } # says PATTERN ARGUMENTS...

# After the next complete backup nothing is left of the killed one.
tidy() {
    find "$repo/tmp" "$repo/unfinished" -type f >"$work/left"
    [ ! -s "$work/left" ] || sed 's/^/left: /' "$work/left"
    [ ! -s "$work/left" ] && says '"blocks_without_row":0' scrub
}

after_backup() {
    run scrub && run verify && backup b.img && run verify &&
        restores latest b.img && tidy
}
every="write pwrite64 fsync fdatasync rename unlink mkdir ftruncate"
sweep 50 backup "$every" after_backup backup "$work/b.img" --block-size 64K

# The next backup is of another image: what the killed one stored is not in the way, and does not
# stay for ever.
after_backup_of_another() {
    backup a.img && run verify && restores latest a.img && tidy
}
sweep 10 "backup, then of another image" "rename unlink" after_backup_of_another \
    backup "$work/b.img" --block-size 64K

# A signed one: a restore point that was meant to be signed is never there without its signature.
run origin-key --origin-key "$work/origin" >/dev/null
first=$(ls "$work/before/points")
all_signed() {
    local of
    for of in "$repo"/points/*/manifest; do
        [ "$of" = "$repo/points/$first/manifest" ] || run verify "$(basename "$(dirname "$of")")" \
            --origin "$work/origin.pub" || return 1
    done
}
after_signed_backup() {
    run scrub && all_signed && backup b.img --origin-key "$work/origin" && all_signed &&
        run verify && restores latest b.img && tidy
}
sweep 50 "signed backup" "$every" after_signed_backup backup "$work/b.img" --block-size 64K \
    --origin-key "$work/origin"

# Killed, and then the database is lost as well.
after_backup_and_loss() {
    rm -f "$repo"/coffre.sqlite*
    run rebuild && run verify && backup b.img && run verify &&
        restores latest b.img && tidy
}
sweep 10 "backup, then a lost database" "rename unlink" after_backup_and_loss \
    backup "$work/b.img" --block-size 64K

# Killed, and then the key is replaced: the unfinished backup's record is rekeyed like the others.
after_backup_and_rekey() {
    local keys=$work/new
    run rekey --keys "$work/keys" --new-keys "$work/new" && run verify && backup b.img &&
        run verify && restores latest b.img && tidy
}
sweep 10 "backup, then a rekey" "rename" after_backup_and_rekey \
    backup "$work/b.img" --block-size 64K

# A backup that picks up a killed one, and is killed.
fresh
(
    strace -f -o /dev/null -e trace=rename -e inject=rename:signal=KILL:when=5 \
        "$appliance" --repo "$repo" --keys "$keys" --quiet backup "$work/b.img" --block-size 64K
    exit $?
) >/dev/null 2>&1
mv "$work/before" "$work/before-all"
mv "$repo" "$work/before"
sweep 10 "backup, killed again" "rename unlink" after_backup backup "$work/b.img" --block-size 64K
rm -rf "$work/before"
mv "$work/before-all" "$work/before"

after_rekey() {
    run verify || run verify --keys "$work/new" || return 1 # one of them opens it all, always
    run rekey --new-keys "$work/new" && run check --keys "$work/new" &&
        run verify --keys "$work/new" && says '"verdict":"stale"' check &&
        says '"opens_all":true}\],"record_count"' report && ! says '"opens_all":false' report &&
        run backup "$work/b.img" --keys "$work/new"
}
sweep 20 rekey "$every" after_rekey rekey --new-keys "$work/new"

# Killed, and then a backup with whichever key works, before the rekey goes on.
after_rekey_and_backup() {
    run backup "$work/b.img" || run backup "$work/b.img" --keys "$work/new" || return 1
    run rekey --new-keys "$work/new" && run verify --keys "$work/new" &&
        says '"opens_all":true}\],"record_count"' report
}
sweep 3 "rekey, then a backup" rename after_rekey_and_backup rekey --new-keys "$work/new"

after_rebuild() {
    { run verify || run rebuild; } && run verify && restores latest a.img
}
sweep 10 rebuild "pwrite64 fsync rename unlink" after_rebuild rebuild --force

after_restore() { # the target is whole or absent, and a second run makes it
    { [ ! -e "$work/out.img" ] || cmp "$work/out.img" "$work/a.img"; } &&
        run restore latest "$work/out.img" --force && cmp "$work/out.img" "$work/a.img" &&
        [ ! -e "$work/out.img.appliance-partial" ]
}
sweep 5 restore "pwrite64 fsync rename ftruncate" after_restore restore latest "$work/out.img"

echo 'correct horse battery staple' >"$work/kit-password"
after_kit_export() { # the file is whole or absent; once more with another name
    local kit=(--kit-password-file "$work/kit-password")
    rm -rf "$work/k" "$work/k2"
    { [ ! -e "$work/out.img.kit" ] || run kit-import "$work/out.img.kit" --keys "$work/k" \
        "${kit[@]}"; } && run scrub &&
        run kit-export "$work/out.img.kit2" --store --force "${kit[@]}" &&
        run kit-import --stored --keys "$work/k2" "${kit[@]}" && run verify --keys "$work/k2"
}
sweep 5 kit-export "write fsync rename mkdir" after_kit_export kit-export "$work/out.img.kit" \
    --store --kit-password-file "$work/kit-password"

after_keygen() {
    run keygen --keys "$work/k" || [ $? -eq 5 ] || return 1
    [ "$(stat -c %a "$work/k/private.pem")" = 600 ] &&
        says '"record":"challenge","verdict":"match"' check --keys "$work/k"
}
sweep 5 keygen "write fsync rename mkdir" after_keygen keygen --keys "$work/k"
finish
