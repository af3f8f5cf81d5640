/* app.h: what every command works with: options, output, and the opened repository: database,
 * objects, lock, key. It does not know what the commands do.
 */
#ifndef APPLIANCE_APP_H
#define APPLIANCE_APP_H

#include "block_store.h"
#include "key_dir.h"
#include "meta_store.h"
#include "output.h"

struct options {
    const char *repo, *keys, *new_keys, *name;
    const char *arguments[2];
    int argument_count;
    uint32_t block_size;
    bool force, kek, prepare, json, quiet;
};

struct app {
    struct options options;
    struct problem problem;
    struct output out;
    coffre_context context;
    struct block_store blocks;
    struct meta_store meta;
    struct meta_installation installation;
    struct key_dir keys;
    int lock;        /* -1: this command does not write */
    bool rebuilding; /* the database is new: that it has no copies yet is no news */
};

#define DATABASE_FILE "coffre.sqlite"

#define APP_WRITES  1u /* takes the lock */
#define APP_KEYS    2u /* loads the key */
#define APP_NO_META 4u /* leaves the database alone: rebuild opens its own */

/* app_start comes first, app_stop last; both always. */
enum outcome app_start(struct app *app);
enum outcome app_open(struct app *app, unsigned needs);
void app_stop(struct app *app);

#endif
