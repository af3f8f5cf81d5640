/* block_io.h: single blocks: sealing one into the store, opening one that a manifest entry names,
 * and a look at one without a key. It owns the buffers, which are all the memory that grows with
 * the block size, and knows nothing of images.
 */
#ifndef APPLIANCE_BLOCK_IO_H
#define APPLIANCE_BLOCK_IO_H

#include "point.h"

struct block_buffers {
    size_t block_size;
    uint8_t *plain; /* block_size bytes */
    uint8_t *sealed;
    size_t sealed_cap, sealed_len;
    uint8_t *memory; /* enough to seal and to open */
    coffre_workspace workspace; /* of `memory`, for as long as the buffers live, where they are */
};
enum outcome block_buffers_make(struct app *app, size_t block_size, struct block_buffers *buffers);
void block_buffers_free(struct block_buffers *buffers);

/* Seals `len` bytes of buffers->plain into buffers->sealed; `row` describes the result. `digest`,
 * unless it is NULL, is the content digest. Any thread may call it, with a context of its own. */
coffre_status block_seal(coffre_context *context, const coffre_session *session,
                         const coffre_block_id *id, size_t len, struct block_buffers *buffers,
                         struct meta_block *row, uint8_t digest[32]);

/* Stores what block_seal made. */
enum outcome block_store_sealed(struct app *app, const struct block_buffers *buffers,
                                const struct meta_block *row);

/* Opens the stored block of that row into `other`, and compares it with buffers->plain: OUT_CORRUPT
 * when it holds anything else. `digest` is of the very bytes that were opened. */
enum outcome block_compare(struct app *app, struct block_buffers *buffers,
                           const coffre_session *session, const struct meta_block *row,
                           uint8_t *other, uint8_t digest[32]);

/* Reads the block of a manifest entry into buffers->sealed. */
enum outcome block_read(struct app *app, struct block_buffers *buffers,
                        const coffre_manifest_entry *entry);

/* Opens what block_read read into buffers->plain, all or nothing; its bytes have to be those that
 * the manifest names by their digest, where it does. `info` may be NULL. Any thread may call it. */
enum outcome block_open(const coffre_context *context, struct problem *problem,
                        const coffre_session *session, bool digests,
                        const coffre_manifest_entry *entry, struct block_buffers *buffers,
                        coffre_block_info *info);

/* The beginning and the end of a stored block, without a key and without reading what is between;
 * checks no checksum. */
enum outcome block_peek(struct app *app, const coffre_block_id *id, const uint8_t session_id[16],
                        struct meta_block *found);

/* A whole object, piece by piece and without a key: size, structure, checksum, and that it is of
 * that type. */
#define OBJECT_BLOCK    1 /* docs/FORMAT.md section 1 */
#define OBJECT_METADATA 2
#define OBJECT_MANIFEST 3
enum outcome object_scrub(struct app *app, const char *name, uint32_t object_type);

/* The same for a block, and that it is the one its name says. */
enum outcome block_scrub(struct app *app, const char *name, struct meta_block *found);

#endif
