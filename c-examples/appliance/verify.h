/* verify.h: what cmd_verify.c, cmd_sign.c, verify_point.c and verify_rows.c share: verify_point.c
 * opens what lies in the store, verify_rows.c compares the database's rows with it. The manifest
 * and the sealed metadata decide: a row that contradicts them is a fault of the database alone.
 */
#ifndef APPLIANCE_VERIFY_H
#define APPLIANCE_VERIFY_H

#include "block_io.h"
#include "origin.h"
#include "progress.h"
#include "text.h"

struct verify {
    struct app *app;
    struct point point;
    struct origin_demand demand;
    struct point_origin origin;
    struct point_metadata metadata;
    char id_text[ID_TEXT_SIZE]; /* empty: not about one restore point */
    struct block_buffers buffers;
    struct progress progress;
    coffre_id_key id_key;
    bool has_metadata, has_id_key, bad_segment;
    bool unasked;    /* nobody asks who made it: it is about to be signed */
    bool has_row;    /* of this restore point; without it none of its entries are compared */
    bool rows_ended; /* the database cannot be read: said once, and no row is compared any more */
    uint64_t points, blocks, holes, entries, findings;
    uint64_t bytes;
    double seconds;
    enum outcome worst;
};

/* One thing that is wrong, at a position of the image or, with NULL, not at one in particular. */
void verify_finding(struct verify *verify, enum outcome outcome, const uint64_t *position,
                    const char *message);

/* Everything of one restore point, which stays open: point_close. */
void verify_point(struct verify *verify, const struct point_found *found);

/* The restore point's own row: is there one, and does it say what the metadata and the manifest
 * say? */
void verify_point_row(struct verify *verify, const struct point_found *found);

/* The row of one position. `info` is NULL for a hole, or a block that did not open. */
void verify_entry_row(struct verify *verify, const coffre_manifest_entry *entry,
                      const coffre_block_info *info);

/* After the last entry: has the database more? */
void verify_row_count(struct verify *verify);

/* Rows of restore points that are not in the store. */
void verify_lost_points(struct verify *verify, const struct point_list *list);

#endif
