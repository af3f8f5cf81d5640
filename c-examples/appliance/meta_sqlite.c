/* meta_sqlite.c: opens the SQLite store, makes its tables, and has its transactions. See
 * meta_sqlite.h. */
#include "meta_sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "meta_sqlite_query.h"

#define SCHEMA_VERSION 2

/* What version 2 has more than version 1: the lowest generation to accept of each record. */
#define SCHEMA_2 "CREATE TABLE generations (name TEXT PRIMARY KEY, generation INTEGER NOT NULL);"

/* `blocks` is open for version 1, whose key is wrapped beside the block: it has wrapped_key, and no
 * session. */
static const char SCHEMA[] =
    "CREATE TABLE installation (one INTEGER PRIMARY KEY CHECK (one = 1), instance BLOB NOT NULL,"
    " challenge_generation INTEGER NOT NULL);"
    "CREATE TABLE records (name TEXT PRIMARY KEY, bytes BLOB NOT NULL);" SCHEMA_2
    "CREATE TABLE points (point INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, state INTEGER NOT "
    "NULL,"
    " created INTEGER NOT NULL, image_size INTEGER NOT NULL, block_size INTEGER NOT NULL,"
    " new_blocks INTEGER NOT NULL, new_bytes INTEGER NOT NULL, name TEXT NOT NULL);"
    "CREATE TABLE blocks (block INTEGER PRIMARY KEY, id_type INTEGER NOT NULL, id BLOB NOT NULL,"
    " session BLOB NOT NULL, version INTEGER NOT NULL, commitment BLOB NOT NULL, checksum BLOB NOT "
    "NULL,"
    " plain_len INTEGER NOT NULL, total_len INTEGER NOT NULL,"
    " wrapped_key BLOB CHECK (wrapped_key IS NULL OR length(wrapped_key) = 40), UNIQUE (id, "
    "session));"
    "CREATE INDEX blocks_session ON blocks (session);"
    "CREATE TABLE entries (point INTEGER NOT NULL, position INTEGER NOT NULL, block INTEGER NOT "
    "NULL,"
    " PRIMARY KEY (point, position)) WITHOUT ROWID;"
    "CREATE INDEX entries_block ON entries (block);"
    "CREATE TABLE sessions (session BLOB NOT NULL, point INTEGER NOT NULL, PRIMARY KEY (session, "
    "point)) WITHOUT ROWID;";

/* A rollback journal, because a reader then needs no files of its own; secure_delete, because
 * replaced records hold keys under a recipient that a rekey has just removed.
 */
static const char SETTINGS[] = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA "
                               "secure_delete = ON; PRAGMA cache_size = -4096;"
                               "PRAGMA trusted_schema = OFF;";

static enum outcome sqlite_begin(void *self)
{
    sqlite3_stmt *statement = query_start(self, Q_BEGIN);
    return statement == NULL ? query_refused(self) : query_run(self, statement);
}

static enum outcome sqlite_commit(void *self)
{
    sqlite3_stmt *statement = query_start(self, Q_COMMIT);
    return statement == NULL ? query_refused(self) : query_run(self, statement);
}

static void sqlite_rollback(void *self)
{
    struct meta_sqlite *meta = self;

    if (sqlite3_get_autocommit(meta->db) == 0) sqlite3_exec(meta->db, "ROLLBACK", NULL, NULL, NULL);
}

static void sqlite_close(void *self)
{
    struct meta_sqlite *meta = self;

    if (meta == NULL) return;
    for (size_t i = 0; i < QUERY_COUNT; i++)
        sqlite3_finalize(meta->prepared[i]);
    sqlite3_close(meta->db);
    free(meta);
}

static enum outcome run_script(struct meta_sqlite *meta, const char *script)
{
    errno = 0;
    int error = sqlite3_exec(meta->db, script, NULL, NULL, NULL);
    return error == SQLITE_OK ? OUT_OK : query_fail(meta, error);
}

static enum outcome read_version(struct meta_sqlite *meta, int *version)
{
    sqlite3_stmt *statement = NULL;
    int error = sqlite3_prepare_v2(meta->db, "PRAGMA user_version", -1, &statement, NULL);

    if (error == SQLITE_OK) {
        error = sqlite3_step(statement);
        *version = sqlite3_column_int(statement, 0);
    }
    sqlite3_finalize(statement);
    return error == SQLITE_ROW ? OUT_OK : query_fail(meta, error);
}

static enum outcome run_schema(struct meta_sqlite *meta, const char *schema)
{
    char set_version[48];
    enum outcome outcome = sqlite_begin(meta);

    snprintf(set_version, sizeof set_version, "PRAGMA user_version = %d", SCHEMA_VERSION);
    if (outcome == OUT_OK) outcome = run_script(meta, schema);
    if (outcome == OUT_OK) outcome = run_script(meta, set_version);
    if (outcome == OUT_OK) outcome = sqlite_commit(meta);
    if (outcome != OUT_OK) sqlite_rollback(meta);
    return outcome;
}

static enum outcome open_tables(struct meta_sqlite *meta, bool create)
{
    int version = 0;
    int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    int error = sqlite3_open_v2(meta->path, &meta->db, flags, NULL);

    if (error != SQLITE_OK) return query_fail(meta, error);
    sqlite3_extended_result_codes(meta->db, 1);
    sqlite3_busy_timeout(meta->db, 10000);
    enum outcome outcome = run_script(meta, SETTINGS);
    if (outcome == OUT_OK) outcome = read_version(meta, &version);
    if (outcome != OUT_OK || version == SCHEMA_VERSION) return outcome;
    if (version == 0 && create) return run_schema(meta, SCHEMA);
    if (version == 1) return run_schema(meta, SCHEMA_2);
    if (version == 0) {
        return fail(meta->problem, OUT_MISSING,
                    "%s is empty: `appliance init` or `rebuild` did not finish; run it again",
                    meta->path);
    }
    return fail(meta->problem, OUT_UNSUPPORTED,
                "%s: expected version %d of the database, found %d. Use the program that"
                " wrote it, or `appliance rebuild --force`",
                meta->path, SCHEMA_VERSION, version);
}

enum outcome meta_sqlite_open(struct problem *problem, const char *path, bool create,
                              struct meta_store *store)
{
    struct meta_sqlite *meta = calloc(1, sizeof *meta);

    if (meta == NULL) return fail(problem, OUT_ENVIRONMENT, "no memory to open %s", path);
    meta->problem = problem;
    snprintf(meta->path, sizeof meta->path, "%s", path);
    enum outcome outcome = OUT_OK;
    struct stat found;
    bool exists = stat(path, &found) == 0;
    if (!exists && errno != ENOENT)
        outcome = fail_errno(problem, "look at", path);
    else if (!exists && !create)
        outcome = fail(problem, OUT_MISSING, "%s is missing", path);
    else if (exists && !S_ISREG(found.st_mode)) /* SQLite would wait for a pipe */
        outcome = fail(problem, OUT_CORRUPT, "%s: expected a regular file", path);
    if (outcome == OUT_OK) outcome = open_tables(meta, create);
    if (outcome != OUT_OK) {
        sqlite_close(meta);
        return outcome;
    }
    memset(store, 0, sizeof *store);
    store->self = meta;
    store->begin = sqlite_begin;
    store->commit = sqlite_commit;
    store->rollback = sqlite_rollback;
    store->close = sqlite_close;
    meta_sqlite_points(store);
    meta_sqlite_blocks(store);
    return OUT_OK;
}
