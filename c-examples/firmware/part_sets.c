/* part_sets.c: what a machine needs that only reads: the RAM of its objects, and the stack of each
 * call, with what a PC wrote. It runs with every choice of the library's features, and measures
 * those that are there; part_stack.c and part_stack_keys.c measure the others, and need the feature
 * seal.
 *
 * `stack CALL BYTES` and `objects SET BYTES` are what scripts read.
 */
#include "pc_image.h"
#include "part.h"

#include <string.h>

/* What the sets of docs/FOOTPRINT.md keep at once. Keys are gone when content comes. */
struct open_set {
    coffre_context context;
    coffre_identity identity;
    coffre_record record;
    coffre_record_keys keys;
    coffre_session session;
};
struct chunkwise_set {
    coffre_context context;
    coffre_session session;
    coffre_block_reader reader;
};
struct every_set {
    struct open_set open;
    struct chunkwise_set chunkwise;
    coffre_recipient recipient;
    coffre_id_key id_key;
    coffre_scrubber scrubber;
    coffre_v1_master master;
    coffre_record_writer record_writer;
    coffre_origin_key origin_key;
    coffre_origin origin;
    coffre_manifest_writer manifest_writer;
    coffre_manifest_reader manifest_reader;
};

static uint8_t memory[PART_WORKSPACE(65536)], block[COFFRE_BLOCK_SEALED_MAX(IMAGE_BLOCK)];
static uint8_t opened[IMAGE_BLOCK];
static coffre_context context;
static coffre_session session;

static void objects(const char *set, size_t bytes)
{
    part_print("objects ");
    part_print(set);
    part_print(" ");
    part_print_number(bytes);
    part_print("\n");
}

static void read_from_storage(uint64_t at, uint8_t *out, size_t len)
{
    if (board_storage_read(at, out, len) != 0) part_must(COFFRE_ERR_CALLBACK, "storage");
}

static void boot(void)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;

    options.random = board_random;
    STACK(coffre_context_init, (&context, &options));
}

static void with_kek(void)
{
    coffre_identity kek;
    coffre_record record;
    coffre_record_keys keys;

    STACK(coffre_identity_from_kek, (&context, image_kek, sizeof image_kek, &kek));
    STACK(coffre_challenge_check,
          (&context, &kek, image_instance, 0, image_challenge, image_challenge_len, NULL));
    STACK(coffre_record_read, (image_key_record, image_key_record_len, &record));
    STACK(coffre_record_open, (&context, NULL, &kek, &record, &keys));
    STACK(coffre_record_session, (&context, &keys, &record, image_session_id, &session));
    coffre_record_keys_wipe(&keys);
    coffre_identity_wipe(&kek);
}

static void with_private_key(void)
{
    coffre_identity pair;
    coffre_record record;
    coffre_record_keys keys;

    STACK(coffre_identity_read, (&context, image_private_key, image_private_key_len, &pair));
    STACK_OF(coffre_challenge_check, "public-key",
             (&context, &pair, image_instance, 0, image_key_record, image_key_record_len, NULL));
    part_must(coffre_record_read(image_key_record, image_key_record_len, &record), "key record");
    STACK_OF(coffre_record_open, "public-key", (&context, NULL, &pair, &record, &keys));
    coffre_record_keys_wipe(&keys);
    coffre_identity_wipe(&pair);
}

/* Positions are stored and in profile small by turns. */
static void open_block(uint64_t position, coffre_workspace *workspace, const char *kind)
{
    coffre_block_info info;
    size_t len;

    read_from_storage(IMAGE_BLOCKS + position * IMAGE_STRIDE, block, sizeof block);
    part_must(coffre_block_inspect(block, COFFRE_BLOCK_HEADER_SIZE, &info), "header");
    STACK_OF(coffre_block_open, kind,
             (&context, NULL, &session, NULL, block, (size_t)info.total_len, workspace, opened,
              sizeof opened, &len));
}

/* For a page in profile small. */
static size_t seal_workspace(void)
{
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;

    options.flags = COFFRE_SEAL_SMALL;
    return sizeof(coffre_workspace) + coffre_seal_workspace(IMAGE_BLOCK, &options);
}

static int32_t sink(void *user, const uint8_t *more, size_t len)
{
    (void)user, (void)more, (void)len;
    return 0;
}

/* Returns how large the workspace has to be. */
static size_t read_block(uint64_t at, const char *kind)
{
    static coffre_block_reader reader;
    static uint8_t piece[16384 + 16];
    uint8_t header[COFFRE_BLOCK_HEADER_SIZE];
    size_t needed;

    read_from_storage(at, header, sizeof header);
    needed = coffre_block_reader_workspace(header);
    if (needed > sizeof memory) part_must(COFFRE_ERR_BUFFER_TOO_SMALL, "workspace");
    STACK_OF(coffre_block_reader_begin, kind,
             (&context, NULL, &session, NULL, header, memory, sizeof memory, &reader));
    read_from_storage(at + sizeof header, piece, sizeof piece);
    STACK_OF(coffre_block_reader_push, kind, (&reader, piece, sizeof piece, sink, NULL));
    coffre_block_reader_wipe(&reader);
    return needed;
}

int main(void)
{
    coffre_workspace workspace;
    size_t small = 0, chunkwise;

    boot();
    with_kek();
    if (part_has(COFFRE_FEATURE_PUBLIC_KEY)) with_private_key();
    open_block(0, NULL, "stored");
    chunkwise = read_block(IMAGE_LARGE_STORED, "stored");
    if (part_has(COFFRE_FEATURE_ZSTD_DECOMPRESS)) {
        part_must(coffre_workspace_init(&workspace, memory, sizeof memory), "workspace");
        open_block(1, &workspace, "zstd");
        coffre_workspace_wipe(&workspace);
        small = sizeof(coffre_block_reader) + read_block(IMAGE_LARGE_SMALL, "zstd");
        objects("any-block", coffre_open_workspace());
    }
    coffre_session_wipe(&session);
    coffre_context_wipe(&context);
    objects("open", sizeof(struct open_set));
    objects("open,zstd", sizeof(struct open_set) + small);
    objects("everything", sizeof(struct every_set) + seal_workspace());
    objects("chunkwise", sizeof(struct chunkwise_set) + chunkwise);
    part_check(1, "all calls were measured");
    return part_result();
}
