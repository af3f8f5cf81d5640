#!/usr/bin/env bash
# Finds or installs what a job needs, and writes the chosen Rust tools to build/tools.mk.
#
# Usage: scripts/setup.sh [lib|demo|demo-keys|test|bench|bench-arm|test-cross|afalg-vm|firmware]...
#
# It probes for each thing, so that it installs nothing on a machine that has it in another way, and
# takes a fraction of a second when nothing is missing. What is missing comes from Debian's
# packages: installed when run by root, else the one command to type is printed and the exit code is
# 1. It never calls rustup and needs no toolchain file: a Rust that is new enough is used wherever
# it is found, else Debian's rustc-web is.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()

# need PACKAGE COMMAND...: the package is missing unless the command succeeds.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || packages+=("$package")
}

has_header() { test -e "/usr/include/$1" || test -e "/usr/include/$(uname -m)-linux-gnu/$1"; }

needs_of() {
    case $1 in
    lib)
        need gcc command -v cc
        need gcc command -v gcc
        need libc6-dev has_header stdlib.h
        need binutils command -v objcopy
        need ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
        ;;
    demo)
        needs_of lib
        need libsqlite3-dev has_header sqlite3.h
        need libqrencode-dev has_header qrencode.h
        need libp11-kit-dev has_header p11-kit-1/p11-kit/pkcs11.h
        need pkg-config command -v pkg-config
        need e2fsprogs test -x /usr/sbin/mke2fs -o -x /sbin/mke2fs
        ;;
    demo-keys)
        needs_of demo
        need openssl command -v openssl
        need softhsm2 command -v softhsm2-util
        need opensc command -v pkcs11-tool
        ;;
    test)
        needs_of demo-keys
        need g++ command -v g++
        need libssl-dev has_header openssl/evp.h
        need libzstd-dev has_header zstd.h
        need python3-venv python3 -c 'import ensurepip, venv'
        need sqlite3 command -v sqlite3
        need strace command -v strace
        need time test -x /usr/bin/time
        need zbar-tools command -v zbarimg
        need librsvg2-bin command -v rsvg-convert
        ;;
    afalg-vm)
        needs_of lib
        need libssl-dev has_header openssl/evp.h
        need qemu-system-x86 command -v qemu-system-x86_64
        need busybox-static command -v busybox
        need kmod command -v depmod
        need cpio command -v cpio
        ;;
    bench)
        needs_of lib
        need libssl-dev has_header openssl/evp.h
        need libargon2-dev has_header argon2.h
        need pkg-config command -v pkg-config
        need python3-venv python3 -c 'import ensurepip, venv'
        ;;
    bench-arm)
        needs_of lib
        need gcc-aarch64-linux-gnu command -v aarch64-linux-gnu-gcc
        need libc6-dev-arm64-cross test -e /usr/aarch64-linux-gnu/lib/libc.a
        need qemu-user-static command -v qemu-aarch64-static
        needs_of_rust aarch64-unknown-linux-gnu
        ;;
    test-cross)
        needs_of bench-arm
        need gcc-arm-linux-gnueabihf command -v arm-linux-gnueabihf-gcc
        need libc6-dev-armhf-cross test -e /usr/arm-linux-gnueabihf/lib/libc.a
        need gcc-s390x-linux-gnu command -v s390x-linux-gnu-gcc
        need libc6-dev-s390x-cross test -e /usr/s390x-linux-gnu/lib/libc.a
        needs_of_rust armv7-unknown-linux-gnueabihf
        needs_of_rust s390x-unknown-linux-gnu
        ;;
    firmware)
        needs_of lib
        need rustc-web recent_enough /usr/bin/rustc
        need cargo-web recent_enough /usr/bin/cargo
        need rust-web-src test -d /usr/lib/rustlib/src/rust/library/core
        need gcc-arm-none-eabi command -v arm-none-eabi-gcc
        need libnewlib-arm-none-eabi test -e /usr/lib/arm-none-eabi/include/string.h
        need gcc-riscv64-unknown-elf command -v riscv64-unknown-elf-gcc
        need picolibc-riscv64-unknown-elf \
            test -e /usr/lib/picolibc/riscv64-unknown-elf/include/string.h
        need gcc-aarch64-linux-gnu command -v aarch64-linux-gnu-gcc
        need libc6-dev-arm64-cross test -e /usr/aarch64-linux-gnu/include/string.h
        need gcc-x86-64-linux-gnu command -v x86_64-linux-gnu-gcc
        need qemu-system-arm command -v qemu-system-arm
        need qemu-system-arm command -v qemu-system-aarch64
        need qemu-system-misc command -v qemu-system-riscv32
        ;;
    *)
        echo "setup: unknown job '$1' (lib, demo, demo-keys, test, bench, bench-arm, test-cross," \
            "afalg-vm, firmware)" >&2
        exit 2
        ;;
    esac
}

# --- Rust ---

rust_needed=$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' Cargo.toml 2>/dev/null | sed -n 1p)
rust_needed=${rust_needed:-1.93}

# at_least VERSION MINIMUM
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | sed -n 1p)" = "$2" ]; }

# recent_enough PROGRAM: it runs and says a version that will do. A rustup proxy must not fetch a
# toolchain.
recent_enough() {
    local version
    version=$(RUSTUP_AUTO_INSTALL=0 "$1" --version 2>/dev/null | cut -d' ' -f2) || return 1
    [ -n "$version" ] && at_least "$version" "$rust_needed"
}

# find_rust sets cargo and, where PATH may hold another compiler, rustc and rustdoc.
find_rust() {
    local candidate bin home=${CARGO_HOME:-${HOME:-/root}/.cargo}
    for candidate in "$(command -v cargo || true)" "$home/bin/cargo" /usr/bin/cargo; do
        [ -x "$candidate" ] || continue
        bin=${candidate%/*}
        if [ -x "$bin/rustc" ] && recent_enough "$candidate" && recent_enough "$bin/rustc"; then
            cargo=$candidate rustc=$bin/rustc rustdoc=$bin/rustdoc
            return 0
        fi
    done
    return 1
}

# needs_of_rust TARGET: its library, ready-made with the Rust that will be used, or to be built of
# Debian's source by Debian's compiler.
needs_of_rust() {
    find_rust && test -d "$("$rustc" --print target-libdir --target "$1")" && return
    need rustc-web recent_enough /usr/bin/rustc
    need cargo-web recent_enough /usr/bin/cargo
    need rust-web-src test -d /usr/lib/rustlib/src/rust/library/std
}

candidate_of() { apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: //p'; }

# --- what is missing ---

for job in "${@:-demo}"; do needs_of "$job"; done
find_rust || packages+=(rustc-web cargo-web)

if [ ${#packages[@]} -gt 0 ]; then
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    echo "setup: missing: ${packages[*]}"
    if ! command -v apt-get >/dev/null; then
        echo "setup: no apt-get: install these by hand (Rust: $rust_needed or newer)" >&2
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        echo "setup: type this once, then start again:" >&2
        install="apt-get install -y --no-install-recommends ${packages[*]}"
        echo "  sudo sh -c 'apt-get update && $install'" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    mkdir -p build/logs
    apt-get update >build/logs/apt.log 2>&1 || { tail -n 5 build/logs/apt.log >&2; exit 1; }
    case " ${packages[*]} " in *' rustc-web '*)
        have=$(candidate_of rustc-web)
        if ! at_least "${have:-0}" "$rust_needed"; then
            {
                echo "setup: Rust $rust_needed or newer is needed; apt has ${have:-no rustc-web}."
                echo "setup: Debian 12 has a newer one in its security suite: add bookworm-security"
                echo "setup: to apt's sources (man 5 sources.list), or put a recent cargo and rustc"
                echo "setup: into PATH."
            } >&2
            exit 1
        fi
        ;;
    esac
    echo "setup: installing them (build/logs/apt.log)"
    if ! apt-get install -y --no-install-recommends "${packages[@]}" >>build/logs/apt.log 2>&1; then
        tail -n 20 build/logs/apt.log >&2
        exit 1
    fi
    hash -r
    find_rust || { echo "setup: still no Rust $rust_needed or newer" >&2; exit 1; }
fi

# --- the tools file: read by make, and by sh ---

mkdir -p build
{
    echo "CARGO=$cargo"
    # rustup's cargo finds its own compiler; another one might find an older compiler in PATH first.
    [ -x "${cargo%/*}/rustup" ] || printf 'RUSTC=%s\nRUSTDOC=%s\n' "$rustc" "$rustdoc"
} >build/tools.mk.new
if cmp -s build/tools.mk.new build/tools.mk; then
    rm build/tools.mk.new
else
    mv build/tools.mk.new build/tools.mk
fi

# --- Python packages of the tests, in a place of their own ---

requirements=(tests/decoder/requirements.txt tests/hpke/requirements.txt)
case " $* " in *' test '*)
    if ! cat "${requirements[@]}" | cmp -s - build/venv/requirements.txt; then
        echo "setup: Python packages into build/venv"
        mkdir -p build/logs
        python3 -m venv build/venv
        if ! build/venv/bin/pip install "${requirements[@]/#/-r}" >build/logs/pip.log 2>&1; then
            tail -n 20 build/logs/pip.log >&2
            exit 1
        fi
        cat "${requirements[@]}" >build/venv/requirements.txt
    fi
    ;;
esac
