/* record_names.c: which records there are, in either place, and which entries one has. See
 * record.h.
 */
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "text.h"

static enum outcome add_name(void *user, const char *name)
{
    struct record_names *names = user;
    size_t len = strlen(name);
    uint8_t id[ID_SIZE];

    if (len >= OBJECT_NAME_SIZE || len < 4 || strcmp(name + len - 4, ".rec") != 0) return OUT_OK;
    if (strcmp(name, REPOSITORY_RECORD) != 0 && !name_to_point(name, id)) return OUT_OK;
    if (names->count == names->cap) {
        size_t cap = names->cap == 0 ? 64 : names->cap * 2;
        void *grown = realloc(names->names, cap * sizeof *names->names);
        if (grown == NULL) return OUT_ENVIRONMENT;
        names->names = grown;
        names->cap = cap;
    }
    memcpy(names->names[names->count++], name, len + 1);
    return OUT_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void keep_first(enum outcome *first, struct problem *problem, struct app *app,
                       enum outcome outcome)
{
    if (*first == OUT_OK && outcome != OUT_OK) {
        *first = outcome;
        *problem = app->problem;
    }
}

static void sort_names(struct record_names *names)
{
    size_t kept = 0;

    if (names->count == 0) return;
    qsort(names->names, names->count, sizeof *names->names, compare_names);
    for (size_t i = 1; i < names->count; i++) {
        if (strcmp(names->names[i], names->names[kept]) != 0)
            memmove(names->names[++kept], names->names[i], OBJECT_NAME_SIZE);
    }
    names->count = kept + 1;
}

enum outcome record_names(struct app *app, struct record_names *names)
{
    const struct block_store *blocks = &app->blocks;
    struct problem problem;
    uint64_t size;
    enum outcome first = OUT_OK;

    memset(names, 0, sizeof *names);
    keep_first(&first, &problem, app, blocks->list(blocks->self, "points/", add_name, names));
    keep_first(&first, &problem, app, blocks->list(blocks->self, "unfinished/", add_name, names));
    keep_first(&first, &problem, app, app->meta.each_record(app->meta.self, add_name, names));
    if (blocks->size(blocks->self, REPOSITORY_RECORD, &size) != OUT_MISSING)
        keep_first(&first, &problem, app, add_name(names, REPOSITORY_RECORD));
    sort_names(names);
    if (first != OUT_OK) app->problem = problem;
    return first;
}

#define ENTRIES_AT_ONCE 128

enum outcome record_entries(struct app *app, const struct record *record, record_visit visit,
                            void *user)
{
    coffre_record_entry entries[ENTRIES_AT_ONCE];
    size_t first = 0, count;
    enum outcome outcome = OUT_OK;

    do {
        coffre_status status =
            coffre_record_entries(&record->view, first, entries, ENTRIES_AT_ONCE, &count);
        if (status != COFFRE_OK)
            return fail_status(&app->problem, status, "the entries of a record");
        for (size_t i = 0; outcome == OUT_OK && i < count; i++)
            outcome = visit(user, &entries[i]);
        first += count;
    } while (outcome == OUT_OK && count == ENTRIES_AT_ONCE);
    return outcome;
}
