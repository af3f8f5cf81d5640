#!/usr/bin/env bash
# Makes one relocatable object of cargo's archive, and the static and the shared library of that
# object.
#
# Usage: scripts/link-library.sh ARCHIVE DIRECTORY [NAME]   (make lib and make hazmat call it)
#
# NAME is coffre, or coffre_hazmat. The object's only global symbols are the functions of
# include/NAME.h that begin with it, so that it clashes with no other library in a program, another
# zstd or another Rust library included; tests/symbols.sh and tests/hazmat_library.sh hold that.
# What is made gets its name when it is whole. In the environment: CROSS, the prefix of the tools of
# another processor, such as arm-none-eabi-; LD; SHARED=no to leave the shared library out.
set -euo pipefail
cd "$(dirname "$0")/.."
archive=$1 target=$2 name=${3:-coffre}
: "${CROSS:=}" "${SHARED:=yes}"
read -ra ld <<<"${LD:-${CROSS}ld}"
work=$(mktemp -d "$target/link.XXXXXX")
trap 'rm -rf "$work"' EXIT

scripts/exports.sh "include/$name.h" | grep "^${name}_" >"$work/exports.txt"
mapfile -t keep < <(sed 's/^/--undefined=/' "$work/exports.txt")
"${ld[@]}" -r -z noexecstack --gc-sections -e "${keep[0]#--undefined=}" "${keep[@]}" \
    -o "$work/whole.o" "$archive"
# The compiler turns comparisons into bcmp, which is not in ISO C; memcmp keeps its promise. The
# assembler names the offset table where no relocation needs it. Unwind tables of 32-bit Arm would
# ask for the compiler's unwinder; nothing unwinds through the library. What Rust's own library
# brings of LLVM's bitcode makes binutils take the object for one that is still to be compiled.
"${CROSS}objcopy" --keep-global-symbols="$work/exports.txt" --redefine-sym bcmp=memcmp \
    --wildcard --remove-section='.ARM.ex*' --strip-unneeded-symbol='__aeabi_unwind_cpp_pr*' \
    --strip-unneeded-symbol=_GLOBAL_OFFSET_TABLE_ --remove-section='.llvm*' \
    "$work/whole.o" "$work/$name.o"
"${CROSS}ar" rcs "$work/lib$name.a" "$work/$name.o"

if [ "$SHARED" = no ]; then
    mv "$work/$name.o" "$target/"
    mv "$work/lib$name.a" "$target/"
    exit
fi

{
    echo 'COFFRE_0 { global:'
    sed 's/$/;/' "$work/exports.txt"
    echo 'local: *; };'
} >"$work/exports.map"
"${CROSS}gcc" -shared -o "$work/lib$name.so" "$work/$name.o" -Wl,-soname,"lib$name.so.0" \
    -Wl,--version-script="$work/exports.map" -Wl,-z,defs,-z,relro,-z,now,-z,noexecstack

ln -sfn "lib$name.so" "$target/lib$name.so.0"
mv "$work/$name.o" "$work/lib$name.so" "$target/"
mv "$work/lib$name.a" "$target/"
