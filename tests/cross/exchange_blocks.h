/* exchange_blocks.h: blocks of each form, of many lengths and levels, and those of backy2.
 */
#ifndef EXCHANGE_BLOCKS_H
#define EXCHANGE_BLOCKS_H

#define PLAIN_MAX (4u << 20)
#define OLD_PLAIN 200000

static uint8_t plain[PLAIN_MAX], opened[PLAIN_MAX], sealed[FILE_MAX];

static void fill_text(uint8_t *out, size_t len)
{
    test_text(out, len);
}

static void fill_noise(uint8_t *out, size_t len)
{
    uint64_t state = len + 1;

    test_random_bytes(&state, out, len);
}

static void fill_zeros(uint8_t *out, size_t len)
{
    if (len > 0) memset(out, 0, len);
}

/* What zstd's match finders have to search: few symbols, repeats of all lengths and distances;
 * then noise, then zeros. */
static void fill_mixed(uint8_t *out, size_t len)
{
    uint64_t state = 11;
    size_t at = 0;

    while (at < len) {
        uint64_t draw = test_random_next(&state);
        size_t run = 1 + (size_t)(draw & 63), back = (size_t)(draw >> 8 & 0xffff);

        for (; run > 0 && at < len; run--, at++)
            out[at] = back < at ? out[at - 1 - back] : (uint8_t)(test_random_next(&state) & 15);
        if (at < len) out[at++] = (uint8_t)(draw >> 40 & 31);
    }
    fill_noise(out + len / 3, len / 16);
    fill_zeros(out + len / 2, len / 8);
}

struct form {
    const char *name;
    void (*fill)(uint8_t *out, size_t len);
    size_t len;
    uint32_t options;
    int32_t level;
    uint32_t flags; /* of the block */
};

/* Levels 2 to 19 go through each of zstd's strategies. */
static const struct form forms[] = {
    {"block_empty", fill_text, 0, 0, 1, 0},
    {"block_1", fill_noise, 1, 0, 1, 0},
    {"block_stored_chunk", fill_text, 16384, COFFRE_SEAL_STORE, 1, 0},
    {"block_stored_chunk_and_1", fill_text, 16385, COFFRE_SEAL_STORE, 1, 0},
    {"block_stored_4m", fill_mixed, 4u << 20, COFFRE_SEAL_STORE, 1, 0},
    {"block_noise_64k", fill_noise, 65536, 0, 1, 0},
    {"block_zeros_4m", fill_zeros, 4u << 20, 0, 1, COFFRE_BLOCK_ZERO},
    {"block_text_4k", fill_text, 4096, 0, 1, COFFRE_BLOCK_COMPRESSED},
    {"block_text_16k", fill_text, 16384, 0, 1, COFFRE_BLOCK_COMPRESSED},
    {"block_text_4m", fill_text, 4u << 20, 0, 1, COFFRE_BLOCK_COMPRESSED},
    {"block_mixed_64k", fill_mixed, 65536, 0, 1, COFFRE_BLOCK_COMPRESSED},
    {"block_mixed_4m", fill_mixed, 4u << 20, 0, 1, COFFRE_BLOCK_COMPRESSED},
    {"block_trusting", fill_mixed, 50000, COFFRE_SEAL_TRUST_RANDOM, 1, COFFRE_BLOCK_COMPRESSED},
    {"block_small_4k", fill_text, 4096, COFFRE_SEAL_SMALL, 1, COFFRE_BLOCK_COMPRESSED},
    {"block_small_4m", fill_mixed, 4u << 20, COFFRE_SEAL_SMALL, 1, COFFRE_BLOCK_COMPRESSED},
    {"block_level_m7", fill_mixed, 300000, 0, -7, COFFRE_BLOCK_COMPRESSED},
    {"block_level_2", fill_mixed, 300000, 0, 2, COFFRE_BLOCK_COMPRESSED},
    {"block_level_3", fill_mixed, 300000, 0, 3, COFFRE_BLOCK_COMPRESSED},
    {"block_level_5", fill_mixed, 300000, 0, 5, COFFRE_BLOCK_COMPRESSED},
    {"block_level_7", fill_mixed, 300000, 0, 7, COFFRE_BLOCK_COMPRESSED},
    {"block_level_10", fill_mixed, 300000, 0, 10, COFFRE_BLOCK_COMPRESSED},
    {"block_level_13", fill_mixed, 300000, 0, 13, COFFRE_BLOCK_COMPRESSED},
    {"block_level_16", fill_mixed, 300000, 0, 16, COFFRE_BLOCK_COMPRESSED},
    {"block_level_19", fill_mixed, 300000, 0, 19, COFFRE_BLOCK_COMPRESSED},
};

#define FORMS (sizeof forms / sizeof *forms)

/* --- write --- */

static void write_block(const struct form *form, const coffre_block_id *id)
{
    struct world *w = &world;
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    coffre_workspace workspace;
    coffre_block_info info;
    size_t len = 0;

    options.flags = form->options;
    options.level = form->level;
    size_t memory_len = coffre_seal_workspace(form->len, &options);
    uint8_t *memory = poisoned(memory_len);
    check_about(form->name);
    form->fill(plain, form->len);
    lend(&workspace, memory, memory_len);
    EXPECT(COFFRE_OK, coffre_block_seal(&w->context, &w->session, id, &options, plain, form->len,
                                        &workspace, sealed, sizeof sealed, &len, &info));
    CHECK(info.flags == form->flags);
    coffre_workspace_wipe(&workspace);
    free(memory);
    put(form->name, sealed, len);
}

static void write_blocks(void)
{
    struct world *w = &world;
    struct form by_hash = {"block_by_hash", fill_text, 5000, 0, 1, COFFRE_BLOCK_COMPRESSED};
    coffre_block_id id;

    for (size_t i = 0; i < FORMS; i++) {
        EXPECT(COFFRE_OK, coffre_block_id_position(0x0102030405060708u + i, &id));
        write_block(&forms[i], &id);
    }
    fill_text(plain, by_hash.len);
    EXPECT(COFFRE_OK, coffre_block_id_hash(&w->context, &w->id_key, plain, by_hash.len, &id));
    write_block(&by_hash, &id);
}

static void write_old_blocks(void)
{
    struct world *w = &world;
    coffre_policy old = policy_lowest(0);
    uint8_t wrapped[COFFRE_V1_WRAPPED_KEY_SIZE], rewrapped[COFFRE_V1_WRAPPED_KEY_SIZE];
    uint8_t master[32];
    coffre_v1_master key, other;
    size_t len = 0;

    check_about("version 1");
    test_random_bytes(&w->source.state, master, sizeof master);
    put("master.bin", master, sizeof master);
    EXPECT(COFFRE_OK, coffre_v1_master_read(&w->context, master, sizeof master, &key));
    fill_mixed(plain, OLD_PLAIN);
    EXPECT(COFFRE_OK, coffre_v1_seal(&w->context, &old, &key, plain, OLD_PLAIN, &w->workspace,
                                     sealed, sizeof sealed, &len, wrapped));
    put("version_1.blob", sealed, len);
    put("version_1.wrapped", wrapped, sizeof wrapped);
    master[0] ^= 1;
    EXPECT(COFFRE_OK, coffre_v1_master_read(&w->context, master, sizeof master, &other));
    EXPECT(COFFRE_OK, coffre_v1_rewrap(&w->context, &key, &other, wrapped, sizeof wrapped,
                                       rewrapped));
    put("version_1.rewrapped", rewrapped, sizeof rewrapped);
    EXPECT(COFFRE_OK, coffre_v0_seal(&old, plain, OLD_PLAIN, sealed, sizeof sealed, &len));
    put("version_0.bin", sealed, len);
}

/* --- open --- */

static int32_t opened_sink(void *user, const uint8_t *piece, size_t len)
{
    struct bytes *bytes = user;

    return bytes_sink(bytes, piece, len);
}

/* In pieces of odd length, in as much memory as the header asks for. */
static void open_in_pieces(const struct form *form, const coffre_block_expect *expect, size_t len)
{
    struct world *w = &world;
    coffre_block_reader reader;
    struct bytes bytes = {opened, 0, sizeof opened};
    size_t memory_len = coffre_block_reader_workspace(sealed);
    uint8_t *memory = poisoned(memory_len);

    memset(opened, 0xA5, form->len);
    EXPECT(COFFRE_OK, coffre_block_reader_begin(&w->context, NULL, &w->session, expect, sealed,
                                                memory, memory_len, &reader));
    for (size_t at = COFFRE_BLOCK_HEADER_SIZE, piece; at < len; at += piece) {
        piece = len - at < 10007 ? len - at : 10007;
        coffre_status status =
            coffre_block_reader_push(&reader, sealed + at, piece, opened_sink, &bytes);
        if (status != COFFRE_OK) {
            EXPECT(COFFRE_OK, status);
            break;
        }
    }
    EXPECT(COFFRE_OK, coffre_block_reader_finish(&reader));
    CHECK(bytes.len == form->len && memcmp(opened, plain, form->len) == 0);
    coffre_block_reader_wipe(&reader);
    free(memory);
}

static void open_block(const struct form *form, const coffre_block_id *id)
{
    struct world *w = &world;
    coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;
    coffre_block_info info;
    size_t len = get(form->name, sealed, sizeof sealed), back = 0;

    check_about(form->name);
    form->fill(plain, form->len);
    expect.flags = COFFRE_EXPECT_ID | COFFRE_EXPECT_PLAIN_LEN;
    expect.id = *id;
    expect.plain_len = form->len;
    EXPECT(COFFRE_OK, coffre_block_scrub(sealed, len, &info));
    CHECK(info.flags == form->flags && info.total_len == len);
    EXPECT(COFFRE_OK, coffre_block_open(&w->context, NULL, &w->session, &expect, sealed, len,
                                        &w->workspace, opened, sizeof opened, &back));
    CHECK(back == form->len && memcmp(opened, plain, form->len) == 0);
    open_in_pieces(form, &expect, len);
    sealed[len / 2] ^= 4;
    EXPECT(COFFRE_ERR_DAMAGED, coffre_block_scrub(sealed, len, NULL));
}

static void open_blocks(void)
{
    struct world *w = &world;
    struct form by_hash = {"block_by_hash", fill_text, 5000, 0, 1, COFFRE_BLOCK_COMPRESSED};
    coffre_block_id id;

    for (size_t i = 0; i < FORMS; i++) {
        EXPECT(COFFRE_OK, coffre_block_id_position(0x0102030405060708u + i, &id));
        open_block(&forms[i], &id);
    }
    fill_text(plain, by_hash.len);
    EXPECT(COFFRE_OK, coffre_block_id_hash(&w->context, &w->id_key, plain, by_hash.len, &id));
    open_block(&by_hash, &id);
}

static void open_old_blob(const coffre_v1_master *key, const char *wrapped_name, size_t len)
{
    struct world *w = &world;
    coffre_policy old = policy_lowest(1);
    uint8_t wrapped[COFFRE_V1_WRAPPED_KEY_SIZE];
    size_t back = 0;

    get_all(wrapped_name, wrapped, sizeof wrapped);
    EXPECT(COFFRE_OK, coffre_v1_open(&w->context, &old, key, wrapped, sizeof wrapped, sealed, len,
                                     &w->workspace, opened, sizeof opened, &back));
    CHECK(back == OLD_PLAIN && memcmp(opened, plain, OLD_PLAIN) == 0);
}

static void open_old_blocks(void)
{
    struct world *w = &world;
    coffre_policy old = policy_lowest(0);
    uint8_t master[32];
    coffre_v1_master key;
    size_t len, back = 0;

    fill_mixed(plain, OLD_PLAIN);
    get_all("master.bin", master, sizeof master);
    len = get("version_1.blob", sealed, sizeof sealed);
    EXPECT(COFFRE_OK, coffre_v1_master_read(&w->context, master, sizeof master, &key));
    open_old_blob(&key, "version_1.wrapped", len);
    master[0] ^= 1;
    EXPECT(COFFRE_OK, coffre_v1_master_read(&w->context, master, sizeof master, &key));
    open_old_blob(&key, "version_1.rewrapped", len);
    len = get("version_0.bin", sealed, sizeof sealed);
    EXPECT(COFFRE_OK, coffre_v0_open(&old, sealed, len, opened, sizeof opened, &back));
    CHECK(back == OLD_PLAIN && memcmp(opened, plain, OLD_PLAIN) == 0);
}

#endif
