#!/usr/bin/env bash
# Runs programs of a board one after the other: a line each with what they measured, and all that
# they printed if one fails. The exit code is 0 if all passed.
#
# Usage: ./run_parts.sh BOARD IMAGE-DIRECTORY COMMAND PROGRAM...   (make run calls it)
#
# COMMAND is the emulator with its options, to which the program's name is added; empty for programs
# that are not run, whose sizes are told. TIMEOUT, in seconds, is for each program.
set -uo pipefail
board=$1 image=$2 command=$3
shift 3
: "${TIMEOUT:=120}"
failed=0

# size_of PROGRAM: bytes of flash.
size_of() { readelf -sW "$1" | awk '$8 == "__flash_size" { print ("0x" $2) }' | xargs printf %d; }

for program in "$@"; do
    part=$(basename "$program" .elf)
    if [ -z "$command" ]; then
        echo "firmware $board $part linked flash $(size_of "$program")"
        continue
    fi
    path=$(realpath "$program") code=0
    # shellcheck disable=SC2086 # a command with its options
    output=$(cd "$image" && timeout --kill-after=5 "$TIMEOUT" $command "$path" 2>&1 </dev/null) ||
        code=$?
    if [ $code -eq 0 ] && grep -q '^passed [1-9]' <<<"$output"; then
        grep -E '^(stack|objects|instructions) ' <<<"$output" | sed "s/^/firmware $board /"
        flash=$([ "$board" = host ] || echo "flash $(size_of "$program")")
        echo "firmware $board $part $(grep '^passed' <<<"$output") ${flash:-}" \
            "$(grep '^ram ' <<<"$output")"
    else
        failed=1
        echo "         | ${output//$'\n'/$'\n'         | }"
        echo "firmware $board $part FAILED, exit code $code"
    fi
done
exit $failed
