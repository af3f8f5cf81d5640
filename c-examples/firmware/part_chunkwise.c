/* part_chunkwise.c: a block of 4 MiB that a PC wrote, opened piece by piece as it comes from
 * external memory. Nowhere is there more of it than one chunk of 16 KiB.
 *
 * Built twice: by itself for a stored block, and with CHUNKWISE_SMALL for one in profile small.
 */
#include "pc_image.h"
#include "part.h"

#define POSITION 0   /* of the image, that of the large block */
#define PIECE    256 /* what is read from external memory at once */

/* What coffre_block_reader_workspace says, rounded up: a chunk; and with zstd its state and window.
 */
#ifdef CHUNKWISE_SMALL
#define BLOCK_AT IMAGE_LARGE_SMALL
#define MEMORY   PART_WORKSPACE(55552)
#else
#define BLOCK_AT IMAGE_LARGE_STORED
#define MEMORY   16448
#endif
static coffre_context context;
static coffre_session session;
static coffre_block_reader reader;

/* The session key of the block; all other keys are gone when it returns. */
static void find_session(void)
{
    uint8_t header[COFFRE_BLOCK_HEADER_SIZE];
    coffre_block_info info;
    coffre_identity identity;
    coffre_record record;
    coffre_record_keys keys;

    part_check(board_storage_read(BLOCK_AT, header, sizeof header) == 0, "header from storage");
    part_must(coffre_block_inspect(header, sizeof header, &info), "header");
    part_must(coffre_identity_from_kek(&context, image_kek, sizeof image_kek, &identity), "KEK");
    part_must(coffre_record_read(image_key_record, image_key_record_len, &record), "key record");
    part_must(coffre_record_open(&context, NULL, &identity, &record, &keys), "its keys");
    part_must(coffre_record_session(&context, &keys, &record, info.session_id, &session),
              "session key");
    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&record);
    coffre_identity_wipe(&identity);
}

/* Begins with the block that is wanted, and with no other: every block of the session opens with
 * its key, whichever lies at the address.
 */
static coffre_status begin(uint8_t *memory, uint64_t position, uint64_t *total_len)
{
    uint8_t header[COFFRE_BLOCK_HEADER_SIZE];
    coffre_block_info info;
    coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;

    expect.flags = COFFRE_EXPECT_ID | COFFRE_EXPECT_PLAIN_LEN;
    expect.plain_len = IMAGE_LARGE;
    part_must(coffre_block_id_position(position, &expect.id), "block id");
    if (board_storage_read(BLOCK_AT, header, sizeof header) != 0) return COFFRE_ERR_CALLBACK;
    part_must(coffre_block_inspect(header, sizeof header, &info), "header");
    *total_len = info.total_len;
    part_check(coffre_block_reader_workspace(header) <= MEMORY, "the workspace is large enough");
    return coffre_block_reader_begin(&context, NULL, &session, &expect, header, memory, MEMORY,
                                     &reader);
}

/* Opens the block of a position; the bit at `flip` of it is wrong, if there is one there.
 *
 * The workspace lies on the stack, so that it takes the RAM that other calls needed before; the
 * plaintext that is left in it goes with the reader.
 */
static coffre_status open_block(uint64_t position, uint64_t flip, struct part_compared *compared)
{
    uint8_t memory[MEMORY];
    uint64_t total_len = 0;
    coffre_status status = begin(memory, position, &total_len);

    for (uint64_t at = COFFRE_BLOCK_HEADER_SIZE; status == COFFRE_OK && at < total_len;) {
        uint8_t piece[PIECE];
        size_t now = total_len - at < PIECE ? (size_t)(total_len - at) : PIECE;

        if (board_storage_read(BLOCK_AT + at, piece, now) != 0) status = COFFRE_ERR_CALLBACK;
        if (flip - at < now) piece[flip - at] ^= 1;
        if (status == COFFRE_OK)
            status = coffre_block_reader_push(&reader, piece, now, part_compare, compared);
        at += now;
    }
    if (status == COFFRE_OK) status = coffre_block_reader_finish(&reader);
    coffre_block_reader_wipe(&reader);
    part_wipe(memory, sizeof memory);
    return status;
}

static void open_and_refuse(void)
{
    struct part_compared whole = {0, 0}, forged = {0, 0}, other = {0, 0};

    part_expect(COFFRE_OK, open_block(POSITION, UINT64_MAX, &whole),
                "4 MiB of a PC's, chunk by chunk");
    part_check(whole.at == IMAGE_LARGE && !whole.differs, "every byte is right");
    part_expect(COFFRE_ERR_NOT_AUTHENTIC, open_block(POSITION, 100000, &forged),
                "a flipped bit is refused");
    part_check(forged.at < IMAGE_LARGE && !forged.differs, "what came before it was right");
    part_expect(COFFRE_ERR_UNEXPECTED_BLOCK, open_block(POSITION + 1, UINT64_MAX, &other),
                "a block of another position is refused");
    part_check(other.at == 0, "and nothing of it was handed out");
}

int main(void)
{
    part_begin(&context);
    find_session();
#ifdef CHUNKWISE_SMALL
    struct part_compared none = {0, 0};

    if (!part_has(COFFRE_FEATURE_ZSTD_DECOMPRESS))
        part_expect(COFFRE_ERR_NOT_BUILT, open_block(POSITION, UINT64_MAX, &none),
                    "refused: without zstd");
    else
        open_and_refuse();
#else
    open_and_refuse();
#endif
    coffre_session_wipe(&session);
    coffre_context_wipe(&context);
    return part_end();
}
