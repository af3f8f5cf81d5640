/* workspaces.c: the sizes that the header promises as macros, beside what the functions say and the
 * calls need; and one block of 64 MiB, the largest there is.
 */
#include "world.h"


/* Lengths around every power of two up to 64 MiB, and around chunks. */
static void each_length(void (*visit)(size_t))
{
    visit(0);
    for (size_t power = 1; power <= COFFRE_BLOCK_MAX; power *= 2) {
        for (size_t off = 0; off < 3; off++) {
            if (power + off <= COFFRE_BLOCK_MAX) visit(power + off);
            if (off > 0 && power > off) visit(power - off);
        }
        if (power + power / 2 <= COFFRE_BLOCK_MAX) visit(power + power / 2);
    }
    for (size_t chunks = 1; chunks < 4096; chunks += 91) {
        visit(chunks * 16384 - 1);
        visit(chunks * 16384);
        visit(chunks * 16384 + 1);
    }
}

static void bounds(size_t len)
{
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    size_t needed = coffre_seal_workspace(len, NULL);

    CHECK(COFFRE_BLOCK_SEALED_MAX(len) == coffre_block_sealed_max(len));
    CHECK(coffre_seal_workspace(len, &options) == needed);
    CHECK(needed > 0 && needed <= COFFRE_SEAL_WORKSPACE);
    CHECK(coffre_v1_seal_workspace(len) > 0);
    CHECK(coffre_v1_seal_workspace(len) <= COFFRE_SEAL_WORKSPACE);
    CHECK(coffre_v1_sealed_max(len) >= len + 32);
    options.flags = COFFRE_SEAL_SMALL;
    CHECK(coffre_seal_workspace(len, &options) <= COFFRE_SEAL_WORKSPACE);
    options.flags = COFFRE_SEAL_STORE;
    CHECK(coffre_seal_workspace(len, &options) == 0);
    options.flags = 0;
    for (options.level = -7; options.level < 0; options.level++)
        CHECK(coffre_seal_workspace(len, &options) <= COFFRE_SEAL_WORKSPACE);
    for (options.level = 2; options.level <= 22; options.level += 5)
        CHECK(coffre_seal_workspace(len, &options) > 0);
}

/* Seals and opens in exactly what the functions say; a sanitizer sees every byte beyond it. */
static void exact(size_t len, const coffre_seal_options *options)
{
    size_t seal_len = coffre_seal_workspace(len, options), open_len = coffre_open_workspace();
    size_t cap = coffre_block_sealed_max(len), block_len = 0, out_len = 0;
    uint8_t *plain = poisoned(len), *block = poisoned(cap), *out = poisoned(len);
    uint8_t *seal = poisoned(seal_len), *open = poisoned(open_len);
    coffre_workspace workspace;

    test_text(plain, len);
    lend(&workspace, seal, seal_len);
    EXPECT(COFFRE_OK, coffre_block_seal(&world.context, &world.session, &world.id, options, plain,
                                        len, &workspace, block, cap, &block_len, NULL));
    CHECK(block_len <= cap);
    lend(&workspace, open, open_len);
    EXPECT(COFFRE_OK, coffre_block_open(&world.context, NULL, &world.session, NULL, block,
                                        block_len, &workspace, out, len, &out_len));
    CHECK(out_len == len && memcmp(out, plain, len) == 0);
    free(plain), free(block), free(out), free(seal), free(open);
}

static void exact_default(size_t len)
{
    if (len <= (1 << 20)) exact(len, NULL);
}

static void exact_levels(void)
{
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    static const int32_t levels[] = {-131072, -50, -1, 2, 3, 4, 9, 19, 22};

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        options.level = levels[i];
        exact(100000, &options);
        exact(3, &options);
    }
    options.level = 1;
    for (options.flags = 0; options.flags < 8; options.flags++) {
        exact(0, &options);
        exact(70000, &options);
    }
}

/* Random bytes are stored, and then take exactly the bound. */
static void stored(size_t len)
{
    size_t cap = coffre_block_sealed_max(len), block_len;
    uint8_t *plain, *block;
    uint64_t state = len;

    if (len > 100000) return;
    plain = poisoned(len), block = poisoned(cap);
    test_random_bytes(&state, plain, len);
    EXPECT(COFFRE_OK, coffre_block_seal(&world.context, &world.session, &world.id, NULL, plain, len,
                                        &world.workspace, block, cap, &block_len, NULL));
    CHECK(block_len == cap || (len > 0 && len < 3 && is_zeroed(plain, len)));
    free(plain), free(block);
}

static void record_sizes(void)
{
    static uint8_t buffer[8192];
    coffre_record_writer writer;
    coffre_session session;
    coffre_identity identity;
    coffre_recipient recipient;

    size_t kek_len = coffre_recipient_stanza_size(&world.kek_recipient);
    size_t pair_len = coffre_recipient_stanza_size(&world.pair_recipient);

    check_about("coffre_record_size");
    for (size_t keks = 0; keks < 3; keks++) {
        for (size_t pairs = 0; pairs < 3; pairs++) {
            for (size_t entries = 0; entries < 5 && keks + pairs > 0; entries++) {
                size_t size = coffre_record_size(keks * kek_len + pairs * pair_len, entries);
                size_t len = 0;

                check_must(coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance,
                                                world.point, 1, buffer, size, &writer),
                           "record");
                for (size_t i = 0; i < keks + pairs; i++) {
                    uint8_t kek[32] = {(uint8_t)(i + 1)};
                    if (i < keks) coffre_identity_from_kek(&world.context, kek, 32, &identity);
                    else coffre_identity_generate(&world.context, &identity);
                    coffre_identity_recipient(&identity, &recipient);
                    EXPECT(COFFRE_OK,
                           coffre_record_add_recipient(&world.context, &writer, &recipient));
                }
                for (size_t i = 0; i < entries; i++) {
                    coffre_session_generate(&world.context, &session);
                    EXPECT(COFFRE_OK, coffre_record_add_session(&writer, &session));
                }
                EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, NULL));
                CHECK(len == size);
            }
        }
    }
    CHECK(coffre_record_size(kek_len, 0) == 244 && coffre_record_size(pair_len, 0) == 357);
}

/* Memory for Argon2id: the macro, the function, and what a derivation needs. */
static void password_workspaces(void)
{
    check_about("coffre_password_workspace_size");
    CHECK(coffre_password_workspace_size(0) == 0); /* PBKDF2's */
    for (unsigned power = 0; power <= 22; power++) {
        for (uint32_t off = 0; off < 3; off++) {
            uint32_t kib = ((uint32_t)1 << power) + off - 1;

            if (kib == 0) continue;
            CHECK(coffre_password_workspace_size(kib) == COFFRE_ARGON2ID_WORKSPACE(kib));
        }
    }
    CHECK(coffre_password_workspace_size(UINT32_MAX) == COFFRE_ARGON2ID_WORKSPACE(UINT32_MAX));
    for (uint32_t kib = 8; kib < 40; kib++) {
        coffre_password_options options = world_password_options();
        size_t size = COFFRE_ARGON2ID_WORKSPACE(kib);
        uint8_t *memory = poisoned(size + 1) /* a sanitizer sees what is beyond */;
        coffre_identity identity;

        options.memory_kib = kib;
        EXPECT(COFFRE_OK, coffre_password_set(&world.context, &options,
                                              (const uint8_t *)WORLD_PASSWORD,
                                              sizeof WORLD_PASSWORD - 1, memory + 1, size,
                                              &identity));
        CHECK(memory[0] == POISON);
        free(memory);
    }
}

static void largest_block(void)
{
    size_t len = COFFRE_BLOCK_MAX, cap = COFFRE_BLOCK_SEALED_MAX(len), block_len, out_len;
    coffre_workspace opening;
    uint8_t *plain = poisoned(len), *block = poisoned(cap);
    coffre_seal_options store = COFFRE_SEAL_OPTIONS_INIT;

    check_about("64 MiB");
    store.flags = COFFRE_SEAL_STORE;
    lend(&opening, world.scratch, COFFRE_OPEN_WORKSPACE);
    test_text(plain, len);
    for (int way = 0; way < 2; way++) {
        EXPECT(COFFRE_OK, coffre_block_seal(&world.context, &world.session, &world.id,
                                            way == 0 ? NULL : &store, plain, len, &world.workspace,
                                            block, cap, &block_len, NULL));
        CHECK(way == 0 ? block_len < cap : block_len == cap);
        poison(plain, len);
        EXPECT(COFFRE_OK, coffre_block_open(&world.context, NULL, &world.session, NULL, block,
                                            block_len, &opening, plain, len, &out_len));
        uint8_t *again = poisoned(len);
        test_text(again, len);
        CHECK(out_len == len && memcmp(plain, again, len) == 0);
        free(again);
    }
    free(plain), free(block);
}

int main(void)
{
    world_make();
    check_about("bounds");
    each_length(bounds);
    CHECK(coffre_open_workspace() > 0 && coffre_open_workspace() <= COFFRE_OPEN_WORKSPACE);
    check_about("exact workspaces");
    each_length(exact_default);
    exact_levels();
    check_about("stored blocks");
    each_length(stored);
    record_sizes();
    password_workspaces();
    largest_block();
    return check_end();
}
