/* hpke_records.c: records for a P-256 recipient, written and opened, for hpke_peer.sh.
 *
 *   hpke_records write PUBLIC DIRECTORY COUNT   writes records, says what it put in
 *   hpke_records open PRIVATE FILE...           opens records, says what is in them
 *
 * A line of output is 'NAME TYPE INSTANCE SCOPE GENERATION ENTRY...', as peer.py prints it, or
 * 'NAME STATUS' when the record or a key in it does not open. An entry is its type, a colon and
 * its id.
 */
#include "check.h"

#define MOST_ENTRIES 16

struct content {
    uint32_t type;
    uint8_t instance[16], scope[16];
    uint64_t generation;
    coffre_record_entry entries[MOST_ENTRIES];
    size_t count;
};

static coffre_context context;

static uint32_t draw(uint32_t below)
{
    uint8_t bytes[4];

    check_must(coffre_random_bytes(&context, bytes, sizeof bytes), "random bytes");
    return (bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16) % below;
}

static void print_hex(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        printf("%02x", bytes[i]);
}

/* The order of a record's entries. */
static int compare(const void *one, const void *two)
{
    const coffre_record_entry *a = one, *b = two;

    return a->type != b->type ? (a->type > b->type) - (a->type < b->type)
                              : memcmp(a->id, b->id, sizeof a->id);
}

static void print_content(const char *name, struct content *content)
{
    printf("%s %u ", name, (unsigned)content->type);
    print_hex(content->instance, 16);
    printf(" ");
    print_hex(content->scope, 16);
    printf(" %llu", (unsigned long long)content->generation);
    qsort(content->entries, content->count, sizeof content->entries[0], compare);
    for (size_t i = 0; i < content->count; i++) {
        printf(" %u:", (unsigned)content->entries[i].type);
        print_hex(content->entries[i].id, 16);
    }
    printf("\n");
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

static void save(const char *path, const uint8_t *bytes, size_t len)
{
    FILE *out = fopen(path, "wb");

    if (out == NULL || fwrite(bytes, 1, len, out) != len || fclose(out) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

/* --- writing --- */

static void add_sessions(coffre_record_writer *writer, struct content *content)
{
    for (uint32_t left = draw(5); left > 0; left--) {
        coffre_record_entry *entry = &content->entries[content->count++];
        coffre_session session;

        check_must(coffre_session_generate(&context, &session), "session");
        check_must(coffre_session_id(&session, entry->id), "session id");
        check_must(coffre_record_add_session(writer, &session), "session key");
        entry->type = COFFRE_ENTRY_SESSION_KEY;
        coffre_session_wipe(&session);
    }
}

static void add_id_keys(coffre_record_writer *writer, struct content *content)
{
    const uint64_t epochs[] = {256, 1, 0x0807060504030201};

    for (size_t i = 0; i < sizeof epochs / sizeof epochs[0]; i++) {
        coffre_record_entry *entry = &content->entries[content->count++];
        coffre_id_key key;

        check_must(coffre_id_key_generate(&context, epochs[i], &key), "id key");
        check_must(coffre_record_add_id_key(writer, &key), "id key");
        entry->type = COFFRE_ENTRY_ID_KEY;
        for (int byte = 0; byte < 8; byte++)
            entry->id[byte] = (uint8_t)(epochs[i] >> 8 * byte);
        coffre_id_key_wipe(&key);
    }
}

static void add_kek(coffre_record_writer *writer)
{
    uint8_t kek[32];
    coffre_identity identity;
    coffre_recipient recipient;

    check_must(coffre_random_bytes(&context, kek, sizeof kek), "KEK");
    check_must(coffre_identity_from_kek(&context, kek, sizeof kek, &identity), "KEK");
    check_must(coffre_identity_recipient(&identity, &recipient), "KEK");
    check_must(coffre_record_add_recipient(&context, writer, &recipient), "KEK");
}

static size_t write_record(const coffre_recipient *recipient, struct content *content,
                           uint8_t *buffer, size_t cap)
{
    int is_key_record = content->type == COFFRE_KEY_RECORD;
    uint32_t kek = draw(3); /* 0: none, 1: before, 2: after the public key */
    coffre_record_writer writer;
    size_t len;

    check_must(coffre_random_bytes(&context, content->instance, 16), "instance id");
    memcpy(content->scope, content->instance, 16);
    if (is_key_record)
        check_must(coffre_random_bytes(&context, content->scope, 16), "restore point id");
    content->generation = 1 + draw(1 << 20);
    check_must(coffre_record_create(&context, content->type, content->instance,
                                    is_key_record ? content->scope : NULL, content->generation,
                                    buffer, cap, &writer),
               "record");
    if (kek == 1) add_kek(&writer);
    check_must(coffre_record_add_recipient(&context, &writer, recipient), "recipient");
    if (kek == 2) add_kek(&writer);
    if (content->type != COFFRE_CHALLENGE) add_sessions(&writer, content);
    if (content->type == COFFRE_REPOSITORY_RECORD) add_id_keys(&writer, content);
    check_must(coffre_record_finish(&writer, &len, NULL), "record's end");
    return len;
}

static void write_records(const char *public_key, const char *directory, int count)
{
    uint8_t buffer[8192];
    coffre_recipient recipient;

    check_must(coffre_recipient_read(&context, buffer, load(public_key, buffer, sizeof buffer),
                                     &recipient),
               public_key);
    for (int i = 0; i < count; i++) {
        struct content content = {.type = COFFRE_KEY_RECORD + (uint32_t)i % 3};
        size_t len = write_record(&recipient, &content, buffer, sizeof buffer);
        char name[16], path[512];

        snprintf(name, sizeof name, "c-%02d", i);
        snprintf(path, sizeof path, "%s/%s.rec", directory, name);
        save(path, buffer, len);
        print_content(name, &content);
    }
    coffre_recipient_wipe(&recipient);
}

/* --- opening --- */

/* Whether the entry's key is what its id says. */
static coffre_status try_entry(const coffre_record_keys *keys, const coffre_record *record,
                               const coffre_record_entry *entry)
{
    coffre_session session;
    coffre_id_key id_key;
    uint64_t epoch = 0;
    coffre_status status;

    if (entry->type == COFFRE_ENTRY_SESSION_KEY) {
        status = coffre_record_session(&context, keys, record, entry->id, &session);
        coffre_session_wipe(&session);
        return status;
    }
    for (int byte = 7; byte >= 0; byte--)
        epoch = epoch << 8 | entry->id[byte];
    status = coffre_record_id_key(&context, keys, record, epoch, &id_key);
    coffre_id_key_wipe(&id_key);
    return status;
}

static coffre_status read_content(const coffre_record *record, const coffre_record_keys *keys,
                                  struct content *content)
{
    coffre_record_info info = {0};
    coffre_status status = coffre_record_inspect(record, &info);

    if (status == COFFRE_OK)
        status = coffre_record_keys_scope(keys, content->instance, content->scope);
    if (status == COFFRE_OK)
        status = coffre_record_entries(record, 0, content->entries, MOST_ENTRIES, &content->count);
    for (size_t i = 0; status == COFFRE_OK && i < content->count; i++)
        status = try_entry(keys, record, &content->entries[i]);
    content->type = info.object_type;
    content->generation = info.generation;
    return status;
}

static void open_record(const coffre_identity *identity, const char *path)
{
    const char *slash = strrchr(path, '/');
    uint8_t bytes[8192];
    size_t len = load(path, bytes, sizeof bytes);
    struct content content = {0};
    coffre_record record;
    coffre_record_keys keys = {0};
    char name[64];
    coffre_status status = coffre_record_read(bytes, len, &record);

    snprintf(name, sizeof name, "%s", slash == NULL ? path : slash + 1);
    name[strcspn(name, ".")] = '\0';
    if (status == COFFRE_OK) status = coffre_record_open(&context, NULL, identity, &record, &keys);
    if (status == COFFRE_OK) status = read_content(&record, &keys, &content);
    if (status == COFFRE_OK) print_content(name, &content);
    else printf("%s %s\n", name, coffre_status_name(status));
    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&record);
}

int main(int argc, char **argv)
{
    uint8_t file[4096];
    coffre_identity identity;

    check_must(coffre_context_init(&context, NULL), "context");
    if (argc == 5 && strcmp(argv[1], "write") == 0) {
        write_records(argv[2], argv[3], atoi(argv[4]));
        return 0;
    }
    if (argc < 3 || strcmp(argv[1], "open") != 0) return 2;
    check_must(coffre_identity_read(&context, file, load(argv[2], file, sizeof file), &identity),
               argv[2]);
    for (int i = 3; i < argc; i++)
        open_record(&identity, argv[i]);
    coffre_identity_wipe(&identity);
    return 0;
}
