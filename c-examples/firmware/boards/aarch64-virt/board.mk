TARGET := aarch64-unknown-none
CC := aarch64-linux-gnu-gcc
FLAGS := -mcpu=cortex-a53 -fno-pic -no-pie
STACK_MORE := 12288
SOURCES := boards/start.c boards/memory.c boards/ram.c boards/semihosting.c boards/aarch64-virt/start_aarch64.S
LINK := -T boards/aarch64-virt/aarch64_virt.ld -Wl,--build-id=none
RUN = qemu-system-aarch64 -M virt -cpu cortex-a53 -nic none $(QEMU) -kernel
include boards/bare.mk
