/* record_names.c: which records there are, in either place. See record.h. */
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

enum outcome record_names(struct app *app, struct record_names *names)
{
    uint64_t size;
    size_t kept = 0;

    memset(names, 0, sizeof *names);
    enum outcome outcome = app->blocks.list(app->blocks.self, "points/", add_name, names);
    if (outcome == OUT_OK)
        outcome = app->blocks.list(app->blocks.self, "unfinished/", add_name, names);
    if (outcome == OUT_OK) outcome = app->meta.each_record(app->meta.self, add_name, names);
    if (outcome == OUT_OK &&
        app->blocks.size(app->blocks.self, REPOSITORY_RECORD, &size) == OUT_OK) {
        outcome = add_name(names, REPOSITORY_RECORD);
    }
    if (outcome != OUT_OK || names->count == 0) return outcome;
    qsort(names->names, names->count, sizeof *names->names, compare_names);
    for (size_t i = 1; i < names->count; i++) {
        if (strcmp(names->names[i], names->names[kept]) != 0)
            memmove(names->names[++kept], names->names[i], OBJECT_NAME_SIZE);
    }
    names->count = kept + 1;
    return OUT_OK;
}
