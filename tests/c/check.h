/* check.h: what all C tests share: checks that count, and say where and what.
 *
 *   EXPECT(status, call)     the call returns this status
 *   CHECK(condition)         the condition holds
 *   return check_end();      ends main with the line 'N passed, N failed'
 *
 * A failure is printed and counted, and the program goes on. Then the memory helpers: buffers are
 * filled with a pattern before a call, to see what the call wrote.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coffre.h"

#define EXPECT(expected, call) check_status(__FILE__, __LINE__, #call, (expected), (call))
#define CHECK(condition) check_true(__FILE__, __LINE__, #condition, (condition))

/* After so many failures further ones are only counted. */
#define CHECK_PRINTED 40

struct check_counts {
    unsigned long passed, failed;
    const char *about; /* what a loop is at; printed with a failure */
};

static inline struct check_counts *check_counts(void)
{
    static struct check_counts counts = {0, 0, ""};
    return &counts;
}

/* Names the case that a loop is at. */
static inline void check_about(const char *what)
{
    check_counts()->about = what;
}

static inline int check_count(int good)
{
    struct check_counts *counts = check_counts();

    if (good) {
        counts->passed++;
        return 0;
    }
    counts->failed++;
    return counts->failed <= CHECK_PRINTED;
}

static inline int check_true(const char *file, int line, const char *text, int good)
{
    if (check_count(good))
        printf("%s:%d: not so: %s [%s]\n", file, line, text, check_counts()->about);
    return good;
}

/* Every status has a name and a message, whatever it is. */
static inline int check_status(const char *file, int line, const char *text,
                               coffre_status expected, coffre_status found)
{
    const char *name = coffre_status_name(found);
    const char *message = coffre_status_message(found);
    int named = name != NULL && *name != '\0' && message != NULL && *message != '\0';
    int good = expected == found && named;

    if (check_count(good)) {
        printf("%s:%d: expected %s, found %s (%s): %s [%s]\n", file, line,
               coffre_status_name(expected), named ? name : "no name", named ? message : "",
               text, check_counts()->about);
    }
    return good;
}

static inline int check_end(void)
{
    const struct check_counts *counts = check_counts();

    printf("%lu passed, %lu failed\n", counts->passed, counts->failed);
    return counts->failed != 0 || counts->passed == 0;
}

/* Ends the program when what the tests stand on is missing. */
static inline void check_must(coffre_status status, const char *what)
{
    if (status == COFFRE_OK) return;
    printf("%s: %s\n1 failed\n", what, coffre_status_name(status));
    exit(EXIT_FAILURE);
}

/* --- memory --- */

#define POISON 0xA5

static inline void *poisoned(size_t len)
{
    void *memory = malloc(len > 0 ? len : 1);

    if (memory == NULL) {
        printf("out of memory\n");
        exit(EXIT_FAILURE);
    }
    memset(memory, POISON, len);
    return memory;
}

static inline void poison(void *memory, size_t len)
{
    memset(memory, POISON, len);
}

static inline int is_all(const void *memory, size_t len, uint8_t value)
{
    const uint8_t *bytes = memory;

    for (size_t i = 0; i < len; i++)
        if (bytes[i] != value) return 0;
    return 1;
}

static inline int is_zeroed(const void *memory, size_t len)
{
    return is_all(memory, len, 0);
}

static inline int is_poisoned(const void *memory, size_t len)
{
    return is_all(memory, len, POISON);
}

/* What an output may look like after an error: each byte as it was, or zero. */
static inline int is_kept_or_zeroed(const void *memory, size_t len)
{
    const uint8_t *bytes = memory;

    for (size_t i = 0; i < len; i++)
        if (bytes[i] != POISON && bytes[i] != 0) return 0;
    return 1;
}

#endif
