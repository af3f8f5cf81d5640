/* self_tests.c: the self-tests of a start. Each is made to fail by its own spoilt input, and what
 * fails leaves a context that every call refuses.
 */
#include "calls.h"

static coffre_context refused;

static void refuses(const struct call *call)
{
    struct arg args[CALLS_PARAMS];
    size_t count = call_make(call, args);

    for (size_t i = 0; i < count; i++) {
        if (call->params[i].make != make_context) continue;
        memcpy(args[i].at, &refused, sizeof refused);
        check_about(call->name);
        EXPECT(COFFRE_ERR_BAD_STATE, call->run(args));
    }
    call_free(args, count);
}

/* The self-tests of a start: those of the context, then those that need memory. */
static coffre_status start(coffre_context *context, const coffre_context_options *options)
{
    size_t len = coffre_self_test_workspace();
    uint8_t *workspace = poisoned(len);
    coffre_status status = coffre_context_init(context, options);

    if (status == COFFRE_OK) {
        EXPECT(COFFRE_ERR_WORKSPACE_TOO_SMALL, coffre_self_test(context, workspace, len - 1));
        status = coffre_self_test(context, workspace, len);
    }
    free(workspace);
    return status;
}

static void self_tests(void)
{
    size_t count = coffre_self_test_count(), of_memory = 0;

    CHECK(count >= 10);
    check_about("no fault");
    EXPECT(COFFRE_OK, start(&refused, NULL));
    for (uint32_t n = 1; n <= count; n++) {
        coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;
        const char *name = coffre_self_test_name(n - 1);

        CHECK(name != NULL && *name != '\0');
        check_about(name);
        options.self_test_fault = n;
        poison(&refused, sizeof refused);
        of_memory += coffre_context_init(&refused, &options) == COFFRE_OK;
        EXPECT(COFFRE_ERR_SELF_TEST, start(&refused, &options));
        CHECK(is_zeroed(&refused, sizeof refused));
        calls_each(refuses);
    }
    CHECK(of_memory >= 3 && of_memory < count); /* zstd both ways, Argon2id */
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;
    uint32_t beyond[] = {(uint32_t)count + 1, UINT32_MAX};
    check_about("a fault in a test that there is not");
    for (size_t i = 0; i < 2; i++) {
        options.self_test_fault = beyond[i];
        EXPECT(COFFRE_ERR_SELF_TEST, coffre_context_init(&refused, &options));
    }
    coffre_context_wipe(&refused);
    CHECK(is_zeroed(&refused, sizeof refused));
    calls_each(refuses);
    printf("%zu self-tests, each seen to fail; a context that failed is refused everywhere\n",
           count);
}

int main(void)
{
    world_make();
    self_tests();
    return check_end();
}
