/* origin.h: who made a restore point: the signature that lies beside its manifest, and what can be
 * said of it. "verified" is said only of a signature of the key that was demanded, under a manifest
 * that is whole.
 */
#ifndef APPLIANCE_ORIGIN_H
#define APPLIANCE_ORIGIN_H

#include "origin_key.h"
#include "point.h"

/* The origin that the operator demands; `demanded` false: none. */
struct origin_demand {
    bool demanded;
    coffre_origin key;
    uint8_t key_id[COFFRE_KEY_ID_SIZE];
};
enum outcome origin_demand_read(struct app *app, struct origin_demand *demand); /* --origin */
void origin_demand_wipe(struct origin_demand *demand);

/* What was found: point_walk fills it in when struct point has one. */
struct point_origin {
    const struct origin_demand *demand;
    const char *verdict; /* "verified", "unverified" or "forged" */
    bool has_signer;
    uint8_t signer[COFFRE_KEY_ID_SIZE]; /* whom the signature names; proven when verified */
    enum outcome outcome;               /* of the signature itself; `problem` says more */
    struct problem problem;
};
void origin_ask(const struct origin_demand *demand, struct point *point,
                struct point_origin *origin);

/* The end of a walk: is the manifest whole, and of the demanded origin? Where none is demanded a
 * signature that is damaged or another restore point's is no failure of the walk, but `outcome`. */
enum outcome origin_close(struct app *app, struct point *point, coffre_manifest_reader *reader,
                          const uint8_t trailer[COFFRE_MANIFEST_TRAILER_SIZE]);

/* The verdict for people: with what it takes to make it better. */
#define ORIGIN_TEXT_SIZE 192
const char *origin_text(const struct point_origin *origin, char text[ORIGIN_TEXT_SIZE]);
/* As values: for people a line, unless it is in a row. */
void origin_print(struct output *out, const struct point_origin *origin);

/* What a signature says of itself, without a key; it is whole, and of this restore point and
 * installation. OUT_MISSING: there is none. */
enum outcome origin_look(struct app *app, const uint8_t id[16], coffre_origin_info *info);

/* Signs a whole manifest and stores the signature, durably. `same`, unless NULL: it lay there
 * already. */
enum outcome origin_sign(struct app *app, const struct origin_signer *signer,
                         const struct record *record, const coffre_manifest_whole *whole,
                         bool *same);

/* An origin key that opens a restore point proves nothing: refused before there is any work. */
enum outcome origin_may_sign(struct app *app, const struct origin_signer *signer,
                             const struct record *record);

#endif
