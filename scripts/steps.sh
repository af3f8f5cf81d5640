#!/usr/bin/env bash
# Named steps, their logs and their sum: sourced by run-tests.sh and test-cross.sh.
#
# A step is a command: exit code 0 is passed, 77 is skipped, anything else is failed. What it
# printed is in build/logs/; of a failed step the end is shown. Whoever sources this sets `pattern`,
# calls `step` for each, whatever failed before, and ends with `steps_end`.

: "${pattern:=}"
# Seconds that a step may take.
: "${step_limit:=900}"
logs=$PWD/build/logs
mkdir -p "$logs"

passed=0 failed=0 skipped=0 failures=()

# step NAME COMMAND...
step() {
    local name=$1 start=$SECONDS code=0 note=
    shift
    [[ $name == *"$pattern"* ]] || return 0
    local log=$logs/${name//[ \/]/-}.log
    timeout --kill-after=10 "$step_limit" "$@" >"$log" 2>&1 </dev/null || code=$?
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

# steps_end: prints what failed and the sum; its status is that of the whole run.
steps_end() {
    local name
    echo
    for name in "${failures[@]}"; do echo "failed: $name"; done
    echo "$((SECONDS / 60)) min $((SECONDS % 60)) s; logs are in build/logs"
    if [ $skipped -gt 0 ]; then
        echo "$passed passed, $failed failed, $skipped skipped"
    else
        echo "$passed passed, $failed failed"
    fi
    [ $failed -eq 0 ] && [ $passed -gt 0 ]
}
