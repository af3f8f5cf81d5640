/* start_aarch64.S: the first instructions of a 64-bit Arm core at EL1. It allows the vector registers,
 * and puts the MMU on with every address where it is: memory is cached then, and accesses need no
 * alignment.
 */
    .section .start, "ax"
    .globl start
start:
    ldr     x0, =__stack_top
    mov     sp, x0
    ldr     x0, =vectors
    msr     vbar_el1, x0
    mov     x0, #(3 << 20)              /* CPACR_EL1.FPEN */
    msr     cpacr_el1, x0

    ldr     x0, =0xff00                 /* attribute 0: device, 1: normal, cached */
    msr     mair_el1, x0
    ldr     x0, =(25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23) /* 39 bits, cached tables; no TTBR1 */
    msr     tcr_el1, x0
    ldr     x0, =table
    msr     ttbr0_el1, x0
    isb
    tlbi    vmalle1
    dsb     ish
    isb
    mrs     x0, sctlr_el1
    mov     x1, #(1 << 0 | 1 << 2)      /* the MMU and the data cache; */
    orr     x0, x0, x1
    orr     x0, x0, #(1 << 12)          /* the instruction cache */
    bic     x0, x0, #(1 << 1)           /* no check of alignment */
    msr     sctlr_el1, x0
    isb
    b       start_in_c

    .balign 2048
vectors:
    .rept   16
    ldr     x0, =__stack_top
    mov     sp, x0
    b       start_fault
    .balign 128
    .endr

/* A block of 1 GiB each: what is below 0x40000000 is devices, then there is memory. */
    .section .rodata.table, "a"
    .balign 4096
table:
    .quad   0x00000000 | 1 << 10 | 0 << 2 | 1
    .quad   0x40000000 | 1 << 10 | 3 << 8 | 1 << 2 | 1
    .fill   510, 8, 0
