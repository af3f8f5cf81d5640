/* engines.c: every engine that this processor runs makes the same block from the same random bytes,
 * and opens what the others made; an engine that is not there is refused.
 */
#include "world.h"

#define PLAIN 100000

static uint8_t plain[PLAIN], back[PLAIN];
static uint8_t first[COFFRE_BLOCK_SEALED_MAX(PLAIN)], block[COFFRE_BLOCK_SEALED_MAX(PLAIN)];

static coffre_context context_of(const char *engine, struct test_random *source)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;
    coffre_context context;

    options.engine = engine;
    options.random = test_random_fill;
    options.random_user = source;
    check_must(coffre_context_init(&context, &options), engine == NULL ? "default" : engine);
    return context;
}

static size_t seal(coffre_context *context, uint8_t *out)
{
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    size_t len;

    options.flags = COFFRE_SEAL_STORE;
    check_must(coffre_block_seal(context, &world.session, &world.id, &options, plain, PLAIN, NULL,
                                 out, COFFRE_BLOCK_SEALED_MAX(PLAIN), &len, NULL),
               "seal");
    return len;
}

static void agrees(const char *name)
{
    struct test_random one = {.state = 5}, other = {.state = 5};
    coffre_context context = context_of(name, &one), usual = context_of(NULL, &other);
    coffre_policy policy = COFFRE_POLICY_INIT;
    size_t len, back_len;

    check_about(name);
    CHECK(strcmp(coffre_context_engine(&context), name) == 0);
    CHECK(strcmp(coffre_context_engine(&usual), coffre_engine_name(0)) == 0);
    len = seal(&usual, first);
    CHECK(len == sizeof first && seal(&context, block) == len);
    CHECK(memcmp(first, block, len) == 0);
    EXPECT(COFFRE_OK, coffre_block_open(&context, &policy, &world.session, NULL, first, len, NULL,
                                        back, sizeof back, &back_len));
    CHECK(back_len == PLAIN && memcmp(back, plain, PLAIN) == 0);
    coffre_context_wipe(&context);
    CHECK(coffre_context_engine(&context) == NULL);
    coffre_context_wipe(&usual);
}

static void refuses(const char *name)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;
    coffre_context context;

    check_about(name);
    options.engine = name;
    poison(&context, sizeof context);
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_context_init(&context, &options));
    CHECK(is_zeroed(&context, sizeof context));
}

int main(void)
{
    size_t count = 0;
    int has_portable = 0;

    world_make();
    test_text(plain, sizeof plain);
    for (const char *name; (name = coffre_engine_name(count)) != NULL; count++) {
        agrees(name);
        has_portable |= strcmp(name, "portable") == 0;
    }
    CHECK(has_portable && coffre_engine_name(SIZE_MAX) == NULL);
    refuses("");
    refuses("caller");
    refuses("Portable");
    refuses("portable ");
    refuses("\xC3\x28");
    refuses("a name of more than thirty-one bytes, which no engine has");
    CHECK(coffre_context_engine(NULL) == NULL);
    printf("%zu engines\n", count);
    return check_end();
}
