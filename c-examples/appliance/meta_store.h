/* meta_store.h: the database, as the rest of the program sees it: one installation, restore points,
 * blocks, which block stands where, which restore point holds which session key, and a copy of
 * every record. meta_sqlite.h keeps it in SQLite; another database would be another of these
 * structs.
 *
 * Nothing in it is trusted: a restore never asks it where a block is, the manifest says so, and it
 * can be rebuilt from the objects. Each function sets the problem's text when it returns anything
 * but OUT_OK.
 */
#ifndef APPLIANCE_META_STORE_H
#define APPLIANCE_META_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "outcome.h"

#define POINT_NAME_SIZE 256
#define NUMBER_UNKNOWN  UINT64_MAX /* nothing but the rows knows it, and they were lost */

enum point_state { POINT_UNFINISHED = 0, POINT_COMPLETE = 1 };

struct meta_installation {
    uint8_t id[16];
    uint64_t challenge_generation; /* a challenge below it is from before a rekey */
};

struct meta_point {
    uint8_t id[16];
    enum point_state state;
    uint64_t created; /* microseconds since 1970 */
    uint64_t image_size;
    uint32_t block_size;
    uint64_t new_blocks; /* stored by this backup, not there before; or NUMBER_UNKNOWN */
    uint64_t new_bytes;
    char name[POINT_NAME_SIZE];
};

/* One stored block. Version 2: session id and commitment. Version 1: wrapped_key. */
struct meta_block {
    coffre_block_id id;
    uint8_t session_id[16];
    uint32_t version;
    uint8_t commitment[32];
    uint8_t checksum[8];
    uint64_t plain_len;
    uint64_t total_len;
    bool has_wrapped_key;
    uint8_t wrapped_key[COFFRE_V1_WRAPPED_KEY_SIZE];
};

/* Return OUT_OK to go on. A visitor does not change the database. */
typedef enum outcome (*meta_visit_point)(void *user, const struct meta_point *point);
typedef enum outcome (*meta_visit_block)(void *user, const struct meta_block *block);
typedef enum outcome (*meta_visit_name)(void *user, const char *name);

struct meta_store {
    void *self;
    /* What stands between begin and commit happens whole or not at all; everything else at once. */
    enum outcome (*begin)(void *self);
    enum outcome (*commit)(void *self);
    void (*rollback)(void *self); /* also when no transaction is open */

    enum outcome (*installation)(void *self, struct meta_installation *installation);
    enum outcome (*set_installation)(void *self, const struct meta_installation *installation);

    /* The generation is noted apart from the bytes, so that it stays known when they are damaged
     * or gone; rows from before there were notes have none. */
    enum outcome (*put_record)(void *self, const char *name, const uint8_t *bytes, size_t len,
                               uint64_t generation);
    enum outcome (*record_generation)(void *self, const char *name,
                                      uint64_t *generation); /* 0: not known */
    enum outcome (*get_record)(void *self, const char *name, uint8_t **bytes,
                               size_t *len); /* malloc'd; OUT_MISSING */
    enum outcome (*remove_record)(void *self, const char *name);
    enum outcome (*each_record)(void *self, meta_visit_name visit, void *user);

    enum outcome (*put_point)(void *self, const struct meta_point *point); /* inserts or replaces */
    enum outcome (*find_point)(void *self, const uint8_t id[16],
                               struct meta_point *point); /* OUT_NOT_FOUND */
    enum outcome (*remove_point)(void *self,
                                 const uint8_t id[16]); /* with its entries and sessions */
    enum outcome (*each_point)(void *self, meta_visit_point visit, void *user); /* oldest first */

    enum outcome (*put_block)(
        void *self, const struct meta_block *block); /* inserts or replaces, by id and session */
    /* Up to `cap` blocks with that content, newest first. */
    enum outcome (*find_blocks)(void *self, const coffre_block_id *id, struct meta_block *blocks,
                                size_t cap, size_t *count);
    enum outcome (*has_block)(void *self, const coffre_block_id *id, const uint8_t session_id[16],
                              bool *has);
    enum outcome (*remove_session_blocks)(void *self, const uint8_t session_id[16]);
    enum outcome (*each_block)(void *self, meta_visit_block visit, void *user);

    enum outcome (*put_entry)(void *self, const uint8_t point_id[16], uint64_t position,
                              const coffre_block_id *id, const uint8_t session_id[16]);
    enum outcome (*find_entry)(void *self, const uint8_t point_id[16], uint64_t position,
                               struct meta_block *block);
    enum outcome (*count_entries)(void *self, const uint8_t point_id[16], uint64_t *count);
    enum outcome (*remove_entries)(void *self, const uint8_t point_id[16]);
    /* The restore points that refer to a block. */
    enum outcome (*points_of_block)(void *self, const coffre_block_id *id,
                                    const uint8_t session_id[16], meta_visit_point visit,
                                    void *user);

    enum outcome (*put_session)(void *self, const uint8_t session_id[16],
                                const uint8_t point_id[16]);
    /* Up to `cap` restore points whose key record holds the session key. */
    enum outcome (*session_holders)(void *self, const uint8_t session_id[16], uint8_t (*points)[16],
                                    size_t cap, size_t *count);
    enum outcome (*count_sessions)(void *self, uint64_t *count);
    void (*close)(void *self);
};

#endif
