/* cmd_backup.c: reads the image block by block; a block whose content is stored already and whole
 * (stored_blocks.h) is referred to, the others are sealed and stored. The order of writes is
 * point_writer.h's, what a killed run leaves is recover.h's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_io.h"
#include "commands.h"
#include "image.h"
#include "origin.h"
#include "point_writer.h"
#include "progress.h"
#include "recover.h"
#include "repository.h"
#include "stored_blocks.h"
#include "text.h"

#define BLOCK_SIZE_DEFAULT    1048576u
#define NEW_BLOCKS_PER_COMMIT 256u
#define POSITIONS_PER_COMMIT  4096u

struct backup {
    struct app *app;
    struct image image;
    struct recovery recovery;
    struct block_buffers buffers;
    struct point_writer point;
    struct progress progress;
    coffre_id_key id_key;
    uint64_t epoch;
    struct stored_blocks stored;
    struct origin_signer signer; /* with --origin-key */
    struct kept_keys kept;
    uint64_t holes, reused, zeros;
    uint64_t uncommitted_blocks, uncommitted_positions;
    double seconds;
};

/* Rows follow their blocks: what is committed here was made durable just before. */
static enum outcome commit_batch(struct backup *backup)
{
    struct app *app = backup->app;
    enum outcome outcome = app->blocks.sync(app->blocks.self);

    if (outcome == OUT_OK) outcome = app->meta.commit(app->meta.self);
    backup->uncommitted_blocks = 0;
    backup->uncommitted_positions = 0;
    return outcome;
}

static enum outcome store_new(struct backup *backup, const coffre_block_id *id, size_t len,
                              struct meta_block *block, uint8_t digest[32])
{
    struct app *app = backup->app;
    enum outcome outcome =
        block_store_sealed(app, &backup->buffers, &backup->point.session, id, len, block,
                           backup->point.making.digests ? digest : NULL);

    if (outcome == OUT_OK) outcome = app->meta.put_block(app->meta.self, block);
    if (outcome == OUT_OK) stored_blocks_add(&backup->stored, block, digest);
    backup->point.row.new_blocks++;
    backup->point.row.new_bytes += block->total_len;
    backup->uncommitted_blocks++;
    return outcome;
}

static enum outcome backup_position(struct backup *backup, uint64_t position)
{
    struct app *app = backup->app;
    uint8_t *plain = backup->buffers.plain;
    uint64_t offset = position * backup->buffers.block_size, rest = backup->image.size - offset;
    size_t len = rest < backup->buffers.block_size ? (size_t)rest : backup->buffers.block_size;
    coffre_block_id id;
    struct meta_block block;
    uint8_t digest[32] = {0};
    bool found;

    if (image_is_hole(&backup->image, offset, len)) {
        backup->holes++;
        return point_writer_add(&backup->point, position, NULL, NULL);
    }
    enum outcome outcome = image_read(&app->problem, &backup->image, offset, plain, len);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_block_id_hash(&app->context, &backup->id_key, plain, len, &id);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "cannot name a block");
    if (all_zero(plain, len)) backup->zeros++; /* the library stores it in its short form */
    outcome = stored_blocks_find(&backup->stored, &id, len, &block, digest, &found);
    if (outcome != OUT_OK) return outcome;
    if (found)
        backup->reused++;
    else
        outcome = store_new(backup, &id, len, &block, digest);
    return outcome == OUT_OK ? point_writer_add(&backup->point, position, &block, digest) : outcome;
}

static enum outcome backup_image(struct backup *backup)
{
    struct app *app = backup->app;
    uint64_t size = backup->image.size, block_size = backup->buffers.block_size;
    enum outcome outcome = app->meta.begin(app->meta.self);

    progress_begin(&backup->progress, "backup", NULL, size,
                   !app->options.json && !app->options.quiet);
    for (uint64_t position = 0; outcome == OUT_OK && position * block_size < size; position++) {
        outcome = backup_position(backup, position);
        progress_add(&backup->progress,
                     position * block_size + block_size > size ? size % block_size : block_size);
        backup->uncommitted_positions++;
        if (outcome == OUT_OK && (backup->uncommitted_blocks >= NEW_BLOCKS_PER_COMMIT ||
                                  backup->uncommitted_positions >= POSITIONS_PER_COMMIT)) {
            outcome = commit_batch(backup);
            if (outcome == OUT_OK) outcome = app->meta.begin(app->meta.self);
        }
    }
    if (outcome == OUT_OK) outcome = commit_batch(backup);
    if (outcome == OUT_OK) outcome = point_writer_finish(&backup->point);
    backup->seconds = progress_end(&backup->progress);
    return outcome;
}

static void describe_point(const struct backup *backup, uint32_t block_size, struct meta_point *row)
{
    const struct options *options = &backup->app->options;
    const char *slash = strrchr(backup->image.path, '/');
    const char *name = slash == NULL ? backup->image.path : slash + 1;

    memset(row, 0, sizeof *row);
    row->created = microseconds_now();
    row->image_size = backup->image.size;
    row->block_size = block_size;
    snprintf(row->name, sizeof row->name, "%s", options->name != NULL ? options->name : name);
}

/* The repository's recipients are, or will be, the restore point's. */
static enum outcome read_signer(struct backup *backup, struct point_making *making)
{
    struct app *app = backup->app;
    struct record record;
    enum outcome outcome = origin_signer_read(app, app->options.origin_key, &backup->signer);

    if (outcome == OUT_OK) outcome = record_open(app, &app->keys, REPOSITORY_RECORD, &record, NULL);
    if (outcome != OUT_OK) return outcome;
    outcome = origin_may_sign(app, &backup->signer, &record);
    record_close(&record);
    making->signer = &backup->signer;
    making->digests = true;
    return outcome;
}

static enum outcome backup_prepare(struct backup *backup)
{
    struct app *app = backup->app;
    uint32_t block_size =
        app->options.block_size == 0 ? BLOCK_SIZE_DEFAULT : app->options.block_size;
    struct meta_point row;
    struct point_making making = {.digests = app->options.digests};
    enum outcome outcome = repository_check(app, false);

    if (outcome == OUT_OK && app->options.origin_key != NULL)
        outcome = read_signer(backup, &making);
    if (outcome == OUT_OK) outcome = kept_keys_load(app, &backup->kept);
    making.kept = &backup->kept;

    if (outcome == OUT_OK)
        outcome = image_open(&app->problem, app->options.arguments[0], &backup->image);
    if (outcome == OUT_OK) outcome = recover_points(app, &backup->recovery);
    if (outcome == OUT_OK) outcome = repository_id_key(app, &backup->id_key, &backup->epoch);
    if (outcome == OUT_OK) outcome = block_buffers_make(app, block_size, &backup->buffers);
    if (outcome == OUT_OK) {
        outcome = stored_blocks_begin(app, &backup->point, &backup->buffers, making.digests,
                                      &backup->stored);
    }
    if (outcome != OUT_OK) return outcome;
    describe_point(backup, block_size, &row);
    making.epoch = backup->epoch;
    return point_writer_begin(app, &row, &making, &backup->point);
}

static void print_backup(const struct backup *backup)
{
    struct output *out = &backup->app->out;
    const struct meta_point *row = &backup->point.row;
    char id[ID_TEXT_SIZE], signer[COFFRE_KEY_ID_TEXT_SIZE];

    hex_encode(row->id, ID_SIZE, id);
    out_text(out, "restore_point", id);
    out_text(out, "name", row->name);
    out_flag(out, "digests", backup->point.making.digests);
    if (backup->point.making.signer != NULL) {
        coffre_key_id_text(backup->signer.key_id, signer);
        out_text(out, "signed_by", signer);
    }
    out_number(out, "image_size", row->image_size);
    out_number(out, "block_size", row->block_size);
    out_number(out, "new_blocks", row->new_blocks);
    out_number(out, "new_bytes", row->new_bytes);
    out_number(out, "reused_blocks", backup->reused);
    out_number(out, "zero_blocks", backup->zeros);
    out_number(out, "holes", backup->holes);
    out_number(out, "rows_that_did_not_fit", backup->stored.misfits);
    out_number(out, "damaged_blocks", backup->stored.damaged);
    out_number(out, "bytes_checked", backup->stored.read_bytes);
    out_number(out, "other_sessions", backup->point.taken_count);
    out_number(out, "resumed_backups", backup->recovery.unfinished_count);
    out_real(out, "seconds", backup->seconds);
    out_real(out, "mib_per_second",
             backup->seconds > 0 ? (double)row->image_size / 1048576 / backup->seconds : 0);
}

enum outcome command_backup(struct app *app)
{
    struct backup *backup = calloc(1, sizeof *backup);

    if (backup == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    backup->app = app;
    backup->image.fd = -1;
    enum outcome outcome = app_open(app, APP_WRITES | APP_KEYS);
    if (outcome == OUT_OK) outcome = backup_prepare(backup);
    if (outcome == OUT_OK) outcome = backup_image(backup);
    if (outcome == OUT_OK) outcome = recover_tidy(app, &backup->recovery);
    if (outcome == OUT_OK) print_backup(backup);
    coffre_id_key_wipe(&backup->id_key);
    origin_signer_wipe(&backup->signer);
    kept_keys_wipe(&backup->kept);
    point_writer_close(&backup->point);
    stored_blocks_end(&backup->stored);
    block_buffers_free(&backup->buffers);
    recover_close(&backup->recovery);
    image_close(&backup->image);
    free(backup);
    return outcome;
}
