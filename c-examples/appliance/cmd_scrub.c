/* cmd_scrub.c: reads every object once and says which are damaged or gone, without any key: a
 * storage node can run it. It finds damage, not attack; `verify` finds both. What cannot be read is
 * a finding like others. Nothing is changed.
 */
#include "scrub.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "text.h"

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

void scrub_finding(struct scrub *scrub, enum outcome outcome, const char *name)
{
    struct output *out = &scrub->app->out;
    const char *message = scrub->app->problem.text;

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

static void block_finding(struct scrub *scrub, enum outcome outcome, const char *name,
                          const coffre_block_id *id, const uint8_t session_id[16])
{
    struct problem problem = scrub->app->problem;

    find_affected(scrub, id, session_id);
    scrub->app->problem = problem;
    scrub->bad_blocks++;
    scrub_finding(scrub, outcome, name);
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
    if (outcome != OUT_OK) {
        block_finding(scrub, outcome, name, &id, session_id);
        return OUT_OK;
    }
    scrub->bytes += found.total_len;
    if (app->meta.has_block(app->meta.self, &id, session_id, &has_row) == OUT_OK && !has_row)
        scrub->without_row++;
    return OUT_OK;
}

/* The other way round: is there an object for each row? One that is there was looked at already. */
static enum outcome scrub_row(void *user, const struct meta_block *row)
{
    struct scrub *scrub = user;
    struct app *app = scrub->app;
    char name[OBJECT_NAME_SIZE];
    uint64_t size;

    name_of_block(&row->id, row->session_id, name);
    enum outcome outcome = app->blocks.size(app->blocks.self, name, &size);
    if (outcome == OUT_MISSING || outcome == OUT_ENVIRONMENT)
        block_finding(scrub, outcome, name, &row->id, row->session_id);
    return OUT_OK;
}

static enum outcome scrub_end(struct scrub *scrub)
{
    struct output *out = &scrub->app->out;

    out_number(out, "blocks", scrub->blocks);
    out_number(out, "bytes", scrub->bytes);
    out_number(out, "records", scrub->records);
    out_number(out, "manifests", scrub->manifests);
    out_number(out, "signatures", scrub->signatures);
    out_number(out, "kits", scrub->kits);
    out_number(out, "blocks_without_row", scrub->without_row);
    out_number(out, "unknown_files", scrub->unknown);
    out_number(out, "finding_count", scrub->findings);
    if (scrub->without_row > 0) {
        out_note(out,
                 "%" PRIu64 " blocks are whole but have no row: an unfinished backup's, which the"
                 " next backup uses, or the database is older than the blocks; `appliance rebuild"
                 " --force` makes a new one",
                 scrub->without_row);
    }
    if (scrub->bad_blocks > 0) {
        out_note(out, "the next backup of an image that has the content of such a block stores it"
                      " again; restore points that need the bad one stay as they are");
    }
    if (scrub->worst == OUT_OK) return OUT_OK;
    return fail(&scrub->app->problem, scrub->worst, "%" PRIu64 " finding%s, the gravest: %s",
                scrub->findings, scrub->findings == 1 ? "" : "s", outcome_name(scrub->worst));
}

enum outcome command_scrub(struct app *app)
{
    struct scrub scrub = {.app = app};
    enum outcome outcome = app_open(app, 0);

    if (outcome != OUT_OK) return outcome;
    out_list(&app->out, "findings");
    scrub_records(&scrub);
    scrub_points(&scrub);
    scrub_kits(&scrub);
    outcome = app->blocks.list(app->blocks.self, "blocks/", scrub_block, &scrub);
    if (outcome != OUT_OK) scrub_finding(&scrub, outcome, "blocks/");
    outcome = app->meta.each_block(app->meta.self, scrub_row, &scrub);
    if (outcome != OUT_OK) scrub_finding(&scrub, OUT_INCONSISTENT, DATABASE_FILE);
    out_list_end(&app->out);
    return scrub_end(&scrub);
}
