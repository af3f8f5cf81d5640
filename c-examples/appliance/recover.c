/* recover.c: brings what lies in the store into the database. recover_tidy.c has the rest. */
#include "recover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_io.h"
#include "text.h"

/* A restore point whose rows are being made. */
struct adoption {
    struct app *app;
    struct point point;
    struct meta_point row;
    uint64_t absent; /* blocks that are missing or not the ones the manifest names */
};

static enum outcome adopt_entry(void *user, const coffre_manifest_entry *entry)
{
    struct adoption *adoption = user;
    const struct meta_store *meta = &adoption->app->meta;
    struct meta_block block;

    if (entry->kind != COFFRE_MANIFEST_BLOCK) return OUT_OK;
    enum outcome outcome = block_peek(adoption->app, &entry->id, entry->session_id, &block);
    if (outcome == OUT_ENVIRONMENT) return outcome;
    if (outcome != OUT_OK ||
        memcmp(block.commitment, entry->commitment, sizeof block.commitment) != 0) {
        adoption->absent++;
        return OUT_OK;
    }
    outcome = meta->put_block(meta->self, &block);
    return outcome == OUT_OK ? meta->put_entry(meta->self, adoption->row.id, entry->position,
                                               &block.id, block.session_id)
                             : outcome;
}

static enum outcome adopt_session(void *user, const coffre_record_entry *entry)
{
    const struct adoption *adoption = user;
    const struct meta_store *meta = &adoption->app->meta;

    if (entry->type != COFFRE_ENTRY_SESSION_KEY) return OUT_OK;
    return meta->put_session(meta->self, entry->id, adoption->row.id);
}

static enum outcome adopt_rows(struct adoption *adoption)
{
    struct app *app = adoption->app;
    enum outcome outcome = app->meta.put_point(app->meta.self, &adoption->row);

    if (outcome == OUT_OK)
        outcome = record_entries(app, &adoption->point.record, adopt_session, adoption);
    return outcome == OUT_OK ? point_walk(app, &adoption->point, adopt_entry, NULL, adoption)
                             : outcome;
}

static enum outcome adopt_open(struct adoption *adoption, const uint8_t id[16])
{
    struct app *app = adoption->app;
    struct point_metadata metadata;
    enum outcome outcome = point_open(app, id, &adoption->point);

    if (outcome != OUT_OK) return outcome;
    memcpy(adoption->row.id, id, ID_SIZE);
    adoption->row.state = POINT_COMPLETE;
    adoption->row.image_size = adoption->point.manifest.image_size;
    adoption->row.block_size = adoption->point.manifest.block_size;
    adoption->row.new_blocks = NUMBER_UNKNOWN;
    adoption->row.new_bytes = NUMBER_UNKNOWN;
    outcome = point_metadata_read(app, &adoption->point, &metadata);
    if (outcome == OUT_ENVIRONMENT) return outcome;
    if (outcome == OUT_OK) {
        adoption->row.created = metadata.created;
        memcpy(adoption->row.name, metadata.name, sizeof adoption->row.name);
    } else {
        out_note(&app->out, "%s; the restore point is kept without a name", app->problem.text);
    }
    return OUT_OK;
}

static enum outcome adopt(struct app *app, struct recovery *recovery, const uint8_t id[16])
{
    struct adoption adoption = {.app = app};
    char text[ID_TEXT_SIZE];
    enum outcome outcome = adopt_open(&adoption, id);

    if (outcome == OUT_OK) outcome = app->meta.begin(app->meta.self);
    if (outcome == OUT_OK) outcome = adopt_rows(&adoption);
    if (outcome == OUT_OK) outcome = app->meta.commit(app->meta.self);
    if (outcome != OUT_OK) app->meta.rollback(app->meta.self);
    point_close(&adoption.point);
    if (outcome == OUT_ENVIRONMENT || outcome == OUT_INTERNAL) return outcome;
    hex_encode(id, ID_SIZE, text);
    if (outcome != OUT_OK) {
        out_note(&app->out, "restore point %s was left as it is: %s", text, app->problem.text);
        recovery->left++;
        recovery->worst = outcome_worse(recovery->worst, outcome);
        return OUT_OK;
    }
    if (adoption.absent > 0) {
        out_note(&app->out,
                 "restore point %s lacks %" PRIu64
                 " of its blocks; `appliance verify %s` names them",
                 text, adoption.absent, text);
    }
    recovery->adopted++;
    return OUT_OK;
}

static enum outcome remember_unfinished(struct app *app, struct recovery *recovery,
                                        const uint8_t id[16], const uint8_t session_id[16])
{
    if (recovery->unfinished_count == recovery->cap) {
        size_t cap = recovery->cap == 0 ? 8 : recovery->cap * 2;
        void *points = realloc(recovery->unfinished, cap * ID_SIZE);
        if (points != NULL) recovery->unfinished = points;
        void *sessions = realloc(recovery->sessions, cap * ID_SIZE);
        if (sessions != NULL) recovery->sessions = sessions;
        if (points == NULL || sessions == NULL)
            return fail(&app->problem, OUT_ENVIRONMENT, "no memory for a list");
        recovery->cap = cap;
    }
    memcpy(recovery->unfinished[recovery->unfinished_count], id, ID_SIZE);
    memcpy(recovery->sessions[recovery->unfinished_count++], session_id, ID_SIZE);
    return OUT_OK;
}

/* A killed backup's point: a row, its session, and no entries. */
static enum outcome take_unfinished(struct app *app, struct recovery *recovery,
                                    const uint8_t id[16])
{
    char name[OBJECT_NAME_SIZE];
    struct record record;
    coffre_record_entry entry;
    size_t count;
    struct meta_point row = {.state = POINT_UNFINISHED};

    name_of_unfinished(id, name);
    enum outcome outcome = record_open(app, &app->keys, name, &record, NULL);
    if (outcome == OUT_ENVIRONMENT) return outcome;
    if (outcome != OUT_OK) {
        out_note(&app->out, "an unfinished backup was left as it is: %s", app->problem.text);
        recovery->left++;
        return OUT_OK;
    }
    /* The only entry is its own session. */
    coffre_status status = coffre_record_entries(&record.view, 0, &entry, 1, &count);
    if (status == COFFRE_OK && count == 0) status = COFFRE_ERR_MISSING_KEY;
    record_close(&record);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    memcpy(row.id, id, ID_SIZE);
    outcome = app->meta.begin(app->meta.self);
    if (outcome == OUT_OK) outcome = app->meta.remove_entries(app->meta.self, id);
    if (outcome == OUT_OK) outcome = app->meta.put_point(app->meta.self, &row);
    if (outcome == OUT_OK) outcome = app->meta.put_session(app->meta.self, entry.id, id);
    if (outcome == OUT_OK) outcome = app->meta.commit(app->meta.self);
    if (outcome != OUT_OK) {
        app->meta.rollback(app->meta.self);
        return outcome;
    }
    return remember_unfinished(app, recovery, id, entry.id);
}

struct block_scan {
    struct app *app;
    struct recovery *recovery;
};

/* A block of an unfinished backup that has no row gets one, if it is whole. */
static enum outcome scan_block(void *user, const char *name)
{
    struct block_scan *scan = user;
    const struct meta_store *meta = &scan->app->meta;
    coffre_block_id id;
    uint8_t session_id[16];
    struct meta_block block;

    if (!name_to_block(name, &id, session_id)) return OUT_OK;
    for (size_t i = 0; i < scan->recovery->unfinished_count; i++) {
        if (memcmp(scan->recovery->sessions[i], session_id, ID_SIZE) != 0) continue;
        bool has_row;
        enum outcome outcome = meta->has_block(meta->self, &id, session_id, &has_row);
        if (outcome != OUT_OK) return outcome;
        scan->recovery->blocks++;
        if (has_row || block_scrub(scan->app, name, &block) != OUT_OK) return OUT_OK;
        return meta->put_block(meta->self, &block);
    }
    return OUT_OK;
}

static enum outcome scan_blocks(struct app *app, struct recovery *recovery)
{
    struct block_scan scan = {app, recovery};

    if (recovery->unfinished_count == 0) return OUT_OK;
    enum outcome outcome = app->meta.begin(app->meta.self);
    if (outcome == OUT_OK)
        outcome = app->blocks.list(app->blocks.self, "blocks/", scan_block, &scan);
    if (outcome == OUT_OK) outcome = app->meta.commit(app->meta.self);
    if (outcome != OUT_OK) app->meta.rollback(app->meta.self);
    if (outcome == OUT_OK) {
        out_note(&app->out, "%zu unfinished backup%s found; %" PRIu64 " blocks of it can be used",
                 recovery->unfinished_count, recovery->unfinished_count == 1 ? "" : "s",
                 recovery->blocks);
    }
    return outcome;
}

static enum outcome recover_one(struct app *app, struct recovery *recovery,
                                const struct point_found *found)
{
    struct meta_point row;
    struct record record;
    char name[OBJECT_NAME_SIZE], text[ID_TEXT_SIZE];
    bool complete = app->meta.find_point(app->meta.self, found->id, &row) == OUT_OK &&
                    row.state == POINT_COMPLETE;

    if (!complete && found->has_manifest) {
        uint64_t left = recovery->left;
        enum outcome outcome = adopt(app, recovery, found->id);
        if (outcome != OUT_OK || recovery->left > left) return outcome;
        complete = true;
    }
    if (!complete && found->unfinished) return take_unfinished(app, recovery, found->id);
    if (!found->has_manifest) {
        hex_encode(found->id, ID_SIZE, text);
        out_note(&app->out,
                 "restore point %s has no manifest beside the blocks: put it back from a copy of "
                 "the repository",
                 text);
        recovery->left++;
        recovery->worst = outcome_worse(recovery->worst, OUT_MISSING);
        return OUT_OK;
    }
    name_of_point(found->id, POINT_RECORD, name);
    enum outcome outcome = record_open(app, &app->keys, name, &record, NULL);
    if (outcome == OUT_ENVIRONMENT) return outcome;
    if (outcome == OUT_OK)
        record_close(&record); /* opening it has repaired the other copy */
    else
        out_note(&app->out, "%s", app->problem.text);
    if (!found->unfinished) return OUT_OK;
    name_of_unfinished(found->id, name);
    return record_remove(app, name);
}

struct stale_row {
    const struct point_list *list;
    uint8_t ids[16][16];
    size_t count;
};

static enum outcome find_stale_row(void *user, const struct meta_point *row)
{
    struct stale_row *stale = user;

    if (row->state == POINT_COMPLETE || stale->count == 16) return OUT_OK;
    for (size_t i = 0; i < stale->list->count; i++) {
        if (memcmp(stale->list->points[i].id, row->id, ID_SIZE) == 0) return OUT_OK;
    }
    memcpy(stale->ids[stale->count++], row->id, ID_SIZE);
    return OUT_OK;
}

/* Rows of unfinished points whose objects are gone. */
static enum outcome remove_stale_rows(struct app *app, const struct point_list *list)
{
    struct stale_row stale = {.list = list};
    enum outcome outcome = app->meta.each_point(app->meta.self, find_stale_row, &stale);

    for (size_t i = 0; outcome == OUT_OK && i < stale.count; i++) {
        outcome = app->meta.remove_point(app->meta.self, stale.ids[i]);
    }
    return outcome;
}

enum outcome recover_points(struct app *app, struct recovery *recovery)
{
    struct point_list list;

    memset(recovery, 0, sizeof *recovery);
    enum outcome outcome = point_list(app, &list);
    for (size_t i = 0; outcome == OUT_OK && i < list.count; i++)
        outcome = recover_one(app, recovery, &list.points[i]);
    if (outcome == OUT_OK) outcome = remove_stale_rows(app, &list);
    if (outcome == OUT_OK) outcome = scan_blocks(app, recovery);
    free(list.points);
    return outcome;
}

void recover_close(struct recovery *recovery)
{
    free(recovery->unfinished);
    free(recovery->sessions);
    memset(recovery, 0, sizeof *recovery);
}
