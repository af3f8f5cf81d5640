#!/usr/bin/env bash
# Prints docs/FOOTPRINT.md.
#
# Usage: scripts/footprint-document.sh   (scripts/footprint.sh calls it)
#
# The figures are in build/footprint.json and build/footprint; a target that was not measured has
# none.
# shellcheck disable=SC2016 # Markdown has backticks
set -euo pipefail
cd "$(dirname "$0")/.."
results=build/footprint main=thumbv7em-none-eabihf
targets=('thumbv7em-none-eabihf Cortex-M4F' 'thumbv8m.main-none-eabi Cortex-M33'
    'thumbv6m-none-eabi Cortex-M0' 'riscv32imac-unknown-none-elf rv32imac'
    'aarch64-unknown-none Cortex-A53' 'x86_64-unknown-none x86-64')

# grouped: digits by threes, numbers on the right of fields.
grouped() { sed -E ':again; s/([0-9])([0-9]{3})($|[^0-9])/\1,\2\3/; t again'; }

figure() {
    sed -n "s/.*\"$1\", \"features\": \"$2\",.*\"$3\": \([0-9a-z]*\).*/\1/p" build/footprint.json
}

# shown TARGET SET FIELD
shown() {
    local is
    is=$(figure "$@")
    case ${is:-null} in null) echo - ;; *) grouped <<<"$is" ;; esac
}

# sets_of TARGET NAME: a table.
sets_of() {
    local set
    [ -n "$(figure "$1" everything flash)" ] || return 0
    printf '\n### %s, `%s`\n\n| set | flash | RAM | stack |\n|---|---:|---:|---:|\n' "$2" "$1"
    for set in open+challenge open+challenge+public-key open+challenge+zstd everything \
        open-4MiB-chunkwise; do
        printf '| %s | %s | %s | %s |\n' "$set" "$(shown "$1" "$set" flash)" \
            "$(shown "$1" "$set" ram)" "$(shown "$1" "$set" stack)"
    done
}

# instructions TARGET: of a build; nothing if there is none.
instructions() {
    [ -s "$results/$1" ] || return 0
    awk -v what="$2" '$1 == "instructions" && $2 == what { print $3 }' "$results/$1" | grouped
}

features_table() {
    declare -A says=(
        [seal]='writing: blocks, records, manifests'
        ['zstd-decompress']='opening what was compressed'
        [zstd]='compressing, beside `seal` and `zstd-decompress`'
        ['public-key']='P-256: key pairs, HPKE, signatures'
        [password]='PBKDF2: passwords, recovery kits'
        [argon2]='Argon2id, beside `password`'
        ['legacy-v1']='versions 0 and 1'
        [callbacks]='engines, key services and tokens of your own'
        ['fast-software']='software made for speed, beside all of these'
    )
    local kind name bytes
    printf '| feature | flash | what it brings |\n|---|---:|---|\n'
    while read -r kind name bytes; do
        [ "$kind" = feature ] || continue
        if [ "$name" = none ]; then
            echo "| none of them | $(grouped <<<"$bytes") | what every build has |"
        else
            echo "| \`$name\` | + $(grouped <<<"$bytes") | ${says[$name]} |"
        fi
    done <"$results/features"
}

instructions_table() {
    local what entry target name row
    local columns=("$main.everything" "$main.fast" thumbv8m.main-none-eabi.everything
        thumbv6m-none-eabi.everything riscv32imac-unknown-none-elf.everything
        aarch64-unknown-none.everything)
    printf '| what | Cortex-M4F | the same, `fast-software` | Cortex-M33 | Cortex-M0 | rv32imac |'
    printf ' Cortex-A53 |\n|---|---:|---:|---:|---:|---:|---:|\n'
    while IFS='|' read -r what name; do
        row="| $name"
        for entry in "${columns[@]}"; do
            target=$(instructions "$entry" "$what")
            row+=" | ${target:--}"
        done
        echo "$row |"
    done <<'END'
open,stored,per-KiB|opening a stored block, per KiB
seal,stored,per-KiB|sealing a stored block, per KiB
open,stored,4-KiB|opening a stored block of 4 KiB, all of it
seal,zstd,per-KiB|sealing a block that compresses well, profile small, per KiB
open,zstd,per-KiB|opening it, per KiB
digest,per-KiB|a block's digest, SHA-256, per KiB
scrub,per-KiB|a block's checksum, XXH3, per KiB
context|`coffre_context_init`: all self-tests
challenge,kek|the start-up challenge with a KEK
record,kek|a key record: read, opened with a KEK, its session key
challenge,public-key|the same check with a P-256 private key
pbkdf2,1000-iterations|PBKDF2, 1,000 iterations
END
}

stack_table() {
    local kind
    printf '| call | bytes |\n|---|---:|\n'
    awk '$1 == "stack" && $3 > most[$2] { most[$2] = $3 }
        END { for (call in most) print most[call], call }' "$results/$main.everything" |
        sort -k1,1nr -k2 | head -n 15 | while read -r bytes kind; do
        echo "| \`$kind\` | $(grouped <<<"$bytes") |"
    done
}

cat <<'END'
# Footprint

<!-- Written by `make footprint` (scripts/footprint-document.sh); do not edit. The figures of others
are in footprint-peers.md. -->

What Coffre takes of a microcontroller, in bytes: flash, RAM and stack for the things that firmware
does, what each feature costs, and how many instructions the work takes. `make footprint` measures
all of it again, and fails if a bound is broken. **Heap, `.data` and `.bss` are 0 on every target**:
all memory is the caller's.

## What the figures are

- **Flash**: what a link with `--gc-sections` takes of the library for a set's functions: code and
  constants, and the functions of C that compilers call, which the library brings along. No
  start-up code, no `main`.
- **RAM**: the set's C objects, all at the same time, and the workspace. For *open-4MiB-chunkwise*
  the stack is in it, too: the deepest of its calls, from the self-tests on, although the workspace
  is not yet needed then. Buffers for what is read and written are the program's.
- **Stack**: the deepest call of the set below the caller's stack pointer, by painting the stack
  under an emulator. Calls that touch keys wipe the stack below them, which is the least that they
  show: 3,872 bytes, with P-256 7,968 (a block's reader 3,872); where a pointer has 64 bits 7,936
  and 12,032.
- **Sets.** *open+challenge*: the start-up challenge and a key record with a KEK, blocks opened
  whole, stored, with none of the features. *+public-key*: with the feature `public-key`, and a
  private key. *+zstd*: with `zstd-decompress`; the RAM is that for blocks of 4 MiB in profile
  small, read chunk by chunk. *everything*: every function and every feature but `fast-software`;
  the RAM is one of each object, and the workspace to seal a page in profile small.
  *open-4MiB-chunkwise*: as the first, with the chunk-wise reader in place of `coffre_block_open`.
- Code for the Cortex-M0 is measured on an emulated Cortex-M33, which runs it. Nothing here runs the
  x86-64's: its stack is not known, and its objects are those of the other 64-bit processor.
- Rust is built with `opt-level = "z"`, zstd with `-Os`, and neither keeps frame pointers
  (`scripts/bare-library.sh`).

## Sets
END
for entry in "${targets[@]}"; do
    read -r target name <<<"$entry"
    sets_of "$target" "$name"
done
printf '\n## Bounds\n\nOn the Cortex-M4F, held by `make footprint`:\n\n'
printf '| what | at most | is |\n|---|---:|---:|\n'
open=$(figure "$main" open+challenge flash)
zstd=$(figure "$main" open+challenge+zstd flash)
cat <<END
| flash, open+challenge | 24,576 | $(shown "$main" open+challenge flash) |
| flash, open+challenge+public-key | 57,344 | $(shown "$main" open+challenge+public-key flash) |
| flash that zstd-decompress adds to open+challenge | 20,480 | $(grouped <<<"$((zstd - open))") |
| RAM, open-4MiB-chunkwise, stack included | 24,576 | $(shown "$main" open-4MiB-chunkwise ram) |
END
printf '\nThose of the stack of every call on every target are in `tests/stack_bounds.txt`.\n'
printf '\n## What a feature costs\n\nFlash on a Cortex-M4F, with every function linked.\n\n'
features_table
printf '\n## Instructions\n\n'
cat <<'END'
Counted by the emulator (`qemu -icount shift=0`), to a tick of its clock, which is 1 to 50 of them.
The column of `fast-software` is built with `opt-level = 3`. They are no times: what a clock cycle
does, flash's wait states and caches are not in it. On a Cortex-M4 most of these take one cycle,
loads two.
END
echo
instructions_table
printf '\n## The deepest calls\n\nOf all calls with all features, on the Cortex-M4F.\n\n'
stack_table
printf '\n## What others publish\n\n'
cat docs/footprint-peers.md
