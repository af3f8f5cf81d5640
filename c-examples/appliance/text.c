/* text.c: see text.h. */
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void hex_encode(const uint8_t *bytes, size_t len, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

bool hex_decode(const char *text, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text[2 * i]);
        int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);
        if (low < 0) return false;
        bytes[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

bool size_parse(const char *text, uint64_t highest, uint64_t *size)
{
    uint64_t value = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        if (value > highest) return false;
        value = value * 10 + (uint64_t)(*at - '0');
    }
    if (at == text) return false;
    if (*at == 'K' || *at == 'M') {
        if (value > highest) return false;
        value *= *at == 'K' ? 1024u : 1048576u;
        at++;
    }
    *size = value;
    return *at == '\0' && value <= highest;
}

const char *size_text(uint64_t size, char text[SIZE_TEXT_SIZE])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    double value = (double)size;

    for (; value >= 1024 && unit < 6; unit++)
        value /= 1024;
    if (unit == 0)
        snprintf(text, SIZE_TEXT_SIZE, "%" PRIu64 " byte%s", size, size == 1 ? "" : "s");
    else
        snprintf(text, SIZE_TEXT_SIZE, "%.1f %s", value, units[unit]);
    return text;
}

uint64_t microseconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

bool all_zero(const uint8_t *bytes, size_t len)
{
    /* A buffer whose first byte is zero and that equals itself moved by one byte is zero
     * throughout. */
    return len == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

void wipe_bytes(void *bytes, size_t len)
{
    volatile uint8_t *at = bytes;

    while (len-- > 0)
        *at++ = 0;
}
