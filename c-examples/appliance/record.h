/* record.h: a key record or the repository record, which lies in two places: as an object beside
 * the blocks and as a row in the database. The newer copy that is genuine counts; a writer repairs
 * the other. It does not know which restore points there are.
 */
#ifndef APPLIANCE_RECORD_H
#define APPLIANCE_RECORD_H

#include "app.h"

#define RECORD_MAX 67371008u /* 64 stanzas and 1,048,576 entries, docs/FORMAT.md section 4 */

struct record {
    uint8_t *bytes;
    size_t len;
    coffre_record_info info;
    coffre_record_keys keys; /* after record_open */
    bool other_kept;         /* the other copy is not this one, and must not be overwritten */
};

/* Reads the newer copy without a key: structure and checksum hold, nothing is proven and nothing
 * repaired. OUT_MISSING: there is none in either place.
 */
enum outcome record_read(struct app *app, const char *name, struct record *record);

/* One copy alone, without a key: is it there, whole, of this installation and of this name? */
enum outcome record_look(struct app *app, const char *name, bool beside);

/* Opens both copies, after the check that tells what a restore has to know before it touches
 * anything, and takes the newer of those that open and prove to be this installation's and this
 * restore point's. A writer then replaces the other copy if it is gone, damaged, forged, another
 * restore point's or older. `report` may be NULL.
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

/* Calls `visit` with each entry; anything but OUT_OK ends it and is its result. */
typedef enum outcome (*record_visit)(void *user, const coffre_record_entry *entry);
enum outcome record_entries(struct app *app, const struct record *record, record_visit visit,
                            void *user);

/* Every record there is in either place, sorted, without doubles; after a failure those that were
 * found. */
struct record_names {
    char (*names)[OBJECT_NAME_SIZE];
    size_t count, cap;
};
enum outcome record_names(struct app *app, struct record_names *names);

#endif
