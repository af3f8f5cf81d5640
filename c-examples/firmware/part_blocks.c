/* part_blocks.c: pages of 2 KiB, stored, which needs no memory but the block's, and with zstd in
 * profile small, whose working memory is a static array. The machine opens those that a PC wrote;
 * with the feature seal it seals its own, too, and opens them again.
 */
#include "pc_image.h"
#include "part.h"

#include <string.h>

#define PAGE IMAGE_BLOCK

/* zstd's working memory, and after that the reader's: what coffre_seal_workspace (37,888 bytes with
 * 32-bit addresses) and coffre_block_reader_workspace say for a page in profile small, rounded up.
 */
#define MEMORY PART_WORKSPACE(41216)

static uint8_t memory[MEMORY];
static uint8_t block[COFFRE_BLOCK_SEALED_MAX(PAGE)];
static coffre_context context;
static coffre_session session;
static coffre_block_reader reader;

/* Seals the page of a position of the image; returns the block's size. */
static size_t seal(uint64_t position, uint32_t flags)
{
    uint8_t page[PAGE];
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    coffre_workspace workspace;
    coffre_block_id id;
    size_t len;

    for (size_t i = 0; i < PAGE; i++)
        page[i] = image_byte(position * PAGE + i);
    options.flags = flags;
    part_must(coffre_block_id_position(position, &id), "block id");
    part_check(coffre_seal_workspace(PAGE, &options) <= MEMORY, "the workspace is large enough");
    part_must(coffre_workspace_init(&workspace, memory, sizeof memory), "workspace");
    part_must(coffre_block_seal(&context, &session, &id, &options, page, PAGE, &workspace, block,
                                sizeof block, &len, NULL),
              "seal");
    coffre_workspace_wipe(&workspace);
    part_wipe(page, sizeof page);
    return len;
}

/* Reads a PC's block of a position, whose size its header tells. */
static size_t read_storage(uint64_t position)
{
    uint64_t at = IMAGE_BLOCKS + position * IMAGE_STRIDE;
    const size_t header = COFFRE_BLOCK_HEADER_SIZE;
    coffre_block_info info;

    if (board_storage_read(at, block, header) != 0) part_must(COFFRE_ERR_CALLBACK, "storage");
    part_must(coffre_block_inspect(block, header, &info), "header");
    if (info.total_len > sizeof block) part_must(COFFRE_ERR_BUFFER_TOO_SMALL, "block");
    if (board_storage_read(at + header, block + header, (size_t)info.total_len - header) != 0)
        part_must(COFFRE_ERR_CALLBACK, "storage");
    return (size_t)info.total_len;
}

static coffre_status open_block(uint64_t position, size_t len, struct part_compared *compared)
{
    const size_t header = COFFRE_BLOCK_HEADER_SIZE;
    coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;
    coffre_status status;

    expect.flags = COFFRE_EXPECT_ID | COFFRE_EXPECT_PLAIN_LEN;
    expect.plain_len = PAGE;
    part_must(coffre_block_id_position(position, &expect.id), "block id");
    part_check(coffre_block_reader_workspace(block) <= MEMORY, "the reader's is large enough");
    status = coffre_block_reader_begin(&context, NULL, &session, &expect, block, memory,
                                       sizeof memory, &reader);
    if (status == COFFRE_OK)
        status =
            coffre_block_reader_push(&reader, block + header, len - header, part_compare, compared);
    if (status == COFFRE_OK) status = coffre_block_reader_finish(&reader);
    coffre_block_reader_wipe(&reader);
    part_wipe(memory, sizeof memory);
    return status;
}

/* Opens the block that was read or sealed, and refuses it with a flipped bit. */
static void open_and_refuse(uint64_t position, size_t len, const char *what)
{
    struct part_compared compared = {position * PAGE, 0};

    part_print_number(PAGE);
    part_print(" bytes in ");
    part_print_number(len);
    part_print("\n");
    part_expect(COFFRE_OK, open_block(position, len, &compared), what);
    part_check(compared.at == (position + 1) * PAGE && !compared.differs, "with every byte right");

    block[len / 2] ^= 4;
    compared.at = position * PAGE;
    part_expect(COFFRE_ERR_NOT_AUTHENTIC, open_block(position, len, &compared),
                "a flipped bit is refused");
    part_check(compared.at == position * PAGE, "and nothing of it was handed out");
}

/* Even positions are stored, odd ones in profile small. */
static void blocks_of_a_pc(void)
{
    coffre_identity identity;
    coffre_record record;
    coffre_record_keys keys;
    struct part_compared none = {0, 0};

    part_must(coffre_identity_from_kek(&context, image_kek, sizeof image_kek, &identity), "KEK");
    part_must(coffre_record_read(image_key_record, image_key_record_len, &record), "key record");
    part_must(coffre_record_open(&context, NULL, &identity, &record, &keys), "its keys");
    part_must(coffre_record_session(&context, &keys, &record, image_session_id, &session),
              "session key");
    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&record);
    coffre_identity_wipe(&identity);

    open_and_refuse(4, read_storage(4), "a PC's stored page");
    if (part_has(COFFRE_FEATURE_ZSTD_DECOMPRESS))
        open_and_refuse(5, read_storage(5), "a PC's page in profile small");
    else
        part_expect(COFFRE_ERR_NOT_BUILT, open_block(5, read_storage(5), &none),
                    "a compressed one is refused: without zstd");
    coffre_session_wipe(&session);
}

static void blocks_of_its_own(void)
{
    part_must(coffre_session_generate(&context, &session), "session key");
    open_and_refuse(12, seal(12, COFFRE_SEAL_STORE), "a stored page");
    if (part_has(COFFRE_FEATURE_ZSTD))
        open_and_refuse(13, seal(13, COFFRE_SEAL_SMALL), "a page in profile small");
    coffre_session_wipe(&session);
}

int main(void)
{
    part_begin(&context);
    blocks_of_a_pc();
    if (part_has(COFFRE_FEATURE_SEAL)) blocks_of_its_own();
    coffre_context_wipe(&context);
    return part_end();
}
