/* stored_blocks.h: may a new restore point refer to a block that is stored already? Only if its row
 * is the block's own, and the block is whole: it is read in full before it is referred to for the
 * first time in a run. Where the manifest names contents it is opened then, and compared with what
 * is to be backed up: what is signed was seen to be right. It does not know where the answer is
 * used.
 */
#ifndef APPLIANCE_STORED_BLOCKS_H
#define APPLIANCE_STORED_BLOCKS_H

#include "block_io.h"
#include "point_writer.h"

/* Which blocks were found whole in this run: a table of fixed size, so that an image of any size
 * needs no more. Two blocks that share a slot push each other out and are read again.
 */
#define WHOLE_SLOTS 131072u

struct whole_block {
    uint8_t mark[16];
    uint8_t digest[32]; /* with digests */
};

struct stored_blocks {
    struct app *app;
    struct point_writer *writer; /* takes the session keys over */
    struct whole_block *whole;   /* WHOLE_SLOTS of them: 6 MiB */
    uint8_t *other; /* with digests: room for the plaintext of a block; else NULL */
    size_t other_len;
    uint64_t misfits, damaged;
    uint64_t read_bytes; /* to see whether they are whole */
};

enum outcome stored_blocks_begin(struct app *app, struct point_writer *writer, size_t block_size,
                                 bool digests, struct stored_blocks *stored);
void stored_blocks_end(struct stored_blocks *stored);

/* A stored block with the content of buffers->plain that may be referred to, if there is one. What
 * is in buffers->sealed is lost. */
enum outcome stored_blocks_find(struct stored_blocks *stored, struct block_buffers *buffers,
                                const coffre_block_id *id, size_t len, struct meta_block *block,
                                uint8_t digest[32], bool *found);

/* This run has just stored it: it need not be read again. */
void stored_blocks_add(struct stored_blocks *stored, const struct meta_block *block,
                       const uint8_t digest[32]);

#endif
