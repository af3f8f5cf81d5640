/* new_file.c: a file that appears under its name only when it is whole; see hsm.h. */
#include "hsm.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum exit_code new_file_begin(struct new_file *file, const char *path)
{
    struct stat there;

    file->path = path;
    file->stream = NULL;
    if (lstat(path, &there) == 0)
        return fail(HSM_REFUSED, "%s exists already; it is not overwritten", path);
    int len = snprintf(file->temporary, sizeof file->temporary, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof file->temporary)
        return fail(HSM_USAGE, "the path is too long: %s", path);
    int fd = mkstemp(file->temporary); /* mode 0600 */
    if (fd < 0) return fail(HSM_ENVIRONMENT, "cannot make %s: %s", path, strerror(errno));
    file->stream = fdopen(fd, "wb");
    if (file->stream != NULL) return HSM_OK;
    close(fd);
    unlink(file->temporary);
    return fail(HSM_ENVIRONMENT, "no memory");
}

enum exit_code new_file_write(struct new_file *file, const void *bytes, size_t len)
{
    if (fwrite(bytes, 1, len, file->stream) == len) return HSM_OK;
    return fail(HSM_ENVIRONMENT, "cannot write %s: %s", file->temporary, strerror(errno));
}

/* A rename is durable when its directory is. */
static bool sync_directory_of(const char *path)
{
    char copy[PATH_MAX];

    strcpy(copy, path); /* shorter than PATH_MAX, or it would not have been begun */
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return done;
}

enum exit_code new_file_finish(struct new_file *file)
{
    bool written = fflush(file->stream) == 0 && fsync(fileno(file->stream)) == 0;
    bool closed = fclose(file->stream) == 0;

    file->stream = NULL;
    if (written && closed && rename(file->temporary, file->path) == 0) {
        if (sync_directory_of(file->path)) return HSM_OK;
        return fail(HSM_ENVIRONMENT, "%s is complete, but may not outlive a power cut: %s",
                    file->path, strerror(errno));
    }
    enum exit_code code =
        fail(HSM_ENVIRONMENT, "cannot complete %s: %s", file->path, strerror(errno));
    unlink(file->temporary);
    return code;
}

void new_file_drop(struct new_file *file)
{
    if (file->stream == NULL) return;
    fclose(file->stream);
    unlink(file->temporary);
    file->stream = NULL;
}
