/* key_change.h: what rekey, remove-key and rotate share: going through every record, and writing a
 * record again for other recipients. No block, manifest or session key is touched by it.
 */
#ifndef APPLIANCE_KEY_CHANGE_H
#define APPLIANCE_KEY_CHANGE_H

#include "kept_keys.h"
#include "record.h"

struct key_change {
    struct app *app;
    const char *what; /* the command, for messages */
    struct record_names names;
};

/* Opens the repository to be written to, with the key at hand, and lists its records. OUT_MISSING:
 * there is none. key_change_end always. */
enum outcome key_change_begin(struct app *app, const char *what, struct key_change *change);
void key_change_end(struct key_change *change);

/* Calls `step` with each record's name, the repository's first: it decides about new backups. A
 * failure ends it, and its message says so. */
typedef enum outcome (*record_step)(void *user, const char *name);
enum outcome key_change_each(struct key_change *change, record_step step, void *user);

bool recipient_is_password(uint32_t type);

/* How many records name that key, as they stand, in either copy. */
enum outcome key_change_count(struct key_change *change, const uint8_t key_id[16], size_t *count);

#define REWRITE_KEYS_MAX KEPT_KEYS_MAX

/* Another form of an opened record. */
struct rewrite {
    const struct record *from;
    bool rotate;           /* a new storage key: nobody opens it but those in `add` */
    const uint8_t *remove; /* a key id, or NULL; with one key in `add`: that takes its place */
    const struct key_dir *add[REWRITE_KEYS_MAX];
    size_t add_count;
    const struct key_dir *opener; /* still has to open it; NULL: those in `add` do */
};

/* Makes the new form, opens it with every key at hand that has to, and only then writes it to both
 * places, with the next generation. OUT_REFUSED: the other copy is another key's. */
enum outcome record_rewrite(struct app *app, const char *name, const struct rewrite *rewrite);

#endif
