#!/usr/bin/env bash
# c-examples/engine with the kernel's engine, in a virtual machine under Debian's kernel: for
# machines whose own kernel has no AF_ALG.
#
# Usage: scripts/afalg-vm.sh
#
# Needs build/libcoffre.a, a static libcrypto, and the packages of job afalg-vm in scripts/setup.sh.
# Debian's kernel package is unpacked below build/afalg-vm, and not installed.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/build/afalg-vm
mkdir -p "$work"

package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: //p' | sed -n 1p)
version=${package#linux-image-}
if [ ! -e "$work/kernel/boot/vmlinuz-$version" ]; then
    if ! (cd "$work" && apt-get download "$package" >apt.log 2>&1); then
        cat "$work/apt.log" >&2
        exit 1
    fi
    dpkg-deb -x "$work/$package"_*.deb "$work/kernel"
    depmod -b "$work/kernel" "$version"
fi

# --- a root file system in memory: busybox, the modules that AF_ALG needs, the program ---

root=$work/root
rm -rf "$root"
mkdir -p "$root"/{bin,proc,dev}
cp "$(command -v busybox)" "$root/bin/busybox"
gcc -static -O2 -std=c11 -D_GNU_SOURCE -Iinclude c-examples/engine/*.c build/libcoffre.a -lcrypto \
    -o "$root/bin/engine" 2>"$work/link.log" || { cat "$work/link.log" >&2; exit 1; }
for module in af_alg algif_aead gcm ctr ghash_generic; do
    modprobe -d "$work/kernel" -S "$version" --show-depends "$module"
done | sed -n 's/^insmod //p' | while read -r module _; do
    grep -qxF "$module" "$root/modules" 2>/dev/null || echo "$module" >>"$root/modules"
    cp --parents "$module" "$root/"
done
cat >"$root/init" <<'E2'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
while read -r module; do /bin/busybox insmod "$module"; done </modules
/bin/busybox head -c 1000001 /dev/urandom >/file
/bin/engine
/bin/engine afalg /file && echo "afalg-vm: passed"
/bin/busybox poweroff -f
E2
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd"

timeout 300 qemu-system-x86_64 -m 512 -nographic -no-reboot \
    -append 'console=ttyS0 quiet panic=-1' -kernel "$work/kernel/boot/vmlinuz-$version" \
    -initrd "$work/initrd" </dev/null >"$work/log" 2>&1 || true
tr -d '\r' <"$work/log" | grep -aE 'blocks sealed|afalg|skipped|panic' || true
grep -qa '^afalg-vm: passed' "$work/log"
