/* scrub_points.c: scrubs what makes a restore point: its key record, manifest and metadata have to
 * be there, whole, and of this restore point and installation, all of which they say without a key;
 * and so has a signature, if there is one. See scrub.h.
 */
#include "scrub.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "origin.h"
#include "text.h"

/* Both copies count: the one in the database is what is left when the other is damaged. That the
 * database has none is no finding: a run that was killed in between leaves that, for the next one.
 */
static void scrub_record(struct scrub *scrub, const char *name)
{
    struct app *app = scrub->app;
    struct record record;

    scrub->records++;
    enum outcome beside = record_look(app, name, true);
    if (beside != OUT_OK) scrub_finding(scrub, beside, name);
    enum outcome row = record_look(app, name, false);
    if (row != OUT_OK && row != OUT_MISSING) scrub_finding(scrub, OUT_INCONSISTENT, name);
    if (beside != OUT_OK || row != OUT_OK) return;
    if (record_read(app, name, &record) != OUT_OK) return; /* notes a difference */
    if (record.conflict) {
        fail(&app->problem, OUT_CORRUPT,
             "%s: the copies beside the blocks and in the database differ, and both are of"
             " generation %" PRIu64,
             name, record.info.generation);
        scrub_finding(scrub, OUT_CORRUPT, name);
    }
    record_close(&record);
}

void scrub_records(struct scrub *scrub)
{
    struct record_names names;
    enum outcome outcome = record_names(scrub->app, &names);

    if (outcome != OUT_OK) scrub_finding(scrub, outcome, "points/");
    for (size_t i = 0; i < names.count; i++)
        scrub_record(scrub, names.names[i]);
    free(names.names);
}

static enum outcome wrong_place(struct scrub *scrub, const char *name)
{
    return fail(&scrub->app->problem, OUT_FOREIGN,
                "%s is another restore point's or another installation's", name);
}

static enum outcome scrub_manifest(struct scrub *scrub, const uint8_t id[16], const char *name)
{
    struct app *app = scrub->app;
    uint8_t header[COFFRE_MANIFEST_HEADER_SIZE];
    coffre_manifest_info info;
    enum outcome outcome = object_scrub(app, name, OBJECT_MANIFEST);

    if (outcome == OUT_OK)
        outcome = app->blocks.read(app->blocks.self, name, 0, header, sizeof header);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_manifest_inspect(header, &info);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    bool fits = memcmp(info.restore_point_id, id, ID_SIZE) == 0 &&
                memcmp(info.instance_id, app->installation.id, ID_SIZE) == 0;
    return fits ? OUT_OK : wrong_place(scrub, name);
}

static enum outcome scrub_metadata(struct scrub *scrub, const uint8_t id[16], const char *name)
{
    struct app *app = scrub->app;
    uint8_t header[COFFRE_BLOCK_HEADER_SIZE];
    coffre_block_info info;
    enum outcome outcome = object_scrub(app, name, OBJECT_METADATA);

    if (outcome == OUT_OK)
        outcome = app->blocks.read(app->blocks.self, name, 0, header, sizeof header);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_block_inspect(header, sizeof header, &info);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    bool fits =
        info.id.type == COFFRE_BLOCK_ID_RESTORE_POINT && memcmp(info.id.bytes, id, ID_SIZE) == 0;
    return fits ? OUT_OK : wrong_place(scrub, name);
}

static void scrub_signature(struct scrub *scrub, const uint8_t id[16])
{
    coffre_origin_info info;
    char name[OBJECT_NAME_SIZE];
    enum outcome outcome = origin_look(scrub->app, id, &info);

    if (outcome == OUT_MISSING) return;
    scrub->signatures++;
    name_of_point(id, POINT_ORIGIN, name);
    if (outcome != OUT_OK) scrub_finding(scrub, outcome, name);
}

static void scrub_point(struct scrub *scrub, const struct point_found *found)
{
    struct app *app = scrub->app;
    char name[OBJECT_NAME_SIZE], again[OBJECT_NAME_SIZE];
    uint8_t *bytes = NULL;
    size_t len;

    scrub->manifests++;
    name_of_point(found->id, POINT_RECORD, name);
    if (!found->has_keys &&
        app->meta.get_record(app->meta.self, name, &bytes, &len) == OUT_MISSING) {
        /* in neither place, so that scrub_records did not hear of it */
        fail(&app->problem, OUT_MISSING, "%s is missing", name);
        scrub_finding(scrub, OUT_MISSING, name);
    }
    free(bytes);
    name_of_point(found->id, POINT_MANIFEST, again);
    enum outcome outcome = scrub_manifest(scrub, found->id, again);
    if (outcome != OUT_OK) scrub_finding(scrub, outcome, again);
    name_of_point(found->id, POINT_METADATA, again);
    outcome = scrub_metadata(scrub, found->id, again);
    if (outcome != OUT_OK) scrub_finding(scrub, outcome, again);
    scrub_signature(scrub, found->id);
}

struct lost_row {
    struct scrub *scrub;
    const struct point_list *list;
};

static enum outcome find_lost(void *user, const struct meta_point *row)
{
    const struct lost_row *lost = user;
    const struct block_store *blocks = &lost->scrub->app->blocks;
    char id[ID_TEXT_SIZE], name[OBJECT_NAME_SIZE];
    uint64_t size;

    if (row->state != POINT_COMPLETE || point_in_list(lost->list, row->id) != NULL) return OUT_OK;
    name_of_point(row->id, POINT_MANIFEST, name); /* a backup may have made it meanwhile */
    if (blocks->size(blocks->self, name, &size) == OUT_OK) return OUT_OK;
    hex_encode(row->id, ID_SIZE, id);
    fail(&lost->scrub->app->problem, OUT_MISSING,
         "points/%s is missing; the database has a row for it", id);
    scrub_finding(lost->scrub, OUT_MISSING, id);
    return OUT_OK;
}

void scrub_points(struct scrub *scrub)
{
    struct app *app = scrub->app;
    struct point_list list;
    struct lost_row lost = {scrub, &list};
    enum outcome outcome = point_list(app, &list);

    if (outcome != OUT_OK) scrub_finding(scrub, outcome, "points/");
    for (size_t i = 0; i < list.count; i++) {
        if (!point_is_unfinished(&list.points[i])) scrub_point(scrub, &list.points[i]);
    }
    outcome = app->meta.each_point(app->meta.self, find_lost, &lost);
    if (outcome != OUT_OK) scrub_finding(scrub, OUT_INCONSISTENT, DATABASE_FILE);
    free(list.points);
}
