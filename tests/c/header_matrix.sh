#!/usr/bin/env bash
# Compiles include/coffre.h in every language version that it promises, without a warning.
#
# Usage: tests/c/header_matrix.sh   (after make lib)
#
# A source is made from the header: it defines an object by each COFFRE_*_INIT macro, checks the
# sizes that option structs carry, and names each function. It's compiled as C and as C++, hosted
# and freestanding, with each compiler that is here; then linked with the library, once in C and
# once in C++, and run. CROSS, LIBRARY and RUN are another processor's, with its C compiler alone
# (scripts/cross.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."
header=include/coffre.h
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wundef -Wstrict-aliasing -Wshadow -Werror)
failed=0
count=0

# compile LANGUAGE COMPILER ARGUMENT...
compile() {
    local language=$1
    shift
    count=$((count + 1))
    set -- "$@" "${warnings[@]}" -Iinclude
    if ! "$@" -x "$language" -c "$work/use.c" -o "$work/use.o" 2>"$work/said"; then
        echo "FAILED: $* ($language)"
        head -n 20 "$work/said"
        failed=1
    fi
}

make_source() {
    local macro name function
    echo '#include "coffre.h"'
    # A header that declares what belongs to C's own would clash with these.
    printf '#if __STDC_HOSTED__\n#include <string.h>\n#include <strings.h>\n'
    printf '#include <stdlib.h>\n#include <math.h>\n#endif\n'
    echo 'typedef void (*any_function)(void);'
    echo 'extern any_function const functions[];'
    echo 'any_function const functions[] = {'
    while read -r function; do
        echo "    (any_function)$function,"
    done < <(scripts/exports.sh $header)
    echo '};'
    echo 'int main(void) {'
    echo '    unsigned wrong = functions[0] == NULL;'
    while read -r macro; do
        name=${macro#COFFRE_}
        name=coffre_$(tr '[:upper:]' '[:lower:]' <<<"${name%_INIT}")
        echo "    { $name object = $macro; static const $name fixed = $macro;"
        if has_size "$name"; then
            echo "      wrong += object.size != sizeof object || fixed.size != sizeof fixed;"
        else
            echo "      wrong += sizeof object != sizeof fixed;"
        fi
        echo "    }"
    done < <(grep -oE '^#define COFFRE_[A-Z0-9_]+_INIT\b' $header | cut -d' ' -f2)
    echo '    return wrong != 0; }'
}

# has_size TYPE: its struct's first member is `uint32_t size`.
has_size() {
    gcc -E -P -x c $header | tr '\n' ' ' |
        grep -qE "struct $1 \{ *uint32_t size;|struct \{ *uint32_t size;[^}]*\} $1;"
}

c_compilers=(gcc clang arm-none-eabi-gcc) cxx_compilers=(g++ clang++) linked=(c c++)
if [ -n "${CROSS:-}" ]; then
    c_compilers=("${CROSS}gcc") cxx_compilers=() linked=(c)
fi
make_source >"$work/use.c"
inits=$(grep -c 'static const' "$work/use.c" || true)

for compiler in "${c_compilers[@]}"; do
    command -v "$compiler" >/dev/null || { echo "$compiler: not here, left out"; continue; }
    for version in c99 c11 c17 c2x; do
        [ "$compiler" = arm-none-eabi-gcc ] || compile c "$compiler" -std=$version
        compile c "$compiler" -std=$version -ffreestanding
    done
done
for compiler in "${cxx_compilers[@]}"; do
    command -v "$compiler" >/dev/null || { echo "$compiler: not here, left out"; continue; }
    for version in c++11 c++17 c++20; do
        compile c++ "$compiler" -std=$version
        compile c++ "$compiler" -std=$version -ffreestanding
    done
done

# What the macros hold and that C++ finds the C names is seen when it runs.
for language in "${linked[@]}"; do
    compiler=${CROSS:-}gcc
    [ "$language" = c ] || compiler=g++
    if ! $compiler -Iinclude -x "$language" "$work/use.c" -x none \
        "${LIBRARY:-build/libcoffre.a}" -o "$work/use" 2>"$work/said"; then
        echo "FAILED: the library does not link ($language)"
        head -n 20 "$work/said"
        failed=1
    elif ! ${RUN:-} "$work/use"; then
        echo "FAILED: an _INIT macro's size is not its struct's ($language)"
        failed=1
    fi
done

# The flags themselves: a header with a fault has to fail.
cp "$work/use.c" "$work/good.c"
echo 'static inline int narrow(long x) { int y = x; return y; }' >>"$work/use.c"
if gcc "${warnings[@]}" -Iinclude -c "$work/use.c" -o "$work/use.o" 2>/dev/null; then
    echo "self-check: a narrowing conversion went through"
    failed=1
fi

echo "$count compilations, $inits _INIT macros"
exit $failed
