/* meta_sqlite_blocks.c: blocks, which block stands where, and session keys: one function a
 * statement fills it, runs it and reads the row. meta_store.h is the contract.
 */
#include <string.h>

#include "meta_sqlite_query.h"

static enum outcome put_block(void *self, const struct meta_block *block)
{
    sqlite3_stmt *statement = query_start(self, Q_PUT_BLOCK);

    if (statement == NULL) return query_refused(self);
    bind_number(self, statement, 1, block->id.type);
    bind_bytes(self, statement, 2, block->id.bytes, block->id.length);
    bind_bytes(self, statement, 3, block->session_id, sizeof block->session_id);
    bind_number(self, statement, 4, block->version);
    bind_bytes(self, statement, 5, block->commitment, sizeof block->commitment);
    bind_bytes(self, statement, 6, block->checksum, sizeof block->checksum);
    bind_number(self, statement, 7, block->plain_len);
    bind_number(self, statement, 8, block->total_len);
    if (block->has_wrapped_key)
        bind_bytes(self, statement, 9, block->wrapped_key, sizeof block->wrapped_key);
    return query_run(self, statement);
}

static enum outcome block_row(struct meta_sqlite *meta, sqlite3_stmt *statement,
                              struct meta_block *block)
{
    memset(block, 0, sizeof *block);
    block->id.type = (uint8_t)column_number(statement, 0);
    block->id.length = block->id.type == COFFRE_BLOCK_ID_POSITION ? 8 : 32;
    block->version = (uint32_t)column_number(statement, 3);
    block->plain_len = column_number(statement, 6);
    block->total_len = column_number(statement, 7);
    block->has_wrapped_key = sqlite3_column_type(statement, 8) != SQLITE_NULL;
    enum outcome outcome = column_bytes(meta, statement, 1, block->id.bytes, block->id.length);
    if (outcome == OUT_OK)
        outcome = column_bytes(meta, statement, 2, block->session_id, sizeof block->session_id);
    if (outcome == OUT_OK)
        outcome = column_bytes(meta, statement, 4, block->commitment, sizeof block->commitment);
    if (outcome == OUT_OK)
        outcome = column_bytes(meta, statement, 5, block->checksum, sizeof block->checksum);
    if (outcome == OUT_OK && block->has_wrapped_key) {
        outcome = column_bytes(meta, statement, 8, block->wrapped_key, sizeof block->wrapped_key);
    }
    return outcome;
}

static enum outcome find_blocks(void *self, const coffre_block_id *id, struct meta_block *blocks,
                                size_t cap, size_t *count)
{
    sqlite3_stmt *statement = query_start(self, Q_FIND_BLOCKS);
    enum outcome outcome = OUT_OK;
    bool row;

    *count = 0;
    if (statement == NULL) return query_refused(self);
    bind_bytes(self, statement, 1, id->bytes, id->length);
    bind_number(self, statement, 2, id->type);
    while (*count < cap && (outcome = query_step(self, statement, &row)) == OUT_OK && row) {
        outcome = block_row(self, statement, &blocks[*count]);
        if (outcome != OUT_OK) break;
        ++*count;
    }
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome has_block(void *self, const coffre_block_id *id, const uint8_t session_id[16],
                              bool *has)
{
    sqlite3_stmt *statement = query_start(self, Q_HAS_BLOCK);

    if (statement == NULL) return query_refused(self);
    bind_bytes(self, statement, 1, id->bytes, id->length);
    bind_bytes(self, statement, 2, session_id, 16);
    enum outcome outcome = query_step(self, statement, has);
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome each_block(void *self, meta_visit_block visit, void *user)
{
    sqlite3_stmt *statement = query_start(self, Q_EACH_BLOCK);
    struct meta_block block;
    enum outcome outcome = OUT_OK;
    bool row;

    if (statement == NULL) return query_refused(self);
    while (outcome == OUT_OK && (outcome = query_step(self, statement, &row)) == OUT_OK && row) {
        outcome = block_row(self, statement, &block);
        if (outcome == OUT_OK) outcome = visit(user, &block);
    }
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome put_entry(void *self, const uint8_t point_id[16], uint64_t position,
                              const coffre_block_id *id, const uint8_t session_id[16])
{
    sqlite3_stmt *statement = query_start(self, Q_PUT_ENTRY);

    if (statement == NULL) return query_refused(self);
    bind_bytes(self, statement, 1, point_id, 16);
    bind_number(self, statement, 2, position);
    bind_bytes(self, statement, 3, id->bytes, id->length);
    bind_bytes(self, statement, 4, session_id, 16);
    return query_run(self, statement);
}

static enum outcome find_entry(void *self, const uint8_t point_id[16], uint64_t position,
                               struct meta_block *block)
{
    struct meta_sqlite *meta = self;
    sqlite3_stmt *statement = query_start(meta, Q_FIND_ENTRY);
    bool row;

    if (statement == NULL) return query_refused(self);
    bind_bytes(meta, statement, 1, point_id, 16);
    bind_number(meta, statement, 2, position);
    enum outcome outcome = query_step(meta, statement, &row);
    if (outcome != OUT_OK) return outcome;
    if (!row)
        return fail(meta->problem, OUT_NOT_FOUND, "%s has no row for this position", meta->path);
    outcome = block_row(meta, statement, block);
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome count_with(struct meta_sqlite *meta, sqlite3_stmt *statement, uint64_t *count)
{
    bool row;
    enum outcome outcome = query_step(meta, statement, &row);

    *count = outcome == OUT_OK && row ? column_number(statement, 0) : 0;
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome count_entries(void *self, const uint8_t point_id[16], uint64_t *count)
{
    sqlite3_stmt *statement = query_start(self, Q_COUNT_ENTRIES);

    if (statement == NULL) return query_refused(self);
    bind_bytes(self, statement, 1, point_id, 16);
    return count_with(self, statement, count);
}

static enum outcome count_sessions(void *self, uint64_t *count)
{
    sqlite3_stmt *statement = query_start(self, Q_COUNT_SESSIONS);
    return statement == NULL ? query_refused(self) : count_with(self, statement, count);
}

static enum outcome put_session(void *self, const uint8_t session_id[16],
                                const uint8_t point_id[16])
{
    sqlite3_stmt *statement = query_start(self, Q_PUT_SESSION);

    if (statement == NULL) return query_refused(self);
    bind_bytes(self, statement, 1, session_id, 16);
    bind_bytes(self, statement, 2, point_id, 16);
    return query_run(self, statement);
}

static enum outcome session_holders(void *self, const uint8_t session_id[16], uint8_t (*points)[16],
                                    size_t cap, size_t *count)
{
    sqlite3_stmt *statement = query_start(self, Q_SESSION_HOLDERS);
    enum outcome outcome = OUT_OK;
    bool row;

    *count = 0;
    if (statement == NULL) return query_refused(self);
    bind_bytes(self, statement, 1, session_id, 16);
    while (*count < cap && (outcome = query_step(self, statement, &row)) == OUT_OK && row) {
        outcome = column_bytes(self, statement, 0, points[*count], 16);
        if (outcome != OUT_OK) break;
        ++*count;
    }
    sqlite3_reset(statement);
    return outcome;
}

static enum outcome remove_session_blocks(void *self, const uint8_t session_id[16])
{
    return query_run_with_id(self, Q_REMOVE_SESSION_BLOCKS, session_id);
}

static enum outcome remove_entries(void *self, const uint8_t point_id[16])
{
    return query_run_with_id(self, Q_REMOVE_ENTRIES, point_id);
}

static enum outcome points_of_block(void *self, const coffre_block_id *id,
                                    const uint8_t session_id[16], meta_visit_point visit,
                                    void *user)
{
    sqlite3_stmt *statement = query_start(self, Q_POINTS_OF_BLOCK);

    if (statement == NULL) return query_refused(self);
    bind_bytes(self, statement, 1, id->bytes, id->length);
    bind_bytes(self, statement, 2, session_id, 16);
    return meta_visit_point_rows(self, statement, visit, user);
}

void meta_sqlite_blocks(struct meta_store *store)
{
    store->put_block = put_block;
    store->find_blocks = find_blocks;
    store->remove_session_blocks = remove_session_blocks;
    store->has_block = has_block;
    store->each_block = each_block;
    store->put_entry = put_entry;
    store->find_entry = find_entry;
    store->count_entries = count_entries;
    store->remove_entries = remove_entries;
    store->points_of_block = points_of_block;
    store->put_session = put_session;
    store->session_holders = session_holders;
    store->count_sessions = count_sessions;
}
