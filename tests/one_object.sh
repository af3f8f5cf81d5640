#!/usr/bin/env bash
# libcoffre.a is one object that clashes with nothing: one program has it, a second Rust library and
# the system's zstd of another version, linked in several orders, and each of them works.
#
# Usage: tests/one_object.sh   (after make lib), or tests/one_object.sh TARGET BOARD for a board of
# c-examples/firmware (scripts/firmware.sh calls that)
#
# At the end the same is tried with what cargo made, which has to go wrong: else this finds nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CARGO:=cargo}" "${CARGO_TARGET_DIR:=$PWD/target}"
export CARGO_TARGET_DIR
work=build/tests/one_object
mkdir -p "$work"
second=(--manifest-path tests/one_object/second/Cargo.toml --release --locked -q)

# --- on a board: the second library, and a zstd of somebody else's, beside a part ---

if [ $# -eq 2 ]; then
    PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        CARGO_TARGET_DIR=$CARGO_TARGET_DIR/bare \
        /usr/bin/cargo build "${second[@]}" -Zbuild-std=core --target "$1"
    extra=("$PWD/tests/one_object/other_zstd.c" "$CARGO_TARGET_DIR/bare/$1/release/libsecond.a"
        "-Wl,--undefined=second_decimal")
    make -s -C c-examples/firmware "BOARD=$2" "OUT=$PWD/build/firmware/$1/beside-others" \
        "IMAGE=$PWD/build/firmware/image" PARTS=blocks "EXTRA=${extra[*]}" run |
        sed 's/ blocks / blocks-beside-others /'
    exit
fi

# --- on this machine ---

"$CARGO" build "${second[@]}"
second_library=$CARGO_TARGET_DIR/release/libsecond.a
zstd_library=$(gcc -print-file-name=libzstd.a)
gcc -std=gnu11 -O1 -Wall -Wextra -Iinclude -c tests/one_object/neighbours.c -o "$work/neighbours.o"

# link NAME LIBRARY...
link() {
    local name=$1
    shift
    gcc -Wl,--wrap=ZSTD_compress2,--wrap=ZSTD_decompressStream -o "$work/$name" \
        "$work/neighbours.o" "$@"
}

# neighbours NAME LIBRARY...
neighbours() {
    echo "== $1"
    link "$@"
    "$work/$1"
}

neighbours coffre_first build/libcoffre.a "$second_library" "$zstd_library"
neighbours zstd_first "$zstd_library" "$second_library" build/libcoffre.a
neighbours shared_zstd build/libcoffre.a "$second_library" -lzstd
neighbours shared_coffre -Lbuild -lcoffre -Wl,-rpath,"$PWD/build" "$zstd_library" "$second_library"

both=$(readelf -sW "$work/coffre_first" | awk '$8 == "ZSTD_decompressStream" { print $5 }' | sort)
if [ "$both" != $'GLOBAL\nLOCAL' ]; then
    echo "FAILED: not two zstd in one program: $both"
    exit 1
fi
echo "ok two zstd in one program"

# Cargo has made other libraries in that place since: what build/libcoffre.a is made of comes back.
locked=()
[ -z "${CI:-}" ] || locked=(--locked)
"$CARGO" rustc -q "${locked[@]}" --release -p coffre-ffi --features capi --crate-type staticlib
cargos=$CARGO_TARGET_DIR/release/libcoffre_ffi.a
if link with_cargos "$cargos" "$second_library" "$zstd_library" >"$work/log" 2>&1 &&
    "$work/with_cargos" >"$work/log"; then
    echo "FAILED: what cargo made does not clash, so that this shows nothing"
    exit 1
fi
if ! clash=$(grep -m 1 -E 'multiple definition|^FAILED coffre called' "$work/log"); then
    echo "FAILED: what cargo made fails by something else:"
    cat "$work/log"
    exit 1
fi
echo "ok without link-library.sh it goes wrong: $clash"
