/* backup_image.c: see backup_image.h. A block goes through its lane in four steps:
 *
 *   start    main thread     is it in a hole? else its lane is given to the threads
 *   look     a thread        reads and names it
 *   decide   main thread     is its content stored already, or on its way? else it is given again
 *   seal     a thread
 *   retire   main thread     stores it, its row, and its entry of the manifest
 *
 * start, decide and retire each go through the image in order.
 */
#include "backup_image.h"

#include <string.h>

#include "text.h"

#define NEW_BLOCKS_PER_COMMIT 256u
#define POSITIONS_PER_COMMIT  4096u

enum fate {
    HOLE,
    STORED, /* `row` and `digest` are those of the stored block */
    NEW,    /* sealed by this lane */
    AGAIN   /* the same content is sealed by a lane before this one */
};

struct backup_lane {
    struct lane lane; /* first */
    uint64_t position, offset;
    size_t len;
    enum fate fate;
    bool looked, zero;
    coffre_block_id id;
    struct meta_block row;
    uint8_t digest[32];
};

static void look(struct image_backup *backup, coffre_context *context, struct backup_lane *at)
{
    uint8_t *plain = at->lane.buffers.plain;

    at->lane.outcome =
        image_read(&at->lane.problem, &backup->image, at->offset, plain, at->len);
    if (at->lane.outcome != OUT_OK) return;
    coffre_status status = coffre_block_id_hash(context, &backup->id_key, plain, at->len, &at->id);
    if (status != COFFRE_OK)
        at->lane.outcome = fail_status(&at->lane.problem, status, "cannot name a block");
    at->zero = all_zero(plain, at->len); /* the library stores it in its short form */
    at->looked = true;
}

static void work(void *user, coffre_context *context, struct lane *lane)
{
    struct image_backup *backup = user;
    struct backup_lane *at = (struct backup_lane *)lane; /* its first member */

    if (!at->looked) {
        look(backup, context, at);
        return;
    }
    coffre_status status =
        block_seal(context, &backup->point.session, &at->id, at->len, &lane->buffers, &at->row,
                   backup->point.making.digests ? at->digest : NULL);
    if (status != COFFRE_OK)
        lane->outcome = fail_status(&lane->problem, status, "cannot seal a block");
}

enum outcome image_backup_begin(struct app *app, size_t block_size, bool digests,
                                struct image_backup *backup)
{
    backup->app = app;
    backup->block_size = block_size;
    enum outcome outcome = lanes_begin(app, block_size, sizeof(struct backup_lane), work, backup,
                                       &backup->lanes);
    if (outcome != OUT_OK) return outcome;
    return stored_blocks_begin(app, &backup->point, block_size, digests, &backup->stored);
}

static void start(struct image_backup *backup, uint64_t position)
{
    struct backup_lane *at = lane_at(&backup->lanes, position);
    uint64_t rest;

    at->position = position;
    at->offset = position * backup->block_size;
    rest = backup->image.size - at->offset;
    at->len = rest < backup->block_size ? (size_t)rest : backup->block_size;
    at->looked = false;
    at->fate = image_is_hole(&backup->image, at->offset, at->len) ? HOLE : NEW;
    if (at->fate != HOLE) lane_start(&backup->lanes, &at->lane);
}

/* Is a lane between the oldest and this one sealing the same content? */
static bool on_its_way(struct image_backup *backup, const struct backup_lane *at, uint64_t oldest)
{
    for (uint64_t position = oldest; position < at->position; position++) {
        const struct backup_lane *other = lane_at(&backup->lanes, position);
        if (other->fate == NEW && other->len == at->len &&
            memcmp(&other->id, &at->id, sizeof at->id) == 0)
            return true;
    }
    return false;
}

static enum outcome decide(struct image_backup *backup, struct backup_lane *at, uint64_t oldest)
{
    bool found;

    if (at->fate == HOLE) return OUT_OK;
    enum outcome outcome = lane_wait(backup->app, &backup->lanes, &at->lane);
    if (outcome != OUT_OK) return outcome;
    if (at->zero) backup->zeros++;
    if (on_its_way(backup, at, oldest)) {
        at->fate = AGAIN;
        return OUT_OK;
    }
    outcome = stored_blocks_find(&backup->stored, &at->lane.buffers, &at->id, at->len, &at->row,
                                 at->digest, &found);
    if (outcome != OUT_OK) return outcome;
    if (found)
        at->fate = STORED;
    else
        lane_start(&backup->lanes, &at->lane);
    return OUT_OK;
}

static enum outcome store_new(struct image_backup *backup, struct backup_lane *at)
{
    struct app *app = backup->app;
    enum outcome outcome = lane_wait(app, &backup->lanes, &at->lane);

    if (outcome == OUT_OK) outcome = block_store_sealed(app, &at->lane.buffers, &at->row);
    if (outcome == OUT_OK) outcome = app->meta.put_block(app->meta.self, &at->row);
    if (outcome != OUT_OK) return outcome;
    stored_blocks_add(&backup->stored, &at->row, at->digest);
    backup->point.row.new_blocks++;
    backup->point.row.new_bytes += at->row.total_len;
    backup->uncommitted_blocks++;
    return OUT_OK;
}

static enum outcome retire(struct image_backup *backup, struct backup_lane *at)
{
    enum outcome outcome = OUT_OK;
    bool found = true;

    progress_add(&backup->progress, at->len);
    if (at->fate == HOLE) {
        backup->holes++;
        return point_writer_add(&backup->point, at->position, NULL, NULL);
    }
    if (at->fate == AGAIN) {
        outcome = stored_blocks_find(&backup->stored, &at->lane.buffers, &at->id, at->len, &at->row,
                                     at->digest, &found);
        if (outcome == OUT_OK && !found) lane_start(&backup->lanes, &at->lane);
    }
    if (outcome == OUT_OK && (at->fate == NEW || !found))
        outcome = store_new(backup, at);
    else
        backup->reused++;
    if (outcome != OUT_OK) return outcome;
    return point_writer_add(&backup->point, at->position, &at->row, at->digest);
}

/* Rows follow their blocks: what is committed here was made durable just before. */
static enum outcome commit_batch(struct image_backup *backup)
{
    struct app *app = backup->app;
    enum outcome outcome = app->blocks.sync(app->blocks.self);

    if (outcome == OUT_OK) outcome = app->meta.commit(app->meta.self);
    backup->uncommitted_blocks = 0;
    backup->uncommitted_positions = 0;
    return outcome;
}

static enum outcome all_blocks(struct image_backup *backup)
{
    struct app *app = backup->app;
    struct lanes *lanes = &backup->lanes;
    uint64_t total = (backup->image.size + backup->block_size - 1) / backup->block_size;
    uint64_t started = 0, decided = 0, retired = 0;
    enum outcome outcome = OUT_OK, undecided = OUT_OK; /* of the block at `decided` */
    struct problem problem = {0};

    while (outcome == OUT_OK && retired < total) {
        while (started < total && started - retired < lanes->count)
            start(backup, started++);
        /* As far as the threads have looked; at least the next one to retire. */
        while (undecided == OUT_OK && decided < started) {
            struct backup_lane *next = lane_at(lanes, decided);
            bool ready = next->fate == HOLE || lane_is_done(lanes, &next->lane);
            if (!ready && decided > retired) break;
            undecided = decide(backup, next, retired);
            if (undecided == OUT_OK)
                decided++;
            else
                problem = app->problem;
        }
        if (retired == decided) { /* all before it are stored: now it is told */
            app->problem = problem;
            return undecided;
        }
        outcome = retire(backup, lane_at(lanes, retired++));
        backup->uncommitted_positions++;
        if (outcome == OUT_OK && (backup->uncommitted_blocks >= NEW_BLOCKS_PER_COMMIT ||
                                  backup->uncommitted_positions >= POSITIONS_PER_COMMIT)) {
            outcome = commit_batch(backup);
            if (outcome == OUT_OK) outcome = app->meta.begin(app->meta.self);
        }
    }
    return outcome;
}

enum outcome image_backup_run(struct image_backup *backup)
{
    struct app *app = backup->app;
    enum outcome outcome = app->meta.begin(app->meta.self);

    progress_begin(&backup->progress, "backup", NULL, backup->image.size,
                   !app->options.json && !app->options.quiet);
    if (outcome == OUT_OK) outcome = all_blocks(backup);
    if (outcome == OUT_OK) outcome = commit_batch(backup);
    if (outcome == OUT_OK) outcome = point_writer_finish(&backup->point);
    backup->seconds = progress_end(&backup->progress);
    return outcome;
}

void image_backup_end(struct image_backup *backup)
{
    lanes_end(&backup->lanes); /* first: the threads use everything else */
    stored_blocks_end(&backup->stored);
    point_writer_close(&backup->point);
    coffre_id_key_wipe(&backup->id_key);
    image_close(&backup->image);
}
