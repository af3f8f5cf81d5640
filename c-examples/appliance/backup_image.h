/* backup_image.h: reads an image block by block, seals what is not stored yet, and stores it: all
 * at the same time, in bounded memory (lanes.h). Reading, naming and sealing are the threads' work;
 * the main thread alone asks the database, decides, and writes, in the order of the image: the
 * order of writes is point_writer.h's, whatever the threads do.
 */
#ifndef APPLIANCE_BACKUP_IMAGE_H
#define APPLIANCE_BACKUP_IMAGE_H

#include "image.h"
#include "lanes.h"
#include "progress.h"
#include "stored_blocks.h"

struct image_backup {
    struct app *app;
    struct image image;
    coffre_id_key id_key;
    struct lanes lanes;
    size_t block_size;
    struct stored_blocks stored;
    struct point_writer point;
    struct progress progress;
    uint64_t holes, reused, zeros;
    uint64_t uncommitted_blocks, uncommitted_positions;
    double seconds;
};

/* The image is open and the id key is there; image_backup_end always. */
enum outcome image_backup_begin(struct app *app, size_t block_size, bool digests,
                                struct image_backup *backup);
/* The point was begun; finishes it. */
enum outcome image_backup_run(struct image_backup *backup);
void image_backup_end(struct image_backup *backup);

#endif
