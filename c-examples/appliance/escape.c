/* escape.c: see escape.h. */
#include "escape.h"

#include <stdbool.h>

/* Length of the well-formed UTF-8 sequence at `text`, 0 if there is none (RFC 3629, table in
 * section 4). */
static size_t utf8_length(const unsigned char *text)
{
    unsigned char lowest = 0x80, highest = 0xbf;
    size_t len;

    if (text[0] < 0x80) return 1;
    if (text[0] >= 0xc2 && text[0] <= 0xdf)
        len = 2;
    else if (text[0] >= 0xe0 && text[0] <= 0xef)
        len = 3;
    else if (text[0] >= 0xf0 && text[0] <= 0xf4)
        len = 4;
    else
        return 0;
    if (text[0] == 0xe0) lowest = 0xa0;
    if (text[0] == 0xed) highest = 0x9f;
    if (text[0] == 0xf0) lowest = 0x90;
    if (text[0] == 0xf4) highest = 0x8f;
    if (text[1] < lowest || text[1] > highest) return 0;
    for (size_t i = 2; i < len; i++) {
        if (text[i] < 0x80 || text[i] > 0xbf) return 0;
    }
    return len;
}

/* C0, DEL, and C1, which a terminal may act on as well: U+0080 to U+009F are c2 80 to c2 9f. */
static bool is_control(const unsigned char *text, size_t len)
{
    return (len == 1 && (text[0] < 0x20 || text[0] == 0x7f)) ||
           (len == 2 && text[0] == 0xc2 && text[1] < 0xa0);
}

void escape_plain(FILE *file, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    while (*at != '\0') {
        size_t len = utf8_length(at);
        bool printed = len > 0 && !is_control(at, len);
        if (len == 0) len = 1;
        if (printed) fwrite(at, 1, len, file);
        for (size_t i = 0; !printed && i < len; i++)
            fprintf(file, "\\x%02x", at[i]);
        at += len;
    }
}

void escape_json(FILE *file, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    putc('"', file);
    while (*at != '\0') {
        size_t len = utf8_length(at);
        if (len == 0) {
            fputs("\\ufffd", file);
            len = 1;
        } else if (len == 1 && is_control(at, len)) {
            fprintf(file, "\\u%04x", *at);
        } else {
            if (*at == '"' || *at == '\\') putc('\\', file);
            fwrite(at, 1, len, file);
        }
        at += len;
    }
    putc('"', file);
}
