/* start_riscv.S: the first instructions of a RISC-V core, in machine mode. */
    .option arch, +zicsr
    .section .start, "ax"
    .globl start
start:
    la      sp, __stack_top
    la      t0, fault
    csrw    mtvec, t0
    j       start_in_c

    .balign 4
fault:
    la      sp, __stack_top
    j       start_fault
