/* block_io.c: see block_io.h. */
#include "block_io.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* docs/FORMAT.md 3.1: header, salt, commitment; the checksum is the block's end. */
#define COMMITMENT_OFFSET (COFFRE_BLOCK_HEADER_SIZE + 24)
#define COMMITMENT_END    (COMMITMENT_OFFSET + 32)
#define CHECKSUM_SIZE     8

#define SCRUB_PIECE 65536u

enum outcome block_buffers_make(struct app *app, size_t block_size, struct block_buffers *buffers)
{
    memset(buffers, 0, sizeof *buffers);
    buffers->block_size = block_size;
    buffers->sealed_cap = coffre_block_sealed_max(block_size);
    size_t memory_len = coffre_seal_workspace(block_size, NULL);
    if (memory_len < coffre_open_workspace()) memory_len = coffre_open_workspace();
    buffers->plain = malloc(block_size);
    buffers->sealed = malloc(buffers->sealed_cap);
    buffers->memory = malloc(memory_len);
    if (buffers->plain != NULL && buffers->sealed != NULL && buffers->memory != NULL &&
        coffre_workspace_init(&buffers->workspace, buffers->memory, memory_len) == COFFRE_OK)
        return OUT_OK;
    block_buffers_free(buffers);
    return fail(&app->problem, OUT_ENVIRONMENT, "no memory for blocks of %zu bytes", block_size);
}

void block_buffers_free(struct block_buffers *buffers)
{
    if (buffers->plain != NULL) wipe_bytes(buffers->plain, buffers->block_size);
    coffre_workspace_wipe(&buffers->workspace); /* zeroes its memory too */
    free(buffers->plain);
    free(buffers->sealed);
    free(buffers->memory);
    memset(buffers, 0, sizeof *buffers);
}

static void describe(const coffre_block_info *info, struct meta_block *block)
{
    memset(block, 0, sizeof *block);
    block->id = info->id;
    block->version = COFFRE_FORMAT_VERSION;
    block->plain_len = info->plain_len;
    block->total_len = info->total_len;
    memcpy(block->session_id, info->session_id, sizeof block->session_id);
    memcpy(block->commitment, info->commitment, sizeof block->commitment);
    memcpy(block->checksum, info->checksum, sizeof block->checksum);
}

coffre_status block_seal(coffre_context *context, const coffre_session *session,
                         const coffre_block_id *id, size_t len, struct block_buffers *buffers,
                         struct meta_block *row, uint8_t digest[32])
{
    coffre_block_info info;
    coffre_status status =
        coffre_block_seal(context, session, id, NULL, buffers->plain, len, &buffers->workspace,
                          buffers->sealed, buffers->sealed_cap, &buffers->sealed_len, &info);

    if (status == COFFRE_OK) describe(&info, row);
    if (status == COFFRE_OK && digest != NULL)
        status = coffre_block_digest(COFFRE_FORMAT_VERSION, buffers->sealed, buffers->sealed_len,
                                     digest);
    return status;
}

enum outcome block_store_sealed(struct app *app, const struct block_buffers *buffers,
                                const struct meta_block *row)
{
    char name[OBJECT_NAME_SIZE];

    name_of_block(&row->id, row->session_id, name);
    return store_put(&app->blocks, name, buffers->sealed, buffers->sealed_len);
}

/* The whole block into buffers->sealed. */
static enum outcome read_sealed(struct app *app, struct block_buffers *buffers, const char *name)
{
    uint64_t size = 0;
    enum outcome outcome = app->blocks.size(app->blocks.self, name, &size);

    if (outcome != OUT_OK) return outcome;
    if (size > buffers->sealed_cap) {
        return fail(&app->problem, OUT_CORRUPT, "%s: expected at most %zu bytes, found %" PRIu64,
                    name, buffers->sealed_cap, size);
    }
    buffers->sealed_len = (size_t)size;
    return app->blocks.read(app->blocks.self, name, 0, buffers->sealed, buffers->sealed_len);
}

/* Before anything is decrypted: docs/FORMAT.md, M7. A commitment binds the key alone, so that who
 * holds the session key could have put other bytes under it. */
static enum outcome check_digest(struct problem *problem, const char *name,
                                 const struct block_buffers *buffers, const uint8_t expected[32])
{
    uint8_t digest[32];
    coffre_status status = coffre_block_digest(COFFRE_FORMAT_VERSION, buffers->sealed,
                                               buffers->sealed_len, digest);

    if (status != COFFRE_OK) return fail_status(problem, status, "%s", name);
    if (memcmp(digest, expected, sizeof digest) == 0) return OUT_OK;
    return fail(problem, OUT_CORRUPT,
                "%s: whole, but not the bytes that the manifest names by their digest: its content"
                " was replaced",
                name);
}

enum outcome block_compare(struct app *app, struct block_buffers *buffers,
                           const coffre_session *session, const struct meta_block *row,
                           uint8_t *other, uint8_t digest[32])
{
    char name[OBJECT_NAME_SIZE];
    size_t plain_len = 0;
    coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;

    name_of_block(&row->id, row->session_id, name);
    enum outcome outcome = read_sealed(app, buffers, name);
    if (outcome != OUT_OK) return outcome;
    expect.flags = COFFRE_EXPECT_ID | COFFRE_EXPECT_COMMITMENT | COFFRE_EXPECT_PLAIN_LEN;
    expect.id = row->id;
    expect.plain_len = row->plain_len;
    memcpy(expect.commitment, row->commitment, sizeof expect.commitment);
    coffre_status status =
        coffre_block_open(&app->context, NULL, session, &expect, buffers->sealed,
                          buffers->sealed_len, &buffers->workspace, other,
                          buffers->block_size, &plain_len);
    if (status == COFFRE_OK)
        status = coffre_block_digest(COFFRE_FORMAT_VERSION, buffers->sealed, buffers->sealed_len,
                                     digest);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    if (memcmp(other, buffers->plain, plain_len) == 0) return OUT_OK;
    return fail(&app->problem, OUT_CORRUPT,
                "%s: whole, but its content is not what its id says: it was replaced", name);
}

enum outcome block_read(struct app *app, struct block_buffers *buffers,
                        const coffre_manifest_entry *entry)
{
    char name[OBJECT_NAME_SIZE];

    if (entry->version != COFFRE_FORMAT_VERSION) {
        return fail(&app->problem, OUT_POLICY,
                    "position %" PRIu64 ": a block of version %u; this program accepts version %d"
                    " alone",
                    entry->position, (unsigned)entry->version, COFFRE_FORMAT_VERSION);
    }
    name_of_block(&entry->id, entry->session_id, name);
    return read_sealed(app, buffers, name);
}

enum outcome block_open(const coffre_context *context, struct problem *problem,
                        const coffre_session *session, bool digests,
                        const coffre_manifest_entry *entry, struct block_buffers *buffers,
                        coffre_block_info *info)
{
    char name[OBJECT_NAME_SIZE];
    size_t plain_len = 0;
    coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;
    enum outcome outcome = OUT_OK;

    name_of_block(&entry->id, entry->session_id, name);
    if (digests) outcome = check_digest(problem, name, buffers, entry->digest);
    if (outcome != OUT_OK) return outcome;
    expect.flags = COFFRE_EXPECT_ID | COFFRE_EXPECT_COMMITMENT | COFFRE_EXPECT_PLAIN_LEN;
    expect.id = entry->id;
    expect.plain_len = entry->plain_len;
    memcpy(expect.commitment, entry->commitment, sizeof expect.commitment);
    coffre_status status =
        coffre_block_open(context, NULL, session, &expect, buffers->sealed, buffers->sealed_len,
                          &buffers->workspace, buffers->plain,
                          buffers->block_size, &plain_len);
    if (status == COFFRE_OK && info != NULL)
        status = coffre_block_scrub(buffers->sealed, buffers->sealed_len, info);
    return status == COFFRE_OK ? OUT_OK : fail_status(problem, status, "%s", name);
}

enum outcome block_peek(struct app *app, const coffre_block_id *id, const uint8_t session_id[16],
                        struct meta_block *found)
{
    char name[OBJECT_NAME_SIZE];
    uint8_t front[COMMITMENT_END];
    uint64_t size = 0;
    coffre_block_info info;

    name_of_block(id, session_id, name);
    enum outcome outcome = app->blocks.size(app->blocks.self, name, &size);
    if (outcome == OUT_OK)
        outcome = app->blocks.read(app->blocks.self, name, 0, front, sizeof front);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_block_inspect(front, COFFRE_BLOCK_HEADER_SIZE, &info);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    if (info.total_len != size || memcmp(&info.id, id, sizeof *id) != 0 ||
        memcmp(info.session_id, session_id, 16) != 0) {
        return fail(&app->problem, OUT_CORRUPT, "%s holds another block, or is cut short", name);
    }
    describe(&info, found);
    memcpy(found->commitment, front + COMMITMENT_OFFSET, sizeof found->commitment);
    return app->blocks.read(app->blocks.self, name, size - CHECKSUM_SIZE, found->checksum,
                            CHECKSUM_SIZE);
}

enum outcome object_scrub(struct app *app, const char *name, uint32_t object_type)
{
    coffre_scrubber scrubber = {0};
    uint64_t size = 0;
    uint32_t found = 0;
    uint8_t *piece = malloc(SCRUB_PIECE);
    enum outcome outcome = app->blocks.size(app->blocks.self, name, &size);

    if (piece == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory to read %s", name);
    coffre_status status = coffre_scrub_begin(&scrubber);
    for (uint64_t at = 0; outcome == OUT_OK && status == COFFRE_OK && at < size;) {
        size_t len = size - at < SCRUB_PIECE ? (size_t)(size - at) : SCRUB_PIECE;
        outcome = app->blocks.read(app->blocks.self, name, at, piece, len);
        if (outcome == OUT_OK) status = coffre_scrub_push(&scrubber, piece, len);
        at += len;
    }
    if (status == COFFRE_OK && outcome == OUT_OK) status = coffre_scrub_finish(&scrubber, &found);
    coffre_scrubber_wipe(&scrubber);
    free(piece);
    if (outcome != OUT_OK) return outcome;
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    if (found == object_type) return OUT_OK;
    return fail(&app->problem, OUT_CORRUPT, "%s is whole, but another kind of object", name);
}

enum outcome block_scrub(struct app *app, const char *name, struct meta_block *found)
{
    coffre_block_id id;
    uint8_t session_id[16];

    if (!name_to_block(name, &id, session_id))
        return fail(&app->problem, OUT_NOT_FOUND, "%s is not the name of a block", name);
    enum outcome outcome = object_scrub(app, name, OBJECT_BLOCK);
    return outcome == OUT_OK ? block_peek(app, &id, session_id, found) : outcome;
}
