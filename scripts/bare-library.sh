#!/usr/bin/env bash
# Builds libcoffre for processors without an operating system: one relocatable object per target,
# which asks nothing of anybody, not even memcpy.
#
# Usage: scripts/bare-library.sh [TARGET...]   (make firmware calls it)
#
# Leaves build/firmware/TARGET/libcoffre.a and coffre.o. In the environment: FEATURES, coffre-ffi's
# features beside capi, with commas between them, by default all that is not for speed; OUT, a
# directory to take the place of build/firmware; PROCESSOR, what all your processors have beyond the
# target's least, in Rust's words ("+aes" on 64-bit Arm); PROBE=yes, to see that no export can reach
# a panic (tests/panic_free.sh), and make no object. Rust's core library is compiled from Debian's
# rust-web-src, with the compiler that those sources belong to.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${FEATURES=seal,zstd,public-key,password,argon2,legacy-v1,callbacks}" "${OUT:=build/firmware}"
targets=(thumbv6m-none-eabi thumbv7em-none-eabihf thumbv8m.main-none-eabi
    riscv32imac-unknown-none-elf aarch64-unknown-none x86_64-unknown-none)
[ $# -eq 0 ] || targets=("$@")

# What is taken from libzstd: no allocator, whose callers find none and give up; no error texts, no
# tracing, no run-time choice by CPUID; the small variants of its decoder, with the smallest buffer
# for literals; of its encoders the one that level 1 uses.
zstd_flags='-DZSTD_DEPS_MALLOC -DZSTD_malloc(s)=NULL -DZSTD_calloc(n,s)=NULL
    -DZSTD_free(p)=((void)(p))
    -DZSTD_TRACE=0 -DZSTD_DECODER_INTERNAL_BUFFER=64 -DZSTD_STRIP_ERROR_STRINGS=1 -DDYNAMIC_BMI2=0
    -DZSTD_NO_INLINE=1 -DHUF_FORCE_DECOMPRESS_X1=1 -DHUF_DISABLE_FAST_DECODE=1
    -DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT=1'
for encoder in DFAST GREEDY LAZY LAZY2 BTLAZY2 BTOPT BTULTRA; do
    zstd_flags+=" -DZSTD_EXCLUDE_${encoder}_BLOCK_COMPRESSOR"
done

# tools_for TARGET: the C compiler's prefix and flags beside those that the cc crate knows, and what
# Rust's dependencies have to be told.
tools_for() {
    linker_flags=
    soft='--cfg aes_backend_soft="compact" --cfg sha2_backend_soft="compact"'
    case $1 in
    # A table of jumps there takes helpers of libgcc's.
    thumbv6m*) prefix=arm-none-eabi- flags=-fno-jump-tables ;;
    thumb*) prefix=arm-none-eabi- flags= ;;
    riscv32imac*)
        prefix=riscv64-unknown-elf- linker_flags='-m elf32lriscv'
        flags='-march=rv32imac -mabi=ilp32 -mcmodel=medlow --specs=picolibc.specs'
        # Or constants of eight bytes and less go among what can be written.
        flags+=' -msmall-data-limit=0'
        ;;
    # Before the MMU is on, an access that is not aligned traps. At run time nobody can be asked
    # what the processor has.
    aarch64*)
        prefix=aarch64-linux-gnu- flags='-mstrict-align -fno-pic'
        soft+=' --cfg aes_backend="soft" --cfg polyval_backend="soft" --cfg sha2_backend="soft"'
        ;;
    # The ABI of Rust's target: no vector registers, no red zone, code in the upper 2 GiB or moved.
    x86_64*)
        prefix=x86_64-linux-gnu-
        flags='-mgeneral-regs-only -mno-red-zone -fpic -DZSTD_DISABLE_ASM'
        ;;
    *) echo "bare-library: unknown target '$1'" >&2; exit 2 ;;
    esac
}

# without_frame_pointers TARGET: writes a description of it that differs in this, and prints the
# file's name. Rust's own keep a register for debuggers, which costs a twentieth of the flash.
without_frame_pointers() {
    local file=$bare_target_dir/targets/$1.json
    mkdir -p "${file%/*}"
    RUSTC_BOOTSTRAP=1 /usr/bin/rustc -Zunstable-options --print target-spec-json --target "$1" |
        sed 's/"frame-pointer": "[a-z-]*"/"frame-pointer": "may-omit"/' >"$file.new"
    # Cargo builds everything again after a change of the file.
    cmp -s "$file.new" "$file" || mv "$file.new" "$file"
    echo "$file"
}

# archive_of TARGET: what cargo makes of it.
archive_of() {
    local description flags_of_rust=$soft
    flags_of_rust+=" -C force-unwind-tables=no -C llvm-args=-inline-threshold=20"
    flags_of_rust+="${PROCESSOR:+ -C target-feature=$PROCESSOR}"
    description=$(without_frame_pointers "$1")
    # The sources of Rust's library fit Debian's compiler alone.
    PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        CARGO_TARGET_DIR=$bare_target_dir \
        RUSTFLAGS=$flags_of_rust \
        TARGET_CC=${prefix}gcc TARGET_AR=${prefix}ar \
        TARGET_CFLAGS="$flags $zstd_flags -ffreestanding -fno-asynchronous-unwind-tables
            -fno-stack-protector" \
        /usr/bin/cargo rustc -q "${locked[@]}" -Zbuild-std=core -Zjson-target-spec \
        --target "$description" --profile firmware -p coffre-ffi --crate-type staticlib \
        --no-default-features --features "capi${FEATURES:+,$FEATURES}${PROBE:+,panic-probe}"
}

# faults_of OBJECT: what a bare program could not give it, or would have to keep in RAM for it.
faults_of() {
    readelf -sW "$1" | awk '$7 == "UND" && $8 != "" { print "undefined: " $8 }'
    readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\] //' |
        awk '$1 ~ /^\.[st]?(data|bss)/ && $1 !~ /^\.data\.rel\.ro/ && $5 !~ /^0+$/ {
            print "writable: " $1 }'
}

bare_target_dir=${CARGO_TARGET_DIR:-$PWD/target}/bare
locked=()
[ -z "${CI:-}" ] || locked=(--locked)
for target in "${targets[@]}"; do
    out=$OUT/$target
    mkdir -p "$out"
    tools_for "$target"
    archive_of "$target"
    archive=$bare_target_dir/$target/firmware/libcoffre_ffi.a
    if [ -n "${PROBE:-}" ]; then
        unset LDEMULATION
        [ -z "$linker_flags" ] || export LDEMULATION=${linker_flags#-m }
        tests/panic_free.sh "$archive" "$prefix" | sed "s/^/panics $target /"
        continue
    fi
    CROSS=$prefix LD="${prefix}ld $linker_flags" SHARED=no \
        scripts/link-library.sh "$archive" "$out"
    faults=$(faults_of "$out/coffre.o")
    if [ -n "$faults" ]; then
        echo "bare-library: $target:"$'\n'"$faults" >&2
        exit 1
    fi
    "${prefix}size" "$out/coffre.o" |
        awk -v target="$target" 'NR == 2 { print "library " target " constant " $1 + $2 " ram 0" }'
done
