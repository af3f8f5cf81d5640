/* cmd_verify.c: opens every block of one or all restore points with the key, as a restore would,
 * and compares the database's rows with the manifests. It goes on after a failure and names each;
 * nothing is changed. The manifest decides: a row that contradicts it is a fault of the database
 * alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_io.h"
#include "commands.h"
#include "progress.h"
#include "repository.h"
#include "text.h"

struct verify {
    struct app *app;
    struct point point;
    struct point_metadata metadata;
    char id_text[ID_TEXT_SIZE];
    struct block_buffers buffers;
    struct progress progress;
    coffre_id_key id_key;
    bool has_id_key, bad_segment;
    uint64_t points, blocks, holes, entries, findings;
    uint64_t bytes;
    double seconds;
    enum outcome worst;
};

/* One thing that is wrong, at a position of the image or not at one in particular. */
static void finding(struct verify *verify, enum outcome outcome, const uint64_t *position,
                    const char *message)
{
    struct output *out = &verify->app->out;

    verify->findings++;
    verify->worst = outcome_worse(verify->worst, outcome);
    if (position != NULL) {
        out_row(out, "%s: restore point %s, position %" PRIu64 ": %s", outcome_name(outcome),
                verify->id_text, *position, message);
    } else {
        out_row(out, "%s: restore point %s: %s", outcome_name(outcome), verify->id_text, message);
    }
    out_text(out, "restore_point", verify->id_text);
    out_text(out, "outcome", outcome_name(outcome));
    if (position != NULL) out_number(out, "position", *position);
    out_text(out, "message", message);
    out_row_end(out);
}

static const char *difference(const struct meta_block *row, const coffre_manifest_entry *entry,
                              const coffre_block_info *info)
{
    if (row->version != entry->version) return "version";
    if (memcmp(&row->id, &entry->id, sizeof row->id) != 0) return "block id";
    if (memcmp(row->session_id, entry->session_id, sizeof row->session_id) != 0)
        return "session id";
    if (memcmp(row->commitment, entry->commitment, sizeof row->commitment) != 0)
        return "commitment";
    if (row->plain_len != entry->plain_len) return "length";
    if (info != NULL && row->total_len != info->total_len) return "stored length";
    if (info != NULL && memcmp(row->checksum, info->checksum, sizeof row->checksum) != 0)
        return "checksum";
    return NULL;
}

static void compare_row(struct verify *verify, const coffre_manifest_entry *entry,
                        const coffre_block_info *info)
{
    struct app *app = verify->app;
    struct meta_block row;
    char message[PROBLEM_SIZE + 256];
    enum outcome outcome =
        app->meta.find_entry(app->meta.self, verify->point.id, entry->position, &row);

    if (entry->kind != COFFRE_MANIFEST_BLOCK) {
        if (outcome == OUT_NOT_FOUND) return;
        finding(verify, OUT_INCONSISTENT, &entry->position,
                "the manifest has a hole, the database has a block here. Run"
                " `appliance rebuild --force`");
        return;
    }
    if (outcome != OUT_OK) {
        snprintf(message, sizeof message,
                 "the manifest has a block, the database has no row for it (%s). Run `appliance"
                 " rebuild --force`",
                 app->problem.text);
        finding(verify, OUT_INCONSISTENT, &entry->position, message);
        return;
    }
    const char *what = difference(&row, entry, info);
    if (what == NULL) return;
    snprintf(
        message, sizeof message,
        "the database's row has another %s than the manifest, which counts: the row was swapped"
        " or altered. A restore is not hit; run `appliance rebuild --force`",
        what);
    finding(verify, OUT_INCONSISTENT, &entry->position, message);
}

static void check_name(struct verify *verify, const coffre_manifest_entry *entry)
{
    coffre_block_id id;

    if (!verify->has_id_key || entry->id.type != COFFRE_BLOCK_ID_HASH) return;
    coffre_status status = coffre_block_id_hash(&verify->app->context, &verify->id_key,
                                                verify->buffers.plain, entry->plain_len, &id);
    if (status != COFFRE_OK || memcmp(&id, &entry->id, sizeof id) != 0) {
        finding(verify, OUT_CORRUPT, &entry->position,
                "the block opens, but its content is not what its id says");
    }
}

static enum outcome verify_entry(void *user, const coffre_manifest_entry *entry)
{
    struct verify *verify = user;
    struct app *app = verify->app;
    coffre_block_info info;

    verify->entries++;
    progress_add(&verify->progress, entry->plain_len);
    if (entry->kind != COFFRE_MANIFEST_BLOCK) {
        verify->holes++;
        compare_row(verify, entry, NULL);
        return OUT_OK;
    }
    verify->blocks++;
    enum outcome outcome = block_fetch(app, &verify->buffers, &verify->point, entry, &info);
    if (outcome == OUT_ENVIRONMENT || outcome == OUT_INTERNAL) return outcome;
    if (outcome != OUT_OK)
        finding(verify, outcome, &entry->position, app->problem.text);
    else
        check_name(verify, entry);
    compare_row(verify, entry, outcome == OUT_OK ? &info : NULL);
    return OUT_OK;
}

static enum outcome verify_bad_segment(void *user, uint64_t segment, enum outcome outcome)
{
    struct verify *verify = user;
    uint64_t position = segment * COFFRE_MANIFEST_SEGMENT_ENTRIES;

    if (outcome == OUT_ENVIRONMENT || outcome == OUT_INTERNAL) return outcome;
    finding(verify, outcome, &position, verify->app->problem.text);
    verify->bad_segment = true;
    return OUT_OK;
}

static enum outcome count_rows(struct verify *verify)
{
    const struct meta_store *meta = &verify->app->meta;
    uint64_t rows = 0, expected = verify->entries - verify->holes;
    char message[160];
    enum outcome outcome = meta->count_entries(meta->self, verify->point.id, &rows);

    if (outcome == OUT_OK && rows > expected) {
        snprintf(message, sizeof message,
                 "the manifest has %" PRIu64 " blocks, the database has rows for %" PRIu64
                 ". Run `appliance rebuild --force`",
                 expected, rows);
        finding(verify, OUT_INCONSISTENT, NULL, message);
    }
    return outcome;
}

static enum outcome verify_contents(struct verify *verify)
{
    struct app *app = verify->app;
    enum outcome outcome = point_metadata_read(app, &verify->point, &verify->metadata);

    if (outcome != OUT_OK) finding(verify, outcome, NULL, app->problem.text);
    if (outcome == OUT_OK) {
        outcome = repository_id_key_of(app, verify->metadata.epoch, &verify->id_key);
        verify->has_id_key = outcome == OUT_OK;
        if (outcome != OUT_OK) {
            out_note(&app->out, "%s; ids of blocks are not compared with their content",
                     app->problem.text);
        }
    }
    outcome = block_buffers_make(app, verify->point.manifest.block_size, &verify->buffers);
    if (outcome != OUT_OK) return outcome;
    progress_begin(&verify->progress, "verify", verify->point.manifest.image_size,
                   !app->options.json && !app->options.quiet);
    outcome = point_walk(app, &verify->point, verify_entry, verify_bad_segment, verify);
    verify->seconds += progress_end(&verify->progress);
    verify->bytes += verify->point.manifest.image_size;
    block_buffers_free(&verify->buffers);
    return outcome == OUT_OK ? count_rows(verify) : outcome;
}

static enum outcome verify_point(void *user, const struct meta_point *row)
{
    struct verify *verify = user;

    if (row->state != POINT_COMPLETE) return OUT_OK;
    verify->points++;
    verify->entries = 0;
    verify->holes = 0;
    verify->has_id_key = false;
    verify->bad_segment = false;
    hex_encode(row->id, ID_SIZE, verify->id_text);
    enum outcome outcome = point_open(verify->app, row->id, &verify->point);
    if (outcome == OUT_OK) outcome = verify_contents(verify);
    coffre_id_key_wipe(&verify->id_key);
    point_close(&verify->point);
    if (outcome == OUT_ENVIRONMENT || outcome == OUT_INTERNAL) return outcome;
    if (outcome != OUT_OK && !verify->bad_segment)
        finding(verify, outcome, NULL, verify->app->problem.text);
    return OUT_OK;
}

/* The list is read to its end first: verifying takes its time, and a database that is being read
 * keeps writers waiting. */
struct row_list {
    struct meta_point *rows;
    size_t count, cap;
};

static enum outcome keep_row(void *user, const struct meta_point *row)
{
    struct row_list *list = user;

    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 64 : list->cap * 2;
        struct meta_point *grown = realloc(list->rows, cap * sizeof *grown);
        if (grown == NULL) return OUT_ENVIRONMENT;
        list->rows = grown;
        list->cap = cap;
    }
    list->rows[list->count++] = *row;
    return OUT_OK;
}

static enum outcome verify_all(struct verify *verify)
{
    struct app *app = verify->app;
    struct row_list list = {0};
    enum outcome outcome = app->meta.each_point(app->meta.self, keep_row, &list);

    for (size_t i = 0; outcome == OUT_OK && i < list.count; i++)
        outcome = verify_point(verify, &list.rows[i]);
    free(list.rows);
    return outcome;
}

static enum outcome verify_run(struct verify *verify)
{
    struct app *app = verify->app;
    struct meta_point row;
    enum outcome outcome = app_open(app, APP_KEYS);
    bool one = app->options.argument_count > 0;

    if (outcome == OUT_OK && one) outcome = app_find_point(app, app->options.arguments[0], &row);
    if (outcome != OUT_OK) return outcome;
    out_list(&app->out, "findings");
    outcome = one ? verify_point(verify, &row) : verify_all(verify);
    out_list_end(&app->out);
    if (outcome != OUT_OK) return outcome;
    out_number(&app->out, "restore_points", verify->points);
    out_number(&app->out, "blocks", verify->blocks);
    out_number(&app->out, "finding_count", verify->findings);
    out_real(&app->out, "seconds", verify->seconds);
    out_real(&app->out, "mib_per_second",
             verify->seconds > 0 ? (double)verify->bytes / 1048576 / verify->seconds : 0);
    if (verify->worst == OUT_OK) return OUT_OK;
    return fail(&app->problem, verify->worst, "%" PRIu64 " finding%s, the gravest: %s",
                verify->findings, verify->findings == 1 ? "" : "s", outcome_name(verify->worst));
}

enum outcome command_verify(struct app *app)
{
    struct verify *verify = calloc(1, sizeof *verify);

    if (verify == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    verify->app = app;
    enum outcome outcome = verify_run(verify);
    free(verify);
    return outcome;
}
