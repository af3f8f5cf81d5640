/* lock.c: see lock.h. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum outcome lock_take(struct problem *problem, const char *path, int *fd)
{
    struct flock lock;

    *fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*fd < 0) return fail_errno(problem, "open", path);
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (fcntl(*fd, F_SETLK, &lock) == 0) return OUT_OK;

    enum outcome outcome = OUT_LOCKED;
    if (errno != EACCES && errno != EAGAIN) {
        outcome = fail_errno(problem, "lock", path);
    } else if (fcntl(*fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0) {
        fail(problem, OUT_LOCKED,
             "%s is locked by process %ld, which is writing. Wait until it is done", path,
             (long)lock.l_pid);
    } else {
        fail(problem, OUT_LOCKED,
             "%s is locked by another program, which is writing. Wait until it is done", path);
    }
    close(*fd);
    *fd = -1;
    return outcome;
}

void lock_drop(int fd)
{
    if (fd >= 0) close(fd);
}
