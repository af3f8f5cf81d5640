/* cmd_scrub.c: reads every object once and says which are damaged or gone, without any key: a
 * storage node can run it. It finds damage, not attack; `verify` finds both. Nothing is changed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_io.h"
#include "commands.h"
#include "text.h"

struct scrub {
    struct app *app;
    uint64_t blocks, bytes, records, manifests, without_row, unknown, findings;
    char affected[1024]; /* restore points that refer to the block at hand */
    enum outcome worst;
};

static enum outcome add_affected(void *user, const struct meta_point *point)
{
    struct scrub *scrub = user;
    char id[ID_TEXT_SIZE];
    size_t used = strlen(scrub->affected);

    hex_encode(point->id, ID_SIZE, id);
    snprintf(scrub->affected + used, sizeof scrub->affected - used, "%s%s", used == 0 ? "" : " ",
             id);
    return OUT_OK;
}

static void find_affected(struct scrub *scrub, const coffre_block_id *id,
                          const uint8_t session_id[16])
{
    const struct meta_store *meta = &scrub->app->meta;

    scrub->affected[0] = '\0';
    if (meta->points_of_block(meta->self, id, session_id, add_affected, scrub) != OUT_OK)
        scrub->affected[0] = '\0';
}

static void finding(struct scrub *scrub, enum outcome outcome, const char *name,
                    const char *message)
{
    struct output *out = &scrub->app->out;

    scrub->findings++;
    scrub->worst = outcome_worse(scrub->worst, outcome);
    out_row(out, "%s: %s%s%s", outcome_name(outcome), message,
            scrub->affected[0] != '\0' ? "; needed by " : "", scrub->affected);
    out_text(out, "object", name);
    out_text(out, "outcome", outcome_name(outcome));
    out_text(out, "message", message);
    out_text(out, "restore_points", scrub->affected);
    out_row_end(out);
    scrub->affected[0] = '\0';
}

static enum outcome scrub_block(void *user, const char *name)
{
    struct scrub *scrub = user;
    struct app *app = scrub->app;
    coffre_block_id id;
    uint8_t session_id[16];
    struct meta_block found;
    bool has_row;

    if (!name_to_block(name, &id, session_id)) {
        scrub->unknown++;
        out_note(&app->out, "%s is not the name of a block; nothing here needs it", name);
        return OUT_OK;
    }
    scrub->blocks++;
    enum outcome outcome = block_scrub(app, name, &found);
    if (outcome == OUT_ENVIRONMENT || outcome == OUT_INTERNAL) return outcome;
    if (outcome != OUT_OK) {
        struct problem problem = app->problem;
        find_affected(scrub, &id, session_id);
        finding(scrub, outcome, name, problem.text);
        return OUT_OK;
    }
    scrub->bytes += found.total_len;
    outcome = app->meta.has_block(app->meta.self, &id, session_id, &has_row);
    if (outcome == OUT_OK && !has_row) scrub->without_row++;
    return outcome;
}

/* The other way round: is there an object for each row? */
static enum outcome scrub_row(void *user, const struct meta_block *row)
{
    struct scrub *scrub = user;
    struct app *app = scrub->app;
    char name[OBJECT_NAME_SIZE];
    uint64_t size;

    name_of_block(&row->id, row->session_id, name);
    enum outcome outcome = app->blocks.size(app->blocks.self, name, &size);
    if (outcome != OUT_MISSING) return outcome;
    struct problem problem = app->problem;
    find_affected(scrub, &row->id, row->session_id);
    finding(scrub, outcome, name, problem.text);
    return OUT_OK;
}

static enum outcome scrub_manifest(struct scrub *scrub, const char *name)
{
    struct app *app = scrub->app;
    uint8_t header[COFFRE_MANIFEST_HEADER_SIZE];
    coffre_manifest_info info;
    uint64_t size = 0;
    enum outcome outcome = app->blocks.size(app->blocks.self, name, &size);

    if (outcome == OUT_OK)
        outcome = app->blocks.read(app->blocks.self, name, 0, header, sizeof header);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_manifest_inspect(header, &info);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    if (size == info.total_len) return OUT_OK;
    return fail(&app->problem, OUT_CORRUPT, "%s: expected %" PRIu64 " bytes, found %" PRIu64, name,
                info.total_len, size);
}

static enum outcome scrub_metadata(struct scrub *scrub, const char *name)
{
    struct app *app = scrub->app;
    coffre_block_info info;
    uint8_t *bytes;
    size_t len;
    enum outcome outcome = store_get(&app->blocks, &app->problem, name, 65536, &bytes, &len);

    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_block_scrub(bytes, len, &info);
    free(bytes);
    return status == COFFRE_OK ? OUT_OK : fail_status(&app->problem, status, "%s", name);
}

static enum outcome scrub_points(struct scrub *scrub)
{
    struct app *app = scrub->app;
    struct point_list list;
    char name[OBJECT_NAME_SIZE];
    enum outcome outcome = point_list(app, &list);

    for (size_t i = 0; outcome == OUT_OK && i < list.count; i++) {
        if (list.points[i].unfinished && !list.points[i].has_manifest) continue;
        scrub->manifests++;
        name_of_point(list.points[i].id, POINT_MANIFEST, name);
        outcome = scrub_manifest(scrub, name);
        if (outcome != OUT_OK) finding(scrub, outcome, name, app->problem.text);
        name_of_point(list.points[i].id, POINT_METADATA, name);
        outcome = scrub_metadata(scrub, name);
        if (outcome != OUT_OK) finding(scrub, outcome, name, app->problem.text);
        outcome = OUT_OK;
    }
    free(list.points);
    return outcome;
}

static enum outcome scrub_records(struct scrub *scrub)
{
    struct app *app = scrub->app;
    struct record_names names;
    struct record record;
    enum outcome outcome = record_names(app, &names);

    for (size_t i = 0; outcome == OUT_OK && i < names.count; i++) {
        scrub->records++;
        enum outcome found = record_read(app, names.names[i], &record);
        if (found == OUT_OK)
            record_close(&record);
        else
            finding(scrub, found, names.names[i], app->problem.text);
    }
    free(names.names);
    return outcome;
}

static enum outcome scrub_run(struct scrub *scrub)
{
    struct app *app = scrub->app;
    enum outcome outcome = app_open(app, 0);

    if (outcome != OUT_OK) return outcome;
    out_list(&app->out, "findings");
    outcome = scrub_records(scrub);
    if (outcome == OUT_OK) outcome = scrub_points(scrub);
    if (outcome == OUT_OK)
        outcome = app->blocks.list(app->blocks.self, "blocks/", scrub_block, scrub);
    if (outcome == OUT_OK) outcome = app->meta.each_block(app->meta.self, scrub_row, scrub);
    out_list_end(&app->out);
    if (outcome != OUT_OK) return outcome;
    out_number(&app->out, "blocks", scrub->blocks);
    out_number(&app->out, "bytes", scrub->bytes);
    out_number(&app->out, "records", scrub->records);
    out_number(&app->out, "manifests", scrub->manifests);
    out_number(&app->out, "blocks_without_row", scrub->without_row);
    out_number(&app->out, "unknown_files", scrub->unknown);
    out_number(&app->out, "finding_count", scrub->findings);
    if (scrub->without_row > 0) {
        out_note(
            &app->out,
            "%" PRIu64 " blocks are whole but have no row: an unfinished backup's, which the next "
            "backup uses, or"
            " the database is older than the blocks; `appliance rebuild --force` makes a new one",
            scrub->without_row);
    }
    if (scrub->worst == OUT_OK) return OUT_OK;
    return fail(&app->problem, scrub->worst, "%" PRIu64 " finding%s, the gravest: %s",
                scrub->findings, scrub->findings == 1 ? "" : "s", outcome_name(scrub->worst));
}

enum outcome command_scrub(struct app *app)
{
    struct scrub scrub = {.app = app};

    return scrub_run(&scrub);
}
