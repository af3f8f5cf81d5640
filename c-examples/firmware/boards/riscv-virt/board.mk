TARGET := riscv32imac-unknown-none-elf
CC := riscv64-unknown-elf-gcc
FLAGS := -march=rv32imac -mabi=ilp32 -mcmodel=medany --specs=picolibc.specs
SOURCES := boards/start.c boards/memory.c boards/ram.c boards/semihosting.c boards/riscv-virt/start_riscv.S
LINK := -T boards/riscv-virt/riscv_virt.ld -Wl,-m,elf32lriscv
RUN = qemu-system-riscv32 -M virt -bios none $(QEMU) -kernel
include boards/bare.mk
