/* cmd_verify.c: opens every block of one or all restore points with the key, as a restore would,
 * and compares the database's rows with what was sealed (verify_rows.c). Which restore points there
 * are is read from points/, as scrub does. It goes on after a failure and names each; nothing is
 * changed.
 */
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "repository.h"

void verify_finding(struct verify *verify, enum outcome outcome, const uint64_t *position,
                    const char *message)
{
    struct output *out = &verify->app->out;
    const char *about = verify->id_text[0] != '\0' ? "restore point " : "all restore points";

    verify->findings++;
    verify->worst = outcome_worse(verify->worst, outcome);
    if (position != NULL) {
        out_row(out, "%s: %s%s, position %" PRIu64 ": %s", outcome_name(outcome), about,
                verify->id_text, *position, message);
    } else {
        out_row(out, "%s: %s%s: %s", outcome_name(outcome), about, verify->id_text, message);
    }
    out_text(out, "restore_point", verify->id_text);
    out_text(out, "outcome", outcome_name(outcome));
    if (position != NULL) out_number(out, "position", *position);
    out_text(out, "message", message);
    out_row_end(out);
}

static void check_name(struct verify *verify, const coffre_manifest_entry *entry)
{
    coffre_block_id id;

    if (!verify->has_id_key || entry->id.type != COFFRE_BLOCK_ID_HASH) return;
    coffre_status status = coffre_block_id_hash(&verify->app->context, &verify->id_key,
                                                verify->buffers.plain, entry->plain_len, &id);
    if (status != COFFRE_OK || memcmp(&id, &entry->id, sizeof id) != 0) {
        verify_finding(verify, OUT_CORRUPT, &entry->position,
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
        verify_entry_row(verify, entry, NULL);
        return OUT_OK;
    }
    verify->blocks++;
    enum outcome outcome = block_fetch(app, &verify->buffers, &verify->point, entry, &info);
    if (outcome != OUT_OK)
        verify_finding(verify, outcome, &entry->position, app->problem.text);
    else
        check_name(verify, entry);
    verify_entry_row(verify, entry, outcome == OUT_OK ? &info : NULL);
    return OUT_OK;
}

static enum outcome verify_bad_segment(void *user, uint64_t segment, enum outcome outcome)
{
    struct verify *verify = user;
    uint64_t position = segment * COFFRE_MANIFEST_SEGMENT_ENTRIES;

    verify_finding(verify, outcome, &position, verify->app->problem.text);
    verify->bad_segment = true;
    return OUT_OK;
}

static void read_metadata(struct verify *verify)
{
    struct app *app = verify->app;
    enum outcome outcome = point_metadata_read(app, &verify->point, &verify->metadata);

    verify->has_metadata = outcome == OUT_OK;
    if (outcome != OUT_OK) {
        verify_finding(verify, outcome, NULL, app->problem.text);
        return;
    }
    outcome = repository_id_key_of(app, verify->metadata.epoch, &verify->id_key);
    verify->has_id_key = outcome == OUT_OK;
    if (outcome != OUT_OK) {
        out_note(&app->out, "%s; ids of blocks are not compared with their content",
                 app->problem.text);
    }
}

static enum outcome verify_contents(struct verify *verify, const struct point_found *found)
{
    struct app *app = verify->app;

    read_metadata(verify);
    verify_point_row(verify, found);
    enum outcome outcome =
        block_buffers_make(app, verify->point.manifest.block_size, &verify->buffers);
    if (outcome != OUT_OK) return outcome;
    progress_begin(&verify->progress, "verify", verify->id_text, verify->point.manifest.image_size,
                   !app->options.json && !app->options.quiet);
    outcome = point_walk(app, &verify->point, verify_entry, verify_bad_segment, verify);
    verify->seconds += progress_end(&verify->progress);
    verify->bytes += verify->point.manifest.image_size;
    block_buffers_free(&verify->buffers);
    if (outcome == OUT_OK) verify_row_count(verify);
    return outcome;
}

static void verify_point(struct verify *verify, const struct point_found *found)
{
    verify->points++;
    verify->entries = 0;
    verify->holes = 0;
    verify->has_metadata = false;
    verify->has_id_key = false;
    verify->bad_segment = false;
    hex_encode(found->id, ID_SIZE, verify->id_text);
    enum outcome outcome = point_open(verify->app, found->id, &verify->point);
    if (outcome == OUT_OK) outcome = verify_contents(verify, found);
    if (outcome != OUT_OK && !verify->bad_segment)
        verify_finding(verify, outcome, NULL, verify->app->problem.text);
    coffre_id_key_wipe(&verify->id_key);
    point_close(&verify->point);
}

static void verify_points(struct verify *verify, const struct point_list *list, const uint8_t *only)
{
    for (size_t i = 0; i < list->count; i++) {
        if (point_is_unfinished(&list->points[i])) continue;
        if (only == NULL || memcmp(list->points[i].id, only, ID_SIZE) == 0)
            verify_point(verify, &list->points[i]);
    }
    verify->id_text[0] = '\0';
    if (only == NULL) verify_lost_points(verify, list);
}

static enum outcome verify_run(struct verify *verify)
{
    struct app *app = verify->app;
    struct point_list list;
    uint8_t only[ID_SIZE];
    bool one = app->options.argument_count > 0;
    enum outcome outcome = app_open(app, APP_KEYS);

    if (outcome == OUT_OK && one) outcome = point_find(app, app->options.arguments[0], only);
    if (outcome != OUT_OK) return outcome;
    out_list(&app->out, "findings");
    outcome = point_list(app, &list);
    if (outcome != OUT_OK) verify_finding(verify, outcome, NULL, app->problem.text);
    verify_points(verify, &list, one ? only : NULL);
    free(list.points);
    out_list_end(&app->out);
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
