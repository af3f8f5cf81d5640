TARGET := thumbv8m.main-none-eabi
CC := arm-none-eabi-gcc
CPU := cortex-m33+nofp
FLAGS := -mcpu=$(CPU) -mthumb -mfloat-abi=soft
SOURCES := boards/start.c boards/memory.c boards/ram.c boards/semihosting.c boards/cortex-m/start_cortex_m.c
LINK := -T boards/mps2-an505/an505.ld
RUN = qemu-system-arm -M mps2-an505 $(QEMU) -kernel
include boards/bare.mk
