/* kit_text.c: recovery kits in and out: bytes, and lines to be printed and typed. See kit.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "kit.h"

#define INPUT_MAX 16384 /* what the library reads at most */

static enum outcome read_standard_input(struct problem *problem, uint8_t **bytes, size_t *len)
{
    uint8_t *buffer = malloc(INPUT_MAX + 1);

    *len = 0;
    *bytes = buffer;
    if (buffer == NULL) return fail(problem, OUT_ENVIRONMENT, "no memory to read a kit");
    while (*len <= INPUT_MAX) {
        ssize_t got = read(STDIN_FILENO, buffer + *len, INPUT_MAX + 1 - *len);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(problem, "read", "standard input");
        if (got == 0) return OUT_OK;
        *len += (size_t)got;
    }
    return fail(problem, OUT_CORRUPT,
                "standard input: expected a recovery kit, found more than %d"
                " bytes",
                INPUT_MAX);
}

static enum outcome explain_text(struct problem *problem, coffre_status status, const char *where,
                                 const char *text, size_t len, uint32_t line)
{
    if (status != COFFRE_ERR_BAD_KIT_LINE) return fail_status(problem, status, "%s", where);
    if (memchr(text, ':', len) == NULL) {
        return fail(problem, OUT_CORRUPT,
                    "%s holds no recovery kit: neither the %d bytes of one nor its eight lines",
                    where, COFFRE_KIT_SIZE);
    }
    return fail(problem, OUT_CORRUPT,
                "%s: line %u of the kit is mistyped, or missing, or there twice. Compare it with"
                " the paper; the other lines can stay as they are",
                where, (unsigned)line);
}

static enum outcome take_text(struct problem *problem, const char *where, const char *text,
                              size_t len, struct kit *kit)
{
    uint32_t bad_line = 0;
    size_t size = 0;
    coffre_status status =
        coffre_kit_from_text(text, len, kit->bytes, sizeof kit->bytes, &size, &bad_line);

    if (status != COFFRE_OK) return explain_text(problem, status, where, text, len, bad_line);
    status = coffre_kit_inspect(kit->bytes, size, &kit->info);
    if (status == COFFRE_ERR_DAMAGED) {
        return fail(problem, OUT_CORRUPT,
                    "%s: each line is right, but they do not belong together: they are lines of"
                    " more than one kit",
                    where);
    }
    return status == COFFRE_OK ? OUT_OK : fail_status(problem, status, "%s", where);
}

enum outcome kit_read(struct problem *problem, const char *path, struct kit *kit)
{
    static const uint8_t magic[] = {'C', 'O', 'F', 'R'}; /* no text begins with it: no colon */
    bool standard_input = strcmp(path, "-") == 0;
    const char *where = standard_input ? "standard input" : path;
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum outcome outcome = standard_input ? read_standard_input(problem, &bytes, &len)
                                          : file_read(problem, path, INPUT_MAX, &bytes, &len);

    if (outcome == OUT_OK && len >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0) {
        coffre_status status = coffre_kit_inspect(bytes, len, &kit->info);
        if (status == COFFRE_OK)
            memcpy(kit->bytes, bytes, sizeof kit->bytes);
        else
            outcome = fail_status(problem, status, "%s: expected a recovery kit", where);
    } else if (outcome == OUT_OK) {
        outcome = take_text(problem, where, (const char *)bytes, len, kit);
    }
    free(bytes);
    return outcome;
}

static enum outcome write_form(struct problem *problem, const struct kit *kit, uint32_t form,
                               char text[COFFRE_KIT_TEXT_MAX + 1])
{
    size_t len = 0;
    coffre_status status =
        coffre_kit_to_text(kit->bytes, sizeof kit->bytes, form, text, COFFRE_KIT_TEXT_MAX, &len);

    if (status != COFFRE_OK) return fail_status(problem, status, "cannot write a kit as text");
    text[len] = '\0';
    return OUT_OK;
}

enum outcome kit_scan_text(struct problem *problem, const struct kit *kit,
                           char text[COFFRE_KIT_TEXT_MAX + 1])
{
    enum outcome outcome = write_form(problem, kit, COFFRE_KIT_SCAN, text);
    size_t len = outcome == OUT_OK ? strcspn(text, "\n") : 0;

    text[len] = '\0';
    return outcome;
}

enum outcome kit_page(struct problem *problem, const struct kit *kit, char page[KIT_PAGE_SIZE])
{
    char lines[COFFRE_KIT_TEXT_MAX + 1], id[COFFRE_KEY_ID_TEXT_SIZE], cost[KIT_COST_SIZE];
    enum outcome outcome = write_form(problem, kit, COFFRE_KIT_LINES, lines);

    if (outcome != OUT_OK) return outcome;
    coffre_key_id_text(kit->info.key_id, id);
    int len = snprintf(
        page, KIT_PAGE_SIZE,
        "# coffre recovery kit of the key %s\n"
        "# %s under a password (%s), which stands nowhere on this page.\n"
        "# Who has both opens every backup that this key opens: keep them apart.\n"
        "# To get the key back, type the eight lines into a file; capital letters, blanks and\n"
        "# lines that begin with # do not matter, and a mistyped line is named:\n"
        "#     appliance kit-import FILE --keys DIRECTORY\n"
        "%s",
        id, kit_kind_name(&kit->info), kit_cost_text(&kit->info, cost), lines);
    return len > 0 && len < KIT_PAGE_SIZE ? OUT_OK
                                          : fail(problem, OUT_INTERNAL, "page of %d bytes", len);
}
