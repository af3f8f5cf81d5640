/* meta_sqlite_points.c: installation, records and restore points: one function a statement fills
 * it, runs it and reads the row. meta_store.h is the contract.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meta_sqlite_query.h"

static enum outcome get_installation(void *self, struct meta_installation *installation)
{
    struct meta_sqlite *meta = self;
    sqlite3_stmt *statement = query_start(meta, Q_INSTALLATION);
    bool row;

    if (statement == NULL) return query_refused(self);
    enum outcome outcome = query_step(meta, statement, &row);
    if (outcome != OUT_OK) return outcome;
    if (!row) {
        return fail(meta->problem, OUT_MISSING,
                    "%s names no installation: `appliance init` or `rebuild` did not finish;"
                    " run it again",
                    meta->path);
    }
    outcome = column_bytes(meta, statement, 0, installation->id, sizeof installation->id);
    installation->challenge_generation = column_number(statement, 1);
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome set_installation(void *self, const struct meta_installation *installation)
{
    sqlite3_stmt *statement = query_start(self, Q_SET_INSTALLATION);

    if (statement == NULL) return query_refused(self);
    bind_bytes(self, statement, 1, installation->id, sizeof installation->id);
    bind_number(self, statement, 2, installation->challenge_generation);
    return query_run(self, statement);
}

/* Two statements: a kill in between leaves a generation that is too low, which refuses nothing. */
static enum outcome put_record(void *self, const char *name, const uint8_t *bytes, size_t len,
                               uint64_t generation)
{
    sqlite3_stmt *statement = query_start(self, Q_PUT_RECORD);

    if (statement == NULL) return query_refused(self);
    bind_words(self, statement, 1, name);
    bind_bytes(self, statement, 2, bytes, len);
    enum outcome outcome = query_run(self, statement);
    if (outcome != OUT_OK) return outcome;
    statement = query_start(self, Q_PUT_GENERATION);
    if (statement == NULL) return query_refused(self);
    bind_words(self, statement, 1, name);
    bind_number(self, statement, 2, generation);
    return query_run(self, statement);
}

static enum outcome record_generation(void *self, const char *name, uint64_t *generation)
{
    sqlite3_stmt *statement = query_start(self, Q_GET_GENERATION);
    bool row;

    *generation = 0;
    if (statement == NULL) return query_refused(self);
    bind_words(self, statement, 1, name);
    enum outcome outcome = query_step(self, statement, &row);
    if (outcome != OUT_OK || !row) return outcome;
    *generation = column_number(statement, 0);
    sqlite3_reset(statement);
    return OUT_OK;
}

static enum outcome get_record(void *self, const char *name, uint8_t **bytes, size_t *len)
{
    struct meta_sqlite *meta = self;
    sqlite3_stmt *statement = query_start(meta, Q_GET_RECORD);
    bool row;

    if (statement == NULL) return query_refused(self);
    bind_words(meta, statement, 1, name);
    enum outcome outcome = query_step(meta, statement, &row);
    if (outcome != OUT_OK) return outcome;
    if (!row) return fail(meta->problem, OUT_MISSING, "%s has no copy of %s", meta->path, name);
    const void *found = sqlite3_column_blob(statement, 0);
    *len = (size_t)sqlite3_column_bytes(statement, 0);
    *bytes = malloc(*len + 1);
    if (*bytes == NULL)
        outcome = fail(meta->problem, OUT_ENVIRONMENT, "no memory for %s", name);
    else if (*len > 0)
        memcpy(*bytes, found, *len);
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome remove_record(void *self, const char *name)
{
    static const enum query queries[] = {Q_REMOVE_RECORD, Q_REMOVE_GENERATION};
    enum outcome outcome = OUT_OK;

    for (size_t i = 0; outcome == OUT_OK && i < sizeof queries / sizeof queries[0]; i++) {
        sqlite3_stmt *statement = query_start(self, queries[i]);
        if (statement == NULL) return query_refused(self);
        bind_words(self, statement, 1, name);
        outcome = query_run(self, statement);
    }
    return outcome;
}

static enum outcome each_record(void *self, meta_visit_name visit, void *user)
{
    sqlite3_stmt *statement = query_start(self, Q_EACH_RECORD);
    enum outcome outcome = OUT_OK;
    bool row;

    if (statement == NULL) return query_refused(self);
    while (outcome == OUT_OK && (outcome = query_step(self, statement, &row)) == OUT_OK && row) {
        const unsigned char *name = sqlite3_column_text(statement, 0);
        if (name != NULL) outcome = visit(user, (const char *)name);
    }
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome put_point(void *self, const struct meta_point *point)
{
    sqlite3_stmt *statement = query_start(self, Q_PUT_POINT);

    if (statement == NULL) return query_refused(self);
    bind_bytes(self, statement, 1, point->id, sizeof point->id);
    bind_number(self, statement, 2, point->state);
    bind_number(self, statement, 3, point->created);
    bind_number(self, statement, 4, point->image_size);
    bind_number(self, statement, 5, point->block_size);
    bind_number(self, statement, 6, point->new_blocks);
    bind_number(self, statement, 7, point->new_bytes);
    bind_words(self, statement, 8, point->name);
    return query_run(self, statement);
}

static enum outcome point_row(struct meta_sqlite *meta, sqlite3_stmt *statement,
                              struct meta_point *point)
{
    const unsigned char *name = sqlite3_column_text(statement, 7);

    memset(point, 0, sizeof *point);
    point->state =
        column_number(statement, 1) == POINT_COMPLETE ? POINT_COMPLETE : POINT_UNFINISHED;
    point->created = column_number(statement, 2);
    point->image_size = column_number(statement, 3);
    point->block_size = (uint32_t)column_number(statement, 4);
    point->new_blocks = column_number(statement, 5);
    point->new_bytes = column_number(statement, 6);
    snprintf(point->name, sizeof point->name, "%s", name != NULL ? (const char *)name : "");
    return column_bytes(meta, statement, 0, point->id, sizeof point->id);
}

enum outcome meta_visit_point_rows(struct meta_sqlite *meta, sqlite3_stmt *statement,
                                   meta_visit_point visit, void *user)
{
    struct meta_point point;
    enum outcome outcome = OUT_OK;
    bool row;

    while (outcome == OUT_OK && (outcome = query_step(meta, statement, &row)) == OUT_OK && row) {
        outcome = point_row(meta, statement, &point);
        if (outcome == OUT_OK) outcome = visit(user, &point);
    }
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome find_point(void *self, const uint8_t id[16], struct meta_point *point)
{
    struct meta_sqlite *meta = self;
    sqlite3_stmt *statement = query_start(meta, Q_FIND_POINT);
    bool row;

    if (statement == NULL) return query_refused(self);
    bind_bytes(meta, statement, 1, id, 16);
    enum outcome outcome = query_step(meta, statement, &row);
    if (outcome != OUT_OK) return outcome;
    if (!row) return fail(meta->problem, OUT_NOT_FOUND, "%s has no such restore point", meta->path);
    outcome = point_row(meta, statement, point);
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome remove_point(void *self, const uint8_t id[16])
{
    enum outcome outcome = query_run_with_id(self, Q_REMOVE_ENTRIES, id);

    if (outcome == OUT_OK) outcome = query_run_with_id(self, Q_REMOVE_SESSIONS, id);
    return outcome == OUT_OK ? query_run_with_id(self, Q_REMOVE_POINT, id) : outcome;
}

static enum outcome each_point(void *self, meta_visit_point visit, void *user)
{
    sqlite3_stmt *statement = query_start(self, Q_EACH_POINT);
    return statement == NULL ? query_refused(self)
                             : meta_visit_point_rows(self, statement, visit, user);
}

void meta_sqlite_points(struct meta_store *store)
{
    store->installation = get_installation;
    store->set_installation = set_installation;
    store->put_record = put_record;
    store->record_generation = record_generation;
    store->get_record = get_record;
    store->remove_record = remove_record;
    store->each_record = each_record;
    store->put_point = put_point;
    store->find_point = find_point;
    store->remove_point = remove_point;
    store->each_point = each_point;
}
