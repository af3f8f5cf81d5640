/* crew.c: see crew.h. */
#include "crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct crew {
    pthread_mutex_t mutex; /* of everything below it */
    pthread_cond_t given, finished;
    struct crew_job *first, **end;
    bool ending;
    unsigned count;
    crew_work work;
    void *user;
    struct worker {
        struct crew *crew;
        pthread_t thread;
    } workers[CREW_MAX];
};

unsigned crew_size(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);

    if (online < 1) return 1;
    return online > (long)CREW_MAX ? CREW_MAX : (unsigned)online;
}

static void *run(void *user)
{
    struct worker *worker = user;
    struct crew *crew = worker->crew;

    pthread_mutex_lock(&crew->mutex);
    for (;;) {
        struct crew_job *job = crew->first;

        if (crew->ending) break;
        if (job == NULL) {
            pthread_cond_wait(&crew->given, &crew->mutex);
            continue;
        }
        crew->first = job->next;
        if (crew->first == NULL) crew->end = &crew->first;
        pthread_mutex_unlock(&crew->mutex);
        crew->work(crew->user, (unsigned)(worker - crew->workers), job);
        pthread_mutex_lock(&crew->mutex);
        job->done = true;
        pthread_cond_broadcast(&crew->finished);
    }
    pthread_mutex_unlock(&crew->mutex);
    return NULL;
}

enum outcome crew_begin(struct problem *problem, unsigned threads, crew_work work, void *user,
                        struct crew **made)
{
    struct crew *crew = calloc(1, sizeof *crew);

    *made = crew;
    if (crew == NULL) return fail(problem, OUT_ENVIRONMENT, "no memory for threads");
    pthread_mutex_init(&crew->mutex, NULL);
    pthread_cond_init(&crew->given, NULL);
    pthread_cond_init(&crew->finished, NULL);
    crew->end = &crew->first;
    crew->work = work;
    crew->user = user;
    for (; crew->count < threads && crew->count < CREW_MAX; crew->count++) {
        struct worker *worker = &crew->workers[crew->count];
        worker->crew = crew;
        int error = pthread_create(&worker->thread, NULL, run, worker);
        if (error == 0) continue;
        if (crew->count > 0) break; /* fewer will do */
        return fail(problem, OUT_ENVIRONMENT, "cannot start a thread: %s", strerror(error));
    }
    return OUT_OK;
}

void crew_give(struct crew *crew, struct crew_job *job)
{
    job->next = NULL;
    job->done = false;
    pthread_mutex_lock(&crew->mutex);
    *crew->end = job;
    crew->end = &job->next;
    pthread_cond_signal(&crew->given);
    pthread_mutex_unlock(&crew->mutex);
}

bool crew_is_done(struct crew *crew, struct crew_job *job)
{
    bool done;

    pthread_mutex_lock(&crew->mutex);
    done = job->done;
    pthread_mutex_unlock(&crew->mutex);
    return done;
}

void crew_wait(struct crew *crew, struct crew_job *job)
{
    pthread_mutex_lock(&crew->mutex);
    while (!job->done)
        pthread_cond_wait(&crew->finished, &crew->mutex);
    pthread_mutex_unlock(&crew->mutex);
}

void crew_end(struct crew *crew)
{
    if (crew == NULL) return;
    pthread_mutex_lock(&crew->mutex);
    crew->ending = true;
    pthread_cond_broadcast(&crew->given);
    pthread_mutex_unlock(&crew->mutex);
    for (unsigned i = 0; i < crew->count; i++)
        pthread_join(crew->workers[i].thread, NULL);
    pthread_cond_destroy(&crew->finished);
    pthread_cond_destroy(&crew->given);
    pthread_mutex_destroy(&crew->mutex);
    free(crew);
}
