#!/usr/bin/env bash
# No call takes more stack than tests/stack_bounds.txt allows.
#
# Usage: tests/stack_bounds.sh TARGET FEATURES <LINES   (make firmware and make footprint call it)
#        tests/stack_bounds.sh   (tries itself alone: `make test` measures nothing)
#
# LINES are those of c-examples/firmware's parts stack and sets: `stack CALL BYTES`, whatever stands
# before `stack`. Prints each that is above its bound, or has none; the exit code is 1 then, and if
# there was no line at all. It tries itself with a line that is too large.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-thumbv7em-none-eabihf} features=${2:-}
kind=without
case ",$features," in *,public-key,*) kind=with ;; esac

# above: reads lines, prints what is wrong with them.
above() {
    awk -v target="$target" -v kind="$kind" '
        FNR == NR {
            if ($0 !~ /^#/ && NF == 4 && $1 == target && ($2 == kind || $2 == "any")) {
                rules++
                pattern[rules] = "^" $3 "$"
                most[rules] = $4
            }
            next
        }
        match($0, /(^| )stack [a-z_0-9,-]+ [0-9]+$/) {
            split(substr($0, RSTART), word, " ")
            seen++
            for (rule = 1; rule <= rules && word[2] !~ pattern[rule]; rule++);
            if (rule > rules) print word[2] ": no bound"
            else if (word[3] + 0 > most[rule])
                print word[2] ": " word[3] " bytes of stack, allowed are " most[rule]
        }
        END { if (!seen) print "nothing was measured" }' tests/stack_bounds.txt -
}

for control in 'stack coffre_block_open,stored 99999' ''; do
    [ -n "$(above <<<"$control")" ] || { echo "stack_bounds: does not see '$control'" >&2; exit 1; }
done
[ $# -gt 0 ] || exit 0
wrong=$(above)
if [ -n "$wrong" ]; then
    printf 'stack_bounds: %s, %s public-key:\n%s\n' "$target" "$kind" "$wrong" >&2
    exit 1
fi
