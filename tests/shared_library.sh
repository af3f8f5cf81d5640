#!/usr/bin/env bash
# A program linked with build/libcoffre.so finds it by its soname, and does what the static one
# does.
#
# Usage: tests/shared_library.sh   (after make lib)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

source=c-examples/quickstart/quickstart.c
gcc -Iinclude $source build/libcoffre.a -o "$work/static"
gcc -Iinclude $source -Lbuild -lcoffre -o "$work/shared"
readelf -dW "$work/shared" | grep 'NEEDED.*\[libcoffre\.so\.0\]' >/dev/null

(cd "$work" && ./static) >"$work/static.txt"
(cd "$work" && LD_LIBRARY_PATH=$OLDPWD/build ./shared) >"$work/shared.txt"
diff "$work/static.txt" "$work/shared.txt"
echo "quickstart says the same with libcoffre.a and libcoffre.so.0"
