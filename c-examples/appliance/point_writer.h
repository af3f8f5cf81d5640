/* point_writer.h: a restore point that comes into being: its keys, its manifest, and the moment at
 * which it is complete.
 *
 * The order of writes is what makes a kill harmless:
 *   1. unfinished/<id>.rec     key record with this run's session key: from here on every block
 * written can be opened again
 *   2. blocks, then their rows a row is committed only after its block is durable
 *   3. points/<id>/keys.rec    with all session keys that the manifest refers to
 *   4. points/<id>/metadata, points/<id>/origin where it is signed, points/<id>/manifest; the
 * manifest's rename is the moment
 *   5. the database's row says complete
 *   6. unfinished/<id>.rec is removed
 * recover.h picks up whatever a kill leaves between two of them.
 */
#ifndef APPLIANCE_POINT_WRITER_H
#define APPLIANCE_POINT_WRITER_H

#include "kept_keys.h"
#include "origin_key.h"
#include "point.h"

struct taken_session {
    uint8_t id[16];
    bool usable; /* its key is in the new record; false: no record that holds it could be opened */
    coffre_session session; /* where blocks are opened, which is for their digests */
};

/* What a restore point is made with. */
struct point_making {
    uint64_t epoch;                     /* of the id key */
    const struct kept_keys *kept;       /* who shall open it */
    bool digests;                       /* the manifest names the content of each block */
    const struct origin_signer *signer; /* NULL: nobody signs it; else with digests */
};

struct point_writer {
    struct app *app;
    struct meta_point row;
    struct point_making making;
    struct point_metadata metadata;
    coffre_session session;
    uint8_t session_id[16];
    struct record first; /* as in unfinished/: its keys seal the manifest */
    uint8_t *final;      /* the record that grows */
    size_t final_cap;
    coffre_record_writer writer;
    struct taken_session *taken;
    size_t taken_count, taken_cap;
    struct store_upload *upload; /* of the manifest */
    coffre_manifest_writer manifest;
    enum outcome sink_outcome;
    bool begun;
};

/* row: name, created, image and block size are the caller's, the id is chosen here.
 * point_writer_close always. */
enum outcome point_writer_begin(struct app *app, const struct meta_point *row,
                                const struct point_making *making, struct point_writer *writer);

/* May the new point refer to blocks of that session? Takes the session's key over when it is met
 * first. */
enum outcome point_writer_take(struct point_writer *writer, const uint8_t session_id[16],
                               bool *usable);

/* With digests: the key of this run's session, or of one that was taken over; else NULL. */
const coffre_session *point_writer_session(const struct point_writer *writer,
                                           const uint8_t session_id[16]);

/* The next position: a stored block and, with digests, its own; or a hole with `block` NULL. */
enum outcome point_writer_add(struct point_writer *writer, uint64_t position,
                              const struct meta_block *block, const uint8_t digest[32]);

/* Steps 3 to 6. No transaction may be open. */
enum outcome point_writer_finish(struct point_writer *writer);
void point_writer_close(struct point_writer *writer);

#endif
