/* lock.c: see lock.h. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum outcome lock_descriptor(struct problem *problem, const char *path, int fd)
{
    struct flock lock;

    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (fcntl(fd, F_SETLK, &lock) == 0) return OUT_OK;
    if (errno != EACCES && errno != EAGAIN) return fail_errno(problem, "lock", path);
    if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0) {
        return fail(problem, OUT_LOCKED,
                    "%s is locked by process %ld, which is writing. Wait until it is done", path,
                    (long)lock.l_pid);
    }
    return fail(problem, OUT_LOCKED,
                "%s is locked by another program, which is writing. Wait until it is done", path);
}

enum outcome lock_take(struct problem *problem, const char *path, int *fd)
{
    *fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*fd < 0) return fail_errno(problem, "open", path);
    enum outcome outcome = lock_descriptor(problem, path, *fd);
    if (outcome == OUT_OK) return OUT_OK;
    close(*fd);
    *fd = -1;
    return outcome;
}

void lock_drop(int fd)
{
    if (fd >= 0) close(fd);
}
