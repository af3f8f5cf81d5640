/* test_random.h: random sources for tests: a seeded one, and ones that break after some draws. */
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H

#include "check.h"

enum test_random_fault {
    RANDOM_GOOD,
    RANDOM_FAILS,    /* returns non-zero */
    RANDOM_CONSTANT, /* 32 equal bytes */
    RANDOM_REPEATS   /* the same 32 bytes, draw after draw */
};

struct test_random {
    uint64_t state;
    unsigned good;                /* so many draws are good before the fault */
    enum test_random_fault fault; /* what the draws after them are like */
    unsigned draws;
};

/* splitmix64: the same bytes for the same seed, no two draws alike. */
static inline uint64_t test_random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline void test_random_bytes(uint64_t *state, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(test_random_next(state) >> 40);
}

/* A coffre_random_fn; `user` is a struct test_random. */
static inline int32_t test_random_fill(void *user, uint8_t *out, size_t len)
{
    struct test_random *source = user;
    uint64_t fixed = 7;
    int is_good = source->draws++ < source->good || source->fault == RANDOM_GOOD;

    if (is_good) {
        test_random_bytes(&source->state, out, len);
        return 0;
    }
    switch (source->fault) {
    case RANDOM_CONSTANT:
        memset(out, 0x42, len);
        return 0;
    case RANDOM_REPEATS:
        test_random_bytes(&fixed, out, len);
        return 0;
    default:
        memset(out, 0x99, len);
        return -1;
    }
}

/* Makes a context that draws from `source`. */
static inline coffre_status test_random_context(struct test_random *source,
                                                coffre_context *context)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;

    options.random = test_random_fill;
    options.random_user = source;
    return coffre_context_init(context, &options);
}

/* The usual plaintext of tests: lines that compress, each of them different. */
static inline void test_text(uint8_t *out, size_t len)
{
    char line[64];
    size_t at = 0;

    for (unsigned n = 0; at < len; n++) {
        int size = snprintf(line, sizeof line, "%08u the quick brown fox, block by block\n", n);
        size_t taken = len - at < (size_t)size ? len - at : (size_t)size;
        memcpy(out + at, line, taken);
        at += taken;
    }
}

#endif
