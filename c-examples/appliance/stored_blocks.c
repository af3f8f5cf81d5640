/* stored_blocks.c: see stored_blocks.h. */
#include "stored_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

#define NAMED      3u /* with a note of their own; the rest is counted */
#define CANDIDATES 8u /* stored blocks of one content that are looked at */

enum outcome stored_blocks_begin(struct app *app, struct point_writer *writer, size_t block_size,
                                 bool digests, struct stored_blocks *stored)
{
    memset(stored, 0, sizeof *stored);
    stored->app = app;
    stored->writer = writer;
    stored->other_len = block_size;
    stored->whole = calloc(WHOLE_SLOTS, sizeof *stored->whole);
    if (digests) stored->other = malloc(block_size);
    if (stored->whole != NULL && (stored->other != NULL || !digests)) return OUT_OK;
    return fail(&app->problem, OUT_ENVIRONMENT, "no memory for the list of blocks seen");
}

void stored_blocks_end(struct stored_blocks *stored)
{
    if (stored->other != NULL) wipe_bytes(stored->other, stored->other_len);
    free(stored->other);
    free(stored->whole);
    stored->other = NULL;
    stored->whole = NULL;
}

/* Block ids are keyed hashes and session ids are random: half of each is a name of its own. Their
 * exclusive or makes one of both.
 */
static struct whole_block *slot_of(struct stored_blocks *stored, const struct meta_block *block,
                                   uint8_t mark[16])
{
    size_t slot = 0;

    for (size_t i = 0; i < 16; i++)
        mark[i] = block->id.bytes[i] ^ block->session_id[i];
    for (size_t i = 0; i < 4; i++)
        slot = slot << 8 | mark[i];
    return &stored->whole[slot % WHOLE_SLOTS];
}

void stored_blocks_add(struct stored_blocks *stored, const struct meta_block *block,
                       const uint8_t digest[32])
{
    uint8_t mark[16];
    struct whole_block *slot = slot_of(stored, block, mark);

    memcpy(slot->mark, mark, sizeof mark);
    if (stored->other != NULL) memcpy(slot->digest, digest, sizeof slot->digest);
}

/* A row is an attacker's, or a mistake's, until the block's own header says the same. */
static bool row_fits_block(struct stored_blocks *stored, const struct meta_block *row, size_t len)
{
    struct meta_block found;

    if (row->version != COFFRE_FORMAT_VERSION || row->plain_len != len) return false;
    if (block_peek(stored->app, &row->id, row->session_id, &found) != OUT_OK) return false;
    return found.plain_len == row->plain_len && found.total_len == row->total_len &&
           memcmp(found.commitment, row->commitment, sizeof found.commitment) == 0 &&
           memcmp(found.checksum, row->checksum, sizeof found.checksum) == 0;
}

static void note_misfit(struct stored_blocks *stored, const coffre_block_id *id)
{
    char text[65];

    if (++stored->misfits > NAMED) return;
    hex_encode(id->bytes, id->length, text);
    out_note(&stored->app->out,
             "the row of block %s does not fit the stored block, or that is missing; another one is"
             " used or stored. `appliance verify` tells more",
             text);
}

/* The session keys of rows that come here were taken over before. */
static enum outcome look_at(struct stored_blocks *stored, struct block_buffers *buffers,
                            const struct meta_block *row, uint8_t digest[32])
{
    struct meta_block found;
    char name[OBJECT_NAME_SIZE];

    stored->read_bytes += row->total_len;
    if (stored->other != NULL) {
        const coffre_session *session = point_writer_session(stored->writer, row->session_id);
        return block_compare(stored->app, buffers, session, row, stored->other, digest);
    }
    name_of_block(&row->id, row->session_id, name);
    return block_scrub(stored->app, name, &found);
}

static bool is_whole(struct stored_blocks *stored, struct block_buffers *buffers,
                     const struct meta_block *row, uint8_t digest[32])
{
    struct app *app = stored->app;
    uint8_t mark[16];
    const struct whole_block *slot = slot_of(stored, row, mark);

    if (memcmp(slot->mark, mark, sizeof mark) == 0) {
        memcpy(digest, slot->digest, sizeof slot->digest);
        return true;
    }
    if (look_at(stored, buffers, row, digest) == OUT_OK) {
        stored_blocks_add(stored, row, digest);
        return true;
    }
    if (++stored->damaged <= NAMED) {
        out_note(&app->out,
                 "a stored block is damaged, and its content is stored again: %s. Restore points"
                 " that refer to it are hit: `appliance scrub` names them",
                 app->problem.text);
    }
    return false;
}

enum outcome stored_blocks_find(struct stored_blocks *stored, struct block_buffers *buffers,
                                const coffre_block_id *id, size_t len, struct meta_block *block,
                                uint8_t digest[32], bool *found)
{
    struct app *app = stored->app;
    struct meta_block rows[CANDIDATES];
    size_t count;
    bool usable;
    enum outcome outcome = app->meta.find_blocks(app->meta.self, id, rows, CANDIDATES, &count);

    *found = false;
    if (outcome != OUT_OK) return outcome;
    for (size_t i = 0; i < count && !*found; i++) {
        if (!row_fits_block(stored, &rows[i], len)) {
            note_misfit(stored, id);
            continue;
        }
        outcome = point_writer_take(stored->writer, rows[i].session_id, &usable);
        if (outcome != OUT_OK) return outcome;
        if (!usable || !is_whole(stored, buffers, &rows[i], digest)) continue;
        *block = rows[i];
        *found = true;
    }
    return OUT_OK;
}
