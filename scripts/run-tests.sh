#!/usr/bin/env bash
# Runs every test as a named step, and ends with the line 'N passed, N failed'.
#
# Usage: make test; or scripts/run-tests.sh [PATTERN] for the steps whose names contain PATTERN.
# All steps run, whatever failed before; scripts/steps.sh says what a step is.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CARGO:=cargo}"
export CARGO
# The Python of the tests has the decoder's packages.
[ ! -d build/venv ] || export PATH=$PWD/build/venv/bin:$PATH
pattern=${1:-}
# shellcheck source-path=SCRIPTDIR source=steps.sh
. scripts/steps.sh
programs=$PWD/build/tests
mkdir -p "$programs"
locked=()
[ -z "${CI:-}" ] || locked=(--locked)

xtask() { step "xtask $*" "$CARGO" run -q "${locked[@]}" -p xtask -- "$@"; }

# c_program NAME SOURCE FLAG...: compiles a test with the library, then runs it from the root of the
# tree.
c_program() {
    local name=$1 source=$2 program
    shift 2
    program=$programs/${name// /-}
    # shellcheck disable=SC2016 # the inner shell expands these
    step "$name" bash -c 'source=$1 program=$2; shift 2
        gcc -std=gnu11 -O1 -g -Wall -Wextra -Wconversion -Werror -Iinclude -Itests/c "$@" \
            "$source" build/libcoffre.a -pthread -o "$program" && exec "$program"' \
        - "$source" "$program" "$@"
}

# --- Rust ---

if [ "${#locked[@]}" -gt 0 ]; then
    step 'lock file' "$CARGO" metadata --locked --format-version 1
fi
# Apart, because xtask alone is what `cargo run -p xtask` builds: the same features, so only once.
step 'rust tests' "$CARGO" test --no-fail-fast "${locked[@]}" -p coffre-core -p coffre-ffi
step 'xtask tests' "$CARGO" test "${locked[@]}" -p xtask
for check in layers unsafe errors musts style; do xtask $check; done
xtask header --check

# --- the library and its header; second_decoder.sh shares no code with the library ---

for script in tests/*.sh tests/c/*.sh; do
    [ -f "$script" ] && step "$(basename "$script" .sh)" "$script"
done
for source in tests/c/*.c; do
    [ -f "$source" ] || continue
    name=$(basename "$source" .c)
    c_program "c $name" "$source"
    c_program "c $name sanitized" "$source" -fsanitize=address,undefined -fno-sanitize-recover=all
done

# --- the validation interface, and what is run through it ---

step 'hazmat library' tests/hazmat/hazmat_library.sh
shown 'hazmat vectors' "$CARGO" run -q "${locked[@]}" -p coffre-hazmat-tests -- \
    build/hazmat/libcoffre_hazmat.so

# --- the examples ---

for example in c-examples/*/; do
    example=${example%/}
    [ -f "$example/Makefile" ] || continue
    step "${example#c-examples/} builds" make -C "$example"
    for script in "$example"/tests/*.sh; do
        [ -f "$script" ] && step "${example#c-examples/} $(basename "$script" .sh)" "$script"
    done
done

steps_end
