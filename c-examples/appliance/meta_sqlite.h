/* meta_sqlite.h: the database in one SQLite file. */
#ifndef APPLIANCE_META_SQLITE_H
#define APPLIANCE_META_SQLITE_H

#include "meta_store.h"

/* Opens the file; with `create` makes it and its tables first where they are missing. OUT_MISSING:
 * no database there, OUT_CORRUPT: a damaged one, OUT_UNSUPPORTED: one of another version of this
 * program.
 */
enum outcome meta_sqlite_open(struct problem *problem, const char *path, bool create,
                              struct meta_store *store);

#endif
