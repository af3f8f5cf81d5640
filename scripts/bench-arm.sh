#!/usr/bin/env bash
# Builds the measurements for 64-bit Arm Linux, to be copied to a board, and tries them under qemu.
#
# Usage: make bench-arm; then, on the board: BENCH_CORPUS=corpus.bin ./ratios --bench [PART]...
#
# build/bench-arm/ratios is one static file (benches/ratios.rs); the board needs nothing but a
# corpus for the parts that work on one (benches/corpus.py), and gets figures in build/bench. qemu
# shows that it runs and that what is sealed opens again; how long that takes under qemu means
# nothing. Rust's library for Arm is taken if it is there (rustup target add
# aarch64-unknown-linux-gnu), else it is built from Debian's rust-web-src. OpenSSL for Arm comes
# from apt, unpacked below build/bench-arm, not installed.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CARGO:=cargo}"
target=aarch64-unknown-linux-gnu
out=$PWD/build/bench-arm
openssl=$out/openssl
programs=(ratios)
locked=()
[ -z "${CI:-}" ] || locked=(--locked)
mkdir -p "$out"

# fetch_openssl: with lists of its own, so that this machine's apt learns of no other architecture.
fetch_openssl() {
    local apt=$out/apt options
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    options=(-q -o Dir::State="$apt" -o Dir::State::lists=lists -o Dir::State::status=/dev/null
        -o Dir::Cache="$apt/cache" -o APT::Architecture=arm64 -o APT::Architectures=arm64
        -o APT::Sandbox::User="$(id -un)")
    apt-get "${options[@]}" update
    (cd "$apt" && rm -f ./*.deb && apt-get "${options[@]}" download libssl-dev)
    rm -rf "$openssl.new"
    dpkg-deb -x "$apt"/libssl-dev_*.deb "$openssl.new"
    # One directory of headers and one of archives, as openssl-sys wants it.
    mv "$openssl.new"/usr/include/aarch64-linux-gnu/openssl/* "$openssl.new/usr/include/openssl/"
    rm -rf "$openssl" "$apt"
    mv "$openssl.new" "$openssl"
}

# logged NAME COMMAND...: its output goes to a log, of which the end is shown when it failed.
logged() {
    local log=build/logs/bench-arm-$1.log code=0
    shift
    mkdir -p build/logs
    "$@" >"$log" 2>&1 || code=$?
    [ $code -eq 0 ] || { tail -n 25 "$log" >&2; echo "bench-arm: see $log" >&2; }
    return $code
}

[ -d "$openssl" ] || { echo "bench-arm: OpenSSL for Arm"; logged openssl fetch_openssl; }

# Rust's library, ready-made or from source. The source fits Debian's compiler alone.
build_std=()
if [ ! -d "$("${RUSTC:-${CARGO%cargo}rustc}" --print target-libdir --target $target)" ]; then
    build_std=("-Zbuild-std=std,panic_unwind")
    export PATH=/usr/bin:/bin CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    # Benches unwind: the library that is built must be the only one.
    export CARGO_PROFILE_RELEASE_PANIC=unwind
fi

# Another compiler's files would be made anew by each of the two.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/arm
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS='-C target-feature=+crt-static'
export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc
export AARCH64_UNKNOWN_LINUX_GNU_OPENSSL_INCLUDE_DIR=$openssl/usr/include
export AARCH64_UNKNOWN_LINUX_GNU_OPENSSL_LIB_DIR=$openssl/usr/lib/aarch64-linux-gnu
export AARCH64_UNKNOWN_LINUX_GNU_OPENSSL_STATIC=1

for program in "${programs[@]}"; do
    echo "bench-arm: building $program"
    logged "build-$program" "$CARGO" bench "${locked[@]}" "${build_std[@]}" --target $target \
        -p coffre-benches --bench "$program" --no-run
    # Cargo says where: "Executable benches/ratios.rs (PATH)".
    built=$(sed -n 's/^ *Executable .* (\(.*\))$/\1/p' "build/logs/bench-arm-build-$program.log")
    cp "$built" "$out/$program"
done

echo "bench-arm: trying them under qemu"
tried=(aead:256 aead:4096 aead:65536 rekey)
logged qemu-ratios env BENCH_QUICK=1 BENCH_DIR="$out/tried" BENCH_PYTHON=/nonexistent \
    qemu-aarch64-static "$out/ratios" --bench "${tried[@]}"
grep -q '^aes256gcm_open *arm-aes ' build/logs/bench-arm-qemu-ratios.log
for program in "${programs[@]}"; do
    echo "build/bench-arm/$program: $(stat -c %s "$out/$program") bytes"
done
