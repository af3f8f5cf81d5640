/* streams.c: blocks of every form and many lengths, sealed, opened as a whole, and opened piece by
 * piece; with workspaces and buffers at odd addresses, in pieces of many sizes.
 */
#include "world.h"

#define LONGEST 300000

/* Memory of exactly `len` bytes at an address that is `off` from an aligned one. */
struct odd {
    uint8_t *base, *at;
};

static struct odd odd(size_t len, size_t off)
{
    struct odd memory;

    memory.base = poisoned(len + off);
    memory.at = memory.base + off;
    return memory;
}

struct form {
    const char *name;
    void (*fill)(uint8_t *out, size_t len);
    uint32_t options;
    uint32_t flags; /* of the block */
};

static void fill_random(uint8_t *out, size_t len)
{
    uint64_t state = len + 1;
    test_random_bytes(&state, out, len);
}

static void fill_zeros(uint8_t *out, size_t len)
{
    if (len > 0) memset(out, 0, len);
}

/* Compressible, then not, then zeros: a frame with blocks of several kinds. */
static void fill_mixed(uint8_t *out, size_t len)
{
    test_text(out, len);
    fill_random(out + len / 3, len / 4);
    fill_zeros(out + len / 2, len / 4);
}

static const struct form forms[] = {
    {"text", test_text, 0, COFFRE_BLOCK_COMPRESSED},
    {"text, small", test_text, COFFRE_SEAL_SMALL, COFFRE_BLOCK_COMPRESSED},
    {"text, stored", test_text, COFFRE_SEAL_STORE, 0},
    {"random bytes", fill_random, 0, 0},
    {"zeros", fill_zeros, 0, COFFRE_BLOCK_ZERO},
    {"zeros, store and trust", fill_zeros, COFFRE_SEAL_STORE | COFFRE_SEAL_TRUST_RANDOM,
     COFFRE_BLOCK_ZERO},
    {"mixed", fill_mixed, 0, COFFRE_BLOCK_COMPRESSED},
    {"mixed, small and trust", fill_mixed, COFFRE_SEAL_SMALL | COFFRE_SEAL_TRUST_RANDOM,
     COFFRE_BLOCK_COMPRESSED},
};

static uint8_t plain[LONGEST], opened[LONGEST], block[LONGEST + 4096];
static size_t block_len;

static void check_info(const coffre_block_info *info, size_t len, const struct form *form)
{
    coffre_block_info seen;

    if (len == 0) CHECK(info->flags == 0);
    else if (len >= 1000) CHECK(info->flags == form->flags);
    CHECK(info->object_type == 1 && info->plain_len == len && info->total_len == block_len);
    CHECK((info->window > 0) == (info->flags == COFFRE_BLOCK_COMPRESSED));
    CHECK(!(form->options & COFFRE_SEAL_SMALL) || info->window <= 2048);
    CHECK(info->stored_len == (info->flags == COFFRE_BLOCK_ZERO         ? 0
                               : info->flags == COFFRE_BLOCK_COMPRESSED ? info->stored_len
                                                                        : len));
    CHECK(memcmp(&info->id, &world.id, sizeof world.id) == 0);
    CHECK(memcmp(info->session_id, world.session_id, 16) == 0);
    EXPECT(COFFRE_OK, coffre_block_scrub(block, block_len, &seen));
    CHECK(memcmp(&seen, info, sizeof seen) == 0);
    EXPECT(COFFRE_OK, coffre_block_inspect(block, block_len, &seen));
    CHECK(memcmp(&seen, info, sizeof seen) == 0);
}

static void seal(size_t len, const struct form *form, size_t off)
{
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    coffre_block_info info;

    options.flags = form->options;
    form->fill(plain, len);
    size_t memory_len = coffre_seal_workspace(len, &options);
    size_t cap = coffre_block_sealed_max(len);
    struct odd memory = odd(memory_len, off), out = odd(cap, off), in = odd(len, off);
    coffre_workspace workspace;
    lend(&workspace, memory.at, memory_len);
    memcpy(in.at, plain, len);
    EXPECT(COFFRE_OK, coffre_block_seal(&world.context, &world.session, &world.id, &options, in.at,
                                        len, &workspace, out.at, cap, &block_len, &info));
    memcpy(block, out.at, block_len);
    check_info(&info, len, form);
    free(memory.base), free(out.base), free(in.base);
}

static void open_whole(size_t len, size_t off)
{
    size_t memory_len = coffre_open_workspace(), out_len;
    struct odd memory = odd(memory_len, off), out = odd(len, off), in = odd(block_len, off);
    coffre_workspace workspace;

    lend(&workspace, memory.at, memory_len);
    memcpy(in.at, block, block_len);
    EXPECT(COFFRE_OK, coffre_block_open(&world.context, NULL, &world.session, NULL, in.at,
                                        block_len, &workspace, out.at, len, &out_len));
    CHECK(out_len == len && memcmp(out.at, plain, len) == 0);
    free(memory.base), free(out.base), free(in.base);
}

static void open_pieces(size_t len, size_t piece, size_t off)
{
    size_t workspace_len = coffre_block_reader_workspace(block);
    struct odd workspace = odd(workspace_len, off);
    struct bytes sunk = {opened, 0, len};
    coffre_block_reader reader;

    CHECK(workspace_len > 0);
    EXPECT(COFFRE_OK, coffre_block_reader_begin(&world.context, NULL, &world.session, NULL, block,
                                                workspace.at, workspace_len, &reader));
    for (size_t at = COFFRE_BLOCK_HEADER_SIZE; at < block_len; at += piece) {
        size_t now = block_len - at < piece ? block_len - at : piece;
        if (coffre_block_reader_finish(&reader) != COFFRE_ERR_MALFORMED) CHECK(!"not yet whole");
        coffre_status status =
            coffre_block_reader_push(&reader, block + at, now, bytes_sink, &sunk);
        if (status != COFFRE_OK) EXPECT(COFFRE_OK, status);
    }
    EXPECT(COFFRE_OK, coffre_block_reader_push(&reader, NULL, 0, bytes_sink, &sunk));
    EXPECT(COFFRE_OK, coffre_block_reader_finish(&reader));
    CHECK(sunk.len == len && memcmp(opened, plain, len) == 0);
    coffre_block_reader_wipe(&reader);
    CHECK(is_zeroed(&reader, sizeof reader));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_block_reader_finish(&reader));
    free(workspace.base);
}

int main(void)
{
    static const size_t lengths[] = {0,     1,     2,     15,    16,    17,     100,    1000,
                                     2047,  2048,  2049,  4096,  16383, 16384,  16385,  32768,
                                     65536, 65537, 98304, 99999, 131072, 131073, LONGEST};
    static const size_t pieces[] = {1, 7, 56, 4096, 16400, LONGEST + 4096};
    char about[64];
    size_t off = 0;

    world_make();
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            snprintf(about, sizeof about, "%zu bytes of %s", lengths[i], forms[f].name);
            check_about(about);
            seal(lengths[i], &forms[f], off++ % 17);
            open_whole(lengths[i], off % 17);
            for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++)
                if (lengths[i] <= 20000 || pieces[p] > 1)
                    open_pieces(lengths[i], pieces[p], (off + p) % 17);
        }
    }
    check_about("odd addresses");
    for (off = 0; off < 65; off++) {
        seal(20000, &forms[off % 8], off);
        open_whole(20000, off);
        open_pieces(20000, 1000, off);
    }
    return check_end();
}
