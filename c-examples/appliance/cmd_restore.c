/* cmd_restore.c: writes a restore point to a file. First it makes sure that the target may be
 * written, that the key at hand opens the key record, that the manifest is whole, and of the origin
 * that is demanded; then it writes to a temporary name beside
 * the target, which gets its real name only when the whole manifest was found genuine and
 * everything is on disk. The database is asked for nothing but the installation's id.
 */
#include <stdlib.h>

#include "block_io.h"
#include "commands.h"
#include "origin.h"
#include "progress.h"
#include "restore_target.h"
#include "text.h"

struct restore {
    struct app *app;
    struct point point;
    struct origin_demand demand;
    struct point_origin origin;
    struct block_buffers buffers;
    struct progress progress;
    struct restore_target target;
    uint64_t written, holes;
    double seconds;
};

static enum outcome restore_entry(void *user, const coffre_manifest_entry *entry)
{
    struct restore *restore = user;

    progress_add(&restore->progress, entry->plain_len);
    if (entry->kind == COFFRE_MANIFEST_HOLE) {
        restore->holes++;
        return OUT_OK;
    }
    enum outcome outcome =
        block_fetch(restore->app, &restore->buffers, &restore->point, entry, NULL);
    if (outcome != OUT_OK) return outcome;
    if (all_zero(restore->buffers.plain, entry->plain_len))
        return OUT_OK; /* the file was made of zeros */
    restore->written += entry->plain_len;
    return target_write(&restore->target, entry->position * restore->buffers.block_size,
                        restore->buffers.plain, entry->plain_len);
}

static enum outcome write_image(struct restore *restore)
{
    struct app *app = restore->app;
    uint64_t size = restore->point.manifest.image_size;
    enum outcome outcome = target_open(&restore->target, size);

    if (outcome != OUT_OK) return outcome;
    progress_begin(&restore->progress, "restore", NULL, size,
                   !app->options.json && !app->options.quiet);
    outcome = point_walk(app, &restore->point, restore_entry, NULL, restore);
    restore->seconds = progress_end(&restore->progress);
    return outcome == OUT_OK ? target_finish(&restore->target) : outcome;
}

/* Before anything is created. What it says is said again by the walk that restores, so that nobody
 * exchanges the manifest in between. */
static enum outcome check_manifest(struct restore *restore)
{
    struct app *app = restore->app;

    origin_ask(&restore->demand, &restore->point, &restore->origin);
    enum outcome outcome = point_walk(app, &restore->point, NULL, NULL, NULL);
    if (outcome == OUT_OK && restore->origin.outcome != OUT_OK)
        out_note(&app->out, "%s; who made it is not known", restore->origin.problem.text);
    return outcome;
}

static enum outcome restore_run(struct restore *restore)
{
    struct app *app = restore->app;
    uint8_t point_id[ID_SIZE];
    char id[ID_TEXT_SIZE];
    enum outcome outcome = app_open(app, APP_KEYS);

    if (outcome == OUT_OK) outcome = origin_demand_read(app, &restore->demand);
    if (outcome == OUT_OK) outcome = point_find(app, app->options.arguments[0], point_id);
    if (outcome == OUT_OK) {
        outcome = target_check(&app->problem, app->options.arguments[1], app->options.force,
                               &restore->target);
    }
    if (outcome == OUT_OK)
        outcome = target_keep_out(&restore->target, app->options.repo, "the repository");
    if (outcome == OUT_OK)
        outcome = target_keep_out(&restore->target, app->options.keys, "the keys directory");
    if (outcome == OUT_OK)
        outcome = point_open(app, point_id, &restore->point); /* the key's check is in here */
    if (outcome == OUT_OK) outcome = check_manifest(restore);
    if (outcome == OUT_OK)
        outcome = block_buffers_make(app, restore->point.manifest.block_size, &restore->buffers);
    if (outcome == OUT_OK) outcome = write_image(restore);
    if (outcome != OUT_OK) return outcome;
    hex_encode(point_id, ID_SIZE, id);
    out_text(&app->out, "restore_point", id);
    origin_print(&app->out, &restore->origin);
    out_text(&app->out, "target", restore->target.path);
    out_number(&app->out, "image_size", restore->point.manifest.image_size);
    out_number(&app->out, "bytes_written", restore->written);
    out_number(&app->out, "holes", restore->holes);
    out_real(&app->out, "seconds", restore->seconds);
    out_real(&app->out, "mib_per_second",
             restore->seconds > 0
                 ? (double)restore->point.manifest.image_size / 1048576 / restore->seconds
                 : 0);
    return OUT_OK;
}

enum outcome command_restore(struct app *app)
{
    struct restore *restore = calloc(1, sizeof *restore);

    if (restore == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    restore->app = app;
    restore->target.fd = -1;
    enum outcome outcome = restore_run(restore);
    target_close(&restore->target);
    block_buffers_free(&restore->buffers);
    point_close(&restore->point);
    origin_demand_wipe(&restore->demand);
    free(restore);
    return outcome;
}
