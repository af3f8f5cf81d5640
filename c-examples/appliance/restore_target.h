/* restore_target.h: the file that a restore makes. It is written as TARGET.appliance-partial, which
 * only its owner can read, and gets its name when it is complete and on disk. It knows nothing of
 * what is written.
 */
#ifndef APPLIANCE_RESTORE_TARGET_H
#define APPLIANCE_RESTORE_TARGET_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "outcome.h"

#define PARTIAL_SUFFIX ".appliance-partial"

struct restore_target {
    struct problem *problem;
    const char *path;
    bool force;               /* an existing file may be replaced */
    char temporary[PATH_MAX]; /* empty: there is none */
    int fd;
};

/* OUT_REFUSED when something is there that may not be replaced. Makes nothing yet. */
enum outcome target_check(struct problem *problem, const char *path, bool force,
                          struct restore_target *target);

/* OUT_REFUSED when the target lies in that directory, whatever names lead there; `what` says in the
 * message what the directory is. One that does not exist holds no target. */
enum outcome target_keep_out(struct restore_target *target, const char *directory,
                             const char *what);

/* Makes the temporary file, all zeros. What a killed restore left is replaced: a regular file of
 * this user with mode 0600 that no process has locked. Anything else in its place is OUT_REFUSED,
 * and a restore that is running OUT_LOCKED.
 */
enum outcome target_open(struct restore_target *target, uint64_t size);
enum outcome target_write(struct restore_target *target, uint64_t offset, const uint8_t *bytes,
                          size_t len);
enum outcome target_finish(struct restore_target *target); /* durable, under its name */
void target_close(struct restore_target *target); /* always; removes what was not finished */

#endif
