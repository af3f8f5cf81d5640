/* ram.c: how much RAM a program uses, by the linker script's symbols and a painted stack. */
#include "board.h"

#define PATTERN   0xc0ff7e57u
#define OWN_FRAME 128 /* bytes below the painter's frame address that may be its own */

extern uint8_t __ram_start[], __bss_end[];
extern uint32_t __stack_limit[], __stack_top[];
extern uint8_t STACK_LEAST[]; /* a number, not an address: the Makefile's */

size_t board_static_ram(void)
{
    return (size_t)(__bss_end - __ram_start);
}

/* Both walk the stack's memory as what it is to them: words at addresses. */
__attribute__((noinline)) const void *board_stack_paint(void)
{
    const void *frame = __builtin_frame_address(0);
    uintptr_t end = (uintptr_t)frame - OWN_FRAME;

    for (volatile uint32_t *word = __stack_limit; (uintptr_t)word < end; word++)
        *word = PATTERN;
    return frame;
}

size_t board_stack_used(const void *from)
{
    const volatile uint32_t *word = __stack_limit;

    if (*word != PATTERN) return SIZE_MAX;
    while (word < __stack_top && *word == PATTERN)
        word++;
    return (from == NULL ? (uintptr_t)__stack_top : (uintptr_t)from) - (uintptr_t)word;
}

size_t board_stack_least(void)
{
    return (size_t)(uintptr_t)STACK_LEAST;
}
