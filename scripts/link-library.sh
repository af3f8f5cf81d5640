#!/usr/bin/env bash
# Makes one relocatable object of cargo's archive, and the static and the shared library of that
# object.
#
# Usage: scripts/link-library.sh ARCHIVE DIRECTORY   (make lib calls it)
#
# The object's only global symbols are the functions of include/coffre.h, so that it clashes with no
# other library in a program, another zstd or another Rust library included; tests/symbols.sh holds
# that. What is made gets its name when it is whole.
set -euo pipefail
cd "$(dirname "$0")/.."
archive=$1 target=$2
work=$(mktemp -d "$target/link.XXXXXX")
trap 'rm -rf "$work"' EXIT

scripts/exports.sh include/coffre.h >"$work/exports.txt"
mapfile -t keep < <(sed 's/^/--undefined=/' "$work/exports.txt")
ld -r --gc-sections -e coffre_abi_version "${keep[@]}" -o "$work/whole.o" "$archive"
# The compiler turns comparisons into bcmp, which is not in ISO C; memcmp keeps its promise. The
# assembler names the offset table, which no relocation needs.
objcopy --keep-global-symbols="$work/exports.txt" --redefine-sym bcmp=memcmp \
    --strip-symbol=_GLOBAL_OFFSET_TABLE_ \
    "$work/whole.o" "$work/coffre.o"
ar rcs "$work/libcoffre.a" "$work/coffre.o"

{
    echo 'COFFRE_0 { global:'
    sed 's/$/;/' "$work/exports.txt"
    echo 'local: *; };'
} >"$work/exports.map"
gcc -shared -o "$work/libcoffre.so" "$work/coffre.o" -Wl,-soname,libcoffre.so.0 \
    -Wl,--version-script="$work/exports.map" -Wl,-z,defs,-z,relro,-z,now,-z,noexecstack

ln -sfn libcoffre.so "$target/libcoffre.so.0"
mv "$work/coffre.o" "$work/libcoffre.so" "$target/"
mv "$work/libcoffre.a" "$target/"
