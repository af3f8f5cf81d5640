/* crew.h: threads that work on jobs, while the one who gives them goes on with something else and
 * waits for each job in an order of his own. It knows nothing of blocks.
 */
#ifndef APPLIANCE_CREW_H
#define APPLIANCE_CREW_H

#include <stdbool.h>

#include "outcome.h"

#define CREW_MAX 64u

struct crew;

/* The first member of whatever a job is about. Its owner leaves the rest alone between crew_give
 * and crew_wait. */
struct crew_job {
    struct crew_job *next;
    bool done;
};

/* Called by several threads at once; `worker` is the thread's number, from 0. */
typedef void (*crew_work)(void *user, unsigned worker, struct crew_job *job);

/* How many threads are worth it on this machine: one for each processor. */
unsigned crew_size(void);

enum outcome crew_begin(struct problem *problem, unsigned threads, crew_work work, void *user,
                        struct crew **crew);
/* A job is given again only when it is done. Who waits for one that was never given waits for
 * ever. */
void crew_give(struct crew *crew, struct crew_job *job);
bool crew_is_done(struct crew *crew, struct crew_job *job);
void crew_wait(struct crew *crew, struct crew_job *job);
/* Ends the jobs that run, and forgets those that nobody began. NULL is fine. */
void crew_end(struct crew *crew);

#endif
