#!/usr/bin/env bash
# Runs the tests for other processors under qemu's user mode, and lets the processors exchange what
# they write.
#
# Usage: make test-cross; or scripts/test-cross.sh [NAME...] (scripts/cross.sh says what they are).
# PATTERN=text runs only the steps whose names contain it.
#
# docs/CROSS.md says what is left out, and has the last result. scripts/steps.sh says what a step
# is. How long one takes under qemu means nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
pattern=${PATTERN:-}
step_limit=3000
# shellcheck source-path=SCRIPTDIR source=steps.sh
. scripts/steps.sh
out=$PWD/build/cross
host=$out/host
mkdir -p "$host"
[ $# -gt 0 ] || set -- aarch64 aarch64-soft armv7 armv7-small s390x s390x-small

# --- this machine: what the others are compared with ---

# shellcheck disable=SC2016 # the inner shell expands these
step 'host writes' bash -c 'rm -rf "$1/written" && mkdir "$1/written" &&
    gcc -std=gnu11 -O1 -g -Wall -Wextra -Wconversion -Werror -Iinclude -Itests/c \
        tests/cross/exchange.c build/libcoffre.a -pthread -o "$1/exchange" &&
    "$1/exchange" write "$1/written"' - "$host"
step 'host opens what host wrote' "$host/exchange" open "$host/written"

# --- each target by itself ---

# c_suite NAME
c_suite() {
    local script source
    for script in tests/c/{header_matrix,status_names}.sh; do
        step "$1 $(basename "$script" .sh)" scripts/cross.sh "$1" script "$script"
    done
    for source in tests/c/*.c; do
        step "$1 c $(basename "$source" .c)" scripts/cross.sh "$1" c_program "$source"
    done
    step "$1 quickstart" scripts/cross.sh "$1" quickstart
}

for name in "$@"; do
    step "$name library" scripts/cross.sh "$name" library
    step "$name symbols" scripts/cross.sh "$name" script tests/symbols.sh
    step "$name writes" scripts/cross.sh "$name" writes
    step "$name writes the same bytes" diff -r "$host/written" "$out/$name/written"
    step "$name hazmat library" scripts/cross.sh "$name" hazmat_library
    step "$name hazmat vectors" scripts/cross.sh "$name" hazmat_vectors
    step "$name rust tests" scripts/cross.sh "$name" rust_tests
    # Made for size, other code is in the library, and none in the interface.
    [[ $name == *-small ]] || c_suite "$name"
done

# --- each opens what each other wrote ---

for writer in host "$@"; do
    [ "$writer" = host ] ||
        step "host opens what $writer wrote" "$host/exchange" open "$out/$writer/written"
    for reader in "$@"; do
        step "$reader opens what $writer wrote" \
            scripts/cross.sh "$reader" opens "$out/$writer/written"
    done
done

steps_end
