/* openssl_origin.c: origin keys and origin signatures as files, for openssl_origin.sh.
 *
 *   openssl_origin files DIRECTORY [PRIVATE]     writes a new origin key, or the one in the file:
 *                                                private.pem, private.der, public.pem, public.der
 *   openssl_origin id FILE                       prints key id and digest of either half
 *   openssl_origin sign PRIVATE DIRECTORY [ZERO] writes a restore point's record and manifest, its
 *                                                signature, and the signature's message and der
 *   openssl_origin verify PUBLIC DIRECTORY SIGNATURE
 *                                                says what coffre_manifest_close says of it
 *
 * With ZERO restore points are made until the signature has a zero byte at this offset.
 */
#include "check.h"

#define MOST_TRIES 20000

static coffre_context context;
static uint8_t record_bytes[512], manifest_bytes[1024];
static size_t record_len, manifest_len;

/* --- files --- */

static void path_of(char path[512], const char *directory, const char *name)
{
    snprintf(path, 512, "%s/%s", directory, name);
}

static size_t load(const char *path, uint8_t *bytes, size_t cap)
{
    FILE *in = fopen(path, "rb");
    size_t len;

    if (in == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    len = fread(bytes, 1, cap, in);
    fclose(in);
    return len;
}

static void save(const char *directory, const char *name, const uint8_t *bytes, size_t len)
{
    char path[512];
    FILE *out;

    path_of(path, directory, name);
    out = fopen(path, "wb");
    if (out == NULL || fwrite(bytes, 1, len, out) != len || fclose(out) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

static void load_key(const char *path, coffre_origin_key *key)
{
    uint8_t file[4096];

    check_must(coffre_origin_key_read(&context, file, load(path, file, sizeof file), key), path);
}

/* --- keys --- */

static void write_files(const char *directory, const char *private_path)
{
    uint8_t file[COFFRE_KEY_FILE_MAX];
    coffre_origin_key key;
    coffre_origin origin;
    size_t len;

    if (private_path != NULL) load_key(private_path, &key);
    else check_must(coffre_origin_key_generate(&context, &key), "origin key");
    check_must(coffre_origin_key_public(&key, &origin), "public half");
    for (uint32_t form = 0; form < 2; form++) {
        int pem = form == COFFRE_KEY_FILE_PEM;

        check_must(coffre_origin_key_write(&key, form, file, sizeof file, &len), "private");
        save(directory, pem ? "private.pem" : "private.der", file, len);
        check_must(coffre_origin_write(&origin, form, file, sizeof file, &len), "public");
        save(directory, pem ? "public.pem" : "public.der", file, len);
    }
    coffre_origin_key_wipe(&key);
    coffre_origin_wipe(&origin);
}

static void print_id(const char *path)
{
    uint8_t file[4096], id[16], digest[32];
    size_t len = load(path, file, sizeof file);
    char text[COFFRE_KEY_ID_TEXT_SIZE];
    coffre_origin_key key;
    coffre_origin origin;

    if (coffre_origin_read(&context, file, len, &origin) != COFFRE_OK) {
        check_must(coffre_origin_key_read(&context, file, len, &key), path);
        check_must(coffre_origin_key_public(&key, &origin), path);
        coffre_origin_key_wipe(&key);
    }
    check_must(coffre_origin_id(&origin, id), "key id");
    check_must(coffre_key_id_text(id, text), "key id");
    check_must(coffre_origin_digest(&origin, digest), "digest");
    printf("%s ", text);
    for (size_t i = 0; i < sizeof digest; i++)
        printf("%02x", digest[i]);
    printf("\n");
}

/* --- a restore point of two positions, for a KEK that everybody knows --- */

static void make_identity(coffre_identity *identity)
{
    static const uint8_t kek[32] = "only to make records for a test";

    check_must(coffre_identity_from_kek(&context, kek, sizeof kek, identity), "KEK");
}

static void make_record(coffre_record_keys *keys)
{
    uint8_t instance[16], point[16];
    coffre_identity identity;
    coffre_recipient recipient;
    coffre_record_writer writer;

    make_identity(&identity);
    check_must(coffre_identity_recipient(&identity, &recipient), "recipient");
    check_must(coffre_random_bytes(&context, instance, sizeof instance), "instance id");
    check_must(coffre_random_bytes(&context, point, sizeof point), "restore point id");
    check_must(coffre_record_create(&context, COFFRE_KEY_RECORD, instance, point, 1, record_bytes,
                                    sizeof record_bytes, &writer),
               "record");
    check_must(coffre_record_add_recipient(&context, &writer, &recipient), "recipient");
    check_must(coffre_record_finish(&writer, &record_len, keys), "record's end");
}

static int32_t to_memory(void *user, const uint8_t *bytes, size_t len)
{
    (void)user;
    if (len > sizeof manifest_bytes - manifest_len) return 1;
    memcpy(manifest_bytes + manifest_len, bytes, len);
    manifest_len += len;
    return 0;
}

static void make_manifest(const coffre_record_keys *keys, uint64_t generation,
                          coffre_manifest_whole *whole)
{
    coffre_manifest_info info = {.flags = COFFRE_MANIFEST_DIGESTS, .block_size = 4096,
                                 .image_size = 8000, .generation = generation};
    coffre_manifest_entry block = {.kind = COFFRE_MANIFEST_BLOCK, .version = 2};
    coffre_manifest_entry hole = {.kind = COFFRE_MANIFEST_HOLE};
    coffre_manifest_writer writer;

    check_must(coffre_block_id_position(0, &block.id), "block id");
    memset(block.digest, 0x11, sizeof block.digest);
    manifest_len = 0;
    check_must(coffre_manifest_begin(&context, keys, &info, to_memory, NULL, &writer), "manifest");
    check_must(coffre_manifest_add(&writer, &block, to_memory, NULL), "block");
    check_must(coffre_manifest_add(&writer, &hole, to_memory, NULL), "hole");
    check_must(coffre_manifest_finish(&writer, to_memory, NULL, whole), "manifest's end");
}

static void sign(const char *private_path, const char *directory, size_t zero)
{
    uint8_t signature[COFFRE_ORIGIN_SIGNATURE_SIZE] = {0}, message[COFFRE_ORIGIN_MESSAGE_SIZE];
    uint8_t der[COFFRE_ORIGIN_DER_MAX];
    coffre_origin_key key;
    coffre_record_keys keys;
    coffre_record record;
    coffre_manifest_whole whole;
    uint64_t generation = 0;
    size_t len;

    load_key(private_path, &key);
    make_record(&keys);
    check_must(coffre_record_read(record_bytes, record_len, &record), "record");
    do {
        make_manifest(&keys, ++generation, &whole);
        check_must(coffre_origin_sign(&context, &key, &keys, &record, &whole, signature,
                                      sizeof signature, &len),
                   "signature");
    } while (zero != 0 && signature[zero] != 0 && generation < MOST_TRIES);
    save(directory, "record", record_bytes, record_len);
    save(directory, "manifest", manifest_bytes, manifest_len);
    save(directory, "signature", signature, len);
    check_must(coffre_origin_export(signature, len, message, der, sizeof der, &len), "export");
    save(directory, "message", message, sizeof message);
    save(directory, "der", der, len);
    coffre_origin_key_wipe(&key);
    coffre_record_keys_wipe(&keys);
}

/* --- verifying --- */

static void begin_reading(coffre_record *record, coffre_manifest_reader *reader)
{
    coffre_identity identity;
    coffre_record_keys keys;
    size_t segment = manifest_len - COFFRE_MANIFEST_HEADER_SIZE - COFFRE_MANIFEST_TRAILER_SIZE;

    make_identity(&identity);
    check_must(coffre_record_read(record_bytes, record_len, record), "record");
    check_must(coffre_record_open(&context, NULL, &identity, record, &keys), "record");
    check_must(coffre_manifest_open(&context, NULL, &keys, manifest_bytes, reader), "manifest");
    check_must(coffre_manifest_segment(reader, 0, manifest_bytes + COFFRE_MANIFEST_HEADER_SIZE,
                                       segment),
               "segment");
}

static void verify(const char *public_path, const char *directory, const char *signature_path)
{
    static const char *const words[] = {"unverified", "verified", "forged"};
    uint8_t file[4096], signature[512];
    size_t signature_len = load(signature_path, signature, sizeof signature);
    coffre_origin origin;
    coffre_record record;
    coffre_manifest_reader reader;
    coffre_manifest_whole whole;
    coffre_status status;
    char path[512];

    path_of(path, directory, "record");
    record_len = load(path, record_bytes, sizeof record_bytes);
    path_of(path, directory, "manifest");
    manifest_len = load(path, manifest_bytes, sizeof manifest_bytes);
    check_must(coffre_origin_read(&context, file, load(public_path, file, sizeof file), &origin),
               public_path);
    begin_reading(&record, &reader);
    status = coffre_manifest_close(&reader,
                                   manifest_bytes + manifest_len - COFFRE_MANIFEST_TRAILER_SIZE,
                                   &origin, &record, signature, signature_len, &whole);
    printf("%s %s\n", coffre_status_name(status), words[whole.origin % 3]);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    check_must(coffre_context_init(&context, NULL), "context");
    if ((argc == 3 || argc == 4) && strcmp(what, "files") == 0) write_files(argv[2], argv[3]);
    else if (argc == 3 && strcmp(what, "id") == 0) print_id(argv[2]);
    else if (argc == 4 && strcmp(what, "sign") == 0) sign(argv[2], argv[3], 0);
    else if (argc == 5 && strcmp(what, "sign") == 0)
        sign(argv[2], argv[3], (size_t)atoi(argv[4]) % COFFRE_ORIGIN_SIGNATURE_SIZE);
    else if (argc == 5 && strcmp(what, "verify") == 0) verify(argv[2], argv[3], argv[4]);
    else return 2;
    return 0;
}
