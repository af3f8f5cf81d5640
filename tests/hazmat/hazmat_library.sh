#!/usr/bin/env bash
# What build/hazmat/libcoffre_hazmat.so exports, and its errors as C and C++ see them.
#
# Usage: tests/hazmat/hazmat_library.sh   (after make lib hazmat)
#
# It exports the functions of include/coffre_hazmat.h alone, which coffre.h does not know. The
# header is compiled as C and as C++. Then hazmat_errors.c is run: with the shared library, and with
# the static one and the sanitizers.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C
library=build/hazmat/libcoffre_hazmat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

scripts/exports.sh include/coffre_hazmat.h | grep '^coffre_hazmat_' >"$work/declared"
readelf -W --dyn-syms "$library.so" | awk '
    $1 ~ /^[0-9]+:$/ && $5 != "LOCAL" && $7 != "UND" && $7 != "ABS" {
        sub(/@.*/, "", $8); print $8 }' | sort -u >"$work/exported"
diff "$work/declared" "$work/exported"
if grep -n hazmat include/coffre.h; then
    echo "include/coffre.h knows the validation interface"
    exit 1
fi
echo "$(wc -l <"$work/exported") functions are exported"

warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror)
shared=("$library.so" "-Wl,-rpath,$PWD/build/hazmat")

# The header as each language sees it, and that the names are C's.
{
    printf '#include "coffre_hazmat.h"\ntypedef void (*any_function)(void);\n'
    printf 'extern any_function const functions[];\nany_function const functions[] = {\n'
    sed 's/.*/    (any_function)&,/' "$work/declared"
    printf '};\nint main(void) { size_t count; return functions[0] == NULL ||\n'
    printf '    coffre_hazmat_engines(&count) != COFFRE_OK || count == 0; }\n'
} >"$work/use.c"
for version in c99 c2x c++11 c++20; do
    compiler=gcc language=c
    [[ $version != c++* ]] || compiler=g++ language=c++
    $compiler -std=$version "${warnings[@]}" -Iinclude -x $language "$work/use.c" -x none \
        "${shared[@]}" -o "$work/use"
    "$work/use"
done

# The helpers of the tests ask the library itself for the names of statuses.
compile=(gcc -std=gnu11 "${warnings[@]}" -Iinclude -Itests/c -O1 -g tests/hazmat/hazmat_errors.c)
while read -r function; do
    grep -q "\b$function(" tests/hazmat/hazmat_errors.c || { echo "not called: $function"; exit 1; }
done <"$work/declared"
"${compile[@]}" "${shared[@]}" build/libcoffre.a -o "$work/errors"
"$work/errors"
"${compile[@]}" -fsanitize=address,undefined -fno-sanitize-recover=all "$library.a" \
    build/libcoffre.a -o "$work/errors"
"$work/errors"
