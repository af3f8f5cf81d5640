/* kit_store.h: recovery kits that lie in the repository: kits/KEY-ID.kit, so that a backup carries
 * what opens it. Everything here is without a password; what a kit says of itself is not proven.
 */
#ifndef APPLIANCE_KIT_STORE_H
#define APPLIANCE_KIT_STORE_H

#include "kit.h"

#define KITS "kits/"

struct stored_kit {
    char name[OBJECT_NAME_SIZE]; /* of the object */
    struct kit kit;
    enum outcome
        outcome; /* it is whole, and of the key that its name says; else `problem` says more */
    struct problem problem;
    bool named; /* its name is a kit's */
};

/* Calls `visit` with each file in kits/; anything but OUT_OK ends it and is its result. No such
 * directory: no kits. */
typedef enum outcome (*kit_visit)(void *user, const struct stored_kit *kit);
enum outcome kit_store_each(struct app *app, kit_visit visit, void *user);

/* The one kit, or the one of that key; OUT_MISSING: none; OUT_NOT_FOUND: several, which the message
 * names. */
enum outcome kit_store_find(struct app *app, const char *key_id, struct stored_kit *kit);

/* One of the same key is replaced with `force` alone. */
enum outcome kit_store_may_put(struct app *app, const uint8_t key_id[16], bool force);
enum outcome kit_store_put(struct app *app, const struct kit *kit, char name[OBJECT_NAME_SIZE]);

#endif
