/* nothing.c: board.h for a machine with nothing: what is to be written for a boot loader or a
 * kernel of one's own.
 */
#include "board.h"

_Noreturn void start_in_c(void);
_Noreturn void start(void);

/* Whoever jumps here has set a stack and the long mode. */
_Noreturn void start(void)
{
    start_in_c();
}

void board_print(const char *text)
{
    (void)text;
}

int32_t board_random(void *user, uint8_t *out, size_t len)
{
    (void)user, (void)out, (void)len;
    return -1;
}

int board_storage_read(uint64_t at, uint8_t *out, size_t len)
{
    (void)at, (void)out, (void)len;
    return -1;
}

_Noreturn void board_exit(int code)
{
    (void)code;
    for (;;)
        __asm__ volatile("hlt");
}
