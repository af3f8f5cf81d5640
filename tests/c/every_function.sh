#!/usr/bin/env bash
# Every function of coffre.h is called in tests/c, and each that returns a status is a row of the
# table in calls.h, so that none of its parameters goes unspoiled.
#
# Usage: tests/c/every_function.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0 functions=0 rows=0

while read -r function; do
    functions=$((functions + 1))
    # The wipes are named by a macro in objects.c.
    short=${function#coffre_}
    grep -qE "\b$function\(|^WIPE\(${short%_wipe}\)" tests/c/*.[ch] && continue
    echo "$function is called by no test"
    failed=1
done < <(scripts/exports.sh include/coffre.h)

while read -r function; do
    rows=$((rows + 1))
    grep -qE "^    \{\"$function\"," tests/c/calls_*.h && continue
    echo "$function has no row in tests/c/calls_*.h"
    failed=1
done < <(sed -nE 's/^coffre_status (coffre_[a-z0-9_]+)\(.*/\1/p' include/coffre.h)

echo "$functions functions, $rows of them return a status"
[ $rows -gt 0 ] && [ $failed -eq 0 ]
