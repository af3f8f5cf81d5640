#!/usr/bin/env bash
# A library without any feature links and clashes with nothing like the whole one, has every
# function, refuses what it lacks, and opens what needs no feature (not_built.c).
#
# Usage: tests/c/without_features.sh   (after make lib)
#
# Leaves it in build/matrix.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${CARGO:=cargo}"
out=$PWD/build/matrix
mkdir -p "$out"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/matrix
locked=()
[ -z "${CI:-}" ] || locked=(--locked)

"$CARGO" rustc -q "${locked[@]}" --release -p coffre-ffi --no-default-features \
    --features capi,os-random --crate-type staticlib
scripts/link-library.sh "$CARGO_TARGET_DIR/release/libcoffre_ffi.a" "$out"

for library in build build/matrix; do
    readelf -sW "$library/coffre.o" |
        awk '$5 == "GLOBAL" && $7 != "UND" { print $8 }' | sort >"$out/exports.$(basename $library)"
    gcc -std=gnu11 -O1 -g -Wall -Wextra -Wconversion -Werror -Iinclude -Itests/c \
        tests/c/not_built.c "$library/libcoffre.a" -pthread \
        -o "$out/not_built.$(basename $library)"
done
cmp "$out/exports.build" "$out/exports.matrix"
"$out/not_built.build" write "$out/world"
"$out/not_built.matrix" read "$out/world"
size build/coffre.o build/matrix/coffre.o
