/* point.c: opens a restore point and walks its manifest. See point.h. */
#include "point.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "origin.h"

enum outcome point_open(struct app *app, const uint8_t id[16], struct point *point)
{
    char name[OBJECT_NAME_SIZE];
    uint64_t size = 0;

    memset(point, 0, sizeof *point);
    memcpy(point->id, id, sizeof point->id);
    name_of_point(id, POINT_RECORD, name);
    enum outcome outcome = record_open(app, &app->keys, name, &point->record, NULL);
    if (outcome != OUT_OK) return outcome;
    name_of_point(id, POINT_MANIFEST, name);
    outcome = app->blocks.size(app->blocks.self, name, &size);
    if (outcome == OUT_OK)
        outcome = app->blocks.read(app->blocks.self, name, 0, point->header, sizeof point->header);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_manifest_inspect(point->header, &point->manifest);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    if (memcmp(point->manifest.restore_point_id, id, sizeof point->id) != 0) {
        return fail(&app->problem, OUT_FOREIGN, "%s is the manifest of another restore point",
                    name);
    }
    if (size != point->manifest.total_len) {
        return fail(&app->problem, OUT_CORRUPT, "%s: expected %" PRIu64 " bytes, found %" PRIu64,
                    name, point->manifest.total_len, size);
    }
    return OUT_OK;
}

void point_close(struct point *point)
{
    if (point->has_session) coffre_session_wipe(&point->session);
    point->has_session = false;
    record_close(&point->record);
}

enum outcome point_session(struct app *app, struct point *point, const uint8_t session_id[16])
{
    if (point->has_session && memcmp(point->session_id, session_id, sizeof point->session_id) == 0)
        return OUT_OK;
    if (point->has_session) coffre_session_wipe(&point->session);
    coffre_status status = coffre_record_session(&app->context, &point->record.keys,
                                                 &point->record.view, session_id, &point->session);
    point->has_session = status == COFFRE_OK;
    if (status != COFFRE_OK)
        return fail_status(&app->problem, status, "the key record has no usable session key");
    memcpy(point->session_id, session_id, sizeof point->session_id);
    return OUT_OK;
}

/* A manifest that is being read. */
struct walk {
    struct app *app;
    struct point *point;
    char name[OBJECT_NAME_SIZE];
    uint64_t offset;
    coffre_manifest_reader reader;
    uint8_t *bytes;
    entry_visit visit;
    segment_visit bad;
    void *user;
};

static enum outcome read_segment(struct walk *walk, uint64_t segment, size_t *len)
{
    const struct block_store *store = &walk->app->blocks;

    *len = coffre_manifest_segment_size(&walk->point->manifest, segment);
    if (*len > COFFRE_MANIFEST_SEGMENT_MAX) {
        return fail(&walk->app->problem, OUT_INTERNAL, "segment of %zu bytes", *len);
    }
    uint64_t offset = walk->offset;
    walk->offset += *len;
    enum outcome outcome = store->read(store->self, walk->name, offset, walk->bytes, *len);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_manifest_segment(&walk->reader, segment, walk->bytes, *len);
    if (status == COFFRE_OK) return OUT_OK;
    return fail_status(&walk->app->problem, status, "%s, segment %" PRIu64, walk->name, segment);
}

static enum outcome visit_entries(struct walk *walk, uint64_t segment, size_t len)
{
    coffre_manifest_entry entry;

    for (size_t i = 0;; i++) {
        coffre_status status =
            coffre_manifest_entry_at(&walk->reader, segment, walk->bytes, len, i, &entry);
        if (status == COFFRE_ERR_NOT_FOUND) return OUT_OK; /* past the last */
        if (status != COFFRE_OK) return fail_status(&walk->app->problem, status, "%s", walk->name);
        enum outcome outcome = walk->visit == NULL ? OUT_OK : walk->visit(walk->user, &entry);
        if (outcome != OUT_OK) return outcome;
    }
}

static enum outcome walk_segments(struct walk *walk)
{
    uint64_t segments = coffre_manifest_segment_count(&walk->point->manifest);
    size_t len;
    enum outcome worst = OUT_OK;

    for (uint64_t segment = 0; segment < segments; segment++) {
        enum outcome outcome = read_segment(walk, segment, &len);
        if (outcome != OUT_OK && walk->bad == NULL) return outcome;
        if (outcome != OUT_OK) {
            worst = outcome_worse(worst, outcome);
            outcome = walk->bad(walk->user, segment, outcome);
            if (outcome != OUT_OK) return outcome;
            continue;
        }
        outcome = visit_entries(walk, segment, len);
        if (outcome != OUT_OK) return outcome;
    }
    return worst;
}

static enum outcome walk_manifest(struct walk *walk)
{
    const struct block_store *store = &walk->app->blocks;
    uint8_t trailer[COFFRE_MANIFEST_TRAILER_SIZE];
    coffre_status status = coffre_manifest_open(
        &walk->app->context, NULL, &walk->point->record.keys, walk->point->header, &walk->reader);

    if (status != COFFRE_OK) return fail_status(&walk->app->problem, status, "%s", walk->name);
    walk->offset = sizeof walk->point->header;
    enum outcome outcome = walk_segments(walk);
    if (outcome != OUT_OK) return outcome;
    outcome = store->read(store->self, walk->name, walk->offset, trailer, sizeof trailer);
    return outcome == OUT_OK ? origin_close(walk->app, walk->point, &walk->reader, trailer)
                             : outcome;
}

enum outcome point_walk(struct app *app, struct point *point, entry_visit visit, segment_visit bad,
                        void *user)
{
    struct walk walk = {.app = app, .point = point, .visit = visit, .bad = bad, .user = user};

    name_of_point(point->id, POINT_MANIFEST, walk.name);
    walk.bytes = malloc(COFFRE_MANIFEST_SEGMENT_MAX);
    if (walk.bytes == NULL)
        return fail(&app->problem, OUT_ENVIRONMENT, "no memory for a segment of %s", walk.name);
    enum outcome outcome = walk_manifest(&walk);
    coffre_manifest_reader_wipe(&walk.reader);
    free(walk.bytes);
    return outcome;
}
