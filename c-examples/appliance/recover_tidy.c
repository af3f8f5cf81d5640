/* recover_tidy.c: drops unfinished restore points once a later backup is complete. See recover.h.
 */
#include <stdlib.h>
#include <string.h>

#include "recover.h"
#include "text.h"

static enum outcome visit_entry(void *user, const coffre_record_entry *entry)
{
    bool is = entry->type == COFFRE_ENTRY_SESSION_KEY && memcmp(entry->id, user, ID_SIZE) == 0;
    return is ? OUT_REFUSED : OUT_OK;
}

/* One that cannot be read might. */
static bool record_holds(struct app *app, const struct record *record, uint8_t session_id[16])
{
    return record_entries(app, record, visit_entry, session_id) != OUT_OK;
}

/* Does another point's record hold the session? A record that cannot be opened might. */
static bool held_elsewhere(struct app *app, const struct point_list *list, const uint8_t own_id[16],
                           uint8_t session_id[16])
{
    for (size_t i = 0; i < list->count; i++) {
        char name[OBJECT_NAME_SIZE];
        struct record record;

        if (memcmp(list->points[i].id, own_id, ID_SIZE) == 0) continue;
        if (list->points[i].unfinished && !list->points[i].has_manifest) continue;
        name_of_point(list->points[i].id, POINT_RECORD, name);
        if (record_open(app, &app->keys, name, &record, NULL) != OUT_OK) return true;
        bool holds = record_holds(app, &record, session_id);
        record_close(&record);
        if (holds) return true;
    }
    return false;
}

struct removal {
    struct app *app;
    const uint8_t *session_id;
};

static enum outcome remove_block(void *user, const char *name)
{
    const struct removal *removal = user;
    coffre_block_id id;
    uint8_t session_id[16];

    if (!name_to_block(name, &id, session_id) ||
        memcmp(session_id, removal->session_id, ID_SIZE) != 0)
        return OUT_OK;
    return removal->app->blocks.remove(removal->app->blocks.self, name);
}

/* Rows first: a kill in between leaves files without rows, which the next recovery knows how to
 * treat. */
static enum outcome remove_blocks(struct app *app, const uint8_t session_id[16])
{
    struct removal removal = {app, session_id};
    enum outcome outcome = app->meta.remove_session_blocks(app->meta.self, session_id);

    if (outcome == OUT_OK)
        outcome = app->blocks.list(app->blocks.self, "blocks/", remove_block, &removal);
    return outcome == OUT_OK ? app->blocks.sync(app->blocks.self) : outcome;
}

/* unfinished/<id>.rec goes last: as long as it is there, the point is known to be unfinished. */
static enum outcome remove_unfinished(struct app *app, const uint8_t id[16])
{
    char name[OBJECT_NAME_SIZE];

    name_of_point(id, POINT_METADATA, name);
    enum outcome outcome = app->blocks.remove(app->blocks.self, name);
    name_of_point(id, POINT_ORIGIN, name); /* signed, and killed before its manifest had its name */
    if (outcome == OUT_OK) outcome = app->blocks.remove(app->blocks.self, name);
    name_of_point(id, POINT_RECORD, name);
    if (outcome == OUT_OK) outcome = record_remove(app, name);
    name_of_unfinished(id, name);
    if (outcome == OUT_OK) outcome = record_remove(app, name);
    return outcome == OUT_OK ? app->meta.remove_point(app->meta.self, id) : outcome;
}

enum outcome recover_tidy(struct app *app, struct recovery *recovery)
{
    struct point_list list;

    if (recovery->unfinished_count == 0) return OUT_OK;
    enum outcome outcome = point_list(app, &list);
    for (size_t i = 0; outcome == OUT_OK && i < recovery->unfinished_count; i++) {
        if (!held_elsewhere(app, &list, recovery->unfinished[i], recovery->sessions[i])) {
            outcome = remove_blocks(app, recovery->sessions[i]);
        }
        if (outcome == OUT_OK) outcome = remove_unfinished(app, recovery->unfinished[i]);
    }
    free(list.points);
    return outcome;
}
