/* image.h: the image that is backed up: a regular file or a block device, read block by block. It
 * knows where a sparse file has holes, and nothing of what becomes of the blocks.
 */
#ifndef APPLIANCE_IMAGE_H
#define APPLIANCE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "outcome.h"

struct image {
    const char *path;
    int fd;
    uint64_t size;
    bool finds_holes;            /* the file system can tell */
    uint64_t data_from, data_to; /* a stretch that is known to hold data */
};

enum outcome image_open(struct problem *problem, const char *path, struct image *image);

/* Is all of [offset, offset + len) in a hole? */
bool image_is_hole(struct image *image, uint64_t offset, uint64_t len);

/* Exactly len bytes: an image that shrinks while it is read is an error. */
enum outcome image_read(struct problem *problem, const struct image *image, uint64_t offset,
                        uint8_t *out, size_t len);

void image_close(struct image *image);

#endif
