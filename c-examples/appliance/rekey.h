/* rekey.h: private to cmd_rekey.c and rekey_check.c: a rekey, and what is checked before it writes
 * anything. */
#ifndef APPLIANCE_REKEY_H
#define APPLIANCE_REKEY_H

#include "key_change.h"

struct rekey {
    struct app *app;
    struct key_change change;
    struct key_dir new_keys;
    bool prepare; /* the old key stays */
    bool at_once; /* from a password to a password */
    uint64_t added, removed, already;
    uint64_t challenge_generation;
};

/* Loads the new keys, which may not be the old ones, and whose directory has to be this
 * installation's. */
enum outcome rekey_check_keys(struct rekey *rekey);

/* A record_step: a record has one password at most, and a second one is refused. */
enum outcome rekey_check_password(void *user, const char *name);

#endif
