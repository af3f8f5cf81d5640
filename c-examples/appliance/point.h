/* point.h: a restore point, opened with the key: its key record, its manifest entry by entry, its
 * metadata. What it returns was authenticated; it never asks the database.
 */
#ifndef APPLIANCE_POINT_H
#define APPLIANCE_POINT_H

#include "record.h"

struct point_origin; /* origin.h */

struct point {
    uint8_t id[16];
    struct record record;
    uint8_t header[COFFRE_MANIFEST_HEADER_SIZE];
    coffre_manifest_info manifest; /* of the header: nothing is proven before point_walk said so */
    uint8_t session_id[16];        /* the session key that was used last */
    coffre_session session;
    bool has_session;
    struct point_origin *origin; /* NULL: nobody asks who made it; origin_ask sets it */
    coffre_manifest_whole whole; /* after point_walk; zeros when the manifest is not whole */
};

/* Opens key record and manifest header. point_close always, also after a failure. */
enum outcome point_open(struct app *app, const uint8_t id[16], struct point *point);
void point_close(struct point *point);

/* The session key of that id, from the point's key record. */
enum outcome point_session(struct app *app, struct point *point, const uint8_t session_id[16]);

/* Calls `visit`, unless it is NULL, with each entry whose segment's MAC held, in order. OUT_OK: the
 * manifest is whole, and of the origin that is demanded.
 * Where `bad` is not NULL it is told of each segment that is not (the problem is set), and the walk
 * goes on to the next; its result is then OUT_CORRUPT.
 */
typedef enum outcome (*entry_visit)(void *user, const coffre_manifest_entry *entry);
typedef enum outcome (*segment_visit)(void *user, uint64_t segment, enum outcome outcome);
enum outcome point_walk(struct app *app, struct point *point, entry_visit visit, segment_visit bad,
                        void *user);

/* What a point's sealed metadata says. */
struct point_metadata {
    uint64_t created; /* microseconds since 1970 */
    uint64_t epoch;   /* of the id key that made its block ids */
    char name[POINT_NAME_SIZE];
};
enum outcome point_metadata_read(struct app *app, struct point *point,
                                 struct point_metadata *metadata);
/* Seals and stores it; `digest` is for the manifest. */
enum outcome point_metadata_write(struct app *app, const uint8_t point_id[16],
                                  const coffre_record_keys *keys,
                                  const struct point_metadata *metadata, uint8_t digest[32]);

/* The restore points that lie in the store, whatever the database says, sorted by id. When a
 * directory could not be read the others are in the list all the same. */
struct point_found {
    uint8_t id[16];
    bool has_keys, has_manifest, unfinished;
};
struct point_list {
    struct point_found *points;
    size_t count, cap;
};
enum outcome point_list(struct app *app, struct point_list *list);
const struct point_found *point_in_list(const struct point_list *list, const uint8_t id[16]);
bool point_is_unfinished(const struct point_found *found); /* a killed backup's: no manifest yet */

/* The complete restore point that the argument names: an id, the unique beginning of one, or
 * "latest", for which each one's metadata is opened. */
enum outcome point_find(struct app *app, const char *argument, uint8_t id[16]);

#endif
