/* record_copies.h: the two copies of a record, as they lie there: what is the matter with each, and
 * which may take the other's place. Private to record.c and record_copies.c.
 */
#ifndef APPLIANCE_RECORD_COPIES_H
#define APPLIANCE_RECORD_COPIES_H

#include "record.h"

struct copy {
    const char *place;
    uint8_t *bytes;
    size_t len;
    coffre_record view;
    coffre_record_info info;
    enum outcome outcome; /* OUT_OK: whole, and the record of this name; later: and it opens */
    bool whole;           /* structure and checksum hold, which proves nothing */
    char why[PROBLEM_SIZE];
};

/* [0] lies beside the blocks, [1] in the database. */
void copies_read(struct app *app, const char *name, struct copy copies[2]);
void copy_read(struct app *app, const char *name, bool beside, struct copy *copy);
void copies_free(struct copy copies[2]);
bool copies_same(const struct copy copies[2]);
/* Both will do, say the same generation, and differ: without a key neither is the right one. */
bool copies_conflict(const struct copy *a, const struct copy *b);

/* Keeps the problem's text as the reason why this copy will not do. */
void copy_refuse(struct app *app, struct copy *copy, enum outcome outcome);

/* May `good`, which was opened, be written over the other copy? */
bool copy_may_replace(const struct copy *good, const struct copy *other);

/* A note on what is the matter with the other copy. */
void copy_note(struct app *app, const char *name, const struct copy *good, const struct copy *bad);

/* The message when neither will do. */
enum outcome copies_neither(struct app *app, const struct copy copies[2]);

#endif
