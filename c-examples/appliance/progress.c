/* progress.c: see progress.h. */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "text.h"

static double seconds_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

void progress_begin(struct progress *progress, const char *what, const char *of, uint64_t total,
                    bool shown)
{
    progress->what = what;
    progress->of = of != NULL ? of : "";
    progress->total = total;
    progress->done = 0;
    progress->shown = shown && total > 0;
    progress->terminal = isatty(STDERR_FILENO) != 0;
    progress->next = 1;
    clock_gettime(CLOCK_MONOTONIC, &progress->start);
}

void progress_add(struct progress *progress, uint64_t bytes)
{
    static const char full[] = "########################################";
    char done[SIZE_TEXT_SIZE], total[SIZE_TEXT_SIZE];
    unsigned steps = progress->terminal ? 200 : 10;

    progress->done += bytes;
    if (!progress->shown) return;
    unsigned step = (unsigned)((double)progress->done / (double)progress->total * steps);
    if (step < progress->next) return;
    progress->next = step + 1;
    double seconds = seconds_since(&progress->start);
    double rate = seconds > 0 ? (double)progress->done / 1048576 / seconds : 0;
    size_text(progress->done, done);
    size_text(progress->total, total);
    if (progress->terminal) {
        fprintf(stderr, "\r%s%s%s [%-40.*s] %3u%%  %s of %s, %.0f MiB/s ", progress->what,
                progress->of[0] != '\0' ? " " : "", progress->of, (int)(step / 5), full, step / 2,
                done, total, rate);
    } else {
        fprintf(stderr, "%s: %u%%, %s of %s, %.0f MiB/s%s%s\n", progress->what, step * 10, done,
                total, rate, progress->of[0] != '\0' ? ", " : "", progress->of);
    }
}

double progress_end(struct progress *progress)
{
    if (progress->shown && progress->terminal && progress->next > 1) fprintf(stderr, "\r\033[K");
    return seconds_since(&progress->start);
}
