TARGET := thumbv6m-none-eabi
CC := arm-none-eabi-gcc
FLAGS := -mcpu=cortex-m0 -mthumb
SOURCES := boards/start.c boards/memory.c boards/ram.c boards/semihosting.c boards/cortex-m/start_cortex_m.c
LINK := -T boards/microbit/microbit.ld
RUN = qemu-system-arm -M microbit $(QEMU) -kernel
include boards/bare.mk
