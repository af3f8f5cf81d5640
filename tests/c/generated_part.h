/* generated_part.h: a document with a part that a program makes: everything between the lines that
 * begin with PART_BEGIN and PART_END. The program compares the part, or writes it anew.
 */
#ifndef GENERATED_PART_H
#define GENERATED_PART_H

#include <stdarg.h>

#include "check.h"

#define PART_BEGIN "<!-- begin "
#define PART_END "<!-- end "
#define PART_MAX 65536

struct part {
    char text[PART_MAX];
    size_t len;
};

static inline void part_add(struct part *part, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline void part_add(struct part *part, const char *format, ...)
{
    va_list arguments;
    int len;

    va_start(arguments, format);
    len = vsnprintf(part->text + part->len, PART_MAX - part->len, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= PART_MAX - part->len) exit(EXIT_FAILURE);
    part->len += (size_t)len;
}

static inline size_t part_read(const char *path, char *text, size_t cap)
{
    FILE *file = fopen(path, "rb");
    size_t len = 0;

    if (file != NULL) {
        len = fread(text, 1, cap - 1, file);
        fclose(file);
    }
    text[len] = '\0';
    return len;
}

/* The line's end behind `at`, or the end of the text. */
static inline const char *part_line_end(const char *at)
{
    const char *end = strchr(at, '\n');
    return end != NULL ? end + 1 : at + strlen(at);
}

/* Compares the part of the document at `path` with what was made, or writes it there. */
static inline int part_settle(const struct part *part, const char *path, int write)
{
    static char text[4 * PART_MAX];
    size_t len = part_read(path, text, sizeof text);
    const char *begin = strstr(text, "\n" PART_BEGIN), *end = strstr(text, "\n" PART_END);

    if (begin == NULL || end == NULL || end < begin) {
        printf("%s: no lines '%s...' and '%s...'\n", path, PART_BEGIN, PART_END);
        return 0;
    }
    begin = part_line_end(begin + 1);
    end++;
    if ((size_t)(end - begin) == part->len && memcmp(begin, part->text, part->len) == 0) return 1;
    if (!write) return 0;
    FILE *file = fopen(path, "wb");
    if (file == NULL) return 0;
    size_t before = (size_t)(begin - text), after = len - (size_t)(end - text);
    int good = fwrite(text, 1, before, file) == before &&
               fwrite(part->text, 1, part->len, file) == part->len &&
               fwrite(end, 1, after, file) == after;
    return fclose(file) == 0 && good;
}

#endif
