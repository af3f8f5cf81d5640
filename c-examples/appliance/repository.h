/* repository.h: the repository's own record, with the key that makes block ids, and the check at
 * every start. */
#ifndef APPLIANCE_REPOSITORY_H
#define APPLIANCE_REPOSITORY_H

#include "record.h"

/* Do the key at hand, its challenge and the repository record fit each other and this installation?
 * With `print`, a row each. The result is the challenge's when that fails, else the record's.
 */
enum outcome repository_check(struct app *app, bool print);

/* The newest id key, and its epoch. */
enum outcome repository_id_key(struct app *app, coffre_id_key *id_key, uint64_t *epoch);

/* The id key of one epoch; OUT_MISSING when the record has none of it. */
enum outcome repository_id_key_of(struct app *app, uint64_t epoch, coffre_id_key *id_key);

/* Writes a new record with a new id key, sealed to the key at hand. */
enum outcome repository_create_record(struct app *app);

#endif
