TARGET := thumbv7em-none-eabihf
CC := arm-none-eabi-gcc
FLAGS := -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16
SOURCES := boards/start.c boards/memory.c boards/ram.c boards/semihosting.c boards/cortex-m/start_cortex_m.c
LINK := -T boards/mps2-an386/an386.ld
RUN = qemu-system-arm -M mps2-an386 $(QEMU) -kernel
include boards/bare.mk
