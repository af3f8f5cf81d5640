/* files.c: see files.h. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

enum outcome path_join(struct problem *problem, const char *directory, const char *name,
                       char path[PATH_MAX])
{
    int len = snprintf(path, PATH_MAX, "%s/%s", directory, name);

    if (len < 0 || len >= PATH_MAX)
        return fail(problem, OUT_USAGE, "path too long: %s/%s", directory, name);
    return OUT_OK;
}

bool path_exists(const char *path)
{
    struct stat found;

    return lstat(path, &found) == 0;
}

enum outcome path_look(struct problem *problem, const char *path, bool *exists)
{
    struct stat found;

    *exists = lstat(path, &found) == 0;
    if (*exists || errno == ENOENT || errno == ENOTDIR) return OUT_OK;
    return fail_errno(problem, "look at", path);
}

enum outcome path_is_directory(struct problem *problem, const char *path)
{
    struct stat found;

    if (stat(path, &found) == 0) {
        if (S_ISDIR(found.st_mode)) return OUT_OK;
        return fail(problem, OUT_USAGE, "%s is not a directory", path);
    }
    if (errno == ENOENT) return fail(problem, OUT_MISSING, "%s does not exist", path);
    return fail_errno(problem, "look at", path);
}

enum outcome file_open(struct problem *problem, const char *path, int *fd)
{
    struct stat found;

    *fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return fail(problem, OUT_MISSING, "%s is missing", path);
    if (*fd < 0 && errno == ENXIO) /* a socket */
        return fail(problem, OUT_CORRUPT, "%s: expected a regular file", path);
    if (*fd < 0) return fail_errno(problem, "open", path);
    if (fstat(*fd, &found) == 0 && S_ISREG(found.st_mode)) return OUT_OK;
    close(*fd);
    *fd = -1;
    return fail(problem, OUT_CORRUPT, "%s: expected a regular file", path);
}

static enum outcome read_descriptor(struct problem *problem, int fd, const char *path,
                                    size_t highest, uint8_t **bytes, size_t *len)
{
    struct stat found;
    size_t done = 0;

    if (fstat(fd, &found) != 0) return fail_errno(problem, "look at", path);
    if ((uintmax_t)found.st_size > highest) {
        return fail(problem, OUT_CORRUPT, "%s: expected at most %zu bytes, found %jd", path,
                    highest, (intmax_t)found.st_size);
    }
    size_t size = (size_t)found.st_size;
    uint8_t *buffer = malloc(size + 1);
    if (buffer == NULL)
        return fail(problem, OUT_ENVIRONMENT, "no memory for the %zu bytes of %s", size, path);
    while (done < size) {
        ssize_t got = read(fd, buffer + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += (size_t)got;
    }
    if (done < size) {
        free(buffer);
        return fail_errno(problem, "read", path);
    }
    *bytes = buffer;
    *len = size;
    return OUT_OK;
}

enum outcome file_read(struct problem *problem, const char *path, size_t highest, uint8_t **bytes,
                       size_t *len)
{
    *bytes = NULL;
    *len = 0;
    int fd;
    enum outcome outcome = file_open(problem, path, &fd);
    if (outcome != OUT_OK) return outcome;
    outcome = read_descriptor(problem, fd, path, highest, bytes, len);
    close(fd);
    return outcome;
}

enum outcome write_all(struct problem *problem, int fd, const char *path, const uint8_t *bytes,
                       size_t len)
{
    while (len > 0) {
        ssize_t put = write(fd, bytes, len);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail_errno(problem, "write", path);
        bytes += put;
        len -= (size_t)put;
    }
    return OUT_OK;
}

enum outcome file_replace(struct problem *problem, const char *directory, const char *name,
                          mode_t mode, const uint8_t *bytes, size_t len)
{
    char path[PATH_MAX], temporary[PATH_MAX];
    enum outcome outcome = path_join(problem, directory, name, path);

    if (outcome != OUT_OK) return outcome;
    int needed = snprintf(temporary, sizeof temporary, "%s.tmp", path);
    if (needed < 0 || needed >= PATH_MAX)
        return fail(problem, OUT_USAGE, "path too long: %s", path);
    unlink(temporary); /* of a run that was killed; its mode may be another */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) return fail_errno(problem, "create", temporary);
    if (fchmod(fd, mode) != 0)
        outcome = fail_errno(problem, "set the mode of", temporary); /* whatever the umask */
    if (outcome == OUT_OK) outcome = write_all(problem, fd, temporary, bytes, len);
    if (outcome == OUT_OK && fsync(fd) != 0) outcome = fail_errno(problem, "write", temporary);
    if (close(fd) != 0 && outcome == OUT_OK) outcome = fail_errno(problem, "close", temporary);
    if (outcome == OUT_OK && rename(temporary, path) != 0)
        outcome = fail_errno(problem, "rename to", path);
    if (outcome != OUT_OK) {
        unlink(temporary);
        return outcome;
    }
    return sync_directory(problem, directory);
}

enum outcome file_must_be_new(struct problem *problem, const char *path)
{
    bool exists;
    enum outcome outcome = path_look(problem, path, &exists);

    if (outcome != OUT_OK || !exists) return outcome;
    return fail(problem, OUT_REFUSED, "%s exists; it was left as it is. Name another file", path);
}

enum outcome file_new(struct problem *problem, const char *path, mode_t mode, const uint8_t *bytes,
                      size_t len)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    char directory[PATH_MAX] = ".";
    enum outcome outcome = file_must_be_new(problem, path);

    if (outcome != OUT_OK) return outcome;
    if (name[0] == '\0' || strlen(path) >= PATH_MAX)
        return fail(problem, OUT_USAGE, "expected the name of a file, found \"%s\"", path);
    if (slash != NULL) {
        size_t used = slash == path ? 1 : (size_t)(slash - path); /* "/" itself */
        memcpy(directory, path, used);
        directory[used] = '\0';
    }
    return file_replace(problem, directory, name, mode, bytes, len);
}

enum outcome make_directory(struct problem *problem, const char *path)
{
    if (mkdir(path, 0700) == 0) return OUT_OK;
    if (errno != EEXIST) return fail_errno(problem, "create directory", path);
    return path_is_directory(problem, path);
}

enum outcome sync_directory(struct problem *problem, const char *path)
{
    enum outcome outcome = OUT_OK;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) return fail_errno(problem, "open directory", path);
    if (fsync(fd) != 0) outcome = fail_errno(problem, "make durable", path);
    close(fd);
    return outcome;
}
