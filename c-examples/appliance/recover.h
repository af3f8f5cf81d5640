/* recover.h: makes the database agree with what lies beside it, after a kill, a full disk, or the
 * loss of the database.
 *
 * What a killed backup leaves, and what becomes of it:
 *   - files in tmp/: removed by the next writer that opens the store;
 *   - whole blocks, with or without a row: their session key is in unfinished/<id>.rec, so they can
 * be opened, get a row, and the next backup refers to those it can use instead of storing them
 * again;
 *   - a manifest without a complete row: the restore point was complete when its manifest appeared:
 * it gets its rows. Once the next backup is complete, recover_tidy drops the unfinished point. A
 * block is deleted only if its session key is in no other restore point's key record: that is
 * decided from the records, which are authentic, never from rows.
 */
#ifndef APPLIANCE_RECOVER_H
#define APPLIANCE_RECOVER_H

#include "point.h"

struct recovery {
    uint8_t (*unfinished)[16]; /* points to be tidied away */
    uint8_t (*sessions)[16];   /* their own session ids, one each */
    size_t unfinished_count, cap;
    uint64_t blocks;    /* that got a row */
    uint64_t adopted;   /* points that got their rows */
    uint64_t left;      /* points that could not be opened, and were left as they are */
    enum outcome worst; /* of those */
};

enum outcome recover_points(struct app *app, struct recovery *recovery);
enum outcome recover_tidy(struct app *app, struct recovery *recovery);
void recover_close(struct recovery *recovery);

#endif
