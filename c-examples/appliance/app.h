/* app.h: what every command works with: options, output, and the opened repository: database,
 * objects, lock, key. It does not know what the commands do.
 */
#ifndef APPLIANCE_APP_H
#define APPLIANCE_APP_H

#include "block_store.h"
#include "key_dir.h"
#include "meta_store.h"
#include "options.h"
#include "output.h"

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
    bool tested;     /* all of the library's self-tests passed */
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

/* Every key is loaded by one of these, app_keys.c: the key at hand (--keys), and another one
 * (--new-keys, --keep), of which the public half may do. key_dir_wipe always. */
enum outcome app_load_keys(struct app *app);
enum outcome app_before_any_key(struct app *app); /* they call it; so has who makes a key */
enum outcome app_load_other(struct app *app, const char *path, bool public_will_do,
                            struct key_dir *keys);

/* Makes the key at hand of the password, with the setting that the repository's records were
 * wrapped for. OUT_MISSING: no password opens them. */
struct password;
enum outcome app_derive_keys(struct app *app, const struct password *password);

#endif
