#!/usr/bin/env bash
# The tests pass in builds that leave features out: all of them, all but one, one alone.
#
# Usage: tests/feature_matrix.sh [FEATURES...]
#
# Each is a list with commas, '' for none. Without any, these are the three builds that `make test`
# has time for; with MATRIX=all, as in `make matrix`, they are 19.
#
# A test that needs a feature is compiled where it is (`#[cfg(feature = "...")]`). What runs in
# every build is true of every build: the unit tests, left_out.rs, and each vector of the format,
# which opens or is refused for what is left out. tests/feature_checks.sh compiles the other
# combinations; `rust tests` runs everything in the whole build.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CARGO:=cargo}"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/matrix
# Hundreds of test programs need no debugger, and are not built again bit by bit.
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0
locked=()
[ -z "${CI:-}" ] || locked=(--locked)

features=(seal zstd public-key argon2 legacy-v1 callbacks fast-software)
# Which of them also have a smaller form.
declare -A less=([zstd]=zstd-decompress [argon2]=password)

# without FEATURE: all others, and its smaller form.
without() {
    local feature list=${less[$1]:-}
    for feature in "${features[@]}"; do
        [ "$feature" = "$1" ] || list+=${list:+,}$feature
    done
    echo "$list"
}

always=(--lib --test left_out --test format_vectors)
# What depends on processor and `fast-software` alone.
engines=(--test aead_engines --test key_wrap_engines --test checksum_widths --test polyval_widths)
# What most builds have: blocks, attackers' among them, records, slots, challenges. Builds without
# `fast-software` have a decoder of their own.
common=(--test block_roundtrip --test block_stream --test block_frames --test block_tampering
    --test workspace_reuse --test record_rules --test challenge_verdicts --test slot_pairs)

# run FEATURES TARGET...
run() {
    local list=$1 start=$SECONDS
    shift
    "$CARGO" test -q "${locked[@]}" -p coffre-core --no-default-features --features "$list" \
        "${always[@]}" "$@" >"$log" 2>&1 || {
        echo "failed with the features '$list'"
        cat "$log"
        return 1
    }
    awk -v list="${list:-none}" -v seconds=$((SECONDS - start)) \
        '/^test result: ok/ { n += $4 } END { printf "%d passed, %d s: %s\n", n, seconds, list }' \
        "$log"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [ $# -gt 0 ]; then
    for list; do run "$list" "${engines[@]}" "${common[@]}"; done
    exit
fi
run '' "${engines[@]}" "${common[@]}"
if [ "${MATRIX:-}" != all ]; then
    run "$(without public-key)" "${common[@]}"
    run "$(without fast-software)" "${common[@]}"
    exit
fi
for feature in "${features[@]}" zstd-decompress password; do run "$feature"; done
for feature in "${features[@]}"; do run "$(without "$feature")" "${common[@]}"; done
run seal,public-key,argon2,legacy-v1,callbacks,fast-software
run seal,zstd,public-key,legacy-v1,callbacks,fast-software
