#!/usr/bin/env bash
# Measures what the library takes of a microcontroller: flash, RAM, stack, instructions.
#
# Usage: make footprint; or scripts/footprint.sh [TARGET...] after make lib
#
# Writes docs/FOOTPRINT.md and build/footprint.json; with TARGETs, what was measured before stays
# for the others. What each figure means is said in the document. Figures that others publish are in
# docs/footprint-peers.md, written by hand. The exit code is 1 when a bound is broken: those of
# flash and RAM below, those of stack in tests/stack_bounds.txt. The document stays in
# build/footprint then.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C
results=build/footprint
main=thumbv7em-none-eabihf
# Target, board; of the last two, the M0 is measured on a larger board with its own code, and
# nothing runs the x86-64's.
targets=(
    'thumbv7em-none-eabihf mps2-an386 Cortex-M4F'
    'thumbv8m.main-none-eabi mps2-an505 Cortex-M33'
    'thumbv6m-none-eabi mps2-an505 Cortex-M0'
    'riscv32imac-unknown-none-elf riscv-virt rv32imac'
    'aarch64-unknown-none aarch64-virt Cortex-A53'
    'x86_64-unknown-none - x86-64'
)
everything=seal,zstd,public-key,password,argon2,legacy-v1,callbacks
# Builds, and their features; what is symmetric is there for the bounds of its stack.
builds=(kek: public-key:public-key zstd:zstd-decompress "everything:$everything"
    "symmetric:seal,zstd,password,argon2,legacy-v1,callbacks")

# --- the sets: build, functions, calls whose stack counts ---

open_functions='coffre_context_init coffre_context_wipe coffre_identity_from_kek
    coffre_identity_wipe coffre_challenge_check coffre_record_read coffre_record_wipe
    coffre_record_open coffre_record_keys_wipe coffre_record_session coffre_session_wipe'
sets=(open+challenge open+challenge+public-key open+challenge+zstd everything open-4MiB-chunkwise)

# of_set SET: sets build, functions, calls (an extended regular expression) and objects.
of_set() {
    functions="$open_functions coffre_block_open" objects=open calls='[a-z_]+(,stored)?'
    case $1 in
    open+challenge) build=kek ;;
    open+challenge+public-key)
        build=public-key functions+=' coffre_identity_read' calls='[a-z_]+(,stored|,public-key)?'
        ;;
    open+challenge+zstd)
        build=zstd functions+=' coffre_workspace_init coffre_workspace_wipe' objects=open,zstd
        calls='[a-z_]+(,stored|,zstd)?'
        ;;
    everything)
        build=everything functions=$(scripts/exports.sh include/coffre.h) objects=everything
        calls='.*'
        ;;
    open-4MiB-chunkwise)
        build=kek objects=chunkwise functions=$open_functions
        functions+=' coffre_block_reader_workspace coffre_block_reader_begin'
        functions+=' coffre_block_reader_push coffre_block_reader_finish coffre_block_reader_wipe'
        ;;
    esac
}

# --- measuring ---

tool() {
    case $1 in
    thumb*) echo "arm-none-eabi-$2" ;;
    riscv32*) echo "riscv64-unknown-elf-$2" ;;
    aarch64*) echo "aarch64-linux-gnu-$2" ;;
    x86_64*) echo "x86_64-linux-gnu-$2" ;;
    esac
}

# flash_of TARGET BUILD FUNCTION...: bytes that a program's link takes of the library for these:
# the program is nothing else. Fails if anything of it has to lie in RAM.
flash_of() {
    local target=$1 build=$2 program=$results/link.elf emulation=()
    shift 2
    case $target in riscv32*) emulation=(-m elf32lriscv) ;; esac
    "$(tool "$target" ld)" "${emulation[@]}" -static --gc-sections --no-warn-rwx-segments \
        -T tests/footprint.ld -e "$1" "${@/#/--undefined=}" -o "$program" \
        "$results/$build/$target/libcoffre.a"
    "$(tool "$target" size)" -A "$program" | awk '
        $1 == ".flash" { flash = $2 }
        $1 == ".ram" && $2 > 0 { print "footprint: writable data: " $2 >"/dev/stderr"; exit 1 }
        END { print flash }'
}

# parts_of TARGET BOARD BUILD PART...: runs parts of c-examples/firmware, prints their lines.
parts_of() {
    local target=$1 board=$2 build=$3 flags=()
    shift 3
    # Code for a Cortex-M0 does the same on a Cortex-M33.
    [ "$target" != thumbv6m-none-eabi ] || flags=(CPU=cortex-m0)
    local make=(make -s -C c-examples/firmware "BOARD=$board" "IMAGE=$PWD/build/firmware/image"
        "OUT=$PWD/$results/$build/$target/parts" "PARTS=$*" 'QEMU_MORE=-icount shift=0'
        "LIBRARY=$PWD/$results/$build/$target/libcoffre.a" "${flags[@]+"${flags[@]}"}")
    "${make[@]}" >&2
    "${make[@]}" run | tee /dev/stderr |
        sed -nE 's/^firmware [^ ]+ (stack|objects|instructions) /\1 /p'
}

# measure TARGET BOARD: leaves a file for each build with its lines.
measure() {
    local target=$1 board=$2 entry build features parts
    for entry in "${builds[@]}"; do
        build=${entry%%:*} features=${entry#*:}
        FEATURES=$features OUT=$results/$build scripts/bare-library.sh "$target"
        [ "$board" != - ] || continue
        case $build in
        everything) parts='sets stack stack_keys instructions' ;;
        symmetric) parts='sets stack stack_keys' ;;
        *) parts=sets ;;
        esac
        # shellcheck disable=SC2086 # several words
        parts_of "$target" "$board" "$build" $parts >"$results/$target.$build"
        tests/stack_bounds.sh "$target" "$features" <"$results/$target.$build" ||
            failures+=("stack of $target, $build")
    done
}

# entry_of TARGET SET: the line of the JSON file.
entry_of() {
    local target=$1 set=$2 build functions calls objects flash ram=null stack=null lines
    of_set "$set"
    # shellcheck disable=SC2086 # several words
    flash=$(flash_of "$target" "$build" $functions)
    lines=$results/$target.$build
    # Objects are as large on both 64-bit processors.
    [ "$target" = x86_64-unknown-none ] && lines=$results/aarch64-unknown-none.$build
    if [ -s "$lines" ]; then
        ram=$(awk -v set="$objects" '$1 == "objects" && $2 == set { print $3 }' "$lines")
        stack=$(awk -v calls="^$calls\$" '
            $1 == "stack" && $2 ~ calls && $3 > most { most = $3 } END { print most }' "$lines")
        if [ -z "$ram" ] || [ -z "$stack" ]; then
            echo "footprint: $lines lacks 'objects $objects' or the calls of $set" >&2
            return 1
        fi
        # Here all RAM counts.
        [ "$set" != open-4MiB-chunkwise ] || ram=$((ram + stack))
    fi
    [ "$target" != x86_64-unknown-none ] || stack=null
    printf '{"target": "%s", "features": "%s", "flash": %s, "ram": %s, "stack": %s}\n' \
        "$target" "$set" "$flash" "$ram" "$stack"
}
# figure TARGET SET FIELD: from the JSON file.
figure() {
    sed -n "s/.*\"$1\", \"features\": \"$2\",.*\"$3\": \([0-9a-z]*\).*/\1/p" build/footprint.json
}

# bound SET FIELD MOST: on the Cortex-M4.
bound() {
    local is
    is=$(figure "$main" "$1" "$2")
    [ "${is:-null}" != null ] && [ "$is" -le "$3" ] || failures+=("$2 of $1: $is, more than $3")
}

# --- one after the other ---

mkdir -p "$results"
failures=()
for entry in "${targets[@]}"; do
    read -r target board _ <<<"$entry"
    [ $# -eq 0 ] || [[ " $* " == *" $target "* ]] || continue
    measure "$target" "$board"
    for set in "${sets[@]}"; do entry_of "$target" "$set"; done >"$results/$target.json"
    [ "$target" = "$main" ] || continue
    CARGO_PROFILE_FIRMWARE_OPT_LEVEL=3 FEATURES=$everything,fast-software OUT=$results/fast \
        scripts/bare-library.sh "$target"
    parts_of "$target" "$board" fast instructions >"$results/$target.fast"
    scripts/footprint-features.sh >"$results/features"
done

find "$results" -maxdepth 1 -name '*.json' | sort | xargs cat |
    sed '1s/^/[/; 1!s/^/ /; $!s/$/,/; $s/$/]/' >build/footprint.json
scripts/footprint-document.sh >"$results/FOOTPRINT.md"

if [ -s "$results/$main.json" ]; then
    bound open+challenge flash 24576
    bound open+challenge+public-key flash 57344
    bound open+challenge+zstd flash $(($(figure "$main" open+challenge flash) + 20480))
    bound open-4MiB-chunkwise ram 24576
fi
if [ ${#failures[@]} -gt 0 ]; then
    printf 'footprint: %s\n' "${failures[@]}" \
        "docs/FOOTPRINT.md is as it was, and the new one in $results" >&2
    exit 1
fi
mv "$results/FOOTPRINT.md" docs/FOOTPRINT.md
echo "footprint: $((SECONDS / 60)) min $((SECONDS % 60)) s"
