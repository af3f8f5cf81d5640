#!/usr/bin/env bash
# What the built library offers to the linker, and what it asks of it.
#
# Usage: tests/symbols.sh   (after make lib; it looks at build/libcoffre.a and build/libcoffre.so,
# or at what scripts/cross.sh sets LIBRARY to, with the tools that CROSS is the prefix of)
#
# The archive is one object that clashes with nothing: no global symbol but the header's functions,
# nothing undefined but a short list, no writable data but a few bytes of CPU detection. The shared
# library exports exactly the header's functions. Neither has anything of the validation interface
# (include/coffre_hazmat.h), not even hidden. At the end each rule is shown an archive that breaks
# it.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C
: "${CROSS:=}" "${LIBRARY:=build/libcoffre.a}"
built=${LIBRARY%.a}
object=${LIBRARY%/*}/coffre.o

# The C library's functions that the archive may ask for.
allowed="memcpy memmove memset memcmp getrandom __errno_location"
# 64-bit Arm asks the system what the processor can do, 32-bit Arm the linker for its own table.
case $(readelf -h "$object") in
*'Machine: '*AArch64*) allowed+=" getauxval" ;;
*'Machine: '*ARM*) allowed+=" _GLOBAL_OFFSET_TABLE_" ;;
esac

# The only writable data: what the CPU can do, found out once by the crates with several engines.
# A byte each, the same whoever writes it first. As "size name", the name without its hash.
state='^1 _?[A-Z0-9a-z_]*(polyval[0-9]*backend[0-9a-z_]*(clmul|pmull)'
state+='|sha2[0-9]*sha256[0-9]+(shani_cpuid|sha2_(cpuid|hwcap)))[0-9]+STORAGE'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# symbols FILE: "bind type section size name" of each named symbol. readelf reads what newer
# compilers wrote.
symbols() {
    readelf -sW "$1" | awk '$1 ~ /^[0-9]+:$/ && NF >= 8 { print $5, $4, $7, $3, $8 }'
}

# check_archive FILE: prints one line a finding.
check_archive() {
    local members
    members=$(ar t "$1" | wc -l)
    [ "$members" -eq 1 ] || echo "members: $members instead of one"
    symbols "$1" >"$work/symbols"

    awk '$1 != "LOCAL" && $3 != "UND" { print $5 }' "$work/symbols" | sort >"$work/global"
    scripts/exports.sh include/coffre.h >"$work/declared"
    comm -23 "$work/global" "$work/declared" | sed 's/^/global, but not declared: /'
    comm -13 "$work/global" "$work/declared" | sed 's/^/declared, but not defined: /'
    grep -v '^coffre_' "$work/global" | sed 's/^/global, but not ours: /' || true

    awk '$1 != "LOCAL" && $3 == "UND" { print $5 }' "$work/symbols" | sort -u >"$work/undefined"
    tr ' ' '\n' <<<"$allowed" | sort >"$work/allowed"
    comm -23 "$work/undefined" "$work/allowed" | sed 's/^/undefined: /'

    state_of "$1" | grep -vE "$state" | sed 's/^/state: /' || true
    awk '$5 ~ /hazmat/ { print "for validation only: " $5 }' "$work/symbols"
}

# state_of FILE: "size name" of each object in a writable section; .data.rel.ro is constant.
state_of() {
    readelf -SW "$1" | sed -n 's/^ *\[ *\([0-9]*\)\] \(\.t\?\(bss\|data\)[^ ]*\) .*/\1 \2/p' |
        sed '/ \.data\.rel\.ro/d; s/ .*//' >"$work/sections"
    symbols "$1" | awk -v sections="$work/sections" '
        BEGIN { while ((getline number < sections) > 0) writable[number] = 1 }
        ($3 in writable) && $2 != "SECTION" && $4 > 0 { print $4, $5 }'
}

# check_shared FILE
check_shared() {
    readelf -W --dyn-syms "$1" | awk '
        $1 ~ /^[0-9]+:$/ && $5 != "LOCAL" && $7 != "UND" && $7 != "ABS" {
            sub(/@.*/, "", $8); print $8 }' | sort -u >"$work/dynamic"
    scripts/exports.sh include/coffre.h >"$work/declared"
    comm -23 "$work/dynamic" "$work/declared" | sed 's/^/exported, but not declared: /'
    comm -13 "$work/dynamic" "$work/declared" | sed 's/^/declared, but not exported: /'
    grep -ao 'coffre_hazmat[a-z0-9_]*' "$1" | sort -u | sed 's/^/for validation only: /' || true
    readelf -dW "$1" | grep 'SONAME.*\[libcoffre\.so\.0\]' >/dev/null ||
        echo "soname: not libcoffre.so.0"
    readelf -dW "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/needs: \1/p' | grep -v ' libc\.so' || true
}

failed=0
for library in "$built.a" "$built.so"; do
    case $library in
    *.a) check_archive "$library" ;;
    *.so) check_shared "$library" ;;
    esac >"$work/findings"
    if [ -s "$work/findings" ]; then
        sed "s|^|$library: |" "$work/findings"
        failed=1
    else
        echo "$library: ok"
    fi
done
echo "global: $(wc -l <"$work/declared") functions; undefined: $(tr '\n' ' ' <"$work/undefined")"
echo "state, $(state_of "$LIBRARY" | awk '{ n += $1 } END { print n + 0 }') bytes:"
state_of "$LIBRARY" | sed 's/^/  /'

# --- the rules themselves: each has to find its fault ---

# must_find WHAT FUNCTION FILE PATTERN
must_find() {
    local found
    found=$($2 "$3")
    if ! grep -q "$4" <<<"$found"; then
        echo "self-check: $1 was not found in $3"
        failed=1
    fi
}

gcc=("${CROSS}gcc" -x c -fPIC -fno-lto -o)
doctored() {
    "${gcc[@]}" "$work/$1.o" -c - <<<"$2"
    cp "$LIBRARY" "$work/$1.a"
    "${CROSS}ld" -r -o "$work/both.o" "$object" "$work/$1.o"
    rm "$work/$1.a"
    "${CROSS}ar" rcs "$work/$1.a" "$work/both.o"
}
doctored foreign 'int ZSTD_compress(void) { return 0; }'
must_find "a foreign global" check_archive "$work/foreign.a" 'not ours: ZSTD_compress'
doctored extra 'int coffre_not_declared(void) { return 0; }'
must_find "an undeclared function" check_archive "$work/extra.a" 'declared: coffre_not_declared'
doctored asks 'extern int printf(const char *, ...); int coffre_x(void) { return printf("x"); }'
must_find "an undefined symbol" check_archive "$work/asks.a" 'undefined: p'
doctored state 'int coffre_state = 7; static int s; int *coffre_s(void) { return &s; }'
must_find "initialised state" check_archive "$work/state.a" 'state: 4 coffre_state'
must_find "zero state" check_archive "$work/state.a" 'state: 4 s$'
cp "$LIBRARY" "$work/two.a"
"${CROSS}ar" r "$work/two.a" "$work/state.o" 2>/dev/null
must_find "a second member" check_archive "$work/two.a" 'members: 2'
doctored hazmat 'static int coffre_hazmat_x; int *coffre_y(void) { return &coffre_hazmat_x; }'
must_find "the validation interface" check_archive "$work/hazmat.a" 'only: coffre_hazmat_x'
first=$(head -n 1 "$work/declared")
"${CROSS}objcopy" --localize-symbol="$first" "$object" "$work/less.o"
"${CROSS}ar" rcs "$work/less.a" "$work/less.o"
must_find "a missing function" check_archive "$work/less.a" "not defined: $first"
"${CROSS}gcc" -shared -o "$work/open.so" "$work/both.o" "$work/asks.o" -Wl,-soname,other.so
must_find "an undeclared export" check_shared "$work/open.so" 'exported, but not declared'
must_find "another soname" check_shared "$work/open.so" 'soname'

exit $failed
