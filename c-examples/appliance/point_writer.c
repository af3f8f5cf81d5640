/* point_writer.c: see point_writer.h for the order of writes and its reason. */
#include "point_writer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "origin.h"
#include "text.h"

static int32_t manifest_sink(void *user, const uint8_t *bytes, size_t len)
{
    struct point_writer *writer = user;

    writer->sink_outcome = writer->app->blocks.append(writer->upload, bytes, len);
    return writer->sink_outcome == OUT_OK ? 0 : 1;
}

/* The store's own message, where the store was the reason. */
static enum outcome manifest_failed(struct point_writer *writer, coffre_status status)
{
    if (writer->sink_outcome != OUT_OK) return writer->sink_outcome;
    return fail_status(&writer->app->problem, status, "cannot write the manifest");
}

/* Step 1: a key record with this run's session key, before there is any block. */
static enum outcome write_first_record(struct point_writer *writer)
{
    struct app *app = writer->app;
    char name[OBJECT_NAME_SIZE];
    const struct kept_keys *kept = writer->making.kept;
    size_t stanzas = 0;

    for (size_t i = 0; i < kept->count; i++)
        stanzas += coffre_recipient_stanza_size(&kept->keys[i]->recipient);
    size_t cap = coffre_record_size(stanzas, 1);
    uint8_t *bytes = malloc(cap);

    if (bytes == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory for a key record");
    writer->first.bytes = bytes;
    coffre_status status = coffre_session_generate(&app->context, &writer->session);
    if (status == COFFRE_OK) status = coffre_session_id(&writer->session, writer->session_id);
    if (status == COFFRE_OK) {
        status = coffre_record_create(&app->context, COFFRE_KEY_RECORD, app->installation.id,
                                      writer->row.id, 1, bytes, cap, &writer->writer);
    }
    for (size_t i = 0; status == COFFRE_OK && i < kept->count; i++) {
        status = coffre_record_add_recipient(&app->context, &writer->writer,
                                             &kept->keys[i]->recipient);
    }
    if (status == COFFRE_OK) status = coffre_record_add_session(&writer->writer, &writer->session);
    if (status == COFFRE_OK)
        status = coffre_record_finish(&writer->writer, &writer->first.len, &writer->first.keys);
    if (status == COFFRE_OK)
        status = coffre_record_read(bytes, writer->first.len, &writer->first.view);
    coffre_record_writer_wipe(&writer->writer);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "cannot make a key record");
    name_of_unfinished(writer->row.id, name);
    return record_write(app, name, bytes, writer->first.len);
}

/* The record that will be the point's: a copy of the first, with room for every session key there
 * is. */
static enum outcome begin_final_record(struct point_writer *writer)
{
    struct app *app = writer->app;
    uint64_t sessions = 0;
    enum outcome outcome = app->meta.count_sessions(app->meta.self, &sessions);

    if (outcome != OUT_OK) return outcome;
    if (sessions > 1000000)
        sessions = 1000000; /* what a record can hold; more fail with a message of their own */
    writer->final_cap = writer->first.len + coffre_record_size(0, (size_t)sessions + 1);
    writer->final = malloc(writer->final_cap);
    if (writer->final == NULL)
        return fail(&app->problem, OUT_ENVIRONMENT, "no memory for %" PRIu64 " session keys",
                    sessions);
    coffre_status status =
        coffre_record_edit(&app->context, &writer->first.keys, &writer->first.view, 2,
                           writer->final, writer->final_cap, &writer->writer);
    return status == COFFRE_OK ? OUT_OK
                               : fail_status(&app->problem, status, "cannot copy the key record");
}

static enum outcome begin_manifest(struct point_writer *writer)
{
    struct app *app = writer->app;
    char name[OBJECT_NAME_SIZE];
    coffre_manifest_info info = {.block_size = writer->row.block_size,
                                 .image_size = writer->row.image_size,
                                 .generation = 1,
                                 .flags = writer->making.digests ? COFFRE_MANIFEST_DIGESTS : 0};

    enum outcome outcome = point_metadata_write(app, writer->row.id, &writer->first.keys,
                                                &writer->metadata, info.metadata_digest);
    if (outcome != OUT_OK) return outcome;
    name_of_point(writer->row.id, POINT_MANIFEST, name);
    outcome = app->blocks.create(app->blocks.self, name, &writer->upload);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_manifest_begin(&app->context, &writer->first.keys, &info,
                                                 manifest_sink, writer, &writer->manifest);
    return status == COFFRE_OK ? OUT_OK : manifest_failed(writer, status);
}

enum outcome point_writer_begin(struct app *app, const struct meta_point *row,
                                const struct point_making *making, struct point_writer *writer)
{
    memset(writer, 0, sizeof *writer);
    writer->app = app;
    writer->row = *row;
    writer->making = *making;
    writer->row.state = POINT_UNFINISHED;
    writer->metadata.created = row->created;
    writer->metadata.epoch = making->epoch;
    memcpy(writer->metadata.name, row->name, sizeof writer->metadata.name);
    writer->begun = true;
    coffre_status status = coffre_random_bytes(&app->context, writer->row.id, ID_SIZE);
    if (status != COFFRE_OK)
        return fail_status(&app->problem, status, "cannot make a restore point id");

    enum outcome outcome = write_first_record(writer);
    if (outcome == OUT_OK) outcome = app->meta.begin(app->meta.self);
    if (outcome == OUT_OK) outcome = app->meta.put_point(app->meta.self, &writer->row);
    if (outcome == OUT_OK)
        outcome = app->meta.put_session(app->meta.self, writer->session_id, writer->row.id);
    if (outcome == OUT_OK) outcome = app->meta.commit(app->meta.self);
    if (outcome == OUT_OK) outcome = begin_final_record(writer);
    return outcome == OUT_OK ? begin_manifest(writer) : outcome;
}

enum outcome point_writer_add(struct point_writer *writer, uint64_t position,
                              const struct meta_block *block, const uint8_t digest[32])
{
    struct app *app = writer->app;
    coffre_manifest_entry entry = {.position = position, .kind = COFFRE_MANIFEST_HOLE};
    uint64_t rest = writer->row.image_size - position * writer->row.block_size;

    entry.plain_len = rest < writer->row.block_size ? (uint32_t)rest : writer->row.block_size;
    if (block != NULL) {
        entry.kind = COFFRE_MANIFEST_BLOCK;
        entry.version = block->version;
        entry.id = block->id;
        memcpy(entry.session_id, block->session_id, sizeof entry.session_id);
        memcpy(entry.commitment, block->commitment, sizeof entry.commitment);
        if (writer->making.digests) memcpy(entry.digest, digest, sizeof entry.digest);
    }
    coffre_status status = coffre_manifest_add(&writer->manifest, &entry, manifest_sink, writer);
    if (status != COFFRE_OK) return manifest_failed(writer, status);
    if (block == NULL) return OUT_OK;
    return app->meta.put_entry(app->meta.self, writer->row.id, position, &block->id,
                               block->session_id);
}

static enum outcome finish_row(struct point_writer *writer)
{
    struct app *app = writer->app;
    enum outcome outcome = app->meta.begin(app->meta.self);

    writer->row.state = POINT_COMPLETE;
    if (outcome == OUT_OK) outcome = app->meta.put_point(app->meta.self, &writer->row);
    for (size_t i = 0; outcome == OUT_OK && i < writer->taken_count; i++) {
        if (!writer->taken[i].usable) continue;
        outcome = app->meta.put_session(app->meta.self, writer->taken[i].id, writer->row.id);
    }
    return outcome == OUT_OK ? app->meta.commit(app->meta.self) : outcome;
}

/* The signature is durable before the manifest has its name: a restore point that was meant to be
 * signed is never there without. */
static enum outcome finish_manifest(struct point_writer *writer, size_t record_len)
{
    struct app *app = writer->app;
    coffre_manifest_whole whole = {0};
    struct record record = {.keys = writer->first.keys};
    enum outcome outcome = OUT_OK;
    coffre_status status = coffre_manifest_finish(&writer->manifest, manifest_sink, writer, &whole);

    if (status != COFFRE_OK) {
        coffre_record_keys_wipe(&record.keys);
        return manifest_failed(writer, status);
    }
    if (writer->making.signer != NULL) {
        status = coffre_record_read(writer->final, record_len, &record.view);
        outcome = status == COFFRE_OK
                      ? origin_sign(app, writer->making.signer, &record, &whole, NULL)
                      : fail_status(&app->problem, status, "the new key record");
        coffre_record_wipe(&record.view);
    }
    coffre_record_keys_wipe(&record.keys);
    if (outcome != OUT_OK) return outcome;
    outcome = app->blocks.finish(writer->upload);
    writer->upload = NULL;
    return outcome;
}

enum outcome point_writer_finish(struct point_writer *writer)
{
    struct app *app = writer->app;
    char name[OBJECT_NAME_SIZE];
    size_t len = 0;
    coffre_status status = coffre_record_finish(&writer->writer, &len, NULL);

    if (status != COFFRE_OK)
        return fail_status(&app->problem, status, "cannot finish the key record");
    name_of_point(writer->row.id, POINT_RECORD, name);
    enum outcome outcome =
        record_write(app, name, writer->final, len); /* also syncs blocks and metadata */
    if (outcome != OUT_OK) return outcome;
    outcome = finish_manifest(writer, len);
    if (outcome == OUT_OK) outcome = app->blocks.sync(app->blocks.self);
    if (outcome == OUT_OK) outcome = finish_row(writer);
    name_of_unfinished(writer->row.id, name);
    return outcome == OUT_OK ? record_remove(app, name) : outcome;
}

void point_writer_close(struct point_writer *writer)
{
    if (!writer->begun) return;
    writer->app->blocks.abandon(writer->upload);
    coffre_record_writer_wipe(&writer->writer);
    coffre_session_wipe(&writer->session);
    coffre_manifest_writer_wipe(&writer->manifest);
    record_close(&writer->first);
    free(writer->final);
    wipe_bytes(writer->taken, writer->taken_count * sizeof *writer->taken);
    free(writer->taken);
}
