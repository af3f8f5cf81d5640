/* world.h: one of everything, made once with a seeded random source: keys, a block, records,
 * metadata, a small manifest with its origin signature, and a recovery kit. Tests copy what they
 * need and change the copy.
 */
#ifndef WORLD_H
#define WORLD_H

#include "check.h"
#include "test_random.h"

#define WORLD_PASSWORD "a goat, a harp and 7 lamps"
#define WORLD_ARGON2ID_KIB 16 /* as little as a test wants to wait for */
#define WORLD_PLAIN 4096
#define WORLD_IMAGE 6000 /* two positions of 4096 */

struct world {
    struct test_random source;
    coffre_context context;
    uint8_t instance[16], point[16];
    uint8_t kek_bytes[32];
    coffre_identity kek, pair, stranger;
    coffre_recipient kek_recipient, pair_recipient;
    coffre_session session, other_session;
    uint8_t session_id[16], other_session_id[16];
    uint8_t kek_id[16], pair_id[16];
    coffre_id_key id_key;
    coffre_v1_master master, other_master;
    coffre_workspace workspace; /* of `memory` */
    uint8_t memory[COFFRE_SEAL_WORKSPACE];
    uint8_t scratch[COFFRE_SEAL_WORKSPACE]; /* for calls that take memory themselves */

    coffre_block_id id;
    coffre_block_info info;
    uint8_t plain[WORLD_PLAIN];
    uint8_t block[COFFRE_BLOCK_SEALED_MAX(WORLD_PLAIN)];
    size_t block_len;
    uint8_t blob[WORLD_PLAIN + 512], wrapped[COFFRE_V1_WRAPPED_KEY_SIZE];
    size_t blob_len;

    uint8_t record[1024], repository[1024], challenge[512]; /* record: two recipients, a session */
    size_t record_len, repository_len, challenge_len;
    coffre_identity password;
    uint8_t password_record[512]; /* its only recipient is the password */
    size_t password_record_len;
    coffre_record read, repository_read; /* of the first two */
    coffre_record_keys keys, repository_keys;

    uint8_t metadata[1024], metadata_digest[32];
    size_t metadata_len;
    coffre_manifest_info manifest_info;
    coffre_manifest_entry entry;
    uint8_t manifest[1024];
    size_t manifest_len;
    coffre_manifest_whole whole;
    coffre_origin_key origin_key;
    coffre_origin origin; /* whose signature lies beside the manifest */
    uint8_t signature[COFFRE_ORIGIN_SIGNATURE_SIZE];
    uint8_t kit[COFFRE_KIT_SIZE]; /* the KEK under the password */

    uint8_t private_file[COFFRE_KEY_FILE_MAX], public_file[COFFRE_KEY_FILE_MAX];
    size_t private_len, public_len;
};

static struct world world;

/* A growing buffer behind a sink. */
struct bytes {
    uint8_t *at;
    size_t len, cap;
};

static inline int32_t bytes_sink(void *user, const uint8_t *piece, size_t len)
{
    struct bytes *bytes = user;

    if (len > bytes->cap - bytes->len) return 1;
    memcpy(bytes->at + bytes->len, piece, len);
    bytes->len += len;
    return 0;
}

static inline int32_t null_sink(void *user, const uint8_t *piece, size_t len)
{
    (void)user, (void)piece, (void)len;
    return 0;
}

static inline int32_t failing_sink(void *user, const uint8_t *piece, size_t len)
{
    (void)user, (void)piece, (void)len;
    return 5;
}

/* A workspace of this memory, until it is wiped. */
static inline void lend(coffre_workspace *workspace, uint8_t *memory, size_t len)
{
    check_must(coffre_workspace_init(workspace, memory, len), "workspace");
}

static inline coffre_policy policy_lowest(uint32_t version)
{
    coffre_policy policy = COFFRE_POLICY_INIT;
    policy.lowest_version = version;
    return policy;
}

static inline coffre_password_options world_password_options(void)
{
    coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;
    options.kdf = COFFRE_KDF_ARGON2ID;
    options.memory_kib = WORLD_ARGON2ID_KIB;
    options.passes = 1;
    return options;
}

static inline void world_keys(void)
{
    struct world *w = &world;
    coffre_context *context = &w->context;
    uint8_t master[32];

    test_random_bytes(&w->source.state, w->instance, sizeof w->instance);
    test_random_bytes(&w->source.state, w->point, sizeof w->point);
    test_random_bytes(&w->source.state, w->kek_bytes, sizeof w->kek_bytes);
    check_must(coffre_identity_from_kek(context, w->kek_bytes, 32, &w->kek), "KEK");
    check_must(coffre_identity_generate(context, &w->pair), "pair");
    check_must(coffre_identity_generate(context, &w->stranger), "stranger");
    check_must(coffre_identity_recipient(&w->kek, &w->kek_recipient), "KEK recipient");
    check_must(coffre_identity_recipient(&w->pair, &w->pair_recipient), "recipient");
    check_must(coffre_identity_id(&w->kek, w->kek_id), "KEK id");
    check_must(coffre_identity_id(&w->pair, w->pair_id), "pair id");
    check_must(coffre_identity_write(&w->pair, COFFRE_KEY_FILE_PEM, w->private_file,
                                     sizeof w->private_file, &w->private_len),
               "private key file");
    check_must(coffre_recipient_write(&w->pair_recipient, COFFRE_KEY_FILE_DER, w->public_file,
                                      sizeof w->public_file, &w->public_len),
               "public key file");
    check_must(coffre_session_generate(context, &w->session), "session");
    check_must(coffre_session_generate(context, &w->other_session), "other session");
    check_must(coffre_session_id(&w->session, w->session_id), "session id");
    check_must(coffre_session_id(&w->other_session, w->other_session_id), "other session id");
    check_must(coffre_id_key_generate(context, 9, &w->id_key), "id key");
    test_random_bytes(&w->source.state, master, sizeof master);
    check_must(coffre_v1_master_read(context, master, 32, &w->master), "master");
    master[0] ^= 1;
    check_must(coffre_v1_master_read(context, master, 32, &w->other_master), "other master");
}

static inline void world_blocks(void)
{
    struct world *w = &world;
    coffre_policy old = policy_lowest(1);

    test_text(w->plain, sizeof w->plain);
    lend(&w->workspace, w->memory, sizeof w->memory);
    check_must(coffre_block_id_position(0x0102030405060708, &w->id), "id");
    check_must(coffre_block_seal(&w->context, &w->session, &w->id, NULL, w->plain, sizeof w->plain,
                                 &w->workspace, w->block, sizeof w->block, &w->block_len, &w->info),
               "block");
    check_must(coffre_v1_seal(&w->context, &old, &w->master, w->plain, sizeof w->plain,
                              &w->workspace, w->blob, sizeof w->blob, &w->blob_len, w->wrapped),
               "blob");
}

static inline void world_records(void)
{
    struct world *w = &world;
    coffre_context *context = &w->context;
    coffre_record_writer writer;

    check_must(coffre_record_create(context, COFFRE_KEY_RECORD, w->instance, w->point, 3,
                                    w->record, sizeof w->record, &writer),
               "record");
    check_must(coffre_record_add_recipient(context, &writer, &w->kek_recipient), "recipient 1");
    check_must(coffre_record_add_recipient(context, &writer, &w->pair_recipient), "recipient 2");
    check_must(coffre_record_add_session(&writer, &w->session), "session");
    check_must(coffre_record_finish(&writer, &w->record_len, &w->keys), "record's end");
    check_must(coffre_record_read(w->record, w->record_len, &w->read), "record, read");

    check_must(coffre_record_create(context, COFFRE_REPOSITORY_RECORD, w->instance, NULL, 1,
                                    w->repository, sizeof w->repository, &writer),
               "repository record");
    check_must(coffre_record_add_recipient(context, &writer, &w->pair_recipient), "recipient");
    check_must(coffre_record_add_id_key(&writer, &w->id_key), "id key");
    check_must(coffre_record_finish(&writer, &w->repository_len, &w->repository_keys), "its end");
    check_must(coffre_record_read(w->repository, w->repository_len, &w->repository_read), "read");

    check_must(coffre_challenge_create(context, &w->pair_recipient, w->instance, 2, w->challenge,
                                       sizeof w->challenge, &w->challenge_len),
               "challenge");
}

static inline void world_password(void)
{
    struct world *w = &world;
    coffre_context *context = &w->context;
    coffre_password_options options = world_password_options();
    coffre_recipient recipient;
    coffre_record_writer writer;

    check_must(coffre_password_set(context, &options, (const uint8_t *)WORLD_PASSWORD,
                                   sizeof WORLD_PASSWORD - 1, w->scratch, sizeof w->scratch,
                                   &w->password),
               "password");
    check_must(coffre_identity_recipient(&w->password, &recipient), "its recipient");
    check_must(coffre_record_create(context, COFFRE_KEY_RECORD, w->instance, w->point, 1,
                                    w->password_record, sizeof w->password_record, &writer),
               "its record");
    check_must(coffre_record_add_recipient(context, &writer, &recipient), "recipient");
    check_must(coffre_record_add_session(&writer, &w->session), "session");
    check_must(coffre_record_finish(&writer, &w->password_record_len, NULL), "its end");
}

static inline void world_point(void)
{
    struct world *w = &world;
    struct bytes bytes = {NULL, 0, sizeof w->manifest};
    coffre_manifest_writer writer;

    bytes.at = w->manifest;
    check_must(coffre_metadata_seal(&w->context, &w->keys, w->plain, 700, &w->workspace,
                                    w->metadata, sizeof w->metadata, &w->metadata_len,
                                    w->metadata_digest),
               "metadata");
    w->manifest_info.flags = COFFRE_MANIFEST_DIGESTS;
    w->manifest_info.block_size = WORLD_PLAIN;
    w->manifest_info.image_size = WORLD_IMAGE;
    w->manifest_info.generation = 4;
    memcpy(w->manifest_info.metadata_digest, w->metadata_digest, 32);
    w->entry.kind = COFFRE_MANIFEST_BLOCK;
    w->entry.version = 2;
    w->entry.id = w->id;
    memcpy(w->entry.session_id, w->session_id, 16);
    memcpy(w->entry.commitment, w->info.commitment, 32);
    memset(w->entry.digest, 0x31, 32);
    check_must(coffre_manifest_begin(&w->context, &w->keys, &w->manifest_info, bytes_sink, &bytes,
                                     &writer),
               "manifest");
    check_must(coffre_manifest_add(&writer, &w->entry, bytes_sink, &bytes), "first entry");
    check_must(coffre_manifest_add(&writer, &w->entry, bytes_sink, &bytes), "second entry");
    check_must(coffre_manifest_finish(&writer, bytes_sink, &bytes, &w->whole), "manifest's end");
    w->manifest_len = bytes.len;
}

static inline void world_origin(void)
{
    struct world *w = &world;
    size_t len;

    check_must(coffre_origin_key_generate(&w->context, &w->origin_key), "origin key");
    check_must(coffre_origin_key_public(&w->origin_key, &w->origin), "its public half");
    check_must(coffre_origin_sign(&w->context, &w->origin_key, &w->keys, &w->read, &w->whole,
                                  w->signature, sizeof w->signature, &len),
               "origin signature");
}

static inline void world_kit(void)
{
    struct world *w = &world;
    coffre_password_options options = world_password_options();
    size_t len;

    check_must(coffre_kit_create(&w->context, &w->kek, &options, (const uint8_t *)WORLD_PASSWORD,
                                 sizeof WORLD_PASSWORD - 1, w->scratch, sizeof w->scratch,
                                 w->kit, sizeof w->kit, &len),
               "recovery kit");
}

/* Closes a manifest whose origin does not matter. */
static inline coffre_status close_manifest(coffre_manifest_reader *reader, const uint8_t *trailer)
{
    return coffre_manifest_close(reader, trailer, NULL, NULL, NULL, 0, NULL);
}

/* Makes all of it. */
static inline void world_make(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    world.source.state = 2026;
    check_must(test_random_context(&world.source, &world.context), "context");
    world_keys();
    world_blocks();
    world_records();
    world_password();
    world_point();
    world_origin();
    world_kit();
}

#endif
