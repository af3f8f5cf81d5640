/* part_blocks.c: the machine seals a page of its own and opens it again: stored, which needs no
 * memory but the block's, and with zstd in profile small, whose working memory is a static array.
 */
#include "pc_image.h"
#include "part.h"

#include <string.h>

#define PAGE 2048

/* zstd's working memory, and after that the reader's: what coffre_seal_workspace (37,888 bytes with
 * 32-bit addresses) and coffre_block_reader_workspace say for a page in profile small, rounded up.
 */
#define MEMORY PART_WORKSPACE(41216)

static uint8_t memory[MEMORY];
static uint8_t block[COFFRE_BLOCK_SEALED_MAX(PAGE)];
static coffre_context context;
static coffre_session session;
static coffre_block_reader reader;

/* Returns the block's size. */
static size_t seal(uint32_t flags)
{
    uint8_t page[PAGE];
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    coffre_workspace workspace;
    coffre_block_id id;
    size_t len;

    for (size_t i = 0; i < PAGE; i++)
        page[i] = image_byte(i);
    options.flags = flags;
    part_must(coffre_block_id_position(12, &id), "block id");
    part_check(coffre_seal_workspace(PAGE, &options) <= MEMORY, "the workspace is large enough");
    part_must(coffre_workspace_init(&workspace, memory, sizeof memory), "workspace");
    part_must(coffre_block_seal(&context, &session, &id, &options, page, PAGE, &workspace, block,
                                sizeof block, &len, NULL),
              "seal");
    coffre_workspace_wipe(&workspace);
    return len;
}

static coffre_status open_block(size_t len, struct part_compared *compared)
{
    const size_t header = COFFRE_BLOCK_HEADER_SIZE;
    coffre_status status;

    part_check(coffre_block_reader_workspace(block) <= MEMORY, "the reader's, too");
    status = coffre_block_reader_begin(&context, NULL, &session, NULL, block, memory, sizeof memory,
                                       &reader);
    if (status == COFFRE_OK)
        status =
            coffre_block_reader_push(&reader, block + header, len - header, part_compare, compared);
    if (status == COFFRE_OK) status = coffre_block_reader_finish(&reader);
    coffre_block_reader_wipe(&reader);
    return status;
}

static void there_and_back(uint32_t flags, const char *what)
{
    struct part_compared compared = {0, 0};
    size_t len = seal(flags);

    part_print_number(PAGE);
    part_print(" bytes into ");
    part_print_number(len);
    part_print("\n");
    part_expect(COFFRE_OK, open_block(len, &compared), what);
    part_check(compared.at == PAGE && !compared.differs, "the same page came back");

    block[len / 2] ^= 4;
    compared.at = 0;
    part_expect(COFFRE_ERR_NOT_AUTHENTIC, open_block(len, &compared), "a flipped bit is refused");
    part_check(compared.at == 0, "and nothing of it was handed out");
}

int main(void)
{
    part_begin(&context);
    part_must(coffre_session_generate(&context, &session), "session key");
    there_and_back(COFFRE_SEAL_STORE, "a stored page");
    if (part_has(COFFRE_FEATURE_ZSTD)) there_and_back(COFFRE_SEAL_SMALL, "a page in profile small");
    coffre_session_wipe(&session);
    coffre_context_wipe(&context);
    return part_end();
}
