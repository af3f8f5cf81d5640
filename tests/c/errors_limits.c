/* errors_limits.c: what is beyond the format's maximum, the policy's limits, or the workspace. */
#include "world.h"

/* The world's memory, `len` bytes of it, as a workspace. */
static coffre_workspace *of(size_t len)
{
    static coffre_workspace workspace;

    lend(&workspace, world.scratch, len);
    return &workspace;
}

/* Sealing without compression, zeros, and opening what is stored need no workspace. */
static void no_workspace(void)
{
    struct world *w = &world;
    coffre_seal_options store = COFFRE_SEAL_OPTIONS_INIT;
    static const uint8_t zeros[100];
    uint8_t out[8192], plain[WORLD_PLAIN];
    size_t len, plain_len;

    check_about("no workspace");
    store.flags = COFFRE_SEAL_STORE;
    EXPECT(COFFRE_OK, coffre_block_seal(&w->context, &w->session, &w->id, &store, w->plain,
                                        WORLD_PLAIN, NULL, out, sizeof out, &len, NULL));
    EXPECT(COFFRE_OK, coffre_block_open(&w->context, NULL, &w->session, NULL, out, len, NULL, plain,
                                        sizeof plain, &plain_len));
    CHECK(plain_len == WORLD_PLAIN && memcmp(plain, w->plain, plain_len) == 0);
    EXPECT(COFFRE_OK, coffre_block_seal(&w->context, &w->session, &w->id, NULL, zeros,
                                        sizeof zeros, NULL, out, sizeof out, &len, NULL));
    EXPECT(COFFRE_OK, coffre_block_open(&w->context, NULL, &w->session, NULL, out, len, NULL, plain,
                                        sizeof plain, &plain_len));
    CHECK(plain_len == sizeof zeros && is_zeroed(plain, plain_len));
}

static void workspaces(void)
{
    struct world *w = &world;
    coffre_policy old = policy_lowest(1);
    uint8_t out[8192], wrapped[40], digest[32];
    size_t len, seal = coffre_seal_workspace(WORLD_PLAIN, NULL);
    size_t open = coffre_open_workspace(), v1_seal = coffre_v1_seal_workspace(WORLD_PLAIN);
    size_t v1_open = coffre_v1_open_workspace(w->blob_len);
    size_t reader_size = coffre_block_reader_workspace(w->block);
    coffre_block_reader reader;

    for (int way = 0; way < 4; way++) { /* nothing, a little, one byte less, exactly */
        coffre_status expected = way < 3 ? COFFRE_ERR_WORKSPACE_TOO_SMALL : COFFRE_OK;
#define OF(size) (way == 0 ? 0 : way == 1 ? 64 : way == 2 ? (size) - 1 : (size))
#define OF_OPEN (way == 2 ? 16384 : OF(open)) /* a byte less may do for a small window */
#define SIZED_OUT (way < 3 ? len == 0 && is_kept_or_zeroed(out, sizeof out) : len > 0)
        poison(out, sizeof out);
        check_about("block_seal");
        EXPECT(expected,
               coffre_block_seal(&w->context, &w->session, &w->id, NULL, w->plain, WORLD_PLAIN,
                                 of(OF(seal)), out, sizeof out, &len, NULL));
        CHECK(SIZED_OUT);
        poison(out, sizeof out);
        check_about("block_open");
        EXPECT(expected, coffre_block_open(&w->context, NULL, &w->session, NULL, w->block,
                                           w->block_len, of(OF_OPEN), out, sizeof out, &len));
        CHECK(SIZED_OUT);
        poison(out, sizeof out);
        check_about("v1_seal");
        EXPECT(expected,
               coffre_v1_seal(&w->context, &old, &w->master, w->plain, WORLD_PLAIN,
                              of(OF(v1_seal)), out, sizeof out, &len, wrapped));
        CHECK(SIZED_OUT && (way == 3 || is_zeroed(wrapped, sizeof wrapped)));
        poison(out, sizeof out);
        check_about("v1_open");
        EXPECT(expected, coffre_v1_open(&w->context, &old, &w->master, w->wrapped, 40, w->blob,
                                        w->blob_len, of(OF(v1_open)), out, sizeof out, &len));
        CHECK(SIZED_OUT);
        poison(out, sizeof out);
        check_about("metadata_seal");
        EXPECT(expected,
               coffre_metadata_seal(&w->context, &w->keys, w->plain, WORLD_PLAIN,
                                    of(OF(seal)), out, sizeof out, &len, digest));
        CHECK(SIZED_OUT && (way == 3 || is_zeroed(digest, sizeof digest)));
        poison(out, sizeof out);
        check_about("metadata_open");
        EXPECT(expected,
               coffre_metadata_open(&w->context, NULL, &w->keys, w->metadata, w->metadata_len,
                                    of(OF_OPEN), out, sizeof out, &len, digest));
        CHECK(SIZED_OUT && (way == 3 || is_zeroed(digest, sizeof digest)));
        check_about("block_reader_begin");
        EXPECT(expected,
               coffre_block_reader_begin(&w->context, NULL, &w->session, NULL, w->block,
                                         w->scratch, OF(reader_size), &reader));
        CHECK(way == 3 || is_zeroed(&reader, sizeof reader));
        coffre_block_reader_wipe(&reader);
    }
}

/* One byte more than a block may have. */
static void too_large_blocks(void)
{
    struct world *w = &world;
    size_t len, size = (size_t)COFFRE_BLOCK_MAX + 1;
    coffre_policy old = policy_lowest(0);
    uint8_t *plain = calloc(1, size), out[64], wrapped[40], header[COFFRE_BLOCK_HEADER_SIZE];
    coffre_block_info info;

    if (plain == NULL) exit(EXIT_FAILURE);
    check_about("64 MiB and a byte");
    EXPECT(COFFRE_ERR_TOO_LARGE,
           coffre_block_seal(&w->context, &w->session, &w->id, NULL, plain, size, &w->workspace,
                             out, sizeof out, &len, NULL));
    CHECK(len == 0);
    EXPECT(COFFRE_ERR_TOO_LARGE,
           coffre_metadata_seal(&w->context, &w->keys, plain, size, &w->workspace, out, sizeof out,
                                &len, wrapped));
    EXPECT(COFFRE_ERR_TOO_LARGE,
           coffre_v1_seal(&w->context, &old, &w->master, plain, size, &w->workspace, out,
                          sizeof out, &len, wrapped));
    EXPECT(COFFRE_ERR_TOO_LARGE, coffre_v0_seal(&old, plain, size, out, sizeof out, &len));
    EXPECT(COFFRE_ERR_OVER_LIMIT, coffre_v0_open(&old, plain, size, out, sizeof out, &len));
    CHECK(coffre_block_sealed_max(size) == SIZE_MAX);
    free(plain);

    memcpy(header, w->block, sizeof header);
    header[16 + 3] = 4, header[16] = 1; /* plaintext length: 64 MiB and some */
    EXPECT(COFFRE_ERR_OVER_LIMIT, coffre_block_inspect(header, sizeof header, &info));
    CHECK(coffre_block_reader_workspace(header) == 0);
}

/* A header that claims a window of 4 GiB takes no memory for it, whatever the policy says. */
static void too_large_windows(void)
{
    struct world *w = &world;
    uint8_t header[COFFRE_BLOCK_HEADER_SIZE];
    coffre_policy policy = COFFRE_POLICY_INIT;
    coffre_block_reader reader;

    check_about("a window of 4 GiB");
    memcpy(header, w->block, sizeof header);
    memset(header + 12, 0xff, 4);
    CHECK(coffre_block_reader_workspace(header) == 0);
    EXPECT(COFFRE_ERR_OVER_LIMIT,
           coffre_block_reader_begin(&w->context, NULL, &w->session, NULL, header, w->scratch,
                                     sizeof w->scratch, &reader));
    policy.max_window = UINT64_MAX;
    EXPECT(COFFRE_ERR_OVER_LIMIT,
           coffre_block_reader_begin(&w->context, &policy, &w->session, NULL, header, w->scratch,
                                     sizeof w->scratch, &reader));
    CHECK(is_zeroed(&reader, sizeof reader));
}

static void too_large_records(void)
{
    struct world *w = &world;
    static uint8_t buffer[8192];
    coffre_record_writer writer;

    check_about("65 recipients");
    check_must(coffre_record_create(&w->context, COFFRE_KEY_RECORD, w->instance, w->point, 1,
                                    buffer, sizeof buffer, &writer),
               "record");
    for (uint8_t i = 0; i < 65; i++) {
        uint8_t kek[32] = {i, 7};
        coffre_identity identity;
        coffre_recipient recipient;

        check_must(coffre_identity_from_kek(&w->context, kek, 32, &identity), "KEK");
        check_must(coffre_identity_recipient(&identity, &recipient), "recipient");
        coffre_status found = coffre_record_add_recipient(&w->context, &writer, &recipient);
        if (i < 64) EXPECT(COFFRE_OK, found);
        else EXPECT(COFFRE_ERR_TOO_LARGE, found);
    }
    coffre_record_writer_wipe(&writer);
}

static void too_large_manifests(void)
{
    coffre_manifest_info info = {0, COFFRE_BLOCK_MAX + 1, 10, 0, 1, 0, {0}, {0}, {0}};
    coffre_manifest_writer writer;

    check_about("manifest beyond the format");
    EXPECT(COFFRE_ERR_TOO_LARGE, coffre_manifest_begin(&world.context, &world.keys, &info,
                                                       null_sink, NULL, &writer));
    CHECK(is_zeroed(&writer, sizeof writer));
    info.block_size = 1;
    info.image_size = ((uint64_t)1 << 32) + 1;
    EXPECT(COFFRE_ERR_TOO_LARGE, coffre_manifest_begin(&world.context, &world.keys, &info,
                                                       null_sink, NULL, &writer));
    info.image_size = UINT64_MAX;
    info.block_size = COFFRE_BLOCK_MAX;
    EXPECT(COFFRE_ERR_TOO_LARGE, coffre_manifest_begin(&world.context, &world.keys, &info,
                                                       null_sink, NULL, &writer));
    info.block_size = 1;
    info.image_size = (uint64_t)1 << 32;
    EXPECT(COFFRE_OK, coffre_manifest_begin(&world.context, &world.keys, &info, null_sink, NULL,
                                            &writer));
    CHECK(info.entry_count == info.image_size);
    coffre_manifest_writer_wipe(&writer);
}

/* The policy: lengths and windows, versions, recipients, generations. */
static void policies(void)
{
    struct world *w = &world;
    coffre_policy policy = COFFRE_POLICY_INIT;
    uint8_t out[8192], wrapped[40];
    size_t len;
    coffre_block_reader reader;
    coffre_record_keys keys;
    coffre_manifest_reader manifest;

#define OPEN_BLOCK                                                                                \
    coffre_block_open(&w->context, &policy, &w->session, NULL, w->block, w->block_len,            \
                      &w->workspace, out, sizeof out, &len)
#define OPEN_V1                                                                                   \
    coffre_v1_open(&w->context, &policy, &w->master, w->wrapped, 40, w->blob, w->blob_len,        \
                   &w->workspace, out, sizeof out, &len)
#define OPEN_RECORD                                                                               \
    coffre_record_open(&w->context, &policy, &w->pair, &w->read, &keys)
#define OPEN_MANIFEST                                                                             \
    coffre_manifest_open(&w->context, &policy, &w->keys, w->manifest, &manifest)
#define BEGIN_BLOCK                                                                               \
    coffre_block_reader_begin(&w->context, &policy, &w->session, NULL, w->block, w->scratch,      \
                              sizeof w->scratch, &reader)

    check_about("policy: versions");
    EXPECT(COFFRE_OK, OPEN_BLOCK);
    EXPECT(COFFRE_ERR_POLICY_VERSION, OPEN_V1);
    EXPECT(COFFRE_ERR_POLICY_VERSION, coffre_v0_open(&policy, w->plain, 9, out, 9, &len));
    EXPECT(COFFRE_ERR_POLICY_VERSION, coffre_v0_open(NULL, w->plain, 9, out, 9, &len));
    EXPECT(COFFRE_ERR_POLICY_VERSION, coffre_v0_seal(&policy, w->plain, 9, out, 9, &len));
    EXPECT(COFFRE_ERR_POLICY_VERSION,
           coffre_v1_seal(&w->context, &policy, &w->master, w->plain, 9, &w->workspace, out,
                          sizeof out, &len, wrapped));
    policy.lowest_version = 1;
    EXPECT(COFFRE_OK, OPEN_V1);
    EXPECT(COFFRE_ERR_POLICY_VERSION, coffre_v0_open(&policy, w->plain, 9, out, 9, &len));
    policy.lowest_version = 0;
    EXPECT(COFFRE_OK, coffre_v0_open(&policy, w->plain, 9, out, 9, &len));

    check_about("policy: lengths");
    policy.max_block = WORLD_PLAIN;
    EXPECT(COFFRE_OK, OPEN_BLOCK);
    policy.max_block = WORLD_PLAIN - 1;
    poison(out, sizeof out);
    EXPECT(COFFRE_ERR_OVER_LIMIT, OPEN_BLOCK);
    CHECK(len == 0 && is_poisoned(out, sizeof out));
    EXPECT(COFFRE_ERR_OVER_LIMIT, OPEN_V1);
    EXPECT(COFFRE_ERR_OVER_LIMIT, BEGIN_BLOCK);
    EXPECT(COFFRE_ERR_OVER_LIMIT,
           coffre_v0_open(&policy, w->plain, WORLD_PLAIN, out, sizeof out, &len));
    policy.max_block = COFFRE_BLOCK_MAX;
    policy.max_window = w->info.window;
    CHECK(w->info.window > 0);
    EXPECT(COFFRE_OK, OPEN_BLOCK);
    policy.max_window--;
    EXPECT(COFFRE_ERR_OVER_LIMIT, OPEN_BLOCK);
    EXPECT(COFFRE_ERR_OVER_LIMIT, BEGIN_BLOCK);

    check_about("policy: generations, recipients");
    policy.lowest_generation = 3;
    EXPECT(COFFRE_OK, OPEN_RECORD);
    policy.lowest_generation = 4;
    EXPECT(COFFRE_ERR_STALE, OPEN_RECORD);
    CHECK(is_zeroed(&keys, sizeof keys));
    EXPECT(COFFRE_OK, OPEN_MANIFEST);
    policy.lowest_generation = 5;
    EXPECT(COFFRE_ERR_STALE, OPEN_MANIFEST);
    policy.lowest_generation = 0;
    policy.recipients = COFFRE_ALLOW_KEK;
    EXPECT(COFFRE_ERR_POLICY_RECIPIENT, OPEN_RECORD);
    EXPECT(COFFRE_OK, coffre_record_open(&w->context, &policy, &w->kek, &w->read, &keys));
    policy.recipients = COFFRE_ALLOW_PUBLIC_KEY;
    EXPECT(COFFRE_OK, OPEN_RECORD);
    EXPECT(COFFRE_ERR_POLICY_RECIPIENT,
           coffre_record_open(&w->context, &policy, &w->kek, &w->read, &keys));
}

int main(void)
{
    world_make();
    workspaces();
    no_workspace();
    too_large_blocks();
    too_large_windows();
    too_large_records();
    too_large_manifests();
    policies();
    return check_end();
}
