/* restore_target.c: see restore_target.h. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "restore_target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "lock.h"

static enum outcome may_replace(struct restore_target *target)
{
    struct stat found;

    if (lstat(target->path, &found) != 0) {
        return errno == ENOENT ? OUT_OK : fail_errno(target->problem, "look at", target->path);
    }
    if (!S_ISREG(found.st_mode)) {
        return fail(target->problem, OUT_REFUSED,
                    "%s exists and is not a regular file; name another target", target->path);
    }
    if (target->force) return OUT_OK;
    return fail(target->problem, OUT_REFUSED,
                "%s exists; nothing was changed. Name another target, or say --force to replace it"
                " once the restore is complete",
                target->path);
}

enum outcome target_check(struct problem *problem, const char *path, bool force,
                          struct restore_target *target)
{
    memset(target, 0, sizeof *target);
    target->problem = problem;
    target->path = path;
    target->force = force;
    target->fd = -1;
    return may_replace(target);
}

static void parent_of(const char *target, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s", target);
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        snprintf(path, PATH_MAX, ".");
    else
        slash[slash == path ? 1 : 0] = '\0';
}

/* Both are real paths. */
static bool lies_in(const char *path, const char *directory)
{
    size_t len = strlen(directory);

    if (len == 1) return true; /* the root */
    return strncmp(path, directory, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

enum outcome target_keep_out(struct restore_target *target, const char *directory, const char *what)
{
    char path[PATH_MAX];
    enum outcome outcome = OUT_OK;

    parent_of(target->path, path);
    char *parent = realpath(path, NULL);
    if (parent == NULL)
        return errno == ENOENT ? OUT_OK : fail_errno(target->problem, "look at", path);
    char *real = realpath(directory, NULL);
    if (real == NULL && errno != ENOENT) {
        outcome = fail_errno(target->problem, "look at", directory);
    } else if (real != NULL && lies_in(parent, real)) {
        outcome = fail(target->problem, OUT_REFUSED,
                       "%s lies in %s, which is %s: a restore there could replace what it needs."
                       " Nothing was changed; name another target",
                       target->path, directory, what);
    }
    free(real);
    free(parent);
    return outcome;
}

/* Removes what a killed restore left. The lock is held meanwhile: a restore that runs has it. */
static enum outcome remove_leftover(struct restore_target *target, const char *path)
{
    struct stat found, named;
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) return errno == ENOENT ? OUT_OK : fail_errno(target->problem, "open", path);
    enum outcome outcome = lock_descriptor(target->problem, path, fd);
    if (outcome == OUT_OK && fstat(fd, &found) != 0)
        outcome = fail_errno(target->problem, "look at", path);
    if (outcome == OUT_OK && (!S_ISREG(found.st_mode) || found.st_uid != geteuid() ||
                              (found.st_mode & 07777) != 0600 || found.st_nlink > 1)) {
        outcome = fail(target->problem, OUT_REFUSED,
                       "%s exists and is not what a killed restore leaves, which is a file of this"
                       " user with mode 0600. Nothing was changed; move it away, or name another"
                       " target",
                       path);
    }
    if (outcome == OUT_OK && lstat(path, &named) == 0 && named.st_ino == found.st_ino &&
        named.st_dev == found.st_dev && unlink(path) != 0) {
        outcome = fail_errno(target->problem, "remove", path);
    }
    close(fd);
    return outcome;
}

/* Is the file still the one under that name? Another restore may have taken it for a leftover. */
static bool still_named(int fd, const char *path)
{
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

static enum outcome make_temporary(struct restore_target *target, const char *path)
{
    for (int attempt = 0; attempt < 3; attempt++) {
        enum outcome outcome;
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (fd < 0 && errno == EEXIST) {
            outcome = remove_leftover(target, path);
            if (outcome != OUT_OK) return outcome;
            continue;
        }
        if (fd < 0) return fail_errno(target->problem, "open", path);
        outcome = lock_descriptor(target->problem, path, fd);
        if (outcome == OUT_OK && still_named(fd, path)) {
            target->fd = fd;
            return OUT_OK;
        }
        close(fd);
        if (outcome != OUT_OK) return outcome;
    }
    return fail(target->problem, OUT_LOCKED,
                "other restores keep making %s. Wait until they are done", path);
}

enum outcome target_open(struct restore_target *target, uint64_t size)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s" PARTIAL_SUFFIX, target->path);

    if (len < 0 || (size_t)len >= sizeof path)
        return fail(target->problem, OUT_USAGE, "path too long: %s", target->path);
    enum outcome outcome = make_temporary(target, path);
    if (outcome != OUT_OK) return outcome;
    memcpy(target->temporary, path, sizeof path);
    if (ftruncate(target->fd, (off_t)size) == 0) return OUT_OK;
    return fail_errno(target->problem, "enlarge", path);
}

enum outcome target_write(struct restore_target *target, uint64_t offset, const uint8_t *bytes,
                          size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t put = pwrite(target->fd, bytes + done, len - done, (off_t)(offset + done));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail_errno(target->problem, "write", target->temporary);
        done += (size_t)put;
    }
    return OUT_OK;
}

static enum outcome sync_parent(struct restore_target *target)
{
    char path[PATH_MAX];

    parent_of(target->path, path);
    return sync_directory(target->problem, path);
}

enum outcome target_finish(struct restore_target *target)
{
    enum outcome outcome = OUT_OK;

    if (fsync(target->fd) != 0) outcome = fail_errno(target->problem, "write", target->temporary);
    if (outcome == OUT_OK) outcome = may_replace(target); /* it may have appeared meanwhile */
    if (outcome == OUT_OK && rename(target->temporary, target->path) != 0)
        outcome = fail_errno(target->problem, "rename to", target->path);
    if (outcome != OUT_OK) return outcome;
    target->temporary[0] = '\0';
    return sync_parent(target);
}

void target_close(struct restore_target *target)
{
    if (target->temporary[0] != '\0') unlink(target->temporary);
    if (target->fd >= 0) close(target->fd);
}
