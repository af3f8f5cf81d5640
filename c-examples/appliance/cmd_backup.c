/* cmd_backup.c: everything around backup_image.h: what the restore point is made with, and what is
 * said of it at the end. What a killed run leaves is recover.h's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup_image.h"
#include "commands.h"
#include "origin.h"
#include "recover.h"
#include "repository.h"
#include "text.h"

#define BLOCK_SIZE_DEFAULT 1048576u

struct backup {
    struct app *app;
    struct image_backup run;
    struct recovery recovery;
    struct origin_signer signer; /* with --origin-key */
    struct kept_keys kept;
};

static void describe_point(const struct backup *backup, uint32_t block_size, struct meta_point *row)
{
    const struct options *options = &backup->app->options;
    const char *path = backup->run.image.path, *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;

    memset(row, 0, sizeof *row);
    row->created = microseconds_now();
    row->image_size = backup->run.image.size;
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
    struct image_backup *run = &backup->run;
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
        outcome = image_open(&app->problem, app->options.arguments[0], &run->image);
    if (outcome == OUT_OK) outcome = recover_points(app, &backup->recovery);
    if (outcome == OUT_OK) outcome = repository_id_key(app, &run->id_key, &making.epoch);
    if (outcome == OUT_OK) outcome = image_backup_begin(app, block_size, making.digests, run);
    if (outcome != OUT_OK) return outcome;
    describe_point(backup, block_size, &row);
    return point_writer_begin(app, &row, &making, &run->point);
}

static void print_backup(const struct backup *backup)
{
    struct output *out = &backup->app->out;
    const struct image_backup *run = &backup->run;
    const struct meta_point *row = &run->point.row;
    char id[ID_TEXT_SIZE], signer[COFFRE_KEY_ID_TEXT_SIZE];

    hex_encode(row->id, ID_SIZE, id);
    out_text(out, "restore_point", id);
    out_text(out, "name", row->name);
    out_flag(out, "digests", run->point.making.digests);
    if (run->point.making.signer != NULL) {
        coffre_key_id_text(backup->signer.key_id, signer);
        out_text(out, "signed_by", signer);
    }
    out_number(out, "image_size", row->image_size);
    out_number(out, "block_size", row->block_size);
    out_number(out, "new_blocks", row->new_blocks);
    out_number(out, "new_bytes", row->new_bytes);
    out_number(out, "reused_blocks", run->reused);
    out_number(out, "zero_blocks", run->zeros);
    out_number(out, "holes", run->holes);
    out_number(out, "rows_that_did_not_fit", run->stored.misfits);
    out_number(out, "damaged_blocks", run->stored.damaged);
    out_number(out, "bytes_checked", run->stored.read_bytes);
    out_number(out, "other_sessions", run->point.taken_count);
    out_number(out, "resumed_backups", backup->recovery.unfinished_count);
    out_real(out, "seconds", run->seconds);
    out_real(out, "mib_per_second",
             run->seconds > 0 ? (double)row->image_size / 1048576 / run->seconds : 0);
}

enum outcome command_backup(struct app *app)
{
    struct backup *backup = calloc(1, sizeof *backup);

    if (backup == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    backup->app = app;
    backup->run.image.fd = -1;
    enum outcome outcome = app_open(app, APP_WRITES | APP_KEYS);
    if (outcome == OUT_OK) outcome = backup_prepare(backup);
    if (outcome == OUT_OK) outcome = image_backup_run(&backup->run);
    if (outcome == OUT_OK) outcome = recover_tidy(app, &backup->recovery);
    if (outcome == OUT_OK) print_backup(backup);
    image_backup_end(&backup->run);
    origin_signer_wipe(&backup->signer);
    kept_keys_wipe(&backup->kept);
    recover_close(&backup->recovery);
    free(backup);
    return outcome;
}
