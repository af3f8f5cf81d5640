/* not_built.c: what a library without its features refuses, and what it still opens.
 *
 *   not_built             the whole library: nothing is refused
 *   not_built write FILE  and one of everything (world.h) is left in FILE
 *   not_built read FILE   a library without any feature, which is given that
 *
 * `make test` runs the first; without_features.sh builds the other library and runs the rest.
 * Read refused() first: what is refused leaves its outputs as they were, or zero.
 */
#include "test_recipients.h"

#define ALL                                                                                       \
    (COFFRE_FEATURE_SEAL | COFFRE_FEATURE_ZSTD | COFFRE_FEATURE_ZSTD_DECOMPRESS |                 \
     COFFRE_FEATURE_PUBLIC_KEY | COFFRE_FEATURE_PASSWORD | COFFRE_FEATURE_ARGON2 |                \
     COFFRE_FEATURE_LEGACY_V1 | COFFRE_FEATURE_CALLBACKS | COFFRE_FEATURE_FAST_SOFTWARE)

/* What the program has of its own; `world` is another library's, of which only bytes are used. */
static coffre_context context;
static coffre_identity kek;
static coffre_record record;
static coffre_record_keys keys;
static coffre_session session;
static coffre_workspace workspace;
static uint8_t memory[COFFRE_SEAL_WORKSPACE];
static uint8_t out[COFFRE_BLOCK_SEALED_MAX(WORLD_PLAIN)];
static size_t len;

/* Poisons the outputs before a call. */
static void before(void *object, size_t size)
{
    poison(out, sizeof out);
    poison(object, size);
    len = 99;
}

/* What is left of them after one that was refused. */
static void after(const void *object, size_t size)
{
    CHECK(is_kept_or_zeroed(out, sizeof out));
    CHECK(is_kept_or_zeroed(object, size));
    CHECK(len == 99 || len == 0);
}

/* A call that would have written this array. */
#define REFUSED_IN(array, call)                                                                \
    do {                                                                                          \
        before((array), sizeof(array));                                                           \
        EXPECT(COFFRE_ERR_NOT_BUILT, call);                                                       \
        after((array), sizeof(array));                                                            \
    } while (0)

/* A call that would have made this object: zeroed it is one that every call refuses. */
#define REFUSED(object, call)                                                                     \
    do {                                                                                          \
        before(&(object), sizeof(object));                                                        \
        EXPECT(COFFRE_ERR_NOT_BUILT, call);                                                       \
        after(&(object), sizeof(object));                                                         \
        CHECK(is_zeroed(&(object), sizeof(object)));                                              \
    } while (0)

/* --- what still works --- */

static void opens(void)
{
    const struct world *w = &world;
    coffre_block_info info;
    coffre_scrubber scrubber;
    coffre_manifest_info manifest;
    uint32_t type;

    check_about("what needs no feature");
    EXPECT(COFFRE_OK, coffre_self_test(&context, memory, sizeof memory));
    EXPECT(COFFRE_OK, coffre_identity_from_kek(&context, w->kek_bytes, 32, &kek));
    EXPECT(COFFRE_OK, coffre_record_read(w->record, w->record_len, &record));
    EXPECT(COFFRE_OK, coffre_record_open(&context, NULL, &kek, &record, &keys));
    EXPECT(COFFRE_OK, coffre_record_session(&context, &keys, &record, w->session_id, &session));
    EXPECT(COFFRE_OK, coffre_block_scrub(w->block, w->block_len, &info));
    EXPECT(COFFRE_OK, coffre_scrub_begin(&scrubber));
    EXPECT(COFFRE_OK, coffre_scrub_push(&scrubber, w->kit, sizeof w->kit));
    EXPECT(COFFRE_OK, coffre_scrub_finish(&scrubber, &type));
    EXPECT(COFFRE_OK, coffre_manifest_inspect(w->manifest, &manifest));
    lend(&workspace, memory, sizeof memory);
}

/* --- what each feature gives --- */

static void without_seal(void)
{
    struct world *w = &world;
    coffre_session made;
    coffre_id_key id_key;
    coffre_record_writer writer;
    coffre_manifest_writer manifest;
    coffre_manifest_info info = w->manifest_info;
    coffre_recipient recipient;
    coffre_seal_options stored = COFFRE_SEAL_OPTIONS_INIT;
    uint8_t digest[32], bytes[32];

    check_about("seal");
    stored.flags = COFFRE_SEAL_STORE;
    EXPECT(COFFRE_OK, coffre_identity_recipient(&kek, &recipient));
    REFUSED_IN(bytes, coffre_random_bytes(&context, bytes, sizeof bytes));
    REFUSED(made, coffre_session_generate(&context, &made));
    REFUSED(id_key, coffre_id_key_generate(&context, 1, &id_key));
    REFUSED_IN(out, coffre_block_seal(&context, &session, &w->id, &stored, w->plain, WORLD_PLAIN,
                                      &workspace, out, sizeof out, &len, NULL));
    REFUSED_IN(digest, coffre_metadata_seal(&context, &keys, w->plain, 700, &workspace, out,
                                            sizeof out, &len, digest));
    REFUSED(writer, coffre_record_create(&context, COFFRE_KEY_RECORD, w->instance, w->point, 3,
                                         out, sizeof out, &writer));
    REFUSED(writer, coffre_record_edit(&context, &keys, &record, 9, out, sizeof out, &writer));
    REFUSED(writer, coffre_record_rotate(&context, &keys, &record, 9, out, sizeof out, &writer));
    REFUSED_IN(out, coffre_challenge_create(&context, &recipient, w->instance, 2, out, sizeof out,
                                            &len));
    REFUSED(manifest, coffre_manifest_begin(&context, &keys, &info, null_sink, NULL, &manifest));
}

static void without_zstd(void)
{
    const struct world *w = &world;
    coffre_block_reader reader;
    uint8_t digest[32];

    check_about("zstd");
    CHECK(w->info.flags == COFFRE_BLOCK_COMPRESSED);
    REFUSED_IN(out, coffre_block_seal(&context, &session, &w->id, NULL, w->plain, WORLD_PLAIN,
                                      &workspace, out, sizeof out, &len, NULL));
    check_about("zstd-decompress");
    REFUSED_IN(out, coffre_block_open(&context, NULL, &session, NULL, w->block, w->block_len,
                                      &workspace, out, sizeof out, &len));
    /* Nor does memory help: none is asked for. */
    REFUSED_IN(out, coffre_block_open(&context, NULL, &session, NULL, w->block, w->block_len, NULL,
                                      out, sizeof out, &len));
    REFUSED(reader, coffre_block_reader_begin(&context, NULL, &session, NULL, w->block, NULL, 0,
                                              &reader));
    coffre_workspace_wipe(&workspace);
    REFUSED(reader, coffre_block_reader_begin(&context, NULL, &session, NULL, w->block, memory,
                                              sizeof memory, &reader));
    lend(&workspace, memory, sizeof memory);
    REFUSED_IN(digest, coffre_metadata_open(&context, NULL, &keys, w->metadata, w->metadata_len,
                                            &workspace, out, sizeof out, &len, digest));
}

static void without_public_key(void)
{
    const struct world *w = &world;
    coffre_identity identity;
    coffre_recipient recipient;
    coffre_origin origin;
    coffre_origin_key key;
    uint8_t message[COFFRE_ORIGIN_MESSAGE_SIZE];
    coffre_origin_info info;

    check_about("public-key");
    REFUSED(identity, coffre_identity_generate(&context, &identity));
    REFUSED(identity, coffre_identity_read(&context, w->private_file, w->private_len, &identity));
    REFUSED(recipient, coffre_recipient_read(&context, w->public_file, w->public_len, &recipient));
    REFUSED(key, coffre_origin_key_generate(&context, &key));
    REFUSED(key, coffre_origin_key_read(&context, w->private_file, w->private_len, &key));
    REFUSED(origin, coffre_origin_read(&context, w->public_file, w->public_len, &origin));
    /* Whom a signature names is in its bytes. */
    EXPECT(COFFRE_OK, coffre_origin_inspect(w->signature, sizeof w->signature, &info));
    REFUSED_IN(message, coffre_origin_export(w->signature, sizeof w->signature, message, out,
                                             sizeof out, &len));
}

/* By `kdf`. */
static void without_password(uint32_t kdf)
{
    struct world *w = &world;
    const uint8_t *password = (const uint8_t *)WORLD_PASSWORD;
    size_t password_len = sizeof WORLD_PASSWORD - 1;
    coffre_password_options options = world_password_options();
    coffre_identity identity;
    coffre_record locked;
    coffre_kit_info info;

    options.kdf = kdf;
    REFUSED(identity, coffre_password_set(&context, &options, password, password_len, w->scratch,
                                          sizeof w->scratch, &identity));
    REFUSED_IN(out, coffre_kit_create(&context, &kek, &options, password, password_len,
                                      w->scratch, sizeof w->scratch, out, sizeof out, &len));
    if (kdf == COFFRE_KDF_PBKDF2) return;
    EXPECT(COFFRE_OK, coffre_record_read(w->password_record, w->password_record_len, &locked));
    REFUSED(identity, coffre_password_derive(&context, NULL, &locked, password, password_len,
                                             w->scratch, sizeof w->scratch, &identity));
    EXPECT(COFFRE_OK, coffre_kit_inspect(w->kit, sizeof w->kit, &info));
    REFUSED(identity, coffre_kit_open(&context, NULL, w->kit, sizeof w->kit, password, password_len,
                                      w->scratch, sizeof w->scratch, &identity));
}

static void without_legacy(void)
{
    struct world *w = &world;
    coffre_policy policy = policy_lowest(0);
    coffre_v1_master master, other;
    uint8_t wrapped[COFFRE_V1_WRAPPED_KEY_SIZE], bytes[32] = {1};
    coffre_status status = COFFRE_OK;

    check_about("legacy-v1");
    EXPECT(COFFRE_OK, coffre_v1_master_read(&context, bytes, 32, &master));
    bytes[0] = 2;
    EXPECT(COFFRE_OK, coffre_v1_master_read(&context, bytes, 32, &other));
    REFUSED_IN(wrapped, coffre_v1_seal(&context, &policy, &master, w->plain, WORLD_PLAIN,
                                       &workspace, out, sizeof out, &len, wrapped));
    REFUSED_IN(out, coffre_v1_open(&context, &policy, &master, w->wrapped, sizeof w->wrapped,
                                   w->blob, w->blob_len, &workspace, out, sizeof out, &len));
    REFUSED_IN(wrapped, coffre_v1_rewrap(&context, &master, &other, w->wrapped, sizeof w->wrapped,
                                         wrapped));
    poison(out, sizeof out);
    EXPECT(COFFRE_ERR_NOT_BUILT, coffre_v1_rewrap_batch(&context, &master, &other, w->wrapped, 1,
                                                        out, &status));
    EXPECT(COFFRE_ERR_NOT_BUILT, status);
    CHECK(is_kept_or_zeroed(out, sizeof out));
    REFUSED_IN(out, coffre_v0_seal(&policy, w->plain, WORLD_PLAIN, out, sizeof out, &len));
    REFUSED_IN(out, coffre_v0_open(&policy, w->plain, WORLD_PLAIN, out, sizeof out, &len));
}

static int32_t no_seal(void *user, const uint8_t *key, const uint8_t *nonce, uint8_t *data,
                       size_t data_len, uint8_t *tag)
{
    (void)user, (void)key, (void)nonce, (void)data, (void)data_len, (void)tag;
    return 1;
}

static int32_t no_open(void *user, const uint8_t *key, const uint8_t *nonce, uint8_t *data,
                       size_t data_len, const uint8_t *tag)
{
    (void)user, (void)key, (void)nonce, (void)data, (void)data_len, (void)tag;
    return 1;
}

static void without_callbacks(void)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;
    coffre_engine engine = COFFRE_ENGINE_INIT;
    coffre_key_service service = service_of("kms:backup", &answerers[0]);
    coffre_context other;
    coffre_identity identity;
    coffre_recipient recipient;

    check_about("callbacks");
    engine.seal = no_seal;
    engine.open = no_open;
    options.caller_engine = &engine;
    REFUSED(other, coffre_context_init(&other, &options));
    REFUSED(identity, coffre_identity_external(&context, &service, &identity));
    /* Without public keys a token has none to be made for. */
    EXPECT(COFFRE_OK, coffre_identity_recipient(&kek, &recipient));
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY, coffre_identity_token(&context, &recipient, token_exchange,
                                                             &answerers[0], &identity));
}

static void refused(void)
{
    struct test_random source = {.state = 7};

    CHECK(coffre_features() == 0);
    check_must(test_random_context(&source, &context), "context");
    opens();
    without_seal();
    without_zstd();
    without_public_key();
    check_about("password");
    without_password(COFFRE_KDF_PBKDF2);
    check_about("argon2");
    without_password(COFFRE_KDF_ARGON2ID);
    without_legacy();
    without_callbacks();
}

/* The world as another program left it, or for another program. */
static void world_file(const char *name, int writes)
{
    FILE *file = fopen(name, writes ? "wb" : "rb");
    size_t done = 0;

    if (file != NULL) {
        done = writes ? fwrite(&world, sizeof world, 1, file)
                      : fread(&world, sizeof world, 1, file);
        if (fclose(file) != 0) done = 0;
    }
    CHECK(done == 1);
    if (done != 1) exit(check_end());
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "read") == 0) {
        world_file(argv[2], 0);
        refused();
        return check_end();
    }
    CHECK(coffre_features() == ALL);
    world_make();
    kinds_make();
    if (argc == 3) world_file(argv[2], 1);
    return check_end();
}
