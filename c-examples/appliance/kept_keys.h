/* kept_keys.h: the key at hand and those of every --keep directory: who shall open what is written.
 * Of a pair the public half will do. It does not know what is written.
 */
#ifndef APPLIANCE_KEPT_KEYS_H
#define APPLIANCE_KEPT_KEYS_H

#include "app.h"

#define KEPT_KEYS_MAX (1 + KEEP_MAX)

struct kept_keys {
    struct key_dir dirs[KEEP_MAX];
    const struct key_dir *keys[KEPT_KEYS_MAX]; /* each key once, the one at hand first */
    size_t count;
};

/* The key at hand is loaded. OUT_FOREIGN: the keys are another installation's. OUT_POLICY: one
 * signs restore points. OUT_USAGE: two passwords, for a record can have one at most.
 * kept_keys_wipe always. */
enum outcome kept_keys_load(struct app *app, struct kept_keys *kept);
bool kept_keys_have(const struct kept_keys *kept, const uint8_t id[COFFRE_KEY_ID_SIZE]);
void kept_keys_wipe(struct kept_keys *kept);

#endif
