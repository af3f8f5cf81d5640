/* progress.h: how far a long command is: a bar on a terminal, a plain line each tenth otherwise,
 * nothing with --json or --quiet. It knows nothing of what is being counted but its unit, bytes.
 */
#ifndef APPLIANCE_PROGRESS_H
#define APPLIANCE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct progress {
    const char *what;
    const char *of; /* NULL, or which of several is being worked on */
    uint64_t total, done;
    bool shown, terminal;
    unsigned next; /* the tenth, or on a terminal the half percent, that is printed next */
    struct timespec start;
};

void progress_begin(struct progress *progress, const char *what, const char *of, uint64_t total,
                    bool shown);
void progress_add(struct progress *progress, uint64_t bytes);
double progress_end(struct progress *progress); /* seconds since the begin; clears the bar */

#endif
