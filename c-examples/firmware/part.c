/* part.c: see part.h. */
#include "part.h"
#include "pc_image.h"

static unsigned passed, failed;

void part_print(const char *text)
{
    board_print(text);
}

void part_print_number(uint64_t number)
{
    char digits[21];
    size_t at = sizeof digits - 1;

    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    board_print(digits + at);
}

void part_print_key_id(const uint8_t id[16])
{
    char text[COFFRE_KEY_ID_TEXT_SIZE];

    part_must(coffre_key_id_text(id, text), "key id");
    board_print(text);
}

int part_has(uint32_t feature)
{
    return (coffre_features() & feature) == feature;
}

void part_begin(coffre_context *context)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;

    board_stack_paint();
    options.random = board_random;
    part_must(coffre_context_init(context, &options), "self-tests");
}

int part_end(void)
{
    size_t stack = board_stack_used(NULL);

    part_check(stack <= board_stack_least() && stack != SIZE_MAX,
               "the stack had room, and no more was used than was asked for");
    board_print("ram static ");
    part_print_number(board_static_ram());
    board_print(" stack ");
    part_print_number(stack);
    board_print("\n");
    return part_result();
}

int part_result(void)
{
    board_print(failed == 0 ? "passed " : "FAILED ");
    part_print_number(failed == 0 ? passed : failed);
    board_print("\n");
    return failed == 0 ? 0 : 1;
}

void part_must(coffre_status status, const char *what)
{
    if (status == COFFRE_OK) return;
    part_expect(COFFRE_OK, status, what);
    board_exit(1);
}

void part_check(int holds, const char *what)
{
    board_print(holds ? "ok      " : "FAILED  ");
    board_print(what);
    board_print("\n");
    if (holds)
        passed++;
    else
        failed++;
}

void part_expect(coffre_status expected, coffre_status status, const char *what)
{
    if (status != expected) {
        board_print(coffre_status_name(status));
        board_print(" instead of ");
        board_print(coffre_status_name(expected));
        board_print(":\n");
    }
    part_check(status == expected, what);
}

int32_t part_compare(void *compared, const uint8_t *bytes, size_t len)
{
    struct part_compared *expected = compared;

    for (size_t i = 0; i < len; i++)
        expected->differs |= bytes[i] != image_byte(expected->at++);
    return 0;
}

void part_wipe(void *memory, size_t len)
{
    volatile uint8_t *byte = memory;

    while (len-- > 0)
        *byte++ = 0;
}

void part_stack(const char *call, const char *kind, coffre_status status, size_t used)
{
    part_must(status, call);
    part_print("stack ");
    part_print(call);
    if (kind != NULL) {
        part_print(",");
        part_print(kind);
    }
    part_print(" ");
    part_print_number(used);
    part_print("\n");
}
