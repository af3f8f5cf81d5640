#!/usr/bin/env bash
# Builds for another processor, and runs what it built under qemu's user mode: one thing at a time.
#
# Usage: scripts/cross.sh NAME COMMAND [ARGUMENT...]   (scripts/test-cross.sh calls it)
#
# NAME is aarch64, aarch64-soft (no AES, SHA-2 or carry-less multiply instructions), armv7, s390x,
# or armv7-small and s390x-small (no feature fast-software); the commands are the functions below.
# What they make is in build/cross/NAME. Rust's library for a target is taken if it is there, else
# it is built of Debian's rust-web-src.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CARGO:=cargo}"
out=$PWD/build/cross/$1
locked=()
[ -z "${CI:-}" ] || locked=(--locked)

flags='' engine=portable features=() small=
case $1 in
aarch64) target=aarch64-unknown-linux-gnu engine=arm-aes ;;
aarch64-soft)
    target=aarch64-unknown-linux-gnu
    # The crates' own switches; core/src/aead/arm/hwcap.rs heeds the first.
    flags='--cfg aes_backend="soft" --cfg polyval_backend="soft" --cfg sha2_backend="soft"'
    ;;
armv7 | armv7-small) target=armv7-unknown-linux-gnueabihf ;;
s390x | s390x-small) target=s390x-unknown-linux-gnu ;;
*)
    echo "cross: unknown name '$1' (aarch64, aarch64-soft, armv7[-small], s390x[-small])" >&2
    exit 2
    ;;
esac
case $1 in *-small)
    engine=small small='seal zstd public-key argon2 legacy-v1 callbacks'
    features=(--no-default-features --features "os-random $small")
    ;;
esac
case $target in
aarch64-*) tools=aarch64-linux-gnu qemu=qemu-aarch64-static ;;
armv7-*) tools=arm-linux-gnueabihf qemu=qemu-arm-static ;;
s390x-*) tools=s390x-linux-gnu qemu=qemu-s390x-static ;;
esac

library=$out/libcoffre.a
# Apart from the host's and from each other: another compiler, other flags, which flags for the host
# would take the place of. The tests need less time and room without what a debugger reads.
unset RUSTFLAGS
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/cross/${1%-small}
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0
variables=$(tr a-z- A-Z_ <<<"CARGO_TARGET_$target")
export "${variables}_LINKER=$tools-gcc" "${variables}_RUNNER=$qemu -L /usr/$tools"
export "${variables}_RUSTFLAGS=$flags" "CC_${target//-/_}=$tools-gcc" "AR_${target//-/_}=$tools-ar"
mkdir -p "$out/programs" "$out/hazmat"

# The source of Rust's library fits Debian's compiler alone.
std=() core=()
if [ ! -d "$("${RUSTC:-${CARGO%cargo}rustc}" --print target-libdir --target $target)" ]; then
    std=('-Zbuild-std=std,panic_unwind,test') core=('-Zbuild-std=core')
    export CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
    export PATH=/usr/bin:/bin
fi

# --- the commands ---

# The tests of the crates; made for size, those of the core that meet code which is otherwise. Their
# documentation's examples are the host's to run.
rust_tests() {
    local what=(-p coffre-core -p coffre-ffi --lib --tests)
    local small_tests=(left_out format_vectors aead_engines key_wrap_engines checksum_widths
        polyval_widths block_roundtrip block_stream block_frames workspace_reuse record_rules
        challenge_verdicts slot_pairs)
    [ -z "$small" ] || what=(-p coffre-core --no-default-features --features "$small" --lib
        "${small_tests[@]/#/--test=}")
    "$CARGO" test --no-fail-fast "${std[@]}" "${locked[@]}" --target $target "${what[@]}"
}

# release FEATURE: the archive is left where cargo puts it.
release() {
    "$CARGO" rustc "${core[@]}" "${locked[@]}" --release --target $target -p coffre-ffi \
        --features "$1" "${features[@]}" --crate-type staticlib
}

# As `make lib` and `make hazmat` do it.
library() {
    release capi
    CROSS=$tools- scripts/link-library.sh \
        "$CARGO_TARGET_DIR/$target/release/libcoffre_ffi.a" "$out"
}

hazmat_library() {
    release hazmat
    CROSS=$tools- scripts/link-library.sh \
        "$CARGO_TARGET_DIR/$target/release/libcoffre_ffi.a" "$out/hazmat" coffre_hazmat
}

hazmat_vectors() {
    "$CARGO" run -q "${std[@]}" "${locked[@]}" --target $target -p coffre-hazmat-tests -- \
        "$out/hazmat/libcoffre_hazmat.so"
}

# script SCRIPT: a test that compiles programs of its own.
script() {
    CROSS=$tools- RUN="$qemu -L /usr/$tools" LIBRARY=$library "$1"
}

# c_program SOURCE [ARGUMENT...]
c_program() {
    local source=$1 program
    program=$out/programs/$(basename "$source" .c)
    shift
    "$tools-gcc" -std=gnu11 -O1 -g -Wall -Wextra -Wconversion -Werror -Iinclude -Itests/c -static \
        "$source" "$library" -pthread -o "$program"
    "$qemu" "$program" "$@"
}

# It says the same with the static and with the shared library.
quickstart() {
    local compile=("$tools-gcc" -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror -O2 -Iinclude
        c-examples/quickstart/quickstart.c)
    "${compile[@]}" -static "$library" -o "$out/programs/quickstart-static"
    "${compile[@]}" -L"$out" -lcoffre -o "$out/programs/quickstart-shared"
    cd "$out/programs"
    "$qemu" ./quickstart-static >static.txt
    "$qemu" -L "/usr/$tools" -E LD_LIBRARY_PATH="$out" ./quickstart-shared >shared.txt
    diff static.txt shared.txt
    cat shared.txt
}

# The files of exchange.c, made anew, by the engine that this target is here for.
writes() {
    rm -rf "$out/written"
    mkdir "$out/written"
    c_program tests/cross/exchange.c write "$out/written" | tee "$out/said.txt"
    grep -q "engine $engine\$" "$out/said.txt"
}

# opens DIRECTORY: what a processor wrote.
opens() {
    "$qemu" "$out/programs/exchange" open "$1"
}

shift
"$@"
