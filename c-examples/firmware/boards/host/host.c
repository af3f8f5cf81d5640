/* host.c: board.h on a PC, to look for faults in the parts with a debugger and with sanitizers. */
#define _GNU_SOURCE
#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void board_print(const char *text)
{
    fputs(text, stdout);
}

int32_t board_random(void *user, uint8_t *out, size_t len)
{
    (void)user;
    return getrandom(out, len, 0) == (ssize_t)len ? 0 : -1;
}

int board_storage_read(uint64_t at, uint8_t *out, size_t len)
{
    static FILE *file;

    if (file == NULL) file = fopen("storage.bin", "rb");
    if (file == NULL || fseek(file, (long)at, SEEK_SET) != 0) return -1;
    return fread(out, 1, len, file) == len ? 0 : -1;
}

size_t board_static_ram(void)
{
    return 0; /* a PC has enough */
}

const void *board_stack_paint(void)
{
    return NULL;
}

size_t board_stack_used(const void *from)
{
    (void)from;
    return 0;
}

size_t board_stack_least(void)
{
    return SIZE_MAX;
}

_Noreturn void board_exit(int code)
{
    exit(code);
}
