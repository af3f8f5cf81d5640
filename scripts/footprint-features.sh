#!/usr/bin/env bash
# Prints what each feature of the library takes of a Cortex-M4's flash.
#
# Usage: scripts/footprint-features.sh   (scripts/footprint.sh calls it)
#
# Every function of the library is linked, which keeps all that a build has: once with no feature,
# and once with each. A line each, `feature NAME BYTES`; a feature that needs another counts from
# there, and fast-software from everything else.
set -euo pipefail
cd "$(dirname "$0")/.."
target=thumbv7em-none-eabihf out=build/footprint/features.d
all=seal,zstd,public-key,password,argon2,legacy-v1,callbacks
mapfile -t exports < <(scripts/exports.sh include/coffre.h)

declare -A sizes
# size_of FEATURES: sets size.
size_of() {
    if [ -z "${sizes[x$1]:-}" ]; then
        FEATURES=$1 OUT=$out scripts/bare-library.sh "$target" >&2
        arm-none-eabi-ld -static --gc-sections --no-warn-rwx-segments -T tests/footprint.ld \
            -e "${exports[0]}" "${exports[@]/#/--undefined=}" -o "$out/link.elf" \
            "$out/$target/libcoffre.a"
        sizes[x$1]=$(arm-none-eabi-size -A "$out/link.elf" | awk '$1 == ".flash" { print $2 }')
    fi
    size=${sizes[x$1]}
}

# cost NAME WITH WITHOUT
cost() {
    local with
    size_of "$2"
    with=$size
    size_of "$3"
    echo "feature $1 $((with - size))"
}

mkdir -p "$out"
size_of ''
echo "feature none $size"
cost seal seal ''
cost zstd-decompress zstd-decompress ''
cost zstd seal,zstd seal,zstd-decompress
cost public-key public-key ''
cost password password ''
cost argon2 argon2 password
cost legacy-v1 legacy-v1 ''
cost callbacks callbacks ''
cost fast-software "$all,fast-software" "$all"
