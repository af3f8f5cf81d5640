/* part_self_tests.c: what a product does at boot: every self-test, those that need memory included;
 * and what it has to do when one fails, which each of them is made to do in turn.
 */
#include "part.h"

#define MEMORY 32768 /* at least coffre_self_test_workspace() */

static uint8_t memory[MEMORY];

/* All tests, of which number `fault` is spoiled; 0 for none. */
static coffre_status boot(uint32_t fault)
{
    coffre_context context;
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;
    coffre_status status;

    options.random = board_random;
    options.self_test_fault = fault;
    status = coffre_context_init(&context, &options);
    if (status == COFFRE_OK) status = coffre_self_test(&context, memory, sizeof memory);
    coffre_context_wipe(&context);
    return status;
}

int main(void)
{
    coffre_context context;
    uint32_t count = (uint32_t)coffre_self_test_count();

    part_begin(&context);
    part_check(coffre_abi_version() == COFFRE_ABI_VERSION, "header and library fit");
    part_print("engine ");
    part_print(coffre_context_engine(&context));
    part_print("\n");
    part_expect(COFFRE_OK, boot(0), "all self-tests");
    for (uint32_t i = 0; i < count; i++)
        part_expect(COFFRE_ERR_SELF_TEST, boot(i + 1), coffre_self_test_name(i));
    coffre_context_wipe(&context);
    return part_end();
}
