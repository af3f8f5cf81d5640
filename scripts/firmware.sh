#!/usr/bin/env bash
# Builds the library for bare processors, links c-examples/firmware for a board of each, and runs
# that under an emulator.
#
# Usage: make firmware; or scripts/firmware.sh [TARGET...] after make lib
#
# Prints a line for each library, board and part, and for each call whose stack was measured:
#
#   library TARGET constant BYTES ram 0
#   firmware BOARD PART passed N flash BYTES ram static BYTES stack BYTES
#   firmware BOARD PART linked flash BYTES
#   firmware BOARD stack CALL BYTES
#   firmware BOARD objects SET BYTES
#   panics TARGET N exports linked alone, N failed[, features LIST]
#
# The exit code is 0 if all passed. In the environment: FEATURES, see scripts/bare-library.sh. What
# is built is in build/firmware.
set -euo pipefail
cd "$(dirname "$0")/.."
# The emulated Cortex-M0 has 16 KiB of RAM. The x86-64 is not run.
boards=(
    'thumbv7em-none-eabihf mps2-an386'
    'thumbv8m.main-none-eabi mps2-an505'
    'riscv32imac-unknown-none-elf riscv-virt'
    'aarch64-unknown-none aarch64-virt'
    'thumbv6m-none-eabi microbit startup slots'
    'x86_64-unknown-none x86_64-none'
)
failures=()

for entry in "${boards[@]}"; do
    read -r target board parts <<<"$entry"
    [ $# -eq 0 ] || [[ " $* " == *" $target "* ]] || continue
    make=(make -s -C c-examples/firmware "BOARD=$board" "OUT=$PWD/build/firmware/$target/$board"
        "IMAGE=$PWD/build/firmware/image" ${parts:+"PARTS=$parts"})
    if ! scripts/bare-library.sh "$target" || ! "${make[@]}" || ! "${make[@]}" run |
        tee "build/firmware/$target/lines"; then
        failures+=("$board")
    # Without a list of parts, the stack's is among them.
    elif [ "$board" != x86_64-none ] && [[ " ${parts:-stack} " == *' stack '* ]] &&
        ! tests/stack_bounds.sh "$target" "${FEATURES-public-key}" \
            <"build/firmware/$target/lines"; then
        failures+=("$board's stack")
    elif [ "$board" = mps2-an386 ] && ! tests/one_object.sh "$target" "$board"; then
        failures+=("$board beside others")
    fi
done
# Another build of each library: its panic handler does not link.
PROBE=yes scripts/bare-library.sh "$@" || failures+=(panics)
# Other features are other code; of one processor, for the time that each build takes.
one=thumbv7em-none-eabihf
for features in '' seal,zstd,public-key,argon2,legacy-v1,callbacks,fast-software; do
    [ $# -eq 0 ] || [[ " $* " == *" $one "* ]] || continue
    PROBE=yes FEATURES=$features scripts/bare-library.sh $one |
        sed "s/\$/, features '$features'/" || failures+=("panics, features '$features'")
done
if [ ${#failures[@]} -gt 0 ]; then
    echo "firmware: failed: ${failures[*]}" >&2
    exit 1
fi
echo "firmware: $((SECONDS / 60)) min $((SECONDS % 60)) s"
