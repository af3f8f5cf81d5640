/* cmd_ls.c: the restore points: the rows of the database, oldest first, each with whether it lies
 * beside the blocks, then those without a row; and the recovery kits. Needs no key; a row proves
 * nothing, and neither does the name in a signature.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "kit_store.h"
#include "origin.h"
#include "text.h"

static void time_text(uint64_t microseconds, char text[32])
{
    time_t when = (time_t)(microseconds / 1000000);
    struct tm parts;

    if (gmtime_r(&when, &parts) == NULL || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        snprintf(text, 32, "%" PRIu64, microseconds);
    }
}

struct listing {
    struct app *app;
    struct point_list found;
    bool *listed; /* per point that was found: it has a row */
    uint64_t rows;
};

/* Whom its signature names; empty without one. */
static void find_signer(struct app *app, const uint8_t id[16], char text[COFFRE_KEY_ID_TEXT_SIZE])
{
    coffre_origin_info info;

    text[0] = '\0';
    if (origin_look(app, id, &info) == OUT_OK) coffre_key_id_text(info.key_id, text);
}

static void print_row(struct app *app, const struct meta_point *point, const char *state,
                      bool has_row, bool lies_there)
{
    char id[ID_TEXT_SIZE], created[32] = "-", size[SIZE_TEXT_SIZE], new_size[SIZE_TEXT_SIZE] = "-";
    char signer[COFFRE_KEY_ID_TEXT_SIZE];

    hex_encode(point->id, ID_SIZE, id);
    if (has_row) time_text(point->created, created);
    size_text(point->image_size, size);
    if (point->new_bytes != NUMBER_UNKNOWN) size_text(point->new_bytes, new_size);
    find_signer(app, point->id, signer);
    out_row(&app->out, "%s  %-20s  %10s  %10s stored  %s%s%s%s", id, created, size, new_size, state,
            point->name, signer[0] == '\0' ? "" : "  signature of ", signer);
    out_text(&app->out, "id", id);
    out_flag(&app->out, "complete", point->state == POINT_COMPLETE);
    out_flag(&app->out, "in_database", has_row);
    out_flag(&app->out, "in_store", lies_there);
    if (has_row) {
        out_text(&app->out, "created", created);
        out_number(&app->out, "created_microseconds", point->created);
    }
    out_number(&app->out, "image_size", point->image_size);
    out_number(&app->out, "block_size", point->block_size);
    if (point->new_bytes != NUMBER_UNKNOWN) {
        out_number(&app->out, "new_blocks", point->new_blocks);
        out_number(&app->out, "new_bytes", point->new_bytes);
    }
    out_text(&app->out, "name", point->name);
    out_text(&app->out, "signature_key_id", signer);
    out_row_end(&app->out);
}

static enum outcome print_point(void *user, const struct meta_point *point)
{
    struct listing *listing = user;
    const struct point_found *found = point_in_list(&listing->found, point->id);
    bool lies_there = found != NULL && !point_is_unfinished(found);

    listing->rows++;
    if (found != NULL) listing->listed[found - listing->found.points] = true;
    print_row(listing->app, point,
              point->state != POINT_COMPLETE ? "(unfinished) "
              : lies_there                   ? ""
                                             : "(missing beside the blocks) ",
              true, lies_there);
    return OUT_OK;
}

/* Without a row there is only what the manifest's header says without a key. */
static void print_without_row(struct app *app, const struct point_found *found)
{
    struct meta_point point = {
        .state = POINT_COMPLETE, .new_blocks = NUMBER_UNKNOWN, .new_bytes = NUMBER_UNKNOWN};
    uint8_t header[COFFRE_MANIFEST_HEADER_SIZE];
    coffre_manifest_info info;
    char name[OBJECT_NAME_SIZE];

    memcpy(point.id, found->id, ID_SIZE);
    name_of_point(found->id, POINT_MANIFEST, name);
    if (app->blocks.read(app->blocks.self, name, 0, header, sizeof header) == OUT_OK &&
        coffre_manifest_inspect(header, &info) == COFFRE_OK) {
        point.image_size = info.image_size;
        point.block_size = info.block_size;
    }
    print_row(app, &point, "(no row in the database)", false, true);
}

static enum outcome list_points(struct listing *listing)
{
    struct app *app = listing->app;
    enum outcome outcome = point_list(app, &listing->found);

    if (outcome != OUT_OK) out_note(&app->out, "%s", app->problem.text);
    listing->listed = calloc(listing->found.count + 1, sizeof *listing->listed);
    if (listing->listed == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    out_list(&app->out, "restore_points");
    outcome = app->meta.each_point(app->meta.self, print_point, listing);
    for (size_t i = 0; outcome == OUT_OK && i < listing->found.count; i++) {
        const struct point_found *found = &listing->found.points[i];
        if (listing->listed[i] || point_is_unfinished(found)) continue;
        print_without_row(app, found);
        listing->rows++;
    }
    out_list_end(&app->out);
    if (outcome == OUT_OK && listing->rows == 0) {
        out_note(&app->out, "no restore point yet; `appliance backup IMAGE` makes the first");
    }
    return outcome;
}

static enum outcome print_kit(void *user, const struct stored_kit *kit)
{
    struct app *app = user;
    char id[COFFRE_KEY_ID_TEXT_SIZE], cost[KIT_COST_SIZE];

    if (!kit->named) return OUT_OK; /* scrub names it */
    if (kit->outcome != OUT_OK) {
        out_note(&app->out, "%s", kit->problem.text);
        return OUT_OK;
    }
    coffre_key_id_text(kit->kit.info.key_id, id);
    out_row(&app->out, "recovery kit of %s, %s, under a password (%s)", id,
            kit_kind_name(&kit->kit.info), kit_cost_text(&kit->kit.info, cost));
    out_text(&app->out, "key_id", id);
    out_text(&app->out, "kind", kit_kind_name(&kit->kit.info));
    out_text(&app->out, "cost", cost);
    out_row_end(&app->out);
    return OUT_OK;
}

static enum outcome list_kits(struct app *app)
{
    out_list(&app->out, "kits");
    enum outcome outcome = kit_store_each(app, print_kit, app);
    out_list_end(&app->out);
    return outcome;
}

enum outcome command_ls(struct app *app)
{
    struct listing listing = {.app = app};
    enum outcome outcome = app_open(app, 0);

    if (outcome == OUT_OK) outcome = list_points(&listing);
    if (outcome == OUT_OK) outcome = list_kits(app);
    free(listing.listed);
    free(listing.found.points);
    return outcome;
}
