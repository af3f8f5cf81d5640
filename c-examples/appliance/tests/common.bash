# shellcheck shell=bash
# common.bash: what the tests share; sourced by each. A test prints "ok NAME", "not ok NAME" or
# "SKIPPED NAME: why" per case, and ends with `finish`, which fails when a case failed. Nothing that
# was skipped counts as passed; a test that could do nothing else exits with 77.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
appliance=${APPLIANCE:-$here/../appliance}
# In memory where there is room: the sweeps call fsync some ten thousand times.
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] &&
    [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 200000 ]; then
    TMPDIR=/dev/shm
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/appliance-test.XXXXXX")
cleanup() { :; }
trap 'cleanup; rm -rf "$work"' EXIT
repo=$work/repo keys=$work/keys
# For the few tests that make checksums.
python=$here/../../../build/venv/bin/python
[ -x "$python" ] || python=python3
passed=0 failed=0 left_out=0

ok() {
    echo "ok $1"
    passed=$((passed + 1))
}
not_ok() {
    echo "not ok $1"
    failed=$((failed + 1))
}
skipped() {
    echo "SKIPPED $1: $2"
    left_out=$((left_out + 1))
}

# check NAME COMMAND...: the command succeeds
check() {
    local name=$1
    shift
    if "$@" >"$work/out" 2>"$work/err"; then
        ok "$name"
    else
        not_ok "$name"
        sed 's/^/    /' "$work/out" "$work/err"
    fi
}

run() { "$appliance" --repo "$repo" --keys "$keys" --quiet "$@"; }

# expect CODE NAME PATTERN ARGUMENTS...: exit code and message, both; what it said is in $work/said
expect() {
    local code=$1 name=$2 pattern=$3 got
    shift 3
    run "$@" >"$work/out" 2>"$work/err"
    got=$?
    cat "$work/out" "$work/err" >"$work/said"
    if [ $got -eq "$code" ] && grep -q -- "$pattern" "$work/said"; then
        ok "$name"
    else
        not_ok "$name"
        echo "    expected exit $code and \"$pattern\", got exit $got and:"
        sed 's/^/    /' "$work/said"
    fi
}

# value KEY: of the JSON object on standard input; KEY may be a path such as records.0.verdict
value() {
    python3 -c '
import json, sys
v = json.load(sys.stdin)
for key in sys.argv[1].split("."):
    v = v[int(key)] if isinstance(v, list) else v[key]
print(v)' "$1"
}

# flip FILE OFFSET: one bit; a negative offset counts from the end
flip() {
    python3 -c '
import sys
with open(sys.argv[1], "r+b") as f:
    at = f.seek(int(sys.argv[2]), 2 if sys.argv[2].startswith("-") else 0)
    byte = f.read(1)[0]
    f.seek(at)
    f.write(bytes([byte ^ 1]))' "$1" "$2"
}

# hold FILE: locks it in another process, whose id is in $holder
hold() {
    python3 -c '
import fcntl, sys, time
f = open(sys.argv[1], "a+")
fcntl.lockf(f, fcntl.LOCK_EX)
open(sys.argv[2], "w").close()
time.sleep(600)' "$1" "$work/held" &
    holder=$!
    while [ ! -e "$work/held" ]; do sleep 0.05; done
}
release() {
    kill -9 "$holder"
    wait "$holder" 2>/dev/null
}

# An image with what images have: text, noise, zeros that are written, a hole, a short last block.
make_image() {
    {
        yes 'the same line again and again' | head -c 300000
        head -c 300000 /dev/urandom
        head -c 200000 /dev/zero
    } >"$1"
    truncate -s +400000 "$1"
    head -c 5000 /dev/urandom >>"$1"
}
# Other bytes in the second and the last block of 64 KiB, and in the hole.
change_image() {
    local at
    for at in 70000 900000 1204000; do
        head -c 500 /dev/urandom | dd of="$1" bs=1 seek=$at conv=notrunc status=none
    done
}

# backup IMAGE [OPTION...]: as all tests do it
backup() { run backup "$work/$1" --block-size 64K "${@:2}"; }

# A repository with one restore point of $work/a.img, and a changed image $work/b.img.
start() {
    run init >"$work/out" && run keygen >>"$work/out" && make_image "$work/a.img" &&
        backup a.img >>"$work/out" && cp "$work/a.img" "$work/b.img" &&
        change_image "$work/b.img" && return
    echo "not ok start: a repository could not be made"
    exit 1
}
# Another machine's: $work/other with its keys in $work/others
start_other() {
    "$appliance" --repo "$work/other" init >/dev/null &&
        "$appliance" --repo "$work/other" --keys "$work/others" keygen >/dev/null
}

point() { run ls --json | value "restore_points.$1.id"; } # its id; 0 is the oldest

# restores POINT IMAGE: to the same bytes
restores() {
    rm -f "$work/restored"
    run restore "$1" "$work/restored" && cmp "$work/restored" "$work/$2"
}

# Can strace make system calls fail here?
can_inject() {
    strace -o /dev/null -e trace=write -e inject=write:error=EIO:when=9999 true 2>/dev/null
}

# sweep LEAST NAME "CALLS" AFTER ARGUMENTS...: kills the command at the 1st, 2nd, … of each kind
# of call until it gets through; AFTER has to succeed each time, and LEAST is how often that is at
# least. The test has a function fresh, which puts everything back.
sweep() {
    local least=$1 name=$2 calls=$3 after=$4 call n kills=0 bad=0
    shift 4
    for call in $calls; do
        for ((n = 1; ; n++)); do
            fresh
            (
                strace -f -o /dev/null -e trace="$call" -e inject="$call":signal=KILL:when=$n \
                    "$appliance" --repo "$repo" --keys "$keys" --quiet "$@" >"$work/out" 2>&1
                exit $?
            ) 2>/dev/null
            [ $? -eq 137 ] || break
            kills=$((kills + 1))
            if ! "$after" >"$work/out" 2>&1; then
                bad=$((bad + 1))
                echo "    $name, killed at $call number $n:"
                sed 's/^/        /' "$work/out"
            fi
        done
    done
    if [ $bad -eq 0 ] && [ $kills -ge "$least" ]; then
        ok "$name: killed at $kills places"
    else
        not_ok "$name: $bad of $kills"
    fi
}

finish() {
    echo "$passed ok, $failed not ok, $left_out SKIPPED"
    [ $failed -eq 0 ] || exit 1
    [ $passed -gt 0 ] || exit 77
    exit 0
}
