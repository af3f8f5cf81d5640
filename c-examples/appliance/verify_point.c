/* verify_point.c: opens everything that is in one restore point. See verify.h. */
#include "verify.h"

#include <string.h>

#include "repository.h"

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

static enum outcome open_block(struct verify *verify, const coffre_manifest_entry *entry,
                               coffre_block_info *info)
{
    struct app *app = verify->app;
    struct point *point = &verify->point;
    bool digests = (point->manifest.flags & COFFRE_MANIFEST_DIGESTS) != 0;
    enum outcome outcome = point_session(app, point, entry->session_id);

    if (outcome == OUT_OK) outcome = block_read(app, &verify->buffers, entry);
    if (outcome != OUT_OK) return outcome;
    return block_open(&app->context, &app->problem, &point->session, digests, entry,
                      &verify->buffers, info);
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
    enum outcome outcome = open_block(verify, entry, &info);
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
    if (outcome == OUT_OK && verify->origin.outcome != OUT_OK)
        verify_finding(verify, verify->origin.outcome, NULL, verify->origin.problem.text);
    return outcome;
}

void verify_point(struct verify *verify, const struct point_found *found)
{
    verify->points++;
    verify->entries = 0;
    verify->holes = 0;
    verify->has_metadata = false;
    verify->has_id_key = false;
    verify->bad_segment = false;
    hex_encode(found->id, ID_SIZE, verify->id_text);
    enum outcome outcome = point_open(verify->app, found->id, &verify->point);
    if (!verify->unasked) origin_ask(&verify->demand, &verify->point, &verify->origin);
    if (outcome == OUT_OK) outcome = verify_contents(verify, found);
    if (outcome != OUT_OK && !verify->bad_segment)
        verify_finding(verify, outcome, NULL, verify->app->problem.text);
    coffre_id_key_wipe(&verify->id_key);
}
