/* semihosting.c: board.h on an emulator, which does the work when the program stops at an agreed
 * instruction: Arm's semihosting, the same on RISC-V. A product has drivers in its place.
 */
#include "board.h"

#include <string.h>

#define STORAGE_FILE "storage.bin" /* in the directory where the emulator was started */

/* Operations; Semihosting for AArch32 and AArch64, and the RISC-V Semihosting Specification. */
enum {
    SYS_OPEN = 0x01,
    SYS_WRITE0 = 0x04,
    SYS_READ = 0x06,
    SYS_SEEK = 0x0a,
    SYS_EXIT_EXTENDED = 0x20
};
#define APPLICATION_EXIT 0x20026

/* Stops with an operation's number and parameter, where the emulator looks for them. */
static uintptr_t stop(uintptr_t number, const void *parameter)
{
#if defined(__aarch64__)
    register uintptr_t result __asm__("x0") = number;
    register const void *block __asm__("x1") = parameter;
    __asm__ volatile("hlt #0xf000" : "+r"(result) : "r"(block) : "memory");
#elif defined(__arm__)
    register uintptr_t result __asm__("r0") = number;
    register const void *block __asm__("r1") = parameter;
    __asm__ volatile("bkpt #0xab" : "+r"(result) : "r"(block) : "memory");
#elif defined(__riscv)
    register uintptr_t result __asm__("a0") = number;
    register const void *block __asm__("a1") = parameter;
    __asm__ volatile(".option push\n.option norvc\n.balign 16\n"
                     "slli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop"
                     : "+r"(result)
                     : "r"(block)
                     : "memory");
#endif
    return result;
}

void board_print(const char *text)
{
    stop(SYS_WRITE0, text);
}

int board_storage_read(uint64_t at, uint8_t *out, size_t len)
{
    static uintptr_t file; /* 0: not yet open */

    if (file == 0) {
        const uintptr_t open[] = {(uintptr_t)STORAGE_FILE, 1, sizeof STORAGE_FILE - 1};

        file = stop(SYS_OPEN, open);
    }
    const uintptr_t seek[] = {file, (uintptr_t)at};
    const uintptr_t read[] = {file, (uintptr_t)out, len};

    if (file == UINTPTR_MAX || stop(SYS_SEEK, seek) != 0) return -1;
    return stop(SYS_READ, read) == 0 ? 0 : -1; /* it tells how many bytes were not read */
}

_Noreturn void board_exit(int code)
{
    const uintptr_t exit[] = {APPLICATION_EXIT, (uintptr_t)code};

    for (;;)
        stop(SYS_EXIT_EXTENDED, exit);
}

/* Not random: the same numbers at each start, so that runs can be compared. */
int32_t board_random(void *user, uint8_t *out, size_t len)
{
    static uint64_t state;

    (void)user;
    while (len-- > 0) {
        state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
        *out++ = (uint8_t)(state >> 56);
    }
    return 0;
}
