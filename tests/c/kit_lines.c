/* kit_lines.c: the text of a recovery kit, printed and scanned, and mistyped in every way that
 * people mistype: the number of the bad line is named.
 */
#include "world.h"

static uint8_t kit[COFFRE_KIT_SIZE];
static char text[COFFRE_KIT_TEXT_MAX];
static size_t text_len;
static uint32_t bad_line;

static coffre_status read_text(const char *typed, size_t len)
{
    coffre_status status;
    size_t out_len = 7;

    poison(kit, sizeof kit);
    bad_line = 99;
    status = coffre_kit_from_text(typed, len, kit, sizeof kit, &out_len, &bad_line);
    if (status == COFFRE_OK) CHECK(out_len == sizeof kit && (bad_line == 0 || bad_line == 99));
    else CHECK(out_len == 0 && is_kept_or_zeroed(kit, sizeof kit));
    return status;
}

static int is_world_kit(void)
{
    return memcmp(kit, world.kit, sizeof kit) == 0;
}

static void to_text(uint32_t form)
{
    EXPECT(COFFRE_OK,
           coffre_kit_to_text(world.kit, sizeof world.kit, form, text, sizeof text, &text_len));
}

/* Where line n (from 0) begins in the printed text. */
static char *line(size_t n)
{
    char *at = text;

    while (n-- > 0)
        at = memchr(at, '\n', text_len) + 1;
    return at;
}

static void round_trips(void)
{
    static char typed[2 * COFFRE_KIT_TEXT_MAX], other[COFFRE_KIT_TEXT_MAX];
    size_t len = 0, needed;

    check_about("text of a kit");
    for (uint32_t form = COFFRE_KIT_LINES; form <= COFFRE_KIT_SCAN; form++) {
        to_text(form);
        EXPECT(COFFRE_OK, read_text(text, text_len));
        CHECK(is_world_kit() && memchr(text, '\0', text_len) == NULL);
        for (size_t cap = 0; cap < text_len; cap++) {
            poison(other, sizeof other);
            EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL,
                   coffre_kit_to_text(world.kit, sizeof world.kit, form, other, cap, &needed));
            CHECK(needed == text_len && is_poisoned(other, sizeof other));
        }
    }
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
           coffre_kit_to_text(world.kit, sizeof world.kit, 2, text, sizeof text, &text_len));
    to_text(COFFRE_KIT_LINES);
    for (size_t i = 0; i < text_len; i++) { /* shouted, with blanks of all sorts */
        typed[len++] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
        if (text[i] != '\n' && i % 7 == 0) typed[len++] = "- \t\r"[i % 4];
    }
    EXPECT(COFFRE_OK, read_text(typed, len));
    CHECK(is_world_kit());
    len = 0; /* from the last line to the first, with remarks and empty lines between */
    for (size_t n = 8; n-- > 0;)
        len += (size_t)snprintf(typed + len, sizeof typed - len, "# line %zu\n\n%.*s", n,
                                (int)(strchr(line(n), '\n') + 1 - line(n)), line(n));
    EXPECT(COFFRE_OK, read_text(typed, len));
    CHECK(is_world_kit());
    EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL,
           coffre_kit_from_text(text, text_len, kit, sizeof kit - 1, &needed, NULL));
    CHECK(needed == COFFRE_KIT_SIZE);
}

/* Every character of every line, replaced by every other one of the alphabet. */
static void mistyped(void)
{
    static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    size_t wrong = 0;

    check_about("a mistyped character");
    to_text(COFFRE_KIT_LINES);
    for (uint32_t n = 0; n < 8; n++) {
        for (char *at = line(n) + 2; *at != '\n'; at++) {
            char right = *at;

            if (right == ' ') continue;
            for (size_t i = 0; i < 32; i++) {
                if (alphabet[i] == right) continue;
                *at = alphabet[i];
                wrong += read_text(text, text_len) != COFFRE_ERR_BAD_KIT_LINE || bad_line != n + 1;
            }
            *at = 'b'; /* not in the alphabet */
            EXPECT(COFFRE_ERR_BAD_KIT_LINE, read_text(text, text_len));
            CHECK(bad_line == n + 1);
            *at = right;
        }
    }
    CHECK(wrong == 0);
    EXPECT(COFFRE_OK, read_text(text, text_len));
}

static void bad_lines(void)
{
    static char typed[4 * COFFRE_KIT_TEXT_MAX], much[16385];
    char first;

    to_text(COFFRE_KIT_LINES);
    check_about("a line is missing");
    for (size_t n = 0; n < 8; n++) {
        size_t before = (size_t)(line(n) - text), size = text_len;

        size = n < 7 ? (size_t)(line(n + 1) - line(n)) : text_len - before;
        memcpy(typed, text, before);
        memcpy(typed + before, text + before + size, text_len - before - size);
        EXPECT(COFFRE_ERR_BAD_KIT_LINE, read_text(typed, text_len - size));
        CHECK(bad_line == n + 1);
    }
    check_about("a line is there twice");
    memcpy(typed, text, text_len);
    memcpy(typed + text_len, line(4), (size_t)(line(5) - line(4)));
    EXPECT(COFFRE_ERR_BAD_KIT_LINE, read_text(typed, text_len + (size_t)(line(5) - line(4))));
    CHECK(bad_line == 5);
    check_about("no such line");
    first = *line(2);
    *line(2) = '9';
    EXPECT(COFFRE_ERR_BAD_KIT_LINE, read_text(text, text_len));
    CHECK(bad_line == 3); /* its place */
    *line(2) = '2'; /* line 3 says that it is 2: the check knows better */
    EXPECT(COFFRE_ERR_BAD_KIT_LINE, read_text(text, text_len));
    *line(2) = first;
    EXPECT(COFFRE_ERR_BAD_KIT_LINE, read_text("", 0));
    EXPECT(COFFRE_ERR_BAD_KIT_LINE, read_text(text, text_len / 2));
    memset(much, ' ', sizeof much);
    EXPECT(COFFRE_ERR_TOO_LARGE, read_text(much, sizeof much));
    EXPECT(COFFRE_ERR_BAD_KIT_LINE, read_text(much, sizeof much - 1));

    check_about("lines of two kits");
    coffre_password_options options = world_password_options();
    coffre_kit_info info;
    size_t size = (size_t)(line(6) - line(5)), len;
    memcpy(typed, text, text_len);
    EXPECT(COFFRE_OK, coffre_kit_create(&world.context, &world.kek, &options,
                                        (const uint8_t *)WORLD_PASSWORD, strlen(WORLD_PASSWORD),
                                        world.scratch, sizeof world.scratch, kit, sizeof kit,
                                        &len));
    EXPECT(COFFRE_OK, coffre_kit_to_text(kit, sizeof kit, 0, text, sizeof text, &len));
    memcpy(typed + (line(5) - text), line(5), size);
    EXPECT(COFFRE_OK, read_text(typed, text_len));
    EXPECT(COFFRE_ERR_DAMAGED, coffre_kit_inspect(kit, sizeof kit, &info));
}

int main(void)
{
    world_make();
    round_trips();
    mistyped();
    bad_lines();
    return check_end();
}
