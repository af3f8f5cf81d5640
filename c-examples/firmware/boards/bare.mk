# What every board without an operating system has in common: no C library, what is not used is
# dropped, and a linker script of its own.
FLAGS += -Os -ffreestanding -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
    -fno-stack-protector -fno-tree-loop-distribute-patterns
LINK += -nostdlib -static -Lboards -Wl,--gc-sections,-z,noexecstack,--no-warn-rwx-segments -lgcc
# Nothing but the program's own output and files; the program ends the emulator.
QEMU := -nographic -monitor none -serial none -semihosting-config enable=on,target=native $(QEMU_MORE)
