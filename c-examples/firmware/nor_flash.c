/* nor_flash.c: see nor_flash.h. */
#include "nor_flash.h"

uint8_t nor_flash[2][NOR_SECTOR];

static uint32_t steps_left, noise = 1;
static int off;
static size_t worn_out = NOR_NONE;

void nor_cut_after(uint32_t steps)
{
    steps_left = steps;
    off = 0;
}

int nor_was_cut(void)
{
    return off;
}

void nor_wear_out(size_t sector)
{
    worn_out = sector;
}

/* Whether this step is the one in which the power goes. */
static int is_cut(void)
{
    if (steps_left-- > 0) return 0;
    off = 1;
    return 1;
}

/* Which bits of a byte a step got to before it was cut: some. */
static uint8_t some_bits(void)
{
    noise = noise * 1664525u + 1013904223u;
    return (uint8_t)(noise >> 24);
}

void nor_erase(size_t sector)
{
    if (off) return;
    int cut = is_cut();
    for (size_t i = 0; i < NOR_SECTOR; i++)
        nor_flash[sector][i] |= cut ? some_bits() : 0xff;
}

void nor_program(size_t sector, const uint8_t *bytes, size_t len)
{
    for (size_t word = 0; word < len && !off; word += NOR_WORD) {
        int cut = is_cut();

        for (size_t i = word; i < word + NOR_WORD && i < len; i++)
            nor_flash[sector][i] &= (uint8_t)(bytes[i] | (cut ? some_bits() : 0));
    }
    if (sector == worn_out) nor_flash[sector][0] = 0xff;
}
