/* errors_overlap.c: every pair of buffers of every function, of which the call writes at least one,
 * laid over each other: the same start, and only the last bytes; and every buffer in memory that an
 * object was lent. Each is COFFRE_ERR_OVERLAP, nothing is written, and *out_len is 0 unless it lies
 * in the overlap itself.
 */
#include "calls.h"

static char about[256];

/* Lays argument `upper` over the end of `lower`, as late as its alignment lets it. */
static size_t latest_start(const struct call *call, const struct arg *args, size_t lower,
                           size_t upper)
{
    size_t align = call->params[upper].align;
    return (args[lower].size - 1) / align * align;
}

static void overlap(const struct call *call, size_t lower, size_t upper, int late)
{
    struct arg args[CALLS_PARAMS];
    size_t count = call_make(call, args);
    size_t start = late ? latest_start(call, args, lower, upper) : 0;
    size_t end = start + args[upper].size;
    size_t size = end > args[lower].size ? end : args[lower].size;
    uint8_t *both = poisoned(size), *copy = poisoned(size);

    memcpy(both, args[lower].at, args[lower].size);
    memcpy(both + start, args[upper].at, args[upper].size);
    memcpy(copy, both, size);
    args[lower].at = both;
    args[upper].at = both + start;
    snprintf(about, sizeof about, "%s: %s over %s, from byte %zu", call->name,
             call->params[upper].name, call->params[lower].name, start);
    check_about(about);
    EXPECT(COFFRE_ERR_OVERLAP, call->run(args));
    CHECK(memcmp(both, copy, size) == 0);
    for (size_t i = 0; i < count; i++) {
        unsigned traits = call->params[i].traits;

        if (i == lower || i == upper) continue;
        if (traits & OUT_LEN) CHECK(is_zeroed(args[i].at, sizeof(size_t)));
        else if (traits & OUTPUT) CHECK(is_kept_or_zeroed(args[i].at, args[i].size));
    }
    free(both);
    free(copy);
    call_free(args, count);
}

/* Puts argument `other` where the memory is that the object `owner` was lent. */
static void in_lent_memory(const struct call *call, size_t owner, size_t other)
{
    struct arg args[CALLS_PARAMS] = {{NULL, 0, NULL, NULL, 0}};
    size_t count = call_make(call, args);
    struct arg *arg = &args[other], *lender = &args[owner];

    if (arg->size > lender->lent_size && call->params[other].traits & LENGTH)
        arg->size = lender->lent_size;
    if (lender->lent_size > 0 && arg->size <= lender->lent_size) {
        uint8_t *copy = poisoned(lender->lent_size);

        memcpy(lender->lent, arg->at, arg->size);
        memcpy(copy, lender->lent, lender->lent_size);
        arg->at = lender->lent;
        snprintf(about, sizeof about, "%s: %s in the memory lent to %s", call->name,
                 call->params[other].name, call->params[owner].name);
        check_about(about);
        EXPECT(COFFRE_ERR_OVERLAP, call->run(args));
        if (call->params[other].traits & OUT_LEN) /* set to 0, wherever it lies */
            memcpy(lender->lent, copy, sizeof(size_t));
        CHECK(memcmp(lender->lent, copy, lender->lent_size) == 0);
        free(copy);
    }
    call_free(args, count);
}

static void visit(const struct call *call)
{
    for (size_t i = 0; i < CALLS_PARAMS && call->params[i].name != NULL; i++) {
        for (size_t j = i + 1; j < CALLS_PARAMS && call->params[j].name != NULL; j++) {
            if (!((call->params[i].traits | call->params[j].traits) & WRITES)) continue;
            overlap(call, i, j, 0);
            overlap(call, i, j, 1);
            overlap(call, j, i, 1);
            in_lent_memory(call, i, j);
            in_lent_memory(call, j, i);
        }
    }
}

/* Buffers that only touch, and inputs that are the same memory, are fine. */
static void neighbours(void)
{
    coffre_policy policy = policy_lowest(0);
    uint8_t memory[64];
    size_t len;

    check_about("neighbours");
    memset(memory, 7, 32);
    EXPECT(COFFRE_OK, coffre_v0_open(&policy, memory, 32, memory + 32, 32, &len));
    CHECK(len == 32 && is_all(memory, 64, 7));
    EXPECT(COFFRE_OK, coffre_v0_open(&policy, memory + 32, 32, memory, 32, &len));
    EXPECT(COFFRE_ERR_OVERLAP, coffre_v0_open(&policy, memory, 33, memory + 32, 32, &len));
    EXPECT(COFFRE_OK, coffre_v1_rewrap(&world.context, &world.master, &world.master, world.wrapped,
                                       sizeof world.wrapped, memory));
    CHECK(memcmp(memory, world.wrapped, sizeof world.wrapped) == 0);
}

/* A size that is to be written into the record itself: refused before the record changes. */
static void finish_into_its_buffer(void)
{
    struct world *w = &world;
    static _Alignas(size_t) uint8_t bytes[1024];
    static uint8_t before[sizeof bytes];
    coffre_record_writer writer;
    coffre_record record;
    size_t len;

    check_about("coffre_record_finish, its size into its buffer");
    check_must(coffre_record_create(&w->context, COFFRE_KEY_RECORD, w->instance, w->point, 1,
                                    bytes, sizeof bytes, &writer),
               "record");
    check_must(coffre_record_add_recipient(&w->context, &writer, &w->kek_recipient), "KEK");
    memcpy(before, bytes, sizeof bytes);
    EXPECT(COFFRE_ERR_OVERLAP, coffre_record_finish(&writer, (size_t *)(void *)(bytes + 24), NULL));
    CHECK(memcmp(before, bytes, sizeof bytes) == 0);
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, NULL));
    EXPECT(COFFRE_OK, coffre_record_read(bytes, len, &record));
}

int main(void)
{
    world_make();
    calls_each(visit);
    neighbours();
    finish_into_its_buffer();
    return check_end();
}
