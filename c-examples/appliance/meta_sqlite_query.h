/* meta_sqlite_query.h: the statements of the SQLite store, and the few calls with which its files
 * run them. Private to them: meta_sqlite.c opens the file, meta_sqlite_query.c runs statements,
 * meta_sqlite_points.c and meta_sqlite_blocks.c have one function a statement.
 */
#ifndef APPLIANCE_META_SQLITE_QUERY_H
#define APPLIANCE_META_SQLITE_QUERY_H

#include <limits.h>
#include <sqlite3.h>

#include "meta_store.h"

enum query {
    Q_BEGIN,
    Q_COMMIT,
    Q_INSTALLATION,
    Q_SET_INSTALLATION,
    Q_PUT_RECORD,
    Q_PUT_GENERATION,
    Q_GET_GENERATION,
    Q_REMOVE_GENERATION,
    Q_GET_RECORD,
    Q_REMOVE_RECORD,
    Q_EACH_RECORD,
    Q_PUT_POINT,
    Q_FIND_POINT,
    Q_REMOVE_POINT,
    Q_REMOVE_SESSIONS,
    Q_EACH_POINT,
    Q_PUT_BLOCK,
    Q_FIND_BLOCKS,
    Q_HAS_BLOCK,
    Q_REMOVE_SESSION_BLOCKS,
    Q_EACH_BLOCK,
    Q_PUT_ENTRY,
    Q_FIND_ENTRY,
    Q_COUNT_ENTRIES,
    Q_REMOVE_ENTRIES,
    Q_POINTS_OF_BLOCK,
    Q_PUT_SESSION,
    Q_SESSION_HOLDERS,
    Q_COUNT_SESSIONS,
    QUERY_COUNT
};

struct meta_sqlite {
    sqlite3 *db;
    struct problem *problem;
    char path[PATH_MAX];
    sqlite3_stmt *prepared[QUERY_COUNT];
    int bind_error;       /* of the statement that is being filled */
    enum outcome refused; /* why query_start returned NULL */
};

extern const char *const META_SQL[QUERY_COUNT];

/* A statement ready to be filled; NULL when SQLite refuses it (the problem is set). The previous
 * use is reset. */
sqlite3_stmt *query_start(struct meta_sqlite *meta, enum query query);
enum outcome query_refused(const struct meta_sqlite *meta);
void bind_bytes(struct meta_sqlite *meta, sqlite3_stmt *statement, int at, const uint8_t *bytes,
                size_t len);
void bind_number(struct meta_sqlite *meta, sqlite3_stmt *statement, int at, uint64_t value);
void bind_words(struct meta_sqlite *meta, sqlite3_stmt *statement, int at, const char *text);

enum outcome query_step(struct meta_sqlite *meta, sqlite3_stmt *statement,
                        bool *row); /* resets after the last row */
enum outcome query_run(struct meta_sqlite *meta,
                       sqlite3_stmt *statement); /* one that has no rows */
enum outcome query_run_with_id(struct meta_sqlite *meta, enum query query, const uint8_t id[16]);
enum outcome query_fail(struct meta_sqlite *meta, int error);

/* A column of exactly len bytes; a row of another shape is damaged. */
enum outcome column_bytes(struct meta_sqlite *meta, sqlite3_stmt *statement, int at, uint8_t *out,
                          size_t len);
uint64_t column_number(sqlite3_stmt *statement, int at);

/* For any statement that yields point columns. */
enum outcome meta_visit_point_rows(struct meta_sqlite *meta, sqlite3_stmt *statement,
                                   meta_visit_point visit, void *user);

/* Fill the function pointers that have to do with rows. */
void meta_sqlite_points(struct meta_store *store);
void meta_sqlite_blocks(struct meta_store *store);

#endif
