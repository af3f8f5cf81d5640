/* lanes.h: blocks on their way through a crew of threads, in the order of the image: a ring of
 * buffers, and a context for each thread. All memory that backup and restore need for blocks is
 * here, and is taken at the start; what is done with a block is the caller's.
 */
#ifndef APPLIANCE_LANES_H
#define APPLIANCE_LANES_H

#include "block_io.h"
#include "crew.h"

/* A block on its way. The caller's own structure begins with it. */
struct lane {
    struct crew_job job;
    struct block_buffers buffers;
    enum outcome outcome; /* of the work on it, with the reason: the main thread's is not shared */
    struct problem problem;
};

/* Called by several threads at once, each with its own context. Sets the lane's outcome. */
typedef void (*lane_work)(void *user, coffre_context *context, struct lane *lane);

struct lanes {
    struct crew *crew;
    uint8_t *ring; /* count structures of lane_size bytes */
    size_t count, lane_size;
    coffre_context *contexts;
    unsigned threads;
    lane_work work;
    void *user;
};

/* So many threads as the options say; two blocks more than threads are on their way at most.
 * lanes_end always. */
enum outcome lanes_begin(struct app *app, size_t block_size, size_t lane_size, lane_work work,
                         void *user, struct lanes *lanes);

/* The lane of the n-th block, from 0. It is free when the block `count` before it is done with. */
void *lane_at(const struct lanes *lanes, uint64_t n);

void lane_start(struct lanes *lanes, struct lane *lane);
bool lane_is_done(struct lanes *lanes, struct lane *lane);
/* Waits for the work on it; a failure's message becomes the program's. */
enum outcome lane_wait(struct app *app, struct lanes *lanes, struct lane *lane);

/* Stops the threads, and wipes and frees everything. */
void lanes_end(struct lanes *lanes);

#endif
