/* lock.h: one writer at a time. The kernel holds the lock and drops it when the process ends,
 * however it ends; what is in the lock file does not matter. It knows nothing of what the lock
 * protects.
 */
#ifndef APPLIANCE_LOCK_H
#define APPLIANCE_LOCK_H

#include "outcome.h"

/* Opens (and creates) the file and locks it, or fails at once with OUT_LOCKED and the holder's
 * process id. POSIX record locks end with any close of the same file by the same process: nothing
 * else here opens it.
 */
enum outcome lock_take(struct problem *problem, const char *path, int *fd);
enum outcome lock_descriptor(struct problem *problem, const char *path, int fd); /* an open file */
void lock_drop(int fd);

#endif
