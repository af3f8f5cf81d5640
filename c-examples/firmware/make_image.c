/* make_image.c: the PC's side: makes keys, records and backups for the machine with the same
 * library, and writes image_data.c and storage.bin (pc_image.h) to a directory.
 *
 * Usage: make_image DIRECTORY
 */
#include "coffre.h"
#include "pc_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static coffre_context context;
static coffre_workspace workspace;
static FILE *data, *storage;

static uint8_t instance[16], point[16], kek[32];
static coffre_identity kek_identity, pair;
static coffre_recipient kek_recipient, other_recipient, pair_recipient;
static coffre_session session;
static coffre_record_keys keys;
static uint8_t session_id[16], key_record[1024];
static size_t key_record_len;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "make_image: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void must(coffre_status status, const char *what)
{
    if (status != COFFRE_OK) fail(what, coffre_status_message(status));
}

/* --- the two files --- */

static FILE *create(const char *directory, const char *name)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) fail(path, "cannot be written");
    return file;
}

static void constant(const char *name, const uint8_t *bytes, size_t len)
{
    fprintf(data, "\nconst uint8_t image_%s[] = {", name);
    for (size_t i = 0; i < len; i++)
        fprintf(data, "%s0x%02x,", i % 16 == 0 ? "\n    " : " ", bytes[i]);
    fprintf(data, "\n};\n");
}

static void constant_with_len(const char *name, const uint8_t *bytes, size_t len)
{
    constant(name, bytes, len);
    fprintf(data, "const size_t image_%s_len = %zu;\n", name, len);
}

static void store(uint64_t at, const uint8_t *bytes, size_t len)
{
    if (fseek(storage, (long)at, SEEK_SET) != 0 || fwrite(bytes, 1, len, storage) != len)
        fail("storage.bin", "cannot be written");
}

/* --- what goes into flash --- */

static void make_keys(void)
{
    coffre_identity other_identity;
    uint8_t file[COFFRE_KEY_FILE_MAX], other[32];
    size_t len;

    must(coffre_random_bytes(&context, instance, sizeof instance), "instance id");
    must(coffre_random_bytes(&context, point, sizeof point), "restore point id");
    must(coffre_random_bytes(&context, kek, sizeof kek), "KEK");
    must(coffre_random_bytes(&context, other, sizeof other), "other KEK");
    must(coffre_identity_from_kek(&context, kek, sizeof kek, &kek_identity), "KEK");
    must(coffre_identity_recipient(&kek_identity, &kek_recipient), "KEK's recipient");
    must(coffre_identity_from_kek(&context, other, sizeof other, &other_identity), "other KEK");
    must(coffre_identity_recipient(&other_identity, &other_recipient), "other KEK's recipient");
    coffre_identity_wipe(&other_identity);
    must(coffre_identity_generate(&context, &pair), "key pair");
    must(coffre_identity_recipient(&pair, &pair_recipient), "public key");
    must(coffre_identity_write(&pair, COFFRE_KEY_FILE_DER, file, sizeof file, &len), "key file");
    constant("instance", instance, sizeof instance);
    constant("point", point, sizeof point);
    constant("kek", kek, sizeof kek);
    constant("other_kek", other, sizeof other);
    constant_with_len("private_key", file, len);
}

static void make_records(void)
{
    coffre_record_writer writer;
    uint8_t challenge[512];
    size_t len;

    must(coffre_challenge_create(&context, &kek_recipient, instance, IMAGE_CHALLENGE_GENERATION,
                                 challenge, sizeof challenge, &len),
         "challenge");
    constant_with_len("challenge", challenge, len);

    must(coffre_session_generate(&context, &session), "session");
    must(coffre_session_id(&session, session_id), "session id");
    must(coffre_record_create(&context, COFFRE_KEY_RECORD, instance, point, IMAGE_RECORD_GENERATION,
                              key_record, sizeof key_record, &writer),
         "key record");
    must(coffre_record_add_recipient(&context, &writer, &kek_recipient), "first recipient");
    must(coffre_record_add_recipient(&context, &writer, &pair_recipient), "second recipient");
    must(coffre_record_add_session(&writer, &session), "session into key record");
    must(coffre_record_finish(&writer, &key_record_len, &keys), "key record's end");
    constant_with_len("key_record", key_record, key_record_len);
    constant("session_id", session_id, sizeof session_id);
}

/* Begins a change of the key record. */
static void edit_key_record(uint8_t *buffer, size_t len, coffre_record_writer *writer)
{
    coffre_record record;

    must(coffre_record_read(key_record, key_record_len, &record), "key record, read");
    must(coffre_record_edit(&context, &keys, &record, IMAGE_RECORD_GENERATION + 1, buffer, len,
                            writer),
         "change of the key record");
}

static void make_changed_records(void)
{
    coffre_record_writer writer;
    coffre_session more;
    uint8_t changed[1024], id[16];
    size_t len;

    edit_key_record(changed, sizeof changed, &writer);
    must(coffre_session_generate(&context, &more), "another session");
    must(coffre_record_add_session(&writer, &more), "another session into key record");
    must(coffre_record_finish(&writer, &len, NULL), "next key record's end");
    constant_with_len("next_record", changed, len);
    coffre_session_wipe(&more);

    edit_key_record(changed, sizeof changed, &writer);
    must(coffre_identity_id(&kek_identity, id), "KEK's id");
    must(coffre_record_replace_recipient(&context, &writer, id, &other_recipient), "change of KEK");
    must(coffre_record_finish(&writer, &len, NULL), "rekeyed key record's end");
    constant_with_len("rekeyed_record", changed, len);
}

/* --- what goes into external memory --- */

/* Seals the plaintext at an offset of the image, and stores it. */
static void make_block(uint64_t position, uint64_t offset, size_t len, uint32_t flags, uint64_t at,
                       coffre_block_info *info, uint8_t digest[32])
{
    static uint8_t plain[IMAGE_LARGE], block[COFFRE_BLOCK_SEALED_MAX(IMAGE_LARGE)];
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    coffre_block_id id;
    size_t block_len;

    for (size_t i = 0; i < len; i++)
        plain[i] = image_byte(offset + i);
    options.flags = flags;
    must(coffre_block_id_position(position, &id), "block id");
    must(coffre_block_seal(&context, &session, &id, &options, plain, len, &workspace, block,
                           sizeof block, &block_len, info),
         "block");
    must(coffre_block_digest(2, block, block_len, digest), "block's digest");
    store(at, block, block_len);
}

static void make_large_blocks(void)
{
    coffre_block_info info;
    uint8_t digest[32];

    make_block(0, 0, IMAGE_LARGE, COFFRE_SEAL_STORE, IMAGE_LARGE_STORED, &info, digest);
    make_block(0, 0, IMAGE_LARGE, COFFRE_SEAL_SMALL, IMAGE_LARGE_SMALL, &info, digest);
    printf("4 MiB in profile small: %zu bytes\n", (size_t)info.total_len);
}

/* Where the manifest's next bytes go. */
static int32_t manifest_sink(void *user, const uint8_t *bytes, size_t len)
{
    uint64_t *at = user;

    store(*at, bytes, len);
    *at += len;
    return 0;
}

static void make_entry(uint64_t position, coffre_manifest_entry *entry)
{
    coffre_block_info info;
    uint32_t flags = position % 2 == 0 ? COFFRE_SEAL_STORE : COFFRE_SEAL_SMALL;

    memset(entry, 0, sizeof *entry);
    entry->kind = COFFRE_MANIFEST_HOLE;
    if (image_is_hole(position)) return;
    entry->kind = COFFRE_MANIFEST_BLOCK;
    entry->version = 2;
    make_block(position, position * IMAGE_BLOCK, IMAGE_BLOCK, flags,
               IMAGE_BLOCKS + position * IMAGE_STRIDE, &info, entry->digest);
    entry->id = info.id;
    memcpy(entry->session_id, info.session_id, sizeof entry->session_id);
    memcpy(entry->commitment, info.commitment, sizeof entry->commitment);
}

static void make_restore_point(void)
{
    coffre_manifest_info info = {0};
    coffre_manifest_writer writer;
    coffre_manifest_whole whole;
    uint64_t at = IMAGE_MANIFEST;

    info.flags = COFFRE_MANIFEST_DIGESTS;
    info.block_size = IMAGE_BLOCK;
    info.image_size = (uint64_t)IMAGE_POSITIONS * IMAGE_BLOCK;
    info.generation = IMAGE_GENERATION;
    must(coffre_manifest_begin(&context, &keys, &info, manifest_sink, &at, &writer), "manifest");
    for (uint64_t position = 0; position < IMAGE_POSITIONS; position++) {
        coffre_manifest_entry entry;

        make_entry(position, &entry);
        must(coffre_manifest_add(&writer, &entry, manifest_sink, &at), "manifest's entry");
    }
    must(coffre_manifest_finish(&writer, manifest_sink, &at, &whole), "manifest's end");

    coffre_origin_key key;
    coffre_origin origin;
    coffre_record record;
    uint8_t file[COFFRE_KEY_FILE_MAX], signature[COFFRE_ORIGIN_SIGNATURE_SIZE];
    size_t len, signature_len;
    must(coffre_origin_key_generate(&context, &key), "origin key");
    must(coffre_origin_key_public(&key, &origin), "origin");
    must(coffre_origin_write(&origin, COFFRE_KEY_FILE_DER, file, sizeof file, &len), "its file");
    must(coffre_record_read(key_record, key_record_len, &record), "key record, read");
    must(coffre_origin_sign(&context, &key, &keys, &record, &whole, signature, sizeof signature,
                            &signature_len),
         "signature");
    constant_with_len("origin", file, len);
    constant("signature", signature, sizeof signature);
    coffre_origin_key_wipe(&key);
}

int main(int argc, char **argv)
{
    static uint8_t memory[COFFRE_SEAL_WORKSPACE];

    if (argc != 2) fail("usage", "make_image DIRECTORY");
    data = create(argv[1], "image_data.c");
    storage = create(argv[1], "storage.bin");
    fprintf(data, "/* Written by make_image.c. */\n#include \"pc_image.h\"\n");
    must(coffre_context_init(&context, NULL), "self-tests");
    must(coffre_workspace_init(&workspace, memory, sizeof memory), "workspace");
    make_keys();
    make_records();
    make_changed_records();
    make_large_blocks();
    make_restore_point();
    if (fclose(data) != 0 || fclose(storage) != 0) fail(argv[1], "cannot be written");

    coffre_record_keys_wipe(&keys);
    coffre_session_wipe(&session);
    coffre_identity_wipe(&pair);
    coffre_identity_wipe(&kek_identity);
    coffre_workspace_wipe(&workspace);
    coffre_context_wipe(&context);
    return EXIT_SUCCESS;
}
