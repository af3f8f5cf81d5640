/* rewrap_batch.c: many keys of version 1 at once, by every engine: backy2's own rekeyed keys, a
 * thousand rows with damaged ones between, and what coffre_v1_rewrap_batch refuses.
 *
 * Run it from the root of the tree.
 */
#include "backy2_list.h"
#include "world.h"

#define ROWS 1000u
#define KEY COFFRE_V1_WRAPPED_KEY_SIZE

static coffre_v1_master old, new;

static void master_of(const char *word, coffre_v1_master *master)
{
    struct data key = from_hex(word);

    EXPECT(COFFRE_OK, coffre_v1_master_read(&world.context, key.at, key.len, master));
    free(key.at);
}

/* All vectors in one batch: backy2 wrapped them under the same keys. */
static struct {
    uint8_t wrapped[9][KEY], rewrapped[9][KEY];
    size_t count;
} vectors;

static void vector(char *const words[])
{
    struct data wrapped = from_hex(words[3]), rewrapped = from_hex(words[5]);

    master_of(words[2], &old);
    master_of(words[4], &new);
    if (CHECK(vectors.count < 9 && wrapped.len == KEY && rewrapped.len == KEY)) {
        memcpy(vectors.wrapped[vectors.count], wrapped.at, KEY);
        memcpy(vectors.rewrapped[vectors.count], rewrapped.at, KEY);
        vectors.count++;
    }
    free(wrapped.at);
    free(rewrapped.at);
}

static void as_backy2(const coffre_context *context)
{
    uint8_t result[9][KEY];
    coffre_status statuses[9];

    poison(result, sizeof result);
    poison(statuses, sizeof statuses);
    EXPECT(COFFRE_OK, coffre_v1_rewrap_batch(context, &old, &new, vectors.wrapped[0], 9, result[0],
                                             statuses));
    CHECK(memcmp(result, vectors.rewrapped, sizeof result) == 0);
    CHECK(is_zeroed(statuses, sizeof statuses));
    EXPECT(COFFRE_OK, coffre_v1_rewrap_batch(context, &new, &old, vectors.rewrapped[0], 9,
                                             result[0], statuses));
    CHECK(memcmp(result, vectors.wrapped, sizeof result) == 0);
}

/* A thousand rows of nine keys; every row whose number `step` divides is damaged in a byte of its
 * own. What surrounds the outputs stays as it is.
 */
static void damaged_rows(const coffre_context *context, size_t step)
{
    static uint8_t rows[ROWS][KEY], results[ROWS + 2][KEY];
    static coffre_status statuses[ROWS + 2];
    size_t wrong = 0;

    poison(results, sizeof results);
    poison(statuses, sizeof statuses);
    for (size_t i = 0; i < ROWS; i++) {
        memcpy(rows[i], vectors.wrapped[i % 9], KEY);
        if (i % step == 0) rows[i][i / step % KEY] ^= (uint8_t)(1u << i % 8);
    }
    EXPECT(COFFRE_ERR_WRONG_KEY, coffre_v1_rewrap_batch(context, &old, &new, rows[0], ROWS,
                                                        results[1], &statuses[1]));
    for (size_t i = 0; i < ROWS; i++) {
        if (i % step == 0)
            wrong += statuses[i + 1] != COFFRE_ERR_WRONG_KEY || !is_zeroed(results[i + 1], KEY);
        else
            wrong += statuses[i + 1] != COFFRE_OK ||
                     memcmp(results[i + 1], vectors.rewrapped[i % 9], KEY) != 0;
    }
    CHECK(wrong == 0);
    CHECK(is_poisoned(results[0], KEY) && is_poisoned(results[ROWS + 1], KEY));
    CHECK(is_poisoned(&statuses[0], 4) && is_poisoned(&statuses[ROWS + 1], 4));
}

static void refused(const coffre_context *context)
{
    uint8_t rows[2 * KEY], results[2 * KEY];
    coffre_status statuses[2];

    memset(rows, 1, sizeof rows);
    poison(results, sizeof results);
    poison(statuses, sizeof statuses);
    EXPECT(COFFRE_OK, coffre_v1_rewrap_batch(context, &old, &new, NULL, 0, NULL, NULL));
    EXPECT(COFFRE_OK, coffre_v1_rewrap_batch(context, &old, &new, rows, 0, results, statuses));
    /* 40 bytes times these wrap to 0, 40, and something that looks well. */
    static const size_t too_many[] = {SIZE_MAX / 8 + 1, SIZE_MAX / 40 + 1, SIZE_MAX / 40 * 2,
                                      SIZE_MAX};
    for (size_t i = 0; i < sizeof too_many / sizeof *too_many; i++)
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
               coffre_v1_rewrap_batch(context, &old, &new, rows, too_many[i], results, statuses));
    EXPECT(COFFRE_ERR_OVERLAP,
           coffre_v1_rewrap_batch(context, &old, &new, rows, 2, rows, statuses));
    EXPECT(COFFRE_ERR_OVERLAP,
           coffre_v1_rewrap_batch(context, &old, &new, rows, 2, rows + KEY, statuses));
    CHECK(is_poisoned(results, sizeof results) && is_poisoned(statuses, sizeof statuses));
    CHECK(is_all(rows, sizeof rows, 1));
    EXPECT(COFFRE_ERR_WRONG_KEY,
           coffre_v1_rewrap_batch(context, &old, &new, rows, 2, results, statuses));
    CHECK(statuses[0] == COFFRE_ERR_WRONG_KEY && statuses[1] == COFFRE_ERR_WRONG_KEY);
    CHECK(is_zeroed(results, sizeof results));
}

int main(void)
{
    size_t engines = 0;

    world_make();
    each_line("vector", vector, 9);
    for (const char *name; (name = coffre_engine_name(engines)) != NULL; engines++) {
        coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;
        coffre_context context;

        options.engine = name;
        check_must(coffre_context_init(&context, &options), name);
        check_about(name);
        as_backy2(&context);
        for (size_t step = 1; step <= 34; step++)
            damaged_rows(&context, step);
        refused(&context);
        coffre_context_wipe(&context);
    }
    CHECK(engines > 0);
    return check_end();
}
