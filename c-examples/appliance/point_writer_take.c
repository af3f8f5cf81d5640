/* point_writer_take.c: session keys of blocks that a new restore point refers to: looked for in the
 * records of older ones, and taken over into its own. See point_writer.h.
 */
#include <stdlib.h>
#include <string.h>

#include "point_writer.h"
#include "text.h"

/* Looks for the session key in the records that should hold it, newest first. */
static enum outcome find_session(struct point_writer *writer, const uint8_t session_id[16],
                                 coffre_session *session)
{
    struct app *app = writer->app;
    uint8_t holders[8][16];
    size_t count;
    struct meta_point row;
    struct record record;
    enum outcome outcome =
        app->meta.session_holders(app->meta.self, session_id, holders, 8, &count);

    if (outcome != OUT_OK) return outcome;
    for (size_t i = 0; i < count; i++) {
        char name[OBJECT_NAME_SIZE];
        outcome = app->meta.find_point(app->meta.self, holders[i], &row);
        if (outcome != OUT_OK) return outcome;
        if (row.state == POINT_COMPLETE)
            name_of_point(holders[i], POINT_RECORD, name);
        else
            name_of_unfinished(holders[i], name);
        if (record_open(app, &app->keys, name, &record, NULL) != OUT_OK) continue;
        coffre_status status =
            coffre_record_session(&app->context, &record.keys, &record.view, session_id, session);
        record_close(&record);
        if (status == COFFRE_OK) return OUT_OK;
    }
    return OUT_MISSING;
}

static struct taken_session *new_taken(struct point_writer *writer)
{
    if (writer->taken_count == writer->taken_cap) {
        size_t cap = writer->taken_cap == 0 ? 16 : writer->taken_cap * 2;
        struct taken_session *grown = malloc(cap * sizeof *grown); /* realloc would leave keys */
        if (grown == NULL) return NULL;
        if (writer->taken_count > 0)
            memcpy(grown, writer->taken, writer->taken_count * sizeof *grown);
        wipe_bytes(writer->taken, writer->taken_count * sizeof *grown);
        free(writer->taken);
        writer->taken = grown;
        writer->taken_cap = cap;
    }
    return &writer->taken[writer->taken_count++];
}

enum outcome point_writer_take(struct point_writer *writer, const uint8_t session_id[16],
                               bool *usable)
{
    struct app *app = writer->app;
    coffre_session session;

    *usable = true;
    if (memcmp(session_id, writer->session_id, 16) == 0) return OUT_OK;
    for (size_t i = writer->taken_count; i-- > 0;) {
        if (memcmp(writer->taken[i].id, session_id, 16) != 0) continue;
        *usable = writer->taken[i].usable;
        return OUT_OK;
    }
    struct taken_session *slot = new_taken(writer);
    if (slot == NULL)
        return fail(&app->problem, OUT_ENVIRONMENT, "no memory for another session key");
    memset(slot, 0, sizeof *slot);
    memcpy(slot->id, session_id, 16);
    enum outcome outcome = find_session(writer, session_id, &session);
    if (outcome == OUT_OK) {
        coffre_status status = coffre_record_add_session(&writer->writer, &session);
        if (writer->making.digests) slot->session = session;
        coffre_session_wipe(&session);
        if (status != COFFRE_OK)
            return fail_status(&app->problem, status, "cannot take a session key over");
        slot->usable = true;
    } else if (outcome == OUT_MISSING) {
        out_note(&app->out, "no key record that can be opened holds the session key of some older "
                            "blocks; they are stored"
                            " again. `appliance verify` tells which restore points are hit");
    } else {
        return outcome;
    }
    *usable = slot->usable;
    return OUT_OK;
}

const coffre_session *point_writer_session(const struct point_writer *writer,
                                           const uint8_t session_id[16])
{
    if (memcmp(session_id, writer->session_id, 16) == 0) return &writer->session;
    for (size_t i = writer->taken_count; i-- > 0;) {
        if (memcmp(writer->taken[i].id, session_id, 16) == 0 && writer->taken[i].usable)
            return &writer->taken[i].session;
    }
    return NULL;
}
