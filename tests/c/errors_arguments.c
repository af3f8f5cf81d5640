/* errors_arguments.c: every pointer parameter of every function, spoiled in turn: NULL, misaligned,
 * a length that wraps, an object that is not live, a structure of the wrong size. Each time the
 * status is the right one, and outputs are as the conventions chapter of coffre.h promises.
 */
#include "calls.h"

/* The state of a row's arguments before a call, to see what the call changed. */
struct before {
    struct arg args[CALLS_PARAMS];
    uint8_t *copies[CALLS_PARAMS];
    size_t count;
};

static void before_make(const struct call *call, struct before *before)
{
    before->count = call_make(call, before->args);
    for (size_t i = 0; i < before->count; i++) {
        before->copies[i] = poisoned(before->args[i].size);
        memcpy(before->copies[i], before->args[i].at, before->args[i].size);
    }
}

static void before_free(struct before *before)
{
    for (size_t i = 0; i < before->count; i++)
        free(before->copies[i]);
    call_free(before->args, before->count);
}

static char said[128], about[256];

static void say(const struct call *call, size_t i, const char *what)
{
    snprintf(said, sizeof said, "%s: %s %s", call->name, call->params[i].name, what);
    check_about(said);
}

/* What holds after any error: inputs are untouched, outputs are untouched or zeroed, *out_len is 0.
 * `spoiled` is the parameter that was not what it should be; it may be anything.
 */
static void after_error(const struct call *call, const struct before *before, size_t spoiled,
                        int sets_len)
{
    for (size_t i = 0; i < before->count; i++) {
        unsigned traits = call->params[i].traits;
        const struct arg *arg = &before->args[i];

        if (i == spoiled) continue;
        snprintf(about, sizeof about, "%s; %s afterwards", said, call->params[i].name);
        check_about(about);
        if (traits & OUT_LEN) {
            CHECK(!sets_len || is_zeroed(arg->at, sizeof(size_t)));
        } else if (traits & OUTPUT) {
            CHECK(is_kept_or_zeroed(arg->at, arg->size));
        } else if (!(traits & WRITES)) {
            CHECK(memcmp(arg->at, before->copies[i], arg->size) == 0);
        }
    }
}

static void unspoiled(const struct call *call)
{
    struct before before;

    before_make(call, &before);
    check_about(call->name);
    EXPECT(COFFRE_OK, call->run(before.args));
    before_free(&before);
}

static void null_pointer(const struct call *call, size_t i)
{
    unsigned traits = call->params[i].traits;
    struct before before;

    before_make(call, &before);
    before.args[i].at = NULL;
    say(call, i, "is NULL");
    if (traits & OPTIONAL) {
        EXPECT(COFFRE_OK, call->run(before.args));
    } else if (traits & (STRICT | MEMORY)) {
        EXPECT(traits & STRICT ? COFFRE_ERR_POLICY_VERSION : COFFRE_ERR_WORKSPACE_TOO_SMALL,
               call->run(before.args));
        after_error(call, &before, i, 1);
    } else {
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, call->run(before.args));
        after_error(call, &before, i, 1);
    }
    before_free(&before);
}

/* (NULL, 0) is an empty buffer: whatever is said of it, it is not that an argument is invalid. */
static void empty_buffer(const struct call *call, size_t i)
{
    struct before before;

    if (!(call->params[i].traits & LENGTH)) return;
    before_make(call, &before);
    before.args[i].at = NULL;
    before.args[i].size = 0;
    say(call, i, "is (NULL, 0)");
    CHECK(call->run(before.args) != COFFRE_ERR_INVALID_ARGUMENT);
    before_free(&before);
}

static void misaligned(const struct call *call, size_t i)
{
    struct before before;
    struct arg *arg = &before.args[i];

    if (call->params[i].align == 1) return;
    for (size_t off = 1; off < call->params[i].align; off++) {
        before_make(call, &before);
        uint8_t *odd = poisoned(arg->size + off);
        memcpy(odd + off, arg->at, arg->size);
        free(arg->base);
        arg->base = odd;
        arg->at = odd + off;
        say(call, i, "is misaligned");
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, call->run(before.args));
        after_error(call, &before, i, 1);
        before_free(&before);
    }
}

/* A length that goes past the end of all memory. What lies there, out_len too, may count as an
 * overlap first.
 */
static void wrapping_length(const struct call *call, size_t i)
{
    if (!(call->params[i].traits & LENGTH)) return;
    for (size_t less = 0; less < 3; less++) {
        struct before before;

        before_make(call, &before);
        size_t size = before.args[i].size;
        before.args[i].size = SIZE_MAX - less;
        say(call, i, "has a length that wraps");
        coffre_status found = call->run(before.args);
        CHECK(found == COFFRE_ERR_INVALID_ARGUMENT || found == COFFRE_ERR_OVERLAP);
        before.args[i].size = size;
        after_error(call, &before, SIZE_MAX, found != COFFRE_ERR_OVERLAP);
        before_free(&before);
    }
}

/* Puts something else where a live object should be. */
static void not_live(const struct call *call, size_t i)
{
    enum { ZEROED, GARBAGE, ANOTHER_KIND, MOVED, WAYS };

    if (!(call->params[i].traits & OBJECT)) return;
    for (int way = 0; way < WAYS; way++) {
        static const char *const names[] = {"is zeroed", "is garbage", "is of another kind",
                                            "was moved"};
        struct before before;
        struct arg *arg = &before.args[i];
        uint8_t *moved;

        if (way == MOVED && !(call->params[i].traits & PINNED)) continue;
        before_make(call, &before);
        switch (way) {
        case ZEROED: memset(arg->at, 0, arg->size); break;
        case GARBAGE: poison(arg->at, arg->size); break;
        case ANOTHER_KIND:
            memset(arg->at, 0, arg->size);
            memcpy(arg->at, call->params[i].make == make_id_key ? (void *)&world.master
                                                                : (void *)&world.id_key,
                   sizeof world.id_key);
            break;
        default:
            moved = poisoned(arg->size);
            memcpy(moved, arg->at, arg->size);
            free(arg->base);
            arg->base = arg->at = moved;
        }
        say(call, i, names[way]);
        EXPECT(COFFRE_ERR_BAD_STATE, call->run(before.args));
        after_error(call, &before, i, 1);
        before_free(&before);
    }
}

static void wrong_size(const struct call *call, size_t i)
{
    static const uint32_t wrong[] = {0, 1, 4096, UINT32_MAX};

    if (!(call->params[i].traits & SIZED)) return;
    for (size_t n = 0; n < sizeof wrong / sizeof *wrong + 2; n++) {
        struct before before;

        before_make(call, &before);
        uint32_t right = (uint32_t)before.args[i].size;
        uint32_t size = n < 4 ? wrong[n] : n == 4 ? right - 1 : right + 1;
        memcpy(before.args[i].at, &size, sizeof size);
        say(call, i, "has a wrong size");
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, call->run(before.args));
        after_error(call, &before, i, 1);
        before_free(&before);
    }
}

static void visit(const struct call *call)
{
    unspoiled(call);
    for (size_t i = 0; i < CALLS_PARAMS && call->params[i].name != NULL; i++) {
        null_pointer(call, i);
        empty_buffer(call, i);
        misaligned(call, i);
        wrapping_length(call, i);
        not_live(call, i);
        wrong_size(call, i);
    }
}

int main(void)
{
    world_make();
    calls_each(visit);
    return check_end();
}
