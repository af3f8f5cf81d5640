/* record.h: a key record or the repository record, which lies in two places: as an object beside
 * the blocks and as a row in the database. The newer copy that is genuine counts; a writer repairs
 * the other. It does not know which restore points there are.
 */
#ifndef APPLIANCE_RECORD_H
#define APPLIANCE_RECORD_H

#include "app.h"

#define RECORD_MAX 68159408u /* 64 stanzas and 1,048,576 entries, docs/FORMAT.md section 4 */

struct record {
    uint8_t *bytes;
    size_t len;
    coffre_record view; /* of the bytes: what the library reads */
    coffre_record_info info;
    coffre_record_keys keys; /* after record_open */
    bool other_kept;         /* the other copy is not this one, and must not be overwritten */
    bool conflict;           /* after record_read: two differ, and say the same generation */
    bool rolled_back;        /* the database knows that there was a newer one */
};

/* Reads the newer copy without a key: structure and checksum hold, nothing is proven and nothing
 * repaired. OUT_MISSING: there is none in either place.
 */
enum outcome record_read(struct app *app, const char *name, struct record *record);

/* One copy alone, without a key: is it there, whole, of this installation and of this name? */
enum outcome record_look(struct app *app, const char *name, bool beside);

/* Takes the newer of those that open and prove to be this installation's and this restore point's.
 * A writer then replaces the other copy if it is gone, damaged, forged, another restore point's or
 * older. One that is rolled back opens for readers, with a note; for writers it is OUT_STALE, as
 * what they make of it would pass for new. `report` may be NULL.
 */
enum outcome record_open(struct app *app, const struct key_dir *keys, const char *name,
                         struct record *record, coffre_challenge_report *report);

/* Beside the blocks first, then in the database; not inside a transaction. */
enum outcome record_write(struct app *app, const char *name, const uint8_t *bytes, size_t len);
enum outcome record_remove(struct app *app, const char *name);
void record_close(struct record *record);

/* The challenge's check, for any record: message with verdict, expected, found and what to do.
 * `where` names the record. */
enum outcome record_check(struct app *app, const struct key_dir *keys, const char *where,
                          uint64_t lowest_generation, const uint8_t *bytes, size_t len,
                          coffre_challenge_report *report);

/* What a check of that record would report, and the message for a status that it ended with. */
void record_describe(const coffre_record *view, const struct key_dir *keys,
                     coffre_challenge_report *report);
enum outcome record_explain(struct app *app, coffre_status status, const struct key_dir *keys,
                            const char *where, uint64_t lowest_generation,
                            const coffre_challenge_report *report);

/* Calls `visit` with each entry; anything but OUT_OK ends it and is its result. */
typedef enum outcome (*record_visit)(void *user, const coffre_record_entry *entry);
enum outcome record_entries(struct app *app, const struct record *record, record_visit visit,
                            void *user);

/* Does it name that key as one that opens it? */
bool record_has(const struct record *record, const uint8_t key_id[16]);
/* Does either copy? A key is gone only when neither does. */
enum outcome record_names_key(struct app *app, const char *name, const uint8_t key_id[16],
                              bool *named);

/* Every record there is in either place, sorted, without doubles; after a failure those that were
 * found. */
struct record_names {
    char (*names)[OBJECT_NAME_SIZE];
    size_t count, cap;
};
enum outcome record_names(struct app *app, struct record_names *names);

#endif
