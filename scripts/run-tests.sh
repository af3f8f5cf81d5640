#!/usr/bin/env bash
# Runs every test as a named step, and ends with the line 'N passed, N failed'.
#
# Usage: make test; or scripts/run-tests.sh [PATTERN] for the steps whose names contain PATTERN.
#
# A step is a command: exit code 0 is passed, 77 is skipped, anything else is failed. What it
# printed is in build/logs/; of a failed step the end is shown. All steps run, whatever failed
# before.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CARGO:=cargo}"
export CARGO
# The Python of the tests has the decoder's packages.
[ ! -d build/venv ] || export PATH=$PWD/build/venv/bin:$PATH
pattern=${1:-}
logs=$PWD/build/logs
programs=$PWD/build/tests
mkdir -p "$logs" "$programs"
locked=()
[ -z "${CI:-}" ] || locked=(--locked)

passed=0 failed=0 skipped=0 failures=()

# step NAME COMMAND...
step() {
    local name=$1 start=$SECONDS code=0 note=
    shift
    [[ $name == *"$pattern"* ]] || return 0
    local log=$logs/${name//[ \/]/-}.log
    timeout --kill-after=10 900 "$@" >"$log" 2>&1 </dev/null || code=$?
    case $code in
    0)
        passed=$((passed + 1))
        note=$(count_of "$log")
        if [ "$(skipped_in "$log")" -gt 0 ]; then
            skipped=$((skipped + $(skipped_in "$log")))
            note+=", $(skipped_in "$log") SKIPPED"
        fi
        printf 'ok       %-44s %4d s%s\n' "$name" $((SECONDS - start)) "${note:+  $note}"
        ;;
    77)
        skipped=$((skipped + 1))
        printf 'SKIPPED  %-44s %s\n' "$name" "$(tail -n 1 "$log")"
        ;;
    *)
        failed=$((failed + 1))
        failures+=("$name")
        printf 'FAILED   %-44s %4d s  exit code %d, %s\n' \
            "$name" $((SECONDS - start)) $code "${log#"$PWD/"}"
        tail -n 25 "$log" | sed 's/^/         | /'
        ;;
    esac
}

# shown NAME COMMAND...: a step that prints a table, which is shown although it passed.
shown() {
    step "$@"
    if [[ $1 == *"$pattern"* ]] && [[ " ${failures[*]} " != *" $1 "* ]]; then
        sed 's/^/         | /' "$logs/${1//[ \/]/-}.log"
    fi
}

# count_of LOG: how many cases cargo, the decoder or the examples' tests counted in it.
count_of() {
    awk '/^test result: ok/ { n += $4 } /^[0-9]+ (passed|ok), / { n += $1 }
        END { if (n) print n " cases" }' "$1"
}

# skipped_in LOG: how many cases the step left out.
skipped_in() { awk '/^[0-9]+ ok, .* SKIPPED$/ { n += $(NF - 1) } END { print n + 0 }' "$1"; }

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

# --- the sum ---

echo
for name in "${failures[@]}"; do echo "failed: $name"; done
echo "$((SECONDS / 60)) min $((SECONDS % 60)) s; logs are in build/logs"
if [ $skipped -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ $failed -eq 0 ] && [ $passed -gt 0 ]
