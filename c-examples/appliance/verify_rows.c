/* verify_rows.c: compares the database's rows with what was opened. See verify.h. */
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REBUILD "Run `appliance rebuild --force`"

/* A database that cannot be read is one finding, not one for each of its rows. */
static void end_rows(struct verify *verify)
{
    char message[PROBLEM_SIZE + 128];

    if (verify->rows_ended) return;
    verify->rows_ended = true;
    snprintf(message, sizeof message, "%s. Its rows are not compared any further",
             verify->app->problem.text);
    verify_finding(verify, OUT_INCONSISTENT, NULL, message);
}

static void contradiction(struct verify *verify, const char *what)
{
    char message[256];

    snprintf(message, sizeof message,
             "the database's row has another %s than what was sealed, which counts. " REBUILD,
             what);
    verify_finding(verify, OUT_INCONSISTENT, NULL, message);
}

void verify_point_row(struct verify *verify, const struct point_found *found)
{
    const struct meta_store *meta = &verify->app->meta;
    const coffre_manifest_info *manifest = &verify->point.manifest;
    struct meta_point row;

    verify->has_row = false;
    if (verify->rows_ended) return;
    enum outcome outcome = meta->find_point(meta->self, found->id, &row);
    if (outcome != OUT_OK && outcome != OUT_NOT_FOUND) {
        end_rows(verify);
        return;
    }
    bool complete = outcome == OUT_OK && row.state == POINT_COMPLETE;
    if (!complete && found->unfinished) {
        out_note(&verify->app->out,
                 "restore point %s is complete, but its backup was killed before its row said so;"
                 " the next backup makes its rows",
                 verify->id_text);
        return;
    }
    if (!complete) {
        verify_finding(verify, OUT_INCONSISTENT, NULL,
                       outcome == OUT_OK ? "the database says that it is unfinished. " REBUILD
                                         : "the database has no row for it. " REBUILD);
        return;
    }
    verify->has_row = true;
    if (row.image_size != manifest->image_size) contradiction(verify, "image size");
    if (row.block_size != manifest->block_size) contradiction(verify, "block size");
    if (!verify->has_metadata) return;
    if (row.created != verify->metadata.created) contradiction(verify, "time");
    if (strcmp(row.name, verify->metadata.name) != 0) contradiction(verify, "name");
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

void verify_entry_row(struct verify *verify, const coffre_manifest_entry *entry,
                      const coffre_block_info *info)
{
    const struct meta_store *meta = &verify->app->meta;
    struct meta_block row;
    char message[256];

    if (verify->rows_ended || !verify->has_row) return;
    enum outcome outcome = meta->find_entry(meta->self, verify->point.id, entry->position, &row);
    if (outcome != OUT_OK && outcome != OUT_NOT_FOUND) {
        end_rows(verify);
    } else if (entry->kind != COFFRE_MANIFEST_BLOCK) {
        if (outcome == OUT_NOT_FOUND) return;
        verify_finding(verify, OUT_INCONSISTENT, &entry->position,
                       "the manifest has a hole, the database has a block here. " REBUILD);
    } else if (outcome == OUT_NOT_FOUND) {
        verify_finding(verify, OUT_INCONSISTENT, &entry->position,
                       "the manifest has a block, the database has no row for it. " REBUILD);
    } else {
        const char *what = difference(&row, entry, info);
        if (what == NULL) return;
        snprintf(message, sizeof message,
                 "the database's row has another %s than the manifest, which counts: the row was"
                 " swapped or altered. A restore is not hit. " REBUILD,
                 what);
        verify_finding(verify, OUT_INCONSISTENT, &entry->position, message);
    }
}

void verify_row_count(struct verify *verify)
{
    const struct meta_store *meta = &verify->app->meta;
    uint64_t rows = 0, expected = verify->entries - verify->holes;
    char message[160];

    if (verify->rows_ended || !verify->has_row) return;
    if (meta->count_entries(meta->self, verify->point.id, &rows) != OUT_OK) {
        end_rows(verify);
    } else if (rows > expected) {
        snprintf(message, sizeof message,
                 "the manifest has %" PRIu64 " blocks, the database has rows for %" PRIu64
                 ". " REBUILD,
                 expected, rows);
        verify_finding(verify, OUT_INCONSISTENT, NULL, message);
    }
}

struct lost_search {
    struct verify *verify;
    const struct point_list *list;
};

static enum outcome find_lost(void *user, const struct meta_point *row)
{
    const struct lost_search *search = user;
    struct verify *verify = search->verify;
    const struct block_store *blocks = &verify->app->blocks;
    char name[OBJECT_NAME_SIZE];
    uint64_t size;

    if (row->state != POINT_COMPLETE) return OUT_OK;
    const struct point_found *found = point_in_list(search->list, row->id);
    if (found != NULL && !point_is_unfinished(found)) return OUT_OK;
    name_of_point(row->id, POINT_MANIFEST, name); /* a backup may have made it meanwhile */
    if (blocks->size(blocks->self, name, &size) == OUT_OK) return OUT_OK;
    hex_encode(row->id, ID_SIZE, verify->id_text);
    verify_finding(verify, OUT_MISSING, NULL,
                   "the database has a row for it, but neither its manifest nor its key record"
                   " lies beside the blocks. Put points/ back from a copy of the repository");
    return OUT_OK;
}

void verify_lost_points(struct verify *verify, const struct point_list *list)
{
    const struct meta_store *meta = &verify->app->meta;
    struct lost_search search = {verify, list};

    if (verify->rows_ended) return;
    enum outcome outcome = meta->each_point(meta->self, find_lost, &search);
    verify->id_text[0] = '\0';
    if (outcome != OUT_OK) end_rows(verify);
}
