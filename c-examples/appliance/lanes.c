/* lanes.c: see lanes.h. */
#include "lanes.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

static void run(void *user, unsigned worker, struct crew_job *job)
{
    struct lanes *lanes = user;
    struct lane *lane = (struct lane *)job; /* its first member */

    lanes->work(lanes->user, &lanes->contexts[worker], lane);
}

enum outcome lanes_begin(struct app *app, size_t block_size, size_t lane_size, lane_work work,
                         void *user, struct lanes *lanes)
{
    unsigned threads = app->options.threads == 0 ? crew_size() : app->options.threads;
    enum outcome outcome = OUT_OK;

    memset(lanes, 0, sizeof *lanes);
    lanes->work = work;
    lanes->user = user;
    lanes->lane_size = lane_size;
    lanes->ring = calloc(threads + 2, lane_size);
    lanes->contexts = calloc(threads, sizeof *lanes->contexts);
    if (lanes->ring == NULL || lanes->contexts == NULL)
        return fail(&app->problem, OUT_ENVIRONMENT, "no memory for %u threads", threads);
    lanes->count = threads + 2;
    for (size_t i = 0; outcome == OUT_OK && i < lanes->count; i++)
        outcome = block_buffers_make(app, block_size, &((struct lane *)lane_at(lanes, i))->buffers);
    while (outcome == OUT_OK && lanes->threads < threads) {
        coffre_status status = coffre_context_init(&lanes->contexts[lanes->threads], NULL);
        if (status != COFFRE_OK) return fail_status(&app->problem, status, "a thread's context");
        lanes->threads++;
    }
    if (outcome != OUT_OK) return outcome;
    return crew_begin(&app->problem, threads, run, lanes, &lanes->crew);
}

void *lane_at(const struct lanes *lanes, uint64_t n)
{
    return lanes->ring + (size_t)(n % lanes->count) * lanes->lane_size;
}

void lane_start(struct lanes *lanes, struct lane *lane)
{
    lane->outcome = OUT_OK;
    crew_give(lanes->crew, &lane->job);
}

bool lane_is_done(struct lanes *lanes, struct lane *lane)
{
    return crew_is_done(lanes->crew, &lane->job);
}

enum outcome lane_wait(struct app *app, struct lanes *lanes, struct lane *lane)
{
    crew_wait(lanes->crew, &lane->job);
    if (lane->outcome != OUT_OK) app->problem = lane->problem;
    return lane->outcome;
}

void lanes_end(struct lanes *lanes)
{
    crew_end(lanes->crew);
    for (size_t i = 0; i < lanes->count; i++)
        block_buffers_free(&((struct lane *)lane_at(lanes, i))->buffers);
    for (unsigned i = 0; i < lanes->threads; i++)
        coffre_context_wipe(&lanes->contexts[i]);
    if (lanes->ring != NULL) wipe_bytes(lanes->ring, lanes->count * lanes->lane_size);
    free(lanes->ring);
    free(lanes->contexts);
    memset(lanes, 0, sizeof *lanes);
}
