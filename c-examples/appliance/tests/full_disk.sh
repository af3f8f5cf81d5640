#!/bin/bash
# A full disk at every write, on a file system that is really full, and under a file size limit:
# message, exit code, nothing lost, nothing left behind, and the next run is fine.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2317 # functions whose names are given to sweep
. "$(dirname "$0")/common.bash"
start
expect 0 "keygen of the next key" "key id" keygen --keys "$work/new"
mv "$repo" "$work/before"
mv "$work/new" "$work/new-before"
fresh() {
    rm -rf "$repo" "$work/new" "$work/out.img"*
    cp -a "$work/before" "$repo"
    cp -a "$work/new-before" "$work/new"
}
no_leftovers() {
    [ -z "$(find "$repo/tmp" -type f)" ] && [ ! -e "$work/out.img.appliance-partial" ]
}

# A limit on the size of a file: works for everyone.
limited() { # limited NAME ARGUMENTS...
    local name=$1
    shift
    (
        ulimit -f 100
        run "$@" >"$work/log" 2>&1
        [ $? -eq 3 ]
    ) && grep -q "disk full: cannot .*make room and run it again" "$work/log" && no_leftovers
    check "$name" test $? -eq 0
}
fresh
limited "file size limit: backup" backup "$work/b.img" --block-size 256K
expect 0 "file size limit: nothing is lost" "finding count  *0" verify
expect 0 "file size limit: the next run" "restore point" backup "$work/b.img" --block-size 256K
check "file size limit: and it restores" restores latest b.img
limited "file size limit: restore" restore latest "$work/out.img"
check "file size limit: nothing appears" test ! -e "$work/out.img"

# sweep NAME CALLS AFTER ARGUMENTS...: the disk is full from the 1st, 2nd, … call on. Exit 0 is
# right where only closing remarks were hit, such as SQLite's tidying up.
sweep() {
    local name=$1 calls=$2 after=$3 call n code hits=0 bad=0
    shift 3
    for call in $calls; do
        for ((n = 1; ; n++)); do
            fresh
            strace -f -o "$work/trace" -e trace="$call" -e inject="$call":error=ENOSPC:when=$n+ \
                "$appliance" --repo "$repo" --keys "$keys" --quiet "$@" >"$work/said" 2>&1
            code=$?
            grep -q INJECTED "$work/trace" || break
            hits=$((hits + 1))
            if { [ $code -eq 3 ] || [ $code -eq 0 ]; } && "$after" >"$work/log" 2>&1; then
                # when it is write that fails, the message cannot be written either
                [ $code -eq 0 ] || [ "$call" = write ] || grep -q "disk full" "$work/said" &&
                    continue
            fi
            bad=$((bad + 1))
            echo "    $name, full at $call number $n: exit $code"
            cat "$work/said" "$work/log" | sed 's/^/        /'
        done
    done
    if [ $bad -eq 0 ] && [ $hits -gt 3 ]; then
        ok "$name: full at $hits places"
    else
        not_ok "$name: $bad of $hits"
    fi
}
after_backup() {
    no_leftovers && run verify && backup b.img && run verify && restores latest b.img
}
after_rekey() {
    { run verify || run verify --keys "$work/new"; } && run rekey --new-keys "$work/new" &&
        run verify --keys "$work/new" && grep -q '"verdict":"stale"' <(run check --json)
}
after_restore() { no_leftovers && run restore latest "$work/out.img" --force; }
if can_inject; then
    sweep backup "write pwrite64 fsync fdatasync" after_backup \
        backup "$work/b.img" --block-size 64K
    run origin-key --origin-key "$work/origin" >/dev/null
    after_signed_backup() {
        no_leftovers && run verify && backup b.img --origin-key "$work/origin" &&
            run verify latest --origin "$work/origin.pub" && restores latest b.img
    }
    sweep "signed backup" "write pwrite64 fsync fdatasync" after_signed_backup \
        backup "$work/b.img" --block-size 64K --origin-key "$work/origin"
    sweep rekey "write pwrite64 fsync fdatasync" after_rekey rekey --new-keys "$work/new"
    sweep restore "pwrite64 fsync" after_restore restore latest "$work/out.img"
else
    skipped "full at every write" "strace is missing, or cannot inject here"
fi

# A file system that is full, where one can be mounted.
disk=$work/disk
mkdir "$disk"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=2560k tmpfs "$disk" 2>/dev/null; then
    cleanup() { umount "$disk"; }
    fresh
    repo=$disk/repo
    cp -a "$work/before" "$repo"
    head -c 3000000 /dev/urandom >"$work/big.img"
    expect 3 "full: backup" "disk full: cannot" backup "$work/big.img" --block-size 64K
    check "full: no temporary file is left" no_leftovers
    expect 0 "full: nothing is lost" "finding count  *0" verify
    check "full: a restore elsewhere" restores latest a.img
    expect 3 "full: a restore to it" "disk full: cannot" restore latest "$disk/out.img"
    check "full: leaves nothing" test -z "$(find "$disk" -name 'out.img*')"
    head -c 3000000 /dev/zero >"$disk/filler" 2>/dev/null
    expect 3 "full: rekey" "disk full: cannot" rekey --new-keys "$work/new"
    expect 0 "full: the old key still opens everything" "finding count  *0" verify
    rm "$disk/filler"
    mount -o remount,size=16m "$disk"
    expect 0 "with room again: rekey" "committed  *yes" rekey --new-keys "$work/new"
    keys=$work/new
    expect 0 "with room again: backup goes on" "resumed backups  *1" \
        backup "$work/big.img" --block-size 64K
    check "with room again: restore" restores latest big.img
    expect 0 "with room again: verify" "finding count  *0" verify
else
    skipped "a full file system" "needs root and tmpfs"
fi
finish
