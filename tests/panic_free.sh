#!/usr/bin/env bash
# No export can panic, and none asks for a heap or writable memory: each is linked alone, against a
# panic handler that does not link (feature panic-probe of ffi/).
#
# Usage: tests/panic_free.sh                          (this machine's library, which it builds)
#        tests/panic_free.sh ARCHIVE [TOOLS [ENTRY...]]
#
# ARCHIVE is another build with the feature panic-probe, TOOLS the prefix of its binutils, such as
# arm-none-eabi- (LDEMULATION=elf32lriscv tells a 64-bit linker of 32 bits), ENTRYs the exports to
# link, by default all of include/coffre.h. A build without an operating system may leave nothing
# undefined at all, and has neither .data nor .bss; on this machine the C library's functions of the
# list below are defined, and .bss holds bytes that say what the processor can do (tests/symbols.sh
# has their names). When an export fails, tests/panic_paths.py shows the way to the panic. At last
# objects that break a rule are tried, made with the same tools.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C
: "${CARGO:=cargo}"

# Of the C library, where there is one; no heap.
hosted="memcpy memmove memset memcmp bcmp getrandom __errno_location"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -eq 0 ]; then
    locked=()
    [ -z "${CI:-}" ] || locked=(--locked)
    "$CARGO" rustc "${locked[@]}" --release -p coffre-ffi --features panic-probe \
        --crate-type staticlib
    target=${CARGO_TARGET_DIR:-target}
    cp "$target/release/libcoffre_ffi.a" "$work/host.a"
    set -- "$work/host.a"
    allowed=$hosted
else
    allowed=
fi
archive=$1
export tools=${2:-}
shift $(($# < 2 ? $# : 2))
[ $# -gt 0 ] || mapfile -t entries < <(scripts/exports.sh include/coffre.h)
[ $# -eq 0 ] || entries=("$@")

# whole ARCHIVE OBJECT ENTRY...: one object of all that the entries reach.
whole() {
    local from=$1 to=$2
    shift 2
    "${tools}ld" -r --gc-sections -e "$1" "${@/#/--undefined=}" -o "$to" "$from" 2>"$work/ld" ||
        { cat "$work/ld" >&2 && return 1; }
}

# alone OBJECT ENTRY DEFINED: links one export, with the symbols of the list as if they were there;
# prints a line for each that is missing, and for writable memory.
# shellcheck disable=SC2317 # xargs calls it
alone() {
    local program=$1.$2 defined=() symbol
    for symbol in $3; do defined+=("--defsym=$symbol=0"); done
    "${tools}ld" --gc-sections -e "$2" "${defined[@]}" -o "$program" "$1" >"$program.log" 2>&1 ||
        sed -n "s/.*undefined reference to \`\([^']*\)'.*/$2: undefined: \1/p" "$program.log" |
            sort -u
    if [ ! -e "$program" ]; then
        grep -q 'undefined reference' "$program.log" ||
            { echo "did not link" && cat "$program.log"; } | sed "s/^/$2: /"
    else
        "${tools}readelf" -SW "$program" | sed 's/^ *\[ *[0-9]*\] *//' |
            awk -v entry="$2" -v bytes="${state:-0}" '
                function number(hex, i, n) {
                    for (i = 1; i <= length(hex); i++)
                        n = 16 * n + index("0123456789abcdef", substr(hex, i, 1)) - 1
                    return n
                }
                $1 ~ /^\.t?(data|bss)/ && $1 !~ /^\.data\.rel\.ro/ && number($5) > bytes {
                    print entry ": writable: " $1 ", " number($5) " bytes" }
                END { if (!NR) print entry ": could not be read" }'
        rm "$program"
    fi
    rm -f "$program.log"
}
export -f alone

# findings OBJECT ENTRY...
findings() {
    local object=$1
    shift
    # shellcheck disable=SC2016 # the inner shell expands these
    printf '%s\n' "$@" |
        xargs -P2 -I{} bash -c 'alone "$0" "$1" "$2"' "$object" {} "$allowed" | sort
}

# On this machine: what the CPU can do.
export state=0
[ -z "$allowed" ] || state=16

whole "$archive" "$work/all.o" "${entries[@]}"
findings "$work/all.o" "${entries[@]}" >"$work/findings"
failed=0
if [ -s "$work/findings" ]; then
    cat "$work/findings"
    failed=1
    for symbol in coffre_panic_is_reachable malloc calloc free; do
        mapfile -t reaching < <(sed -n "s/: undefined: $symbol\$//p" "$work/findings")
        [ ${#reaching[@]} -eq 0 ] ||
            python3 tests/panic_paths.py "$work/all.o" $symbol "${reaching[@]}"
    done
fi
echo "${#entries[@]} exports linked alone, $(cut -d: -f1 "$work/findings" | sort -u | wc -l) failed"

# --- the rules themselves: each has to find its fault ---

machine=()
[ "${LDEMULATION:-}" != elf32lriscv ] || machine=(-march=rv32imac -mabi=ilp32)
# must_find WHAT SOURCE PATTERN: a function beside the library.
must_find() {
    "${tools}gcc" "${machine[@]}" -x c -O1 -ffunction-sections -fdata-sections -c \
        -o "$work/doctored.o" - <<<"$2"
    findings "$work/doctored.o" doctored >"$work/doctored.txt"
    if ! grep -q "^doctored: $3" "$work/doctored.txt"; then
        echo "self-check: $1 was not found"
        failed=1
    fi
}
must_find "a panic" 'extern void coffre_panic_is_reachable(const void *);
    void doctored(int i) { if (i > 3) coffre_panic_is_reachable(0); }' \
    'undefined: coffre_panic_is_reachable'
must_find "a heap" 'extern void *malloc(__SIZE_TYPE__);
    void *doctored(void) { return malloc(3); }' 'undefined: malloc'
must_find "state" 'static int s[32]; int *doctored(void) { return s; }' 'writable: .bss'
must_find "data" 'static int s[32] = {1}; int *doctored(void) { return s; }' 'writable: .data'
ln -s "$(type -P false)" "$work/silent-ld"
tools=$work/silent- findings "$work/doctored.o" doctored >"$work/silent.txt"
if ! grep -q '^doctored: did not link' "$work/silent.txt"; then
    echo "self-check: a linker that says nothing was not found"
    failed=1
fi

if [ $# -eq 0 ] && [ -n "$allowed" ]; then
    # What does panic, in Rust and in this very build.
    cat >"$work/probe.rs" <<'RUST'
#![no_std]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unsafe extern "C" {
        fn coffre_panic_is_reachable(place: *const u8) -> !;
    }
    unsafe { coffre_panic_is_reachable(core::ptr::null()) }
}
#[unsafe(no_mangle)]
pub extern "C" fn doctored(i: usize) -> u8 {
    b"four"[i]
}
RUST
    "${RUSTC:-rustc}" --edition 2024 --crate-type staticlib -O -C panic=abort -C lto=fat \
        -o "$work/probe.a" "$work/probe.rs"
    whole "$work/probe.a" "$work/probe.o" doctored
    findings "$work/probe.o" doctored >"$work/probe.txt"
    if ! grep -q '^doctored: undefined: coffre_panic_is_reachable' "$work/probe.txt"; then
        echo "self-check: an index out of bounds was not found"
        failed=1
    fi
    python3 tests/panic_paths.py "$work/probe.o" coffre_panic_is_reachable doctored >"$work/path"
    grep -q '^ *doctored' "$work/path" || { echo "self-check: no path" && failed=1; }
fi

exit $failed
