/* scrub.h: what cmd_scrub.c (blocks), scrub_points.c (records, manifests, metadata, signatures) and
 * scrub_kits.c share. */
#ifndef APPLIANCE_SCRUB_H
#define APPLIANCE_SCRUB_H

#include "block_io.h"
#include "output.h"

struct scrub {
    struct app *app;
    uint64_t blocks, bytes, records, manifests, signatures, kits;
    uint64_t without_row, unknown, findings, bad_blocks;
    char affected[POINTS_TEXT_SIZE]; /* restore points that need what is being looked at */
    enum outcome worst;
};

/* One object that is damaged, gone, or cannot be read; the message is the problem's. */
void scrub_finding(struct scrub *scrub, enum outcome outcome, const char *name);

void scrub_records(struct scrub *scrub);
void scrub_points(struct scrub *scrub);
void scrub_kits(struct scrub *scrub);

#endif
