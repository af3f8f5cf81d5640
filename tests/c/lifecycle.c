/* lifecycle.c: the life of a small repository, from the first key to the last restore, as a backup
 * program goes through it. Read it from top to bottom.
 *
 * A repository record with the id key; two restore points of the same image, of which the second
 * refers to blocks of the first; a new operator's key; a restore from what is "on disk" alone.
 */
#include "check.h"
#include "test_random.h"

#define BLOCK 65536
#define BLOCKS 12
#define RECORD_MAX 2048

/* What would be on disk. */
struct stored_block {
    coffre_block_id id;
    uint8_t bytes[COFFRE_BLOCK_SEALED_MAX(BLOCK)];
    size_t len;
};

struct point {
    uint8_t id[16];
    uint8_t record[RECORD_MAX], metadata[1024];
    size_t record_len, metadata_len;
    uint8_t manifest[8192];
    size_t manifest_len;
};

static struct stored_block blocks[2 * BLOCKS];
static size_t block_count;
static struct point points[2];
static uint8_t repository[RECORD_MAX], challenge[512], instance[16];
static size_t repository_len, challenge_len;
static uint8_t private_file[COFFRE_KEY_FILE_MAX], new_private_file[COFFRE_KEY_FILE_MAX];
static size_t private_len, new_private_len;
static uint8_t images[2][BLOCKS * BLOCK];

/* The machine's memory, while it runs. */
static coffre_context context;
static uint8_t memory[COFFRE_SEAL_WORKSPACE];
static coffre_workspace workspace;

static int32_t append(void *user, const uint8_t *bytes, size_t len)
{
    struct point *point = user;

    if (len > sizeof point->manifest - point->manifest_len) return 1;
    memcpy(point->manifest + point->manifest_len, bytes, len);
    point->manifest_len += len;
    return 0;
}

static void read_identity(coffre_identity *identity)
{
    EXPECT(COFFRE_OK, coffre_identity_read(&context, private_file, private_len, identity));
}

/* Day one: a key pair, the challenge beside it, the repository's id key. */
static void set_up(void)
{
    coffre_identity identity;
    coffre_recipient recipient;
    coffre_id_key id_key;
    coffre_record_writer writer;

    check_about("set-up");
    EXPECT(COFFRE_OK, coffre_random_bytes(&context, instance, sizeof instance));
    EXPECT(COFFRE_OK, coffre_identity_generate(&context, &identity));
    EXPECT(COFFRE_OK, coffre_identity_write(&identity, COFFRE_KEY_FILE_PEM, private_file,
                                            sizeof private_file, &private_len));
    EXPECT(COFFRE_OK, coffre_identity_recipient(&identity, &recipient));
    EXPECT(COFFRE_OK, coffre_challenge_create(&context, &recipient, instance, 1, challenge,
                                              sizeof challenge, &challenge_len));
    EXPECT(COFFRE_OK, coffre_id_key_generate(&context, 1, &id_key));
    EXPECT(COFFRE_OK, coffre_record_create(&context, COFFRE_REPOSITORY_RECORD, instance, NULL, 1,
                                           repository, sizeof repository, &writer));
    EXPECT(COFFRE_OK, coffre_record_add_recipient(&context, &writer, &recipient));
    EXPECT(COFFRE_OK, coffre_record_add_id_key(&writer, &id_key));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &repository_len, NULL));
    coffre_identity_wipe(&identity);
    coffre_recipient_wipe(&recipient);
    coffre_id_key_wipe(&id_key);
}

static coffre_id_key open_id_key(const coffre_identity *identity)
{
    coffre_record record;
    coffre_record_keys keys;
    coffre_id_key id_key;

    EXPECT(COFFRE_OK, coffre_record_read(repository, repository_len, &record));
    EXPECT(COFFRE_OK, coffre_record_open(&context, NULL, identity, &record, &keys));
    EXPECT(COFFRE_OK, coffre_record_id_key(&context, &keys, &record, 1, &id_key));
    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&record);
    return id_key;
}

static const struct stored_block *find(const coffre_block_id *id)
{
    for (size_t i = 0; i < block_count; i++)
        if (memcmp(&blocks[i].id, id, sizeof *id) == 0) return &blocks[i];
    return NULL;
}

/* A backup: seals what is new, takes over the session of what isn't. `before` is the last point. */
static void backup(struct point *point, const uint8_t *image, const struct point *before)
{
    coffre_identity identity;
    coffre_recipient recipient;
    coffre_session session, old_session;
    coffre_record_writer writer;
    coffre_record_keys keys, old_keys;
    coffre_manifest_writer manifest;
    coffre_manifest_info info = {0, BLOCK, BLOCKS * BLOCK - 100, 0, 1, 0, {0}, {0}, {0}};
    coffre_block_info found[BLOCKS];
    uint8_t kek[32];

    read_identity(&identity);
    EXPECT(COFFRE_OK, coffre_identity_recipient(&identity, &recipient));
    coffre_id_key id_key = open_id_key(&identity);
    EXPECT(COFFRE_OK, coffre_random_bytes(&context, point->id, sizeof point->id));
    EXPECT(COFFRE_OK, coffre_session_generate(&context, &session));
    EXPECT(COFFRE_OK, coffre_record_create(&context, COFFRE_KEY_RECORD, instance, point->id, 1,
                                           point->record, sizeof point->record, &writer));
    EXPECT(COFFRE_OK, coffre_record_add_recipient(&context, &writer, &recipient));
    memset(kek, 0x3C, sizeof kek); /* an escrow key is the second recipient */
    coffre_identity escrow;
    EXPECT(COFFRE_OK, coffre_identity_from_kek(&context, kek, sizeof kek, &escrow));
    EXPECT(COFFRE_OK, coffre_identity_recipient(&escrow, &recipient));
    EXPECT(COFFRE_OK, coffre_record_add_recipient(&context, &writer, &recipient));
    EXPECT(COFFRE_OK, coffre_record_add_session(&writer, &session));

    for (size_t i = 0; i < BLOCKS; i++) {
        const uint8_t *plain = image + i * BLOCK;
        size_t plain_len = i == BLOCKS - 1 ? BLOCK - 100 : BLOCK;
        coffre_block_id id;

        EXPECT(COFFRE_OK, coffre_block_id_hash(&context, &id_key, plain, plain_len, &id));
        const struct stored_block *known = find(&id);
        if (known != NULL) {
            EXPECT(COFFRE_OK, coffre_block_inspect(known->bytes, known->len, &found[i]));
            continue;
        }
        struct stored_block *block = &blocks[block_count++];
        block->id = id;
        EXPECT(COFFRE_OK, coffre_block_seal(&context, &session, &id, NULL, plain, plain_len,
                                            &workspace, block->bytes, sizeof block->bytes,
                                            &block->len, &found[i]));
    }
    if (before != NULL) {
        coffre_record old;
        coffre_record_entry entry;

        EXPECT(COFFRE_OK, coffre_record_read(before->record, before->record_len, &old));
        EXPECT(COFFRE_OK, coffre_record_open(&context, NULL, &identity, &old, &old_keys));
        EXPECT(COFFRE_OK, coffre_record_entry_at(&old, 0, &entry));
        CHECK(entry.type == COFFRE_ENTRY_SESSION_KEY);
        EXPECT(COFFRE_OK,
               coffre_record_session(&context, &old_keys, &old, entry.id, &old_session));
        EXPECT(COFFRE_OK, coffre_record_add_session(&writer, &old_session));
    }
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &point->record_len, &keys));

    EXPECT(COFFRE_OK, coffre_metadata_seal(&context, &keys, (const uint8_t *)"a host, a time", 14,
                                           &workspace, point->metadata, sizeof point->metadata,
                                           &point->metadata_len, info.metadata_digest));
    EXPECT(COFFRE_OK, coffre_manifest_begin(&context, &keys, &info, append, point, &manifest));
    for (size_t i = 0; i < BLOCKS; i++) {
        coffre_manifest_entry entry;

        memset(&entry, 0, sizeof entry);
        entry.kind = COFFRE_MANIFEST_BLOCK;
        entry.version = COFFRE_FORMAT_VERSION;
        entry.id = found[i].id;
        memcpy(entry.session_id, found[i].session_id, 16);
        memcpy(entry.commitment, found[i].commitment, 32);
        EXPECT(COFFRE_OK, coffre_manifest_add(&manifest, &entry, append, point));
    }
    EXPECT(COFFRE_OK, coffre_manifest_finish(&manifest, append, point, NULL));
    coffre_record_keys_wipe(&keys);
}

static void restore_block(const coffre_record *record, const coffre_record_keys *keys,
                          const coffre_manifest_entry *entry, const uint8_t *expected)
{
    static uint8_t plain[BLOCK];
    const struct stored_block *block = find(&entry->id);
    coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;
    coffre_session session;
    size_t len;

    if (!CHECK(block != NULL)) return;
    expect.flags = COFFRE_EXPECT_ID | COFFRE_EXPECT_COMMITMENT | COFFRE_EXPECT_PLAIN_LEN;
    expect.id = entry->id;
    expect.plain_len = entry->plain_len;
    memcpy(expect.commitment, entry->commitment, 32);
    EXPECT(COFFRE_OK,
           coffre_record_session(&context, keys, record, entry->session_id, &session));
    EXPECT(COFFRE_OK, coffre_block_open(&context, NULL, &session, &expect, block->bytes, block->len,
                                        &workspace, plain, sizeof plain, &len));
    CHECK(len == entry->plain_len && memcmp(plain, expected, len) == 0);
    /* The same block stands nowhere else. */
    expect.commitment[0] ^= 1;
    EXPECT(COFFRE_ERR_UNEXPECTED_BLOCK,
           coffre_block_open(&context, NULL, &session, &expect, block->bytes, block->len,
                             &workspace, plain, sizeof plain, &len));
}

/* A restore, from the stored bytes and one identity. */
static void restore(const struct point *point, const coffre_identity *identity,
                    const uint8_t *image)
{
    coffre_record record;
    coffre_record_keys keys;
    coffre_manifest_info info;
    coffre_manifest_reader reader;
    uint8_t text[32], digest[32];
    size_t len;
    const uint8_t *segment = point->manifest + COFFRE_MANIFEST_HEADER_SIZE;

    EXPECT(COFFRE_OK,
           coffre_challenge_check(&context, identity, instance, 0, point->record,
                                  point->record_len, NULL));
    EXPECT(COFFRE_OK, coffre_record_read(point->record, point->record_len, &record));
    EXPECT(COFFRE_OK, coffre_record_open(&context, NULL, identity, &record, &keys));
    EXPECT(COFFRE_OK, coffre_manifest_inspect(point->manifest, &info));
    CHECK(coffre_manifest_segment_count(&info) == 1 && info.total_len == point->manifest_len);
    size_t size = coffre_manifest_segment_size(&info, 0);
    EXPECT(COFFRE_OK, coffre_manifest_open(&context, NULL, &keys, point->manifest, &reader));
    EXPECT(COFFRE_OK, coffre_manifest_segment(&reader, 0, segment, size));
    for (size_t i = 0; i < BLOCKS; i++) {
        coffre_manifest_entry entry;

        EXPECT(COFFRE_OK, coffre_manifest_entry_at(&reader, 0, segment, size, i, &entry));
        CHECK(entry.position == i && entry.plain_len == (i < BLOCKS - 1 ? BLOCK : BLOCK - 100));
        restore_block(&record, &keys, &entry, image + i * BLOCK);
    }
    EXPECT(COFFRE_OK, coffre_manifest_close(&reader, segment + size, NULL, NULL, NULL, 0, NULL));
    EXPECT(COFFRE_OK, coffre_metadata_open(&context, NULL, &keys, point->metadata,
                                           point->metadata_len, &workspace, text, sizeof text, &len,
                                           digest));
    CHECK(len == 14 && memcmp(text, "a host, a time", len) == 0);
    CHECK(memcmp(digest, info.metadata_digest, 32) == 0);
    coffre_record_keys_wipe(&keys);
}

/* Gives a record to another key pair. Blocks and manifest are not touched. */
static void rekey(uint8_t *bytes, size_t *len, const coffre_identity *old,
                  const coffre_identity *new)
{
    uint8_t edited[RECORD_MAX], id[16];
    coffre_record record;
    coffre_record_keys keys;
    coffre_record_info info;
    coffre_record_writer writer;
    coffre_recipient recipient;

    EXPECT(COFFRE_OK, coffre_record_read(bytes, *len, &record));
    EXPECT(COFFRE_OK, coffre_record_open(&context, NULL, old, &record, &keys));
    EXPECT(COFFRE_OK, coffre_record_inspect(&record, &info));
    EXPECT(COFFRE_OK, coffre_record_edit(&context, &keys, &record, info.generation + 1, edited,
                                         sizeof edited, &writer));
    EXPECT(COFFRE_OK, coffre_identity_recipient(new, &recipient));
    EXPECT(COFFRE_OK, coffre_identity_id(old, id));
    EXPECT(COFFRE_OK, coffre_record_replace_recipient(&context, &writer, id, &recipient));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, len, NULL));
    coffre_record_wipe(&record);
    memcpy(bytes, edited, *len);
    coffre_record_keys_wipe(&keys);
}

static void change_keys(void)
{
    coffre_identity old, new;
    coffre_recipient recipient;
    coffre_challenge_report report;
    uint8_t new_id[16];

    check_about("rekey");
    read_identity(&old);
    EXPECT(COFFRE_OK, coffre_identity_generate(&context, &new));
    EXPECT(COFFRE_OK, coffre_identity_id(&new, new_id));
    EXPECT(COFFRE_OK, coffre_identity_write(&new, COFFRE_KEY_FILE_DER, new_private_file,
                                            sizeof new_private_file, &new_private_len));
    for (size_t i = 0; i < 2; i++)
        rekey(points[i].record, &points[i].record_len, &old, &new);
    rekey(repository, &repository_len, &old, &new);
    EXPECT(COFFRE_OK, coffre_identity_recipient(&new, &recipient));
    EXPECT(COFFRE_OK, coffre_challenge_create(&context, &recipient, instance, 2, challenge,
                                              sizeof challenge, &challenge_len));

    EXPECT(COFFRE_ERR_WRONG_KEY, coffre_challenge_check(&context, &old, instance, 2, challenge,
                                                        challenge_len, &report));
    CHECK(memcmp(report.expected_key_id, new_id, 16) == 0);
    for (size_t i = 0; i < 2; i++) {
        coffre_record record;
        coffre_record_keys keys;

        EXPECT(COFFRE_OK, coffre_record_read(points[i].record, points[i].record_len, &record));
        EXPECT(COFFRE_ERR_WRONG_KEY, coffre_record_open(&context, NULL, &old, &record, &keys));
    }
    coffre_identity_wipe(&old);
    coffre_identity_wipe(&new);
    memcpy(private_file, new_private_file, new_private_len);
    private_len = new_private_len;
}

/* A start: is the key at hand the one that opens what this installation writes? */
static void start_up(void)
{
    coffre_identity identity;
    coffre_status verdict;

    CHECK(coffre_abi_version() == COFFRE_ABI_VERSION);
    EXPECT(COFFRE_OK, coffre_context_init(&context, NULL)); /* the system's random source */
    EXPECT(COFFRE_OK, coffre_workspace_init(&workspace, memory, sizeof memory));
    if (challenge_len == 0) return;
    read_identity(&identity);
    verdict = coffre_challenge_check(&context, &identity, instance, 1, challenge, challenge_len,
                                     NULL);
    CHECK(strcmp(coffre_challenge_verdict(verdict), "match") == 0);
    coffre_identity_wipe(&identity);
}

static void restore_both(void)
{
    coffre_identity identity, escrow;
    uint8_t kek[32];

    read_identity(&identity);
    memset(kek, 0x3C, sizeof kek);
    EXPECT(COFFRE_OK, coffre_identity_from_kek(&context, kek, sizeof kek, &escrow));
    for (size_t i = 0; i < 2; i++) {
        restore(&points[i], &identity, images[i]);
        restore(&points[i], &escrow, images[i]);
    }
    coffre_identity_wipe(&identity);
}

int main(void)
{
    uint64_t state = 3;

    test_text(images[0], sizeof images[0]);
    test_random_bytes(&state, images[0] + 2 * BLOCK, 3 * BLOCK);
    memset(images[0] + 7 * BLOCK, 0, BLOCK);
    memcpy(images[1], images[0], sizeof images[0]);
    test_random_bytes(&state, images[1] + 9 * BLOCK, 100); /* one block changes */

    check_about("first backup");
    start_up();
    set_up();
    backup(&points[0], images[0], NULL);
    CHECK(block_count == BLOCKS);
    coffre_workspace_wipe(&workspace);
    coffre_context_wipe(&context);
    check_about("second backup");
    start_up();
    backup(&points[1], images[1], &points[0]);
    CHECK(block_count == BLOCKS + 1); /* the others were there */
    check_about("restore");
    restore_both();
    change_keys();
    coffre_workspace_wipe(&workspace);
    coffre_context_wipe(&context);
    check_about("restore after a rekey");
    start_up();
    restore_both();
    coffre_workspace_wipe(&workspace);
    return check_end();
}
