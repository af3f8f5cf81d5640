/* start.c: what happens between a board's first instructions, which give a stack, and main. The
 * names with two underscores are from sections.ld.
 */
#include "board.h"

#include <string.h>

extern uint8_t __data_start[], __data_end[], __bss_start[], __bss_end[];
extern const uint8_t __data_load[];

int main(void);
_Noreturn void start_in_c(void);
_Noreturn void start_fault(void);

_Noreturn void start_in_c(void)
{
    memcpy(__data_start, __data_load, (size_t)(__data_end - __data_start));
    memset(__bss_start, 0, (size_t)(__bss_end - __bss_start));
    board_exit(main());
}

/* Any exception ends the program. */
_Noreturn void start_fault(void)
{
    board_print("FAILED  the processor met a fault\n");
    board_exit(70);
}
