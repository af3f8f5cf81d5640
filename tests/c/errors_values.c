/* errors_values.c: arguments that are pointers to the right thing with a wrong value in it: unknown
 * flags, reserved fields, ids, levels, numbers out of range; and calls in the wrong order.
 */
#include "world.h"

static uint8_t out[8192], digest[32];
static size_t len;

static coffre_status seal(const coffre_block_id *id, const coffre_seal_options *options)
{
    struct world *w = &world;
    coffre_status status;

    poison(out, sizeof out);
    status = coffre_block_seal(&w->context, &w->session, id, options, w->plain, 1000, &w->workspace,
                               out, sizeof out, &len, NULL);
    CHECK(status == COFFRE_OK || (len == 0 && is_kept_or_zeroed(out, sizeof out)));
    return status;
}

static coffre_status open_block(const coffre_policy *policy, const coffre_block_expect *expect)
{
    struct world *w = &world;
    coffre_status status;

    poison(out, sizeof out);
    status = coffre_block_open(&w->context, policy, &w->session, expect, w->block, w->block_len,
                               &w->workspace, out, sizeof out, &len);
    CHECK(status == COFFRE_OK || (len == 0 && is_kept_or_zeroed(out, sizeof out)));
    return status;
}

static void seal_options(void)
{
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;

    check_about("coffre_seal_options");
    for (unsigned bit = 3; bit < 32; bit++) {
        options.flags = (uint32_t)1 << bit;
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, seal(&world.id, &options));
        CHECK(coffre_seal_workspace(1000, &options) == 0);
    }
    options.flags = COFFRE_SEAL_STORE | COFFRE_SEAL_SMALL | COFFRE_SEAL_TRUST_RANDOM;
    EXPECT(COFFRE_OK, seal(&world.id, &options));
    options.flags = 0;
    options.reserved = 1;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, seal(&world.id, &options));
    options.reserved = 0;
    static const int32_t levels[] = {23, 100, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        options.level = levels[i];
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, seal(&world.id, &options));
        CHECK(coffre_seal_workspace(1000, &options) == 0);
    }
}

static void block_ids(void)
{
    static const uint8_t types[][2] = {{0, 0}, {0, 8},  {1, 7},  {1, 32}, {2, 8},
                                       {2, 31}, {3, 16}, {4, 16}, {255, 8}};

    check_about("coffre_block_id");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        coffre_block_id id = {types[i][0], types[i][1], {0}};
        coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;

        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, seal(&id, NULL));
        expect.flags = COFFRE_EXPECT_ID;
        expect.id = id;
        /* 3 is metadata's: a legal id, but never a block's. */
        if (id.type == 3) EXPECT(COFFRE_ERR_UNEXPECTED_BLOCK, open_block(NULL, &expect));
        else EXPECT(COFFRE_ERR_INVALID_ARGUMENT, open_block(NULL, &expect));
    }
    coffre_block_id padded = world.id;
    padded.bytes[8] = 1;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, seal(&padded, NULL));
    padded.bytes[8] = 0, padded.bytes[31] = 1;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, seal(&padded, NULL));
}

static void expectations(void)
{
    coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;

    check_about("coffre_block_expect");
    for (unsigned bit = 3; bit < 32; bit++) {
        expect.flags = (uint32_t)1 << bit;
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, open_block(NULL, &expect));
    }
    expect.flags = COFFRE_EXPECT_COMMITMENT | COFFRE_EXPECT_ID;
    expect.id = world.id;
    memcpy(expect.commitment, world.info.commitment, 32);
    EXPECT(COFFRE_OK, open_block(NULL, &expect));
    expect.commitment[31] ^= 1;
    EXPECT(COFFRE_ERR_UNEXPECTED_BLOCK, open_block(NULL, &expect));
    expect.flags = COFFRE_EXPECT_ID;
    EXPECT(COFFRE_OK, open_block(NULL, &expect));
    expect.id.bytes[0] ^= 1;
    EXPECT(COFFRE_ERR_UNEXPECTED_BLOCK, open_block(NULL, &expect));
    expect.flags = COFFRE_EXPECT_PLAIN_LEN;
    expect.plain_len = WORLD_PLAIN;
    EXPECT(COFFRE_OK, open_block(NULL, &expect));
    expect.plain_len--;
    EXPECT(COFFRE_ERR_UNEXPECTED_BLOCK, open_block(NULL, &expect));
    expect.flags = 0;
    EXPECT(COFFRE_OK, open_block(NULL, &expect));
}

static void policy_values(void)
{
    check_about("coffre_policy");
    for (unsigned n = 0; n < 6; n++) {
        coffre_policy policy = COFFRE_POLICY_INIT;

        if (n == 0) policy.lowest_version = 3;
        if (n == 1) policy.lowest_version = UINT32_MAX;
        if (n == 2) policy.recipients |= 16;
        if (n == 3) policy.reserved = 1;
        if (n == 4) policy.flags = 2;
        if (n == 5) policy.flags = (uint32_t)1 << 31;
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, open_block(&policy, NULL));
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_v0_open(&policy, out, 9, digest, 32, &len));
    }
}

static void key_files(void)
{
    check_about("form of a key file");
    for (uint32_t form = 2; form < 40; form += 7) {
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
               coffre_identity_write(&world.pair, form, out, sizeof out, &len));
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
               coffre_recipient_write(&world.pair_recipient, form, out, sizeof out, &len));
        CHECK(len == 0);
    }
}

static void record_values(void)
{
    struct world *w = &world;
    coffre_record_writer writer;
    static const uint32_t types[] = {0, 1, 2, 3, 7, 256 + 4, UINT32_MAX};

#define CREATE(type, scope, generation)                                                           \
    coffre_record_create(&w->context, (type), w->instance, (scope), (generation), out,            \
                         sizeof out, &writer)
    check_about("coffre_record_create");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        poison(&writer, sizeof writer);
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, CREATE(types[i], w->point, 1));
        CHECK(is_zeroed(&writer, sizeof writer));
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, CREATE(types[i], NULL, 1));
    }
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, CREATE(COFFRE_KEY_RECORD, w->point, 0));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, CREATE(COFFRE_KEY_RECORD, NULL, 1));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, CREATE(COFFRE_CHALLENGE, w->instance, 1));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, CREATE(COFFRE_REPOSITORY_RECORD, w->instance, 1));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
           coffre_challenge_create(&w->context, &w->kek_recipient, w->instance, 0, out, sizeof out,
                                   &len));

    check_about("a challenge holds no keys, a record has recipients");
    EXPECT(COFFRE_OK, CREATE(COFFRE_CHALLENGE, NULL, 1));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_record_add_session(&writer, &w->session));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_record_add_id_key(&writer, &w->id_key));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_record_finish(&writer, &len, NULL));
    CHECK(len == 0);

    check_about("twice the same, or none");
    EXPECT(COFFRE_OK, CREATE(COFFRE_KEY_RECORD, w->point, 1));
    EXPECT(COFFRE_OK, coffre_record_add_recipient(&w->context, &writer, &w->kek_recipient));
    EXPECT(COFFRE_OK, coffre_record_add_session(&writer, &w->session));
    EXPECT(COFFRE_OK, coffre_record_add_id_key(&writer, &w->id_key));
    EXPECT(COFFRE_ERR_DUPLICATE,
           coffre_record_add_recipient(&w->context, &writer, &w->kek_recipient));
    EXPECT(COFFRE_ERR_DUPLICATE, coffre_record_add_session(&writer, &w->session));
    EXPECT(COFFRE_ERR_DUPLICATE, coffre_record_add_id_key(&writer, &w->id_key));
    EXPECT(COFFRE_ERR_NOT_FOUND, coffre_record_remove_recipient(&writer, w->pair_id));
    EXPECT(COFFRE_ERR_NOT_FOUND, coffre_record_remove_session(&writer, w->other_session_id));
    EXPECT(COFFRE_OK, coffre_record_remove_recipient(&writer, w->kek_id));
    EXPECT(COFFRE_ERR_NOT_FOUND, coffre_record_remove_recipient(&writer, w->kek_id));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_record_finish(&writer, &len, NULL));
    EXPECT(COFFRE_OK, coffre_record_add_recipient(&w->context, &writer, &w->pair_recipient));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, NULL));
    CHECK(is_zeroed(&writer, sizeof writer));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_record_finish(&writer, &len, NULL));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_record_add_session(&writer, &w->session));
}

static void manifest_infos(void)
{
    struct world *w = &world;
    coffre_manifest_writer writer;

    check_about("coffre_manifest_begin");
    for (unsigned n = 0; n < 4; n++) {
        coffre_manifest_info info = w->manifest_info;

        if (n == 0) info.flags = 2;
        if (n == 1) info.flags |= (uint32_t)1 << 31;
        if (n == 2) info.block_size = 0;
        if (n == 3) info.generation = 0;
        coffre_manifest_info copy = info;
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
               coffre_manifest_begin(&w->context, &w->keys, &info, null_sink, NULL, &writer));
        CHECK(memcmp(&copy, &info, sizeof info) == 0 && is_zeroed(&writer, sizeof writer));
        if (n < 2) CHECK(coffre_manifest_segment_count(&info) == 0);
    }
    coffre_manifest_info info = w->manifest_info;
    coffre_manifest_reader reader;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_manifest_begin(&w->context, &w->repository_keys,
                                                              &info, null_sink, NULL, &writer));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_manifest_open(&w->context, NULL,
                                                             &w->repository_keys, w->manifest,
                                                             &reader));
}

static void manifest_entries(void)
{
    struct world *w = &world;
    coffre_manifest_writer writer;

    check_about("coffre_manifest_add");
    for (unsigned n = 0; n < 12; n++) {
        coffre_manifest_info info = w->manifest_info;
        coffre_manifest_entry entry = w->entry;

        if (n == 0) entry.kind = 0;
        if (n == 1) entry.kind = 3;
        if (n == 2) entry.version = 3;
        if (n == 3) entry.version = 256 + 2;
        if (n == 4) entry.version = 1; /* with a session id and a commitment */
        if (n == 5) entry.id.length = 9;
        if (n == 6) entry.id.type = COFFRE_BLOCK_ID_RESTORE_POINT, entry.id.length = 16;
        if (n == 7) entry.id.bytes[31] = 1;
        if (n == 8) info.flags = 0; /* with a digest */
        if (n >= 9) memset(entry.session_id, 0, 16), memset(entry.commitment, 0, 32);
        if (n == 9) entry.version = 1, info.flags = 0, memset(entry.digest, 0, 32);
        if (n == 10) entry.version = 0, info.flags = 0, memset(entry.digest, 0, 32);
        if (n == 11) entry.version = 1, entry.commitment[5] = 1;
        check_must(coffre_manifest_begin(&w->context, &w->keys, &info, null_sink, NULL, &writer),
                   "manifest");
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
               coffre_manifest_add(&writer, &entry, null_sink, NULL));
        EXPECT(COFFRE_ERR_BAD_STATE, coffre_manifest_finish(&writer, null_sink, NULL, NULL));
        entry.kind = COFFRE_MANIFEST_HOLE; /* it goes on */
        EXPECT(COFFRE_OK, coffre_manifest_add(&writer, &entry, null_sink, NULL));
        EXPECT(COFFRE_OK, coffre_manifest_add(&writer, &entry, null_sink, NULL));
        EXPECT(COFFRE_ERR_BAD_STATE, coffre_manifest_add(&writer, &entry, null_sink, NULL));
        EXPECT(COFFRE_OK, coffre_manifest_finish(&writer, null_sink, NULL, NULL));
        EXPECT(COFFRE_ERR_BAD_STATE, coffre_manifest_finish(&writer, null_sink, NULL, NULL));
    }
}

/* Functions that return sizes say 0 for what they do not take. */
static void sizes_of_nothing(void)
{
    check_about("sizes");
    CHECK(coffre_block_reader_workspace(NULL) == 0);
    CHECK(coffre_manifest_segment_count(NULL) == 0);
    CHECK(coffre_manifest_segment_size(NULL, 0) == 0);
    CHECK(coffre_manifest_segment_size(&world.manifest_info, 1) == 0);
    CHECK(coffre_manifest_segment_size(&world.manifest_info, UINT64_MAX) == 0);
    coffre_manifest_info huge = world.manifest_info;
    huge.image_size = UINT64_MAX;
    for (huge.block_size = 0; huge.block_size < 3; huge.block_size++) {
        CHECK(coffre_manifest_segment_count(&huge) > 0);
        CHECK(coffre_manifest_segment_size(&huge, 7) == COFFRE_MANIFEST_SEGMENT_MAX);
    }
    CHECK(coffre_record_size(SIZE_MAX, SIZE_MAX) == SIZE_MAX);
    CHECK(coffre_record_size(SIZE_MAX, 0) == SIZE_MAX);
    CHECK(coffre_record_size(0, SIZE_MAX) == SIZE_MAX);
    CHECK(coffre_self_test_name(coffre_self_test_count()) == NULL);
    CHECK(coffre_self_test_name(SIZE_MAX) == NULL);
    CHECK(coffre_block_sealed_max(SIZE_MAX) == SIZE_MAX);
}

int main(void)
{
    world_make();
    seal_options();
    block_ids();
    expectations();
    policy_values();
    key_files();
    record_values();
    manifest_infos();
    manifest_entries();
    sizes_of_nothing();
    return check_end();
}
