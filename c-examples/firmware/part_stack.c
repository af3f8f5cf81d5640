/* part_stack.c: how much stack each call takes, a line each (STACK in part.h): boot, records,
 * blocks, restore points. part_stack_keys.c goes on with keys of other kinds than the KEK.
 *
 * The functions below are the list of what is measured, in an order in which each call finds what
 * it needs. Measured is every call that computes with a key, makes, checks or parses something;
 * those that end an object, tell a size, a name or a number, or look something up are not.
 */
#include "pc_image.h"
#include "part.h"

#include <string.h>

#define PAGE 2048
#define MEMORY                                                                                     \
    COFFRE_OPEN_WORKSPACE /* enough for all calls, and more than a microcontroller has             \
                           */

static uint8_t memory[MEMORY], page[PAGE], block[COFFRE_BLOCK_SEALED_MAX(PAGE)], opened[PAGE];
static size_t len, block_len;
static coffre_context context;
static coffre_identity kek;
static coffre_recipient recipient;
static coffre_session session;
static coffre_workspace workspace;
static uint8_t bytes[1024], slot[1024];
static coffre_record_writer writer;
static coffre_record record;
static coffre_record_keys keys;

static int32_t sink(void *user, const uint8_t *more, size_t more_len)
{
    size_t *at = user;

    if (at != NULL && *at + more_len <= sizeof bytes) memcpy(bytes + *at, more, more_len);
    if (at != NULL) *at += more_len;
    return 0;
}

/* --- boot --- */

static void boot(void)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;
    uint8_t random[16];

    options.random = board_random;
    STACK(coffre_context_init, (&context, &options));
    STACK(coffre_self_test, (&context, memory, sizeof memory));
    if (part_has(COFFRE_FEATURE_SEAL))
        STACK(coffre_random_bytes, (&context, random, sizeof random));
}

/* --- keys and records --- */

static void symmetric_keys(void)
{
    STACK(coffre_identity_from_kek, (&context, image_kek, sizeof image_kek, &kek));
    STACK(coffre_identity_kek, (&kek, bytes));
    part_wipe(bytes, sizeof bytes);
    STACK(coffre_identity_recipient, (&kek, &recipient));
    STACK(coffre_session_generate, (&context, &session));
}

static void records(void)
{
    coffre_slots_report report;
    uint8_t id[16];

    STACK(coffre_record_create, (&context, COFFRE_KEY_RECORD, image_instance, image_point, 1, bytes,
                                 sizeof bytes, &writer));
    STACK(coffre_record_add_recipient, (&context, &writer, &recipient));
    STACK(coffre_record_add_session, (&writer, &session));
    STACK(coffre_record_finish, (&writer, &len, NULL));
    STACK(coffre_record_read, (bytes, len, &record));
    STACK(coffre_record_open, (&context, NULL, &kek, &record, &keys));
    part_must(coffre_session_id(&session, id), "session id");
    STACK(coffre_record_session, (&context, &keys, &record, id, &session));
    STACK(coffre_record_edit, (&context, &keys, &record, 2, slot, sizeof slot, &writer));
    STACK(coffre_record_remove_session, (&writer, id));
    coffre_record_writer_wipe(&writer);
    STACK(coffre_record_rotate, (&context, &keys, &record, 2, slot, sizeof slot, &writer));
    coffre_record_writer_wipe(&writer);
    memcpy(slot, bytes, len);
    STACK(coffre_slots_open, (&context, NULL, &kek, COFFRE_KEY_RECORD, image_instance, image_point,
                              bytes, sizeof bytes, slot, sizeof slot, &record, &keys, &report));
}

static void repository_record(void)
{
    coffre_id_key id_key;
    coffre_block_id id;

    STACK(coffre_id_key_generate, (&context, 1, &id_key));
    part_must(coffre_record_create(&context, COFFRE_REPOSITORY_RECORD, image_instance, NULL, 1,
                                   bytes, sizeof bytes, &writer),
              "repository record");
    part_must(coffre_record_add_recipient(&context, &writer, &recipient), "its recipient");
    STACK(coffre_record_add_id_key, (&writer, &id_key));
    part_must(coffre_record_finish(&writer, &len, &keys), "its end");
    part_must(coffre_record_read(bytes, len, &record), "repository record, read");
    STACK(coffre_record_id_key, (&context, &keys, &record, 1, &id_key));
    STACK(coffre_block_id_hash, (&context, &id_key, page, sizeof page, &id));
    coffre_id_key_wipe(&id_key);
}

/* --- blocks --- */

static void read_block(const char *kind)
{
    const size_t header = COFFRE_BLOCK_HEADER_SIZE;
    static coffre_block_reader reader;

    STACK_OF(coffre_block_reader_begin, kind,
             (&context, NULL, &session, NULL, block, memory, sizeof memory, &reader));
    STACK_OF(coffre_block_reader_push, kind,
             (&reader, block + header, block_len - header, sink, NULL));
    STACK(coffre_block_reader_finish, (&reader));
    coffre_block_reader_wipe(&reader);
}

static void blocks(void)
{
    static coffre_scrubber scrubber;
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    coffre_block_id id;
    coffre_block_info info;
    uint8_t digest[32];
    uint32_t type;

    for (size_t i = 0; i < sizeof page; i++)
        page[i] = image_byte(i);
    part_must(coffre_block_id_position(1, &id), "block id");
    part_must(coffre_workspace_init(&workspace, memory, sizeof memory), "workspace");
    options.flags = COFFRE_SEAL_STORE;
    STACK_OF(coffre_block_seal, "stored",
             (&context, &session, &id, &options, page, sizeof page, NULL, block, sizeof block,
              &block_len, NULL));
    STACK_OF(coffre_block_open, "stored",
             (&context, NULL, &session, NULL, block, block_len, NULL, opened, sizeof opened, &len));
    STACK(coffre_block_inspect, (block, block_len, &info));
    STACK(coffre_block_scrub, (block, block_len, &info));
    STACK(coffre_block_digest, (2, block, block_len, digest));
    read_block("stored");
    STACK(coffre_scrub_begin, (&scrubber));
    STACK(coffre_scrub_push, (&scrubber, block, block_len));
    STACK(coffre_scrub_finish, (&scrubber, &type));
    if (!part_has(COFFRE_FEATURE_ZSTD)) return;
    options.flags = COFFRE_SEAL_SMALL;
    STACK_OF(coffre_block_seal, "zstd",
             (&context, &session, &id, &options, page, sizeof page, &workspace, block, sizeof block,
              &block_len, NULL));
    STACK_OF(coffre_block_open, "zstd",
             (&context, NULL, &session, NULL, block, block_len, &workspace, opened, sizeof opened,
              &len));
    coffre_workspace_wipe(&workspace);
    read_block("zstd");
}

#define ROWS 25 /* keys that are re-wrapped at once: what fits */

static void legacy(void)
{
    coffre_v1_master master;
    coffre_policy policy = COFFRE_POLICY_INIT;
    uint8_t wrapped[COFFRE_V1_WRAPPED_KEY_SIZE], rewrapped[COFFRE_V1_WRAPPED_KEY_SIZE];
    static uint8_t blob[1024];
    coffre_status statuses[ROWS];

    policy.lowest_version = 1;
    part_must(coffre_workspace_init(&workspace, memory, sizeof memory), "workspace");
    STACK(coffre_v1_master_read, (&context, image_kek, sizeof image_kek, &master));
    STACK(coffre_v1_master_id, (&master, slot));
    STACK(coffre_v1_seal, (&context, &policy, &master, page, 512, &workspace, blob, sizeof blob,
                           &block_len, wrapped));
    STACK(coffre_v1_open, (&context, &policy, &master, wrapped, sizeof wrapped, blob, block_len,
                           &workspace, opened, sizeof opened, &len));
    STACK(coffre_v1_rewrap, (&context, &master, &master, wrapped, sizeof wrapped, rewrapped));
    for (size_t row = 0; row < ROWS; row++)
        memcpy(bytes + row * sizeof wrapped, wrapped, sizeof wrapped);
    STACK(coffre_v1_rewrap_batch, (&context, &master, &master, bytes, ROWS, slot, statuses));
    coffre_workspace_wipe(&workspace);
    coffre_v1_master_wipe(&master);
    policy.lowest_version = 0;
    STACK(coffre_v0_seal, (&policy, page, 512, blob, sizeof blob, &block_len));
    STACK(coffre_v0_open, (&policy, blob, block_len, opened, sizeof opened, &len));
}

/* --- a restore point --- */

static void metadata(void)
{
    uint8_t digest[32];

    part_must(coffre_record_read(image_key_record, image_key_record_len, &record), "key record");
    part_must(coffre_record_open(&context, NULL, &kek, &record, &keys), "its keys");
    if (!part_has(COFFRE_FEATURE_ZSTD)) return;
    part_must(coffre_workspace_init(&workspace, memory, sizeof memory), "workspace");
    STACK(coffre_metadata_seal,
          (&context, &keys, page, 512, &workspace, block, sizeof block, &block_len, digest));
    STACK(coffre_metadata_open, (&context, NULL, &keys, block, block_len, &workspace, opened,
                                 sizeof opened, &len, digest));
    coffre_workspace_wipe(&workspace);
}

static void origins(coffre_manifest_reader *reader, const uint8_t *trailer,
                    coffre_manifest_whole *whole)
{
    coffre_origin_key key;
    coffre_origin origin;
    coffre_origin_info info;
    uint8_t signature[COFFRE_ORIGIN_SIGNATURE_SIZE], message[COFFRE_ORIGIN_MESSAGE_SIZE];
    size_t file_len;

    STACK(coffre_origin_key_generate, (&context, &key));
    STACK(coffre_origin_key_public, (&key, &origin));
    STACK(coffre_origin_sign,
          (&context, &key, &keys, &record, whole, signature, sizeof signature, &len));
    STACK_OF(coffre_manifest_close, "origin",
             (reader, trailer, &origin, &record, signature, len, whole));
    STACK(coffre_origin_inspect, (signature, len, &info));
    STACK(coffre_origin_export, (signature, len, message, slot, sizeof slot, &file_len));
    STACK(coffre_origin_key_write, (&key, COFFRE_KEY_FILE_PEM, slot, sizeof slot, &file_len));
    STACK(coffre_origin_key_read, (&context, slot, file_len, &key));
    coffre_origin_key_wipe(&key);
    STACK(coffre_origin_digest, (&origin, message));
    STACK(coffre_origin_write, (&origin, COFFRE_KEY_FILE_PEM, slot, sizeof slot, &file_len));
    STACK(coffre_origin_read, (&context, slot, file_len, &origin));
    coffre_origin_wipe(&origin);
}

static void manifest(coffre_manifest_whole *whole)
{
    static coffre_manifest_writer manifest_writer;
    static coffre_manifest_reader reader;
    coffre_manifest_info info = {0};
    coffre_manifest_entry entry = {0};
    size_t at = 0;

    info.flags = COFFRE_MANIFEST_DIGESTS;
    info.block_size = PAGE;
    info.image_size = PAGE;
    info.generation = 1;
    entry.kind = COFFRE_MANIFEST_HOLE;
    STACK(coffre_manifest_begin, (&context, &keys, &info, sink, &at, &manifest_writer));
    STACK(coffre_manifest_add, (&manifest_writer, &entry, sink, &at));
    STACK(coffre_manifest_finish, (&manifest_writer, sink, &at, whole));
    STACK(coffre_manifest_inspect, (bytes, &info));
    STACK(coffre_manifest_open, (&context, NULL, &keys, bytes, &reader));
    STACK(coffre_manifest_check_segment, (&reader, 0, bytes + 112, 128 + 32));
    STACK(coffre_manifest_entry_at, (&reader, 0, bytes + 112, 128 + 32, 0, &entry));
    STACK(coffre_manifest_provisional_entry, (&reader, bytes + 112, &entry));
    STACK(coffre_manifest_end_segment, (&reader, bytes + 112 + 128));
    STACK(coffre_manifest_close, (&reader, bytes + at - 40, NULL, NULL, NULL, 0, whole));
    part_must(coffre_manifest_open(&context, NULL, &keys, bytes, &reader), "manifest");
    STACK(coffre_manifest_segment, (&reader, 0, bytes + 112, 128 + 32));
    if (part_has(COFFRE_FEATURE_PUBLIC_KEY)) origins(&reader, bytes + at - 40, whole);
    coffre_manifest_reader_wipe(&reader);
}

static void everything(void)
{
    coffre_manifest_whole whole;

    symmetric_keys();
    records();
    repository_record();
    blocks();
    if (part_has(COFFRE_FEATURE_LEGACY_V1 | COFFRE_FEATURE_ZSTD)) legacy();
    metadata();
    manifest(&whole);
    coffre_record_keys_wipe(&keys);
    coffre_session_wipe(&session);
    coffre_identity_wipe(&kek);
    part_check(whole.generation == 1, "all calls were measured");
}

int main(void)
{
    boot();
    if (part_has(COFFRE_FEATURE_SEAL))
        everything();
    else
        part_check(1, "without the feature seal part_sets.c measures what is there");
    coffre_context_wipe(&context);
    return part_result();
}
