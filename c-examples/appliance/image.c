/* image.c: see image.h. */
#define _GNU_SOURCE /* SEEK_DATA and SEEK_HOLE: POSIX has them since 2024 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum outcome image_open(struct problem *problem, const char *path, struct image *image)
{
    struct stat found;

    memset(image, 0, sizeof *image);
    image->path = path;
    image->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (image->fd < 0 && errno == ENOENT) {
        return fail(problem, OUT_NOT_FOUND, "the image %s does not exist", path);
    }
    if (image->fd < 0) return fail_errno(problem, "open", path);
    if (fstat(image->fd, &found) != 0) return fail_errno(problem, "look at", path);
    if (!S_ISREG(found.st_mode) && !S_ISBLK(found.st_mode)) {
        return fail(problem, OUT_USAGE, "%s: expected a regular file or a block device", path);
    }
    off_t size = lseek(image->fd, 0, SEEK_END); /* also right for a device */
    if (size < 0) return fail_errno(problem, "find the size of", path);
    image->size = (uint64_t)size;
    image->finds_holes = S_ISREG(found.st_mode);
    return OUT_OK;
}

bool image_is_hole(struct image *image, uint64_t offset, uint64_t len)
{
    if (!image->finds_holes || (offset >= image->data_from && offset < image->data_to))
        return false;
    off_t data = lseek(image->fd, (off_t)offset, SEEK_DATA);
    if (data < 0 && errno == ENXIO) return true; /* nothing but a hole up to the end */
    if (data < 0) {
        image->finds_holes = false;
        return false;
    }
    off_t end = lseek(image->fd, data, SEEK_HOLE);
    image->data_from = (uint64_t)data;
    image->data_to = end < 0 ? image->data_from : (uint64_t)end;
    return image->data_from >= offset + len;
}

enum outcome image_read(struct problem *problem, const struct image *image, uint64_t offset,
                        uint8_t *out, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t got = pread(image->fd, out + done, len - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(problem, "read", image->path);
        if (got == 0) {
            return fail(problem, OUT_ENVIRONMENT,
                        "%s shrank while it was read: expected %" PRIu64 " bytes, found %" PRIu64
                        ". Back up a snapshot, or run it again",
                        image->path, image->size, offset + done);
        }
        done += (size_t)got;
    }
    return OUT_OK;
}

void image_close(struct image *image)
{
    if (image->fd >= 0) close(image->fd);
}
