/* point_list.c: which restore points lie in the store, and which of them an argument names. The
 * database is not asked: its rows could be another's, altered, or gone. See point.h.
 */
#include <stdlib.h>
#include <string.h>

#include "point.h"
#include "text.h"

bool point_is_unfinished(const struct point_found *found)
{
    return found->unfinished && !found->has_manifest;
}

static struct point_found *list_slot(struct point_list *list, const uint8_t id[16])
{
    for (size_t i = list->count; i-- > 0;) {
        if (memcmp(list->points[i].id, id, 16) == 0) return &list->points[i];
    }
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 64 : list->cap * 2;
        struct point_found *grown = realloc(list->points, cap * sizeof *grown);
        if (grown == NULL) return NULL;
        list->points = grown;
        list->cap = cap;
    }
    struct point_found *slot = &list->points[list->count++];
    memset(slot, 0, sizeof *slot);
    memcpy(slot->id, id, 16);
    return slot;
}

struct listing {
    struct app *app;
    struct point_list *list;
};

static enum outcome add_found(void *user, const char *name)
{
    const struct listing *search = user;
    uint8_t id[16];

    if (!name_to_point(name, id)) return OUT_OK; /* not ours; scrub names it */
    struct point_found *slot = list_slot(search->list, id);
    if (slot == NULL)
        return fail(&search->app->problem, OUT_ENVIRONMENT,
                    "no memory for the list of restore points");
    const char *what = strrchr(name, '/') + 1;
    if (name[0] == 'u')
        slot->unfinished = true;
    else if (strcmp(what, POINT_RECORD) == 0)
        slot->has_keys = true;
    else if (strcmp(what, POINT_MANIFEST) == 0)
        slot->has_manifest = true;
    return OUT_OK;
}

static int compare_points(const void *a, const void *b)
{
    const struct point_found *one = a, *other = b;
    return memcmp(one->id, other->id, sizeof one->id);
}

enum outcome point_list(struct app *app, struct point_list *list)
{
    struct listing listing = {app, list};

    memset(list, 0, sizeof *list);
    enum outcome outcome = app->blocks.list(app->blocks.self, "points/", add_found, &listing);
    struct problem problem = app->problem;
    enum outcome second = app->blocks.list(app->blocks.self, "unfinished/", add_found, &listing);
    if (outcome != OUT_OK) app->problem = problem;
    if (list->count > 1) qsort(list->points, list->count, sizeof *list->points, compare_points);
    return outcome != OUT_OK ? outcome : second;
}

const struct point_found *point_in_list(const struct point_list *list, const uint8_t id[16])
{
    struct point_found wanted;

    memcpy(wanted.id, id, sizeof wanted.id);
    return list->count == 0
               ? NULL
               : bsearch(&wanted, list->points, list->count, sizeof wanted, compare_points);
}

/* The newest by the time that its metadata was sealed with. One that cannot be read might be it. */
static enum outcome find_latest(struct app *app, const struct point_list *list, uint8_t id[16])
{
    struct point point;
    struct point_metadata metadata;
    uint64_t newest = 0;
    bool found = false;

    for (size_t i = 0; i < list->count; i++) {
        if (point_is_unfinished(&list->points[i])) continue;
        enum outcome outcome = point_open(app, list->points[i].id, &point);
        if (outcome == OUT_OK) outcome = point_metadata_read(app, &point, &metadata);
        point_close(&point);
        if (outcome != OUT_OK) {
            return fail(&app->problem, outcome,
                        "cannot tell which restore point is the latest: %s. Name one by its id;"
                        " `appliance ls` lists them",
                        app->problem.text);
        }
        if (found && metadata.created < newest) continue;
        found = true;
        newest = metadata.created;
        memcpy(id, list->points[i].id, ID_SIZE);
    }
    if (found) return OUT_OK;
    return fail(&app->problem, OUT_NOT_FOUND, "%s has no restore point yet", app->options.repo);
}

static enum outcome find_by_text(struct app *app, const struct point_list *list, const char *text,
                                 uint8_t id[16])
{
    size_t found = 0;
    char id_text[ID_TEXT_SIZE];

    for (size_t i = 0; i < list->count; i++) {
        hex_encode(list->points[i].id, ID_SIZE, id_text);
        if (point_is_unfinished(&list->points[i]) || strncmp(id_text, text, strlen(text)) != 0)
            continue;
        found++;
        memcpy(id, list->points[i].id, ID_SIZE);
    }
    if (found == 1) return OUT_OK;
    if (found > 1) {
        return fail(&app->problem, OUT_NOT_FOUND,
                    "\"%s\" is the beginning of %zu restore points; give more of the id", text,
                    found);
    }
    return fail(&app->problem, OUT_NOT_FOUND,
                "no complete restore point \"%s\" in %s/points; `appliance ls` lists what there is",
                text, app->options.repo);
}

enum outcome point_find(struct app *app, const char *argument, uint8_t id[16])
{
    struct point_list list;
    enum outcome outcome = point_list(app, &list);

    if (outcome == OUT_OK) {
        outcome = strcmp(argument, "latest") == 0 ? find_latest(app, &list, id)
                                                  : find_by_text(app, &list, argument, id);
    }
    free(list.points);
    return outcome;
}
