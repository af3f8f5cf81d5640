/* meta_sqlite_query.c: runs the statements of the SQLite store. It knows their text, and not what
 * the rows are for. */
#include "meta_sqlite_query.h"

#include <errno.h>
#include <string.h>

#define POINT_COLUMNS                                                                              \
    "p.id, p.state, p.created, p.image_size, p.block_size, p.new_blocks, p.new_bytes, p.name"
#define BLOCK_COLUMNS                                                                              \
    "b.id_type, b.id, b.session, b.version, b.commitment, b.checksum, b.plain_len, b.total_len, "  \
    "b.wrapped_key"

const char *const META_SQL[QUERY_COUNT] = {
    [Q_BEGIN] = "BEGIN IMMEDIATE",
    [Q_COMMIT] = "COMMIT",
    [Q_INSTALLATION] = "SELECT instance, challenge_generation FROM installation",
    [Q_SET_INSTALLATION] = "INSERT OR REPLACE INTO installation VALUES (1, ?1, ?2)",

    [Q_PUT_RECORD] = "INSERT OR REPLACE INTO records VALUES (?1, ?2)",
    [Q_PUT_GENERATION] = "INSERT OR REPLACE INTO generations VALUES (?1, ?2)",
    [Q_GET_GENERATION] = "SELECT generation FROM generations WHERE name = ?1",
    [Q_REMOVE_GENERATION] = "DELETE FROM generations WHERE name = ?1",
    [Q_GET_RECORD] = "SELECT bytes FROM records WHERE name = ?1",
    [Q_REMOVE_RECORD] = "DELETE FROM records WHERE name = ?1",
    [Q_EACH_RECORD] = "SELECT name FROM records ORDER BY name",

    [Q_PUT_POINT] = "INSERT INTO points (id, state, created, image_size, block_size, new_blocks, "
                    "new_bytes, name)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET state "
                    "= ?2, created = ?3,"
                    " image_size = ?4, block_size = ?5, new_blocks = ?6, new_bytes = ?7, name = ?8",
    [Q_FIND_POINT] = "SELECT " POINT_COLUMNS " FROM points p WHERE p.id = ?1",
    [Q_REMOVE_POINT] = "DELETE FROM points WHERE id = ?1",
    [Q_REMOVE_SESSIONS] =
        "DELETE FROM sessions WHERE point = (SELECT point FROM points WHERE id = ?1)",
    [Q_EACH_POINT] = "SELECT " POINT_COLUMNS " FROM points p ORDER BY p.created, p.point",

    [Q_PUT_BLOCK] = "INSERT INTO blocks (id_type, id, session, version, commitment, checksum, "
                    "plain_len, total_len,"
                    " wrapped_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id, "
                    "session) DO UPDATE SET"
                    " version = ?4, commitment = ?5, checksum = ?6, plain_len = ?7, total_len = "
                    "?8, wrapped_key = ?9",
    [Q_FIND_BLOCKS] = "SELECT " BLOCK_COLUMNS
                      " FROM blocks b WHERE b.id = ?1 AND b.id_type = ?2 ORDER BY b.block DESC",
    [Q_HAS_BLOCK] = "SELECT 1 FROM blocks WHERE id = ?1 AND session = ?2",
    [Q_REMOVE_SESSION_BLOCKS] = "DELETE FROM blocks WHERE session = ?1",
    [Q_EACH_BLOCK] = "SELECT " BLOCK_COLUMNS " FROM blocks b",

    [Q_PUT_ENTRY] =
        "INSERT OR REPLACE INTO entries SELECT p.point, ?2, b.block FROM points p, blocks b"
        " WHERE p.id = ?1 AND b.id = ?3 AND b.session = ?4",
    [Q_FIND_ENTRY] = "SELECT " BLOCK_COLUMNS " FROM points p JOIN entries e ON e.point = p.point"
                     " JOIN blocks b ON b.block = e.block WHERE p.id = ?1 AND e.position = ?2",
    [Q_COUNT_ENTRIES] =
        "SELECT count(*) FROM entries WHERE point = (SELECT point FROM points WHERE id = ?1)",
    [Q_REMOVE_ENTRIES] =
        "DELETE FROM entries WHERE point = (SELECT point FROM points WHERE id = ?1)",
    [Q_POINTS_OF_BLOCK] =
        "SELECT DISTINCT " POINT_COLUMNS " FROM blocks b JOIN entries e ON e.block = b.block"
        " JOIN points p ON p.point = e.point WHERE b.id = ?1 AND b.session = ?2",

    [Q_PUT_SESSION] = "INSERT OR IGNORE INTO sessions SELECT ?1, point FROM points WHERE id = ?2",
    [Q_SESSION_HOLDERS] =
        "SELECT p.id FROM sessions s JOIN points p ON p.point = s.point WHERE s.session = ?1"
        " ORDER BY p.point DESC",
    [Q_COUNT_SESSIONS] = "SELECT count(DISTINCT session) FROM sessions",
};

static bool no_room(int error, int system_error)
{
    return (error & 0xff) == SQLITE_FULL ||
           ((error & 0xff) == SQLITE_IOERR &&
            (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG));
}

enum outcome query_fail(struct meta_sqlite *meta, int error)
{
    const char *said = meta->db != NULL ? sqlite3_errmsg(meta->db) : sqlite3_errstr(error);
    /* SQLite keeps the number of some failed system calls only; errno was 0 before the call. */
    int system_error = meta->db != NULL ? sqlite3_system_errno(meta->db) : 0;
    if (system_error == 0) system_error = errno;

    if (no_room(error, system_error)) {
        return fail(meta->problem, OUT_ENVIRONMENT,
                    "disk full: cannot write the database %s (%s). Nothing that was"
                    " complete is lost; make room and run it again",
                    meta->path, said);
    }
    switch (error & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(meta->problem, OUT_LOCKED, "the database %s is locked by another program (%s)",
                    meta->path, said);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: /* a table or column is gone: the statements are right */
    case SQLITE_CONSTRAINT:
        return fail(meta->problem, OUT_CORRUPT,
                    "the database %s is damaged: %s. The backups are not: run `appliance"
                    " rebuild --force` to make a new one from the manifests",
                    meta->path, said);
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
        return fail(meta->problem, OUT_INTERNAL, "database %s: %s", meta->path, said);
    case SQLITE_IOERR:
        return fail(meta->problem, OUT_ENVIRONMENT, "database %s: %s: %s", meta->path, said,
                    strerror(system_error));
    default:
        return fail(meta->problem, OUT_ENVIRONMENT, "database %s: %s", meta->path, said);
    }
}

sqlite3_stmt *query_start(struct meta_sqlite *meta, enum query query)
{
    sqlite3_stmt **prepared = &meta->prepared[query];

    meta->bind_error = SQLITE_OK;
    if (*prepared != NULL) {
        sqlite3_reset(*prepared);
        sqlite3_clear_bindings(*prepared);
        return *prepared;
    }
    int error = sqlite3_prepare_v3(meta->db, META_SQL[query], -1, SQLITE_PREPARE_PERSISTENT,
                                   prepared, NULL);
    if (error != SQLITE_OK) meta->refused = query_fail(meta, error);
    return *prepared;
}

enum outcome query_refused(const struct meta_sqlite *meta)
{
    return meta->refused;
}

void bind_bytes(struct meta_sqlite *meta, sqlite3_stmt *statement, int at, const uint8_t *bytes,
                size_t len)
{
    int error = sqlite3_bind_blob64(statement, at, bytes, len, SQLITE_TRANSIENT);
    if (error != SQLITE_OK) meta->bind_error = error;
}

void bind_number(struct meta_sqlite *meta, sqlite3_stmt *statement, int at, uint64_t value)
{
    int error = sqlite3_bind_int64(statement, at, (sqlite3_int64)value);
    if (error != SQLITE_OK) meta->bind_error = error;
}

void bind_words(struct meta_sqlite *meta, sqlite3_stmt *statement, int at, const char *text)
{
    int error = sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
    if (error != SQLITE_OK) meta->bind_error = error;
}

enum outcome query_step(struct meta_sqlite *meta, sqlite3_stmt *statement, bool *row)
{
    *row = false;
    if (meta->bind_error != SQLITE_OK) return query_fail(meta, meta->bind_error);
    errno = 0;
    int error = sqlite3_step(statement);
    if (error == SQLITE_ROW) {
        *row = true;
        return OUT_OK;
    }
    enum outcome outcome = error == SQLITE_DONE ? OUT_OK : query_fail(meta, error);
    sqlite3_reset(statement);
    return outcome;
}

enum outcome query_run(struct meta_sqlite *meta, sqlite3_stmt *statement)
{
    bool row;
    enum outcome outcome = query_step(meta, statement, &row);

    if (outcome == OUT_OK && row) sqlite3_reset(statement);
    return outcome;
}

enum outcome query_run_with_id(struct meta_sqlite *meta, enum query query, const uint8_t id[16])
{
    sqlite3_stmt *statement = query_start(meta, query);

    if (statement == NULL) return query_refused(meta);
    bind_bytes(meta, statement, 1, id, 16);
    return query_run(meta, statement);
}

enum outcome column_bytes(struct meta_sqlite *meta, sqlite3_stmt *statement, int at, uint8_t *out,
                          size_t len)
{
    const void *bytes = sqlite3_column_blob(statement, at);
    int found = sqlite3_column_bytes(statement, at);

    if (found < 0 || (size_t)found != len) {
        return fail(meta->problem, OUT_CORRUPT,
                    "the database %s has a row whose column %s has %d bytes instead of %zu."
                    " Run `appliance rebuild --force`",
                    meta->path, sqlite3_column_name(statement, at), found, len);
    }
    if (len > 0) memcpy(out, bytes, len);
    return OUT_OK;
}

uint64_t column_number(sqlite3_stmt *statement, int at)
{
    return (uint64_t)sqlite3_column_int64(statement, at);
}
