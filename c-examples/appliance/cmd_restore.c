/* cmd_restore.c: writes a restore point to a file. First it makes sure that the target may be
 * written, that the key at hand opens the key record, that the manifest is whole, and of the origin
 * that is demanded; then it writes to a temporary name beside
 * the target, which gets its real name only when the whole manifest was found genuine and
 * everything is on disk. The database is asked for nothing but the installation's id.
 */
#include <stdlib.h>

#include "commands.h"
#include "lanes.h"
#include "origin.h"
#include "progress.h"
#include "restore_target.h"
#include "text.h"

struct restore {
    struct app *app;
    struct point point;
    struct origin_demand demand;
    struct point_origin origin;
    struct lanes lanes;
    uint64_t started, retired; /* blocks that are on their way: the entries between */
    struct progress progress;
    struct restore_target target;
    uint64_t written, holes;
    double seconds;
};

/* A block between the store, a thread that opens it, and the target. */
struct restore_lane {
    struct lane lane; /* first */
    coffre_manifest_entry entry;
    coffre_session session;
    bool digests;
};

static void open_block(void *user, coffre_context *context, struct lane *lane)
{
    struct restore_lane *at = (struct restore_lane *)lane; /* its first member */

    (void)user;
    lane->outcome = block_open(context, &lane->problem, &at->session, at->digests, &at->entry,
                               &lane->buffers, NULL);
}

/* Waits for the oldest block that is on its way, and writes it. */
static enum outcome retire(struct restore *restore)
{
    struct restore_lane *at = lane_at(&restore->lanes, restore->retired++);
    const coffre_manifest_entry *entry = &at->entry;
    const uint8_t *plain = at->lane.buffers.plain;
    enum outcome outcome = lane_wait(restore->app, &restore->lanes, &at->lane);

    if (outcome != OUT_OK) {
        restore->retired = restore->started; /* this is the first failure: nobody asks further */
        return outcome;
    }
    if (all_zero(plain, entry->plain_len)) return OUT_OK; /* the file was made of zeros */
    restore->written += entry->plain_len;
    return target_write(&restore->target, entry->position * restore->point.manifest.block_size,
                        plain, entry->plain_len);
}

static enum outcome restore_entry(void *user, const coffre_manifest_entry *entry)
{
    struct restore *restore = user;
    struct app *app = restore->app;
    struct point *point = &restore->point;
    enum outcome outcome = OUT_OK;

    progress_add(&restore->progress, entry->plain_len);
    if (entry->kind == COFFRE_MANIFEST_HOLE) {
        restore->holes++;
        return OUT_OK;
    }
    if (restore->started - restore->retired == restore->lanes.count) outcome = retire(restore);
    if (outcome == OUT_OK) outcome = point_session(app, point, entry->session_id);
    if (outcome != OUT_OK) return outcome;
    struct restore_lane *at = lane_at(&restore->lanes, restore->started);
    at->entry = *entry;
    at->session = point->session;
    at->digests = (point->manifest.flags & COFFRE_MANIFEST_DIGESTS) != 0;
    outcome = block_read(app, &at->lane.buffers, entry);
    if (outcome != OUT_OK) return outcome;
    lane_start(&restore->lanes, &at->lane);
    restore->started++;
    return OUT_OK;
}

/* What ended the walk is told after what failed for the blocks before it. */
static enum outcome retire_all(struct restore *restore, enum outcome outcome)
{
    struct problem problem = restore->app->problem;

    while (restore->retired < restore->started) {
        enum outcome before = retire(restore);
        if (before != OUT_OK) return before;
    }
    if (outcome != OUT_OK) restore->app->problem = problem;
    return outcome;
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
    outcome = retire_all(restore, outcome);
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
        outcome = lanes_begin(app, restore->point.manifest.block_size, sizeof(struct restore_lane),
                              open_block, NULL, &restore->lanes);
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
    lanes_end(&restore->lanes);
    point_close(&restore->point);
    origin_demand_wipe(&restore->demand);
    free(restore);
    return outcome;
}
