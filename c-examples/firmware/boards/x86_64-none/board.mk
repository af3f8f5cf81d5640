TARGET := x86_64-unknown-none
CC := x86_64-linux-gnu-gcc
FLAGS := -mgeneral-regs-only -mno-red-zone -fno-pic -no-pie
STACK_MORE := 12288
SOURCES := boards/start.c boards/memory.c boards/ram.c boards/x86_64-none/nothing.c
LINK := -T boards/x86_64-none/x86_64_none.ld -Wl,--build-id=none
RUN :=
include boards/bare.mk
